"""Where a selected value stands in the projected item: the service closes the gaps in lists."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from ddbmodel.expressions.tree import Path, Step

__all__ = ["projected_paths"]


def projected_paths(paths: Sequence[Path]) -> list[Path]:
    """Return, for each path of a projection, where its value is in the projected item.

    List positions are counted among the projected ones: of ``l[2]`` and ``l[5]`` the result has a list of two.
    """
    positions: dict[tuple[Step, ...], set[int]] = defaultdict(set)
    for path in paths:
        for depth, step in enumerate(path.steps):
            if isinstance(step, int):
                positions[path.steps[:depth]].add(step)
    return [
        Path(
            tuple(
                sorted(positions[path.steps[:depth]]).index(step) if isinstance(step, int) else step
                for depth, step in enumerate(path.steps)
            )
        )
        for path in paths
    ]
