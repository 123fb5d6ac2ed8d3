"""Running again on fresh reads: what is retried, what is not, and how long it waits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from faulty_executor import FaultyExecutor
from unit_of_work_models import Account

from ddbmodel.errors import (
    AlreadyExists,
    ConditionFailed,
    OutcomeUnknown,
    Throttled,
    TransactionFailed,
    VersionConflict,
)
from ddbmodel.unit_of_work import UnitOfWork, run
from ddbmodel.unit_of_work.commit import MAX_ATTEMPTS

NewUnit = Callable[[], UnitOfWork]
Ask = Callable[..., Any]
Again = Callable[..., Any]


@pytest.fixture
def run_again(new_unit: NewUnit, pauses: list[float]) -> Again:
    async def sleep(pause_s: float) -> None:
        pauses.append(pause_s)

    return lambda fn, **options: run(new_unit, fn, sleep=sleep, unit_random=lambda: 1.0, **options)


async def test_the_result_of_the_committed_run_is_returned(run_again: Again, stored: Ask) -> None:
    async def open_account(unit: UnitOfWork) -> str:
        unit.add(Account(id="a"))
        return "opened"

    assert await run_again(open_account) == "opened"
    assert await stored("accounts", id={"S": "a"})


async def test_a_version_conflict_leads_to_another_run_on_fresh_reads(
    run_again: Again, put: Ask, stored: Ask, pauses: list[float]
) -> None:
    await put("accounts", id={"S": "a"}, balance={"N": "1"}, revision={"N": "1"})
    seen: list[int] = []

    async def double(unit: UnitOfWork) -> None:
        account = await unit.get_or_raise(Account, id="a")
        seen.append(account.balance)
        if len(seen) < 3:
            await put("accounts", id={"S": "a"}, balance={"N": f"{len(seen)}0"}, revision={"N": f"{len(seen)}1"})
        account.balance *= 2

    await run_again(double)

    assert seen == [1, 10, 20]
    assert (await stored("accounts", id={"S": "a"}))["balance"] == {"N": "40"}
    assert pauses == [0.010, 0.020]


async def test_an_item_that_appeared_after_it_was_read_as_absent_leads_to_another_run(
    run_again: Again, put: Ask, stored: Ask
) -> None:
    async def deposit(unit: UnitOfWork) -> None:
        account = await unit.get(Account, id="a")
        if account is None:
            unit.add(Account(id="a", balance=1))
            await put("accounts", id={"S": "a"}, balance={"N": "10"}, revision={"N": "1"})
        else:
            account.balance += 1

    await run_again(deposit)

    assert (await stored("accounts", id={"S": "a"}))["balance"] == {"N": "11"}


async def test_the_last_error_is_raised_when_the_retries_end(run_again: Again, put: Ask, pauses: list[float]) -> None:
    runs = 0

    async def lose(unit: UnitOfWork) -> None:
        nonlocal runs
        runs += 1
        await put("accounts", id={"S": "a"}, revision={"N": f"{runs}0"})
        account = await unit.get_or_raise(Account, id="a")
        await put("accounts", id={"S": "a"}, revision={"N": f"{runs}1"})
        account.balance = 1

    with pytest.raises(VersionConflict):
        await run_again(lose, retries=9)

    assert runs == 10
    assert pauses == [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.0, 1.0]


async def test_a_blind_add_of_what_exists_is_not_retried(run_again: Again, put: Ask, pauses: list[float]) -> None:
    await put("accounts", id={"S": "a"}, revision={"N": "1"})

    async def add(unit: UnitOfWork) -> None:
        unit.add(Account(id="a"))

    with pytest.raises(AlreadyExists):
        await run_again(add)
    assert pauses == []


async def test_a_failed_check_is_not_retried(run_again: Again, pauses: list[float]) -> None:
    async def check(unit: UnitOfWork) -> None:
        unit.check(Account.key(id="a"), Account.balance > 1)

    with pytest.raises(ConditionFailed):
        await run_again(check)
    assert pauses == []


async def test_an_unknown_outcome_is_never_retried(run_again: Again, executor: FaultyExecutor) -> None:
    executor.faults.extend(["lost_response"] * MAX_ATTEMPTS)
    runs = 0

    async def add(unit: UnitOfWork) -> None:
        nonlocal runs
        runs += 1
        unit.increment(Account.key(id="a"), "balance", 1)

    with pytest.raises(OutcomeUnknown):
        await run_again(add)
    assert runs == 1


async def test_throttling_leads_to_another_run(run_again: Again, executor: FaultyExecutor, stored: Ask) -> None:
    executor.faults.extend(["throttle"] * (MAX_ATTEMPTS + 1))

    async def add(unit: UnitOfWork) -> None:
        unit.add(Account(id="a"))

    with pytest.raises(Throttled):
        await run_again(add, retries=0)
    executor.faults.extend(["throttle"] * (MAX_ATTEMPTS - 1))
    await run_again(add, retries=1)

    assert await stored("accounts", id={"S": "a"})


@pytest.mark.parametrize(("blind", "runs_expected"), [(False, 2), (True, 1)])
async def test_several_errors_lead_to_another_run_when_all_of_them_do(
    run_again: Again, put: Ask, blind: bool, runs_expected: int
) -> None:
    runs = 0
    await put("accounts", id={"S": "a"}, revision={"N": "1"})

    async def work(unit: UnitOfWork) -> None:
        nonlocal runs
        runs += 1
        (await unit.get_or_raise(Account, id="a")).balance += 1
        if blind or await unit.get(Account, id="b") is None:
            unit.add(Account(id="b"))
        if runs == 1:
            await put("accounts", id={"S": "a"}, revision={"N": "2"})
            await put("accounts", id={"S": "b"}, revision={"N": "2"})

    if blind:
        with pytest.raises(TransactionFailed):
            await run_again(work)
    else:
        await run_again(work)
    assert runs == runs_expected


async def test_an_error_of_the_function_itself_passes_through_and_discards(run_again: Again, stored: Ask) -> None:
    async def fail(unit: UnitOfWork) -> None:
        unit.add(Account(id="a"))
        raise KeyError("mine")

    with pytest.raises(KeyError):
        await run_again(fail)
    assert await stored("accounts", id={"S": "a"}) is None
