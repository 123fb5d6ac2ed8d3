"""Attribute values that cannot be stored, wherever in a request they are."""

from __future__ import annotations

from typing import Final

from ddbmodel.engine.messages.message import Message

__all__ = [
    "DUPLICATE_BINARIES",
    "DUPLICATE_NUMBERS",
    "DUPLICATE_TEXTS",
    "EMPTY_ATTRIBUTE_NAME",
    "EMPTY_SETS",
    "MANY_TYPES",
    "NAME_TOO_LARGE",
    "NOT_A_NUMBER",
    "NO_NUMBER",
    "NO_TYPE",
    "NULL_IS_TRUE",
    "NUMBER_OVERFLOW",
    "NUMBER_PRECISION",
    "NUMBER_UNDERFLOW",
    "NUMBER_WRAPS",
    "TOO_DEEP",
]

_CAPTURED: Final = "captured on the service, 2026, us-east-1"
_PARAMETER: Final = "One or more parameter values were invalid: "

NO_TYPE: Final = Message(
    "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes", _CAPTURED, enveloped=True
)
MANY_TYPES: Final = Message(
    "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes",
    _CAPTURED,
    enveloped=True,
)
TOO_DEEP: Final = Message(
    "Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported limit",
    _CAPTURED,
    enveloped=True,
)
EMPTY_ATTRIBUTE_NAME: Final = Message("Empty attribute name", _CAPTURED, enveloped=True)
NAME_TOO_LARGE: Final = Message(
    "Attribute name is too large, must be less than 65536 bytes",
    "DynamoDB Local 1.25.1; the limit is the developer guide's",
    enveloped=True,
)
NULL_IS_TRUE: Final = Message(
    _PARAMETER + "Null attribute value types must have the value of true", _CAPTURED, enveloped=True
)

NOT_A_NUMBER: Final = Message("The parameter cannot be converted to a numeric value: {text}", _CAPTURED, enveloped=True)
NO_NUMBER: Final = Message(
    "The parameter cannot be converted to a numeric value: ",
    _CAPTURED,
    older="The parameter cannot be converted to a numeric value",
    enveloped=True,
)
"""An empty text; the blank after the colon is the service's."""
NUMBER_OVERFLOW: Final = Message(
    "Number overflow. Attempting to store a number with magnitude larger than supported range",
    _CAPTURED,
    enveloped=True,
)
NUMBER_UNDERFLOW: Final = Message(
    "Number underflow. Attempting to store a number with magnitude smaller than supported range",
    _CAPTURED,
    enveloped=True,
)
NUMBER_WRAPS: Final = Message(NUMBER_OVERFLOW.text, _CAPTURED, older=NUMBER_UNDERFLOW.text, enveloped=True)
"""An exponent of 2,147,483,647: one more than the older layer's decimals can count, so it takes it for a small one."""
NUMBER_PRECISION: Final = Message(
    "Attempting to store more than 38 significant digits in a Number", _CAPTURED, enveloped=True
)

EMPTY_SETS: Final = {
    # Two blanks, and the articles, are the service's.
    "SS": Message(_PARAMETER + "An string set  may not be empty", _CAPTURED, enveloped=True),
    "NS": Message(_PARAMETER + "An number set  may not be empty", _CAPTURED, enveloped=True),
    "BS": Message(_PARAMETER + "Binary sets should not be empty", _CAPTURED, enveloped=True),
}
DUPLICATE_TEXTS: Final = Message(
    _PARAMETER + "Input collection [{sorted_members}] contains duplicates.",
    _CAPTURED,
    older=_PARAMETER + "Input collection [{members}] contains duplicates.",
    enveloped=True,
)
DUPLICATE_BINARIES: Final = Message(
    # No blank before "of": the service's.
    _PARAMETER + "Input collection [{sorted_members}]of type BS contains duplicates.",
    _CAPTURED,
    older=_PARAMETER + "Input collection [{members}]of type BS contains duplicates.",
    enveloped=True,
)
DUPLICATE_NUMBERS: Final = Message(
    _PARAMETER + "Input collection contains duplicates.",
    _CAPTURED,
    older="Input collection contains duplicates",
    enveloped=True,
)
