"""``AttributeUpdates``: PUT, ADD and DELETE of whole attributes."""

from __future__ import annotations

from typing import Any

import pytest

PARAMETER = "1 validation error detected: One or more parameter values were invalid: "


def update(desk: Any, key: Any, updates: dict[str, Any], **more: Any) -> Any:
    return desk.ask("UpdateItem", TableName="things", Key=key("a", 1), AttributeUpdates=updates, **more)


def refused(desk: Any, key: Any, updates: dict[str, Any], **more: Any) -> str:
    error = desk.refused("UpdateItem", TableName="things", Key=key("a", 1), AttributeUpdates=updates, **more)
    assert error.code == "ValidationException"
    return str(error.message)


@pytest.mark.parametrize(
    ("before", "entry", "after"),
    [
        ({"N": "5"}, {"Value": {"S": "v"}}, {"S": "v"}),
        (None, {"Action": "PUT", "Value": {"N": "1.0"}}, {"N": "1"}),
        ({"N": "5"}, {"Action": "ADD", "Value": {"N": "-7"}}, {"N": "-2"}),
        (None, {"Action": "ADD", "Value": {"N": "3"}}, {"N": "3"}),
        ({"SS": ["a"]}, {"Action": "ADD", "Value": {"SS": ["b", "a"]}}, {"SS": ["a", "b"]}),
        (None, {"Action": "ADD", "Value": {"NS": ["1"]}}, {"NS": ["1"]}),
        ({"L": [{"S": "a"}]}, {"Action": "ADD", "Value": {"L": [{"S": "a"}]}}, {"L": [{"S": "a"}, {"S": "a"}]}),
        (None, {"Action": "ADD", "Value": {"L": [{"S": "a"}]}}, {"L": [{"S": "a"}]}),
        ({"M": {"k": {"S": "a"}}}, {"Action": "DELETE"}, None),
        (None, {"Action": "DELETE"}, None),
        ({"SS": ["a", "b"]}, {"Action": "DELETE", "Value": {"SS": ["a", "c"]}}, {"SS": ["b"]}),
        ({"SS": ["a", "b"]}, {"Action": "DELETE", "Value": {"SS": ["b", "a"]}}, None),
        (None, {"Action": "DELETE", "Value": {"SS": ["a"]}}, None),
    ],
)
def test_an_action_changes_one_attribute(desk: Any, key: Any, before: Any, entry: dict[str, Any], after: Any) -> None:
    desk.put("a", 1, other={"S": "kept"}, **({} if before is None else {"x": before}))

    update(desk, key, {"x": entry})

    item = desk.ask("GetItem", TableName="things", Key=key("a", 1))["Item"]
    assert item == {**key("a", 1), "other": {"S": "kept"}, **({} if after is None else {"x": after})}


@pytest.mark.parametrize(
    ("returned", "attributes"),
    [
        ("UPDATED_OLD", {"x": {"N": "5"}, "gone": {"S": "g"}}),
        ("UPDATED_NEW", {"x": {"N": "1"}, "y": {"S": "v"}}),
    ],
)
def test_what_was_updated_comes_back(desk: Any, key: Any, returned: str, attributes: Any) -> None:
    desk.put("a", 1, x={"N": "5"}, gone={"S": "g"})
    updates = {"x": {"Value": {"N": "1"}}, "y": {"Value": {"S": "v"}}, "gone": {"Action": "DELETE"}}

    assert update(desk, key, updates, ReturnValues=returned) == {"Attributes": attributes}


@pytest.mark.parametrize(
    ("updates", "item"),
    [
        ({}, {}),
        ({"x": {"Action": "ADD", "Value": {"N": "1"}}}, {"x": {"N": "1"}}),
        ({"x": {"Action": "DELETE"}, "y": {"Value": {"S": "v"}}}, {"y": {"S": "v"}}),
        ({"x": {"Action": "DELETE"}}, None),
        ({"x": {"Action": "DELETE", "Value": {"SS": ["a"]}}}, None),
    ],
)
def test_deletes_alone_bring_no_item_into_being(desk: Any, key: Any, updates: dict[str, Any], item: Any) -> None:
    answer = update(desk, key, updates, ReturnValues="ALL_NEW")

    there = desk.ask("GetItem", TableName="things", Key=key("a", 1))
    assert there == ({} if item is None else {"Item": {**key("a", 1), **item}})
    assert answer == ({} if item is None else {"Attributes": {**key("a", 1), **item}})


def test_an_expression_that_only_deletes_brings_no_item_into_being_either(desk: Any, key: Any) -> None:
    desk.ask(
        "UpdateItem",
        TableName="things",
        Key=key("a", 1),
        UpdateExpression="DELETE x :s REMOVE y",
        ExpressionAttributeValues={":s": {"SS": ["a"]}},
    )

    assert desk.ask("GetItem", TableName="things", Key=key("a", 1)) == {}
    assert desk.last.items == ()


@pytest.mark.parametrize(
    ("entry", "text"),
    [
        ({}, "Only DELETE action is allowed when no attribute value is specified"),
        ({"Action": "ADD"}, "Only DELETE action is allowed when no attribute value is specified"),
        ({"Action": "ADD", "Value": {"S": "v"}}, "ADD action is not supported for the type S"),
        ({"Action": "ADD", "Value": {"M": {}}}, "ADD action is not supported for the type M"),
        ({"Action": "DELETE", "Value": {"N": "1"}}, "DELETE action with value is not supported for the type N"),
        ({"Action": "DELETE", "Value": {"L": []}}, "DELETE action with value is not supported for the type L"),
    ],
)
def test_an_action_takes_what_it_can_carry_out(desk: Any, key: Any, entry: dict[str, Any], text: str) -> None:
    assert refused(desk, key, {"x": entry}) == PARAMETER + text


@pytest.mark.parametrize(
    "entry",
    [
        {"Action": "ADD", "Value": {"N": "1"}},
        {"Action": "ADD", "Value": {"SS": ["a"]}},
        {"Action": "ADD", "Value": {"L": []}},
        {"Action": "DELETE", "Value": {"SS": ["a"]}},
    ],
)
def test_an_attribute_of_another_type_is_not_updated(desk: Any, key: Any, entry: dict[str, Any]) -> None:
    desk.put("a", 1, x={"S": "v"})

    assert refused(desk, key, {"x": entry}) == "Type mismatch for attribute to update"


def test_key_attributes_and_index_keys_keep_their_rules(desk: Any, key: Any) -> None:
    of_key = refused(desk, key, {"s": {"Value": {"N": "2"}}})
    of_index = refused(desk, key, {"group": {"Value": {"N": "2"}}})
    empty = refused(desk, key, {"group": {"Value": {"S": ""}}})

    assert of_key.endswith("Cannot update attribute s. This attribute is part of the key")
    assert of_index.endswith("Type mismatch for Index Key group Expected: S Actual: N IndexName: by_group")
    assert empty.endswith("cannot contain an empty string value. IndexName: by_group, IndexKey: group")


def test_the_first_expected_value_is_looked_at_after_the_updates(desk: Any, key: Any) -> None:
    error = refused(desk, key, {"x": {"Action": "ADD"}}, Expected={"x": {}})

    assert error.startswith(PARAMETER + "Only DELETE action")


def test_an_expected_value_guards_an_update(desk: Any, key: Any) -> None:
    desk.put("a", 1, x={"N": "1"})
    one = {"x": {"Value": {"N": "1"}}}

    update(desk, key, {"x": {"Action": "ADD", "Value": {"N": "1"}}}, Expected=one)
    error = desk.refused(
        "UpdateItem",
        TableName="things",
        Key=key("a", 1),
        AttributeUpdates={"x": {"Action": "ADD", "Value": {"N": "1"}}},
        Expected=one,
        ReturnValuesOnConditionCheckFailure="ALL_OLD",
    )

    assert error.code == "ConditionalCheckFailedException"
    assert error.item == {**key("a", 1), "x": {"N": "2"}}
