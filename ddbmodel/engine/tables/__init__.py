"""Operations on tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from ddbmodel.engine.outcome import Outcome
from ddbmodel.engine.tables.absent import ABSENT_HANDLERS
from ddbmodel.engine.tables.account import describe_endpoints, describe_limits
from ddbmodel.engine.tables.create import create_table, delete_table
from ddbmodel.engine.tables.describe import describe_table, list_tables
from ddbmodel.engine.tables.due import due_outcome, next_deletion_s
from ddbmodel.engine.tables.tags import list_tags_of_resource, tag_resource, untag_resource
from ddbmodel.engine.tables.time_to_live import describe_time_to_live, update_time_to_live
from ddbmodel.engine.tables.unavailable import UNAVAILABLE_OPERATIONS
from ddbmodel.engine.tables.update import update_table

__all__ = ["TABLE_HANDLERS", "UNAVAILABLE_OPERATIONS", "due_outcome", "next_deletion_s"]

TABLE_HANDLERS: Final[Mapping[str, Callable[..., Outcome]]] = {
    **ABSENT_HANDLERS,
    "CreateTable": create_table,
    "DeleteTable": delete_table,
    "DescribeEndpoints": describe_endpoints,
    "DescribeLimits": describe_limits,
    "DescribeTable": describe_table,
    "DescribeTimeToLive": describe_time_to_live,
    "ListTables": list_tables,
    "ListTagsOfResource": list_tags_of_resource,
    "TagResource": tag_resource,
    "UntagResource": untag_resource,
    "UpdateTable": update_table,
    "UpdateTimeToLive": update_time_to_live,
}
