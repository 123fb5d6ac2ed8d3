"""Things that no table here has: backups, exports, imports, replicas, insights, policies.

Operations that list or describe them say so, as the service says it of a table that has none. Operations that would
make them are not available (`unavailable.py`).

Source: API reference; answers for tables without them seen on the service in us-west-2, October 2026.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from ddbmodel.engine.arn import table_name_of
from ddbmodel.engine.catalog import Catalog, Table
from ddbmodel.engine.context import RequestContext
from ddbmodel.engine.messages import table_features as messages
from ddbmodel.engine.messages import tables as table_messages
from ddbmodel.engine.messages.message import Message, refused
from ddbmodel.engine.named_tables import described_table, name_in
from ddbmodel.engine.outcome import Outcome
from ddbmodel.engine.storage.view import ReadView

__all__ = ["ABSENT_HANDLERS"]

_Handler = Callable[[dict[str, Any], ReadView, Catalog, RequestContext], Outcome]


def _empty_list(member: str) -> _Handler:
    def answer(request: dict[str, Any], view: ReadView, catalog: Catalog, context: RequestContext) -> Outcome:
        return Outcome({member: []})

    return answer


def _not_found(message: Message, member: str, field: str) -> _Handler:
    def answer(request: dict[str, Any], view: ReadView, catalog: Catalog, context: RequestContext) -> Outcome:
        raise refused(message, **{field: request[member]})

    return answer


def _describe_continuous_backups(
    request: dict[str, Any], view: ReadView, catalog: Catalog, context: RequestContext
) -> Outcome:
    name = name_in(request["TableName"], context.region)
    table = catalog.table(name)
    if table is None or context.now_s < table.ready_at_s or table.is_gone(context.now_s):
        raise refused(table_messages.TABLE_NOT_FOUND_BY_BACKUPS, table=name)
    # The service keeps them for every table; what a table must be told to have is recovery to a point in time.
    description = {
        "ContinuousBackupsStatus": "ENABLED",
        "PointInTimeRecoveryDescription": {"PointInTimeRecoveryStatus": "DISABLED"},
    }
    return Outcome({"ContinuousBackupsDescription": description})


def _describe_contributor_insights(
    request: dict[str, Any], view: ReadView, catalog: Catalog, context: RequestContext
) -> Outcome:
    table = described_table(request["TableName"], catalog, context)
    answer = {"TableName": table.name, "ContributorInsightsStatus": "DISABLED"}
    if "IndexName" in request:
        _check_index(table, request["IndexName"])
        answer["IndexName"] = request["IndexName"]
    return Outcome(answer)


def _list_contributor_insights(
    request: dict[str, Any], view: ReadView, catalog: Catalog, context: RequestContext
) -> Outcome:
    if "TableName" in request:
        described_table(request["TableName"], catalog, context)
    return Outcome({"ContributorInsightsSummaries": []})


def _describe_kinesis_destinations(
    request: dict[str, Any], view: ReadView, catalog: Catalog, context: RequestContext
) -> Outcome:
    table = described_table(request["TableName"], catalog, context)
    return Outcome({"TableName": table.name, "KinesisDataStreamDestinations": []})


def _get_resource_policy(request: dict[str, Any], view: ReadView, catalog: Catalog, context: RequestContext) -> Outcome:
    name = table_name_of(request["ResourceArn"])
    table = catalog.table(name)
    if table is None or context.now_s < table.ready_at_s or table.is_gone(context.now_s):
        raise refused(table_messages.TABLE_NOT_FOUND, table=name)
    raise refused(messages.POLICY_NOT_FOUND, arn=request["ResourceArn"])


def _check_index(table: Table, name: str) -> None:
    if table.index(name) is None:
        raise refused(messages.INDEX_OF_INSIGHTS_NOT_FOUND, index=name, table=table.name)


ABSENT_HANDLERS: Final[Mapping[str, _Handler]] = {
    "DescribeBackup": _not_found(messages.BACKUP_NOT_FOUND, "BackupArn", "arn"),
    "DescribeContinuousBackups": _describe_continuous_backups,
    "DescribeContributorInsights": _describe_contributor_insights,
    "DescribeExport": _not_found(messages.EXPORT_NOT_FOUND, "ExportArn", "arn"),
    "DescribeGlobalTable": _not_found(messages.GLOBAL_TABLE_NOT_FOUND, "GlobalTableName", "table"),
    "DescribeImport": _not_found(messages.IMPORT_NOT_FOUND, "ImportArn", "arn"),
    "DescribeKinesisStreamingDestination": _describe_kinesis_destinations,
    "GetResourcePolicy": _get_resource_policy,
    "ListBackups": _empty_list("BackupSummaries"),
    "ListContributorInsights": _list_contributor_insights,
    "ListExports": _empty_list("ExportSummaries"),
    "ListGlobalTables": _empty_list("GlobalTables"),
    "ListImports": _empty_list("ImportSummaryList"),
}
