"""Random queries and scans of the table and its indexes."""

from __future__ import annotations

from typing import Any

from differential.generator.expressions import Expressions
from differential.generator.legacy import attributes_to_get, conditions, key_conditions
from differential.generator.single_items import add_reports, table_name
from differential.generator.values import any_key, key, key_value
from differential.generator.world import Index, Request, World

__all__ = ["query", "scan"]

_SELECTS = ("COUNT", "ALL_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES", "SPECIFIC_ATTRIBUTES")


def query(w: World) -> Request:
    """Return a Query."""
    request, index = _read(w)
    expressions = Expressions(w)
    legacy = w.chance(0.2)
    if legacy:
        request["KeyConditions"] = key_conditions(w, index)
    if not legacy or w.broken():
        request["KeyConditionExpression"] = expressions.key_condition(index)
    if w.chance(0.4):
        request["ScanIndexForward"] = w.chance(0.3)
    _add_filter(w, request, expressions, "QueryFilter", legacy=legacy)
    _add_start(w, request, index)
    return "Query", request


def scan(w: World) -> Request:
    """Return a Scan."""
    request, index = _read(w)
    _add_filter(w, request, Expressions(w), "ScanFilter", legacy=w.chance(0.2))
    if w.chance(0.15):
        request["TotalSegments"] = w.pick(1, 2, 3) if not w.broken() else w.pick(0, 1000001)
        request["Segment"] = w.random.randrange(request["TotalSegments"] or 1) if not w.broken() else w.pick(-1, 3)
        if w.broken():
            del request[w.pick("TotalSegments", "Segment")]
    elif w.broken():
        _add_start(w, request, index)
    return "Scan", request


def _read(w: World) -> tuple[dict[str, Any], Index | None]:
    request: dict[str, Any] = {"TableName": table_name(w)}
    index = w.pick(None, *w.indexes)
    if index:
        request["IndexName"] = index.name
    elif w.broken():
        request["IndexName"] = w.pick("nowhere", "", "ab", "bad!name")
    if w.chance(0.2):
        request["ConsistentRead"] = w.chance(0.5)
    if w.chance(0.3):
        request["Limit"] = w.pick(1, 2, 3) if not w.broken() else w.pick(0, -1)
    add_reports(w, request, metrics=False)
    return request, index


def _add_filter(w: World, request: dict[str, Any], expressions: Expressions, filter_: str, *, legacy: bool) -> None:
    old = legacy != w.broken()
    if w.chance(0.3):
        if old:
            request[filter_] = conditions(w)
            if w.chance(0.3):
                request["ConditionalOperator"] = w.pick("AND", "OR")
        else:
            request["FilterExpression"] = expressions.condition()
    if w.chance(0.25):
        if old:
            request["AttributesToGet"] = attributes_to_get(w)
        else:
            request["ProjectionExpression"] = expressions.projection()
    if w.chance(0.25):
        projected = "AttributesToGet" in request or "ProjectionExpression" in request
        request["Select"] = w.pick("SPECIFIC_ATTRIBUTES" if projected and w.chance(0.8) else w.pick(*_SELECTS))
        if w.broken():
            request["Select"] = w.pick("WRONG", *_SELECTS)
    expressions.add_to(request)


def _add_start(w: World, request: dict[str, Any], index: Index | None) -> None:
    if not w.chance(0.15):
        return
    if w.chance(0.4):
        request["ExclusiveStartKey"] = {"$": "LastEvaluatedKey"}
        return
    start = key(w)
    if index:
        for name in (index.partition, index.sort):
            if name and name not in start:
                start[name] = key_value(w, w.types[name])
    equal = request.get("ExpressionAttributeValues", {}).get(":v0")
    if equal and w.chance(0.7):
        # A start beside the partition of the condition is mostly refused at once.
        start[index.partition if index else "pk"] = equal
    request["ExclusiveStartKey"] = any_key(w, start) if w.broken() else start
