"""Replaces the leaves of a tree, its paths and values, without recursion: depth belongs to the user."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ddbmodel.expressions.tree import (
    And,
    Arithmetic,
    AttributeTest,
    Between,
    Changed,
    Comparison,
    Condition,
    IfNotExists,
    In,
    ListAppend,
    Not,
    Or,
    RemoveAction,
    SetAction,
    Size,
    Update,
)

__all__ = ["rewrite_condition", "rewrite_operand", "rewrite_update"]


def rewrite_condition(tree: Condition, leaf: Callable[[Any], Any]) -> Condition:
    """Return the condition with every path and value replaced by what `leaf` makes of it."""
    return _rewritten(tree, leaf)  # type: ignore[no-any-return]  # a node is rebuilt as its own kind


def rewrite_operand(operand: Any, leaf: Callable[[Any], Any]) -> Any:
    """Return the operand with every path and value replaced."""
    return _rewritten(operand, leaf)


def rewrite_update(tree: Update, leaf: Callable[[Any], Any]) -> Update:
    """Return the update with every path and value replaced."""
    actions: list[Any] = []
    for action in tree.actions:
        path = leaf(action.path)
        if isinstance(action, SetAction):
            actions.append(SetAction(path, _rewritten(action.operand, leaf)))
        elif isinstance(action, RemoveAction):
            actions.append(RemoveAction(path))
        else:
            actions.append(replace(action, path=path, value=leaf(action.value)))
    return Update(tuple(actions))


def _rewritten(tree: Any, leaf: Callable[[Any], Any]) -> Any:
    done: list[Any] = []
    pending: list[tuple[Any, bool]] = [(tree, False)]
    while pending:
        node, is_open = pending.pop()
        parts = _parts(node)
        if parts is None:
            done.append(leaf(node))
        elif is_open:
            first = len(done) - len(parts)
            made = done[first:]
            del done[first:]
            done.append(_rebuilt(node, made))
        else:
            pending.append((node, True))
            pending.extend((part, False) for part in reversed(parts))
    return done[0]


def _parts(node: Any) -> tuple[Any, ...] | None:
    match node:
        case And() | Or():
            return node.terms
        case Not():
            return (node.term,)
        case Comparison() | Arithmetic():
            return (node.left, node.right)
        case Between():
            return (node.operand, node.low, node.high)
        case In():
            return (node.operand, *node.options)
        case AttributeTest():
            return node.arguments
        case Size():
            return (node.operand,)
        case IfNotExists():
            return (node.path, node.default)
        case ListAppend():
            return (node.first, node.second)
        case Changed():
            return (node.path,)
    return None


def _rebuilt(node: Any, parts: list[Any]) -> Any:
    match node:
        case And() | Or():
            return type(node)(tuple(parts))
        case Comparison():
            return Comparison(node.comparator, parts[0], parts[1])
        case Arithmetic():
            return Arithmetic(node.operator, parts[0], parts[1])
        case In():
            return In(parts[0], tuple(parts[1:]))
        case AttributeTest():
            return AttributeTest(node.name, tuple(parts))
        case Changed():
            return Changed(parts[0], node.before, node.after)
    return type(node)(*parts)
