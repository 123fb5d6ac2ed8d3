"""The operations of the service that the engine does not have.

They answer as the service answers an operation that it does not have, never with a success that is none. Together with
the operations that have a handler they are all of the newest service model, 62 of DynamoDB and 4 of its streams; a test
holds both against the models.
"""

from __future__ import annotations

from typing import Final

__all__ = ["UNAVAILABLE_OPERATIONS"]

UNAVAILABLE_OPERATIONS: Final = frozenset(
    {
        # Backups, and tables from elsewhere
        "CreateBackup", "DeleteBackup", "RestoreTableFromBackup", "RestoreTableToPointInTime",
        "UpdateContinuousBackups", "ExportTableToPointInTime", "ImportTable", "StartBulkPutItems",
        "CancelBulkOperation", "DescribeBulkOperation", "ListBulkOperations",
        # Other regions
        "CreateGlobalTable", "UpdateGlobalTable", "DescribeGlobalTableSettings", "UpdateGlobalTableSettings",
        "DescribeTableReplicaAutoScaling", "UpdateTableReplicaAutoScaling",
        # Other services
        "UpdateContributorInsights", "EnableKinesisStreamingDestination", "DisableKinesisStreamingDestination",
        "UpdateKinesisStreamingDestination", "PutResourcePolicy", "DeleteResourcePolicy",
        # Vectors
        "SearchVectors",
    }
)  # fmt: skip
