"""Expressions and the names and values that they share. The texts of syntax and operands are made in `expressions`."""

from __future__ import annotations

from typing import Final

from ddbmodel.engine.messages.message import Message

__all__ = [
    "EMPTY_NAME",
    "EXPRESSION",
    "MAPS_TOO_LARGE",
    "MAP_TOO_LARGE",
    "MUST_NOT_BE_EMPTY",
    "NAME_TOO_LARGE",
    "PLACEHOLDER_SYNTAX",
    "PLACEHOLDER_TOO_LONG",
    "UNUSED",
    "WITHOUT_EXPRESSION",
]

_CAPTURED: Final = "captured on the service, 2026, us-east-1"
_LOCAL: Final = "DynamoDB Local 1.25.1; the limits are the developer guide's"

EXPRESSION: Final = Message("Invalid {parameter}: {text}", _CAPTURED, enveloped=True)
UNUSED: Final = Message(
    "Value provided in {parameter} unused in expressions: keys: {{{names}}}", _CAPTURED, enveloped=True
)
WITHOUT_EXPRESSION: Final = Message(
    "{parameter} can only be specified when using expressions",
    _CAPTURED,
    older="{parameter} can only be specified when using expressions{which}",
    enveloped=True,
)
"""`which` is nothing for names; for values it says which expressions could have used them: ``: … and … are null``."""
MUST_NOT_BE_EMPTY: Final = Message("{parameter} must not be empty", _CAPTURED, enveloped=True)
PLACEHOLDER_SYNTAX: Final = Message(
    '{parameter} contains invalid key: Syntax error; key: "{key}"', _CAPTURED, enveloped=True
)
EMPTY_NAME: Final = Message(
    "{parameter} contains invalid value: Empty attribute name for key {key}", _CAPTURED, enveloped=True
)
NAME_TOO_LARGE: Final = Message(
    "{parameter} contains invalid value: Attribute name is too large, must be less than 65536 bytes for key {key}",
    _LOCAL,
    enveloped=True,
)
PLACEHOLDER_TOO_LONG: Final = Message(
    "{parameter} contains invalid key: The expression attribute map contains a key that is too long; "
    "size of key: {size}",
    _LOCAL,
    enveloped=True,
)
MAP_TOO_LARGE: Final = Message("{parameter} exceeds max size", _LOCAL, enveloped=True)
MAPS_TOO_LARGE: Final = Message(
    "Combined size of ExpressionAttributeNames and ExpressionAttributeValues exceeds max size", _LOCAL, enveloped=True
)
