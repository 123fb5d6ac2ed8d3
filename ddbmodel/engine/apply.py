"""From an outcome to the store: what is to be written is worked out first, then written without another decision.

Whoever calls `perform` has a transaction open and undoes it when `perform` raises.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import islice
from typing import NamedTuple

import orjson

from ddbmodel.engine.catalog import Catalog, Index, Table, TimeToLive
from ddbmodel.engine.items.collection_limit import CollectionGrowth, collection_growth, has_collections
from ddbmodel.engine.key_bytes import HASH_BYTES
from ddbmodel.engine.live_catalog import LiveCatalog
from ddbmodel.engine.options import EngineOptions
from ddbmodel.engine.outcome import (
    CatalogChange,
    DropTable,
    FillSpaces,
    Outcome,
    SaveShard,
    SaveStream,
    SaveTable,
    TokenUse,
)
from ddbmodel.engine.shards import ShardWriter
from ddbmodel.engine.storage.store import Store
from ddbmodel.engine.storage.view import Entry
from ddbmodel.engine.stream_log import is_recorded, stream_record
from ddbmodel.engine.writes import EntryWrite, entry_writes, expiry_entry, index_entry

__all__ = ["Work", "perform", "work_of"]


class Work(NamedTuple):
    """Everything that one outcome writes."""

    entries: tuple[EntryWrite, ...] | list[EntryWrite]
    records: list[tuple[int, int, bytes]]
    """Sequence number, shard, JSON."""
    catalog: tuple[CatalogChange, ...]
    token: TokenUse | None
    growths: list[CollectionGrowth]
    """Of the collections whose sizes are kept."""

    @property
    def step_count(self) -> int:
        """Statements that must succeed together; a catalog change counts as several."""
        return len(self.entries) + len(self.records) + 2 * len(self.catalog) + (self.token is not None)


def work_of(
    outcome: Outcome, store: Store, catalog: Catalog, now_s: float, region: str, options: EngineOptions
) -> Work:
    """Return what an outcome writes."""
    entries: list[EntryWrite] = []
    records: list[tuple[int, int, bytes]] = []
    shards: ShardWriter | None = None
    for change in outcome.items:
        entries += entry_writes(change)
        stream = change.table.stream
        if stream is not None and stream.enabled and is_recorded(change):
            shards = shards or ShardWriter(catalog, store.last_sequence(), store.record_count, options, now_s)
            sequence, shard = shards.place(stream.id, int.from_bytes(change.key[:HASH_BYTES], "big"))
            records.append((sequence, shard, orjson.dumps(stream_record(change, stream, sequence, now_s, region))))
    catalog_changes = outcome.catalog
    if shards is not None and shards.changed:
        catalog_changes += tuple(map(SaveShard, shards.changed.values()))
    growths: list[CollectionGrowth] = []
    if store.knows_collections:
        growths = [collection_growth(change) for change in outcome.items if has_collections(change.table)]
    return Work(entries, records, catalog_changes, outcome.token, growths)


def perform(work: Work, store: Store, catalog: LiveCatalog, now_s: float) -> None:
    """Write it all."""
    for change in work.catalog:
        _change_catalog(change, store, catalog)
    for space, key, size_bytes, item_json in work.entries:
        if item_json is None:
            store.delete(space, key)
        else:
            store.put(space, key, size_bytes, item_json)
    for growth in work.growths:
        store.resize_collection(growth.spaces[0], growth.prefix, growth.added_bytes)
    for sequence, shard, record_json in work.records:
        store.append_record(sequence, shard, now_s, record_json)
    if work.token is not None:
        store.save_token(work.token)


def _change_catalog(change: CatalogChange, store: Store, catalog: LiveCatalog) -> None:
    match change:
        case SaveTable(table):
            before = catalog.table(table.name)
            known = set() if before is None else set(before.spaces)
            for space in sorted(set(table.spaces) - known):
                store.create_space(space)
            for space in sorted(known.difference(table.spaces)):
                store.drop_space(space)
            if before is not None:
                _fill_new_spaces(table, known, store)
            catalog.save_table(table)
        case FillSpaces(table, most_items):
            _fill_some(table, most_items, store, catalog)
        case DropTable(table):
            for space in sorted(table.spaces):
                store.drop_space(space)
            catalog.drop_table(table.name)
        case SaveStream(stream):
            catalog.save_stream(stream)
        case SaveShard(shard):
            catalog.save_shard(shard)


def _fill_new_spaces(table: Table, known: set[int], store: Store) -> None:
    new = [each for each in _spaces_beside_items(table) if each.space not in known and each.filled_to is None]
    if new:
        _fill(table, new, store.range(table.space, b"", None), store)


def _fill_some(table: Table, most_items: int, store: Store, catalog: LiveCatalog) -> None:
    unfilled = [each for each in _spaces_beside_items(table) if each.filled_to is not None]
    # What has come equally far goes on together.
    mark = min(each.filled_to for each in unfilled if each.filled_to is not None)
    several = [each for each in unfilled if each.filled_to == mark]
    low = bytes.fromhex(mark) + b"\x00" if mark else b""
    entries = list(islice(store.range(table.space, low, None), most_items))
    _fill(table, several, entries, store)
    reached = entries[-1].key.hex() if len(entries) == most_items else None
    indexes = tuple(replace(each, filled_to=reached) if each in several else each for each in table.indexes)
    time_to_live = table.time_to_live
    if time_to_live in several and time_to_live is not None:
        time_to_live = replace(time_to_live, filled_to=reached)
    catalog.save_table(replace(table, indexes=indexes, time_to_live=time_to_live))


def _fill(table: Table, spaces: Sequence[Index | TimeToLive], entries: Iterable[Entry], store: Store) -> None:
    for entry in entries:
        item = orjson.loads(entry.item_json)
        for space in spaces:
            if isinstance(space, Index):
                write = index_entry(table, space, entry.key, item)
            else:
                write = expiry_entry(space, entry.key, item)
            if write is not None and write.item_json is not None:
                store.put(write.space, write.key, write.size_bytes, write.item_json)


def _spaces_beside_items(table: Table) -> list[Index | TimeToLive]:
    spaces: list[Index | TimeToLive] = [*table.indexes]
    if table.time_to_live is not None and table.time_to_live.enabled:
        spaces.append(table.time_to_live)
    return spaces
