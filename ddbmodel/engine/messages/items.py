"""Operations on items: single writes, batches, Query and Scan."""

from __future__ import annotations

from typing import Final

from ddbmodel.engine.messages.message import Message

__all__ = [
    "ALL_ATTRIBUTES_OF_INDEX",
    "ALL_PROJECTED_OF_TABLE",
    "COLLECTION_TOO_LARGE",
    "CONDITION_FAILED",
    "CONSISTENT_READ_OF_INDEX",
    "DUPLICATE_KEYS",
    "EITHER_KEY_CONDITION",
    "EXPRESSION_PART",
    "FILTER_NOT_CARRIED",
    "ITEM_TOO_LARGE",
    "ITEM_TOO_LARGE_TO_UPDATE",
    "KEY_CONDITION_GAP",
    "KEY_CONDITION_MISSED",
    "KEY_CONDITION_NOT_SUPPORTED",
    "KEY_CONDITION_TYPE",
    "KEY_IN_FILTER",
    "KEY_UPDATED",
    "MANY_BATCH_KEYS",
    "MANY_BATCH_WRITES",
    "MANY_CONDITIONS_ON_HASH",
    "MANY_KEY_CONDITIONS",
    "NO_INDEX",
    "PATH_INTO_INDEX_KEY",
    "PATH_INTO_KEY",
    "PROJECTION_NOT_CARRIED",
    "PROJECTION_WITH_SELECT",
    "RETURN_VALUES",
    "SEGMENT_MISSING",
    "SEGMENT_TOO_LARGE",
    "SELECT_WITHOUT_PROJECTION",
    "START_KEY",
    "START_KEY_OF_HASH_TABLE",
    "START_KEY_OF_OTHER_PARTITION",
    "START_KEY_OF_OTHER_SEGMENT",
    "START_KEY_OUTSIDE_QUERY",
    "START_KEY_OUTSIDE_RANGE",
    "START_KEY_VALUE",
    "TOTAL_SEGMENTS_MISSING",
    "UPDATE",
    "WRITE_REQUEST_KINDS",
]

_CAPTURED: Final = "captured on the service, 2026, us-east-1"
_QUOTED: Final = "quoted as the service's answer, 2026"
_EARLIER: Final = "public tests run against the service, 2013 to 2020"
_LOCAL: Final = "DynamoDB Local 1.25.1"
_PARAMETER: Final = "One or more parameter values were invalid: "

CONDITION_FAILED: Final = Message("The conditional request failed", _CAPTURED, code="ConditionalCheckFailedException")
COLLECTION_TOO_LARGE: Final = Message(
    "Collection size exceeded.",
    "developer guide, 'Error messages and codes'; API reference, TransactWriteItems, cancellation reasons",
    code="ItemCollectionSizeLimitExceededException",
)
ITEM_TOO_LARGE: Final = Message("Item size has exceeded the maximum allowed size", _CAPTURED)
ITEM_TOO_LARGE_TO_UPDATE: Final = Message("Item size to update has exceeded the maximum allowed size", _CAPTURED)
RETURN_VALUES: Final = Message("ReturnValues can only be ALL_OLD or NONE", _CAPTURED, enveloped=True)
KEY_UPDATED: Final = Message(
    _PARAMETER + "Cannot update attribute {name}. This attribute is part of the key", _CAPTURED
)
UPDATE: Final = Message("{text}", "texts of `expressions.apply`, captured on the service, 2026, us-east-1")

PATH_INTO_KEY: Final = Message(
    "Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: Key: {name}",
    "public tests run against the service, 2013 to 2020; DynamoDB Local 1.25.1 agrees",
)
PATH_INTO_INDEX_KEY: Final = Message(
    "Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: IndexKey: {name}",
    PATH_INTO_KEY.source,
)

DUPLICATE_KEYS: Final = Message("Provided list of item keys contains duplicates", _CAPTURED)
MANY_BATCH_KEYS: Final = Message("Too many items requested for the BatchGetItem call", "API reference, BatchGetItem")
MANY_BATCH_WRITES: Final = Message("Too many items requested for the BatchWriteItem call", _EARLIER)
WRITE_REQUEST_KINDS: Final = Message(
    "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes",
    _LOCAL,
)

EXPRESSION_PART: Final = Message("{text}", "texts of `expressions.key_condition`, captured on the service, 2026")
EITHER_KEY_CONDITION: Final = Message(
    "Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.", _EARLIER
)
MANY_KEY_CONDITIONS: Final = Message(
    "The number of query conditions ({count}) exceeds the number of key attributes defined in the schema ({limit})",
    _CAPTURED,
    classic="Conditions can be of length 1 or 2 only",
)
MANY_CONDITIONS_ON_HASH: Final = Message(
    MANY_KEY_CONDITIONS.text, "by the rule of tables with a sort key", classic="Query key condition not supported"
)
KEY_CONDITION_MISSED: Final = Message("Query condition missed key schema element: {name}", _CAPTURED)
KEY_CONDITION_NOT_SUPPORTED: Final = Message("Query key condition not supported", _CAPTURED)
KEY_CONDITION_GAP: Final = Message(
    "RANGE key attributes {missing} must have equality conditions specified in the query because a condition is "
    "present on key attribute {name}",
    _CAPTURED,
)
KEY_CONDITION_TYPE: Final = Message(_PARAMETER + "Condition parameter type does not match schema type", _CAPTURED)
KEY_IN_FILTER: Final = Message(
    "Filter Expression can only contain non-primary key attributes: Primary key attribute: {name}", _CAPTURED
)
FILTER_NOT_CARRIED: Final = Message(
    _PARAMETER + "Secondary index {index} does not project one or more filter attributes: [{names}]", _CAPTURED
)
PROJECTION_NOT_CARRIED: Final = Message(
    _PARAMETER + "Global secondary index {index} does not project [{names}]", _EARLIER
)

NO_INDEX: Final = Message("The table does not have the specified index: {index}", _CAPTURED)
CONSISTENT_READ_OF_INDEX: Final = Message("Consistent reads are not supported on global secondary indexes", _CAPTURED)
PROJECTION_WITH_SELECT: Final = Message(
    # Only Query has the envelope here.
    "1 validation error detected: Cannot specify the {parameter} when choosing to get {what}",
    "public tests run against the service, 2026, us-east-1",
    older="Cannot specify the {parameter} when choosing to get {what}",
)
SELECT_WITHOUT_PROJECTION: Final = Message(
    "Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES", _EARLIER
)
ALL_PROJECTED_OF_TABLE: Final = Message(
    "ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName", _EARLIER
)
ALL_ATTRIBUTES_OF_INDEX: Final = Message(
    _PARAMETER + "Select type ALL_ATTRIBUTES is not supported for global secondary index {index} because its "
    "projection type is not ALL",
    _CAPTURED,
)

START_KEY: Final = Message("The provided starting key is invalid", _CAPTURED)
START_KEY_VALUE: Final = Message("The provided starting key is invalid: {text}", _CAPTURED)
START_KEY_OUTSIDE_QUERY: Final = Message(
    "The provided starting key is outside query boundaries based on provided conditions", _CAPTURED
)
START_KEY_OUTSIDE_RANGE: Final = Message("The provided starting key does not match the range key predicate", _CAPTURED)
START_KEY_OF_HASH_TABLE: Final = Message(
    "The provided exclusive start key is invalid: ExclusiveStartKey: {{{key}}}",
    _QUOTED,
    classic="The query can return at most one row and cannot be restarted",
)
START_KEY_OF_OTHER_PARTITION: Final = Message(
    # The words of a query of one item, wherever a condition on the sort key holds for a start key elsewhere.
    "The query can return at most one row and cannot be restarted",
    _EARLIER,
)
START_KEY_OF_OTHER_SEGMENT: Final = Message(
    "The provided starting key is invalid: Invalid ExclusiveStartKey. Please use ExclusiveStartKey with correct "
    "Segment. TotalSegments: {total} Segment: {segment}",
    _CAPTURED,
)
TOTAL_SEGMENTS_MISSING: Final = Message(
    "The TotalSegments parameter is required but was not present in the request when Segment parameter is present",
    _CAPTURED,
)
SEGMENT_MISSING: Final = Message(
    "The Segment parameter is required but was not present in the request when parameter TotalSegments is present",
    _CAPTURED,
)
SEGMENT_TOO_LARGE: Final = Message(
    "The Segment parameter is zero-based and must be less than parameter TotalSegments: "
    "Segment: {segment} is not less than TotalSegments: {total}",
    _CAPTURED,
)
