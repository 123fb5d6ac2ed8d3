"""The shape of data at the waist: names for the wire dicts, and the ten type tags of the service."""

from __future__ import annotations

from typing import Any, Final, TypeAlias

__all__ = ["SCALAR_TAGS", "SET_TAGS", "TYPE_TAGS", "AttributeValue", "Item", "copy_value", "tag_of"]

AttributeValue: TypeAlias = dict[str, Any]
"""One key, the type tag, and its value as the JSON API has it: ``{"N": "3"}``, ``{"L": [{"S": "a"}]}``."""

Item: TypeAlias = dict[str, AttributeValue]
"""Attribute names to attribute values."""

SCALAR_TAGS: Final = frozenset({"S", "N", "B", "BOOL", "NULL"})
SET_TAGS: Final = frozenset({"SS", "NS", "BS"})
TYPE_TAGS: Final = SCALAR_TAGS | SET_TAGS | {"M", "L"}


def tag_of(value: AttributeValue) -> str:
    """Return the type tag of an attribute value."""
    for tag in value:
        return tag
    raise ValueError("an attribute value has exactly one type tag, got none")


def copy_value(value: AttributeValue) -> AttributeValue:
    """Return a deep copy; works on any depth that a parsed JSON body can have."""
    copied: AttributeValue = {}
    # An explicit stack: depth belongs to the user, the interpreter's stack does not.
    pending: list[tuple[Any, Any, Any]] = [(copied, tag, inner) for tag, inner in value.items()]
    while pending:
        target, position, source = pending.pop()
        if source.__class__ is dict:
            made: Any = {}
            pending.extend((made, key, inner) for key, inner in reversed(source.items()))
            # Reserve the keys in their order, since the stack fills them in later.
            made.update(dict.fromkeys(source))
        elif source.__class__ is list:
            made = [None] * len(source)
            pending.extend((made, index, inner) for index, inner in enumerate(source))
        else:
            made = source
        target[position] = made
    return copied
