"""Migrations: what an item of an earlier version becomes when it is read, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from ddbmodel import Attr, ItemNotDecodable, Model, ModelDefinitionError, attr, migrates, partition_key
from ddbmodel.model.own_attributes import SCHEMA_VERSION


class User(Model, table="users", schema_version=3):
    id: Attr[str] = partition_key()
    first: Attr[str] = attr()
    last: Attr[str] = attr(default="")
    tags: Attr[set[str]] = attr(default_factory=set)
    balance: Attr[int] = attr(default=0)


@migrates(User, 1, 2)
def split_name(old: dict[str, Any]) -> dict[str, Any]:
    first, _, last = old.pop("name").partition(" ")
    return {**old, "first": first, "last": last}


@migrates(User, 2, 3)
def from_pounds_to_pence(old: dict[str, Any]) -> dict[str, Any]:
    old["balance"] = old.get("balance", 0) * 100
    old["nested"]["list"].append("changed in place")
    return old


OLDEST: dict[str, Any] = {
    "id": {"S": "a"},
    "name": {"S": "Ada Byron"},
    "balance": {"N": "7"},
    "tags": {"SS": ["x", "y"]},
    "nested": {"M": {"list": {"L": [{"S": "old"}]}}},
}


def test_an_old_item_is_read_as_the_newest_version_and_written_as_it() -> None:
    user = User.from_item(OLDEST)

    assert (user.first, user.last, user.balance, user.tags) == ("Ada", "Byron", 700, {"x", "y"})
    item = user.to_item()
    assert item[SCHEMA_VERSION] == {"N": "3"}
    assert "name" not in item
    assert item["nested"] == {"M": {"list": {"L": [{"S": "old"}, {"S": "changed in place"}]}}}
    assert User.from_item(item) == user


def test_only_the_steps_that_are_left_are_applied() -> None:
    item = {**OLDEST, "first": {"S": "Ada"}, SCHEMA_VERSION: {"N": "2"}}
    assert User.from_item(item).balance == 700


def test_what_no_step_touched_keeps_its_form() -> None:
    item = User.from_item({**OLDEST, "raw": {"NULL": True}, "number": {"N": "1.50"}}).to_item()
    assert (item["raw"], item["number"]) == ({"NULL": True}, {"N": "1.50"})


def test_an_item_of_a_later_version_is_not_read() -> None:
    with pytest.raises(ItemNotDecodable, match="written by version 4 of the model, and this program knows 3"):
        User.from_item({**OLDEST, SCHEMA_VERSION: {"N": "4"}})

    class Plain(Model, table="plain"):
        id: Attr[str] = partition_key()

    with pytest.raises(ItemNotDecodable, match="this program knows 1"):
        Plain.from_item({"id": {"S": "a"}, SCHEMA_VERSION: {"N": "2"}})


def test_a_step_that_is_missing_or_fails_is_said_without_values() -> None:
    class Gap(Model, table="gaps", schema_version=3):
        id: Attr[str] = partition_key()

    with pytest.raises(ItemNotDecodable, match="no migration leads from version 1 to 3"):
        Gap.from_item({"id": {"S": "a"}})

    @migrates(Gap, 1, 3)
    def breaks(old: dict[str, Any]) -> dict[str, Any]:
        raise ValueError("secret")

    with pytest.raises(ItemNotDecodable, match="from version 1 to 3 raised ValueError") as caught:
        Gap.from_item({"id": {"S": "a"}})
    assert "secret" not in str(caught.value)

    class Moved(Model, table="moved", schema_version=2):
        id: Attr[str] = partition_key()

    migrates(Moved, 1, 2)(lambda old: {**old, "id": "other"})
    with pytest.raises(ItemNotDecodable, match="changed the key"):
        Moved.from_item({"id": {"S": "a"}})


def test_steps_that_cannot_be_are_refused_when_they_are_declared() -> None:
    with pytest.raises(ModelDefinitionError, match="version 1 is migrated by another function already"):
        migrates(User, 1, 2)(lambda old: old)
    for source, target in ((3, 4), (2, 2), (2, 1), (0, 1)):
        with pytest.raises(ModelDefinitionError, match="does not lead towards"):
            migrates(User, source, target)
