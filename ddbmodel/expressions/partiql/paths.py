"""Names and paths of a statement to document paths."""

from __future__ import annotations

from typing import Final

from ddbmodel.expressions.errors import InvalidExpression
from ddbmodel.expressions.parse import MAX_PATH_STEPS
from ddbmodel.expressions.partiql.errors import InvalidStatement
from ddbmodel.expressions.partiql.syntax import Node
from ddbmodel.expressions.tree import Path, Step

__all__ = ["path_of"]

_MAX_POSITION: Final = 2**31 - 1
_MAX_DIGITS: Final = 10


def path_of(node: Node) -> Path:
    """Return the document path of a name or a path.

    Raises:
        InvalidStatement: a step is neither a name nor a list position.
        InvalidExpression: the path is too long.
    """
    root, *rest = node.parts if node.kind == "path" else (node,)
    if root.kind in ("list", "bag"):
        raise InvalidStatement("path_starts_with_index", root.at)
    if root.kind != "name":
        raise InvalidStatement("path_component", root.at)
    steps: list[Step] = [_name(root)]
    steps.extend(_step(part) for part in rest)
    if len(steps) > MAX_PATH_STEPS:
        raise InvalidExpression(f"The document path has too many nesting levels; nesting levels: {len(steps)}")
    return Path(tuple(steps))


def _step(part: Node) -> Step:
    if part.kind == "dot":
        return _name(part)
    if part.kind == "wildcard":
        raise InvalidStatement("wildcard_component", part.at)
    if part.kind == "unpivot":
        raise InvalidStatement("unpivot_component", part.at)
    (inner,) = part.parts
    if inner.kind in ("text", "name"):
        return _name(inner)
    if inner.kind == "number" and inner.text.lstrip("-").isdigit():
        digits = inner.text.lstrip("-").lstrip("0") or "0"
        # Compared by length first: the text may have thousands of digits.
        if len(digits) > _MAX_DIGITS or int(digits) > _MAX_POSITION or (inner.text.startswith("-") and digits != "0"):
            raise InvalidStatement("list_index", inner.at, index=inner.text)
        return int(digits)
    raise InvalidStatement("path_component", inner.at)


def _name(node: Node) -> str:
    if not node.text:
        raise InvalidStatement("empty_name")
    return node.text
