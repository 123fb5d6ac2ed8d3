"""Tables from models: what a table must be, whether it is, and how it comes to be."""

from ddbmodel.tables.create import check_tables, create_tables

__all__ = ["check_tables", "create_tables"]
