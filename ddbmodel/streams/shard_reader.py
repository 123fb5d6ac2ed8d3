"""One shard as pages of records: iterators, their expiry, and the end of the shard.

A reader keeps its place by sequence number, never by iterator alone, since an iterator lives for 15 minutes.
"""

from __future__ import annotations

from dataclasses import dataclass

from ddbmodel.errors import ServiceError
from ddbmodel.streams.records import StreamRecord, parse_record
from ddbmodel.transport.executor import Executor, Response

__all__ = ["Page", "ShardReader"]


@dataclass(frozen=True, slots=True)
class Page:
    """Some records of a shard, perhaps none; `is_last` when the shard is closed and there are no more."""

    records: list[StreamRecord]
    is_last: bool


class ShardReader:
    """Reads one shard of one stream."""

    def __init__(self, executor: Executor, stream_arn: str, shard_id: str) -> None:
        self._executor, self._stream_arn, self._shard_id = executor, stream_arn, shard_id
        self._position: str | None = None
        self._iterator: str | None = None

    async def page_after(self, sequence: str | None) -> Page:
        """Return the next records after a sequence number; None is the oldest record that is left.

        Reading on from where the last page ended costs one call; from anywhere else, two.

        Raises:
            ServiceError: ``TrimmedDataAccessException`` when records after `sequence` are gone, and whatever else
                the service says.
        """
        if self._iterator is None or sequence != self._position:
            await self._stand_after(sequence)
        try:
            response = await self._get_records()
        except ServiceError as error:
            # Whoever wants the oldest record that is left misses nothing when the oldest has become another one; and
            # DynamoDB Local says so of an iterator that it gave before the first record of a shard was written.
            is_past_horizon = error.code == "TrimmedDataAccessException" and sequence is None
            if error.code != "ExpiredIteratorException" and not is_past_horizon:
                raise
            await self._stand_after(sequence)
            response = await self._get_records()
        records = [parse_record(record) for record in response["Records"]]
        self._iterator = response.get("NextShardIterator")
        if records:
            self._position = records[-1].sequence
        return Page(records, is_last=self._iterator is None)

    async def _get_records(self) -> Response:
        return await self._executor.execute("GetRecords", {"ShardIterator": self._iterator})

    async def _stand_after(self, sequence: str | None) -> None:
        request = {"StreamArn": self._stream_arn, "ShardId": self._shard_id}
        if sequence is None:
            request["ShardIteratorType"] = "TRIM_HORIZON"
        else:
            request |= {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "SequenceNumber": sequence}
        response = await self._executor.execute("GetShardIterator", request)
        self._position, self._iterator = sequence, response["ShardIterator"]
