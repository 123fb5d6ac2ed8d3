"""How tables are described, and what they are called by."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from table_requests import create_request, described, index, refusal, units

from ddbmodel.engine import Engine, ManualClock


@pytest.fixture
async def engine() -> AsyncIterator[Engine]:
    engine = Engine.open(clock=ManualClock(1_700_000_000.5), region="eu-west-2")
    yield engine
    assert engine.verify() == []
    await engine.close()


async def test_capacity_is_described_as_it_was_asked_for(engine: Engine) -> None:
    await engine.execute(
        "CreateTable",
        create_request(
            BillingMode="PROVISIONED",
            ProvisionedThroughput=units(5, 6),
            GlobalSecondaryIndexes=[index("one", "SK", ProvisionedThroughput=units(7, 8))],
        ),
    )

    table = await described(engine)
    assert table["ProvisionedThroughput"] == {"NumberOfDecreasesToday": 0} | units(5, 6)
    assert table["WarmThroughput"] == {"ReadUnitsPerSecond": 5, "WriteUnitsPerSecond": 6, "Status": "ACTIVE"}
    assert "BillingModeSummary" not in table
    of_index = table["GlobalSecondaryIndexes"][0]
    assert of_index["ProvisionedThroughput"] == {"NumberOfDecreasesToday": 0} | units(7, 8)
    assert of_index["WarmThroughput"] == {"ReadUnitsPerSecond": 7, "WriteUnitsPerSecond": 8, "Status": "ACTIVE"}


async def test_limits_and_warm_throughput_are_described(engine: Engine) -> None:
    await engine.execute(
        "CreateTable",
        create_request(
            OnDemandThroughput={"MaxReadRequestUnits": 100},
            WarmThroughput={"ReadUnitsPerSecond": 13_000},
            GlobalSecondaryIndexes=[index("one", "SK", OnDemandThroughput={"MaxWriteRequestUnits": 9})],
        ),
    )

    table = await described(engine)
    assert table["OnDemandThroughput"] == {"MaxReadRequestUnits": 100}
    assert table["WarmThroughput"] == {"ReadUnitsPerSecond": 13_000, "WriteUnitsPerSecond": 4_000, "Status": "ACTIVE"}
    assert table["GlobalSecondaryIndexes"][0]["OnDemandThroughput"] == {"MaxWriteRequestUnits": 9}
    assert table["ProvisionedThroughput"] == {"NumberOfDecreasesToday": 0} | units(0, 0)


async def test_encryption_and_class_are_described_when_they_are_not_the_usual(engine: Engine) -> None:
    await engine.execute("CreateTable", create_request(TableClass="STANDARD", SSESpecification={"Enabled": False}))
    await engine.execute(
        "CreateTable",
        create_request(
            TableName="rare",
            TableClass="STANDARD_INFREQUENT_ACCESS",
            SSESpecification={"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": "alias/mine"},
        ),
    )

    usual, rare = await described(engine), await described(engine, "rare")
    assert "SSEDescription" not in usual
    assert "TableClassSummary" not in usual
    assert rare["TableClassSummary"] == {"TableClass": "STANDARD_INFREQUENT_ACCESS"}
    assert rare["SSEDescription"] == {
        "Status": "ENABLED",
        "SSEType": "KMS",
        "KMSMasterKeyArn": "arn:aws:kms:eu-west-2:000000000000:alias/mine",
    }


@pytest.mark.parametrize(
    ("arn", "says"),
    [
        ("arn:aws:dynamodb:eu-west-2:000000000000:table/films", "answered"),
        (
            "arn:aws:dynamodb:us-east-1:000000000000:table/films",
            "ValidationException: 1 validation error detected: Invalid AWS region in "
            "'arn:aws:dynamodb:us-east-1:000000000000:table/films'",
        ),
        (
            "arn:aws-cn:dynamodb:eu-west-2:000000000000:table/films",
            "ValidationException: 1 validation error detected: Invalid AWS partition in "
            "'arn:aws-cn:dynamodb:eu-west-2:000000000000:table/films'",
        ),
        (
            "arn:aws:dynamodb:eu-west-2:000000000000:backup/films",
            "ValidationException: 1 validation error detected: Invalid resource type in "
            "'arn:aws:dynamodb:eu-west-2:000000000000:backup/films'",
        ),
        ("arn:aws:dynamodb:eu-west-2:111111111111:table/films", "AccessDeniedException: Access is denied"),
        (
            "arn:aws:dynamodb:eu-west-2:000000000000:table/other",
            "ResourceNotFoundException: Requested resource not found: Table: other not found",
        ),
    ],
)
async def test_a_table_is_called_by_an_arn_of_here(engine: Engine, arn: str, says: str) -> None:
    await engine.execute("CreateTable", create_request())

    assert await refusal(engine, "DescribeTable", {"TableName": arn}) == says


async def test_an_arn_of_an_index_calls_no_table(engine: Engine) -> None:
    arn = "arn:aws:dynamodb:eu-west-2:000000000000:table/films/index/one"

    assert "Valid ARN format is 'arn:<awsPartition>" in await refusal(engine, "DescribeTable", {"TableName": arn})
