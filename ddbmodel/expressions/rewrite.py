"""Replaces the leaves of a tree, its paths and values, without recursion: depth belongs to the user."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

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
    if tree.__class__ not in _PARTS:
        return leaf(tree)
    done: list[Any] = []
    pending: list[tuple[Any, int]] = [(tree, 0)]
    while pending:
        node, part_count = pending.pop()
        if part_count:
            made = done[-part_count:]
            del done[-part_count:]
            done.append(_rebuilt(node, made))
            continue
        parts_of = _PARTS.get(node.__class__)
        if parts_of is None:
            done.append(leaf(node))
            continue
        parts = parts_of(node)
        pending.append((node, len(parts)))
        pending.extend((part, 0) for part in reversed(parts))
    return done[0]


# A table instead of a match: every request with an expression comes by here.
_PARTS: Final[Mapping[type, Callable[[Any], tuple[Any, ...]]]] = {
    And: lambda node: node.terms,
    Or: lambda node: node.terms,
    Not: lambda node: (node.term,),
    Comparison: lambda node: (node.left, node.right),
    Arithmetic: lambda node: (node.left, node.right),
    Between: lambda node: (node.operand, node.low, node.high),
    In: lambda node: (node.operand, *node.options),
    AttributeTest: lambda node: node.arguments,
    Size: lambda node: (node.operand,),
    IfNotExists: lambda node: (node.path, node.default),
    ListAppend: lambda node: (node.first, node.second),
    Changed: lambda node: (node.path,),
}


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
