"""ListStreams and DescribeStream: which streams and shards there are; `find_stream` finds the one that is asked for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

from ddbmodel.engine.arn import stream_arn
from ddbmodel.engine.catalog import Catalog, KeySchema, Shard, Stream
from ddbmodel.engine.context import RequestContext
from ddbmodel.engine.messages.message import Message, refused
from ddbmodel.engine.messages.streams import (
    DESCRIBE_LIMIT,
    INVALID_STREAM_ARN,
    LIST_LIMIT,
    STREAM_NOT_FOUND,
)
from ddbmodel.engine.outcome import Outcome, SaveShard
from ddbmodel.engine.shards import lineage_of, rolled_shards
from ddbmodel.engine.storage.view import ReadView
from ddbmodel.engine.stream_log import sequence_text

__all__ = ["RETENTION_S", "describe_stream", "find_stream", "list_streams", "readable_shards"]

RETENTION_S: Final = 86_400.0
_MOST: Final = 100
_ARN: Final = re.compile(r"arn:aws[a-z-]*:dynamodb:[a-z0-9-]+:\d{12}:table/[A-Za-z0-9_.-]+/stream/([^|/]+)\Z")


def list_streams(request: dict[str, Any], view: ReadView, catalog: Catalog, context: RequestContext) -> Outcome:
    """Answer ListStreams, in the order of the ARNs, so that a page goes on where one has been deleted meanwhile."""
    limit = _limit(request, LIST_LIMIT)
    streams = {
        stream_arn(context.region, stream.table_name, stream.label): stream
        for stream in catalog.streams()
        if _is_readable(stream, context.now_s)
    }
    name = request.get("TableName")
    if name is not None:
        streams = {arn: stream for arn, stream in streams.items() if stream.table_name == name}
    start = request.get("ExclusiveStartStreamArn")
    if start is not None:
        _check_arn(start)
    arns = sorted(arn for arn in streams if start is None or arn > start)
    page = [
        {"StreamArn": arn, "TableName": streams[arn].table_name, "StreamLabel": streams[arn].label}
        for arn in arns[:limit]
    ]
    response: dict[str, Any] = {"Streams": page}
    if len(arns) > limit:
        response["LastEvaluatedStreamArn"] = arns[limit - 1]
    return Outcome(response)


def describe_stream(request: dict[str, Any], view: ReadView, catalog: Catalog, context: RequestContext) -> Outcome:
    """Answer DescribeStream; parents come before their children."""
    limit = _limit(request, DESCRIBE_LIMIT)
    stream = find_stream(request["StreamArn"], catalog, context, STREAM_NOT_FOUND)
    shards, changes = readable_shards(stream, view, catalog, context)
    wanted = request.get("ShardFilter")
    if wanted is not None and wanted.get("Type") is not None:
        shards = [shard for shard in shards if shard.parent is not None and shard.parent == wanted.get("ShardId")]
    start = request.get("ExclusiveStartShardId")
    if start is not None:
        ids = [shard.id for shard in shards]
        shards = shards[ids.index(start) + 1 :] if start in ids else []
    description: dict[str, Any] = {
        "StreamArn": request["StreamArn"],
        "StreamLabel": stream.label,
        "StreamStatus": _status(stream, context),
        "StreamViewType": stream.view,
        "CreationRequestDateTime": stream.created_at_s,
        "TableName": stream.table_name,
        "KeySchema": _key_schema(stream.keys),
        "Shards": [_shard(shard) for shard in shards[:limit]],
    }
    if len(shards) > limit:
        description["LastEvaluatedShardId"] = shards[limit - 1].id
    return Outcome({"StreamDescription": description}, catalog=changes)


def find_stream(arn: str, catalog: Catalog, context: RequestContext, not_found: Message) -> Stream:
    """Return the stream of an ARN; one that was disabled, or whose table was deleted, is there for another day."""
    label = _check_arn(arn)
    for stream in catalog.streams():
        # Cheaper to compare than to write the ARNs of all streams there are.
        if (
            stream.label == label
            and stream_arn(context.region, stream.table_name, label) == arn
            and _is_readable(stream, context.now_s)
        ):
            return stream
    raise refused(not_found, arn=arn)


def readable_shards(
    stream: Stream, view: ReadView, catalog: Catalog, context: RequestContext
) -> tuple[list[Shard], tuple[SaveShard, ...]]:
    """Return the shards that can still be read, and what changes because the time of some is over."""
    now_s = context.now_s
    rolled = rolled_shards(stream.id, catalog, view.last_sequence(), context.options, now_s)
    lineage = catalog.lineage(stream.id)
    if rolled:
        shards = {shard.number: shard for shard in (*lineage.shards, *rolled)}
        lineage = lineage_of(stream, shards.values())
    readable = [
        shard for shard in lineage.shards if shard.closed_at_s is None or now_s - shard.closed_at_s <= RETENTION_S
    ]
    return readable, tuple(map(SaveShard, rolled))


def _is_readable(stream: Stream, now_s: float) -> bool:
    return stream.disabled_at_s is None or now_s - stream.disabled_at_s <= RETENTION_S


def _status(stream: Stream, context: RequestContext) -> str:
    since_s = stream.created_at_s if stream.disabled_at_s is None else stream.disabled_at_s
    is_changing = context.now_s - since_s < context.options.table_delay_s
    if stream.enabled:
        return "ENABLING" if is_changing else "ENABLED"
    return "DISABLING" if is_changing else "DISABLED"


def _shard(shard: Shard) -> dict[str, Any]:
    sequences = {"StartingSequenceNumber": sequence_text(shard.first_sequence)}
    if shard.last_sequence is not None:
        sequences["EndingSequenceNumber"] = sequence_text(shard.last_sequence)
    described: dict[str, Any] = {"ShardId": shard.id, "SequenceNumberRange": sequences}
    if shard.parent is not None:
        described["ParentShardId"] = shard.parent
    return described


def _key_schema(keys: KeySchema) -> list[dict[str, str]]:
    def elements(names: Sequence[str], kind: str) -> list[dict[str, str]]:
        return [{"AttributeName": name, "KeyType": kind} for name in names]

    return elements([key.name for key in keys.partition], "HASH") + elements([key.name for key in keys.sort], "RANGE")


def _check_arn(arn: str) -> str:
    """Return the label in the ARN of a stream."""
    match = _ARN.match(arn)
    if match is None:
        raise refused(INVALID_STREAM_ARN)
    return match[1]


def _limit(request: dict[str, Any], too_great: Message) -> int:
    limit: int = request.get("Limit", _MOST)
    if limit > _MOST:
        raise refused(too_great)
    return limit
