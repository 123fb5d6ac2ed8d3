"""Texts about streams, shards, iterators and sequence numbers.

`_LOCAL` is DynamoDB Local 1.25.1, asked on 2026-11-25; what the service itself says was seen where it is named.
"""

from __future__ import annotations

from typing import Final

from ddbmodel.engine.messages.message import Message

__all__ = [
    "DESCRIBE_LIMIT",
    "FUTURE_TIMESTAMP",
    "INVALID_ITERATOR",
    "INVALID_SEQUENCE_NUMBER",
    "INVALID_STREAM_ARN",
    "ITERATOR_EXPIRED",
    "LIST_LIMIT",
    "NO_SEQUENCE_NUMBER",
    "NO_TIMESTAMP",
    "RECORDS_LIMIT",
    "SEQUENCE_NUMBER_NOT_IN_SHARD",
    "SHARD_NOT_FOUND",
    "STREAM_NOT_FOUND",
    "STREAM_OF_SHARD_NOT_FOUND",
    "TRIMMED",
    "UNEXPECTED_SEQUENCE_NUMBER",
    "UNEXPECTED_TIMESTAMP",
]

_PARAMETER: Final = "One or more parameter values were invalid: "
_LOCAL: Final = "DynamoDB Local 1.25.1"
_OURS: Final = (
    "API model of DynamoDB Streams, botocore 1.44.8, GetShardIterator: the fault is documented, the words are ours"
)

INVALID_STREAM_ARN: Final = Message(
    "Invalid StreamArn",
    source="aws-sdk-js, test/integration, 'fake-stream' sent to the service; ScyllaDB, alternator/test_streams.py: "
    "the service answers ValidationException where DynamoDB Local finds no such stream",
)
STREAM_NOT_FOUND: Final = Message(
    "Requested resource not found: Stream: {arn} not found", source=_LOCAL, code="ResourceNotFoundException"
)
STREAM_OF_SHARD_NOT_FOUND: Final = Message(
    "Requested resource not found: Stream: {arn} not found",
    source="as DescribeStream; classic: " + _LOCAL,
    classic="Stream does not exist",
    code="ResourceNotFoundException",
)
SHARD_NOT_FOUND: Final = Message(
    "Requested resource not found: Shard does not exist",
    source="answer of the service that Flink's and OpenSearch's readers of DynamoDB Streams handle; classic: " + _LOCAL,
    classic="Shard does not exist",
    code="ResourceNotFoundException",
)
INVALID_ITERATOR: Final = Message("Invalid ShardIterator", source=_LOCAL)
ITERATOR_EXPIRED: Final = Message(
    "Shard iterator has expired",
    source="spring-projects/spring-integration-aws pull request 59: a stack trace of the service, 2017",
    code="ExpiredIteratorException",
)
TRIMMED: Final = Message(
    "The data you are trying to access has been trimmed",
    source="ironSource/node-dynamodb-stream issue 13: an answer of the service, 2019; classic: aws/aws-sdk-java "
    "issue 2923, an answer of DynamoDB Local",
    classic="The operation attempted to read past the oldest stream record in a shard.",
    code="TrimmedDataAccessException",
)
NO_SEQUENCE_NUMBER: Final = Message(_PARAMETER + "Invalid SequenceNumber", source=_LOCAL)
INVALID_SEQUENCE_NUMBER: Final = Message(
    _PARAMETER + "Invalid SequenceNumber", source=_LOCAL + " of one that is missing; one of letters breaks it"
)
SEQUENCE_NUMBER_NOT_IN_SHARD: Final = Message("Invalid SequenceNumber for the shard", source=_LOCAL)
UNEXPECTED_SEQUENCE_NUMBER: Final = Message(
    _PARAMETER + "SequenceNumber should not be passed for this iterator type", source=_LOCAL
)
NO_TIMESTAMP: Final = Message(_PARAMETER + "Invalid Timestamp", source=_OURS)
UNEXPECTED_TIMESTAMP: Final = Message(
    _PARAMETER + "Timestamp should not be passed for this iterator type", source=_OURS
)
FUTURE_TIMESTAMP: Final = Message(_PARAMETER + "Timestamp must not be in the future", source=_OURS)
LIST_LIMIT: Final = Message(_PARAMETER + "Limit cannot be greater than the maximum allowed size: 100", source=_LOCAL)
DESCRIBE_LIMIT: Final = Message(_PARAMETER + "Limit cannot be greater than the maximum: 100", source=_LOCAL)
RECORDS_LIMIT: Final = Message(
    _PARAMETER + "Limit should be less than or equal to 1000",
    source=_LOCAL + "; the API model names LimitExceededException for it, which no answer of the service shows",
)
