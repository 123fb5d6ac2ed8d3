"""From an outcome to the store: what is to be written is worked out first, then written without another decision.

Whoever calls `perform` has a transaction open and undoes it when `perform` raises.
"""

from __future__ import annotations

from dataclasses import dataclass

import orjson

from ddbmodel.engine.catalog import Catalog, Table
from ddbmodel.engine.key_bytes import HASH_BYTES
from ddbmodel.engine.live_catalog import LiveCatalog
from ddbmodel.engine.options import EngineOptions
from ddbmodel.engine.outcome import CatalogChange, DropTable, Outcome, SaveShard, SaveStream, SaveTable, TokenUse
from ddbmodel.engine.shards import ShardWriter
from ddbmodel.engine.storage.store import Store
from ddbmodel.engine.stream_log import is_recorded, stream_record
from ddbmodel.engine.writes import EntryWrite, entry_writes, expiry_entry, index_entry

__all__ = ["Work", "perform", "work_of"]


@dataclass(frozen=True, slots=True)
class Work:
    """Everything that one outcome writes."""

    entries: tuple[EntryWrite, ...] | list[EntryWrite]
    records: list[tuple[int, int, bytes]]
    """Sequence number, shard, JSON."""
    catalog: tuple[CatalogChange, ...]
    token: TokenUse | None

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
    return Work(entries, records, catalog_changes, outcome.token)


def perform(work: Work, store: Store, catalog: LiveCatalog, now_s: float) -> None:
    """Write it all."""
    for change in work.catalog:
        _change_catalog(change, store, catalog)
    for space, key, size_bytes, item_json in work.entries:
        if item_json is None:
            store.delete(space, key)
        else:
            store.put(space, key, size_bytes, item_json)
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
        case DropTable(table):
            for space in sorted(table.spaces):
                store.drop_space(space)
            catalog.drop_table(table.name)
        case SaveStream(stream):
            catalog.save_stream(stream)
        case SaveShard(shard):
            catalog.save_shard(shard)


def _fill_new_spaces(table: Table, known: set[int], store: Store) -> None:
    new = [index for index in table.indexes if index.space not in known]
    expiring = table.time_to_live
    if expiring is not None and (not expiring.enabled or expiring.space in known):
        expiring = None
    if not new and expiring is None:
        return
    for entry in store.range(table.space, b"", None):
        item = orjson.loads(entry.item_json)
        writes = [index_entry(table, index, entry.key, item) for index in new]
        if expiring is not None:
            writes.append(expiry_entry(expiring, entry.key, item))
        for write in writes:
            if write is not None and write.item_json is not None:
                store.put(write.space, write.key, write.size_bytes, write.item_json)
