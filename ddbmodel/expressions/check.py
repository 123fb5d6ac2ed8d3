"""Rules on paths that need no item: two paths of one expression may neither overlap nor conflict."""

from __future__ import annotations

from collections.abc import Sequence

from ddbmodel.expressions.errors import InvalidExpression
from ddbmodel.expressions.tree import Path, Projection, Update

__all__ = ["check_projection", "check_update"]


def check_update(tree: Update) -> None:
    """Raise InvalidExpression when two actions touch the same part of the item."""
    _check_paths([action.path for action in tree.actions])


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
