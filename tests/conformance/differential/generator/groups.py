"""Random batches and transactions."""

from __future__ import annotations

from typing import Any

from differential.generator.expressions import Expressions
from differential.generator.legacy import attributes_to_get
from differential.generator.single_items import add_condition, add_reports, table_name
from differential.generator.values import item, key
from differential.generator.world import Request, World

__all__ = ["batch_get", "batch_write", "transact_get", "transact_write"]


def batch_get(w: World) -> Request:
    """Return a BatchGetItem."""
    keys = _distinct(w, [key(w) for _ in range(w.random.randrange(1, 4))])
    asked: dict[str, Any] = {"Keys": keys if not w.broken() else w.pick([], [keys[0], keys[0]], _many(w, 101))}
    if w.chance(0.3):
        expressions = Expressions(w)
        asked["ProjectionExpression"] = expressions.projection()
        expressions.add_to(asked)
        asked.pop("ExpressionAttributeValues", None)
    elif w.chance(0.2):
        asked["AttributesToGet"] = attributes_to_get(w)
    if w.chance(0.2):
        asked["ConsistentRead"] = w.chance(0.5)
    request: dict[str, Any] = {"RequestItems": {table_name(w): asked} if not w.broken() else {}}
    add_reports(w, request, metrics=False)
    return "BatchGetItem", request


def batch_write(w: World) -> Request:
    """Return a BatchWriteItem."""
    writes: list[dict[str, Any]] = []
    for made in _distinct(w, [item(w) for _ in range(w.random.randrange(1, 4))]):
        if w.chance(0.6):
            writes.append({"PutRequest": {"Item": made}})
        else:
            writes.append({"DeleteRequest": {"Key": {n: made[n] for n in ("pk", "sk") if n in made}}})
    if w.broken():
        writes = w.pick(
            [], [{}], [*writes, *writes], [{"PutRequest": {}}], [{"DeleteRequest": {}}], _puts(w, 26),
            [{"PutRequest": {"Item": item(w)}, "DeleteRequest": {"Key": key(w)}}],
        )  # fmt: skip
    request: dict[str, Any] = {"RequestItems": {table_name(w): writes} if not w.broken() else {}}
    add_reports(w, request)
    return "BatchWriteItem", request


def transact_write(w: World) -> Request:
    """Return a TransactWriteItems."""
    actions: list[dict[str, Any]] = []
    for made in _distinct(w, [item(w) for _ in range(w.random.randrange(1, 4))]):
        actions.append(_action(w, made))
    if w.broken():
        actions = w.pick([], [{}], [*actions, *actions], [{**actions[0], **_action(w, item(w))}], [{"Wrong": {}}])
    request: dict[str, Any] = {"TransactItems": actions}
    if w.chance(0.1):
        request["ClientRequestToken"] = {"$": w.pick("token-1", "token-2")} if not w.broken() else w.pick("", "x" * 37)
    add_reports(w, request)
    return "TransactWriteItems", request


def transact_get(w: World) -> Request:
    """Return a TransactGetItems."""
    actions: list[dict[str, Any]] = []
    for made in _distinct(w, [key(w) for _ in range(w.random.randrange(1, 4))]):
        body: dict[str, Any] = {"TableName": table_name(w), "Key": made}
        if w.chance(0.3):
            expressions = Expressions(w)
            body["ProjectionExpression"] = expressions.projection()
            expressions.add_to(body)
            body.pop("ExpressionAttributeValues", None)
        actions.append({"Get": body})
    if w.broken():
        actions = w.pick([], [{}], [*actions, *actions])
    request: dict[str, Any] = {"TransactItems": actions}
    add_reports(w, request, metrics=False)
    return "TransactGetItems", request


def _action(w: World, made: dict[str, Any]) -> dict[str, Any]:
    kind = w.pick("Put", "Update", "Delete", "ConditionCheck")
    body: dict[str, Any] = {"TableName": table_name(w)}
    expressions = Expressions(w)
    if kind == "Put":
        body["Item"] = made
    else:
        body["Key"] = {name: made[name] for name in ("pk", "sk") if name in made}
    if kind == "Update" and not w.broken():
        body["UpdateExpression"] = expressions.update()
    if kind == "ConditionCheck" or w.chance(0.3):
        add_condition(w, body, expressions)
    expressions.add_to(body)
    return {kind: body}


def _distinct(w: World, made: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Leave out what has the key of an earlier one, mostly: a repeated key is refused before all else."""
    if w.broken():
        return made
    seen: list[Any] = []
    kept: list[dict[str, Any]] = []
    for one in made:
        own = (one.get("pk"), one.get("sk"))
        if own not in seen:
            seen.append(own)
            kept.append(one)
    return kept


def _many(w: World, count: int) -> list[dict[str, Any]]:
    return [{"pk": {"S": str(number)}, "sk": {"N": str(number)}} for number in range(count)]


def _puts(w: World, count: int) -> list[dict[str, Any]]:
    return [{"PutRequest": {"Item": made}} for made in _many(w, count)]
