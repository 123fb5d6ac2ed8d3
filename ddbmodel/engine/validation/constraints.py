"""How the service words members that break a constraint by themselves.

| fault | current and enveloped wording | older and classic wording |
|---|---|---|
| missing, not in an enumeration, a name too long or misspelt | a part: ``Value 'v' at 'path' failed …`` | the same |
| too short, too long, too small, too large | alone, without the value: ``Value at 'Limit' failed …`` | a part |
| ReturnValues | a part without path and value; UpdateItem says it alone | a part |
| ConditionalOperator | alone, without any frame | a part |
| the name of a table of the control plane is missing | alone: ``The parameter 'TableName' is required …`` | the same |

Parts are counted and joined: ``2 validation errors detected: …; …``. Source: answers captured on the service, 2026,
us-east-1; classic captures of 2013 to 2020.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from ddbmodel.engine.messages import members
from ddbmodel.engine.messages.message import Refusal, Wording, refused
from ddbmodel.engine.validation.api import ATTRIBUTE_VALUE, Shape, shape_called

__all__ = ["Fault", "refusal_of"]

Rule: TypeAlias = Literal[
    "required", "enum", "pattern", "minimum", "maximum", "name_length", "name_short", "map_keys", "map_values"
]

_MOST_FAULTS: Final = 10
# An echo goes as deep as a value that an item can carry, and further than the members around it.
_ECHO_LEVELS: Final = 100
_ITEM_OPERATIONS: Final = frozenset(
    {
        "BatchGetItem", "BatchWriteItem", "DeleteItem", "GetItem", "PutItem", "Query", "Scan", "TransactGetItems",
        "TransactWriteItems", "UpdateItem",
    }
)  # fmt: skip
_CURRENT: Final = (Wording.CURRENT, Wording.ENVELOPED)
_MAP_KEYS: Final = (
    "Map keys must satisfy constraint: [Member must have length less than or equal to 255, "
    "Member must have length greater than or equal to 3, "
    "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+]"
)
_MAP_VALUES: Final = (
    "Map value must satisfy constraint: [Member must have length less than or equal to 25, "
    "Member must have length greater than or equal to 1]"
)
# The service's own, with its slip.
_RETURN_VALUES: Final = ("ALL_OLD", "UPDATED_OLD", "ALL_NEW", "UPDATE_NEW", "NONE")


@dataclass(slots=True)
class Fault:
    """One broken constraint; `path` holds member names as the API spells them, ``member`` after a position."""

    rule: Rule
    path: list[str]
    value: Any
    shape: Shape
    rank: int = 0


def refusal_of(operation: str, faults: list[Fault], wording: Wording) -> Refusal | None:
    """Return how an operation refuses members; None when these faults are none in its wording."""
    of_items = operation in _ITEM_OPERATIONS
    faults = [fault for fault in faults if _counts(fault, of_items=of_items, wording=wording)]
    if not faults:
        return None
    alone = _alone(operation, faults, of_items=of_items, wording=wording)
    if alone is not None:
        return alone
    if operation == "BatchWriteItem" and any(fault.rule == "enum" for fault in faults):
        faults = [fault for fault in faults if fault.rule not in ("map_keys", "map_values")]
    elif operation == "BatchWriteItem" and any(fault.rule == "map_values" for fault in faults):
        faults = [fault for fault in faults if fault.rule != "map_keys"]
    parts = [_part(fault, wording) for fault in faults][:_MOST_FAULTS]
    count = f"{len(parts)} validation error{'s' if len(parts) > 1 else ''} detected: "
    return refused(members.CONSTRAINTS, faults=count + "; ".join(parts))


def _counts(fault: Fault, *, of_items: bool, wording: Wording) -> bool:
    # Since tables can be called by ARN, the data plane takes a name of any length; one too short names no table.
    return fault.rule != "name_short" or not of_items or wording is Wording.CLASSIC


def _alone(operation: str, faults: list[Fault], *, of_items: bool, wording: Wording) -> Refusal | None:
    """Return the one fault that an operation says without the others, if there is one."""
    for fault in faults:
        names_table = fault.path == ["TableName"]
        if fault.rule == "required" and names_table and not of_items:
            return refused(members.MEMBER_REQUIRED, name="TableName")
        if operation == "BatchWriteItem" and fault.path == ["RequestItems"] and fault.rule in ("required", "minimum"):
            return refused(members.BATCH_WRITE_NEEDS_ITEMS)
    if wording not in _CURRENT:
        return None
    for fault in faults:
        if fault.path == ["TableName"] and fault.rule == "minimum":
            return _without_echo(fault)
    for fault in faults:
        if fault.rule == "enum" and fault.shape.name == "ConditionalOperator":
            return refused(members.CONDITIONAL_OPERATOR)
        if fault.rule == "enum" and fault.shape.name == "ReturnValue" and operation == "UpdateItem":
            return refused(members.CONSTRAINTS, faults="1 validation error detected: " + _part(fault, wording))
    for fault in faults:
        if of_items and fault.rule in ("minimum", "maximum"):
            return _without_echo(fault)
    return None


def _without_echo(fault: Fault) -> Refusal:
    return refused(members.NO_ECHO, path=".".join(fault.path), rule=_rule_text(fault))


def _part(fault: Fault, wording: Wording) -> str:
    if fault.rule == "enum" and fault.shape.name == "ReturnValue" and wording in _CURRENT:
        return members.RETURN_VALUES.format(set=", ".join(_RETURN_VALUES))
    shown = "null" if fault.rule == "required" else f"'{_echo(fault.value, fault.shape, wording)}'"
    path = ".".join(_lower_first(name) if name[:1].isupper() else name for name in fault.path)
    return f"Value {shown} at '{path}' failed to satisfy constraint: {_rule_text(fault)}"


def _rule_text(fault: Fault) -> str:
    shape = fault.shape
    what = "value" if shape.type in ("integer", "long") else "length"
    match fault.rule:
        case "required":
            return "Member must not be null"
        case "enum":
            return f"Member must satisfy enum value set: [{', '.join(shape.enum)}]"
        case "pattern":
            return "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+"
        case "minimum":
            return f"Member must have {what} greater than or equal to {shape.minimum}"
        case "maximum":
            return f"Member must have {what} less than or equal to {shape.maximum}"
        case "name_length":
            return "Member must have length less than or equal to 255"
        case "name_short":
            return "Member must have length greater than or equal to 3"
        case "map_keys":
            return _MAP_KEYS
        case "map_values":
            return _MAP_VALUES


def _echo(value: Any, shape: Shape, wording: Wording) -> str:
    value = _cut(value, _ECHO_LEVELS)
    if isinstance(value, dict) and wording in _CURRENT:
        return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    if isinstance(value, dict):
        entries = (f"{name}={_as_java(inner, _element_of(shape, value))}" for name, inner in value.items())
        return "{" + ", ".join(entries) + "}"
    return _as_java(value, shape)


def _cut(value: Any, levels: int) -> Any:
    """Return a value without what is so deep in it that it cannot be written out."""
    if isinstance(value, (dict, list)) and not levels:
        return "..."
    if isinstance(value, dict):
        return {name: _cut(inner, levels - 1) for name, inner in value.items()}
    return [_cut(inner, levels - 1) for inner in value] if isinstance(value, list) else value


def _element_of(shape: Shape, value: Any) -> Shape | None:
    # Faults of a map's keys or values carry the shape of those; the map they are in is one of batch writes or reads.
    if shape.name == "TableArn" or shape.name == "WriteRequests":
        return shape_called(
            "WriteRequests" if all(isinstance(v, list) for v in value.values()) else "KeysAndAttributes"
        )
    return None if shape.element is None else shape_called(shape.element)


def _as_java(value: Any, shape: Shape | None) -> str:
    """Return a value as the service's own objects print themselves: ``Put(item={…}, tableName=null, …)``."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        element = None if shape is None or shape.element is None else shape_called(shape.element)
        return "[" + ", ".join(_as_java(inner, element) for inner in value) + "]"
    if isinstance(value, dict):
        if shape is not None and shape.type == "structure":
            return _structure_as_java(value, shape)
        element = None if shape is None or shape.element is None else shape_called(shape.element)
        return "{" + ", ".join(f"{name}={_as_java(inner, element)}" for name, inner in value.items()) + "}"
    return str(value)


_VALUE_MEMBERS: Final = ("S", "N", "B", "SS", "NS", "BS", "M", "L", "NULL", "BOOL")


def _structure_as_java(value: Mapping[str, Any], shape: Shape) -> str:
    names = _VALUE_MEMBERS if shape.name == ATTRIBUTE_VALUE else tuple(shape.members)
    parts = (f"{_lower_first(n)}={_as_java(value.get(n), shape_called(shape.members[n]))}" for n in names)
    return f"{shape.name}({', '.join(parts)})"


def _lower_first(name: str) -> str:
    return name[0].lower() + name[1:]
