"""What a member of a request breaks by itself: a length, a range, a pattern, an enumeration, or its JSON type.

The first five are parts: several faults of one request are joined into one text, see `validation/constraints.py`.
"""

from __future__ import annotations

from typing import Final

from ddbmodel.engine.messages.message import Message

__all__ = [
    "BATCH_WRITE_NEEDS_ITEMS",
    "CONDITIONAL_OPERATOR",
    "CONSTRAINTS",
    "MEMBER_REQUIRED",
    "NO_ECHO",
    "RETURN_VALUES",
    "UNKNOWN_OPERATION",
]

_CAPTURED: Final = "captured on the service, 2026, us-east-1"
_CLASSIC: Final = "the constraint texts of the service's framework, captured 2013 to 2026"

CONSTRAINTS: Final = Message("{faults}", _CLASSIC)
"""``N validation errors detected: …; …``, made by `validation/constraints.py`."""

NO_ECHO: Final = Message(
    "1 validation error detected: Value at '{path}' failed to satisfy constraint: {rule}",
    _CAPTURED,
)
"""The current layer's form for lengths and ranges: the member as the API spells it, its value not repeated."""

RETURN_VALUES: Final = "Failed to satisfy constraint: Member must satisfy enum value set: [{set}]"
"""The current layer's part for ReturnValues, without path and value; UPDATE_NEW is the service's own slip."""

CONDITIONAL_OPERATOR: Final = Message(
    "Failed to satisfy constraint: Member must satisfy enum value set: [ALL, OR]", _CAPTURED
)
"""ALL for AND is the service's own slip."""

MEMBER_REQUIRED: Final = Message(
    "The parameter '{name}' is required but was not present in the request", "captured on the service, 2013 to 2026"
)
"""TableName of the control plane."""

BATCH_WRITE_NEEDS_ITEMS: Final = Message(
    "The requestItems parameter is required for BatchWriteItem", "captured on the service, 2026, 32 of 33 regions"
)

UNKNOWN_OPERATION: Final = Message(
    "An unknown operation was requested.",
    "DynamoDB Local 1.25.1; the service answers the type without a text",
    code="UnknownOperationException",
)
"""Also for operations of the API that the engine does not have, see `tables/unavailable.py`."""
