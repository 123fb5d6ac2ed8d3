"""What requests cost in capacity units: as the service reports it, and the least they can cost before it does.

| operation | kind | least |
|---|---|---|
| GetItem, Query, Scan; a key of a BatchGetItem | read | 0.5, or 1 when consistent |
| PutItem, UpdateItem, DeleteItem; an entry of a BatchWriteItem | write | 1 |
| an action of a transaction | as it is | 2 |
| a PartiQL statement | read for SELECT and EXISTS, else write | as the operations above |

Source: AWS Developer Guide, "DynamoDB throughput capacity"; API reference, ``ConsumedCapacity``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from ddbmodel.transport.executor import Request, Response

__all__ = [
    "METERED",
    "TableUnits",
    "UnitKind",
    "Units",
    "as_asked",
    "asking_for",
    "consumed_by",
    "kind_of",
    "least_units",
    "workload_of",
]

UnitKind: TypeAlias = Literal["read", "write"]

_READS: Final = frozenset({"BatchGetItem", "GetItem", "Query", "Scan", "TransactGetItems"})
_WRITES: Final = frozenset({"BatchWriteItem", "DeleteItem", "PutItem", "TransactWriteItems", "UpdateItem"})
_STATEMENTS: Final = frozenset({"BatchExecuteStatement", "ExecuteStatement", "ExecuteTransaction"})

METERED: Final = _READS | _WRITES | _STATEMENTS
"""The operations that can report what they consumed."""

_DETAIL: Final = {None: 0, "NONE": 0, "TOTAL": 1, "INDEXES": 2}
_BREAKDOWN: Final = ("Table", "LocalSecondaryIndexes", "GlobalSecondaryIndexes")


@dataclass(frozen=True, slots=True)
class Units:
    """Capacity units: a read unit reads 4 KB strongly consistent, a write unit writes 1 KB."""

    read_units: float = 0.0
    write_units: float = 0.0

    def __add__(self, other: Units) -> Units:
        return Units(self.read_units + other.read_units, self.write_units + other.write_units)

    def __str__(self) -> str:
        told = [f"{self.read_units:g} read"] if self.read_units else []
        told += [f"{self.write_units:g} write"] if self.write_units else []
        return " and ".join(told) or "no units"


@dataclass(frozen=True, slots=True)
class TableUnits:
    """What one request consumed of one table, its indexes included, and of each index."""

    table: str
    units: Units
    indexes: Mapping[str, Units]


def asking_for(request: Request, detail: Literal["TOTAL", "INDEXES"]) -> Request | None:
    """Return a request that asks for its cost in detail, or more; None when what it asks for is no known word."""
    asked = request.get("ReturnConsumedCapacity")
    if not (asked is None or isinstance(asked, str)) or asked not in _DETAIL:
        return None
    return request if _DETAIL[asked] >= _DETAIL[detail] else {**request, "ReturnConsumedCapacity": detail}


def as_asked(response: Response, request: Request) -> Response:
    """Return a response with as much about its cost as the request asked for itself."""
    consumed = response.get("ConsumedCapacity")
    detail = _DETAIL[request.get("ReturnConsumedCapacity")]
    if consumed is None or detail == _DETAIL["INDEXES"]:
        return response
    if detail == 0:
        return {name: value for name, value in response.items() if name != "ConsumedCapacity"}
    if isinstance(consumed, list):
        return {**response, "ConsumedCapacity": [_without_breakdown(each) for each in consumed]}
    return {**response, "ConsumedCapacity": _without_breakdown(consumed)}


def consumed_by(operation: str, request: Request, response: Response) -> list[TableUnits]:
    """Return what a request consumed of each table; nothing where the answer does not say."""
    consumed = response.get("ConsumedCapacity") or ()
    kind = kind_of(operation, request)
    return [
        TableUnits(
            each.get("TableName", ""),
            _units(each, kind),
            {
                name: _units(arm, kind)
                for member in ("GlobalSecondaryIndexes", "LocalSecondaryIndexes")
                for name, arm in (each.get(member) or {}).items()
            },
        )
        for each in (consumed if isinstance(consumed, (list, tuple)) else [consumed])
    ]


def kind_of(operation: str, request: Request) -> UnitKind:
    """Return whether a request reads or writes; one has only one of the two."""
    if operation in _READS:
        return "read"
    if operation not in _STATEMENTS:
        return "write"
    # All statements of a batch or transaction read, or all write: the service takes no other.
    text = request.get("Statement") or next(iter(_statements(request)), "")
    first = text.split(None, 1)[0].upper() if isinstance(text, str) and text.strip() else ""
    return "read" if first.startswith(("SELECT", "EXISTS")) else "write"


def least_units(operation: str, request: Request) -> float:
    """Return the least that a request can consume if every item of it is small and there."""
    if operation in ("TransactGetItems", "TransactWriteItems"):
        return 2.0 * max(1, _length(request.get("TransactItems")))
    if operation == "ExecuteTransaction":
        return 2.0 * max(1, _length(request.get("TransactStatements")))
    one = 1.0 if kind_of(operation, request) == "write" or request.get("ConsistentRead") else 0.5
    if operation == "BatchGetItem":
        return sum(
            _length(asked.get("Keys")) * (1.0 if asked.get("ConsistentRead") else 0.5) for asked in _by_table(request)
        )
    if operation == "BatchWriteItem":
        return float(sum(map(_length, _values(request.get("RequestItems")))))
    return one * _length(request.get("Statements")) if operation == "BatchExecuteStatement" else one


def workload_of(operation: str, request: Request) -> tuple[object, ...]:
    """Return what requests of about the same cost have in common: the operation, the table and the index."""
    items = request.get("RequestItems")
    tables = tuple(sorted(map(str, items))) if isinstance(items, dict) else (str(request.get("TableName")),)
    return (operation, tables, str(request.get("IndexName")))


def _units(reported: Mapping[str, Any], kind: UnitKind) -> Units:
    read, write = reported.get("ReadCapacityUnits"), reported.get("WriteCapacityUnits")
    if read is not None or write is not None:
        # A transaction that was carried out before, by its token, reads instead of writing.
        return Units(float(read or 0.0), float(write or 0.0))
    units = float(reported.get("CapacityUnits") or 0.0)
    return Units(read_units=units) if kind == "read" else Units(write_units=units)


def _without_breakdown(consumed: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in consumed.items() if name not in _BREAKDOWN}


def _statements(request: Request) -> Iterable[object]:
    listed = request.get("Statements") or request.get("TransactStatements")
    return [each.get("Statement") for each in listed if isinstance(each, dict)] if isinstance(listed, list) else ()


def _by_table(request: Request) -> list[dict[str, Any]]:
    return [asked for asked in _values(request.get("RequestItems")) if isinstance(asked, dict)]


def _values(mapping: object) -> list[object]:
    return list(mapping.values()) if isinstance(mapping, dict) else []


def _length(listed: object) -> int:
    # Requests of any shape come here, since the service, not the client, says what is wrong with one.
    return len(listed) if isinstance(listed, list) else 0
