"""Keys against the schemas of tables and indexes: found behind the request layer, so no wording has an envelope."""

from __future__ import annotations

from typing import Final

from ddbmodel.engine.messages.message import Message

__all__ = [
    "EMPTY_INDEX_KEY",
    "EMPTY_KEY",
    "INDEX_KEY_TOO_LONG",
    "INDEX_KEY_TYPE",
    "KEY_TYPE",
    "MISSING_KEY",
    "NOT_THE_SCHEMA",
    "PARTITION_TOO_LONG",
    "SORT_TOO_LONG",
    "UPDATED_EMPTY_INDEX_KEY",
    "UPDATED_INDEX_KEY_TYPE",
]

_CAPTURED: Final = "captured on the service, 2026, us-east-1"
_PARAMETER: Final = "One or more parameter values were invalid: "

NOT_THE_SCHEMA: Final = Message("The provided key element does not match the schema", _CAPTURED)
MISSING_KEY: Final = Message(_PARAMETER + "Missing the key {name} in the item", _CAPTURED)
KEY_TYPE: Final = Message(_PARAMETER + "Type mismatch for key {name} expected: {expected} actual: {actual}", _CAPTURED)
EMPTY_KEY: Final = Message(
    "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty "
    "{kind} value. Key: {name}",
    _CAPTURED,
)
PARTITION_TOO_LONG: Final = Message(
    # The missing blank is the service's.
    _PARAMETER + "Size of hashkey has exceeded the maximum size limit of{limit} bytes",
    _CAPTURED,
)
SORT_TOO_LONG: Final = Message(
    _PARAMETER + "Aggregated size of all range keys has exceeded the size limit of {limit} bytes", _CAPTURED
)
INDEX_KEY_TYPE: Final = Message(
    _PARAMETER + "Type mismatch for Index Key {name} Expected: {expected} Actual: {actual} IndexName: {index}",
    _CAPTURED,
)
INDEX_KEY_TOO_LONG: Final = Message(
    _PARAMETER + "Size limit exceeded for Index Key {name} Actual Size: {size} bytes Max Size: {limit} bytes "
    "IndexName: {index}",
    "quoted from the service: github.com/architect/dynalite issue 35 (2015), "
    "github.com/wellcomecollection/platform issue 2285 (2018)",
)
UPDATED_INDEX_KEY_TYPE: Final = Message(
    "The update expression attempted to update the secondary index key to unsupported type", _CAPTURED
)
EMPTY_INDEX_KEY: Final = Message(
    "One or more parameter values are not valid. A value specified for a secondary index key is not supported. "
    "The AttributeValue for a key attribute cannot contain an empty {kind} value. IndexName: {index}, IndexKey: {name}",
    _CAPTURED,
)
UPDATED_EMPTY_INDEX_KEY: Final = Message(
    "One or more parameter values are not valid. The update expression attempted to update a secondary index key to a "
    "value that is not supported. The AttributeValue for a key attribute cannot contain an empty {kind} value.",
    _CAPTURED,
)
