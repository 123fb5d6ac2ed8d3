"""Things that no table here has, and operations that are not there: all of the service's are one or the other."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import botocore.session
import pytest
from table_requests import create_request, index, refusal

from ddbmodel.engine import Engine, ManualClock
from ddbmodel.engine.items import ITEM_HANDLERS
from ddbmodel.engine.streams import STREAM_HANDLERS
from ddbmodel.engine.tables import TABLE_HANDLERS, UNAVAILABLE_OPERATIONS

PARTIQL = {"ExecuteStatement", "BatchExecuteStatement", "ExecuteTransaction"}
ARN = "arn:aws:dynamodb:eu-west-2:000000000000:table/films"


@pytest.fixture
async def engine() -> AsyncIterator[Engine]:
    engine = Engine.open(clock=ManualClock(1_700_000_000.0), region="eu-west-2")
    await engine.execute("CreateTable", create_request(GlobalSecondaryIndexes=[index("one", "SK")]))
    yield engine
    await engine.close()


def test_every_operation_of_the_service_has_a_handler_or_is_known_not_to() -> None:
    handled = ITEM_HANDLERS.keys() | TABLE_HANDLERS.keys() | STREAM_HANDLERS.keys() | PARTIQL

    assert not handled & UNAVAILABLE_OPERATIONS
    assert len(handled | UNAVAILABLE_OPERATIONS) == 62 + 4
    session = botocore.session.get_session()
    for service in ("dynamodb", "dynamodbstreams"):
        model = session.get_service_model(service)
        assert set(model.operation_names) <= handled | UNAVAILABLE_OPERATIONS


EMPTY: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("ListBackups", {}, {"BackupSummaries": []}),
    ("ListExports", {}, {"ExportSummaries": []}),
    ("ListImports", {}, {"ImportSummaryList": []}),
    ("ListGlobalTables", {}, {"GlobalTables": []}),
    ("ListContributorInsights", {"TableName": "films"}, {"ContributorInsightsSummaries": []}),
    (
        "DescribeContributorInsights",
        {"TableName": "films", "IndexName": "one"},
        {"TableName": "films", "IndexName": "one", "ContributorInsightsStatus": "DISABLED"},
    ),
    (
        "DescribeKinesisStreamingDestination",
        {"TableName": "films"},
        {"TableName": "films", "KinesisDataStreamDestinations": []},
    ),
    (
        "DescribeContinuousBackups",
        {"TableName": "films"},
        {
            "ContinuousBackupsDescription": {
                "ContinuousBackupsStatus": "ENABLED",
                "PointInTimeRecoveryDescription": {"PointInTimeRecoveryStatus": "DISABLED"},
            }
        },
    ),
    (
        "DescribeLimits",
        {},
        {
            "AccountMaxReadCapacityUnits": 80_000,
            "AccountMaxWriteCapacityUnits": 80_000,
            "TableMaxReadCapacityUnits": 40_000,
            "TableMaxWriteCapacityUnits": 40_000,
        },
    ),
    (
        "DescribeEndpoints",
        {},
        {"Endpoints": [{"Address": "dynamodb.eu-west-2.amazonaws.com", "CachePeriodInMinutes": 1440}]},
    ),
]


@pytest.mark.parametrize(("operation", "request_", "answer"), EMPTY, ids=[name for name, _, _ in EMPTY])
async def test_what_is_not_there_is_said_not_to_be(
    engine: Engine, operation: str, request_: dict[str, Any], answer: dict[str, Any]
) -> None:
    assert await engine.execute(operation, request_) == answer


@pytest.mark.parametrize(
    ("operation", "request_", "says"),
    [
        ("DescribeBackup", {"BackupArn": ARN + "/backup/01"}, "BackupNotFoundException: Backup not found: "),
        ("DescribeExport", {"ExportArn": ARN + "/export/0123456789"}, "ExportNotFoundException: Export not found: "),
        ("DescribeImport", {"ImportArn": ARN + "/import/0123456789"}, "ImportNotFoundException: Import not found: "),
        ("DescribeGlobalTable", {"GlobalTableName": "films"}, "GlobalTableNotFoundException: Global table not found"),
        ("GetResourcePolicy", {"ResourceArn": ARN}, "PolicyNotFoundException: Resource-based policy not found for"),
        ("GetResourcePolicy", {"ResourceArn": ARN + "2"}, "ResourceNotFoundException: Requested resource not found: T"),
        ("DescribeContinuousBackups", {"TableName": "none"}, "TableNotFoundException: Table not found: none"),
        (
            "DescribeContributorInsights",
            {"TableName": "films", "IndexName": "two"},
            "ResourceNotFoundException: Requested resource not found: Index: two not found for table: films",
        ),
        ("ListContributorInsights", {"TableName": "none"}, "ResourceNotFoundException: Requested resource not found"),
    ],
)
async def test_what_is_asked_for_by_name_is_not_found(
    engine: Engine, operation: str, request_: dict[str, Any], says: str
) -> None:
    assert (await refusal(engine, operation, request_)).startswith(says)


@pytest.mark.parametrize("operation", sorted(UNAVAILABLE_OPERATIONS))
async def test_an_operation_that_is_not_there_is_unknown_and_never_a_success(engine: Engine, operation: str) -> None:
    assert (await refusal(engine, operation, {})).startswith("UnknownOperationException: ")
