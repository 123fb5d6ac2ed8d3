"""ListStreams, DescribeStream, GetShardIterator, GetRecords. A stream has one shard, which closes with the stream.

Records can be read for 24 hours. A reader whose next records are older than that gets TrimmedDataAccessException,
unless it asked for TRIM_HORIZON, which means whatever is left.
"""

from __future__ import annotations

from typing import Any, Final

from ddbmodel.engine.arn import stream_arn, table_name_of
from ddbmodel.engine.catalog import Catalog, KeySchema, Stream
from ddbmodel.engine.context import RequestContext
from ddbmodel.engine.outcome import Outcome
from ddbmodel.engine.storage.view import ReadView, StreamRecord
from ddbmodel.engine.stream_log import sequence_of, sequence_text
from ddbmodel.engine.streams.iterators import ITERATOR_LIFETIME_S, Position, parse_iterator, render_iterator
from ddbmodel.errors import ServiceError, service_error

__all__ = ["RETENTION_S", "describe_stream", "get_records", "get_shard_iterator", "list_streams"]

RETENTION_S: Final = 86_400.0
_MOST_STREAMS: Final = 100
_MOST_RECORDS: Final = 1000
_MOST_BYTES: Final = 1 << 20
# Records are fetched in parts, so that a thousand large ones are not read to answer with the first three.
_PART_RECORDS: Final = 100


def list_streams(request: dict[str, Any], view: ReadView, catalog: Catalog, context: RequestContext) -> Outcome:
    """Answer ListStreams, in order of creation."""
    now_s, region = context.now_s, context.region
    limit = _limit(request, _MOST_STREAMS)
    streams = _readable(catalog, now_s)
    if request.get("TableName") is not None:
        name = table_name_of(request["TableName"])
        streams = [stream for stream in streams if stream.table_name == name]
    start = request.get("ExclusiveStartStreamArn")
    if start is not None:
        arns = [stream_arn(region, stream.table_name, stream.label) for stream in streams]
        if start not in arns:
            raise _invalid("Invalid ExclusiveStartStreamArn")
        streams = streams[arns.index(start) + 1 :]
    page = [
        {
            "StreamArn": stream_arn(region, stream.table_name, stream.label),
            "TableName": stream.table_name,
            "StreamLabel": stream.label,
        }
        for stream in streams[:limit]
    ]
    response: dict[str, Any] = {"Streams": page}
    if len(streams) > limit:
        response["LastEvaluatedStreamArn"] = page[-1]["StreamArn"]
    return Outcome(response)


def describe_stream(request: dict[str, Any], view: ReadView, catalog: Catalog, context: RequestContext) -> Outcome:
    """Answer DescribeStream."""
    now_s, region = context.now_s, context.region
    stream = _stream(request.get("StreamArn"), catalog, now_s, region)
    _limit(request, _MOST_STREAMS)
    sequences = {"StartingSequenceNumber": sequence_text(stream.first_sequence)}
    if stream.last_sequence is not None:
        sequences["EndingSequenceNumber"] = sequence_text(stream.last_sequence)
    shards: list[dict[str, Any]] = [{"ShardId": _shard_id(stream), "SequenceNumberRange": sequences}]
    # The one shard has neither children nor a shard after it.
    if request.get("ShardFilter") is not None or request.get("ExclusiveStartShardId") is not None:
        shards = []
    description = {
        "StreamArn": stream_arn(region, stream.table_name, stream.label),
        "StreamLabel": stream.label,
        "StreamStatus": "ENABLED" if stream.enabled else "DISABLED",
        "StreamViewType": stream.view,
        "CreationRequestDateTime": stream.created_at_s,
        "TableName": stream.table_name,
        "KeySchema": _key_schema(stream.keys),
        "Shards": shards,
    }
    return Outcome({"StreamDescription": description})


def get_shard_iterator(request: dict[str, Any], view: ReadView, catalog: Catalog, context: RequestContext) -> Outcome:
    """Answer GetShardIterator."""
    now_s, region = context.now_s, context.region
    stream = _stream(request.get("StreamArn"), catalog, now_s, region)
    if request.get("ShardId") != _shard_id(stream):
        raise service_error(
            "ResourceNotFoundException", f"Requested resource not found: Shard does not exist: {request.get('ShardId')}"
        )
    kind = request.get("ShardIteratorType")
    match kind:
        case "TRIM_HORIZON":
            after = 0
        case "LATEST":
            after = view.last_sequence()
        case "AT_SEQUENCE_NUMBER":
            after = _named_sequence(request, stream, view, now_s) - 1
        case "AFTER_SEQUENCE_NUMBER":
            after = _named_sequence(request, stream, view, now_s, exclusive=True)
        case "AT_TIMESTAMP":
            after = _sequence_before(request.get("Timestamp"), stream, view, now_s)
        case _:
            raise _invalid(
                f"1 validation error detected: Value '{kind}' at 'shardIteratorType' failed to satisfy constraint: "
                "Member must satisfy enum value set: "
                "[AFTER_SEQUENCE_NUMBER, LATEST, AT_SEQUENCE_NUMBER, TRIM_HORIZON, AT_TIMESTAMP]"
            )
    arn = stream_arn(region, stream.table_name, stream.label)
    from_horizon = kind in ("TRIM_HORIZON", "AT_TIMESTAMP")
    return Outcome({"ShardIterator": render_iterator(Position(arn, after, float(now_s), from_horizon))})


def get_records(request: dict[str, Any], view: ReadView, catalog: Catalog, context: RequestContext) -> Outcome:
    """Answer GetRecords: up to 1,000 records or 1 MB; NextShardIterator is missing at the end of a closed shard."""
    now_s, region = context.now_s, context.region
    position = parse_iterator(request.get("ShardIterator"))
    limit = _limit(request, _MOST_RECORDS)
    if now_s - position.issued_at_s > ITERATOR_LIFETIME_S:
        raise service_error(
            "ExpiredIteratorException",
            "Iterator expired. The iterator was created more than 15 minutes ago; get a new one",
        )
    stream = _stream(position.stream_arn, catalog, now_s, region)
    records, after = _page(stream, view, position, limit, now_s)
    response: dict[str, Any] = {"Records": [record.record for record in records]}
    if stream.last_sequence is None or after < stream.last_sequence:
        # What comes after a record is a promise, wherever the reader began.
        from_horizon = position.from_horizon and not records
        response["NextShardIterator"] = render_iterator(
            Position(position.stream_arn, after, float(now_s), from_horizon)
        )
    return Outcome(response)


def _page(
    stream: Stream, view: ReadView, position: Position, limit: int, now_s: float
) -> tuple[list[StreamRecord], int]:
    """Return the records of a page and the sequence number that it ends with."""
    page: list[StreamRecord] = []
    after, room_bytes = position.after_sequence, _MOST_BYTES
    while len(page) < limit:
        wanted = min(_PART_RECORDS, limit - len(page))
        part = view.stream_records(stream.id, after, wanted)
        for record in part:
            if _is_trimmed(record, now_s):
                if not position.from_horizon:
                    raise _trimmed()
            else:
                room_bytes -= record.record["dynamodb"]["SizeBytes"]
                if room_bytes < 0 and page:
                    return page, after
                page.append(record)
            after = record.sequence
        if len(part) < wanted:
            if stream.last_sequence is not None:
                after = max(after, stream.last_sequence)
            break
    return page, after


def _is_trimmed(record: StreamRecord, now_s: float) -> bool:
    return record.created_at_s < now_s - RETENTION_S


def _named_sequence(
    request: dict[str, Any], stream: Stream, view: ReadView, now_s: float, *, exclusive: bool = False
) -> int:
    text = request.get("SequenceNumber")
    if text is None:
        raise _invalid("SequenceNumber is required for this ShardIteratorType")
    try:
        sequence = sequence_of(text)
    except (ValueError, TypeError):
        raise _invalid("Invalid SequenceNumber") from None
    last = view.last_sequence() + 1 if stream.last_sequence is None else stream.last_sequence
    if not stream.first_sequence <= sequence <= last:
        raise _invalid("Invalid SequenceNumber: it is not between the first and the last sequence number of this shard")
    if sequence > view.last_sequence() or sequence == stream.last_sequence:
        return sequence
    # The shard's first number need not be that of a record; it is good as long as no record can be too old.
    if sequence == stream.first_sequence and now_s - stream.created_at_s <= RETENTION_S:
        return sequence
    found = view.stream_records(stream.id, sequence - 1, 2)
    if not found or found[0].sequence != sequence:
        raise _trimmed()
    # Whoever stands behind a record that is too old has missed nothing as long as the next one is there. The service
    # refuses that too, but its shards close after some hours; this one never does.
    needed = found[1:] if exclusive else found[:1]
    if any(_is_trimmed(record, now_s) for record in needed):
        raise _trimmed()
    return sequence


def _sequence_before(timestamp: object, stream: Stream, view: ReadView, now_s: float) -> int:
    if not isinstance(timestamp, (int, float)) or isinstance(timestamp, bool):
        raise _invalid("Timestamp is required for this ShardIteratorType, in seconds since the epoch")
    if timestamp > now_s:
        raise _invalid("Timestamp must not be in the future")
    after = 0
    while True:
        part = view.stream_records(stream.id, after, _MOST_RECORDS)
        for record in part:
            if record.created_at_s >= timestamp:
                return after
            after = record.sequence
        if len(part) < _MOST_RECORDS:
            # Nothing so new yet: what is written from now on.
            return max(after, view.last_sequence())


def _readable(catalog: Catalog, now_s: float) -> list[Stream]:
    return [
        stream
        for stream in catalog.streams()
        if stream.disabled_at_s is None or now_s - stream.disabled_at_s <= RETENTION_S
    ]


def _stream(arn: object, catalog: Catalog, now_s: float, region: str) -> Stream:
    if not isinstance(arn, str):
        raise _invalid(
            "1 validation error detected: Value null at 'streamArn' failed to satisfy constraint: "
            "Member must not be null"
        )
    for stream in _readable(catalog, now_s):
        if stream_arn(region, stream.table_name, stream.label) == arn:
            return stream
    raise service_error("ResourceNotFoundException", f"Requested resource not found: Stream: {arn} not found")


def _shard_id(stream: Stream) -> str:
    return f"shardId-{int(stream.created_at_s * 1000):020d}-{stream.id:08x}"


def _key_schema(keys: KeySchema) -> list[dict[str, str]]:
    return [{"AttributeName": key.name, "KeyType": "HASH"} for key in keys.partition] + [
        {"AttributeName": key.name, "KeyType": "RANGE"} for key in keys.sort
    ]


def _limit(request: dict[str, Any], most: int) -> int:
    limit = request.get("Limit")
    if limit is None:
        return most
    if not isinstance(limit, int) or isinstance(limit, bool) or not 1 <= limit <= most:
        bound = (
            f"less than or equal to {most}" if isinstance(limit, int) and limit > most else "greater than or equal to 1"
        )
        raise _invalid(
            f"1 validation error detected: Value '{limit}' at 'limit' failed to satisfy constraint: "
            f"Member must have value {bound}"
        )
    return limit


def _trimmed() -> ServiceError:
    return service_error(
        "TrimmedDataAccessException",
        "The operation attempted to read past the oldest stream record in a shard: "
        "records are kept for 24 hours; start again from TRIM_HORIZON",
    )


def _invalid(message: str) -> ServiceError:
    return service_error("ValidationException", message)
