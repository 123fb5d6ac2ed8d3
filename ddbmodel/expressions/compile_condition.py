"""A condition made ready for many items: what an evaluation finds out about the tree is found out once.

```
And(a, Or(b, c), Not(d))    0: a   true → 1, false → no
                            1: b   true → 3, false → 2
                            2: c   true → 3, false → no
                            3: d   true → no, false → yes
```
Each term becomes a function of the item, and the tree a list of jumps, since it may be deeper than Python recurses.
The truth is that of `evaluate`, which is the better choice for a single item.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from operator import ge, gt, le, lt, methodcaller
from typing import Any, Final, TypeAlias

from ddbmodel.expressions.evaluate import compared, operand_value, ordered, term_holds, value_at
from ddbmodel.expressions.tree import (
    And,
    AttributeTest,
    Between,
    Comparison,
    Condition,
    In,
    Not,
    Operand,
    Or,
    Path,
    Value,
)
from ddbmodel.values.equality import same_value
from ddbmodel.values.wire import SCALAR_TAGS, AttributeValue, Item, tag_of

__all__ = ["CompiledCondition", "compile_condition"]

_Test: TypeAlias = Callable[[Item], bool]
_Read: TypeAlias = Callable[[Item], AttributeValue | None]

_TRUE: Final = -1
_FALSE: Final = -2
_ORDERED_TAGS: Final = frozenset({"S", "N", "B"})
_ORDERS: Final[Mapping[str, Callable[[Any, Any], bool]]] = {"<": lt, "<=": le, ">": gt, ">=": ge}
# As seen from the other side.
_MIRRORED: Final[Mapping[str, str]] = {"=": "=", "<>": "<>", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


@dataclass(frozen=True, slots=True)
class CompiledCondition:
    """A resolved condition as a function of the item."""

    holds: Callable[[Item], bool]
    term_count: int
    """How many terms one evaluation looks at, at most; each option of an ``IN`` counts."""


def compile_condition(condition: Condition) -> CompiledCondition:
    """Return a resolved condition, without a `Changed` in it, ready for many items."""
    tests: list[_Test] = []
    targets: list[tuple[int, int]] = []
    # Where a term begins is known when its turn comes, so jumps lead to labels until then.
    starts: list[int] = []
    term_count = 0
    pending: list[tuple[Condition, int | None, int, int]] = [(condition, None, _TRUE, _FALSE)]
    while pending:
        node, label, when_true, when_false = pending.pop()
        if label is not None:
            starts[label] = len(tests)
        if isinstance(node, Not):
            pending.append((node.term, None, when_false, when_true))
        elif isinstance(node, (And, Or)):
            labels: list[int | None] = [None, *range(len(starts), len(starts) + len(node.terms) - 1)]
            starts += [0] * (len(node.terms) - 1)
            parts: list[tuple[Condition, int | None, int, int]] = []
            for term, own, following in zip(node.terms, labels, [*labels[1:], None], strict=True):
                if following is None:
                    parts.append((term, own, when_true, when_false))
                elif isinstance(node, And):
                    parts.append((term, own, following, when_false))
                else:
                    parts.append((term, own, when_true, following))
            pending.extend(reversed(parts))
        else:
            tests.append(_test(node))
            targets.append((when_true, when_false))
            term_count += len(node.options) if isinstance(node, In) else 1
    if len(tests) == 1 and targets == [(_TRUE, _FALSE)]:
        return CompiledCondition(tests[0], term_count)
    steps = [
        (test, *(target if target < 0 else starts[target] for target in pair))
        for test, pair in zip(tests, targets, strict=True)
    ]
    return CompiledCondition(partial(_walk, steps), term_count)


def _walk(steps: list[tuple[Any, ...]], item: Item) -> bool:
    at = 0
    while at >= 0:
        test, when_true, when_false = steps[at]
        at = when_true if test(item) else when_false
    return at == _TRUE


def _test(term: Condition) -> _Test:
    test: _Test | None = None
    if isinstance(term, Comparison):
        if isinstance(term.right, Value):
            test = _compared(term.comparator, term.left, term.right.value)
        elif isinstance(term.left, Value):
            test = _compared(_MIRRORED[term.comparator], term.right, term.left.value)
        else:
            test = _compared_with_other(term.comparator, _read(term.left), _read(term.right))
    elif isinstance(term, Between):
        test = _between(term)
    elif isinstance(term, In):
        test = _in(term)
    elif isinstance(term, AttributeTest):
        test = _tested(term)
    return partial(term_holds, term) if test is None else test


def _read(operand: Operand) -> _Read:
    if isinstance(operand, Path) and len(operand.steps) == 1:
        return methodcaller("get", operand.steps[0])
    if isinstance(operand, Path):
        return partial(value_at, operand)
    return partial(operand_value, operand)


def _compared(comparator: str, operand: Operand, wanted: AttributeValue) -> _Test | None:
    read, tag = _read(operand), tag_of(wanted)
    if comparator == "=":
        # Equal data is an equal value; of the rest only what holds sets can be one.
        if tag in SCALAR_TAGS:
            return lambda item: read(item) == wanted
        return lambda item: (value := read(item)) is not None and same_value(value, wanted)
    if comparator == "<>":
        if tag in SCALAR_TAGS:
            return lambda item: read(item) != wanted
        return lambda item: (value := read(item)) is None or not same_value(value, wanted)
    if tag not in _ORDERED_TAGS:
        return lambda _: False
    return _ordered(_ORDERS[comparator], read, wanted)


def _compared_with_other(comparator: str, left: _Read, right: _Read) -> _Test:
    return lambda item: compared(comparator, left(item), right(item))


def _ordered(order: Callable[[Any, Any], bool], read: _Read, bound_value: AttributeValue) -> _Test:
    tag, bound = tag_of(bound_value), ordered(bound_value)
    if tag == "S":
        return lambda item: (value := read(item)) is not None and "S" in value and order(value["S"], bound)
    return lambda item: (value := read(item)) is not None and tag in value and order(ordered(value), bound)


def _between(term: Between) -> _Test | None:
    if not (isinstance(term.low, Value) and isinstance(term.high, Value)):
        return None
    tag = tag_of(term.low.value)
    if tag not in _ORDERED_TAGS or tag not in term.high.value:
        return None
    read, low, high = _read(term.operand), ordered(term.low.value), ordered(term.high.value)
    return lambda item: (value := read(item)) is not None and tag in value and low <= ordered(value) <= high


def _in(term: In) -> _Test | None:
    members: dict[str, set[Any]] = {}
    for option in term.options:
        if not isinstance(option, Value) or tag_of(option.value) not in SCALAR_TAGS:
            return None
        tag = tag_of(option.value)
        members.setdefault(tag, set()).add(option.value[tag])
    read = _read(term.operand)

    def holds(item: Item) -> bool:
        for tag, inner in (read(item) or {}).items():
            return tag in members and inner in members[tag]
        return False

    return holds


def _tested(term: AttributeTest) -> _Test | None:
    read = _read(term.arguments[0])
    if term.name == "attribute_exists":
        return lambda item: read(item) is not None
    if term.name == "attribute_not_exists":
        return lambda item: read(item) is None
    other = term.arguments[1]
    if not isinstance(other, Value):
        return None
    if term.name == "attribute_type":
        tag = other.value.get("S")
        return lambda item: (value := read(item)) is not None and tag in value
    if term.name == "begins_with" and "S" in other.value:
        prefix = other.value["S"]
        return lambda item: (value := read(item)) is not None and "S" in value and value["S"].startswith(prefix)
    return _contains(read, other.value) if term.name == "contains" and "S" in other.value else None


def _contains(read: _Read, wanted: AttributeValue) -> _Test:
    text = wanted["S"]

    def holds(item: Item) -> bool:
        for tag, inner in (read(item) or {}).items():
            if tag in ("S", "SS"):
                return text in inner
            return tag == "L" and wanted in inner
        return False

    return holds
