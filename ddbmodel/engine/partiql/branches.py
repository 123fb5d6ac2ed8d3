"""From a WHERE clause to its branches: alternatives that each say which keys they are about.

| in a condition | in a branch |
|---|---|
| partition key ``= v``, ``IN [v, …]`` | the partition; a branch for each value |
| sort key ``=``, ``<``, ``<=``, ``>``, ``>=``, ``BETWEEN``, ``begins_with`` | a range |
| sort key ``IN [v, …]`` | a range; a branch for each value |
| sort key ``<>``, ``NOT`` of anything on it | reads the whole partition, and may overlap with other branches |
| ``OR`` of anything on a key attribute | a branch for each side |
| everything else | a filter |

Without a partition in every branch there are no branches: the statement reads everything.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias, TypeVar

from ddbmodel.engine.catalog import KeySchema
from ddbmodel.engine.messages.message import refused
from ddbmodel.engine.messages.partiql import TOO_MANY_READS
from ddbmodel.expressions.key_condition import SortCondition
from ddbmodel.expressions.paths import paths_of
from ddbmodel.expressions.tree import And, AttributeTest, Between, Comparison, Condition, In, Not, Or, Path, Value
from ddbmodel.values.wire import AttributeValue

__all__ = ["MAX_READS", "Branch", "branches_of"]

MAX_READS: Final = 50
"""A statement that would read more key ranges than this is refused."""

T = TypeVar("T")
_Operator: TypeAlias = Literal["=", "<", "<=", ">", ">="]
_MIRRORED: Final[dict[str, _Operator]] = {"=": "=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


@dataclass(frozen=True, slots=True)
class Branch:
    """One alternative of a condition."""

    partition: AttributeValue | None = None
    sorts: tuple[SortCondition, ...] = ()
    filters: tuple[Condition, ...] = ()
    is_negated: bool = False
    """Something is denied of the sort key."""
    is_contradiction: bool = False
    """Two different partition values are asked for."""
    is_listed: bool = False
    """The partition is one of several of an IN."""


def branches_of(condition: Condition | None, keys: KeySchema) -> list[Branch] | None:
    """Return the branches of a condition, None when one of them has no partition.

    Raises:
        Refusal: there are more than `MAX_READS`.
    """
    partition = keys.partition[0].name
    sort = keys.sort[0].name if keys.sort else None
    if condition is None or not _folded(condition, lambda term: _pins(term, partition), _all_pin, lambda _: True):
        return None
    names = {partition, sort}

    def is_about_keys(term: Or) -> bool:
        return any(path.steps[0] in names for path in paths_of(term))

    branches = _folded(condition, lambda term: _leaf(term, partition, sort), _joined, is_about_keys)
    return None if any(branch.is_contradiction or branch.partition is None for branch in branches) else branches


def _folded(
    condition: Condition,
    leaf: Callable[[Condition], T],
    joined: Callable[[And | Or, list[T]], T],
    is_opened: Callable[[Or], bool],
) -> T:
    """Work off the ANDs and ORs of a condition from the inside; an OR that is not opened is a leaf."""
    done: list[T] = []
    pending: list[tuple[Condition, bool]] = [(condition, False)]
    while pending:
        node, is_open = pending.pop()
        if not isinstance(node, (And, Or)) or (isinstance(node, Or) and not is_open and not is_opened(node)):
            done.append(leaf(node))
        elif is_open:
            first = len(done) - len(node.terms)
            made = done[first:]
            del done[first:]
            done.append(joined(node, made))
        else:
            pending.append((node, True))
            pending.extend((term, False) for term in reversed(node.terms))
    return done[0]


def _pins(term: Condition, partition: str) -> bool:
    if isinstance(term, In):
        return _is_key(term.operand, partition) and all(isinstance(option, Value) for option in term.options)
    return _equality(term, partition) is not None


def _all_pin(node: And | Or, parts: list[bool]) -> bool:
    return any(parts) if isinstance(node, And) else all(parts)


def _leaf(term: Condition, partition: str, sort: str | None) -> list[Branch]:
    value = _equality(term, partition)
    if value is not None:
        return [Branch(partition=value)]
    if isinstance(term, In) and all(isinstance(option, Value) for option in term.options):
        values = [option.value for option in term.options if isinstance(option, Value)]
        if _is_key(term.operand, partition):
            is_listed = len(values) > 1
            return _limited([Branch(partition=value, is_listed=is_listed) for value in values])
        if sort is not None and _is_key(term.operand, sort):
            return _limited([Branch(sorts=(SortCondition(sort, "=", (value,)),)) for value in values])
    found = None if sort is None else _sort_condition(term, sort)
    if found is not None:
        return [Branch(sorts=(found,))]
    denied = isinstance(term, Not) or (isinstance(term, Comparison) and term.comparator == "<>")
    is_negated = denied and any(path.steps[0] == sort for path in paths_of(term))
    return [Branch(filters=(term,), is_negated=is_negated)]


def _joined(node: And | Or, parts: list[list[Branch]]) -> list[Branch]:
    if isinstance(node, Or):
        return _limited([branch for part in parts for branch in part])
    branches = parts[0]
    for part in parts[1:]:
        branches = _limited([_both(one, other) for one in branches for other in part])
    return branches


def _both(one: Branch, other: Branch) -> Branch:
    differ = one.partition is not None and other.partition is not None and one.partition != other.partition
    return Branch(
        one.partition if one.partition is not None else other.partition,
        one.sorts + tuple(sort for sort in other.sorts if sort not in one.sorts),
        one.filters + other.filters,
        one.is_negated or other.is_negated,
        one.is_contradiction or other.is_contradiction or differ,
        one.is_listed or other.is_listed,
    )


def _limited(branches: list[Branch]) -> list[Branch]:
    if len(branches) > MAX_READS:
        raise refused(TOO_MANY_READS)
    return branches


def _equality(term: Condition, name: str) -> AttributeValue | None:
    if not isinstance(term, Comparison) or term.comparator != "=":
        return None
    for path, value in ((term.left, term.right), (term.right, term.left)):
        if _is_key(path, name) and isinstance(value, Value):
            return value.value
    return None


def _sort_condition(term: Condition, sort: str) -> SortCondition | None:
    match term:
        case Comparison(comparator, left, Value(value)) if comparator != "<>" and _is_key(left, sort):
            return SortCondition(sort, comparator, (value,))
        case Comparison(comparator, Value(value), right) if comparator != "<>" and _is_key(right, sort):
            return SortCondition(sort, _MIRRORED[comparator], (value,))
        case Between(operand, Value(low), Value(high)) if _is_key(operand, sort):
            return SortCondition(sort, "BETWEEN", (low, high))
        case AttributeTest("begins_with", (operand, Value(value))) if _is_key(operand, sort):
            return SortCondition(sort, "begins_with", (value,))
    return None


def _is_key(operand: object, name: str) -> bool:
    return isinstance(operand, Path) and operand.steps == (name,)
