"""Operations on streams."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from ddbmodel.engine.outcome import Outcome
from ddbmodel.engine.streams.describe import RETENTION_S, describe_stream, list_streams
from ddbmodel.engine.streams.read import get_records, get_shard_iterator

__all__ = ["RETENTION_S", "STREAM_HANDLERS"]

STREAM_HANDLERS: Final[Mapping[str, Callable[..., Outcome]]] = {
    "DescribeStream": describe_stream,
    "GetRecords": get_records,
    "GetShardIterator": get_shard_iterator,
    "ListStreams": list_streams,
}
