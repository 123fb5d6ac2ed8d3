"""A block within a unit of work that is taken back: the objects, what was to be written, and what was read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from faulty_executor import FaultyExecutor
from unit_of_work_models import Account, Counter, Note, Profile

from ddbmodel.errors import InvalidRequest, ReadConflict, StaleObject

NewUnit = Callable[..., Any]
Ask = Callable[..., Any]


@pytest.fixture
async def unit(new_unit: NewUnit, executor: FaultyExecutor) -> Any:
    async with new_unit() as first:
        first.add(Account(id="a", balance=10, history=["opened"], profile=Profile()), Account(id="b", balance=10))
    executor.requests.clear()
    return new_unit()


async def _fail(unit: Any, do: Callable[[], Any]) -> None:
    async def block() -> None:
        async with unit.savepoint():
            await do()
            raise LookupError

    with pytest.raises(LookupError):
        await block()


async def test_an_exception_restores_the_same_objects_in_place(unit: Any) -> None:
    account = await unit.get_or_raise(Account, id="a")
    account.balance = 9

    async def change() -> None:
        account.balance = 0
        account.history.append("spent")
        assert account.profile is not None
        account.profile.scores["x"] = 1

    await _fail(unit, change)

    assert account is await unit.get(Account, id="a")
    assert (account.balance, account.history) == (9, ["opened"])
    assert account.profile == Profile()
    (update,) = unit.plan().actions
    assert update.request["Update"]["UpdateExpression"].count("SET") == 1


async def test_a_block_that_ends_keeps_everything(unit: Any, stored: Ask) -> None:
    async with unit.savepoint():
        (await unit.get_or_raise(Account, id="a")).balance = 1
        unit.add(Note(owner="n", number=1))
    await unit.commit()

    assert (await stored("accounts", id={"S": "a"}))["balance"] == {"N": "1"}
    assert await stored("notes", owner={"S": "n"}, number={"N": "1"}) is not None


async def test_what_was_to_be_written_is_what_it_was(unit: Any) -> None:
    a = await unit.get_or_raise(Account, id="a")
    kept = Note(owner="kept", number=1)
    unit.add(kept)
    unit.increment(Counter.key(id="c"), Counter.total, 2)
    unit.check(Counter.key(id="d"), Counter.total >= 0)
    before = unit.plan().requests

    async def change() -> None:
        unit.delete(a, kept)
        unit.add(Account(id="a", balance=5), Note(owner="new", number=1))
        unit.increment(Counter.key(id="c"), Counter.total, 5)
        unit.increment(Counter.key(id="d"), Counter.total, 5)
        unit.check(Counter.key(id="c"), Counter.total >= 0)
        unit.guard(await unit.get_or_raise(Account, id="b"))
        kept.title = "changed"

    await _fail(unit, change)

    assert unit.plan().requests == before


async def test_an_object_that_was_read_in_the_block_stays_as_it_was_read(unit: Any, new_unit: NewUnit) -> None:
    read: list[Account] = []

    async def change() -> None:
        account = await unit.get_or_raise(Account, id="a")
        read.append(account)
        account.balance = 0
        unit.delete(account)
        unit.add(Account(id="a", balance=1))

    await _fail(unit, change)

    assert await unit.get(Account, id="a") is read[0]
    assert read[0].balance == 10
    assert unit.plan().actions == ()


async def test_reads_of_the_block_are_checked_by_a_serializable_unit(unit: Any, new_unit: NewUnit) -> None:
    for name, absent in (("a", False), ("nobody", True)):
        strict = new_unit(isolation="serializable")
        (await strict.get_or_raise(Account, id="b")).balance += 1

        async def read(strict: Any = strict, name: str = name, absent: bool = absent) -> None:
            assert (await strict.get(Account, id=name) is None) == absent

        await _fail(strict, read)
        async with new_unit() as other:
            if absent:
                other.add(Account(id=name))
            else:
                (await other.get_or_raise(Account, id=name)).balance = 0

        with pytest.raises(ReadConflict):
            await strict.commit()


async def test_the_block_can_be_taken_back_by_hand_and_goes_on(unit: Any) -> None:
    account = await unit.get_or_raise(Account, id="a")
    async with unit.savepoint() as savepoint:
        account.balance = 1
        savepoint.rollback()
        assert account.balance == 10
        account.balance = 2
        savepoint.rollback()
        account.balance = 3

    assert account.balance == 3
    with pytest.raises(InvalidRequest, match="this savepoint is over"):
        savepoint.rollback()


async def test_blocks_nest_and_the_outer_one_takes_all_back(unit: Any) -> None:
    account = await unit.get_or_raise(Account, id="a")

    async def change() -> None:
        account.balance = 1

        async def inner() -> None:
            account.balance = 2

        await _fail(unit, inner)
        assert account.balance == 1

    await _fail(unit, change)
    assert account.balance == 10

    async with unit.savepoint() as outer:
        account.balance = 1
        async with unit.savepoint() as inner_savepoint:
            account.balance = 2
            outer.rollback()
            with pytest.raises(InvalidRequest):
                inner_savepoint.rollback()
            assert account.balance == 10


async def test_a_stale_read_of_a_block_that_was_taken_back_is_never_committed(unit: Any, new_unit: NewUnit) -> None:
    async def change() -> None:
        (await unit.get_or_raise(Account, id="a")).balance = 0

    await _fail(unit, change)
    async with new_unit() as other:
        (await other.get_or_raise(Account, id="a")).balance = 5
    (await unit.get_or_raise(Account, id="a")).balance += 1

    with pytest.raises(StaleObject):
        await unit.commit()


async def test_a_unit_is_not_committed_within_a_block(unit: Any, executor: FaultyExecutor) -> None:
    async with unit.savepoint():
        (await unit.get_or_raise(Account, id="a")).balance = 0
        with pytest.raises(InvalidRequest, match="within a savepoint"):
            await unit.commit()
    assert executor.transactions == []
    await unit.commit()
    assert len(executor.transactions) == 1
