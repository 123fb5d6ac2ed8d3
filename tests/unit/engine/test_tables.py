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
    assert described == created["TableDescription"]
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
        "BillingModeSummary": {
            "BillingMode": "PAY_PER_REQUEST",
            "LastUpdateToPayPerRequestDateTime": 1_700_000_000.5,
        },
    }


async def test_indexes_and_their_keys_of_several_attributes_are_described(engine: Engine) -> None:
    wide = _index("wide", "A", "B", "c", "d", ProjectionType="INCLUDE", NonKeyAttributes=["x"])
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
    assert described["AttributeDefinitions"] == _definitions(pk="S", sk="N", a="S", b="S", c="N", d="B")


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


CREATE_REFUSALS: list[tuple[dict[str, Any], str]] = [
    ({"TableName": None}, "The parameter 'TableName' is required but was not present in the request"),
    ({"TableName": "ab"}, "Value 'ab' at 'tableName' failed to satisfy constraint: Member must have length greater"),
    ({"TableName": "a b c"}, "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+"),
    ({"KeySchema": None}, "Value null at 'keySchema'"),
    ({"KeySchema": []}, "Member must have length greater than or equal to 1"),
    ({"KeySchema": _keys("PK", "sk", "a")}, "KeySchemaElement(attributeName=a, keyType=RANGE)]' at 'keySchema'"),
    ({"KeySchema": _keys("pk")}, "The first KeySchemaElement is not a HASH key type"),
    ({"KeySchema": _keys("PK", "SK")}, "The second KeySchemaElement is not a RANGE key type"),
    ({"KeySchema": _keys("PK", "pk")}, "Both the Hash Key and the Range Key element in the KeySchema have the same"),
    ({"KeySchema": _keys("PK", "no")}, "Keys: [pk, no], AttributeDefinitions: [pk, sk]"),
    ({"AttributeDefinitions": None}, "Value null at 'attributeDefinitions'"),
    ({"AttributeDefinitions": _definitions(pk="X", sk="N")}, "Member must satisfy enum value set: [B, N, S]"),
    (
        {"AttributeDefinitions": _definitions(pk="S", sk="N", left="S")},
        "Number of attributes in KeySchema does not exactly match number of attributes defined",
    ),
    ({"BillingMode": "FREE"}, "Member must satisfy enum value set: [PROVISIONED, PAY_PER_REQUEST]"),
    ({"BillingMode": None}, "No provisioned throughput specified for the table"),
    (
        {"ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}},
        "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST",
    ),
    ({"GlobalSecondaryIndexes": [_index("by-sk", "SK"), _index("by-sk", "SK")]}, "Duplicate index name: by-sk"),
    ({"GlobalSecondaryIndexes": [_index("by-sk", "SK", ProjectionType="MOST")]}, "Unknown ProjectionType: MOST"),
    ({"GlobalSecondaryIndexes": [_index("by-sk", "SK", ProjectionType="INCLUDE")]}, "NonKeyAttributes is not spec"),
    ({"GlobalSecondaryIndexes": [_index("by-sk", "SK", "pk", "PK")]}, "Invalid KeySchema"),
    ({"LocalSecondaryIndexes": [_index("local", "SK", "pk")]}, "index hash key: sk, table hash key: pk"),
    (
        {
            "KeySchema": _keys("PK"),
            "AttributeDefinitions": _definitions(pk="S", a="S"),
            "LocalSecondaryIndexes": [_index("local", "PK", "a")],
        },
        "Table KeySchema does not have a range key",
    ),
    ({"StreamSpecification": {"StreamEnabled": True}}, "StreamViewType must be specified"),
    ({"StreamSpecification": {"StreamEnabled": True, "StreamViewType": "ALL"}}, "streamViewType"),
]


@pytest.mark.parametrize(("changes", "says"), CREATE_REFUSALS, ids=[says[:40] for _, says in CREATE_REFUSALS])
async def test_a_table_that_cannot_be_is_refused(engine: Engine, changes: dict[str, Any], says: str) -> None:
    with pytest.raises(ServiceError) as refusal:
        await engine.execute("CreateTable", _request(**changes))

    assert refusal.value.code == "ValidationException"
    assert says in refusal.value.message
    assert await engine.execute("ListTables", {}) == {"TableNames": []}


async def test_a_name_is_given_once(engine: Engine) -> None:
    await engine.execute("CreateTable", _request())

    with pytest.raises(ServiceError, match="ResourceInUseException: Table already exists: films"):
        await engine.execute("CreateTable", _request())


async def test_a_table_is_found_by_its_arn(engine: Engine) -> None:
    await engine.execute("CreateTable", _request())

    assert (await _described(engine, "arn:aws:dynamodb:eu-west-2:000000000000:table/films"))["TableName"] == "films"


async def test_an_unknown_table_is_named(engine: Engine) -> None:
    for operation in ("DescribeTable", "DeleteTable", "UpdateTable", "DescribeTimeToLive"):
        with pytest.raises(ResourceNotFound, match="Requested resource not found: Table: films not found"):
            await engine.execute(operation, {"TableName": "films"})


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
    described = await _described(engine)
    assert described["ItemCount"] == 0
    assert described["TableId"] != identity


async def test_a_protected_table_is_not_deleted(engine: Engine) -> None:
    await engine.execute("CreateTable", _request(DeletionProtectionEnabled=True))

    with pytest.raises(ServiceError, match="currently protected against deletion"):
        await engine.execute("DeleteTable", {"TableName": "films"})

    await engine.execute("UpdateTable", {"TableName": "films", "DeletionProtectionEnabled": False})
    await engine.execute("DeleteTable", {"TableName": "films"})


def _new_index(**definition: Any) -> dict[str, Any]:
    return {
        "TableName": "films",
        "AttributeDefinitions": _definitions(a="S"),
        "GlobalSecondaryIndexUpdates": [{"Create": _index("by-a", "A") | definition}],
    }


async def test_a_new_index_is_filled_from_the_items(engine: Engine) -> None:
    await engine.execute("CreateTable", _request())
    await _put(engine, a="x")

    answer = await engine.execute("UpdateTable", _new_index())

    assert answer["TableDescription"]["GlobalSecondaryIndexes"][0]["IndexStatus"] == "CREATING"
    described = await _described(engine)
    assert described["GlobalSecondaryIndexes"][0]["ItemCount"] == 1
    assert described["AttributeDefinitions"] == _definitions(pk="S", sk="N", a="S")


async def test_a_deleted_index_takes_its_attribute_definition_along(engine: Engine) -> None:
    await engine.execute("CreateTable", _request())
    await engine.execute("UpdateTable", _new_index())

    delete = [{"Delete": {"IndexName": "by-a"}}]
    await engine.execute("UpdateTable", {"TableName": "films", "GlobalSecondaryIndexUpdates": delete})

    described = await _described(engine)
    assert "GlobalSecondaryIndexes" not in described
    assert described["AttributeDefinitions"] == _definitions(pk="S", sk="N")


@pytest.mark.parametrize(
    ("changes", "code", "says"),
    [
        ({"GlobalSecondaryIndexUpdates": None}, "ValidationException", "At least one of ProvisionedThroughput"),
        (
            {"AttributeDefinitions": _definitions(pk="N", a="S")},
            "ValidationException",
            "Attributes cannot be redefined",
        ),
        ({"AttributeDefinitions": _definitions(b="S")}, "ValidationException", "Keys: [a], AttributeDefinitions: [b]"),
        ({"AttributeDefinitions": _definitions(a="S", b="S")}, "ValidationException", "Number of attributes"),
        (
            {"GlobalSecondaryIndexUpdates": [{"Delete": {"IndexName": "none"}}]},
            "ResourceNotFoundException",
            "Index: none",
        ),
        (
            {"GlobalSecondaryIndexUpdates": [{"Create": _index("one", "A")}, {"Create": _index("two", "A")}]},
            "LimitExceededException",
            "Only 1 online index",
        ),
        ({"StreamSpecification": {"StreamEnabled": False}}, "ValidationException", "no stream to disable"),
    ],
)
async def test_a_change_that_cannot_be_is_refused(
    engine: Engine, changes: dict[str, Any], code: str, says: str
) -> None:
    await engine.execute("CreateTable", _request())
    before = await _described(engine)
    request = {name: value for name, value in (_new_index() | changes).items() if value is not None}

    with pytest.raises(ServiceError) as refusal:
        await engine.execute("UpdateTable", request)

    assert refusal.value.code == code
    assert says in refusal.value.message
    assert await _described(engine) == before


async def test_billing_can_be_changed_both_ways(engine: Engine) -> None:
    await engine.execute("CreateTable", _request())
    units = {"ReadCapacityUnits": 5, "WriteCapacityUnits": 6}

    change = {"TableName": "films", "BillingMode": "PROVISIONED", "ProvisionedThroughput": units}
    await engine.execute("UpdateTable", change)
    provisioned = await _described(engine)
    await engine.execute("UpdateTable", {"TableName": "films", "BillingMode": "PAY_PER_REQUEST"})

    assert "BillingModeSummary" not in provisioned
    assert provisioned["ProvisionedThroughput"] == {"NumberOfDecreasesToday": 0} | units
    assert (await _described(engine))["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"


async def test_time_to_live_is_kept_and_described(engine: Engine) -> None:
    await engine.execute("CreateTable", _request())
    assert (await engine.execute("DescribeTimeToLive", {"TableName": "films"})) == {
        "TimeToLiveDescription": {"TimeToLiveStatus": "DISABLED"}
    }
    enable = {"TableName": "films", "TimeToLiveSpecification": {"AttributeName": "until", "Enabled": True}}

    await engine.execute("UpdateTimeToLive", enable)

    assert (await engine.execute("DescribeTimeToLive", {"TableName": "films"})) == {
        "TimeToLiveDescription": {"TimeToLiveStatus": "ENABLED", "AttributeName": "until"}
    }
    with pytest.raises(ServiceError, match="TimeToLive is already enabled"):
        await engine.execute("UpdateTimeToLive", enable)


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
