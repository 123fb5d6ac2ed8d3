"""Stories of schema versions: old items are read, changed and brought up to date, whoever else writes them."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from ddbmodel import (
    Attr,
    Database,
    FileCheckpoint,
    GlobalIndex,
    InvalidRequest,
    ItemNotDecodable,
    Model,
    UniqueViolation,
    attr,
    migrates,
    partition_key,
    version,
)
from ddbmodel.model.own_attributes import SCHEMA_VERSION


class Person(Model, table="people", schema_version=2):
    id: Attr[str] = partition_key()
    first: Attr[str] = attr()
    last: Attr[str] = attr(default="-")
    visits: Attr[int] = attr(default=0)
    email: Attr[str | None] = attr(default=None, unique=True)
    revision: Attr[int] = version()

    by_last = GlobalIndex(partition_key=last)


class Stopped(Exception):
    """Ends a run in the middle."""


@migrates(Person, 1, 2)
def split_name(old: dict[str, Any]) -> dict[str, Any]:
    first, _, last = old.pop("name").partition(" ")
    return {**old, "first": first, "last": last or "-"}


@pytest.fixture
async def people(db: Database, new_table: Any) -> type[Person]:
    model: type[Person] = await new_table(Person)
    return model


async def store_old(db: Database, people: type[Person], key: str, name: str = "Ada Byron", **more: Any) -> None:
    item = {"id": {"S": key}, "name": {"S": name}, **more}
    await db.executor.execute("PutItem", {"TableName": people.__ddb_schema__.table, "Item": item})


async def stored(db: Database, people: type[Person], key: str) -> dict[str, Any]:
    request = {"TableName": people.__ddb_schema__.table, "Key": {"id": {"S": key}}, "ConsistentRead": True}
    item: dict[str, Any] = (await db.executor.execute("GetItem", request))["Item"]
    return item


async def test_a_read_migrates_and_the_next_write_stores_it(db: Database, people: type[Person]) -> None:
    await store_old(db, people, "a")

    person = await db.get_or_raise(people, id="a")
    assert (person.first, person.last) == ("Ada", "Byron")
    assert "name" in await stored(db, people, "a")
    await db.put(person, check_version=False)
    item = await stored(db, people, "a")
    assert item[SCHEMA_VERSION] == {"N": "2"}
    assert "name" not in item


async def test_an_update_by_key_brings_the_item_up_to_date_first(db: Database, people: type[Person]) -> None:
    for each in "abc":
        await store_old(db, people, each)

    changed = await db.update(people.key(id="a"), people.first.set("Augusta"))
    assert (changed.first, changed.last) == ("Augusta", "Byron")
    async with db.transaction() as tx:
        tx.update(people.key(id="b"), people.first.set("Augusta"))
    async with db.unit_of_work() as uow:
        uow.increment(people.key(id="c"), "visits")

    for each in "abc":
        item = await stored(db, people, each)
        assert (item["last"], item[SCHEMA_VERSION], "name" in item) == ({"S": "Byron"}, {"N": "2"}, False)
    assert (await db.get_or_raise(people, id="b")).first == "Augusta"
    assert (await db.get_or_raise(people, id="c")).visits == 1


async def test_a_unit_that_changes_an_old_item_stores_all_of_its_migration(db: Database, people: type[Person]) -> None:
    await store_old(db, people, "a")

    async with db.unit_of_work() as uow:
        person = await uow.get_or_raise(people, id="a")
        person.visits = 5

    item = await stored(db, people, "a")
    assert (item["first"], item["visits"], item[SCHEMA_VERSION]) == ({"S": "Ada"}, {"N": "5"}, {"N": "2"})
    assert "name" not in item
    assert await db.get_or_raise(people, id="a") == person


async def test_a_new_item_made_by_an_update_is_of_the_newest_version(db: Database, people: type[Person]) -> None:
    await db.upsert(people.key(id="a"), people.first.set("Ada"))
    assert (await stored(db, people, "a"))[SCHEMA_VERSION] == {"N": "2"}
    assert (await db.get_or_raise(people, id="a")).first == "Ada"


async def test_a_backfill_migrates_every_old_item_once(db: Database, people: type[Person]) -> None:
    for number in range(30):
        await store_old(db, people, f"old{number}", email={"S": f"{number}@x"})
    await db.create(people(id="new", first="New"))
    assert await db.query(people.by_last, people.last == "Byron").count() == 0

    dry = await db.migrate(people, dry_run=True)
    assert (dry.scanned, dry.migrated, dry.is_dry_run) == (30, 30, True)
    assert "name" in await stored(db, people, "old0")
    report = await db.migrate(people, segments=3, page_size=5)
    assert (report.scanned, report.migrated, report.failed) == (30, 30, [])

    assert await db.query(people.by_last, people.last == "Byron").count() == 30
    with pytest.raises(UniqueViolation):
        await db.create(people(id="thief", first="T", email="3@x"))
    assert (await db.migrate(people)).scanned == 0


async def test_what_cannot_be_migrated_is_reported_and_stays(db: Database, people: type[Person]) -> None:
    await store_old(db, people, "good")
    request = {"TableName": people.__ddb_schema__.table, "Item": {"id": {"S": "bad"}, "nam": {"S": "typo"}}}
    await db.executor.execute("PutItem", request)

    report = await db.migrate(people)

    assert (report.scanned, report.migrated) == (2, 1)
    [(key, error)] = report.failed
    assert (key, type(error)) == (people.key(id="bad"), ItemNotDecodable)
    assert await stored(db, people, "bad") == request["Item"]


async def test_a_backfill_that_was_stopped_goes_on_where_it_was(
    db: Database, people: type[Person], tmp_path: Path
) -> None:
    for number in range(40):
        await store_old(db, people, f"old{number}")
    checkpoint = FileCheckpoint(tmp_path / "migration.json")
    pages = 0

    def stop(report: object) -> None:
        nonlocal pages
        pages += 1
        if pages == 3:
            raise Stopped

    with pytest.raises(Stopped):
        await db.migrate(people, segments=1, checkpoint=checkpoint, page_size=10, progress=stop)
    report = await db.migrate(people, segments=1, checkpoint=checkpoint, page_size=10)

    assert report.scanned == 10
    assert (await db.migrate(people)).scanned == 0
    with pytest.raises(InvalidRequest, match="the checkpoint is of another migration"):
        await db.migrate(people, segments=2, checkpoint=checkpoint)


async def test_writers_during_a_backfill_lose_nothing(db: Database, people: type[Person]) -> None:
    for number in range(20):
        await store_old(db, people, f"old{number}", visits={"N": "0"})

    async def visit() -> None:
        for number in range(20):
            await db.update(people.key(id=f"old{number}"), people.visits.add(1))

    await asyncio.gather(visit(), db.migrate(people, page_size=2), visit())

    found = await db.get_many(people, [people.key(id=f"old{number}") for number in range(20)], consistent=True)
    assert all(person is not None and (person.visits, person.last) == (2, "Byron") for person in found)


async def test_a_model_with_one_version_has_nothing_to_migrate(db: Database) -> None:
    class Plain(Model, table="plain"):
        id: Attr[str] = partition_key()

    with pytest.raises(InvalidRequest, match="has one schema version"):
        await db.migrate(Plain)
