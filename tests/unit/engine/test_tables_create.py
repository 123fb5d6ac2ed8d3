"""What CreateTable refuses, in whose words, and what is said first."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from table_requests import create_request, definitions, described, index, key_schema, refusal, units

from ddbmodel.engine import Engine, ManualClock

INVALID = "One or more parameter values were invalid: "
SEEN = "1 validation error detected: "


@pytest.fixture
async def engine() -> AsyncIterator[Engine]:
    engine = Engine.open(clock=ManualClock(1_700_000_000.5), region="eu-west-2")
    yield engine
    assert engine.verify() == []
    await engine.close()


def _wide_indexes(count: int, attributes: int) -> list[dict[str, Any]]:
    return [
        index(
            f"wide-{number}",
            "SK",
            ProjectionType="INCLUDE",
            NonKeyAttributes=[f"a{number}-{each}" for each in range(attributes)],
        )
        for number in range(count)
    ]


NAMES = [
    ({"TableName": None}, "The parameter 'TableName' is required but was not present in the request"),
    (
        {"TableName": "ab"},
        SEEN + "Value 'ab' at 'tableName' failed to satisfy constraint: Member must have length greater than or "
        "equal to 3",
    ),
    (
        {"TableName": "a b c"},
        SEEN + "Value 'a b c' at 'tableName' failed to satisfy constraint: Member must satisfy regular expression "
        "pattern: [a-zA-Z0-9_.-]+",
    ),
]
KEYS = [
    (
        {"KeySchema": None},
        SEEN + "Value null at 'keySchema' failed to satisfy constraint: Member must not be null",
    ),
    (
        {"KeySchema": []},
        SEEN + "Value '[]' at 'keySchema' failed to satisfy constraint: Member must have length greater than or "
        "equal to 1",
    ),
    (
        {"KeySchema": key_schema("PK", "sk", "a")},
        SEEN + "Value '[KeySchemaElement(attributeName=pk, keyType=HASH), KeySchemaElement(attributeName=sk, "
        "keyType=RANGE), KeySchemaElement(attributeName=a, keyType=RANGE)]' at 'keySchema' failed to satisfy "
        "constraint: Member must have length less than or equal to 2",
    ),
    ({"KeySchema": key_schema("pk")}, "Invalid KeySchema: The first KeySchemaElement is not a HASH key type"),
    ({"KeySchema": key_schema("PK", "SK")}, "Invalid KeySchema: The second KeySchemaElement is not a RANGE key type"),
    (
        {"KeySchema": key_schema("PK", "pk")},
        "Both the Hash Key and the Range Key element in the KeySchema have the same name",
    ),
    ({"KeySchema": key_schema("PK", "no")}, "Invalid KeySchema: Some index key attribute have no definition"),
    ({"AttributeDefinitions": []}, "Invalid KeySchema: Some index key attribute have no definition"),
    (
        {"KeySchema": key_schema("NO")},
        INVALID + "Some index key attributes are not defined in AttributeDefinitions. Keys: [no], "
        "AttributeDefinitions: [sk, pk]",
    ),
    (
        {"AttributeDefinitions": None},
        SEEN + "Value null at 'attributeDefinitions' failed to satisfy constraint: Member must not be null",
    ),
    (
        {"AttributeDefinitions": definitions(pk="X", sk="N")},
        SEEN + "Value 'X' at 'attributeDefinitions.1.member.attributeType' failed to satisfy constraint: Member must "
        "satisfy enum value set: [B, N, S]",
    ),
    (
        {"AttributeDefinitions": definitions(pk="S", sk="N") + definitions(pk="N")},
        "Attribute Name is duplicated: pk",
    ),
    (
        {"AttributeDefinitions": definitions(pk="S", sk="N", left="S")},
        INVALID + "Number of attributes in KeySchema does not exactly match number of attributes defined in "
        "AttributeDefinitions",
    ),
    (
        {
            "AttributeDefinitions": definitions(pk="S", sk="N", a="S", b="S", c="S"),
            "GlobalSecondaryIndexes": [index("one", "A", "sk", ProjectionType="INCLUDE")],
        },
        INVALID + "Some AttributeDefinitions are not used. AttributeDefinitions: [sk, a, b, pk, c], keys used: "
        "[a, sk, pk]",
    ),
]
INDEXES = [
    ({"GlobalSecondaryIndexes": []}, INVALID + "List of GlobalSecondaryIndexes is empty"),
    ({"LocalSecondaryIndexes": []}, INVALID + "List of LocalSecondaryIndexes is empty"),
    (
        {"GlobalSecondaryIndexes": [index("one", "SK"), index("one", "PK")]},
        INVALID + "Duplicate index name: one",
    ),
    (
        {"GlobalSecondaryIndexes": [index("one", "SK")], "LocalSecondaryIndexes": [index("one", "PK", "sk")]},
        INVALID + "Duplicate index name: one",
    ),
    (
        {"GlobalSecondaryIndexes": [index("one", "NO")]},
        INVALID + "Some index key attributes are not defined in AttributeDefinitions. Keys: [no], "
        "AttributeDefinitions: [sk, pk]",
    ),
    (
        {"GlobalSecondaryIndexes": [index("one", "sk")]},
        "Invalid KeySchema: The first KeySchemaElement is not a HASH key type",
    ),
    (
        {"GlobalSecondaryIndexes": [index("one", "SK", "pk", "PK")]},
        "The KeySchema contains multiple key attributes with the same name",
    ),
    (
        {"GlobalSecondaryIndexes": [index("one", "SK", "sk")]},
        "Both the Hash Key and the Range Key element in the KeySchema have the same name",
    ),
    (
        {
            "AttributeDefinitions": definitions(pk="S", sk="N", a="S"),
            "GlobalSecondaryIndexes": [index("one", "PK", "sk", "A")],
        },
        INVALID + "All HASH key attributes must precede RANGE key attributes in the KeySchema",
    ),
    (
        {
            "AttributeDefinitions": definitions(pk="S", sk="N", a="S", b="S", c="S"),
            "GlobalSecondaryIndexes": [index("one", "PK", "SK", "A", "B", "C")],
        },
        INVALID + "The KeySchema exceeds the maximum allowed number of HASH key attributes",
    ),
    (
        {
            "AttributeDefinitions": definitions(pk="S", sk="N", a="S", b="S", c="S", d="S"),
            "GlobalSecondaryIndexes": [index("one", "PK", "sk", "a", "b", "c", "d")],
        },
        INVALID + "The KeySchema exceeds the maximum allowed number of RANGE key attributes",
    ),
    (
        {"GlobalSecondaryIndexes": [index(f"one-{number}", "SK") for number in range(21)]},
        INVALID + "GlobalSecondaryIndex count exceeds the per-table limit of 20",
    ),
    (
        {"LocalSecondaryIndexes": [index(f"one-{number}", "PK", "sk") for number in range(6)]},
        INVALID + "Number of LocalSecondaryIndexes exceeds per-table limit of 5",
    ),
    (
        {
            "KeySchema": key_schema("PK"),
            "AttributeDefinitions": definitions(pk="S", a="S"),
            "LocalSecondaryIndexes": [index("one", "PK", "a")],
        },
        INVALID + "Table KeySchema does not have a range key, which is required when specifying a LocalSecondaryIndex",
    ),
    (
        {"LocalSecondaryIndexes": [index("one", "PK")]},
        INVALID + "Index KeySchema does not have a range key for index: one",
    ),
    (
        {"LocalSecondaryIndexes": [index("one", "SK", "pk")]},
        INVALID + "Index KeySchema does not have the same leading hash key as table KeySchema for index: one. index "
        "hash key: sk, table hash key: pk",
    ),
    (
        {"LocalSecondaryIndexes": [index("one", "PK", "SK")]},
        "Invalid KeySchema: The second KeySchemaElement is not a RANGE key type",
    ),
    (
        {"GlobalSecondaryIndexes": [index("one", "SK") | {"Projection": {}}]},
        INVALID + "Unknown ProjectionType: null",
    ),
    (
        {"GlobalSecondaryIndexes": [index("one", "SK", ProjectionType="INCLUDE")]},
        INVALID + "ProjectionType is INCLUDE, but NonKeyAttributes is not specified",
    ),
    (
        {"GlobalSecondaryIndexes": [index("one", "SK", ProjectionType="KEYS_ONLY", NonKeyAttributes=["a"])]},
        INVALID + "ProjectionType is KEYS_ONLY, but NonKeyAttributes is specified",
    ),
    (
        {"GlobalSecondaryIndexes": [index("one", "SK", NonKeyAttributes=["a"])]},
        INVALID + "ProjectionType is ALL, but NonKeyAttributes is specified",
    ),
    (
        {"GlobalSecondaryIndexes": [index("one", "SK", ProjectionType="INCLUDE", NonKeyAttributes=["a", "b", "a"])]},
        INVALID + "Duplicate element in NonKeyAttributes: a",
    ),
    (
        {"GlobalSecondaryIndexes": _wide_indexes(6, 17)},
        INVALID + "Total number of projected attributes in all indexes exceeds the per-table limit of 100",
    ),
]
CAPACITY = [
    (
        {"BillingMode": "FREE"},
        SEEN + "Value 'FREE' at 'billingMode' failed to satisfy constraint: Member must satisfy enum value set: "
        "[PROVISIONED, PAY_PER_REQUEST]",
    ),
    (
        {"BillingMode": None},
        INVALID + "ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED",
    ),
    (
        {"BillingMode": None, "ProvisionedThroughput": units(0, 0)},
        "2 validation errors detected: Value '0' at 'provisionedThroughput.writeCapacityUnits' failed to satisfy "
        "constraint: Member must have value greater than or equal to 1; Value '0' at "
        "'provisionedThroughput.readCapacityUnits' failed to satisfy constraint: Member must have value greater than "
        "or equal to 1",
    ),
    (
        {"ProvisionedThroughput": units(1, 1)},
        INVALID + "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is "
        "PAY_PER_REQUEST",
    ),
    (
        {"GlobalSecondaryIndexes": [index("one", "SK", ProvisionedThroughput=units(1, 1))]},
        INVALID + "ProvisionedThroughput should not be specified for index: one when BillingMode is PAY_PER_REQUEST",
    ),
    (
        {
            "BillingMode": None,
            "ProvisionedThroughput": units(1, 1),
            "GlobalSecondaryIndexes": [index("one", "SK")],
        },
        INVALID + "ProvisionedThroughput is not specified for index: one",
    ),
    (
        {
            "BillingMode": "PROVISIONED",
            "ProvisionedThroughput": units(1, 1),
            "OnDemandThroughput": {"MaxReadRequestUnits": 10, "MaxWriteRequestUnits": 10},
        },
        INVALID + "MaxReadRequestUnits for OnDemandThroughput cannot be specified when table BillingMode is "
        "PROVISIONED.",
    ),
    (
        {"OnDemandThroughput": {"MaxReadRequestUnits": -1}},
        INVALID + "Requested MaxReadRequestUnits for OnDemandThroughput for table is outside of valid range",
    ),
    (
        {"GlobalSecondaryIndexes": [index("one", "SK", OnDemandThroughput={"MaxWriteRequestUnits": 0})]},
        INVALID + "Requested MaxWriteRequestUnits for OnDemandThroughput for index : one is outside of valid range",
    ),
    (
        {"WarmThroughput": {"ReadUnitsPerSecond": 1, "WriteUnitsPerSecond": 1}},
        INVALID + "Requested ReadUnitsPerSecond for WarmThroughput for table is lower than initial throughput for "
        "OnDemand. See: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/"
        "on-demand-capacity-mode.html#on-demand-capacity-mode-initial",
    ),
    (
        {
            "BillingMode": "PROVISIONED",
            "ProvisionedThroughput": units(10, 10),
            "WarmThroughput": {"ReadUnitsPerSecond": 5},
        },
        INVALID + "Requested ReadUnitsPerSecond for WarmThroughput for table is lower than ReadCapacityUnits of "
        "ProvisionedThroughput",
    ),
]
SETTINGS = [
    (
        {"StreamSpecification": {"StreamEnabled": True}},
        INVALID + "Table is being created with a stream enabled, UpdateViewType is required",
    ),
    (
        {"StreamSpecification": {"StreamEnabled": False, "StreamViewType": "KEYS_ONLY"}},
        INVALID + "Table is being created with a stream disabled, UpdateViewType should not be specified",
    ),
    (
        {"StreamSpecification": {"StreamEnabled": True, "StreamViewType": "ALL"}},
        SEEN + "Value 'ALL' at 'streamSpecification.streamViewType' failed to satisfy constraint: Member must satisfy "
        "enum value set: [OLD_IMAGE, KEYS_ONLY, NEW_AND_OLD_IMAGES, NEW_IMAGE]",
    ),
    (
        {"SSESpecification": {"Enabled": False, "SSEType": "KMS"}},
        INVALID + "SSEType can not be specified if Enabled is false",
    ),
    ({"SSESpecification": {"Enabled": True, "SSEType": "AES256"}}, INVALID + "SSEType AES256 is not supported"),
    (
        {"SSESpecification": {"Enabled": True, "KMSMasterKeyId": "key"}},
        INVALID + "SSEType KMS is required if KMSMasterKeyId is specified",
    ),
    (
        {"TableClass": "GOLD"},
        "Invalid table-class parameter provided. Please try again with a valid table-class value: [STANDARD, "
        "STANDARD_INFREQUENT_ACCESS].",
    ),
    ({"ResourcePolicy": "{}"}, INVALID + "ResourcePolicy is not available here"),
    ({"VectorIndexes": []}, INVALID + "VectorIndexes is not available here"),
]
ALL = NAMES + KEYS + INDEXES + CAPACITY + SETTINGS


@pytest.mark.parametrize(("changes", "says"), ALL, ids=[says[-60:] for _, says in ALL])
async def test_a_table_that_cannot_be_is_refused(engine: Engine, changes: dict[str, Any], says: str) -> None:
    assert await refusal(engine, "CreateTable", create_request(**changes)) == f"ValidationException: {says}"
    assert await engine.execute("ListTables", {}) == {"TableNames": []}


async def test_more_capacity_than_a_table_can_have_is_beyond_a_limit(engine: Engine) -> None:
    request = create_request(BillingMode=None, ProvisionedThroughput=units(40_001, 1))

    assert await refusal(engine, "CreateTable", request) == (
        "LimitExceededException: The requested ReadCapacityUnits, 40001, is above the per table maximum for the "
        "account in eu-west-2. Per table maximum: 40000. Refer to the Amazon DynamoDB Developer Guide for current "
        "limits and how to request higher limits."
    )


async def test_an_existing_table_is_found_last(engine: Engine) -> None:
    await engine.execute("CreateTable", create_request())

    assert "first KeySchemaElement" in await refusal(engine, "CreateTable", create_request(KeySchema=key_schema("pk")))
    assert await refusal(engine, "CreateTable", create_request()) == (
        "ResourceInUseException: Table already exists: films"
    )


async def test_indexes_of_four_and_four_attributes_are_made(engine: Engine) -> None:
    keys = ["A", "B", "C", "D", "e", "f", "g", "h"]
    types: dict[str, str] = {name.lower(): "S" for name in keys}
    await engine.execute(
        "CreateTable",
        create_request(
            AttributeDefinitions=definitions(pk="S", sk="N", **types), GlobalSecondaryIndexes=[index("wide", *keys)]
        ),
    )

    assert (await described(engine))["GlobalSecondaryIndexes"][0]["KeySchema"] == key_schema(*keys)


async def test_what_is_accepted_though_it_looks_wrong(engine: Engine) -> None:
    request = create_request(
        GlobalSecondaryIndexes=[
            index("films", "PK", "sk"),
            index("by-sk", "SK", ProjectionType="INCLUDE", NonKeyAttributes=["sk", "pk", "a"]),
        ],
        LocalSecondaryIndexes=[index("same", "PK", "sk")],
        OnDemandThroughput={},
        WarmThroughput={},
        Tags=[],
    )

    assert await refusal(engine, "CreateTable", request) == "answered"
