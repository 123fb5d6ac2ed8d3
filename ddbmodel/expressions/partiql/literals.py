"""Literals to attribute values: texts, numbers, booleans, NULL, lists, tuples, and bags, which are sets.

| literal | value |
|---|---|
| ``'a'``, ``1.5``, ``TRUE``, ``NULL`` | S, N, BOOL, NULL |
| ``[1, 'a']`` and ``(1, 'a')`` | L |
| ``{'a': 1}`` | M |
| ``<<'a', 'b'>>``, ``<<1, 2>>`` | SS, NS; there is no literal of a binary |

A parameter stands for a whole value, never inside a literal. Faults name the way to what is wrong: ``root.a[1]``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from ddbmodel.expressions.partiql.decimals import is_taken_for_tiny
from ddbmodel.expressions.partiql.errors import InvalidStatement, StatementFault
from ddbmodel.expressions.partiql.syntax import Node
from ddbmodel.values.numbers import NumberError, canonical_number
from ddbmodel.values.wire import AttributeValue, Item

__all__ = ["LITERALS", "Parameters", "item_of", "literal_value", "parameter_value"]

Parameters = Sequence[AttributeValue]
"""The values of a statement's parameters, checked and canonical."""

LITERALS: Final = frozenset({"text", "number", "word", "ion", "list", "bag", "struct"})

_ROOT: Final = "root"
_MAX_LEVELS: Final = 32
_WORDS: Final[dict[str, AttributeValue]] = {
    "true": {"BOOL": True},
    "false": {"BOOL": False},
    "null": {"NULL": True},
}
_NUMBER_FAULTS: Final[Mapping[str, StatementFault]] = {
    "overflow": "number_overflow",
    "underflow": "number_underflow",
    "precision": "number_precision",
}
# What the service calls an expression that is no value.
_EXPRESSIONS: Final = {"name": "VariableReference", "path": "Path", "parameter": "Parameter", "word": "MISSING"}


def item_of(struct: Node, parameters: Parameters) -> Item:
    """Return the item of an INSERT; every attribute may be a parameter.

    Raises:
        InvalidStatement: a member is no value, or breaks a rule of its type.
    """
    return {
        name: parameter_value(member, parameters) if member.kind == "parameter" else literal_value(member)
        for name, member in _members(struct, _ROOT)
    }


def parameter_value(node: Node, parameters: Parameters) -> AttributeValue:
    """Return the value of a question mark; `InvalidStatement` when there are too few."""
    position = int(node.text)
    if position >= len(parameters):
        raise InvalidStatement("parameters")
    return parameters[position]


def literal_value(node: Node) -> AttributeValue:
    """Return the value of a literal; raises as `item_of`."""
    return _value(node, _ROOT, 1)


def _value(node: Node, where: str, level: int) -> AttributeValue:
    # The recursion goes no deeper than _MAX_LEVELS.
    if level > _MAX_LEVELS:
        raise InvalidStatement("nesting", where=where)
    match node.kind:
        case "text":
            return {"S": node.text}
        case "number":
            return {"N": _number(node, where)}
        case "word" if node.text in _WORDS:
            return _WORDS[node.text]
        case "list":
            return {"L": [_value(part, f"{where}[{index}]", level + 1) for index, part in enumerate(node.parts)]}
        case "struct":
            return {"M": {name: _value(part, f"{where}.{name}", level + 1) for name, part in _members(node, where)}}
        case "bag":
            return _set(node, where)
        case "ion":
            raise InvalidStatement("ion_literal", node.at, what="SYMBOL", where=where)
    what = _EXPRESSIONS.get(node.kind) or node.text or node.kind.upper()
    if node.kind == "name" and where == _ROOT:
        what = node.text
    raise InvalidStatement("unsupported_type", node.at, what=what, where=where)


def _members(struct: Node, where: str) -> list[tuple[str, Node]]:
    found: dict[str, Node] = {}
    for key, member in zip(struct.parts[::2], struct.parts[1::2], strict=True):
        if key.kind != "text":
            kind = _EXPRESSIONS.get(key.kind, "Literal" if key.kind in LITERALS else "NAry")
            raise InvalidStatement("tuple_key", key.at, what=kind, where=where)
        if not key.text:
            raise InvalidStatement("empty_name")
        if key.text in found:
            raise InvalidStatement("duplicate_tuple_key", key.at, name=key.text, where=where)
        found[key.text] = member
    return list(found.items())


def _set(bag: Node, where: str) -> AttributeValue:
    if not bag.parts:
        raise InvalidStatement("empty_bag", bag.at)
    for part in bag.parts:
        if part.kind not in ("text", "number"):
            raise InvalidStatement("type_in_bag", part.at)
    if len({part.kind for part in bag.parts}) > 1:
        raise InvalidStatement("type_in_bag")
    is_text = bag.parts[0].kind == "text"
    members = [part.text if is_text else _number(part, where) for part in bag.parts]
    if len(set(members)) != len(members):
        written = ", ".join(part.text for part in bag.parts)
        raise InvalidStatement("duplicate_text" if is_text else "duplicate_number", members=written, where=where)
    return {"SS" if is_text else "NS": members}


def _number(node: Node, where: str) -> str:
    try:
        number = canonical_number(node.text)
    except NumberError as error:
        fault = "underflow" if is_taken_for_tiny(node.text) else error.fault
        raise InvalidStatement(_NUMBER_FAULTS[fault], where=where) from None
    if number == "0" and node.text.startswith("-") and "." in node.text:
        raise InvalidStatement("negative_zero", node.at, where=where)
    return number
