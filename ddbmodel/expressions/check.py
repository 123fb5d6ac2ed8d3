"""Rules on a resolved tree that need no item: paths that overlap or conflict, operands that must differ.

What a literal operand may be is in `operand_types.py`; `check_condition` and `check_update` ask there too.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ddbmodel.expressions.errors import InvalidExpression
from ddbmodel.expressions.operand_types import check_condition_operands, check_update_operands
from ddbmodel.expressions.tree import (
    And,
    AttributeTest,
    Between,
    Comparison,
    Condition,
    IfNotExists,
    In,
    Not,
    Or,
    Path,
    Projection,
    SetAction,
    Update,
)

__all__ = ["check_condition", "check_projection", "check_update"]


def check_condition(tree: Condition) -> None:
    """Raise InvalidExpression for a path tested against itself, and for literals that an operator does not take."""
    pending = [tree]
    while pending:
        node = pending.pop()
        if isinstance(node, (And, Or)):
            pending.extend(reversed(node.terms))
        elif isinstance(node, Not):
            pending.append(node.term)
        elif isinstance(node, Comparison):
            _check_distinct(node.comparator, node.left, node.right)
        elif isinstance(node, Between):
            _check_distinct("BETWEEN", node.operand, node.low, node.high)
        elif isinstance(node, In):
            _check_distinct("IN", node.operand, *node.options)
        elif isinstance(node, AttributeTest):
            _check_distinct(node.name, *node.arguments)
    check_condition_operands(tree)


def check_update(tree: Update) -> None:
    """Raise InvalidExpression when two actions touch the same part of the item, or a literal is not what one takes."""
    _check_paths([action.path for action in tree.actions])
    for action in tree.actions:
        operand: Any = action.operand if isinstance(action, SetAction) else None
        while isinstance(operand, IfNotExists):
            _check_distinct("if_not_exists", operand.path, operand.default)
            operand = operand.default
    check_update_operands(tree)


def check_projection(tree: Projection) -> None:
    """Raise InvalidExpression when two paths overlap or conflict."""
    _check_paths(tree.paths)


def _check_distinct(operator: str, first: Any, *others: Any) -> None:
    if isinstance(first, Path) and first in others:
        raise InvalidExpression(
            "The first operand must be distinct from the remaining operands for this operator or function; "
            f"operator: {operator}, first operand: {_shown(first)}"
        )


def _check_paths(paths: Sequence[Path]) -> None:
    for index, two in enumerate(paths):
        for one in paths[:index]:
            for left, right in zip(one.steps, two.steps, strict=False):
                if left == right:
                    continue
                if isinstance(left, int) is not isinstance(right, int):
                    _refuse("conflict", one, two)
                break
            else:
                _refuse("overlap", one, two)


def _refuse(fault: str, one: Path, two: Path) -> None:
    raise InvalidExpression(
        f"Two document paths {fault} with each other; must remove or rewrite one of these paths; "
        f"path one: {_shown(one)}, path two: {_shown(two)}"
    )


def _shown(path: Path) -> str:
    return "[" + ", ".join(f"[{step}]" if isinstance(step, int) else str(step) for step in path.steps) + "]"
