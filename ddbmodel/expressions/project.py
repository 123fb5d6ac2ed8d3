"""Projections: nested maps keep their shape, list positions close up in index order."""

from __future__ import annotations

from typing import Any

from ddbmodel.expressions.evaluate import value_at
from ddbmodel.expressions.tree import Projection
from ddbmodel.values.wire import Item

__all__ = ["project"]


def project(projection: Projection, item: Item) -> Item:
    """Return what the resolved paths find in the item; a path that finds nothing leaves no trace."""
    root: dict[Any, Any] = {}
    containers: list[dict[Any, Any]] = [root]
    for path in projection.paths:
        value = value_at(path, item)
        if value is None:
            continue
        level = root
        for step in path.steps[:-1]:
            if step not in level:
                level[step] = {}
                containers.append(level[step])
            level = level[step]
        level[path.steps[-1]] = value
    # Inner containers were made last, so backwards every container meets its parts finished.
    known = {id(container) for container in containers}
    finished: dict[int, Any] = {}
    for container in reversed(containers):
        whole = {s: finished[id(v)] if id(v) in known else v for s, v in container.items()}
        if container is root:
            return whole
        is_list = isinstance(next(iter(whole)), int)
        finished[id(container)] = {"L": [whole[s] for s in sorted(whole)]} if is_list else {"M": whole}
    return {}
