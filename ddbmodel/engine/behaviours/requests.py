"""What a request is made of: reads or writes, consistent or not, and the parts that can fail alone.

Everything here is asked of requests that nobody has checked yet and must not mind what is wrong with them, save for the
functions about parts, which come after.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any, Final, Literal, TypeAlias

from ddbmodel.engine.arn import table_name_of
from ddbmodel.engine.catalog import Catalog

__all__ = [
    "Form",
    "consistent_spaces",
    "form_of",
    "is_eventual",
    "is_read",
    "only",
    "part_count",
    "part_requests",
    "travels",
    "with_unprocessed",
]

Form: TypeAlias = Literal["single", "batch", "transaction"]
"""Succeeds or fails as a whole, in parts, or as a whole with a reason for each part."""

_FORMS: Final[Mapping[str, Form]] = {
    "GetItem": "single",
    "PutItem": "single",
    "UpdateItem": "single",
    "DeleteItem": "single",
    "Query": "single",
    "Scan": "single",
    "ExecuteStatement": "single",
    "BatchGetItem": "batch",
    "BatchWriteItem": "batch",
    "BatchExecuteStatement": "batch",
    "TransactGetItems": "transaction",
    "TransactWriteItems": "transaction",
    "ExecuteTransaction": "transaction",
}
_READS: Final = frozenset({"GetItem", "Query", "Scan", "BatchGetItem", "TransactGetItems"})
_STREAM_READS: Final = frozenset({"DescribeStream", "GetRecords", "GetShardIterator", "ListStreams"})
# Where the parts of a request stand, if they are a list of equal rank.
_LISTS: Final[Mapping[str, str]] = {
    "BatchExecuteStatement": "Statements",
    "ExecuteTransaction": "TransactStatements",
    "TransactGetItems": "TransactItems",
    "TransactWriteItems": "TransactItems",
}
_SELECT: Final = re.compile(r"(?>\s+|--[^\n]*|/\*(?s:.)*?\*/)*+select\b", re.IGNORECASE)


def form_of(operation: str) -> Form | None:
    """Return how an operation on items fails; None for every other operation."""
    return _FORMS.get(operation)


def travels(operation: str) -> bool:
    """Return whether a request of this operation can get lost: those on items and streams, not those on tables."""
    return operation in _FORMS or operation in _STREAM_READS


def is_read(operation: str, request: Mapping[str, Any]) -> bool:
    """Return whether a request on items only reads."""
    if operation in _READS:
        return True
    if operation == "ExecuteStatement":
        return _is_select(request)
    name = _LISTS.get(operation)
    if name is None or operation == "TransactWriteItems":
        return False
    # The service takes no reads and writes together.
    statements = request.get(name)
    return isinstance(statements, list) and bool(statements) and _is_select(statements[0])


def is_eventual(operation: str, request: Mapping[str, Any]) -> bool:
    """Return whether a request reads eventually consistent, in a batch of keys at least from one table."""
    if form_of(operation) == "transaction" or not is_read(operation, request):
        return False
    if operation == "BatchGetItem":
        return True
    if operation == "BatchExecuteStatement":
        # All statements of a batch read one view, so one that asks for consistency has it for all of them.
        return not any(map(_wants_consistency, request["Statements"]))
    return not _wants_consistency(request)


def consistent_spaces(operation: str, request: Mapping[str, Any], catalog: Catalog) -> frozenset[int]:
    """Return the key spaces of the tables that a batch of keys reads strongly consistent."""
    asked = request.get("RequestItems")
    if operation != "BatchGetItem" or not isinstance(asked, dict):
        return frozenset()
    tables = [catalog.table(table_name_of(called)) for called, wants in asked.items() if _wants_consistency(wants)]
    return frozenset(table.space for table in tables if table is not None)


def part_requests(operation: str, request: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return a request for each part of a batch or transaction, in order."""
    return [only(operation, request, {position}) for position in range(part_count(operation, request))]


def part_count(operation: str, request: Mapping[str, Any]) -> int:
    """Return the number of parts of a batch or transaction."""
    name = _LISTS.get(operation)
    if name is not None:
        return len(request[name])
    return sum(len(_keys_or_writes(operation, wants)) for wants in request["RequestItems"].values())


def only(operation: str, request: Mapping[str, Any], positions: Collection[int]) -> dict[str, Any]:
    """Return the request with only some of its parts."""
    reduced = dict(request)
    name = _LISTS.get(operation)
    if name is not None:
        reduced[name] = [part for position, part in enumerate(request[name]) if position in positions]
    else:
        reduced["RequestItems"] = _request_items(operation, request, positions)
    return reduced


def with_unprocessed(
    operation: str, request: Mapping[str, Any], positions: Collection[int], response: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the response of a BatchGetItem or BatchWriteItem with the parts that were left out as unprocessed."""
    left = _request_items(operation, request, positions)
    if operation == "BatchWriteItem":
        return {**response, "UnprocessedItems": left}
    unprocessed = dict(response["UnprocessedKeys"])
    for called, asked in left.items():
        before = unprocessed.get(called, {}).get("Keys", [])
        unprocessed[called] = {**asked, "Keys": [*before, *asked["Keys"]]}
    responses = {called: response["Responses"].get(called, []) for called in request["RequestItems"]}
    return {**response, "Responses": responses, "UnprocessedKeys": unprocessed}


def _request_items(operation: str, request: Mapping[str, Any], positions: Collection[int]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    first = 0
    for called, wants in request["RequestItems"].items():
        parts = _keys_or_writes(operation, wants)
        kept = [part for position, part in enumerate(parts, first) if position in positions]
        first += len(parts)
        if kept:
            found[called] = kept if operation == "BatchWriteItem" else {**wants, "Keys": kept}
    return found


def _keys_or_writes(operation: str, wants: Any) -> list[Any]:
    if wants is None:
        # The handler does not see it either.
        return []
    parts: list[Any] = wants if operation == "BatchWriteItem" else wants["Keys"]
    return parts


def _is_select(statement: Any) -> bool:
    text = statement.get("Statement") if isinstance(statement, dict) else None
    return isinstance(text, str) and _SELECT.match(text) is not None


def _wants_consistency(wants: Any) -> bool:
    return isinstance(wants, dict) and bool(wants.get("ConsistentRead"))
