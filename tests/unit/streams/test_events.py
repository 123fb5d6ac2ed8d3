"""What events show: old and new models, and the fields that differ."""

from __future__ import annotations

import typing
from datetime import UTC, datetime
from typing import Any

import pytest

from ddbmodel.model import Attr, Document, Model, attr, partition_key
from ddbmodel.streams import Change, Insert, Modify, Remove


class Address(Document):
    city: Attr[str] = attr()
    street: Attr[str | None] = attr(default=None)


class User(Model, table="users", stream=True):
    id: Attr[str] = partition_key()
    plan: Attr[str | None] = attr(default=None, alias="p")
    address: Attr[Address | None] = attr(default=None)
    prefs: Attr[dict[str, int]] = attr(default_factory=dict)
    tags: Attr[set[str]] = attr(default_factory=set)


FACTS: dict[str, Any] = {
    "key": User.key(id="a"),
    "sequence": "1",
    "event_id": "e",
    "at": datetime(2026, 1, 1, tzinfo=UTC),
}


def _modified(**fields: Any) -> Modify[User]:
    old = User(id="a", p="free", address=Address(city="Oslo"), prefs={"x": 1, "y": 2}, tags={"t"})
    return Modify(old=old, new=old.model_copy(update=fields), **FACTS)


@pytest.mark.parametrize(
    ("fields", "changed"),
    [
        ({}, {}),
        ({"plan": "pro"}, {"plan": ("free", "pro")}),
        ({"plan": None}, {"plan": ("free", None)}),
        ({"tags": {"t", "u"}}, {"tags": ({"t"}, {"t", "u"})}),
    ],
)
def test_changed_names_the_fields_that_differ(fields: dict[str, Any], changed: dict[str, Any]) -> None:
    assert _modified(**fields).changed == changed


def test_changed_also_names_the_fields_of_nested_documents_and_maps() -> None:
    event = _modified(address=Address(city="Rome"), prefs={"x": 1, "z": 3})

    assert event.changed == {
        "address": (Address(city="Oslo"), Address(city="Rome")),
        "address.city": ("Oslo", "Rome"),
        "prefs": ({"x": 1, "y": 2}, {"x": 1, "z": 3}),
        "prefs.y": (2, None),
        "prefs.z": (None, 3),
    }


def test_a_document_that_appears_is_named_with_its_fields() -> None:
    gone = _modified(address=None)

    assert gone.changed["address.city"] == ("Oslo", None)
    assert "address.street" not in gone.changed


def test_an_insert_has_nothing_old_and_a_removal_nothing_new() -> None:
    user = User(id="a")
    inserted, removed = Insert(new=user, **FACTS), Remove(old=user, **FACTS)

    assert inserted.old is None
    assert removed.new is None
    assert inserted.changed == {"id": (None, "a"), "prefs": (None, {}), "tags": (None, set())}
    assert removed.changed == {"id": ("a", None), "prefs": ({}, None), "tags": (set(), None)}


def test_events_are_matched_by_kind_and_content() -> None:
    def told(event: Change[User]) -> str:
        match event:
            case Insert(new=user):
                return f"in {user.id}"
            case Modify(new=user, changed=changed) if "plan" in changed:
                return f"plan {user.plan}"
            case Modify():
                return "other"
            case Remove(old=user, by_ttl=True):
                return f"expired {user.id}"
            case Remove(old=user):
                return f"out {user.id}"

    events: list[Change[User]] = [
        Insert(new=User(id="a"), **FACTS),
        _modified(plan="pro"),
        _modified(tags=set()),
        Remove(old=User(id="a"), by_ttl=True, **FACTS),
        Remove(old=User(id="a"), **FACTS),
    ]
    assert [told(event) for event in events] == ["in a", "plan pro", "other", "expired a", "out a"]


def test_an_event_is_not_changed() -> None:
    event = Insert(new=User(id="a"), **FACTS)

    with pytest.raises(AttributeError):
        event.sequence = "2"  # type: ignore[misc]


def test_change_stands_for_the_three_kinds() -> None:
    assert {typing.get_origin(kind) for kind in typing.get_args(Change[User])} == {Insert, Modify, Remove}
