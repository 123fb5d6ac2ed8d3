"""What became of a unit of work: `resolve`, cancelled commits, and the task that a unit belongs to."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from faulty_executor import Fault, FaultyExecutor
from unit_of_work_models import Account

from ddbmodel.errors import ConcurrentUse, InvalidRequest, OutcomeUnknown, UnitOfWorkClosed
from ddbmodel.model import stored_version
from ddbmodel.unit_of_work import UnitOfWork
from ddbmodel.unit_of_work.commit import MAX_ATTEMPTS

NewUnit = Callable[..., Any]
Ask = Callable[..., Any]


@pytest.fixture
async def account(new_unit: NewUnit, executor: FaultyExecutor) -> Account:
    async with new_unit() as unit:
        unit.add(Account(id="a", balance=10))
    executor.requests.clear()
    return Account(id="a")


async def _unknown(unit: UnitOfWork, executor: FaultyExecutor, fault: Fault) -> OutcomeUnknown:
    executor.faults.extend([fault] * MAX_ATTEMPTS)
    with pytest.raises(OutcomeUnknown) as caught:
        await unit.commit()
    executor.requests.clear()
    return caught.value


@pytest.mark.usefixtures("account")
class TestResolving:
    @pytest.mark.parametrize("fault", ["lost_request", "lost_response", "failure_before", "failure_after"])
    async def test_the_same_payload_is_sent_again_and_happens_once(
        self, new_unit: NewUnit, executor: FaultyExecutor, stored: Ask, fault: Fault
    ) -> None:
        unit = new_unit()
        read = await unit.get_or_raise(Account, id="a")
        read.balance -= 3
        error = await _unknown(unit, executor, fault)

        assert error.unit is unit
        assert await error.unit.resolve() == "committed"
        assert await unit.resolve() == "committed"
        assert len(executor.transactions) == 1, "what is known is not asked again"
        item = await stored("accounts", id={"S": "a"})
        assert item["balance"] == {"N": "7"}
        assert int(item["revision"]["N"]) == stored_version(read)

    async def test_a_guard_that_no_longer_holds_tells_that_nothing_was_committed(
        self, new_unit: NewUnit, executor: FaultyExecutor, stored: Ask
    ) -> None:
        unit = new_unit()
        read = await unit.get_or_raise(Account, id="a")
        read.balance -= 3
        before = stored_version(read)
        await _unknown(unit, executor, "lost_request")
        async with new_unit() as other:
            (await other.get_or_raise(Account, id="a")).balance = 50

        assert await unit.resolve() == "not_committed"
        assert (await stored("accounts", id={"S": "a"}))["balance"] == {"N": "50"}
        assert stored_version(read) == before

    async def test_it_stays_unknown_while_nothing_answers(self, new_unit: NewUnit, executor: FaultyExecutor) -> None:
        unit = new_unit()
        (await unit.get_or_raise(Account, id="a")).balance -= 3
        await _unknown(unit, executor, "lost_request")

        executor.faults.extend(["throttle"] * MAX_ATTEMPTS)
        assert await unit.resolve() == "unknown"
        assert await unit.resolve() == "committed"

    async def test_nothing_is_sent_once_the_token_may_be_forgotten(
        self, new_unit: NewUnit, executor: FaultyExecutor, clock_s: list[float]
    ) -> None:
        unit = new_unit()
        (await unit.get_or_raise(Account, id="a")).balance -= 3
        await _unknown(unit, executor, "lost_response")

        clock_s[0] += 600
        assert await unit.resolve() == "unknown"
        assert executor.transactions == []

    async def test_other_ends_are_known(self, new_unit: NewUnit) -> None:
        unit = new_unit()
        with pytest.raises(InvalidRequest, match="is open"):
            await unit.resolve()

        async def leave() -> None:
            async with unit:
                raise LookupError

        with pytest.raises(LookupError):
            await leave()
        assert await unit.resolve() == "not_committed"
        async with new_unit() as done:
            pass
        assert await done.resolve() == "committed"

    async def test_a_cancelled_commit_can_be_resolved(
        self, new_unit: NewUnit, executor: FaultyExecutor, stored: Ask
    ) -> None:
        unit = new_unit()
        (await unit.get_or_raise(Account, id="a")).balance -= 3
        executor.faults.append("cancel")

        with pytest.raises(asyncio.CancelledError) as caught:
            await unit.commit()

        assert any("resolve()" in note for note in caught.value.__notes__)
        with pytest.raises(UnitOfWorkClosed, match="unknown"):
            unit.plan()
        assert await unit.resolve() == "committed"
        assert (await stored("accounts", id={"S": "a"}))["balance"] == {"N": "7"}

    async def test_a_timeout_of_the_caller_can_be_resolved(
        self, new_unit: NewUnit, executor: FaultyExecutor, stored: Ask, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        unit = new_unit()
        (await unit.get_or_raise(Account, id="a")).balance -= 3
        execute = executor.execute

        async def answer_late(operation: str, request: dict[str, Any]) -> dict[str, Any]:
            answer = await execute(operation, request)
            await asyncio.sleep(10)
            return answer

        monkeypatch.setattr(executor, "execute", answer_late)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.02):
                await unit.commit()
        monkeypatch.undo()

        assert await unit.resolve() == "committed"
        assert (await stored("accounts", id={"S": "a"}))["balance"] == {"N": "7"}


@pytest.mark.usefixtures("account")
class TestOwner:
    async def test_another_task_is_refused_whatever_it_calls(self, new_unit: NewUnit) -> None:
        async with new_unit() as unit:

            async def read() -> None:
                await unit.get(Account, id="a")

            async def add() -> None:
                unit.add(Account(id="b"))

            async def plan() -> None:
                unit.plan()

            for call in (read, add, plan):
                with pytest.raises(ConcurrentUse, match="belongs to the task that opened it"):
                    await asyncio.create_task(call())
            assert unit.plan().actions == ()

    async def test_gather_within_a_unit_is_another_task_and_get_many_is_not(self, new_unit: NewUnit) -> None:
        async with new_unit() as unit:
            with pytest.raises(ConcurrentUse, match="get_many"):
                await asyncio.gather(unit.get(Account, id="a"))
            (found,) = await unit.get_many(Account, [Account.key(id="a")])
            assert found is not None
