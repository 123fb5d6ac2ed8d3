"""The parameters that expressions replaced."""

from __future__ import annotations

from typing import Any

from differential.generator.values import NAMES, any_value, key_value, list_of, number, text, value
from differential.generator.world import Index, World

__all__ = ["attribute_updates", "attributes_to_get", "conditions", "expected", "key_conditions"]

_OPERATORS = (
    "EQ", "NE", "LE", "LT", "GE", "GT", "NOT_NULL", "NULL", "CONTAINS", "NOT_CONTAINS", "BEGINS_WITH", "IN", "BETWEEN",
)  # fmt: skip


def attributes_to_get(w: World) -> list[str]:
    """Return the names of attributes to get."""
    if w.broken():
        return w.pick([], ["x", "x"], [""], ["x.y"], ["l[0]"])
    return w.random.sample((*NAMES, *w.types), w.random.randrange(1, 4))


def conditions(w: World) -> dict[str, Any]:
    """Return a QueryFilter or ScanFilter."""
    return {_name(w): _condition(w, _name(w)) for _ in range(w.pick(1, 1, 2))}


def expected(w: World) -> dict[str, Any]:
    """Return an Expected."""
    return {name: _expectation(w, name) for name in (_name(w) for _ in range(w.pick(1, 1, 2)))}


def key_conditions(w: World, index: Index | None) -> dict[str, Any]:
    """Return the KeyConditions of a query."""
    partition, sort = (index.partition, index.sort) if index else (w.partition, w.sort)
    made = {partition: {"ComparisonOperator": "EQ", "AttributeValueList": [key_value(w, w.types[partition])]}}
    if w.broken():
        made[partition] = _condition(w, partition)
    if sort and w.chance(0.6):
        operator = (
            w.pick("EQ", "LE", "LT", "GE", "GT", "BEGINS_WITH", "BETWEEN") if not w.broken() else w.pick(*_OPERATORS)
        )
        count = 2 if operator == "BETWEEN" else 1
        values = [key_value(w, w.types[sort]) for _ in range(count if not w.broken() else w.random.randrange(3))]
        made[sort] = {"ComparisonOperator": operator, "AttributeValueList": values}
    if w.broken():
        made["q"] = _condition(w, "x")
    return made


def attribute_updates(w: World) -> dict[str, Any]:
    """Return an AttributeUpdates."""
    made: dict[str, Any] = {}
    for _ in range(w.pick(1, 1, 2, 3)):
        name = w.pick(*NAMES, *(name for name in w.types if name not in ("pk", "sk") or w.broken()))
        action = w.pick("PUT", "PUT", "ADD", "DELETE", None)
        update: dict[str, Any] = {}
        if action:
            update["Action"] = action if not w.broken() else "WRONG"
        if action == "ADD":
            update["Value"] = w.pick(number(w), number(w), {"SS": ["a", "q"]}, {"NS": ["7"]}, list_of(w), value(w))
        elif action == "DELETE":
            if w.chance(0.5):
                update["Value"] = w.pick({"SS": ["a", "b"]}, {"NS": ["1"]}, value(w))
        elif not w.broken():
            update["Value"] = any_value(w, name)
        made[name] = update
    return made if not w.broken() else w.pick({}, {"": {}}, made)


def _expectation(w: World, name: str) -> dict[str, Any]:
    if w.chance(0.5):
        return _condition(w, name)
    form = w.random.randrange(4)
    if w.broken():
        return w.pick(
            {}, {"Exists": False, "Value": value(w)}, {"Exists": True}, {"Value": value(w), **_condition(w, name)}
        )
    if form < 2:
        return {"Value": any_value(w, name), **({"Exists": True} if form else {})}
    return {"Exists": False}


def _condition(w: World, name: str) -> dict[str, Any]:
    operator = w.pick(*_OPERATORS)
    count = {"NOT_NULL": 0, "NULL": 0, "BETWEEN": 2, "IN": w.pick(1, 2, 3)}.get(operator, 1)
    if w.broken():
        count = w.random.randrange(4)
    if operator in ("CONTAINS", "NOT_CONTAINS", "BEGINS_WITH") and w.chance(0.7):
        values = [text(w) for _ in range(count)]
    else:
        values = [any_value(w, name) for _ in range(count)]
    made: dict[str, Any] = {"ComparisonOperator": operator if not w.broken() else "WRONG"}
    if values or w.broken():
        made["AttributeValueList"] = values
    if w.broken():
        del made["ComparisonOperator"]
    return made


def _name(w: World) -> str:
    return w.pick(*NAMES, *w.types)
