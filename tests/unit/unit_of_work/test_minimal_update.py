"""Each row of the table in `minimal_update`."""

from __future__ import annotations

from typing import Any

from ddbmodel.expressions.tree import (
    AddAction,
    DeleteAction,
    ListAppend,
    Path,
    RemoveAction,
    SetAction,
    UpdateAction,
    Value,
)
from ddbmodel.unit_of_work.minimal_update import minimal_update, whole_attribute_update
from ddbmodel.values.wire import Item

LONG = {"S": "a text that costs more than a path does, " * 3}


def _actions(old: Item, new: Item) -> tuple[UpdateAction, ...]:
    return minimal_update(old, new).actions


def test_equal_items_need_no_action() -> None:
    assert _actions({"a": {"N": "1"}, "s": {"SS": ["p", "q"]}}, {"s": {"SS": ["q", "p"]}, "a": {"N": "1"}}) == ()


def test_a_missing_attribute_is_removed() -> None:
    assert _actions({"a": {"N": "1"}, "b": {"N": "2"}}, {"a": {"N": "1"}}) == (RemoveAction(Path(("b",))),)


def test_a_new_attribute_is_set() -> None:
    assert _actions({}, {"a": {"N": "1"}}) == (SetAction(Path(("a",)), Value({"N": "1"})),)


def test_an_attribute_of_another_type_is_set() -> None:
    assert _actions({"a": {"M": {"x": LONG}}}, {"a": {"N": "1"}}) == (SetAction(Path(("a",)), Value({"N": "1"})),)


def test_a_change_inside_a_map_touches_only_that_place() -> None:
    old: Item = {"profile": {"M": {"city": {"S": "Oslo"}, "bio": LONG}}}
    new: Item = {"profile": {"M": {"city": {"S": "Rome"}, "bio": LONG}}}

    assert _actions(old, new) == (SetAction(Path(("profile", "city")), Value({"S": "Rome"})),)


def test_an_entry_that_left_a_map_is_removed_from_inside() -> None:
    old: Item = {"profile": {"M": {"city": {"S": "Oslo"}, "bio": LONG}}}
    new: Item = {"profile": {"M": {"bio": LONG}}}

    assert _actions(old, new) == (RemoveAction(Path(("profile", "city"))),)


def test_a_small_map_is_written_whole() -> None:
    new: Any = {"m": {"M": {"x": {"N": "2"}, "y": {"N": "3"}}}}

    assert _actions({"m": {"M": {"x": {"N": "1"}, "y": {"N": "1"}}}}, new) == (
        SetAction(Path(("m",)), Value(new["m"])),
    )


def test_an_element_of_a_list_is_set_at_its_position() -> None:
    old: Item = {"plays": {"L": [{"M": {"points": {"N": "1"}, "note": LONG}}, LONG]}}
    new: Item = {"plays": {"L": [{"M": {"points": {"N": "9"}, "note": LONG}}, LONG]}}

    assert _actions(old, new) == (SetAction(Path(("plays", 0, "points")), Value({"N": "9"})),)


def test_a_list_that_grew_at_its_end_is_appended_to() -> None:
    path = Path(("plays",))

    actions = _actions({"plays": {"L": [LONG]}}, {"plays": {"L": [LONG, {"N": "2"}, {"N": "3"}]}})

    assert actions == (SetAction(path, ListAppend(path, Value({"L": [{"N": "2"}, {"N": "3"}]}))),)


def test_a_list_that_shrank_is_written_whole() -> None:
    new: Any = {"plays": {"L": [{"N": "2"}, LONG]}}

    assert _actions({"plays": {"L": [{"N": "1"}, {"N": "2"}, LONG]}}, new) == (
        SetAction(Path(("plays",)), Value(new["plays"])),
    )


def test_a_set_that_grew_is_added_to() -> None:
    old: Item = {"tags": {"SS": ["a member of some length", "another one of some length"]}}
    new: Item = {"tags": {"SS": ["a member of some length", "another one of some length", "vip"]}}

    assert _actions(old, new) == (AddAction(Path(("tags",)), Value({"SS": ["vip"]})),)


def test_a_set_that_shrank_is_deleted_from() -> None:
    old: Item = {"tags": {"NS": ["123456789012345", "987654321098765", "7"]}}
    new: Item = {"tags": {"NS": ["123456789012345", "987654321098765"]}}

    assert _actions(old, new) == (DeleteAction(Path(("tags",)), Value({"NS": ["7"]})),)


def test_a_set_that_lost_and_gained_members_is_set() -> None:
    new: Item = {"tags": {"SS": ["b", "c"]}}

    assert _actions({"tags": {"SS": ["a", "b"]}}, new) == (SetAction(Path(("tags",)), Value(new["tags"])),)


def test_a_set_inside_a_map_is_set() -> None:
    old: Item = {"m": {"M": {"tags": {"SS": ["a member of some length"]}, "bio": LONG}}}
    new: Item = {"m": {"M": {"tags": {"SS": ["a member of some length", "b"]}, "bio": LONG}}}

    assert _actions(old, new) == (SetAction(Path(("m", "tags")), Value({"SS": ["a member of some length", "b"]})),)


def test_what_lies_deeper_than_a_path_can_reach_is_written_from_above() -> None:
    def nested(number: str) -> Item:
        value: Any = {"M": {"n": {"N": number}, "text": LONG}}
        for _ in range(40):
            value = {"M": {"m": value, "text": LONG}}
        return {"a": value}

    (action,) = _actions(nested("1"), nested("2"))

    assert len(action.path.steps) == 32


def test_the_whole_attribute_form_has_one_action_for_each_attribute() -> None:
    old: Item = {"m": {"M": {"x": {"N": "1"}, "bio": LONG}}, "gone": {"N": "1"}}
    new: Any = {"m": {"M": {"x": {"N": "2"}, "bio": LONG}}}

    assert whole_attribute_update(old, new).actions == (
        SetAction(Path(("m",)), Value(new["m"])),
        RemoveAction(Path(("gone",))),
    )
