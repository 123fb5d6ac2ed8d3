"""What an update expression weighs: the other measure of an UpdateItem against 409,600 bytes, in most regions.

| clause | bytes |
|---|---|
| every update | 3 |
| ``SET target = operand`` | 19 + target + operand |
| ``ADD target value`` | 19 + target + value, of a set the members that are new |
| ``REMOVE target``, ``DELETE target value`` | 1 + target |

| operand | bytes |
|---|---|
| value | its size |
| path | 1, and 14 + the element for each element |
| ``a + b``, ``a - b`` | 34, 37 and both operands |
| ``if_not_exists``, ``list_append`` | 39, 37 and both operands |

A target weighs its first name, and 4 + the element for each later one; an element its name's bytes or its digits.
The weight is checked before the condition, and beside the size of the finished item, not instead of it.

Source: measured on the service, eu-west-2, 2026; not documented.
"""

from __future__ import annotations

from typing import Any, Final

from ddbmodel.expressions.evaluate import value_at
from ddbmodel.expressions.tree import (
    AddAction,
    Arithmetic,
    IfNotExists,
    ListAppend,
    Path,
    SetAction,
    Step,
    Update,
    UpdateAction,
    Value,
)
from ddbmodel.values.item_size import utf8_length, value_size_bytes
from ddbmodel.values.wire import SET_TAGS, AttributeValue, Item, tag_of

__all__ = ["statement_size_bytes"]

_UPDATE: Final = 3
_WRITE: Final = 19
_REMOVE: Final = 1
_TARGET_STEP: Final = 4
_OPERAND: Final = 1
_OPERAND_STEP: Final = 14
_PLUS: Final = 34
_MINUS: Final = 37
_IF_NOT_EXISTS: Final = 39
_LIST_APPEND: Final = 37


def statement_size_bytes(update: Update, old: Item) -> int:
    """Return what the statement of an update weighs; `old` is the item that it meets."""
    return _UPDATE + sum(_clause_bytes(action, old) for action in update.actions)


def _clause_bytes(action: UpdateAction, old: Item) -> int:
    target = _target_bytes(action.path)
    if isinstance(action, SetAction):
        return _WRITE + target + _operand_bytes(action.operand)
    if isinstance(action, AddAction):
        assert isinstance(action.value, Value), "the tree is resolved"
        return _WRITE + target + _added_bytes(value_at(action.path, old), action.value.value)
    return _REMOVE + target


def _operand_bytes(operand: Any) -> int:
    total = 0
    pending = [operand]
    while pending:
        match pending.pop():
            case Value(value):
                total += value_size_bytes(value)
            case Path(steps):
                total += _OPERAND + sum(_OPERAND_STEP + _element_bytes(step) for step in steps)
            case Arithmetic(operator, left, right):
                total += _PLUS if operator == "+" else _MINUS
                pending += (left, right)
            case IfNotExists(path, default):
                total += _IF_NOT_EXISTS
                pending += (path, default)
            case ListAppend(first, second):
                total += _LIST_APPEND
                pending += (first, second)
    return total


def _added_bytes(current: AttributeValue | None, value: AttributeValue) -> int:
    tag = tag_of(value)
    if tag in SET_TAGS and current is not None and tag in current:
        there = set(current[tag])
        return value_size_bytes({tag: [member for member in value[tag] if member not in there]})
    return value_size_bytes(value)


def _target_bytes(path: Path) -> int:
    first, *later = path.steps
    return _element_bytes(first) + sum(_TARGET_STEP + _element_bytes(step) for step in later)


def _element_bytes(step: Step) -> int:
    return utf8_length(step) if isinstance(step, str) else len(str(step))
