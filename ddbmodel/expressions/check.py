"""Rules on a resolved tree that need no item: paths that overlap or conflict, operands that must differ.

What a literal operand may be is in `operand_types.py`; `check_condition` and `check_update` ask there too.
"""

from __future__ import annotations

from collections.abc import Sequence

from ddbmodel.expressions.errors import InvalidExpression
from ddbmodel.expressions.operand_types import check_condition_operands, check_update_operands
from ddbmodel.expressions.tree import And, AttributeTest, Condition, Not, Or, Path, Projection, Update

__all__ = ["check_condition", "check_projection", "check_update"]


def check_condition(tree: Condition) -> None:
    """Raise InvalidExpression for a function of a path and itself, and for literals that an operator does not take."""
    pending = [tree]
    while pending:
        node = pending.pop()
        if isinstance(node, (And, Or)):
            pending.extend(reversed(node.terms))
        elif isinstance(node, Not):
            pending.append(node.term)
        elif isinstance(node, AttributeTest) and len(node.arguments) == 2:
            first, second = node.arguments
            if isinstance(first, Path) and first == second:
                raise InvalidExpression(
                    "The first operand must be distinct from the remaining operands for this operator or function; "
                    f"operator: {node.name}, first operand: {_shown(first)}"
                )
    check_condition_operands(tree)


def check_update(tree: Update) -> None:
    """Raise InvalidExpression when two actions touch the same part of the item, or a literal is not what one takes."""
    _check_paths([action.path for action in tree.actions])
    check_update_operands(tree)


def check_projection(tree: Projection) -> None:
    """Raise InvalidExpression when two paths overlap or conflict."""
    _check_paths(tree.paths)


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
