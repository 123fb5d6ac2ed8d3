"""The size of an update's statement, which most regions hold against an item's limit."""

from __future__ import annotations

from typing import Any

import pytest

from ddbmodel.engine.items.statement_size import statement_size_bytes
from ddbmodel.expressions.parse import parse_update
from ddbmodel.expressions.resolve import Resolver

VALUES: dict[str, Any] = {
    ":one": {"N": "1"},
    ":ten": {"S": "y" * 10},
    ":list": {"L": [{"S": "y" * 10}]},
    ":map": {"M": {"a": {"S": "y" * 100}}},
    ":set": {"SS": ["old", "fresh"]},
}
ITEM: dict[str, Any] = {"n": {"N": "1"}, "s": {"SS": ["old"]}, "m": {"M": {"z": {"S": "v"}}}}


@pytest.mark.parametrize(
    ("text", "size_bytes"),
    [
        ("SET b = :ten", 3 + 19 + 1 + 10),
        ("SET b = :ten, cc = :one", 3 + 19 + 1 + 10 + 19 + 2 + 2),
        ("SET m.z = :ten", 3 + 19 + 1 + 4 + 1 + 10),
        ("SET l[10] = :ten", 3 + 19 + 1 + 4 + 2 + 10),
        ("SET c = abcdefghij", 3 + 19 + 1 + 1 + 14 + 10),
        ("SET c = m.a.z", 3 + 19 + 1 + 1 + 3 * (14 + 1)),
        ("SET c = l[10]", 3 + 19 + 1 + 1 + 14 + 1 + 14 + 2),
        ("SET n = n + :one", 3 + 19 + 1 + 34 + 15 + 1 + 2),
        ("SET n = n - :one", 3 + 19 + 1 + 37 + 15 + 1 + 2),
        ("SET c = if_not_exists(c, :ten)", 3 + 19 + 1 + 39 + 15 + 1 + 10),
        ("SET c = if_not_exists(c, :map)", 3 + 19 + 1 + 39 + 15 + 1 + 105),
        ("SET c = list_append(c, :list)", 3 + 19 + 1 + 37 + 15 + 1 + 14),
        ("ADD abcdefghij :one", 3 + 19 + 10 + 2),
        ("ADD s :set", 3 + 19 + 1 + 5),
        ("ADD fresh :set", 3 + 19 + 5 + 8),
        ("REMOVE abcdefghij", 3 + 1 + 10),
        ("REMOVE m.yyyyyyyyyy", 3 + 1 + 1 + 4 + 10),
        ("DELETE s :set", 3 + 1 + 1),
    ],
)
def test_every_clause_weighs_what_it_says(text: str, size_bytes: int) -> None:
    update = Resolver(None, VALUES).update(parse_update(text))

    assert statement_size_bytes(update, ITEM) == size_bytes


def big(size_bytes: int) -> dict[str, Any]:
    return {"S": "x" * size_bytes}


def test_by_default_an_update_weighs_the_finished_item(desk: Any) -> None:
    # The key takes three bytes and the attribute's name one.
    desk.ask(
        "UpdateItem",
        TableName="plain",
        Key={"id": {"S": "K"}},
        UpdateExpression="SET b = :v",
        ExpressionAttributeValues={":v": big(409_600 - 4)},
    )


def test_by_option_it_weighs_the_statement_too_and_before_the_condition(desk_with: Any) -> None:
    desk = desk_with(update_size="statement")

    def update(value: Any, **more: Any) -> dict[str, Any]:
        return {
            "TableName": "plain",
            "Key": {"id": {"S": "K"}},
            "UpdateExpression": "SET b = :v",
            "ExpressionAttributeValues": {":v": value},
            **more,
        }

    fitting = 409_600 - 3 - 19 - 1
    desk.ask("UpdateItem", **update(big(fitting)))
    refused = desk.refused("UpdateItem", **update(big(fitting + 1), ConditionExpression="attribute_exists(nothing)"))
    in_transaction = desk.ask("TransactWriteItems", TransactItems=[{"Update": update(big(fitting + 1))}])

    assert refused.message == "Item size to update has exceeded the maximum allowed size"
    assert in_transaction == {}


def test_attribute_updates_weigh_the_finished_item_alone(desk_with: Any) -> None:
    desk = desk_with(update_size="statement")

    desk.ask(
        "UpdateItem",
        TableName="plain",
        Key={"id": {"S": "K"}},
        AttributeUpdates={"b": {"Value": big(409_600 - 4)}},
    )


def test_the_finished_item_counts_beside_the_statement(desk_with: Any) -> None:
    desk = desk_with(update_size="statement")
    desk.ask("PutItem", TableName="plain", Item={"id": {"S": "K"}, "b": big(409_600 - 4)})

    refused = desk.refused(
        "UpdateItem",
        TableName="plain",
        Key={"id": {"S": "K"}},
        UpdateExpression="SET c = :v",
        ExpressionAttributeValues={":v": {"S": ""}},
    )

    assert refused.message == "Item size to update has exceeded the maximum allowed size"
