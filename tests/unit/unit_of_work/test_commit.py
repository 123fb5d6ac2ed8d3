"""What a commit makes of every answer, and of none: the table in `commit`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from faulty_executor import Fault, FaultyExecutor
from unit_of_work_models import Account

from ddbmodel.errors import OutcomeUnknown, ServiceError, Throttled, UnitOfWorkClosed, VersionConflict
from ddbmodel.model import stored_version
from ddbmodel.unit_of_work import UnitOfWork
from ddbmodel.unit_of_work.commit import MAX_ATTEMPTS

NewUnit = Callable[[], UnitOfWork]
Ask = Callable[..., Any]

PASSING: list[Fault] = [
    "lost_request",
    "lost_response",
    "throttle",
    "conflict",
    "failure_before",
    "failure_after",
    "in_progress",
]


@pytest.fixture
async def changed(new_unit: NewUnit, executor: FaultyExecutor) -> UnitOfWork:
    """Give a unit that took 3 from an account of 10 and has not committed."""
    async with new_unit() as unit:
        unit.add(Account(id="a", balance=10))
    executor.requests.clear()
    unit = new_unit()
    unit.increment(await unit.get_or_raise(Account, id="a"), Account.balance, -3)
    return unit


async def _balance(stored: Ask) -> int:
    return int((await stored("accounts", id={"S": "a"}))["balance"]["N"])


@pytest.mark.parametrize("fault", PASSING)
async def test_a_passing_fault_is_overcome_and_the_effect_happens_once(
    changed: UnitOfWork, executor: FaultyExecutor, stored: Ask, fault: Fault
) -> None:
    executor.faults.extend([fault, fault])

    await changed.commit()

    assert await _balance(stored) == 7
    assert len(executor.transactions) == 3


async def test_every_attempt_is_the_same_payload_with_the_same_token(
    changed: UnitOfWork, executor: FaultyExecutor
) -> None:
    executor.faults.extend(["throttle", "lost_response", "conflict"])

    await changed.commit()

    first, *others = executor.transactions
    assert all(other == first for other in others)
    assert 1 <= len(first["ClientRequestToken"]) <= 36


async def test_two_units_never_share_a_token(new_unit: NewUnit, executor: FaultyExecutor) -> None:
    for name in ("a", "b"):
        async with new_unit() as unit:
            unit.add(Account(id=name))

    assert len({request["ClientRequestToken"] for request in executor.transactions}) == 2


async def test_pauses_double_up_to_a_second(changed: UnitOfWork, executor: FaultyExecutor, pauses: list[float]) -> None:
    executor.faults.extend(["throttle"] * (MAX_ATTEMPTS - 1))

    await changed.commit()

    assert pauses == [0.025, 0.05, 0.1, 0.2, 0.4]


@pytest.mark.parametrize("fault", ["lost_request", "lost_response", "failure_before", "in_progress"])
async def test_without_any_answer_the_outcome_is_unknown_and_the_versions_stay(
    changed: UnitOfWork, executor: FaultyExecutor, fault: Fault
) -> None:
    executor.faults.extend([fault] * MAX_ATTEMPTS)
    found = await changed.get_or_raise(Account, id="a")
    before = (found.balance, found.revision, stored_version(found))

    with pytest.raises(OutcomeUnknown, match="all of it was committed, or nothing"):
        await changed.commit()

    assert (found.balance, found.revision, stored_version(found)) == before
    assert len(executor.transactions) == MAX_ATTEMPTS
    with pytest.raises(UnitOfWorkClosed, match="unknown"):
        changed.plan()


@pytest.mark.parametrize("last", ["throttle", "conflict"])
async def test_an_unanswered_attempt_stays_unknown_when_later_ones_are_only_put_off(
    changed: UnitOfWork, executor: FaultyExecutor, last: Fault
) -> None:
    executor.faults.extend(["lost_request", *([last] * (MAX_ATTEMPTS - 1))])

    with pytest.raises(OutcomeUnknown):
        await changed.commit()


async def test_a_refusal_settles_an_unanswered_attempt(
    new_unit: NewUnit, changed: UnitOfWork, executor: FaultyExecutor, stored: Ask
) -> None:
    mine = new_unit()
    (await mine.get_or_raise(Account, id="a")).balance = 99
    await changed.commit()
    executor.faults.append("lost_request")

    with pytest.raises(VersionConflict):
        await mine.commit()
    assert await _balance(stored) == 7


async def test_throttling_without_end_is_throttled_and_nothing_was_written(
    changed: UnitOfWork, executor: FaultyExecutor, stored: Ask
) -> None:
    executor.faults.extend(["throttle"] * MAX_ATTEMPTS)

    with pytest.raises(Throttled):
        await changed.commit()
    assert await _balance(stored) == 10


async def test_conflicts_of_transactions_without_end_are_retryable(
    changed: UnitOfWork, executor: FaultyExecutor, stored: Ask
) -> None:
    executor.faults.extend(["conflict"] * MAX_ATTEMPTS)

    with pytest.raises(ServiceError, match="TransactionConflictException") as caught:
        await changed.commit()
    assert caught.value.retryable
    assert await _balance(stored) == 10


async def test_an_error_that_no_pause_mends_is_raised_at_once(new_unit: NewUnit, executor: FaultyExecutor) -> None:
    await executor.execute("DeleteTable", {"TableName": "accounts"})
    unit = new_unit()
    unit.add(Account(id="a"))

    with pytest.raises(ServiceError, match="ResourceNotFoundException"):
        await unit.commit()
    assert len(executor.transactions) == 1


async def test_a_cancelled_task_leaves_the_unit_unknown(changed: UnitOfWork, executor: FaultyExecutor) -> None:
    executor.faults.append("cancel")

    with pytest.raises(asyncio.CancelledError):
        await changed.commit()
    with pytest.raises(UnitOfWorkClosed, match="unknown"):
        changed.plan()
