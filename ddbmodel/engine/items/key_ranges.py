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

from typing import NamedTuple

from ddbmodel.engine.catalog import KeyAttribute, KeySchema
from ddbmodel.engine.key_bytes import partition_prefix, sort_bytes
from ddbmodel.engine.validation.faults import invalid
from ddbmodel.engine.validation.keys import check_not_empty, check_partition_size
from ddbmodel.expressions.key_condition import KeyCondition, SortCondition
from ddbmodel.values.key_encoding import encode_key_value, prefix_end
from ddbmodel.values.wire import AttributeValue

__all__ = ["KeyRange", "check_key_condition", "range_of"]


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
        ServiceError: ``ValidationException``: a key attribute that is missing, another attribute, a gap, another type.
    """
    equal, ranged = condition.equal, condition.range
    named = [*equal, *(() if ranged is None else (ranged.attribute,))]
    if len(named) > 2 and len(keys.attributes) <= 2:
        raise invalid("Conditions can be of length 1 or 2 only")
    if len(named) > len(keys.attributes):
        raise invalid(
            f"The number of query conditions ({len(named)}) exceeds the number of key attributes "
            f"defined in the schema ({len(keys.attributes)})"
        )
    for attribute in keys.partition:
        if ranged is not None and ranged.attribute == attribute.name:
            raise invalid("Query key condition not supported")
        if attribute.name not in equal:
            raise invalid(f"Query condition missed key schema element: {attribute.name}")
    _check_sort_attributes(keys, condition, named)
    for attribute in keys.attributes:
        values: tuple[AttributeValue, ...] = (equal[attribute.name],) if attribute.name in equal else ()
        if ranged is not None and ranged.attribute == attribute.name:
            values = ranged.values
        for value in values:
            _check_value(attribute, value)


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
        if not keys.sort:
            raise invalid("Query key condition not supported")
        raise invalid(f"Query condition missed key schema element: {missed}")
    gap: str | None = None
    for attribute in keys.sort:
        if gap is not None and attribute.name in named:
            raise invalid(
                f"RANGE key attributes {gap} must have equality conditions specified in the query because a condition "
                f"is present on key attribute {attribute.name}"
            )
        if attribute.name not in condition.equal:
            gap = gap or attribute.name


def _check_value(attribute: KeyAttribute, value: AttributeValue) -> None:
    if attribute.type not in value:
        raise invalid("One or more parameter values were invalid: Condition parameter type does not match schema type")
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
