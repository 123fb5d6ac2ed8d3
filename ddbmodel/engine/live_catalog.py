"""The catalog in memory: parsed once, changed as one with the open transaction, put back when that is undone."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeAlias

from ddbmodel.engine.catalog import Index, KeyAttribute, KeySchema, Lineage, Shard, Stream, Table, TimeToLive
from ddbmodel.engine.shards import FIRST_CHILD_NUMBER, lineage_of
from ddbmodel.engine.storage.store import Store

__all__ = ["LiveCatalog"]

_State: TypeAlias = tuple[dict[str, Table], dict[int, Stream], dict[int, Lineage], int, int, int]


class LiveCatalog:
    """Tables and streams as they are now; every change is also written to the store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._tables: dict[str, Table] = {}
        self._moving: tuple[Table, ...] | None = None
        self._changing: set[str] | None = None
        self._streams: dict[int, Stream] = {}
        self._lineages: dict[int, Lineage] = {}
        self._next_space, self._next_shard, self._last_reserved = 1, FIRST_CHILD_NUMBER, 0
        self._before: _State | None = None
        shards: list[Shard] = []
        for kind, name, body in store.catalog_rows():
            match kind, name:
                case "table", _:
                    self._tables[name] = _table(body)
                case "stream", _:
                    self._streams[int(name)] = _stream(body)
                case "shard", _:
                    shards.append(Shard(**body))
                case "counter", "space":
                    self._next_space = body["next"]
                case "counter", "shard":
                    self._next_shard = body["next"]
        for stream in self._streams.values():
            self._set_lineage(stream, [shard for shard in shards if shard.stream_id == stream.id])

    # Reading: see `Catalog`

    def table(self, name: str) -> Table | None:
        """Return a table by name."""
        return self._tables.get(name)

    def table_names(self) -> list[str]:
        """Return the names in UTF-8 order."""
        return sorted(self._tables, key=str.encode)

    def table_count(self) -> int:
        """Return how many tables there are, including those whose deletion is not finished."""
        return len(self._tables)

    def changing_count(self, now_s: float) -> int:
        """Return how many tables are being created, updated or deleted; cheap, however many tables there are."""
        # A table begins to change when it is saved, so only what was saved since is looked at.
        names = self._tables.keys() if self._changing is None else self._changing & self._tables.keys()
        self._changing = {name for name in names if self._tables[name].status(now_s) != "ACTIVE"}
        return len(self._changing)

    def moving_tables(self) -> Iterable[Table]:
        """Return the tables that time moves on.

        They have time to live, or are, or have an index, being filled or deleted.
        """
        if self._moving is None:
            self._moving = tuple(table for table in self._tables.values() if _is_moving(table))
        return self._moving

    def streams(self) -> list[Stream]:
        """Return every stream that is still readable, in order of creation."""
        return [self._streams[number] for number in sorted(self._streams)]

    def next_space(self) -> int:
        """Return a key space number never used before; several in one request count up from it."""
        return self._next_space

    def lineage(self, stream_id: int) -> Lineage:
        """Return the shards of a stream."""
        return self._lineages[stream_id]

    def next_shard(self) -> int:
        """Return a shard number never used before; several in one request count up from it."""
        return self._next_shard

    def last_reserved_sequence(self) -> int:
        """Return a sequence number that no record to come may have; records may have got beyond it."""
        return self._last_reserved

    def shard_numbers(self) -> list[int]:
        """Return the numbers of all shards that are not forgotten."""
        return [shard.number for lineage in self._lineages.values() for shard in lineage.shards]

    # Writing

    def save_table(self, table: Table) -> None:
        """Create a table or replace its description."""
        self._remember()
        self._tables[table.name], self._moving = table, None
        if self._changing is not None:
            self._changing.add(table.name)
        self._store.save_catalog_row("table", table.name, table)
        self._use_numbers(*table.spaces)

    def drop_table(self, name: str) -> None:
        """Forget a table."""
        self._remember()
        del self._tables[name]
        self._moving = None
        self._store.delete_catalog_row("table", name)

    def save_stream(self, stream: Stream) -> None:
        """Create a stream or replace its description."""
        self._remember()
        self._streams[stream.id] = stream
        self._store.save_catalog_row("stream", str(stream.id), stream)
        self._use_numbers(stream.id)
        known = self._lineages.get(stream.id)
        self._set_lineage(stream, () if known is None else known.shards)

    def save_shard(self, shard: Shard) -> None:
        """Open a shard, or replace one by its closed self."""
        self._remember()
        others = [each for each in self._lineages[shard.stream_id].shards if each.number != shard.number]
        self._set_lineage(self._streams[shard.stream_id], [*others, shard])
        self._store.save_catalog_row("shard", str(shard.number), shard)
        if shard.number >= self._next_shard:
            self._next_shard = shard.number + 1
            self._store.save_catalog_row("counter", "shard", {"next": self._next_shard})

    def forget_streams(self, closed_before_s: float) -> None:
        """Forget the streams that were disabled, and the shards that were closed, before a moment."""
        for stream in self.streams():
            lineage = self._lineages[stream.id]
            is_over = stream.disabled_at_s is not None and stream.disabled_at_s < closed_before_s
            gone = [
                shard
                for shard in lineage.shards
                if is_over or (shard.closed_at_s is not None and shard.closed_at_s < closed_before_s)
            ]
            # Without a single shard kept, it would be taken for one that has its first shard.
            gone = gone if is_over or len(gone) < len(lineage.shards) else gone[:-1]
            if not gone:
                continue
            self._remember()
            for shard in gone:
                self._store.delete_catalog_row("shard", str(shard.number))
            if is_over:
                del self._streams[stream.id], self._lineages[stream.id]
                self._store.delete_catalog_row("stream", str(stream.id))
            else:
                self._set_lineage(stream, [shard for shard in lineage.shards if shard not in gone])

    def committed(self) -> None:
        """Keep the changes since the last commit: the store has them."""
        self._before = None

    def undone(self) -> None:
        """Return to the last commit: the store has done so."""
        if self._before is not None:
            self._moving = self._changing = None
            (
                self._tables,
                self._streams,
                self._lineages,
                self._next_space,
                self._next_shard,
                self._last_reserved,
            ) = self._before
            self._before = None

    def _remember(self) -> None:
        if self._before is None:
            self._before = (
                self._tables.copy(),
                self._streams.copy(),
                self._lineages.copy(),
                self._next_space,
                self._next_shard,
                self._last_reserved,
            )

    def _set_lineage(self, stream: Stream, shards: Iterable[Shard]) -> None:
        lineage = self._lineages[stream.id] = lineage_of(stream, shards)
        self._last_reserved = max(self._last_reserved, *(shard.first_sequence - 1 for shard in lineage.shards))

    def _use_numbers(self, *numbers: int) -> None:
        if max(numbers) >= self._next_space:
            self._next_space = max(numbers) + 1
            self._store.save_catalog_row("counter", "space", {"next": self._next_space})


def _table(body: dict[str, Any]) -> Table:
    return Table(
        **body
        | {
            "keys": _keys(body["keys"]),
            "indexes": tuple(
                Index(**index | {"keys": _keys(index["keys"]), "included": tuple(index["included"])})
                for index in body["indexes"]
            ),
            "stream": None if body["stream"] is None else _stream(body["stream"]),
            "time_to_live": None if body.get("time_to_live") is None else TimeToLive(**body["time_to_live"]),
        }
    )


def _is_moving(table: Table) -> bool:
    return (
        table.gone_at_s is not None
        or table.is_being_filled
        or (table.time_to_live is not None and table.time_to_live.enabled)
        or any(index.gone_at_s is not None for index in table.indexes)
    )


def _stream(body: dict[str, Any]) -> Stream:
    facts: dict[str, Any] = body | {"keys": _keys(body["keys"])}
    return Stream(**facts)


def _keys(body: dict[str, Any]) -> KeySchema:
    return KeySchema(
        tuple(KeyAttribute(**attribute) for attribute in body["partition"]),
        tuple(KeyAttribute(**attribute) for attribute in body["sort"]),
    )
