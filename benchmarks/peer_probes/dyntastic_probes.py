"""The probes for dyntastic."""

from __future__ import annotations

from dyntastic import A, Dyntastic
from pydantic import ValidationError
from table import NoSuchFeature, raw_item, raw_put, report, url


class Thing(Dyntastic):
    __table_name__ = "probes"
    __table_region__ = "us-east-1"
    __table_host__ = url()
    __hash_key__ = "pk"
    __range_key__ = "sk"

    pk: str
    sk: str
    name: str = ""
    age: int = 0
    tags: list[str] = []  # noqa: RUF012  # the probe is about it
    labels: set[str] | None = None
    note: str | None = None


def twenty():
    for number in range(20):
        Thing(pk="a", sk=f"{number:02}", age=number).save()


def empty_page():
    twenty()
    return [thing.age for thing in Thing.query("a", filter_condition=A.age >= 18, per_page=1)] == [18, 19]


def no_such_feature():
    raise NoSuchFeature


def sets_as_lists():
    Thing(pk="a", sk="1", labels={"x"}).save()
    return raw_item("a")["labels"] == {"SS": ["x"]}


def changes_in_place():
    Thing(pk="a", sk="1", tags=["x"]).save()
    thing = Thing.get("a", "1")
    thing.tags.append("y")
    thing.name = "x"
    thing.save()
    return raw_item("a")["tags"] == {"L": [{"S": "x"}, {"S": "y"}]}


def shared_default():
    Thing(pk="a", sk="1").tags.append("x")
    return Thing(pk="a", sk="2").tags == []


def none_as_null():
    Thing(pk="a", sk="1", note="x").save()
    thing = Thing.get("a", "1")
    thing.note = None
    thing.save()
    return "note" not in raw_item("a")


def unchecked_values():
    try:
        Thing(pk="a", sk="1", age="notnum")
    except ValidationError:
        return True
    return False


def append_to_nothing():
    raw_put(pk={"S": "a"}, sk={"S": "1"})
    Thing.get("a", "1").update(A.tags.append("x"))
    return raw_item("a")["tags"] == {"L": [{"S": "x"}]}


def no_item_on_failure():
    Thing(pk="a", sk="1", age=3).save()
    try:
        Thing.get("a", "1").update(A.age.set(A.age + 1), condition=A.age > 5)
    except Exception as error:
        return "Item" in getattr(error, "response", {})
    return False


def unknown_attributes_lost():
    raw_put(pk={"S": "a"}, sk={"S": "1"}, newer={"S": "kept"})
    thing = Thing.get("a", "1")
    thing.name = "x"
    thing.save()
    return "newer" in raw_item("a")


def whole_item_saves():
    Thing(pk="a", sk="1").save()
    one, other = Thing.get("a", "1"), Thing.get("a", "1")
    one.name, other.age = "mine", 7
    one.save()
    other.save()
    item = raw_item("a")
    return (item["name"], item["age"]) == ({"S": "mine"}, {"N": "7"})


def duplicates_in_batches():
    with Thing.batch_writer():
        for number in range(3):
            Thing(pk="a", sk="1", age=number).save()
    return raw_item("a")["age"] == {"N": "2"}


def equality_by_key():
    return Thing(pk="a", sk="1", age=1) != Thing(pk="a", sk="1", age=2)


report(
    {
        "empty-page": empty_page,
        "limit-and-filter": no_such_feature,
        "sets-as-lists": sets_as_lists,
        "changes-in-place": changes_in_place,
        "shared-default": shared_default,
        "none-as-null": none_as_null,
        "version-after-failure": no_such_feature,
        "unchecked-values": unchecked_values,
        "append-to-nothing": append_to_nothing,
        "no-item-on-failure": no_item_on_failure,
        "unknown-attributes-lost": unknown_attributes_lost,
        "whole-item-saves": whole_item_saves,
        "duplicates-in-batches": duplicates_in_batches,
        "equality-by-key": equality_by_key,
        "hooks-not-awaited": no_such_feature,
    }
)
