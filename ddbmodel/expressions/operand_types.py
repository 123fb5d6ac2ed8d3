"""Literal operands of expressions against what their operator takes: faults that no item can mend.

| operator | literals it takes |
|---|---|
| ``<`` ``<=`` ``>`` ``>=`` ``BETWEEN`` | S, N, B; the bounds of one type, the lower not above the upper |
| ``begins_with`` | S, B |
| ``attribute_type`` | the name of a type, as S |
| ``size`` | everything that has a size: not N, BOOL, NULL |
| ``IN`` | at most 100 |
| ``+`` ``-`` / ``list_append`` | N / L |
| ``ADD`` / ``DELETE`` | N and sets / sets |

Texts as observed on DynamoDB Local.
"""

from __future__ import annotations

from typing import Any, Final

from ddbmodel.expressions.errors import InvalidExpression
from ddbmodel.expressions.tree import (
    AddAction,
    And,
    Arithmetic,
    AttributeTest,
    Between,
    Comparison,
    Condition,
    DeleteAction,
    IfNotExists,
    In,
    ListAppend,
    Not,
    Or,
    SetAction,
    Size,
    Update,
    Value,
)
from ddbmodel.values.key_encoding import encode_key_value
from ddbmodel.values.wire import SET_TAGS, TYPE_TAGS, AttributeValue, tag_of

__all__ = ["check_condition_operands", "check_update_operands"]

_MAX_OPTIONS: Final = 100
_ORDERED: Final = frozenset({"S", "N", "B"})
_PREFIXED: Final = frozenset({"S", "B"})
_SIZED: Final = frozenset({"S", "B", "L", "M", "SS", "NS", "BS"})
_TYPE_NAMES: Final = "{N,BS,L,B,NULL,M,S,SS,NS,BOOL}"
_LONG_NAMES: Final = {
    "S": "STRING",
    "N": "NUMBER",
    "B": "BINARY",
    "BOOL": "BOOLEAN",
    "NULL": "NULL",
    "L": "LIST",
    "M": "MAP",
    "SS": "STRING_SET",
    "NS": "NUMBER_SET",
    "BS": "BINARY_SET",
}


def check_condition_operands(tree: Condition) -> None:
    """Check the literals of a resolved condition, from left to right; InvalidExpression for the first that is wrong."""
    pending: list[Any] = [tree]
    while pending:
        node = pending.pop()
        match node:
            case And(terms) | Or(terms):
                pending.extend(reversed(terms))
            case Not(term):
                pending.append(term)
            case Comparison(comparator, left, right):
                if comparator not in ("=", "<>"):
                    _require(comparator, _ORDERED, left, right)
                pending += (right, left)
            case Between(operand, low, high):
                _require("BETWEEN", _ORDERED, operand, low, high)
                if isinstance(low, Value) and isinstance(high, Value):
                    _check_bounds(low.value, high.value)
                pending += (high, low, operand)
            case In(operand, options):
                if len(options) > _MAX_OPTIONS:
                    raise InvalidExpression(
                        f"The IN operator is provided with too many operands; number of operands: {len(options)}"
                    )
                pending += (*reversed(options), operand)
            case AttributeTest(name, arguments):
                if name == "begins_with":
                    _require(name, _PREFIXED, *arguments)
                elif name == "attribute_type":
                    _check_type_name(arguments[1])
                pending.extend(reversed(arguments))
            case Size(operand):
                _require("size", _SIZED, operand)


def check_update_operands(tree: Update) -> None:
    """Check the literals of a resolved update; raises as `check_condition_operands`."""
    for action in tree.actions:
        if isinstance(action, SetAction):
            _check_set_operand(action.operand)
        elif isinstance(action, AddAction):
            _require_addend("ADD", SET_TAGS | {"N"}, action.value)
        elif isinstance(action, DeleteAction):
            _require_addend("DELETE", SET_TAGS, action.value)


def _check_set_operand(operand: Any) -> None:
    pending = [operand]
    while pending:
        match pending.pop():
            case Arithmetic(operator, left, right):
                _require(operator, frozenset("N"), left, right)
                pending += (right, left)
            case ListAppend(first, second):
                _require("list_append", frozenset("L"), first, second)
                pending += (second, first)
            case IfNotExists(_, default):
                pending.append(default)


def _require(operator: str, tags: frozenset[str], *operands: Any) -> None:
    for operand in operands:
        if isinstance(operand, Value):
            tag = tag_of(operand.value)
        elif isinstance(operand, Size):
            tag = "N"
        else:
            continue
        if tag not in tags:
            raise InvalidExpression(
                "Incorrect operand type for operator or function; "
                f"operator or function: {operator}, operand type: {tag}"
            )


def _require_addend(operator: str, tags: frozenset[str], operand: Any) -> None:
    assert isinstance(operand, Value), "the tree is resolved"
    tag = tag_of(operand.value)
    if tag not in tags:
        raise InvalidExpression(
            f"Incorrect operand type for operator or function; operator: {operator}, "
            f"operand type: {_LONG_NAMES[tag]}, typeSet: ALLOWED_FOR_{operator}_OPERAND"
        )


def _check_bounds(low: AttributeValue, high: AttributeValue) -> None:
    shown = f"lower bound operand: AttributeValue: {_shown(low)}, upper bound operand: AttributeValue: {_shown(high)}"
    if tag_of(low) != tag_of(high):
        raise InvalidExpression(f"The BETWEEN operator requires same data type for lower and upper bounds; {shown}")
    if encode_key_value(low) > encode_key_value(high):
        raise InvalidExpression(
            f"The BETWEEN operator requires upper bound to be greater than or equal to lower bound; {shown}"
        )


def _check_type_name(operand: Any) -> None:
    _require("attribute_type", frozenset("S"), operand)
    if not isinstance(operand, Value):
        raise InvalidExpression(
            "Incorrect operand type for operator or function; "
            f"operator or function: attribute_type, operand type: {_TYPE_NAMES}"
        )
    if operand.value["S"] not in TYPE_TAGS:
        raise InvalidExpression(
            f"Invalid attribute type name found; type: {operand.value['S']}, valid types: {_TYPE_NAMES}"
        )


def _shown(value: AttributeValue) -> str:
    tag = tag_of(value)
    return f"{{{tag}:{value[tag]}}}"
