"""Operations on tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from ddbmodel.engine.outcome import Outcome
from ddbmodel.engine.tables.change import create_table, delete_table, update_table
from ddbmodel.engine.tables.describe import describe_table, list_tables
from ddbmodel.engine.tables.time_to_live import describe_time_to_live, update_time_to_live

__all__ = ["TABLE_HANDLERS"]

TABLE_HANDLERS: Final[Mapping[str, Callable[..., Outcome]]] = {
    "CreateTable": create_table,
    "DeleteTable": delete_table,
    "DescribeTable": describe_table,
    "DescribeTimeToLive": describe_time_to_live,
    "ListTables": list_tables,
    "UpdateTable": update_table,
    "UpdateTimeToLive": update_time_to_live,
}
