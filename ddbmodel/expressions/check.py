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
    Step,
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
    tree = _PathTree()
    for index, path in enumerate(paths):
        met = tree.meet(path.steps)
        if met is not None:
            fault, other = met
            _refuse(fault, paths[other], path)
        tree.add(path.steps, index)


class _PathTree:
    """Paths by their steps, so that each is compared with all before it at once: a request may have a thousand.

    Every place knows the first path that goes through it, that ends at it, and that goes on with a name or a position.
    """

    __slots__ = ("children", "ends", "first", "named", "numbered")

    def __init__(self) -> None:
        self.children: dict[Step, _PathTree] = {}
        self.first: int | None = None
        self.ends: int | None = None
        self.named: int | None = None
        self.numbered: int | None = None

    def add(self, steps: Sequence[Step], index: int) -> None:
        place = self
        for step in steps:
            if isinstance(step, int):
                place.numbered = index if place.numbered is None else place.numbered
            else:
                place.named = index if place.named is None else place.named
            place = place.children.setdefault(step, _PathTree())
            place.first = index if place.first is None else place.first
        place.ends = index if place.ends is None else place.ends

    def meet(self, steps: Sequence[Step]) -> tuple[str, int] | None:
        """Return the first path that these steps overlap or conflict with, and which of the two it is."""
        met: list[tuple[int, str]] = []
        place: _PathTree | None = self
        for step in steps:
            assert place is not None
            if place.ends is not None:
                met.append((place.ends, "overlap"))
            other = place.named if isinstance(step, int) else place.numbered
            if other is not None:
                met.append((other, "conflict"))
            place = place.children.get(step)
            if place is None:
                break
        else:
            if place is not None and place.first is not None:
                met.append((place.first, "overlap"))
        if not met:
            return None
        index, fault = min(met)
        return fault, index


def _refuse(fault: str, one: Path, two: Path) -> None:
    raise InvalidExpression(
        f"Two document paths {fault} with each other; must remove or rewrite one of these paths; "
        f"path one: {_shown(one)}, path two: {_shown(two)}"
    )


def _shown(path: Path) -> str:
    return "[" + ", ".join(f"[{step}]" if isinstance(step, int) else str(step) for step in path.steps) + "]"
