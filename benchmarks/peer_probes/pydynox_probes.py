"""The probes for pydynox."""

from __future__ import annotations

import pydynox
from pydynox import DynamoDBClient, Model, ModelConfig, set_default_client
from pydynox.attributes import ListAttribute, NumberAttribute, StringAttribute, StringSetAttribute, VersionAttribute
from pydynox.hooks import before_save
from table import raw_item, raw_put, report, url

set_default_client(
    DynamoDBClient(region="us-east-1", endpoint_url=url(), access_key="local", secret_key="local")  # a local server
)


class Thing(Model):
    model_config = ModelConfig(table="probes")
    pk = StringAttribute(partition_key=True)
    sk = StringAttribute(sort_key=True)
    name = StringAttribute()
    age = NumberAttribute(default=0)
    tags = ListAttribute(default=[])
    labels = StringSetAttribute()
    note = StringAttribute()


class Versioned(Thing):
    model_config = ModelConfig(table="probes")
    revision = VersionAttribute()


class Hooked(Thing):
    model_config = ModelConfig(table="probes")

    @before_save
    async def shout(self):
        self.name = self.name.upper()


async def twenty():
    for number in range(20):
        await Thing(pk="a", sk=f"{number:02}", age=number).save()


async def empty_page():
    await twenty()
    found = [thing.age async for thing in Thing.query(partition_key="a", filter_condition=Thing.age >= 18, page_size=1)]
    return found == [18, 19]


async def limit_and_filter():
    await twenty()
    found = [thing async for thing in Thing.query(partition_key="a", filter_condition=Thing.age >= 10, limit=3)]
    return len(found) == 3


async def sets_as_lists():
    await Thing(pk="a", sk="1", labels={"x"}).save()
    return raw_item("a")["labels"] == {"SS": ["x"]}


async def changes_in_place():
    await Thing(pk="a", sk="1", tags=["x"]).save()
    thing = await Thing.get(pk="a", sk="1")
    thing.tags.append("y")
    thing.name = "x"
    await thing.save()
    return raw_item("a")["tags"] == {"L": [{"S": "x"}, {"S": "y"}]}


def shared_default():
    Thing(pk="a", sk="1").tags.append("x")
    return Thing(pk="a", sk="2").tags == []


async def none_as_null():
    await Thing(pk="a", sk="1", note="x").save()
    thing = await Thing.get(pk="a", sk="1")
    thing.note = None
    await thing.save()
    return "note" not in raw_item("a")


async def version_after_failure():
    await Versioned(pk="a", sk="1", name="x").save()
    mine, other = await Versioned.get(pk="a", sk="1"), await Versioned.get(pk="a", sk="1")
    other.name = "other"
    await other.save()
    before = mine.revision
    mine.name = "mine"
    try:
        await mine.save()
    except Exception:
        return mine.revision == before
    return False


def unchecked_values():
    try:
        Thing(pk="a", sk="1", age="notnum")
    except (TypeError, ValueError):
        return True
    return False


async def append_to_nothing():
    raw_put(pk={"S": "a"}, sk={"S": "1"})
    thing = await Thing.get(pk="a", sk="1")
    await thing.update(atomic=[Thing.tags.append(["x"])])
    return raw_item("a")["tags"] == {"L": [{"S": "x"}]}


async def no_item_on_failure():
    await Thing(pk="a", sk="1", age=3).save()
    thing = await Thing.get(pk="a", sk="1")
    try:
        await thing.update(atomic=[Thing.age.add(1)], condition=Thing.age > 5)
    except Exception as error:
        return any(3 in vars(each).values() for each in vars(error).values() if hasattr(each, "__dict__")) or any(
            isinstance(each, dict) and each.get("age") in (3, {"N": "3"}) for each in vars(error).values()
        )
    return False


async def unknown_attributes_lost():
    raw_put(pk={"S": "a"}, sk={"S": "1"}, newer={"S": "kept"})
    thing = await Thing.get(pk="a", sk="1")
    thing.name = "x"
    await thing.save()
    return "newer" in raw_item("a")


async def whole_item_saves():
    await Thing(pk="a", sk="1", name="x").save()
    one, other = await Thing.get(pk="a", sk="1"), await Thing.get(pk="a", sk="1")
    one.name, other.age = "mine", 7
    await one.save()
    await other.save()
    item = raw_item("a")
    return (item["name"], item["age"]) == ({"S": "mine"}, {"N": "7"})


async def duplicates_in_batches():
    async with pydynox.BatchWriter(pydynox.get_default_client(), "probes") as batch:
        for number in range(3):
            batch.put({"pk": "a", "sk": "1", "age": number})
    return raw_item("a")["age"] == {"N": "2"}


def equality_by_key():
    return Thing(pk="a", sk="1", age=1) != Thing(pk="a", sk="1", age=2)


async def hooks_not_awaited():
    await Hooked(pk="a", sk="1", name="ann").save()
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
