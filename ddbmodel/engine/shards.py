"""Which shard of a stream takes a record, and when shards close and others follow them.

```
open ──its time is over──▶ closed ──▶ one child with the same hashes      (rolled; also when nothing is written)
     ──it has taken its last record──▶ closed ──▶ two children with half of them each   (split)
     ──the stream is disabled──▶ closed, no child
```
* The hash is that of the partition key, so all records of an item are in one line of shards, in order.
* A child's sequence numbers are all greater than those of its parent, even if the parent has never taken a record: it
  then keeps its first number for itself.
* Closed shards are forgotten a day after they closed; their children go on naming them.

Source: AWS Developer Guide, "Change data capture for DynamoDB Streams", section "Reading and processing a stream". It
leaves open when the service splits a shard.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Final

from ddbmodel.engine.catalog import HASHES, Catalog, Lineage, Shard, Stream
from ddbmodel.engine.options import EngineOptions

__all__ = ["FIRST_CHILD_NUMBER", "ShardWriter", "first_shard", "lineage_of", "lineage_problems", "rolled_shards"]

FIRST_CHILD_NUMBER: Final = 1 << 31
"""Shards that follow others are numbered from here, far beyond the ids of streams."""


def first_shard(stream: Stream) -> Shard:
    """Return the shard that a stream begins with."""
    opened_at_s = stream.created_at_s
    return Shard(stream.id, _shard_id(opened_at_s, stream.id), stream.id, opened_at_s, stream.first_sequence)


def lineage_of(stream: Stream, shards: Iterable[Shard]) -> Lineage:
    """Return the shards of a stream in order; without any, it has its first one. A disabled stream has none open."""
    ordered = sorted(shards, key=lambda shard: shard.number) or [first_shard(stream)]
    if stream.last_sequence is not None:
        ordered = [_closed(shard, stream.last_sequence, stream.disabled_at_s or 0.0) for shard in ordered]
    return Lineage(tuple(ordered), tuple(shard for shard in ordered if shard.closed_at_s is None))


def lineage_problems(stream: Stream, lineage: Lineage) -> list[str]:
    """Return what is wrong with the shards of a stream, in words."""
    problems: list[str] = []
    where = f"stream {stream.label} of table {stream.table_name!r}"
    by_id = {shard.id: shard for shard in lineage.shards}
    for shard in lineage.shards:
        parent = by_id.get(shard.parent or "")
        if parent is not None and (parent.last_sequence is None or parent.last_sequence >= shard.first_sequence):
            problems.append(f"{where}: shard {shard.id} begins before its parent has ended")
    free_from = 0
    for shard in sorted(lineage.open, key=lambda shard: shard.low_hash):
        if shard.low_hash != free_from:
            problems.append(f"{where}: shard {shard.id} does not begin where another one ends")
        free_from = shard.high_hash
    if stream.enabled and free_from != HASHES:
        problems.append(f"{where}: some partition keys have no open shard")
    return problems


def rolled_shards(
    stream_id: int, catalog: Catalog, last_sequence: int, options: EngineOptions, now_s: float
) -> list[Shard]:
    """Return the shards that are closed and opened because the time of some is over, though nothing is written."""
    if options.shard_lifetime_s is None:
        return []
    writer = ShardWriter(catalog, last_sequence, lambda _: 0, options, now_s)
    writer.roll(stream_id)
    return list(writer.changed.values())


class ShardWriter:
    """Gives the records of one commit their sequence numbers and shards.

    `changed` holds the shards that were closed or opened on the way, to be saved in the same commit.

    Args:
        last_sequence: of the newest record of any stream.
        record_count: says how many records a shard has.
    """

    def __init__(
        self,
        catalog: Catalog,
        last_sequence: int,
        record_count: Callable[[int], int],
        options: EngineOptions,
        now_s: float,
    ) -> None:
        self.changed: dict[int, Shard] = {}
        self._catalog, self._record_count, self._options, self._now_s = catalog, record_count, options, now_s
        self._last = max(last_sequence, catalog.last_reserved_sequence())
        self._is_fixed = options.shard_records is None and options.shard_lifetime_s is None
        self._next_number: int | None = None
        self._open: dict[int, tuple[Shard, ...]] = {}
        self._taken: dict[int, int] = {}

    def place(self, stream_id: int, partition_hash: int) -> tuple[int, int]:
        """Return the sequence number of the next record, and the number of the shard that takes it."""
        shard = self._taker(stream_id, partition_hash)
        if self._is_fixed:
            # The way of nearly every write.
            self._last += 1
            return self._last, shard.number
        if self._is_over(shard):
            self._follow(shard, 1)
            shard = self._taker(stream_id, partition_hash)
        self._last += 1
        most = self._options.shard_records
        if most is not None:
            taken = self._taken[shard.number] = self._taken_by(shard) + 1
            if taken >= most:
                self._follow(shard, 2)
        return self._last, shard.number

    def roll(self, stream_id: int) -> None:
        """Close the shards of a stream whose time is over, though nothing is written."""
        for shard in self._open_shards(stream_id):
            if self._is_over(shard):
                self._follow(shard, 1)

    def _open_shards(self, stream_id: int) -> tuple[Shard, ...]:
        return self._open.get(stream_id) or self._catalog.lineage(stream_id).open

    def _taker(self, stream_id: int, partition_hash: int) -> Shard:
        shards = self._open_shards(stream_id)
        if len(shards) == 1:
            return shards[0]
        return next(shard for shard in shards if shard.low_hash <= partition_hash < shard.high_hash)

    def _is_over(self, shard: Shard) -> bool:
        lifetime_s = self._options.shard_lifetime_s
        return lifetime_s is not None and self._now_s - shard.opened_at_s >= lifetime_s

    def _taken_by(self, shard: Shard) -> int:
        taken = self._taken.get(shard.number)
        return self._record_count(shard.number) if taken is None else taken

    def _follow(self, shard: Shard, ways: int) -> None:
        closed = _closed(shard, self._last, self._now_s)
        assert closed.last_sequence is not None
        self._last = closed.last_sequence
        middle = (shard.low_hash + shard.high_hash) // 2
        halves = [(shard.low_hash, middle), (middle, shard.high_hash)]
        # One hash cannot be split.
        bounds = halves if ways == 2 and middle > shard.low_hash else [(shard.low_hash, shard.high_hash)]
        children = [self._opened(shard, low, high) for low, high in bounds]
        others = tuple(each for each in self._open_shards(shard.stream_id) if each.number != shard.number)
        self._open[shard.stream_id] = (*others, *children)
        self.changed |= {each.number: each for each in (closed, *children)}

    def _opened(self, parent: Shard, low_hash: int, high_hash: int) -> Shard:
        number = self._catalog.next_shard() if self._next_number is None else self._next_number
        self._next_number = number + 1
        return Shard(
            number,
            _shard_id(self._now_s, number),
            parent.stream_id,
            self._now_s,
            self._last + 1,
            parent=parent.id,
            low_hash=low_hash,
            high_hash=high_hash,
        )


def _closed(shard: Shard, last_sequence: int, now_s: float) -> Shard:
    if shard.closed_at_s is not None:
        return shard
    return replace(shard, last_sequence=max(last_sequence, shard.first_sequence), closed_at_s=now_s)


def _shard_id(opened_at_s: float, number: int) -> str:
    return f"shardId-{int(opened_at_s * 1000):020d}-{number:08x}"
