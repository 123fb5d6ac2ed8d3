"""Names of tables, indexes and streams as the service writes them in full, and back."""

from __future__ import annotations

from typing import Final, NamedTuple

__all__ = ["ACCOUNT_ID", "Arn", "index_arn", "parsed_arn", "stream_arn", "table_arn", "table_name_of"]

ACCOUNT_ID: Final = "000000000000"
"""The engine knows no accounts; this stands where the service writes one."""


class Arn(NamedTuple):
    """The parts of an ARN; `resource` is all that follows the account, slashes included."""

    partition: str
    service: str
    region: str
    account: str
    resource: str


def parsed_arn(text: str) -> Arn | None:
    """Return the parts of an ARN, or None when the text is not one."""
    parts = text.split(":", 5)
    return Arn._make(parts[1:]) if len(parts) == 6 and parts[0] == "arn" else None


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
