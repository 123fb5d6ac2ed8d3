"""Requests about tables and streams whose members have another JSON type than the operation's."""

from __future__ import annotations

from typing import Any

import pytest

from ddbmodel.engine import Engine
from ddbmodel.errors import ServiceError

TABLE: dict[str, Any] = {
    "TableName": "films",
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
    "BillingMode": "PAY_PER_REQUEST",
}


def _deep() -> Any:
    value: Any = "x"
    for _ in range(5000):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("operation", "members"),
    [
        ("CreateTable", TABLE | {"KeySchema": [{"AttributeName": ["id"], "KeyType": "HASH"}]}),
        ("CreateTable", TABLE | {"KeySchema": [{"AttributeName": "id", "KeyType": _deep()}]}),
        ("CreateTable", TABLE | {"AttributeDefinitions": [{"AttributeName": "\ud800", "AttributeType": "S"}]}),
        ("CreateTable", TABLE | {"GlobalSecondaryIndexes": True}),
        ("CreateTable", TABLE | {"GlobalSecondaryIndexes": ["x"]}),
        ("CreateTable", TABLE | {"StreamSpecification": True}),
        ("CreateTable", TABLE | {"StreamSpecification": {"StreamEnabled": "false"}}),
        ("CreateTable", TABLE | {"SSESpecification": 1}),
        ("CreateTable", TABLE | {"DeletionProtectionEnabled": "no"}),
        ("UpdateTable", {"TableName": "films", "GlobalSecondaryIndexUpdates": "x"}),
        ("UpdateTable", {"TableName": "films", "GlobalSecondaryIndexUpdates": [{"Delete": {"IndexName": {}}}]}),
        ("UpdateTable", {"TableName": "films", "ProvisionedThroughput": {"ReadCapacityUnits": 2**70}}),
        ("UpdateTimeToLive", {"TableName": "films", "TimeToLiveSpecification": True}),
        ("ListTables", {"ExclusiveStartTableName": 1}),
        ("ListTables", {"Limit": _deep()}),
        ("ListStreams", {"TableName": True}),
        ("ListStreams", {"TableName": "films", "Limit": {}}),
        ("GetRecords", {"ShardIterator": "x", "Limit": "1"}),
    ],
)
async def test_a_member_of_another_type_is_a_service_error(operation: str, members: dict[str, Any]) -> None:
    engine = Engine.open()

    with pytest.raises(ServiceError) as caught:
        await engine.execute(operation, members)

    assert caught.value.code == "SerializationException"
    await engine.close()


async def test_a_null_member_is_absent() -> None:
    engine = Engine.open()
    await engine.execute("CreateTable", TABLE | {"GlobalSecondaryIndexes": None, "StreamSpecification": None})

    assert await engine.execute("ListTables", {"Limit": None}) == {"TableNames": ["films"]}
    await engine.close()
