"""Names of tables, indexes and streams as the service writes them in full, and back."""

from __future__ import annotations

from typing import Final

__all__ = ["ACCOUNT_ID", "index_arn", "stream_arn", "table_arn", "table_name_of"]

ACCOUNT_ID: Final = "000000000000"
"""The engine knows no accounts; this stands where the service writes one."""


def table_name_of(name_or_arn: str) -> str:
    """Return the table name of what a request calls a table: the name itself, or an ARN of any region."""
    if not name_or_arn.startswith("arn:"):
        return name_or_arn
    _, found, resource = name_or_arn.partition(":table/")
    return resource.partition("/")[0] if found else name_or_arn


def table_arn(region: str, name: str) -> str:
    """Return the ARN of a table."""
    return f"arn:aws:dynamodb:{region}:{ACCOUNT_ID}:table/{name}"


def index_arn(region: str, table_name: str, index_name: str) -> str:
    """Return the ARN of an index."""
    return f"{table_arn(region, table_name)}/index/{index_name}"


def stream_arn(region: str, table_name: str, label: str) -> str:
    """Return the ARN of a stream; the label is the time of its creation."""
    return f"{table_arn(region, table_name)}/stream/{label}"
