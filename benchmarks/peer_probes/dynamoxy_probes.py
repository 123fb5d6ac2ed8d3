"""The probes for dynamoxy."""

from __future__ import annotations

from contextlib import asynccontextmanager

import dynamoxy
from dynamoxy import Attr, field, partition_key, sort_key
from table import raw_item, raw_put, report, url


class Thing(dynamoxy.Model, table="probes"):
    pk: Attr[str] = partition_key()
    sk: Attr[str] = sort_key()
    name: Attr[str] = field(default="")
    age: Attr[int] = field(default=0)
    tags: Attr[list[str]] = field(default_factory=list)
    labels: Attr[set[str]] = field(default_factory=set)
    note: Attr[str | None] = field(default=None)


class Versioned(dynamoxy.Model, table="probes"):
    pk: Attr[str] = partition_key()
    sk: Attr[str] = sort_key()
    name: Attr[str] = field(default="")
    revision: Attr[int] = dynamoxy.version()


class Hooked(dynamoxy.Model, table="probes"):
    pk: Attr[str] = partition_key()
    sk: Attr[str] = sort_key()
    name: Attr[str] = field(default="")

    @dynamoxy.before_save
    async def shout(self):
        self.name = self.name.upper()


@asynccontextmanager
async def things(model=Thing):
    async with dynamoxy.Client(region="us-east-1", endpoint_url=url()) as client:
        yield client.repository(model)


async def twenty(repository):
    for number in range(20):
        await repository.put(Thing(pk="a", sk=f"{number:02}", age=number))


async def empty_page():
    async with things() as repository:
        await twenty(repository)
        found = await repository.query(pk="a").filter(Thing.age >= 18).page_size(1).all()
        return [thing.age for thing in found] == [18, 19]


async def limit_and_filter():
    async with things() as repository:
        await twenty(repository)
        return len(await repository.query(pk="a").filter(Thing.age >= 10).limit(3).all()) == 3


async def sets_as_lists():
    async with things() as repository:
        await repository.put(Thing(pk="a", sk="1", labels={"x"}))
        return raw_item("a")["labels"] == {"SS": ["x"]}


async def changes_in_place():
    async with things() as repository:
        await repository.put(Thing(pk="a", sk="1", tags=["x"]))
        thing = await repository.get("a", "1")
        thing.tags.append("y")
        thing.name = "x"
        await thing.save()
        return raw_item("a")["tags"] == {"L": [{"S": "x"}, {"S": "y"}]}


def shared_default():
    Thing(pk="a", sk="1").tags.append("x")
    return Thing(pk="a", sk="2").tags == []


async def none_as_null():
    async with things() as repository:
        await repository.put(Thing(pk="a", sk="1", note="x"))
        thing = await repository.get("a", "1")
        thing.note = None
        await thing.save()
        return "note" not in raw_item("a")


async def version_after_failure():
    async with things(Versioned) as repository:
        await repository.create(Versioned(pk="a", sk="1"))
        mine, other = await repository.get("a", "1"), await repository.get("a", "1")
        other.name = "other"
        await other.save()
        before = mine.revision
        mine.name = "mine"
        try:
            await mine.save()
        except dynamoxy.VersionConflictError:
            return mine.revision == before
        return False


def unchecked_values():
    try:
        Thing(pk="a", sk="1", age="notnum")
    except dynamoxy.ValidationError:
        return True
    return False


async def append_to_nothing():
    async with things() as repository:
        raw_put(pk={"S": "a"}, sk={"S": "1"})
        await repository.update(Thing.key("a", "1"), Thing.tags.append_or_create(["x"]))
        return raw_item("a")["tags"] == {"L": [{"S": "x"}]}


async def no_item_on_failure():
    async with things() as repository:
        await repository.put(Thing(pk="a", sk="1", age=3))
        try:
            await repository.update(Thing.key("a", "1"), Thing.age.add(1), condition=Thing.age > 5)
        except dynamoxy.ConditionalCheckFailedError as error:
            found = error.item
            return (found["age"] if isinstance(found, dict) else found.age) == 3
        return False


async def unknown_attributes_lost():
    async with things() as repository:
        raw_put(pk={"S": "a"}, sk={"S": "1"}, newer={"S": "kept"})
        thing = await repository.get("a", "1")
        thing.name = "x"
        await thing.save()
        return "newer" in raw_item("a")


async def whole_item_saves():
    async with things() as repository:
        await repository.put(Thing(pk="a", sk="1"))
        one, other = await repository.get("a", "1"), await repository.get("a", "1")
        one.name, other.age = "mine", 7
        await one.save()
        await other.save()
        item = raw_item("a")
        return (item["name"], item["age"]) == ({"S": "mine"}, {"N": "7"})


async def duplicates_in_batches():
    async with things() as repository:
        await repository.batch_put([Thing(pk="a", sk="1", age=number) for number in range(3)])
        return raw_item("a")["age"] == {"N": "2"}


def equality_by_key():
    return Thing(pk="a", sk="1", age=1) != Thing(pk="a", sk="1", age=2)


async def hooks_not_awaited():
    async with things(Hooked) as repository:
        await repository.put(Hooked(pk="a", sk="1", name="ann"))
        return raw_item("a")["name"] == {"S": "ANN"}


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
