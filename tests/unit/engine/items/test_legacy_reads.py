"""``AttributesToGet``, ``KeyConditions`` and ``QueryFilter``, and parameters of both kinds in one request."""

from __future__ import annotations

from typing import Any

import pytest

MIXED = (
    "Can not use both expression and non-expression parameters in the same request: "
    "Non-expression parameters: {%s} Expression parameters: {%s}"
)


def condition(operator: str, *values: Any) -> dict[str, Any]:
    return {"ComparisonOperator": operator, "AttributeValueList": list(values)}


OF_A = {"p": condition("EQ", {"S": "a"})}


def numbers(page: dict[str, Any]) -> list[int]:
    return [int(item["s"]["N"]) for item in page["Items"]]


def test_named_attributes_are_read_and_a_name_is_no_path(desk: Any, key: Any) -> None:
    desk.put("a", 1, x={"S": "v"}, m={"M": {"y": {"S": "w"}}})
    names = ["x", "m.y", "absent"]

    got = desk.ask("GetItem", TableName="things", Key=key("a", 1), AttributesToGet=names)
    batch = desk.ask("BatchGetItem", RequestItems={"things": {"Keys": [key("a", 1)], "AttributesToGet": names}})
    query = desk.ask("Query", TableName="things", KeyConditions=OF_A, AttributesToGet=names)
    scan = desk.ask("Scan", TableName="things", AttributesToGet=names)

    assert got == {"Item": {"x": {"S": "v"}}}
    assert batch["Responses"] == {"things": [{"x": {"S": "v"}}]}
    assert query["Items"] == scan["Items"] == [{"x": {"S": "v"}}]


def test_an_attribute_is_named_once(desk: Any, key: Any) -> None:
    twice = {"AttributesToGet": ["x", "y", "y", "x"]}

    messages = {
        desk.refused("GetItem", TableName="things", Key=key("a", 1), **twice).message,
        desk.refused("BatchGetItem", RequestItems={"things": {"Keys": [key("a", 1)], **twice}}).message,
        desk.refused("Query", TableName="things", KeyConditions=OF_A, **twice).message,
        desk.refused("Scan", TableName="things", **twice).message,
    }

    assert messages == {"One or more parameter values were invalid: Duplicate value in attribute name: y"}


@pytest.mark.parametrize(
    ("of_sort_key", "found"),
    [
        (condition("EQ", {"N": "2"}), [2]),
        (condition("LT", {"N": "2"}), [1]),
        (condition("LE", {"N": "2"}), [1, 2]),
        (condition("GT", {"N": "2"}), [3]),
        (condition("GE", {"N": "2"}), [2, 3]),
        (condition("BETWEEN", {"N": "2"}, {"N": "3"}), [2, 3]),
    ],
)
def test_key_conditions_read_a_range(desk: Any, of_sort_key: dict[str, Any], found: list[int]) -> None:
    for s in (1, 2, 3):
        desk.put("a", s)
    desk.put("b", 2)

    assert numbers(desk.ask("Query", TableName="things", KeyConditions={**OF_A, "s": of_sort_key})) == found


def test_a_prefix_is_a_key_condition_too(desk: Any) -> None:
    desk.put("a", 1, label={"S": "ab"})
    desk.put("a", 2, label={"S": "b"})

    page = desk.ask(
        "Query",
        TableName="things",
        IndexName="by_label",
        KeyConditions={**OF_A, "label": condition("BEGINS_WITH", {"S": "a"})},
    )

    assert numbers(page) == [1]


@pytest.mark.parametrize(
    ("conditions", "text"),
    [
        ({}, "Conditions can be of length 1 or 2 only"),
        (
            {**OF_A, "s": condition("EQ", {"N": "1"}), "x": condition("EQ", {"N": "1"})},
            "Conditions can be of length 1 or 2 only",
        ),
        ({"s": condition("EQ", {"N": "1"})}, "Query condition missed key schema element: p"),
        ({**OF_A, "x": condition("EQ", {"N": "1"})}, "Query condition missed key schema element: s"),
        ({"p": condition("LT", {"S": "a"})}, "Query key condition not supported"),
        (
            {"p": condition("LT", {"S": "a"}), "s": condition("LT", {"N": "1"})},
            "Query key condition not supported",
        ),
        *(
            (
                {**OF_A, "s": condition(operator, *values)},
                "Attempted conditional constraint is not an indexable operation",
            )
            for operator, values in [
                ("NE", [{"N": "1"}]),
                ("IN", [{"N": "1"}]),
                ("CONTAINS", [{"N": "1"}]),
                ("NOT_CONTAINS", [{"N": "1"}]),
                ("NULL", []),
                ("NOT_NULL", []),
            ]
        ),
        (
            {**OF_A, "s": condition("EQ", {"S": "1"})},
            "One or more parameter values were invalid: Condition parameter type does not match schema type",
        ),
        (
            {"p": condition("EQ", {"S": ""})},
            "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an "
            "empty string value. Key: p",
        ),
    ],
)
def test_key_conditions_that_no_range_answers_are_refused(desk: Any, conditions: dict[str, Any], text: str) -> None:
    assert desk.refused("Query", TableName="things", KeyConditions=conditions).message == text


def test_a_query_has_a_key_condition_of_one_kind(desk: Any) -> None:
    none = desk.refused("Query", TableName="things")

    assert none.message == (
        "Either the KeyConditions or KeyConditionExpression parameter must be specified in the request."
    )


def test_a_query_filter_is_not_on_keys_and_not_on_what_an_index_lacks(desk: Any) -> None:
    of_key = desk.refused(
        "Query", TableName="things", KeyConditions=OF_A, QueryFilter={"s": condition("EQ", {"N": "1"})}
    )
    not_carried = desk.refused(
        "Query",
        TableName="things",
        IndexName="by_group",
        KeyConditions={"group": condition("EQ", {"S": "g"})},
        QueryFilter={"x": condition("EQ", {"N": "1"})},
    )

    assert of_key.message == "QueryFilter can only contain non-primary key attributes: Primary key attribute: s"
    assert not_carried.message == (
        "One or more parameter values were invalid: Secondary index by_group does not project one or more filter "
        "attributes: [x]"
    )


def test_a_filter_on_a_key_is_a_scans_own(desk: Any) -> None:
    for s in (1, 2):
        desk.put("a", s)

    assert numbers(desk.ask("Scan", TableName="things", ScanFilter={"s": condition("EQ", {"N": "2"})})) == [2]


def test_key_conditions_go_with_a_filter_and_a_projection_of_either_kind(desk: Any) -> None:
    for s in (1, 2):
        desk.put("a", s, x={"N": str(s)})
    values = {":x": {"N": "2"}}

    new = desk.ask(
        "Query",
        TableName="things",
        KeyConditions=OF_A,
        FilterExpression="x = :x",
        ExpressionAttributeValues=values,
        ProjectionExpression="s",
    )
    old = desk.ask(
        "Query",
        TableName="things",
        KeyConditions=OF_A,
        QueryFilter={"x": condition("EQ", values[":x"])},
        AttributesToGet=["s"],
    )

    assert new == old == {"Items": [{"s": {"N": "2"}}], "Count": 1, "ScannedCount": 2}


@pytest.mark.parametrize(
    ("operation", "request_", "legacy", "expressions"),
    [
        (
            "GetItem",
            {"Key": {"p": {"S": "a"}, "s": {"N": "1"}}, "AttributesToGet": ["x"], "ProjectionExpression": "x"},
            "AttributesToGet",
            "ProjectionExpression",
        ),
        (
            "PutItem",
            {
                "Item": {"p": {"S": "a"}, "s": {"N": "1"}},
                "Expected": {"x": {"Exists": False}},
                "ConditionalOperator": "AND",
                "ConditionExpression": "attribute_exists(x)",
            },
            "Expected, ConditionalOperator",
            "ConditionExpression",
        ),
        (
            "UpdateItem",
            {
                "Key": {"p": {"S": "a"}, "s": {"N": "1"}},
                "ConditionExpression": "attribute_exists(x)",
                "UpdateExpression": "REMOVE x",
                "ConditionalOperator": "AND",
                "Expected": {"x": {"Exists": False}},
                "AttributeUpdates": {"x": {"Action": "DELETE"}},
            },
            "AttributeUpdates, Expected, ConditionalOperator",
            "UpdateExpression, ConditionExpression",
        ),
        (
            "Query",
            {
                "KeyConditions": OF_A,
                "KeyConditionExpression": "p = :p",
                "FilterExpression": "x = :p",
                "ProjectionExpression": "x",
                "ExpressionAttributeValues": {":p": {"S": "a"}},
                "AttributesToGet": ["x"],
                "QueryFilter": {"x": condition("NULL")},
                "ConditionalOperator": "OR",
            },
            "AttributesToGet, QueryFilter, ConditionalOperator, KeyConditions",
            "ProjectionExpression, FilterExpression, KeyConditionExpression",
        ),
        (
            "Query",
            {"KeyConditions": OF_A, "QueryFilter": {"x": condition("NULL")}, "ProjectionExpression": "x"},
            "QueryFilter",
            "ProjectionExpression",
        ),
        (
            "Scan",
            {"FilterExpression": "x = p", "ScanFilter": {"x": condition("NULL")}, "AttributesToGet": ["x"]},
            "AttributesToGet, ScanFilter",
            "FilterExpression",
        ),
    ],
)
def test_parameters_of_both_kinds_are_not_mixed(
    desk: Any, operation: str, request_: dict[str, Any], legacy: str, expressions: str
) -> None:
    message = desk.refused(operation, TableName="things", **request_).message

    assert message.removeprefix("1 validation error detected: ") == MIXED % (legacy, expressions)
    assert message.startswith("1 validation") is (operation in ("PutItem", "UpdateItem"))


def test_parts_of_a_batch_are_not_mixed_either(desk: Any, key: Any) -> None:
    asked = {"Keys": [key("a", 1)], "AttributesToGet": ["x"], "ProjectionExpression": "x"}

    error = desk.refused("BatchGetItem", RequestItems={"things": asked})

    assert error.message == MIXED % ("AttributesToGet", "ProjectionExpression")
