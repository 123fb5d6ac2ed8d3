"""Creating, describing, changing and deleting tables through the engine."""

from __future__ import annotations

import copy
from collections.abc import AsyncIterator
from typing import Any

import pytest

from ddbmodel.engine import Engine, ManualClock
from ddbmodel.errors import ResourceNotFound, ServiceError


@pytest.fixture
async def engine() -> AsyncIterator[Engine]:
    engine = Engine.open(clock=ManualClock(1_700_000_000.5), region="eu-west-2")
    yield engine
    assert engine.verify() == []
    await engine.close()


def _keys(*names: str) -> list[dict[str, str]]:
    return [{"AttributeName": name.lower(), "KeyType": "HASH" if name.isupper() else "RANGE"} for name in names]


def _definitions(**types: str) -> list[dict[str, str]]:
    return [{"AttributeName": name, "AttributeType": type_} for name, type_ in types.items()]


def _index(name: str, *keys: str, **projection: Any) -> dict[str, Any]:
    return {
        "IndexName": name,
        "KeySchema": _keys(*keys),
        "Projection": {"ProjectionType": "ALL"} | projection,
    }


def _request(**changes: Any) -> dict[str, Any]:
    request = {
        "TableName": "films",
        "KeySchema": _keys("PK", "sk"),
        "AttributeDefinitions": _definitions(pk="S", sk="N"),
        "BillingMode": "PAY_PER_REQUEST",
    }
    return {name: value for name, value in (request | changes).items() if value is not None}


async def _put(engine: Engine, **attributes: str) -> None:
    item = {"pk": {"S": "p"}, "sk": {"N": "1"}} | {name: {"S": value} for name, value in attributes.items()}
    await engine.execute("PutItem", {"TableName": "films", "Item": item})


async def _described(engine: Engine, name: str = "films") -> dict[str, Any]:
    table: dict[str, Any] = (await engine.execute("DescribeTable", {"TableName": name}))["Table"]
    return table


async def test_a_table_is_described_as_it_was_created(engine: Engine) -> None:
    created = await engine.execute("CreateTable", _request())

    described = await _described(engine)
    answered = created["TableDescription"]
    assert answered.pop("TableStatus") == "CREATING"
    assert answered.pop("BillingModeSummary") == {"BillingMode": "PAY_PER_REQUEST"}
    assert answered == {name: described[name] for name in answered}
    assert len(described.pop("TableId")) == 36
    assert described == {
        "AttributeDefinitions": _definitions(pk="S", sk="N"),
        "TableName": "films",
        "KeySchema": _keys("PK", "sk"),
        "TableStatus": "ACTIVE",
        "CreationDateTime": 1_700_000_000.5,
        "ProvisionedThroughput": {"NumberOfDecreasesToday": 0, "ReadCapacityUnits": 0, "WriteCapacityUnits": 0},
        "TableSizeBytes": 0,
        "ItemCount": 0,
        "TableArn": "arn:aws:dynamodb:eu-west-2:000000000000:table/films",
        "DeletionProtectionEnabled": False,
        "WarmThroughput": {"ReadUnitsPerSecond": 12_000, "WriteUnitsPerSecond": 4_000, "Status": "ACTIVE"},
        "BillingModeSummary": {
            "BillingMode": "PAY_PER_REQUEST",
            "LastUpdateToPayPerRequestDateTime": 1_700_000_000.5,
        },
    }


async def test_indexes_and_their_keys_of_several_attributes_are_described(engine: Engine) -> None:
    wide = _index("wide", "A", "B", "c", "d", ProjectionType="INCLUDE", NonKeyAttributes=["x", "y"])
    local = _index("local", "PK", "c", ProjectionType="KEYS_ONLY")
    await engine.execute(
        "CreateTable",
        _request(
            AttributeDefinitions=_definitions(pk="S", sk="N", a="S", b="S", c="N", d="B"),
            GlobalSecondaryIndexes=[wide],
            LocalSecondaryIndexes=[local],
        ),
    )

    described = await _described(engine)
    assert {name: described["GlobalSecondaryIndexes"][0][name] for name in wide} == wide
    assert described["GlobalSecondaryIndexes"][0]["IndexStatus"] == "ACTIVE"
    assert {name: described["LocalSecondaryIndexes"][0][name] for name in local} == local
    assert described["AttributeDefinitions"] == _definitions(a="S", b="S", c="N", d="B", pk="S", sk="N")


async def test_counts_are_of_now(engine: Engine) -> None:
    await engine.execute(
        "CreateTable",
        _request(
            AttributeDefinitions=_definitions(pk="S", sk="N", a="S"), GlobalSecondaryIndexes=[_index("by-a", "A")]
        ),
    )
    await _put(engine, b="x")

    described = await _described(engine)
    assert (described["ItemCount"], described["TableSizeBytes"]) == (1, 3 + 4 + 2)
    assert described["GlobalSecondaryIndexes"][0]["ItemCount"] == 0


async def test_an_answer_is_the_callers_own(engine: Engine) -> None:
    request = _request(SSESpecification={"Enabled": True})
    before = copy.deepcopy(request)
    await engine.execute("CreateTable", request)
    assert request == before
    described = await _described(engine)
    expected = copy.deepcopy(described)

    described["SSEDescription"].clear()
    described["KeySchema"].clear()
    request["SSESpecification"].clear()

    assert await _described(engine) == expected


async def test_a_name_is_given_once(engine: Engine) -> None:
    await engine.execute("CreateTable", _request())

    with pytest.raises(ServiceError, match="ResourceInUseException: Table already exists: films"):
        await engine.execute("CreateTable", _request())


async def test_a_table_is_found_by_its_arn(engine: Engine) -> None:
    await engine.execute("CreateTable", _request())

    assert (await _described(engine, "arn:aws:dynamodb:eu-west-2:000000000000:table/films"))["TableName"] == "films"


async def test_an_unknown_table_is_named(engine: Engine) -> None:
    for operation in ("DescribeTable", "DeleteTable", "UpdateTable", "DescribeTimeToLive"):
        request = {"TableName": "films"} | ({"BillingMode": "PAY_PER_REQUEST"} if operation == "UpdateTable" else {})
        with pytest.raises(ResourceNotFound, match="Requested resource not found: Table: films not found"):
            await engine.execute(operation, request)


async def test_tables_are_listed_in_pages_by_name(engine: Engine) -> None:
    for name in ("ccc", "aaa", "bbb"):
        await engine.execute("CreateTable", _request(TableName=name))

    first = await engine.execute("ListTables", {"Limit": 2})
    second = await engine.execute("ListTables", {"ExclusiveStartTableName": first["LastEvaluatedTableName"]})

    assert first == {"TableNames": ["aaa", "bbb"], "LastEvaluatedTableName": "bbb"}
    assert second == {"TableNames": ["ccc"]}
    with pytest.raises(ServiceError, match="limit"):
        await engine.execute("ListTables", {"Limit": 0})


async def test_a_deleted_table_is_gone_with_its_items(engine: Engine) -> None:
    await engine.execute("CreateTable", _request())
    await _put(engine)
    identity = (await _described(engine))["TableId"]

    deleted = await engine.execute("DeleteTable", {"TableName": "films"})
    await engine.execute("CreateTable", _request())

    assert deleted["TableDescription"]["TableStatus"] == "DELETING"
    assert deleted["TableDescription"]["TableId"] == identity
    # What the table was like is not said any more.
    assert not deleted["TableDescription"].keys() & {"KeySchema", "AttributeDefinitions", "CreationDateTime"}
    described = await _described(engine)
    assert described["ItemCount"] == 0
    assert described["TableId"] != identity


async def test_a_protected_table_is_not_deleted(engine: Engine) -> None:
    await engine.execute("CreateTable", _request(DeletionProtectionEnabled=True))

    with pytest.raises(ServiceError, match="currently protected against deletion"):
        await engine.execute("DeleteTable", {"TableName": "films"})

    await engine.execute("UpdateTable", {"TableName": "films", "DeletionProtectionEnabled": False})
    await engine.execute("DeleteTable", {"TableName": "films"})


async def test_a_new_index_leaves_out_an_item_whose_key_is_too_long_and_lets_it_be_updated(engine: Engine) -> None:
    table = {"TableName": "films", "KeySchema": _keys("ID"), "AttributeDefinitions": _definitions(id="S")}
    await engine.execute("CreateTable", table | {"BillingMode": "PAY_PER_REQUEST"})
    for name, genre in (("long", "x" * 2049), ("fits", "x" * 2048)):
        await engine.execute("PutItem", {"TableName": "films", "Item": {"id": {"S": name}, "genre": {"S": genre}}})
    index = {"IndexName": "by-genre", "KeySchema": _keys("GENRE"), "Projection": {"ProjectionType": "KEYS_ONLY"}}
    await engine.execute(
        "UpdateTable",
        {
            "TableName": "films",
            "AttributeDefinitions": _definitions(genre="S"),
            "GlobalSecondaryIndexUpdates": [{"Create": index}],
        },
    )
    await engine.execute(
        "UpdateItem",
        {
            "TableName": "films",
            "Key": {"id": {"S": "long"}},
            "UpdateExpression": "SET seen = :seen",
            "ExpressionAttributeValues": {":seen": {"BOOL": True}},
        },
    )

    page = await engine.execute("Scan", {"TableName": "films", "IndexName": "by-genre"})

    assert [item["id"]["S"] for item in page["Items"]] == ["fits"]
