"""GetShardIterator and GetRecords: reading one shard.

Records can be read for 24 hours. An iterator is a place between two records of a shard; when the next record is older
than that, the reader has missed it and gets TrimmedDataAccessException, however it came to stand there.
"""

from __future__ import annotations

from typing import Any, Final

from ddbmodel.engine.catalog import Catalog, Shard
from ddbmodel.engine.context import RequestContext
from ddbmodel.engine.messages.message import refused
from ddbmodel.engine.messages.streams import (
    FUTURE_TIMESTAMP,
    INVALID_SEQUENCE_NUMBER,
    ITERATOR_EXPIRED,
    NO_SEQUENCE_NUMBER,
    NO_TIMESTAMP,
    RECORDS_LIMIT,
    SEQUENCE_NUMBER_NOT_IN_SHARD,
    SHARD_NOT_FOUND,
    STREAM_OF_SHARD_NOT_FOUND,
    TRIMMED,
    UNEXPECTED_SEQUENCE_NUMBER,
    UNEXPECTED_TIMESTAMP,
)
from ddbmodel.engine.outcome import Outcome
from ddbmodel.engine.storage.view import ReadView
from ddbmodel.engine.stream_log import sequence_of
from ddbmodel.engine.streams.describe import RETENTION_S, find_stream, readable_shards
from ddbmodel.engine.streams.iterators import ITERATOR_LIFETIME_S, Position, parse_iterator, render_iterator

__all__ = ["get_records", "get_shard_iterator"]

_MOST_RECORDS: Final = 1000
_MOST_BYTES: Final = 1 << 20
# Records are fetched in parts, so that a thousand large ones are not read to answer with the first three.
_PART_RECORDS: Final = 100


def get_shard_iterator(request: dict[str, Any], view: ReadView, catalog: Catalog, context: RequestContext) -> Outcome:
    """Answer GetShardIterator."""
    kind: str = request["ShardIteratorType"]
    _check_place(kind, request, context.now_s)
    stream = find_stream(request["StreamArn"], catalog, context, STREAM_OF_SHARD_NOT_FOUND)
    shards, changes = readable_shards(stream, view, catalog, context)
    shard = next((shard for shard in shards if shard.id == request["ShardId"]), None)
    if shard is None:
        raise refused(SHARD_NOT_FOUND)
    horizon_s = context.now_s - RETENTION_S
    match kind:
        case "AT_SEQUENCE_NUMBER":
            after = _named_sequence(request["SequenceNumber"], shard, view) - 1
        case "AFTER_SEQUENCE_NUMBER":
            after = _named_sequence(request["SequenceNumber"], shard, view)
        case "AT_TIMESTAMP":
            # The service takes milliseconds, so what counts is when a record was written, not the second that it shows.
            after = _before_records_since(max(float(request["Timestamp"]), horizon_s), shard, view)
        case "LATEST":
            after = _newest_sequence(shard, view)
        case _:
            after = _before_records_since(horizon_s, shard, view)
    _check_not_trimmed(shard, after, view, context.now_s)
    position = Position(request["StreamArn"], shard.number, after, float(context.now_s))
    return Outcome({"ShardIterator": render_iterator(position)}, catalog=changes)


def get_records(request: dict[str, Any], view: ReadView, catalog: Catalog, context: RequestContext) -> Outcome:
    """Answer GetRecords: up to 1,000 records or 1 MB; NextShardIterator is missing at the end of a closed shard."""
    position = parse_iterator(request["ShardIterator"])
    limit: int = request.get("Limit", _MOST_RECORDS)
    if limit > _MOST_RECORDS:
        raise refused(RECORDS_LIMIT)
    if context.now_s - position.issued_at_s > ITERATOR_LIFETIME_S:
        raise refused(ITERATOR_EXPIRED)
    stream = find_stream(position.stream_arn, catalog, context, STREAM_OF_SHARD_NOT_FOUND)
    shards, changes = readable_shards(stream, view, catalog, context)
    shard = next((shard for shard in shards if shard.number == position.shard), None)
    if shard is None:
        raise refused(SHARD_NOT_FOUND)
    _check_not_trimmed(shard, position.after_sequence, view, context.now_s)
    records, after = _page(shard, view, position.after_sequence, limit)
    response: dict[str, Any] = {"Records": records}
    if shard.last_sequence is None or after < shard.last_sequence:
        response["NextShardIterator"] = render_iterator(
            position._replace(after_sequence=after, issued_at_s=float(context.now_s))
        )
    return Outcome(response, catalog=changes)


def _check_place(kind: str, request: dict[str, Any], now_s: float) -> None:
    """Check that a request names a place in the way of its kind, and in no other."""
    sequence, timestamp = request.get("SequenceNumber"), request.get("Timestamp")
    if kind in ("AT_SEQUENCE_NUMBER", "AFTER_SEQUENCE_NUMBER"):
        if sequence is None:
            raise refused(NO_SEQUENCE_NUMBER)
    elif sequence is not None:
        raise refused(UNEXPECTED_SEQUENCE_NUMBER)
    if kind == "AT_TIMESTAMP":
        if timestamp is None:
            raise refused(NO_TIMESTAMP)
        # Not a number is in no past either.
        if not timestamp <= now_s:
            raise refused(FUTURE_TIMESTAMP)
    elif timestamp is not None:
        raise refused(UNEXPECTED_TIMESTAMP)


def _named_sequence(text: str, shard: Shard, view: ReadView) -> int:
    if not (text.isascii() and text.isdigit()):
        raise refused(INVALID_SEQUENCE_NUMBER)
    try:
        sequence = sequence_of(text)
    except ValueError:
        raise refused(SEQUENCE_NUMBER_NOT_IN_SHARD) from None
    # The number that an open shard has next is one that it has named as its first before it was used.
    last = _newest_sequence(shard, view) + 1 if shard.last_sequence is None else shard.last_sequence
    if not shard.first_sequence <= sequence <= last:
        raise refused(SEQUENCE_NUMBER_NOT_IN_SHARD)
    return sequence


def _newest_sequence(shard: Shard, view: ReadView) -> int:
    """Return a number that all records of the shard have reached at most, and none to come will have."""
    return max(view.last_sequence(), shard.first_sequence - 1) if shard.last_sequence is None else shard.last_sequence


def _before_records_since(moment_s: float, shard: Shard, view: ReadView) -> int:
    """Return the place behind the records that are older than a moment."""
    # Sequence numbers have gaps, but the records between them were written in order of time.
    low, high = shard.first_sequence - 1, _newest_sequence(shard, view)
    middle = low
    while low < high:
        following = view.stream_records(shard.number, middle, 1)
        if following and following[0].created_at_s < moment_s:
            low = following[0].sequence
        else:
            high = middle
        middle = (low + high) // 2
    return low


def _check_not_trimmed(shard: Shard, after_sequence: int, view: ReadView, now_s: float) -> None:
    # The store keeps the last record of each shard that is too old, so this sees one even when all are.
    following = view.stream_records(shard.number, after_sequence, 1)
    if following and following[0].created_at_s < now_s - RETENTION_S:
        raise refused(TRIMMED)


def _page(shard: Shard, view: ReadView, after: int, limit: int) -> tuple[list[dict[str, Any]], int]:
    """Return the records of a page and the sequence number that it ends with."""
    page: list[dict[str, Any]] = []
    room_bytes = _MOST_BYTES
    while len(page) < limit:
        wanted = min(_PART_RECORDS, limit - len(page))
        part = view.stream_records(shard.number, after, wanted)
        for record in part:
            room_bytes -= record.record["dynamodb"]["SizeBytes"]
            if room_bytes < 0 and page:
                return page, after
            page.append(record.record)
            after = record.sequence
        if len(part) < wanted:
            return page, max(after, shard.last_sequence or 0)
    return page, after
