"""Paths into key attributes: keys are scalars, so no expression may look for anything inside of one.

What is inside is known from the expressions, which attributes are keys only from the table.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, TypeAlias

from ddbmodel.engine.catalog import Table
from ddbmodel.engine.messages.items import PATH_INTO_INDEX_KEY, PATH_INTO_KEY
from ddbmodel.engine.messages.message import refused
from ddbmodel.expressions.paths import paths_of
from ddbmodel.expressions.tree import (
    Arithmetic,
    Condition,
    IfNotExists,
    ListAppend,
    Path,
    Projection,
    SetAction,
    Update,
    Value,
)

__all__ = ["check_key_paths", "entered_attributes"]

Tree: TypeAlias = Condition | Update | Projection

_PARAMETERS: Final = ("ConditionExpression", "UpdateExpression", "ProjectionExpression", "FilterExpression")


def entered_attributes(request: Mapping[str, Any], *trees: Tree | None) -> tuple[str, ...]:
    """Return the attributes that a request's expressions look inside of, each once.

    Args:
        trees: the resolved expressions of the request.
    """
    # Few requests have such paths, and their texts say so faster than their trees.
    for name in _PARAMETERS:
        text = request.get(name)
        if text and ("." in text or "[" in text):
            break
    else:
        return ()
    entered = {
        str(path.steps[0]): None for tree in trees if tree is not None for path in _paths(tree) if len(path.steps) > 1
    }
    return tuple(entered)


def check_key_paths(table: Table, entered: tuple[str, ...]) -> None:
    """Refuse a path into a key attribute of a table or one of its indexes."""
    for name in entered:
        if any(key.name == name for key in table.keys.attributes):
            raise refused(PATH_INTO_KEY, name=name)
        if any(key.name == name for index in table.indexes for key in index.keys.attributes):
            raise refused(PATH_INTO_INDEX_KEY, name=name)


def _paths(tree: Tree) -> Iterator[Path]:
    if isinstance(tree, Projection):
        yield from tree.paths
    elif isinstance(tree, Update):
        for action in tree.actions:
            yield action.path
            if isinstance(action, SetAction) and not isinstance(action.operand, Value):
                yield from _paths_of_operand(action.operand)
    else:
        yield from paths_of(tree)


def _paths_of_operand(operand: Any) -> Iterator[Path]:
    pending = [operand]
    while pending:
        match pending.pop():
            case Path() as path:
                yield path
            case Arithmetic(_, left, right):
                pending += (right, left)
            case ListAppend(first, second):
                pending += (second, first)
            case IfNotExists(path, default):
                pending += (default, path)
