"""From a key condition to the one range of key bytes that a query reads.

| condition on the sort key | range, after the bytes of everything before it |
|---|---|
| none | all that starts with them |
| ``= v`` | all that starts with v |
| ``< v``, ``<= v`` | from the start up to v, without and with all that starts with v |
| ``> v``, ``>= v`` | after and from v to the end |
| ``BETWEEN v AND w`` | from v up to and with all that starts with w |
| ``begins_with v`` | all that starts with v's bytes, its end mark left out |

A key with several sort attributes takes equalities on the first of them, without a gap, and one range after those.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from ddbmodel.engine.catalog import KeyAttribute, KeySchema
from ddbmodel.engine.key_bytes import partition_prefix, sort_bytes
from ddbmodel.engine.messages import items as messages
from ddbmodel.engine.messages.legacy import NOT_INDEXABLE
from ddbmodel.engine.messages.message import refused
from ddbmodel.engine.validation.keys import check_not_empty, check_partition_size
from ddbmodel.engine.validation.legacy import LegacyConditions
from ddbmodel.expressions.key_condition import KeyCondition, SortCondition
from ddbmodel.values.key_encoding import encode_key_value, prefix_end
from ddbmodel.values.wire import AttributeValue

__all__ = ["KeyRange", "check_key_condition", "legacy_key_condition", "range_of"]

# The comparison operators of before expressions that a range of keys can answer.
_INDEXABLE: Final[Mapping[str, Any]] = {
    "EQ": "=",
    "LT": "<",
    "LE": "<=",
    "GT": ">",
    "GE": ">=",
    "BETWEEN": "BETWEEN",
    "BEGINS_WITH": "begins_with",
}


class KeyRange(NamedTuple):
    """Keys from `low` up to and without `high`; None is no bound."""

    low: bytes
    high: bytes | None

    def contains(self, key: bytes) -> bool:
        """Return whether a key lies in the range."""
        return self.low <= key and (self.high is None or key < self.high)


def check_key_condition(keys: KeySchema, condition: KeyCondition) -> None:
    """Check that a condition fits the key schema of the table or index that is queried.

    Raises:
        Refusal: a key attribute that is missing, another attribute, a gap, another type.
    """
    equal, ranged = condition.equal, condition.range
    ranges = condition.excess if ranged is None else (ranged, *condition.excess)
    named = [*equal, *(term.attribute for term in ranges)]
    if len(named) > len(keys.attributes):
        message = messages.MANY_CONDITIONS_ON_HASH if len(named) == 2 else messages.MANY_KEY_CONDITIONS
        raise refused(message, count=len(named), limit=len(keys.attributes))
    for attribute in keys.partition:
        if any(term.attribute == attribute.name for term in ranges):
            raise refused(messages.KEY_CONDITION_NOT_SUPPORTED)
        if attribute.name not in equal:
            raise refused(messages.KEY_CONDITION_MISSED, name=attribute.name)
    _check_sort_attributes(keys, condition, named)
    for attribute in keys.attributes:
        values: tuple[AttributeValue, ...] = (equal[attribute.name],) if attribute.name in equal else ()
        if ranged is not None and ranged.attribute == attribute.name:
            values = ranged.values
        for value in values:
            _check_value(attribute, value)


def legacy_key_condition(keys: KeySchema, conditions: LegacyConditions) -> KeyCondition:
    """Return the key condition that conditions of before expressions are; `check_key_condition` checks the rest.

    Raises:
        Refusal: an operator that no range of keys can answer.
    """
    for attribute in keys.partition:
        if attribute.name not in conditions:
            raise refused(messages.KEY_CONDITION_MISSED, name=attribute.name)
    equal: dict[str, AttributeValue] = {}
    ranges: list[SortCondition] = []
    for name, (operator, values) in conditions.items():
        if operator not in _INDEXABLE:
            raise refused(NOT_INDEXABLE)
        if operator == "EQ":
            equal[name] = values[0]
        else:
            ranges.append(SortCondition(name, _INDEXABLE[operator], values))
    return KeyCondition(equal, ranges[0] if ranges else None, tuple(ranges[1:]))


def range_of(keys: KeySchema, condition: KeyCondition) -> KeyRange:
    """Return the keys that meet a checked condition."""
    check_partition_size(keys, condition.equal)
    prefix = partition_prefix([condition.equal[attribute.name] for attribute in keys.partition])
    prefix += sort_bytes(
        [condition.equal[attribute.name] for attribute in keys.sort if attribute.name in condition.equal]
    )
    ranged = condition.range
    if ranged is None:
        return KeyRange(prefix, prefix_end(prefix))
    return _sort_range(prefix, ranged)


def _check_sort_attributes(keys: KeySchema, condition: KeyCondition, named: list[str]) -> None:
    known = {attribute.name for attribute in keys.attributes}
    unknown = [name for name in named if name not in known]
    if unknown:
        missed = next((attribute.name for attribute in keys.sort if attribute.name not in named), unknown[0])
        raise refused(messages.KEY_CONDITION_MISSED, name=missed)
    gap: str | None = None
    for attribute in keys.sort:
        if gap is not None and attribute.name in named:
            raise refused(messages.KEY_CONDITION_GAP, missing=gap, name=attribute.name)
        if attribute.name not in condition.equal:
            gap = gap or attribute.name


def _check_value(attribute: KeyAttribute, value: AttributeValue) -> None:
    if attribute.type not in value:
        raise refused(messages.KEY_CONDITION_TYPE)
    check_not_empty((attribute,), {attribute.name: value})


def _sort_range(prefix: bytes, ranged: SortCondition) -> KeyRange:
    first = ranged.values[0]
    if ranged.operator == "begins_with":
        # Without the end mark, so that longer values follow; zero bytes are written as in a whole value.
        start = prefix + encode_key_value(first).replace(b"\x00", b"\x00\xff")
        return KeyRange(start, prefix_end(start))
    low = prefix + sort_bytes([first])
    match ranged.operator:
        case "=":
            return KeyRange(low, prefix_end(low))
        case "<":
            return KeyRange(prefix, low)
        case "<=":
            return KeyRange(prefix, prefix_end(low))
        case ">":
            return KeyRange(prefix_end(low) or low, prefix_end(prefix))
        case ">=":
            return KeyRange(low, prefix_end(prefix))
        case _:
            return KeyRange(low, prefix_end(prefix + sort_bytes([ranged.values[1]])))
