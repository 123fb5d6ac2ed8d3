"""Tree to text: the fewest parentheses the grammar allows, every name and value behind a placeholder."""

from __future__ import annotations

import json
from typing import Any

from ddbmodel.errors import InvalidRequest
from ddbmodel.expressions.tree import (
    AddAction,
    And,
    Arithmetic,
    AttributeTest,
    Between,
    Changed,
    Comparison,
    Condition,
    DeleteAction,
    IfNotExists,
    In,
    ListAppend,
    Not,
    Or,
    Path,
    Projection,
    RemoveAction,
    SetAction,
    Size,
    Update,
    Value,
)
from ddbmodel.values.wire import AttributeValue

__all__ = ["Renderer"]

_SECTIONS = {SetAction: "SET", RemoveAction: "REMOVE", AddAction: "ADD", DeleteAction: "DELETE"}


class Renderer:
    """Renders every expression of one request, so that they share placeholders."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._values: dict[str, tuple[str, AttributeValue]] = {}

    def condition(self, tree: Condition) -> str:
        """Return the text of a condition; InvalidRequest for one that is for stream filters only."""
        return self._text(tree)

    def update(self, tree: Update) -> str:
        """Return the text of an update."""
        sections: dict[str, list[str]] = {}
        for action in tree.actions:
            text = self._text(action.path)
            if isinstance(action, SetAction):
                text += f" = {self._text(action.operand)}"
            elif not isinstance(action, RemoveAction):
                text += f" {self._text(action.value)}"
            sections.setdefault(_SECTIONS[type(action)], []).append(text)
        return " ".join(f"{section} {', '.join(texts)}" for section, texts in sections.items())

    def projection(self, tree: Projection) -> str:
        """Return the text of a projection."""
        return ", ".join(map(self._text, tree.paths))

    def placeholders(self) -> dict[str, Any]:
        """Return the request members that define the placeholders, each only when not empty."""
        found: dict[str, Any] = {}
        if self._names:
            found["ExpressionAttributeNames"] = {placeholder: name for name, placeholder in self._names.items()}
        if self._values:
            found["ExpressionAttributeValues"] = dict(self._values.values())
        return found

    def _text(self, tree: Any) -> str:
        written: list[str] = []
        pending: list[Any] = [tree]
        while pending:
            node = pending.pop()
            if isinstance(node, str):
                written.append(node)
            else:
                pending.extend(reversed(self._parts(node)))
        return "".join(written)

    def _parts(self, node: Any) -> list[Any]:
        match node:
            case Path():
                return [self._path(node)]
            case Value():
                return [self._value(node.value)]
            case And():
                return _joined(" AND ", [_grouped(term, Or) for term in node.terms])
            case Or():
                return _joined(" OR ", [[term] for term in node.terms])
            case Not():
                return ["NOT ", *_grouped(node.term, And, Or)]
            case Comparison():
                return [node.left, f" {node.comparator} ", node.right]
            case Arithmetic():
                return [node.left, f" {node.operator} ", node.right]
            case Between():
                return [node.operand, " BETWEEN ", node.low, " AND ", node.high]
            case In():
                return [node.operand, " IN (", *_joined(", ", [[option] for option in node.options]), ")"]
            case AttributeTest():
                return [node.name, "(", *_joined(", ", [[argument] for argument in node.arguments]), ")"]
            case Size():
                return ["size(", node.operand, ")"]
            case IfNotExists():
                return ["if_not_exists(", node.path, ", ", node.default, ")"]
            case ListAppend():
                return ["list_append(", node.first, ", ", node.second, ")"]
            case Changed():
                raise InvalidRequest("changed() compares two images of an item, so it is for stream filters only")
        raise TypeError(f"a {type(node).__name__} has no text in an expression of a request")

    def _path(self, path: Path) -> str:
        text = ""
        for step in path.steps:
            if isinstance(step, int):
                text += f"[{step}]"
            else:
                name = self._names.setdefault(str(step), f"#{len(self._names)}")
                text += f".{name}" if text else name
        return text

    def _value(self, value: AttributeValue) -> str:
        key = json.dumps(value, sort_keys=True)
        return self._values.setdefault(key, (f":{len(self._values)}", value))[0]


def _grouped(term: Any, *kinds: type) -> list[Any]:
    return ["(", term, ")"] if isinstance(term, kinds) else [term]


def _joined(separator: str, groups: list[list[Any]]) -> list[Any]:
    joined = list(groups[0])
    for group in groups[1:]:
        joined += [separator, *group]
    return joined
