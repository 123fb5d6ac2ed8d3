"""Expressions and the names and values that they share. The texts of syntax and operands are made in `expressions`."""

from __future__ import annotations

from typing import Final

from ddbmodel.engine.messages.message import Message

__all__ = [
    "EMPTY_NAME",
    "EXPRESSION",
    "MUST_NOT_BE_EMPTY",
    "PLACEHOLDER_SYNTAX",
    "UNUSED",
    "WITHOUT_EXPRESSION",
]

_CAPTURED: Final = "captured on the service, 2026, us-east-1"

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
