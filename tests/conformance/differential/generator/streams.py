"""Random requests about streams; they go by what the backend answered before."""

from __future__ import annotations

from typing import Any

from differential.generator.world import Request, World

__all__ = ["stream_reading", "stream_requests"]

_ARN = "arn:aws:dynamodb:ddblocal:000000000000:table/nowhere/stream/2026-01-01T00:00:00.000"
_TYPES = ("TRIM_HORIZON", "TRIM_HORIZON", "TRIM_HORIZON", "LATEST", "AT_SEQUENCE_NUMBER", "AFTER_SEQUENCE_NUMBER")


def stream_requests(w: World) -> Request:
    """Return a request about the table's stream."""
    operation, request = w.pick(_list, _describe, _describe, _iterator, _iterator, _records, _records, _records)(w)
    return operation, request


def stream_reading(w: World) -> list[Request]:
    """Return the requests that read the table's stream from its beginning."""
    arn, shard = {"$": "StreamArn"}, {"$": "ShardId"}
    return [
        ("DescribeStream", {"StreamArn": arn}),
        ("GetShardIterator", {"StreamArn": arn, "ShardId": shard, "ShardIteratorType": "TRIM_HORIZON"}),
        ("GetRecords", {"ShardIterator": {"$": "ShardIterator"}}),
    ]


def _list(w: World) -> Request:
    request: dict[str, Any] = {"TableName": w.table if not w.broken() else w.pick("nowhere", "", "ab", "bad!name")}
    if w.chance(0.2):
        request["Limit"] = w.pick(1, 10) if not w.broken() else w.pick(0, 101)
    if w.broken():
        request["ExclusiveStartStreamArn"] = w.pick("wrong", _ARN)
    return "ListStreams", request


def _describe(w: World) -> Request:
    request: dict[str, Any] = {"StreamArn": _arn(w)}
    if w.chance(0.2):
        request["Limit"] = w.pick(1, 10) if not w.broken() else w.pick(0, 101)
    if w.chance(0.1):
        request["ExclusiveStartShardId"] = {"$": "ShardId"} if not w.broken() else "wrong"
    return "DescribeStream", request


def _iterator(w: World) -> Request:
    kind = w.pick(*_TYPES)
    request: dict[str, Any] = {"StreamArn": _arn(w), "ShardId": {"$": "ShardId"}, "ShardIteratorType": kind}
    if kind.endswith("SEQUENCE_NUMBER") != w.broken():
        request["SequenceNumber"] = {"$": "SequenceNumber"} if not w.broken() else w.pick("wrong", "0", "")
    if w.broken():
        request["ShardIteratorType"] = "WRONG"
    if w.broken():
        request["ShardId"] = w.pick("wrong", "shardId-00000001795564348062-2c9f29ca", "")
    return "GetShardIterator", request


def _records(w: World) -> Request:
    request: dict[str, Any] = {"ShardIterator": {"$": w.pick("ShardIterator", "NextShardIterator")}}
    if w.chance(0.2):
        request["Limit"] = w.pick(1, 2, 1000) if not w.broken() else w.pick(0, 1001)
    if w.broken():
        request["ShardIterator"] = w.pick("wrong", "", _ARN, f"{_ARN}|1|YWJj", "a|b|c")
    return "GetRecords", request


def _arn(w: World) -> Any:
    return {"$": "StreamArn"} if not w.broken() else w.pick("wrong", _ARN, "", "arn:aws:dynamodb:us-east-1:1:table/x")
