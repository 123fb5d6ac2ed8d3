"""Guard items of unique values beside other features: base classes, earlier schema versions, times to live."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ddbmodel import Attr, Database, GlobalIndex, Model, UniqueViolation, attr, migrates, partition_key, ttl
from ddbmodel.engine import Engine, ManualClock
from ddbmodel.transport.embedded import EmbeddedExecutor

START = datetime(2026, 11, 25, tzinfo=UTC)


class Thing(Model, table="guard-things"):
    thing_id: Attr[str] = partition_key()


class Named(Thing, entity="guard-named"):
    name: Attr[str | None] = attr(default=None, unique=True)


class Old(Model, table="guard-old", schema_version=2):
    old_id: Attr[str] = partition_key()
    code: Attr[str | None] = attr(default=None, unique=True)
    note: Attr[str] = attr(default="")


@migrates(Old, 1, 2)
def with_code(item: dict[str, Any]) -> dict[str, Any]:
    return {**item, "code": item.get("code")}


class Ending(Model, table="guard-ending"):
    ending_id: Attr[str] = partition_key()
    code: Attr[str] = attr(unique=True)
    ends: Attr[datetime | None] = ttl(default=None)

    by_end = GlobalIndex(partition_key=ends)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START.timestamp())


@pytest.fixture
async def db(clock: ManualClock) -> AsyncIterator[Database]:
    async with Database(EmbeddedExecutor(Engine.open("memory:", clock=clock))) as opened:
        await opened.create_tables(Named, Old, Ending)
        yield opened


async def guards(db: Database, model: type[Model]) -> list[Any]:
    found = await db.executor.execute("Scan", {"TableName": model.__ddb_schema__.table})
    return [item for item in found["Items"] if "_guard" in item]


async def test_a_base_class_does_not_read_the_guards_of_its_subclasses(db: Database) -> None:
    await db.create(Named(thing_id="1", name="x"))
    await db.create(Thing(thing_id="2"))

    assert sorted([thing.thing_id async for thing in db.scan(Thing)]) == ["1", "2"]
    assert await db.scan(Thing).count() == 2


@pytest.mark.parametrize("how", ["unit", "put", "update"])
async def test_an_item_older_than_its_constraint_takes_its_value_when_it_is_written(db: Database, how: str) -> None:
    await db.executor.execute("PutItem", {"TableName": "guard-old", "Item": {"old_id": {"S": "1"}, "code": {"S": "x"}}})
    match how:
        case "unit":
            async with db.unit_of_work() as unit:
                (await unit.get_or_raise(Old, old_id="1")).note = "written"
        case "put":
            found = await db.get_or_raise(Old, old_id="1")
            found.note = "written"
            await db.put(found)
        case _:
            await db.update(Old.key(old_id="1"), Old.note.set("written"))

    with pytest.raises(UniqueViolation):
        await db.create(Old(old_id="2", code="x"))
    await db.delete(await db.get_or_raise(Old, old_id="1"))
    await db.create(Old(old_id="2", code="x"))


async def test_an_item_older_than_its_constraint_cannot_take_what_another_has(db: Database) -> None:
    await db.create(Old(old_id="2", code="x"))
    await db.executor.execute("PutItem", {"TableName": "guard-old", "Item": {"old_id": {"S": "1"}, "code": {"S": "x"}}})

    unit = db.unit_of_work()
    (await unit.get_or_raise(Old, old_id="1")).note = "written"
    with pytest.raises(UniqueViolation):
        await unit.commit()


async def test_a_value_is_free_once_the_service_has_deleted_the_item_that_ended(
    db: Database, clock: ManualClock
) -> None:
    await db.create(Ending(ending_id="1", code="x", ends=START + timedelta(hours=1)))
    with pytest.raises(UniqueViolation):
        await db.create(Ending(ending_id="2", code="x"))

    clock.advance(timedelta(days=3).total_seconds())

    await db.create(Ending(ending_id="2", code="x"))
    assert len(await guards(db, Ending)) == 1


@pytest.mark.parametrize("how", ["unit", "put", "update", "transaction"])
async def test_a_guard_ends_when_its_item_does_whatever_moves_the_end(
    db: Database, clock: ManualClock, how: str
) -> None:
    later = START + timedelta(days=30)
    await db.create(Ending(ending_id="1", code="x", ends=START + timedelta(hours=1)))
    key = Ending.key(ending_id="1")
    match how:
        case "unit":
            async with db.unit_of_work() as unit:
                (await unit.get_or_raise(Ending, ending_id="1")).ends = later
        case "put":
            found = await db.get_or_raise(Ending, ending_id="1")
            found.ends = later
            await db.put(found)
        case "update":
            await db.update(key, Ending.ends.set(later))
        case _:
            async with db.transaction() as tx:
                tx.update(key, Ending.ends.set(later))

    clock.advance(timedelta(days=3).total_seconds())
    with pytest.raises(UniqueViolation):
        await db.create(Ending(ending_id="2", code="x"))
    (guard,) = await guards(db, Ending)
    assert guard["ends"] == {"N": str(int(later.timestamp()))}
    await db.update(key, Ending.ends.set(None))
    (guard,) = await guards(db, Ending)
    assert "ends" not in guard


async def test_an_index_over_the_end_does_not_show_guards(db: Database) -> None:
    ends = START + timedelta(hours=1)
    await db.create(Ending(ending_id="1", code="x", ends=ends))

    found = await db.query(Ending.by_end, Ending.ends == ends).all()
    assert [ending.ending_id for ending in found] == ["1"]
    assert await db.scan(Ending.by_end).count() == 1
