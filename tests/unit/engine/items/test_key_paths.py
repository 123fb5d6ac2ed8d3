"""Paths into attributes that are keys of a table or an index."""

from __future__ import annotations

from typing import Any

import pytest

TEXT = "Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: "
OF_X = {"ExpressionAttributeValues": {":x": {"S": "x"}}}
KEY = {"p": {"S": "a"}, "s": {"N": "1"}}
OF_A = {"KeyConditionExpression": "p = :x", **OF_X}


@pytest.mark.parametrize(
    ("operation", "request_", "what"),
    [
        ("GetItem", {"Key": KEY, "ProjectionExpression": "x, p.y"}, "Key: p"),
        # Before the key is looked at.
        ("GetItem", {"Key": {"p": {"S": "a"}}, "ProjectionExpression": "points[0]"}, "IndexKey: points"),
        ("PutItem", {"Item": KEY, "ConditionExpression": "points.y = :x", **OF_X}, "IndexKey: points"),
        ("DeleteItem", {"Key": KEY, "ConditionExpression": "NOT size(s.y) = :x", **OF_X}, "Key: s"),
        ("UpdateItem", {"Key": KEY, "UpdateExpression": "SET points.y = :x", **OF_X}, "IndexKey: points"),
        ("UpdateItem", {"Key": KEY, "UpdateExpression": "SET x = if_not_exists(city.y, :x)", **OF_X}, "IndexKey: city"),
        ("UpdateItem", {"Key": KEY, "UpdateExpression": "SET x = y + city.y"}, "IndexKey: city"),
        ("UpdateItem", {"Key": KEY, "UpdateExpression": "SET x = list_append(y, city[1])"}, "IndexKey: city"),
        (
            "UpdateItem",
            {"Key": KEY, "UpdateExpression": "REMOVE x", "ConditionExpression": "s.y = :x", **OF_X},
            "Key: s",
        ),
        ("Query", {**OF_A, "FilterExpression": "p.y = :x"}, "Key: p"),
        ("Query", {**OF_A, "ProjectionExpression": "label.y"}, "IndexKey: label"),
        ("Scan", {"FilterExpression": "p.y = :x", **OF_X}, "Key: p"),
    ],
)
def test_nothing_is_inside_a_key(desk: Any, operation: str, request_: dict[str, Any], what: str) -> None:
    error = desk.refused(operation, TableName="things", **request_)

    assert (error.code, error.message) == ("ValidationException", TEXT + what)


def test_nothing_is_inside_a_key_in_batches_and_transactions_either(desk: Any) -> None:
    get = {"Key": KEY, "ProjectionExpression": "p.y"}
    put = {"TableName": "things", "Item": KEY, "ConditionExpression": "points.y = :x", **OF_X}

    batch = desk.refused("BatchGetItem", RequestItems={"things": {"Keys": [KEY], "ProjectionExpression": "p.y"}})
    reads = desk.refused("TransactGetItems", TransactItems=[{"Get": {"TableName": "things", **get}}])
    writes = desk.refused("TransactWriteItems", TransactItems=[{"Put": put}])

    assert batch.message == reads.message == TEXT + "Key: p"
    assert (writes.code, writes.message) == ("ValidationException", TEXT + "IndexKey: points")


def test_an_update_of_a_key_says_so_first(desk: Any) -> None:
    error = desk.refused("UpdateItem", TableName="things", Key=KEY, UpdateExpression="SET p.y = :x", **OF_X)

    assert error.message.endswith("Cannot update attribute p. This attribute is part of the key")


def test_other_attributes_have_an_inside_even_with_a_dot_in_their_name(desk: Any) -> None:
    desk.put("a", 1, x={"M": {"y": {"S": "x"}}})

    for condition in ("x.y = :x", "#px.y <> :x", "#sx <> :x"):
        names = {name: value for name, value in {"#px": "p.x", "#sx": "s.x"}.items() if name in condition}
        desk.ask(
            "PutItem",
            TableName="things",
            Item={**KEY, "x": {"M": {"y": {"S": "x"}}}},
            ConditionExpression=condition,
            **OF_X,
            **({"ExpressionAttributeNames": names} if names else {}),
        )
