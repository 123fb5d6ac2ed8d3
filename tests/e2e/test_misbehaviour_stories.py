"""The mapper against an engine that lags, throttles, conflicts and loses: what was acknowledged is there, once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from ddbmodel import (
    Attr,
    ConditionFailed,
    Database,
    DdbModelError,
    Model,
    OutcomeUnknown,
    attr,
    partition_key,
    sort_key,
    version,
)
from ddbmodel.engine import Behaviours

CHAOS = Behaviours(
    seed=7,
    read_lag_s=0.02,
    index_lag_s=0.05,
    lag_varies=True,
    throttled_read_rate=0.1,
    throttled_write_rate=0.1,
    unprocessed_rate=0.2,
    conflict_rate=0.1,
    in_progress_rate=0.1,
    lost_request_rate=0.1,
    lost_response_rate=0.1,
)


class Visit(Model, table="visits"):
    page: Attr[str] = partition_key()
    number: Attr[int] = sort_key()
    by: Attr[str] = attr()


class Counter(Model, table="counters"):
    id: Attr[str] = partition_key()
    total: Attr[int] = attr(default=0)
    done: Attr[set[str]] = attr(default_factory=set)
    revision: Attr[int] = version()


class Hits(Model, table="hits"):
    """Guarded by nothing but the transaction."""

    id: Attr[str] = partition_key()
    total: Attr[int] = attr(default=0)


@pytest.fixture(params=["memory", "file"])
async def db(request: pytest.FixtureRequest, tmp_path: Path) -> Database:
    url = "memory:" if request.param == "memory" else f"file:{tmp_path / 'chaos.db'}"
    async with Database.connect(url) as opened:
        await opened.create_tables(Visit, Counter, Hits)
        await opened.create(Counter(id="c"))
        await opened.put(Hits(id="h"))
        opened.behave(CHAOS)
        yield opened


async def acknowledged(writes: list[Callable[[], Awaitable[object]]]) -> tuple[list[int], list[int]]:
    """Do writes, eight at a time; return which were acknowledged and of which nobody knows."""
    known: list[int] = []
    unknown: list[int] = []
    left = iter(enumerate(writes))

    async def worker() -> None:
        for number, write in left:
            try:
                await write()
                known.append(number)
            except OutcomeUnknown:
                unknown.append(number)
            except DdbModelError as error:
                # Refused, and therefore not done; the caller may do it again.
                if not error.retryable:
                    raise

    await asyncio.gather(*(worker() for _ in range(8)))
    return known, unknown


async def test_every_acknowledged_write_is_there_and_nothing_that_was_refused(db: Database) -> None:
    visits = [Visit(page="a", number=number, by="ann") for number in range(200)]
    known, unknown = await acknowledged([lambda visit=visit: db.put(visit) for visit in visits])
    db.behave(Behaviours())
    stored = {visit.number async for visit in db.query(Visit, Visit.page == "a")}

    assert len(known) > 100
    assert len(unknown) > 5
    assert set(known) <= stored <= {*known, *unknown}


async def test_a_counter_guarded_by_its_version_is_exact(db: Database) -> None:
    async def add_one(mark: str) -> None:
        while True:
            counter = await db.get_or_raise(Counter, consistent=True, id="c")
            if mark in counter.done:
                # The write of which nobody knew had happened.
                return
            counter.total += 1
            counter.done = {*counter.done, mark}
            try:
                await db.put(counter)
                return
            except (ConditionFailed, OutcomeUnknown):
                continue
            except DdbModelError as error:
                if not error.retryable:
                    raise

    marks = [f"m{number}" for number in range(60)]
    await asyncio.gather(*(add_one(mark) for mark in marks))
    db.behave(Behaviours())
    counter = await db.get_or_raise(Counter, id="c")

    assert (counter.total, counter.done) == (60, set(marks))


async def test_units_of_work_are_carried_out_once_each(db: Database) -> None:
    async def add_one() -> None:
        async def work(unit: object) -> None:
            counter = await unit.get_or_raise(Counter, id="c")  # type: ignore[attr-defined]  # a unit of work
            hits = await unit.get_or_raise(Hits, id="h")  # type: ignore[attr-defined]
            counter.total += 1
            hits.total += 1

        await db.run(work, retries=30)

    known, unknown = await acknowledged([add_one] * 40)
    db.behave(Behaviours())
    counter = await db.get_or_raise(Counter, id="c")
    hits = await db.get_or_raise(Hits, id="h")

    assert len(known) > 30
    assert len(known) <= counter.total <= len(known) + len(unknown)
    assert hits.total == counter.total


async def test_batches_are_sent_until_all_is_done(db: Database) -> None:
    # Losses of a batch are for its caller to know; everything else is for the mapper to mend.
    db.behave(Behaviours(seed=3, throttled_read_rate=0.2, throttled_write_rate=0.2, unprocessed_rate=0.4))
    visits = [Visit(page="b", number=number, by="ben") for number in range(150)]

    await db.put_many(visits)
    found = await db.get_many(Visit, [Visit.key(page="b", number=number) for number in range(150)])

    assert [visit and visit.number for visit in found] == list(range(150))


async def test_a_reader_who_needs_the_truth_gets_it_at_once_and_others_later(db: Database) -> None:
    db.behave(Behaviours(read_lag_s=0.2))
    await db.create(Visit(page="c", number=1, by="cid"))

    assert await db.get(Visit, page="c", number=1) is None
    assert await db.get(Visit, page="c", number=1, consistent=True) is not None
    await asyncio.sleep(0.25)
    assert await db.get(Visit, page="c", number=1) is not None
