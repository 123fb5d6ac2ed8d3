"""What to ask for to read selected values, and where each then stands in the projected item.

The service closes the gaps of projected lists, and leaves out elements of which a part was asked that is not there: of
``l[1].a`` and ``l[2].a`` it may return one element without saying which. So a list is asked for whole when several of
its positions are selected; reading costs the same.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from ddbmodel.expressions.tree import Path, Step

__all__ = ["ProjectedPath", "projected_paths"]


@dataclass(frozen=True, slots=True)
class ProjectedPath:
    """The path to ask for, and the path of the selected value in the item that is returned."""

    asked: Path
    place: Path


def projected_paths(paths: Sequence[Path]) -> list[ProjectedPath]:
    """Return, for each path of a selection, what to ask for and where its value will be."""
    positions: dict[tuple[Step, ...], set[int]] = defaultdict(set)
    for path in paths:
        for depth, step in enumerate(path.steps):
            if isinstance(step, int):
                positions[path.steps[:depth]].add(step)
    return [_projected(path, positions) for path in paths]


def _projected(path: Path, positions: dict[tuple[Step, ...], set[int]]) -> ProjectedPath:
    place: list[Step] = []
    for depth, step in enumerate(path.steps):
        if isinstance(step, int) and len(positions[path.steps[:depth]]) > 1:
            return ProjectedPath(Path(path.steps[:depth]), Path((*place, *path.steps[depth:])))
        place.append(0 if isinstance(step, int) else step)
    return ProjectedPath(path, Path(tuple(place)))
