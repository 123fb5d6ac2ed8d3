"""The probes for this library."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from pydantic import ValidationError
from table import raw_item, raw_put, report, url

from ddbmodel import (
    Attr,
    ConditionFailed,
    Database,
    Model,
    VersionConflict,
    attr,
    before_write,
    partition_key,
    sort_key,
    version,
)


class Thing(Model, table="probes"):
    pk: Attr[str] = partition_key()
    sk: Attr[str] = sort_key()
    name: Attr[str] = attr(default="")
    age: Attr[int] = attr(default=0)
    tags: Attr[list[str]] = attr(default=[])
    labels: Attr[set[str]] = attr(default_factory=set)
    note: Attr[str | None] = attr(default=None)


class Versioned(Thing):
    revision: Attr[int] = version()


class Hooked(Thing):
    @before_write
    async def shout(self) -> None:
        self.name = self.name.upper()


KEY = Thing.key(pk="a", sk="1")


@asynccontextmanager
async def opened() -> AsyncIterator[Database]:
    async with Database.connect(url()) as db:
        yield db


async def empty_page() -> bool:
    async with opened() as db:
        await db.put_many(Thing(pk="a", sk=f"{number:02}", age=number) for number in range(20))
        found = await db.query(Thing, Thing.pk == "a").filter(Thing.age >= 18).page_size(1).all()
        return [thing.age for thing in found] == [18, 19]


async def limit_and_filter() -> bool:
    async with opened() as db:
        await db.put_many(Thing(pk="a", sk=f"{number:02}", age=number) for number in range(20))
        return len(await db.query(Thing, Thing.pk == "a").filter(Thing.age >= 10).limit(3).all()) == 3


async def sets_as_lists() -> bool:
    async with opened() as db:
        await db.put(Thing(pk="a", sk="1", labels={"x"}))
        return (raw_item("a") or {}).get("labels") == {"SS": ["x"]}


async def changes_in_place() -> bool:
    async with opened() as db:
        await db.put(Thing(pk="a", sk="1", tags=["x"]))
        thing = await db.get_or_raise(Thing, pk="a", sk="1")
        thing.tags.append("y")
        thing.name = "x"
        await db.put(thing)
        return (raw_item("a") or {})["tags"] == {"L": [{"S": "x"}, {"S": "y"}]}


def shared_default() -> bool:
    Thing(pk="a", sk="1").tags.append("x")
    return Thing(pk="a", sk="2").tags == []


async def none_as_null() -> bool:
    async with opened() as db:
        await db.put(Thing(pk="a", sk="1", note="x"))
        thing = await db.get_or_raise(Thing, pk="a", sk="1")
        thing.note = None
        await db.put(thing)
        return "note" not in (raw_item("a") or {})


async def version_after_failure() -> bool:
    async with opened() as db:
        await db.put(Versioned(pk="a", sk="1"))
        mine = await db.get_or_raise(Versioned, pk="a", sk="1")
        await db.put(await db.get_or_raise(Versioned, pk="a", sk="1"))
        before = mine.revision
        try:
            await db.put(mine)
        except VersionConflict:
            return mine.revision == before
        return False


def unchecked_values() -> bool:
    try:
        Thing(pk="a", sk="1", age="notnum")  # type: ignore[arg-type]
    except ValidationError:
        return True
    return False


async def append_to_nothing() -> bool:
    async with opened() as db:
        raw_put(pk={"S": "a"}, sk={"S": "1"})
        await db.update(KEY, Thing.tags.append("x"))
        return (raw_item("a") or {})["tags"] == {"L": [{"S": "x"}]}


async def no_item_on_failure() -> bool:
    async with opened() as db:
        await db.put(Thing(pk="a", sk="1", age=3))
        try:
            await db.update(KEY, Thing.age.add(1), condition=Thing.age > 5)
        except ConditionFailed as error:
            return bool(error.current.age == 3)
        return False


async def unknown_attributes_lost() -> bool:
    async with opened() as db:
        raw_put(pk={"S": "a"}, sk={"S": "1"}, newer={"S": "kept"})
        thing = await db.get_or_raise(Thing, pk="a", sk="1")
        thing.name = "x"
        await db.put(thing)
        return "newer" in (raw_item("a") or {})


async def whole_item_saves() -> bool:
    async with opened() as db:
        await db.put(Thing(pk="a", sk="1"))
        async with db.unit_of_work() as one, db.unit_of_work() as other:
            (await one.get_or_raise(Thing, pk="a", sk="1")).name = "mine"
            (await other.get_or_raise(Thing, pk="a", sk="1")).age = 7
        item = raw_item("a") or {}
        return (item["name"], item["age"]) == ({"S": "mine"}, {"N": "7"})


async def duplicates_in_batches() -> bool:
    async with opened() as db:
        await db.put_many(Thing(pk="a", sk="1", age=number) for number in range(3))
        return (raw_item("a") or {})["age"] == {"N": "2"}


def equality_by_key() -> bool:
    return Thing(pk="a", sk="1", age=1) != Thing(pk="a", sk="1", age=2)


async def hooks_not_awaited() -> bool:
    async with opened() as db:
        await db.put(Hooked(pk="a", sk="1", name="ann"))
        return (raw_item("a") or {})["name"] == {"S": "ANN"}


report(
    {
        "empty-page": empty_page,
        "limit-and-filter": limit_and_filter,
        "sets-as-lists": sets_as_lists,
        "changes-in-place": changes_in_place,
        "shared-default": shared_default,
        "none-as-null": none_as_null,
        "version-after-failure": version_after_failure,
        "unchecked-values": unchecked_values,
        "append-to-nothing": append_to_nothing,
        "no-item-on-failure": no_item_on_failure,
        "unknown-attributes-lost": unknown_attributes_lost,
        "whole-item-saves": whole_item_saves,
        "duplicates-in-batches": duplicates_in_batches,
        "equality-by-key": equality_by_key,
        "hooks-not-awaited": hooks_not_awaited,
    }
)
