"""Parameters of before expressions, checked and turned into the trees that expressions make.

| parameter | becomes |
|---|---|
| ``Expected``, ``QueryFilter``, ``ScanFilter`` | a `Condition`: a term for each attribute, joined by the operator |
| ``KeyConditions`` | a mapping of attributes to operators and values, fitted to a key schema by `items.key_ranges` |
| ``AttributeUpdates`` | an `Update` |
| ``AttributesToGet`` | a `Projection` |

| ComparisonOperator | values | of types | term |
|---|---|---|---|
| EQ, NE | 1 | all | ``=``, ``<>`` (NE holds for an attribute that is not there) |
| LE, LT, GE, GT | 1 | S, N, B | the comparison |
| BEGINS_WITH | 1 | S, B | ``begins_with`` |
| CONTAINS, NOT_CONTAINS | 1 | scalars | ``contains``; NOT_CONTAINS needs the attribute too |
| IN | 1 or more | S, N, B | ``IN`` |
| BETWEEN | 2 | S, N, B | ``BETWEEN`` |
| NULL, NOT_NULL | 0 | | ``attribute_not_exists``, ``attribute_exists`` |

Names are whole attribute names here, never paths. Source: AWS Developer Guide, "Legacy conditional parameters";
operators and types as observed on DynamoDB Local.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple, TypeAlias

from ddbmodel.engine.messages import legacy as messages
from ddbmodel.engine.messages.message import refused
from ddbmodel.engine.messages.values import EMPTY_ATTRIBUTE_NAME
from ddbmodel.engine.validation.attribute_values import canonical_value
from ddbmodel.expressions.tree import (
    AddAction,
    And,
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
    Path,
    Projection,
    RemoveAction,
    SetAction,
    Update,
    UpdateAction,
    Value,
)
from ddbmodel.values.key_encoding import encode_key_value
from ddbmodel.values.wire import SCALAR_TAGS, SET_TAGS, TYPE_TAGS, AttributeValue, tag_of

__all__ = [
    "LegacyConditions",
    "LegacyTerm",
    "attribute_updates",
    "attributes_to_get",
    "expected_condition",
    "filter_condition",
    "has_legacy_parameters",
    "key_conditions",
]

# In the order in which the service lists them.
_PARAMETERS: Final = (
    "AttributesToGet",
    "AttributeUpdates",
    "Expected",
    "QueryFilter",
    "ScanFilter",
    "ConditionalOperator",
    "KeyConditions",
)
_NAMES: Final = frozenset(_PARAMETERS)

_ORDERED: Final = frozenset({"S", "N", "B"})
_TYPES: Final[Mapping[str, frozenset[str]]] = {
    "EQ": TYPE_TAGS,
    "NE": TYPE_TAGS,
    "LE": _ORDERED,
    "LT": _ORDERED,
    "GE": _ORDERED,
    "GT": _ORDERED,
    "BEGINS_WITH": frozenset({"S", "B"}),
    "CONTAINS": SCALAR_TAGS,
    "NOT_CONTAINS": SCALAR_TAGS,
    "IN": _ORDERED,
    "BETWEEN": _ORDERED,
    "NULL": frozenset(),
    "NOT_NULL": frozenset(),
}
_COMPARATORS: Final[Mapping[str, Any]] = {"EQ": "=", "NE": "<>", "LE": "<=", "LT": "<", "GE": ">=", "GT": ">"}
_ADDABLE: Final = SET_TAGS | {"N", "L"}


class LegacyTerm(NamedTuple):
    """A condition on one attribute: a ``ComparisonOperator`` and the values that it takes, checked and canonical."""

    operator: str
    values: tuple[AttributeValue, ...]


LegacyConditions: TypeAlias = Mapping[str, LegacyTerm]
"""Attribute names to the condition on each."""


def has_legacy_parameters(request: Mapping[str, Any], *expressions: str) -> bool:
    """Return whether a request has parameters of before expressions.

    Args:
        expressions: the expression parameters of the operation, in the order in which messages list them.

    Raises:
        Refusal: it has parameters of both kinds.
    """
    if _NAMES.isdisjoint(request):
        return False
    written = [name for name in expressions if name in request]
    if written:
        # Key conditions of the old form go with a filter or a projection of the new one.
        alone = "KeyConditions" if "KeyConditionExpression" not in request else None
        legacy = [name for name in _PARAMETERS if name in request and name != alone]
        if legacy:
            raise refused(messages.MIXED, legacy=", ".join(legacy), expressions=", ".join(written))
    return True


def expected_condition(request: Mapping[str, Any]) -> Condition | None:
    """Return what ``Expected`` demands of an item, or None.

    Raises:
        Refusal: its parts contradict each other, or an operator does not take such values.
    """
    expected = request.get("Expected", {})
    _check_operator(request, len(expected))
    return _joined(request, {name: _expected_term(name, entry) for name, entry in expected.items()})


def filter_condition(request: Mapping[str, Any], parameter: str) -> Condition | None:
    """Return the filter of ``QueryFilter`` or ``ScanFilter``, or None; raises as `expected_condition`."""
    entries = request.get(parameter, {})
    if parameter == "QueryFilter":
        _check_operator(request, len(entries))
    terms = _terms(entries)
    # The older validation of a scan looks at values first.
    _check_operator(request, len(entries))
    return _joined(request, terms)


def key_conditions(request: Mapping[str, Any]) -> LegacyConditions | None:
    """Return the ``KeyConditions`` of a query, or None; raises as `expected_condition`."""
    entries = request.get("KeyConditions")
    if entries is None:
        return None
    terms = _terms(entries)
    if not 1 <= len(terms) <= 2:
        raise refused(messages.MANY_KEY_CONDITIONS)
    return terms


def attribute_updates(request: Mapping[str, Any]) -> Update | None:
    """Return the update of ``AttributeUpdates``; None when there is none, or an empty one.

    Raises:
        Refusal: a value that an action needs or does not take.
    """
    updates = request.get("AttributeUpdates")
    if not updates:
        return None
    return Update(tuple(_update_action(name, entry) for name, entry in updates.items()))


def attributes_to_get(request: Mapping[str, Any]) -> Projection | None:
    """Return the projection of ``AttributesToGet``, or None; Refusal for a name that is there twice."""
    names = request.get("AttributesToGet")
    if names is None:
        return None
    paths: dict[str, Path] = {}
    for name in names:
        if name in paths:
            raise refused(messages.DUPLICATE_NAME, name=name)
        paths[name] = _path(name)
    return Projection(tuple(paths.values()))


def _check_operator(request: Mapping[str, Any], count: int) -> None:
    if "ConditionalOperator" in request and count < 2:
        raise refused(messages.OPERATOR_WITH_ONE_CONDITION if count else messages.OPERATOR_WITHOUT_CONDITIONS)


def _joined(request: Mapping[str, Any], terms: LegacyConditions) -> Condition | None:
    conditions = tuple(_condition(_path(name), term) for name, term in terms.items())
    if len(conditions) < 2:
        return conditions[0] if conditions else None
    return Or(conditions) if request.get("ConditionalOperator") == "OR" else And(conditions)


def _terms(entries: Mapping[str, Any]) -> dict[str, LegacyTerm]:
    return {
        name: _checked_term(entry["ComparisonOperator"], entry.get("AttributeValueList", ()))
        for name, entry in entries.items()
    }


def _expected_term(name: str, entry: Mapping[str, Any]) -> LegacyTerm:
    operator, exists = entry.get("ComparisonOperator"), entry.get("Exists")
    value, values = entry.get("Value"), entry.get("AttributeValueList")
    if value is not None and values is not None:
        raise refused(messages.VALUE_AND_LIST, name=name)
    if operator is not None:
        if exists is not None:
            raise refused(messages.EXISTS_WITH_OPERATOR, name=name)
        if value is None and values is None and operator not in ("NULL", "NOT_NULL"):
            raise refused(messages.OPERATOR_WITHOUT_VALUE, operator=operator, name=name)
        return _checked_term(operator, (value,) if value is not None else values or ())
    if values is not None:
        raise refused(messages.LIST_WITHOUT_OPERATOR, name=name)
    if exists is False:
        if value is not None:
            raise refused(messages.VALUE_FORBIDDEN, name=name)
        return LegacyTerm("NULL", ())
    if value is None:
        raise refused(messages.VALUE_REQUIRED, exists="null" if exists is None else "true", name=name)
    return _checked_term("EQ", (value,))


def _checked_term(operator: str, values: Any) -> LegacyTerm:
    kept = tuple(canonical_value(value) for value in values)
    wanted = {"NULL": 0, "NOT_NULL": 0, "BETWEEN": 2, "IN": max(1, len(kept))}.get(operator, 1)
    if len(kept) != wanted:
        raise refused(messages.NUMBER_OF_ARGUMENTS, operator=operator)
    for value in kept:
        tag = tag_of(value)
        if tag not in _TYPES[operator]:
            raise refused(messages.OPERAND_TYPE, operator=operator, type=tag)
        if tag not in kept[0]:
            raise refused(messages.OPERANDS_DIFFER)
    if operator == "BETWEEN" and encode_key_value(kept[0]) > encode_key_value(kept[1]):
        raise refused(messages.BOUNDS)
    return LegacyTerm(operator, kept)


def _condition(path: Path, term: LegacyTerm) -> Condition:
    operator, values = term.operator, tuple(Value(value) for value in term.values)
    if operator in _COMPARATORS:
        return Comparison(_COMPARATORS[operator], path, values[0])
    match operator:
        case "NULL":
            return AttributeTest("attribute_not_exists", (path,))
        case "NOT_NULL":
            return AttributeTest("attribute_exists", (path,))
        case "BEGINS_WITH":
            return AttributeTest("begins_with", (path, values[0]))
        case "CONTAINS":
            return AttributeTest("contains", (path, values[0]))
        case "NOT_CONTAINS":
            there = AttributeTest("attribute_exists", (path,))
            return And((there, Not(AttributeTest("contains", (path, values[0])))))
        case "IN":
            return In(path, values)
        case _:
            return Between(path, values[0], values[1])


def _update_action(name: str, entry: Mapping[str, Any]) -> UpdateAction:
    path, action = _path(name), entry.get("Action", "PUT")
    if "Value" not in entry:
        if action != "DELETE":
            raise refused(messages.NO_VALUE)
        return RemoveAction(path)
    value = canonical_value(entry["Value"])
    tag = tag_of(value)
    if action == "PUT":
        return SetAction(path, Value(value))
    if action == "DELETE":
        if tag not in SET_TAGS:
            raise refused(messages.DELETE_TYPE, type=tag)
        return DeleteAction(path, Value(value))
    if tag not in _ADDABLE:
        raise refused(messages.ADD_TYPE, type=tag)
    if tag == "L":
        # ADD puts elements behind those of a list, or makes it, which no ADD of an expression does.
        return SetAction(path, ListAppend(IfNotExists(path, Value({"L": []})), Value(value)))
    return AddAction(path, Value(value))


def _path(name: str) -> Path:
    if not name:
        raise refused(EMPTY_ATTRIBUTE_NAME)
    return Path((name,))
