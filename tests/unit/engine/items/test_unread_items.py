"""Items that are answered as they are kept may be left as JSON, for whoever only passes the response on."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from ddbmodel.engine import Engine

TABLE: dict[str, Any] = {
    "TableName": "things",
    "KeySchema": [{"AttributeName": "p", "KeyType": "HASH"}, {"AttributeName": "s", "KeyType": "RANGE"}],
    "AttributeDefinitions": [
        {"AttributeName": "p", "AttributeType": "S"},
        {"AttributeName": "s", "AttributeType": "N"},
        {"AttributeName": "note", "AttributeType": "S"},
    ],
    "LocalSecondaryIndexes": [
        {
            "IndexName": "by_note",
            "KeySchema": [{"AttributeName": "p", "KeyType": "HASH"}, {"AttributeName": "note", "KeyType": "RANGE"}],
            "Projection": {"ProjectionType": "KEYS_ONLY"},
        }
    ],
    "BillingMode": "PAY_PER_REQUEST",
}
OF_P: dict[str, Any] = {"KeyConditionExpression": "p = :p", "ExpressionAttributeValues": {":p": {"S": "é"}}}
FILTERED: dict[str, Any] = {
    "KeyConditionExpression": "p = :p",
    "FilterExpression": "n < :n",
    "ExpressionAttributeValues": {":p": {"S": "é"}, ":n": {"N": "3"}},
}


@pytest.mark.parametrize(
    ("operation", "members"),
    [
        ("GetItem", {"Key": {"p": {"S": "é"}, "s": {"N": "1"}}}),
        ("GetItem", {"Key": {"p": {"S": "é"}, "s": {"N": "1"}}, "ProjectionExpression": "n"}),
        ("GetItem", {"Key": {"p": {"S": "none"}, "s": {"N": "1"}}}),
        ("Query", OF_P),
        ("Query", OF_P | {"Limit": 2, "ScanIndexForward": False, "ReturnConsumedCapacity": "INDEXES"}),
        ("Query", OF_P | {"Select": "COUNT"}),
        ("Query", OF_P | {"IndexName": "by_note"}),
        ("Query", OF_P | {"IndexName": "by_note", "Select": "ALL_ATTRIBUTES"}),
        ("Query", OF_P | {"ProjectionExpression": "s"}),
        ("Query", FILTERED),
        ("Scan", {"Limit": 3}),
    ],
)
async def test_unread_items_are_the_items(operation: str, members: dict[str, Any]) -> None:
    engine = Engine.open()
    await engine.execute("CreateTable", TABLE)
    for number in range(5):
        item = {"p": {"S": "é"}, "s": {"N": str(number)}, "n": {"N": str(number)}, "note": {"S": f"n{number}"}}
        await engine.execute("PutItem", {"TableName": "things", "Item": item})
    request = {"TableName": "things", **members}

    read = await engine.execute(operation, request)
    unread = await engine.execute(operation, request, leaves_items_unread=True)

    assert orjson.loads(orjson.dumps(unread)) == read
    await engine.close()


async def test_items_shown_as_they_are_kept_are_not_read() -> None:
    engine = Engine.open()
    await engine.execute("CreateTable", TABLE)
    await engine.execute("PutItem", {"TableName": "things", "Item": {"p": {"S": "é"}, "s": {"N": "1"}}})

    answer = await engine.execute("Query", {"TableName": "things", **OF_P}, leaves_items_unread=True)

    assert [type(item) for item in answer["Items"]] == [orjson.Fragment]
    await engine.close()
