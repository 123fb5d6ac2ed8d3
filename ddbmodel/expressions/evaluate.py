"""Conditions on items: the truth of a resolved tree, without recursion."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

from ddbmodel.expressions.tree import (
    Absent,
    And,
    AttributeTest,
    Between,
    Changed,
    Comparison,
    Condition,
    In,
    Not,
    Operand,
    Or,
    Path,
    Size,
    Value,
)
from ddbmodel.values.binary import from_base64
from ddbmodel.values.equality import same_value
from ddbmodel.values.item_size import base64_length, utf8_length
from ddbmodel.values.wire import SET_TAGS, AttributeValue, Item, tag_of

__all__ = ["compared", "evaluate", "evaluate_change", "operand_value", "ordered", "term_holds", "value_at"]


def evaluate(condition: Condition, item: Item | None) -> bool:
    """Return whether a resolved condition holds for an item; None is no item."""
    found = item or {}
    return _truth(condition, lambda term: term_holds(term, found))


def evaluate_change(condition: Condition, old: Item | None, new: Item | None) -> bool:
    """Return whether a condition holds for a change; terms other than `Changed` look at new, or old without new."""
    current = (new if new is not None else old) or {}
    before, after = old or {}, new or {}

    def holds(term: Condition) -> bool:
        if not isinstance(term, Changed):
            return term_holds(term, current)
        was, now = value_at(term.path, before), value_at(term.path, after)
        return not _same(was, now) and _fits(term.before, was) and _fits(term.after, now)

    return _truth(condition, holds)


def value_at(path: Path, item: Item) -> AttributeValue | None:
    """Return the value at a resolved path, or None when there is none."""
    value: AttributeValue | None = {"M": item}
    for step in path.steps:
        if value is None:
            return None
        if isinstance(step, int):
            members = value.get("L", ())
            value = members[step] if step < len(members) else None
        else:
            value = value.get("M", {}).get(step)
    return value


def term_holds(term: Condition, item: Item) -> bool:
    """Return whether a resolved condition without parts that are conditions holds for an item."""
    if isinstance(term, Comparison):
        return compared(term.comparator, operand_value(term.left, item), operand_value(term.right, item))
    if isinstance(term, Between):
        value = operand_value(term.operand, item)
        low, high = operand_value(term.low, item), operand_value(term.high, item)
        return compared(">=", value, low) and compared("<=", value, high)
    if isinstance(term, In):
        value = operand_value(term.operand, item)
        return value is not None and any(_same(value, operand_value(option, item)) for option in term.options)
    if isinstance(term, AttributeTest):
        return _tested(term, item)
    raise TypeError(f"a condition of kind {type(term).__name__} needs both images; use evaluate_change")


def compared(comparator: str, left: AttributeValue | None, right: AttributeValue | None) -> bool:
    """Return whether two values, or what is none, compare like this."""
    if comparator == "=":
        return left is not None and _same(left, right)
    if comparator == "<>":
        return left is None or not _same(left, right)
    if left is None or right is None:
        return False
    tag = tag_of(left)
    if tag not in ("S", "N", "B") or tag not in right:
        return False
    one, other = ordered(left), ordered(right)
    if comparator == "<":
        return bool(one < other)
    if comparator == "<=":
        return bool(one <= other)
    return bool(one > other if comparator == ">" else one >= other)


def operand_value(operand: Operand, item: Item) -> AttributeValue | None:
    """Return the value of a resolved operand, or None when there is none."""
    sizes = 0
    while isinstance(operand, Size):
        sizes += 1
        operand = operand.operand
    if isinstance(operand, Path):
        value = value_at(operand, item)
    elif isinstance(operand, Value):
        value = operand.value
    else:
        raise TypeError(f"the placeholder {operand.placeholder!r} has no value; resolve the condition first")
    for _ in range(sizes):
        value = _size(value)
    return value


def ordered(value: AttributeValue) -> Any:
    """Return what values of one of the types S, N and B are ordered by."""
    if "N" in value:
        return Decimal(value["N"])
    # Texts compare by code point, which is the order of their UTF-8 bytes.
    return value["S"] if "S" in value else from_base64(value["B"])


def _truth(condition: Condition, holds: Callable[[Condition], bool]) -> bool:
    opened: list[tuple[type, Iterator[Condition]]] = []
    node = condition
    while True:
        if isinstance(node, (And, Or)):
            terms = iter(node.terms)
            opened.append((type(node), terms))
            node = next(terms)
            continue
        if isinstance(node, Not):
            opened.append((Not, iter(())))
            node = node.term
            continue
        result = holds(node)
        while opened:
            kind, terms = opened[-1]
            if kind is Not:
                result = not result
            elif result is (kind is And):
                following = next(terms, None)
                if following is not None:
                    node = following
                    break
            opened.pop()
        else:
            return result


def _tested(term: AttributeTest, item: Item) -> bool:
    value = operand_value(term.arguments[0], item)
    if term.name == "attribute_exists":
        return value is not None
    if term.name == "attribute_not_exists":
        return value is None
    other = operand_value(term.arguments[1], item)
    if value is None or other is None:
        return False
    tag, wanted = tag_of(value), tag_of(other)
    if term.name == "attribute_type":
        return wanted == "S" and tag == other["S"]
    if term.name == "begins_with":
        return tag == wanted and tag in ("S", "B") and bool(ordered(value).startswith(ordered(other)))
    if tag == "L":
        # Equal data is an equal value; of the rest only sets in another order are.
        return other in value["L"] or (_holds_set(other) and any(same_value(member, other) for member in value["L"]))
    if tag in ("SS", "NS", "BS"):
        return wanted == tag[0] and other[wanted] in value[tag]
    return tag == wanted and tag in ("S", "B") and ordered(other) in ordered(value)


def _holds_set(value: AttributeValue) -> bool:
    pending = [value]
    for current in pending:
        for tag, inner in current.items():
            if tag in SET_TAGS:
                return True
            if tag in ("L", "M"):
                pending.extend(inner if tag == "L" else inner.values())
    return False


def _size(value: AttributeValue | None) -> AttributeValue | None:
    for tag, inner in (value or {}).items():
        if tag == "S":
            return {"N": str(utf8_length(inner))}
        if tag == "B":
            return {"N": str(base64_length(inner))}
        if tag in ("L", "M", "SS", "NS", "BS"):
            return {"N": str(len(inner))}
    return None


def _same(left: AttributeValue | None, right: AttributeValue | None) -> bool:
    return left is right if left is None or right is None else same_value(left, right)


def _fits(wanted: Value | Absent | None, value: AttributeValue | None) -> bool:
    if isinstance(wanted, Value):
        return _same(wanted.value, value)
    return wanted is None or value is None
