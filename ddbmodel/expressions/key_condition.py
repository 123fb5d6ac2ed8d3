"""Key conditions: equalities and at most one range, taken out of a resolved condition."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias, cast

from ddbmodel.expressions.errors import InvalidExpression
from ddbmodel.expressions.tree import And, AttributeTest, Between, Comparison, Condition, In, Not, Or, Path, Size, Value
from ddbmodel.values.wire import AttributeValue

__all__ = ["KeyCondition", "SortCondition", "key_condition"]

_Operator: TypeAlias = Literal["=", "<", "<=", ">", ">=", "BETWEEN", "begins_with"]
_MIRRORED: Final = {"=": "=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


@dataclass(frozen=True, slots=True)
class SortCondition:
    """One condition on one key attribute; two values for BETWEEN, else one."""

    attribute: str
    operator: _Operator
    values: tuple[AttributeValue, ...]


@dataclass(frozen=True, slots=True)
class KeyCondition:
    """Every attribute with ``=``, and the one other condition."""

    equal: Mapping[str, AttributeValue]
    range: SortCondition | None
    excess: tuple[SortCondition, ...] = ()
    """Further conditions, which no key takes: what is wrong with them, its schema says."""


def key_condition(tree: Condition) -> KeyCondition:
    """Return the key condition of a resolved tree.

    Raises:
        InvalidExpression: an operator no key condition knows, two conditions on one key.
    """
    equal: dict[str, AttributeValue] = {}
    ranges: list[SortCondition] = []
    for term in tree.terms if isinstance(tree, And) else (tree,):
        found = _single(term)
        if found.attribute in equal or any(ranged.attribute == found.attribute for ranged in ranges):
            raise InvalidExpression("KeyConditionExpressions must only contain one condition per key")
        if found.operator == "=":
            equal[found.attribute] = found.values[0]
        else:
            ranges.append(found)
    return KeyCondition(equal, ranges[0] if ranges else None, tuple(ranges[1:]))


def _single(term: Condition) -> SortCondition:
    operands: tuple[Any, ...]
    if isinstance(term, Comparison) and term.comparator != "<>":
        operands, operator = (term.left, term.right), str(term.comparator)
        if isinstance(term.left, Value):
            operands, operator = (term.right, term.left), _MIRRORED[operator]
    elif isinstance(term, Between):
        operands, operator = (term.operand, term.low, term.high), "BETWEEN"
    elif isinstance(term, AttributeTest) and term.name == "begins_with":
        operands, operator = term.arguments, "begins_with"
    else:
        names: dict[type, str] = {Or: "OR", Not: "NOT", In: "IN", Comparison: "<>"}
        name = term.name if isinstance(term, AttributeTest) else names.get(type(term), type(term).__name__)
        raise InvalidExpression(f"Invalid operator used in KeyConditionExpression: {name}", is_whole=True)
    if any(isinstance(operand, Size) for operand in operands):
        raise InvalidExpression("KeyConditionExpressions cannot contain nested operations", is_whole=True)
    path, *others = operands
    values = [other.value for other in others if isinstance(other, Value)]
    if not isinstance(path, Path):
        fault = "No key attribute specified"
        if len(values) < len(others):
            fault = f"{operator} operator must have the key attribute as its first operand"
        raise InvalidExpression(f"Invalid condition in KeyConditionExpression: {fault}", is_whole=True)
    if len(values) < len(others):
        fault = "Multiple attribute names used in one condition"
        raise InvalidExpression(f"Invalid condition in KeyConditionExpression: {fault}", is_whole=True)
    if len(path.steps) != 1:
        raise InvalidExpression(
            "Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: "
            f"Key: {path.steps[0]}",
            is_whole=True,
        )
    return SortCondition(str(path.steps[0]), cast("_Operator", operator), tuple(values))
