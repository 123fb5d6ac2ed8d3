"""Tables from models: what a table must be, whether it is, and how it comes to be."""

from ddbmodel.tables.compare import TableDifference
from ddbmodel.tables.create import check_tables, create_tables, table_differences
from ddbmodel.tables.update import StepProgress, update_tables
from ddbmodel.tables.update_plan import TableStep, UpdateChoices

__all__ = [
    "StepProgress",
    "TableDifference",
    "TableStep",
    "UpdateChoices",
    "check_tables",
    "create_tables",
    "table_differences",
    "update_tables",
]
