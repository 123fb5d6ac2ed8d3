"""S4, operations: what is said of things that a table does not have: backups, exports, insights, policies."""

from __future__ import annotations

from typing import Final

from facts.form import API, KNOWN, QUOTED, Backend, Fact, ask, fact
from facts.matching import ABSENT, ANY, Pattern, Some
from facts.tables import INDEXED

__all__ = ["FACTS"]

_ACCOUNT: Final = "arn:aws:dynamodb:us-east-1:000000000000:table/plain"
_NOT_FOUND: Final = "ResourceNotFoundException"


def _no_policy(backend: Backend) -> str | None:
    arn = backend.ask("DescribeTable", {"TableName": "plain"}).body["Table"]["TableArn"]
    return ask("GetResourcePolicy", ResourceArn=arn).refused(ANY, "PolicyNotFoundException").failure(backend)


FACTS: Final[tuple[Fact, ...]] = (
    *(
        fact(
            f"S4.operations.{operation}",
            f"{operation} lists nothing where nothing is",
            API(operation),
            ask(operation).gives(**{member: []}),
            tables=(),
        )
        for operation, member in (
            ("ListBackups", "BackupSummaries"),
            ("ListExports", "ExportSummaries"),
            ("ListImports", "ImportSummaryList"),
            ("ListGlobalTables", "GlobalTables"),
            ("ListContributorInsights", "ContributorInsightsSummaries"),
        )
    ),
    fact(
        "S4.operations.DescribeContinuousBackups",
        "a table has continuous backups, and no recovery to a point in time until it is told to",
        API("DescribeContinuousBackups"),
        ask("DescribeContinuousBackups", TableName="plain").gives(
            ContinuousBackupsDescription={
                "ContinuousBackupsStatus": "ENABLED",
                "PointInTimeRecoveryDescription": Some({"PointInTimeRecoveryStatus": "DISABLED"}),
            }
        ),
    ),
    fact(
        "S4.operations.DescribeContinuousBackups.missing",
        "a missing table has an error of its own there",
        API("DescribeContinuousBackups"),
        ask("DescribeContinuousBackups", TableName="missing").refused(ANY, "TableNotFoundException"),
        tables=(),
    ),
    fact(
        "S4.operations.DescribeContributorInsights",
        "a table has no contributor insights until it is told to",
        KNOWN,
        ask("DescribeContributorInsights", TableName="plain").gives(
            TableName="plain", ContributorInsightsStatus="DISABLED"
        ),
    ),
    fact(
        "S4.operations.DescribeContributorInsights.index",
        "nor have its indexes",
        KNOWN,
        ask("DescribeContributorInsights", TableName="indexed", IndexName="gsi_all").gives(
            TableName="indexed", IndexName="gsi_all", ContributorInsightsStatus="DISABLED"
        ),
        tables=(INDEXED,),
    ),
    fact(
        "S4.operations.DescribeContributorInsights.no_index",
        "an index that is not there is named with its table",
        KNOWN,
        ask("DescribeContributorInsights", TableName="plain", IndexName="nowhere").refused(
            "Requested resource not found: Index: nowhere not found for table: plain", _NOT_FOUND
        ),
    ),
    fact(
        "S4.operations.DescribeKinesisStreamingDestination",
        "a table streams to nowhere else",
        API("DescribeKinesisStreamingDestination"),
        ask("DescribeKinesisStreamingDestination", TableName="plain").gives(
            TableName="plain", KinesisDataStreamDestinations=[]
        ),
    ),
    fact(
        "S4.operations.DescribeGlobalTable",
        "a global table that is not there is named",
        QUOTED,
        ask("DescribeGlobalTable", GlobalTableName="missing").refused(
            Pattern(r"Global table not found: Global table with name: '?missing'? does not exist\.?"),
            "GlobalTableNotFoundException",
        ),
        tables=(),
    ),
    *(
        fact(
            f"S4.operations.{operation}",
            f"{operation} of nothing has an error of its own",
            API(operation),
            ask(operation, **{member: f"{_ACCOUNT}/{kind}/01489602797149-73d8d5bc"}).refused(ANY, code),
            tables=(),
        )
        for operation, member, kind, code in (
            ("DescribeBackup", "BackupArn", "backup", "BackupNotFoundException"),
            ("DescribeExport", "ExportArn", "export", "ExportNotFoundException"),
            ("DescribeImport", "ImportArn", "import", "ImportNotFoundException"),
        )
    ),
    fact(
        "S4.operations.GetResourcePolicy",
        "a table has no policy until it is given one",
        KNOWN,
        check=_no_policy,
    ),
    fact(
        "S4.operations.ListTables.none",
        "an account without tables lists none",
        API("ListTables"),
        ask("ListTables").gives(TableNames=[], LastEvaluatedTableName=ABSENT),
        tables=(),
    ),
)
