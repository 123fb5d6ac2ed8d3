"""JSON of another shape than the request's: what the service's parser says before anything is looked at."""

from __future__ import annotations

from typing import Final

from ddbmodel.engine.messages.message import Message

__all__ = [
    "BAD_BASE64",
    "BAD_UTF8",
    "NOT_BASE64_TEXT",
    "NOT_CONVERTIBLE",
    "NO_COLLECTION",
    "OUT_OF_RANGE",
    "UNEXPECTED_LIST",
    "UNEXPECTED_STRUCTURE",
    "UNEXPECTED_TOKEN",
]

_CODE: Final = "SerializationException"
_CAPTURED: Final = "captured on the service, 2026, us-east-1"
_OURS: Final = "the type is the service's; the text is ours, none was captured"

NOT_CONVERTIBLE: Final = Message("{token} cannot be converted to {type}", _CAPTURED, code=_CODE)
OUT_OF_RANGE: Final = Message("NUMBER_VALUE cannot be converted to {type}: it is out of range", _OURS, code=_CODE)
UNEXPECTED_TOKEN: Final = Message("Unexpected token received from parser", _CAPTURED, code=_CODE)
UNEXPECTED_STRUCTURE: Final = Message("Start of structure or map found where not expected", _CAPTURED, code=_CODE)
UNEXPECTED_LIST: Final = Message(
    "Start of list found where not expected", "captured on the service, 2013 to 2020", code=_CODE
)
NO_COLLECTION: Final = Message("Unrecognized collection type class java.lang.String", _CAPTURED, code=_CODE)
NOT_BASE64_TEXT: Final = Message("only base-64-encoded strings are convertible to bytes", _CAPTURED, code=_CODE)
BAD_BASE64: Final = Message(
    "Invalid length for a base-64-encoded string or an invalid character in it", _OURS, code=_CODE
)
BAD_UTF8: Final = Message("Invalid UTF-8 in a string", _OURS, code=_CODE)
"""Half of a surrogate pair, which no text of the store can hold."""
