"""Stories of locks: one holder at a time, a holder that vanishes, and one that wakes up too late; on every backend."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from ddbmodel import Attr, Database, InvalidRequest, LeaseLock, LeaseLost, Lock, LockTimeout, Model, attr, partition_key

NewTable = Callable[[type[Any]], Awaitable[type[Any]]]


class Report(Model, table="reports"):
    report_id: Attr[str] = partition_key()
    written: Attr[int] = attr(default=0)


@pytest.fixture
async def locks(new_table: NewTable) -> type[LeaseLock]:
    return await new_table(LeaseLock)


@pytest.fixture
async def reports(new_table: NewTable) -> type[Report]:
    return await new_table(Report)


def vanish(lock: Lock) -> None:
    """Let a holder give no sign of life any more, as a process that was killed or paused."""
    assert lock._beating is not None
    lock._beating.cancel()


async def test_one_block_at_a_time_holds_a_lock(db: Database, locks: type[LeaseLock]) -> None:
    inside, most, epochs = 0, 0, []

    async def work() -> None:
        nonlocal inside, most
        async with db.lock("nightly", lease_s=2, model=locks) as lock:
            inside += 1
            most = max(most, inside)
            epochs.append(lock.epoch)
            assert lock.is_held
            await asyncio.sleep(0.01)
            inside -= 1
        assert not lock.is_held

    await asyncio.gather(*(work() for _ in range(3)))

    assert most == 1
    assert sorted(epochs) == epochs == sorted(set(epochs)), "each acquisition has a higher number"


async def test_a_lock_is_kept_for_longer_than_a_lease(db: Database, locks: type[LeaseLock]) -> None:
    async with db.lock("long", lease_s=0.6, model=locks) as lock:
        await asyncio.sleep(1.3)
        assert lock.is_held
        with pytest.raises(LockTimeout, match="held by somebody else"):
            await db.lock("long", timeout_s=0.1, model=locks).__aenter__()


async def test_a_holder_that_vanished_is_replaced_and_fenced_off(
    db: Database, locks: type[LeaseLock], reports: type[Report]
) -> None:
    await db.create(reports(report_id="r"))
    late = db.lock("fenced", lease_s=0.4, model=locks)
    await late.__aenter__()
    unit = db.unit_of_work()
    unit.require(late)
    (await unit.get_or_raise(reports, report_id="r")).written = 1
    vanish(late)

    async with db.lock("fenced", lease_s=5, model=locks) as lock:
        assert lock.epoch == late.epoch + 1
        with pytest.raises(LeaseLost, match="by now"):
            await unit.commit()
        async with db.unit_of_work() as other:
            other.require(lock)
            (await other.get_or_raise(reports, report_id="r")).written = 2

    assert not late.is_held
    with pytest.raises(LeaseLost, match="not held"):
        db.unit_of_work().require(late)
    with pytest.raises(LeaseLost, match="was lost while its block ran"):
        await late.__aexit__(None, None, None)
    assert (await db.get_or_raise(reports, report_id="r")).written == 2


async def test_a_holder_learns_from_its_heartbeat_that_it_lost_the_lock(db: Database, locks: type[LeaseLock]) -> None:
    async with db.lock("taken", lease_s=0.6, model=locks) as lock:
        await db.update(lock.key, locks.epoch.add(1), locks.owner.set("somebody else"))
        await asyncio.wait_for(lock.lost.wait(), 5)
        assert not lock.is_held
        lock.lost.clear()
        vanish(lock)
        await db.update(lock.key, locks.owner.set(lock._owner), locks.epoch.add(-1))


async def test_bad_input_is_refused(db: Database, locks: type[LeaseLock]) -> None:
    for name, options in (("", {}), ("x", {"lease_s": 0}), ("x", {"timeout_s": -1}), ("x", {"lease_s": float("nan")})):
        with pytest.raises(InvalidRequest):
            db.lock(name, **options)
    async with db.lock("x", model=locks) as lock:
        with pytest.raises(InvalidRequest, match="held by this object already"):
            await lock.__aenter__()
