"""The probes for PynamoDB."""

from __future__ import annotations

from pynamodb.attributes import ListAttribute, NumberAttribute, UnicodeAttribute, UnicodeSetAttribute, VersionAttribute
from pynamodb.models import Model
from table import NoSuchFeature, raw_item, raw_put, report, url


class Base(Model):
    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    name = UnicodeAttribute(default="")


class Thing(Base):
    class Meta:
        table_name = "probes"
        host = url()
        region = "us-east-1"

    age = NumberAttribute(default=0)
    tags = ListAttribute(default=list)
    labels = UnicodeSetAttribute(null=True)
    note = UnicodeAttribute(null=True)


class Versioned(Base):
    class Meta:
        table_name = "probes"
        host = url()
        region = "us-east-1"

    revision = VersionAttribute()


def twenty():
    for number in range(20):
        Thing("a", f"{number:02}", age=number).save()


def empty_page():
    twenty()
    return [thing.age for thing in Thing.query("a", filter_condition=Thing.age >= 18, page_size=1)] == [18, 19]


def limit_and_filter():
    twenty()
    return len(list(Thing.query("a", filter_condition=Thing.age >= 10, limit=3))) == 3


def sets_as_lists():
    Thing("a", "1", labels={"x"}).save()
    return raw_item("a")["labels"] == {"SS": ["x"]}


def changes_in_place():
    Thing("a", "1", tags=["x"]).save()
    thing = Thing.get("a", "1")
    thing.tags.append("y")
    thing.name = "x"
    thing.save()
    return raw_item("a")["tags"] == {"L": [{"S": "x"}, {"S": "y"}]}


def shared_default():
    Thing("a", "1").tags.append("x")
    return Thing("a", "2").tags == []


def none_as_null():
    Thing("a", "1", note="x").save()
    thing = Thing.get("a", "1")
    thing.note = None
    thing.save()
    return "note" not in raw_item("a")


def version_after_failure():
    Versioned("a", "1").save()
    mine, other = Versioned.get("a", "1"), Versioned.get("a", "1")
    other.name = "other"
    other.save()
    before = mine.revision
    try:
        mine.save()
    except Exception:
        return mine.revision == before
    return False


def unchecked_values():
    try:
        Thing("a", "1", age="notnum")
    except (TypeError, ValueError):
        return True
    return False


def append_to_nothing():
    raw_put(pk={"S": "a"}, sk={"S": "1"})
    Thing.get("a", "1").update(actions=[Thing.tags.set((Thing.tags | []).append(["x"]))])
    return raw_item("a")["tags"] == {"L": [{"S": "x"}]}


def no_item_on_failure():
    Thing("a", "1", age=3).save()
    try:
        Thing.get("a", "1").update(actions=[Thing.age.add(1)], condition=Thing.age > 5)
    except Exception as error:
        return "3" in str(getattr(error, "item", "")) or "3" in str(getattr(error, "cause_response_item", ""))
    return False


def unknown_attributes_lost():
    raw_put(pk={"S": "a"}, sk={"S": "1"}, newer={"S": "kept"})
    thing = Thing.get("a", "1")
    thing.name = "x"
    thing.save()
    return "newer" in raw_item("a")


def whole_item_saves():
    Thing("a", "1").save()
    one, other = Thing.get("a", "1"), Thing.get("a", "1")
    one.name, other.age = "mine", 7
    one.save()
    other.save()
    item = raw_item("a")
    return (item["name"], item["age"]) == ({"S": "mine"}, {"N": "7"})


def duplicates_in_batches():
    with Thing.batch_write() as batch:
        for number in range(3):
            batch.save(Thing("a", "1", age=number))
    return raw_item("a")["age"] == {"N": "2"}


def equality_by_key():
    return Thing("a", "1", age=1) != Thing("a", "1", age=2)


def no_hooks():
    raise NoSuchFeature


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
        "hooks-not-awaited": no_hooks,
    }
)
