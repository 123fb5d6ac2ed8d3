"""What operations on tags, time to live, and things that no table here has are refused with."""

from __future__ import annotations

from typing import Final

from ddbmodel.engine.messages.message import Message

__all__ = [
    "ARN_OF_ELSEWHERE",
    "BACKUP_NOT_FOUND",
    "EXPORT_NOT_FOUND",
    "GLOBAL_TABLE_NOT_FOUND",
    "IMPORT_NOT_FOUND",
    "INDEX_OF_INSIGHTS_NOT_FOUND",
    "NOT_AN_ARN",
    "NOT_A_TABLE_ARN",
    "NOT_OF_DYNAMODB",
    "NO_TAGS",
    "NO_TAG_KEYS",
    "POLICY_NOT_FOUND",
    "TAGGED_NOT_FOUND",
    "TAGS_BEING_UPDATED",
    "TAGS_KEEP_TABLE",
    "TAG_KEY_INVALID",
    "TAG_KEY_RESERVED",
    "TAG_KEY_TWICE",
    "TAG_VALUE_INVALID",
    "TOO_MANY_TAGS",
    "TTL_CHANGED_TOO_OFTEN",
    "TTL_DISABLED_ALREADY",
    "TTL_ENABLED_ALREADY",
    "TTL_NOT_DESCRIBED",
    "TTL_OF_ANOTHER_ATTRIBUTE",
]

_INVALID: Final = "One or more parameter values were invalid: "
_SEEN: Final = "seen on the service in us-west-2 and us-east-1, October 2026"

# Tags

TAGGED_NOT_FOUND: Final = Message(
    "Requested resource not found: ResourcArn: {arn} not found", _SEEN, code="ResourceNotFoundException"
)
"""ResourcArn is the service's own slip."""
NOT_AN_ARN: Final = Message(_INVALID + "ARNs must start with 'arn:': {arn}", _SEEN)
NOT_OF_DYNAMODB: Final = Message(_INVALID + "Provided Arn is not a DynamoDB resource arn: {arn}", _SEEN)
NOT_A_TABLE_ARN: Final = Message(
    _INVALID + "Invalid resource arn provided, only table or stream is accepted. Provided resource arn: {arn}", _SEEN
)
ARN_OF_ELSEWHERE: Final = Message("Invalid TableArn: Invalid ResourceArn provided as input {arn}", _SEEN)
NO_TAGS: Final = Message("Atleast one Tag needs to be provided as Input.", _SEEN)
NO_TAG_KEYS: Final = Message("Atleast one Tag Key needs to be provided as Input.", _SEEN)
TAG_KEY_INVALID: Final = Message("The Tag Key provided is invalid, Key: {key}", _SEEN)
TAG_VALUE_INVALID: Final = Message("The Tag Value provided is invalid, Value: {value}", _SEEN)
TAG_KEY_RESERVED: Final = Message("Tag Key cannot be prefixed with aws:, Key: {key}", _SEEN)
TAG_KEY_TWICE: Final = Message("Duplicate Tag Keys provided as input: Duplicate Tag Key found {key}", _SEEN)
TOO_MANY_TAGS: Final = Message("Number of Tags exceed the current limit for the provided ResourceArn", _SEEN)
TAGS_BEING_UPDATED: Final = Message(
    "Subscriber limit exceeded: Table tags are being updated: {table}", _SEEN, code="LimitExceededException"
)
TAGS_KEEP_TABLE: Final = Message(
    "Attempt to change a resource which is still in use: Table tags are being updated: {table}",
    _SEEN,
    code="ResourceInUseException",
)

# Time to live

TTL_ENABLED_ALREADY: Final = Message("TimeToLive is already enabled", _SEEN)
TTL_DISABLED_ALREADY: Final = Message("TimeToLive is already disabled", _SEEN)
TTL_OF_ANOTHER_ATTRIBUTE: Final = Message(
    "TimeToLive is active on a different AttributeName: current AttributeName is {attribute}", _SEEN
)
TTL_CHANGED_TOO_OFTEN: Final = Message("Time to live has been modified multiple times within a fixed interval", _SEEN)
TTL_NOT_DESCRIBED: Final = Message(
    "Cannot describe time to live while table is in {status} state: Current table state is {status}", _SEEN
)

# Things that no table here has

POLICY_NOT_FOUND: Final = Message(
    "Resource-based policy not found for the provided ResourceArn: {arn}", _SEEN, code="PolicyNotFoundException"
)
BACKUP_NOT_FOUND: Final = Message(
    "Backup not found: {arn}", "captured on the service, 2018 to 2026", code="BackupNotFoundException"
)
EXPORT_NOT_FOUND: Final = Message(
    "Export not found: {arn}", "API reference, DescribeExport; the words are ours", code="ExportNotFoundException"
)
IMPORT_NOT_FOUND: Final = Message(
    "Import not found: {arn}", "API reference, DescribeImport; the words are ours", code="ImportNotFoundException"
)
GLOBAL_TABLE_NOT_FOUND: Final = Message(
    "Global table not found: Global table with name: '{table}' does not exist.",
    "captured on the service, 2018 and later",
    code="GlobalTableNotFoundException",
)
INDEX_OF_INSIGHTS_NOT_FOUND: Final = Message(
    "Requested resource not found: Index: {index} not found for table: {table}",
    _SEEN,
    code="ResourceNotFoundException",
)
