"""Random requests on one item, with expressions or with the legacy parameters."""

from __future__ import annotations

from typing import Any

from differential.generator.expressions import Expressions
from differential.generator.legacy import attribute_updates, attributes_to_get, expected
from differential.generator.values import item, key
from differential.generator.world import Request, World

__all__ = ["add_condition", "add_reports", "delete_item", "get_item", "put_item", "table_name", "update_item"]

_RETURN_VALUES = ("NONE", "ALL_OLD", "ALL_NEW", "UPDATED_OLD", "UPDATED_NEW")


def put_item(w: World) -> Request:
    """Return a PutItem."""
    request: dict[str, Any] = {"TableName": table_name(w), "Item": item(w)}
    _finish(w, request, Expressions(w), ("NONE", "ALL_OLD", "ALL_OLD"))
    return "PutItem", request


def delete_item(w: World) -> Request:
    """Return a DeleteItem."""
    request: dict[str, Any] = {"TableName": table_name(w), "Key": key(w)}
    _finish(w, request, Expressions(w), ("NONE", "ALL_OLD", "ALL_OLD"))
    return "DeleteItem", request


def update_item(w: World) -> Request:
    """Return an UpdateItem."""
    request: dict[str, Any] = {"TableName": table_name(w), "Key": key(w)}
    expressions = Expressions(w)
    if w.chance(0.2):
        request["AttributeUpdates"] = attribute_updates(w)
    if ("AttributeUpdates" not in request or w.broken()) and w.chance(0.95):
        request["UpdateExpression"] = expressions.update()
    _finish(w, request, expressions, _RETURN_VALUES)
    return "UpdateItem", request


def get_item(w: World) -> Request:
    """Return a GetItem."""
    request: dict[str, Any] = {"TableName": table_name(w), "Key": key(w)}
    if w.chance(0.3):
        expressions = Expressions(w)
        request["ProjectionExpression"] = expressions.projection()
        expressions.add_to(request)
        request.pop("ExpressionAttributeValues", None)
    elif w.chance(0.2):
        request["AttributesToGet"] = attributes_to_get(w)
    if w.chance(0.3):
        request["ConsistentRead"] = w.chance(0.5)
    add_reports(w, request, metrics=False)
    return "GetItem", request


def table_name(w: World) -> str:
    """Return the name of the table, or seldom of none."""
    return w.pick("nowhere", "", "ab", "bad!name", "x" * 256) if w.broken() else w.table


def add_condition(w: World, request: dict[str, Any], expressions: Expressions) -> None:
    """Give a write a condition."""
    request["ConditionExpression"] = expressions.condition()
    if w.chance(0.4):
        request["ReturnValuesOnConditionCheckFailure"] = (
            w.pick("ALL_OLD", "ALL_OLD", "NONE") if not w.broken() else "WRONG"
        )


def add_reports(w: World, request: dict[str, Any], *, metrics: bool = True) -> None:
    """Ask for what the request cost."""
    if w.chance(0.25):
        request["ReturnConsumedCapacity"] = w.pick("TOTAL", "INDEXES", "NONE") if not w.broken() else "WRONG"
    if metrics and w.chance(0.1):
        request["ReturnItemCollectionMetrics"] = w.pick("SIZE", "NONE") if not w.broken() else "WRONG"


def _finish(w: World, request: dict[str, Any], expressions: Expressions, return_values: tuple[str, ...]) -> None:
    legacy = "AttributeUpdates" in request
    if w.chance(0.15 if not legacy else 0.3) and (legacy or "UpdateExpression" not in request or w.broken()):
        request["Expected"] = expected(w)
        if w.chance(0.3):
            request["ConditionalOperator"] = w.pick("AND", "OR") if not w.broken() else "XOR"
    elif w.chance(0.3) and (not legacy or w.broken()):
        add_condition(w, request, expressions)
    expressions.add_to(request)
    if w.chance(0.5):
        request["ReturnValues"] = w.pick(*return_values) if not w.broken() else w.pick(*_RETURN_VALUES, "WRONG")
    add_reports(w, request)
