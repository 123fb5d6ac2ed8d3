"""Proof that a database is sound: SQLite's own check, and every index and every time to live against a rebuild."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import orjson

from ddbmodel.engine.catalog import Catalog, Index, Table, TimeToLive
from ddbmodel.engine.key_bytes import item_key
from ddbmodel.engine.shards import lineage_problems
from ddbmodel.engine.storage.store import Store
from ddbmodel.engine.writes import EntryWrite, expiry_entry, index_entry
from ddbmodel.values.equality import same_item
from ddbmodel.values.item_size import item_size_bytes

__all__ = ["problems_of"]

_MOST_PROBLEMS_PER_TABLE = 20


def problems_of(store: Store, catalog: Catalog) -> list[str]:
    """Return everything found wrong, in words and without stored values; an empty list is a sound database."""
    problems = [f"SQLite: {text}" for text in store.integrity_problems()]
    if problems:
        # What follows would only repeat it in other words.
        return problems
    for stream in catalog.streams():
        problems += lineage_problems(stream, catalog.lineage(stream.id))
    tables = [table for name in catalog.table_names() if (table := catalog.table(name)) is not None]
    problems += _space_problems(store, tables)
    for table in tables:
        problems += islice(_table_problems(store, table), _MOST_PROBLEMS_PER_TABLE)
    return problems


def _space_problems(store: Store, tables: list[Table]) -> list[str]:
    named = [space for table in tables for space in table.spaces]
    there = store.spaces()
    problems = [f"key space {space} belongs to no table" for space in sorted(there.difference(named))]
    problems += [f"key space {space} is missing" for space in sorted(set(named) - there)]
    problems += [f"key space {space} is used twice" for space in sorted(set(named)) if named.count(space) > 1]
    return problems


def _table_problems(store: Store, table: Table) -> Iterator[str]:
    expected: dict[str, dict[bytes, EntryWrite]] = {index.name: {} for index in table.indexes}
    # What a key space that is being filled has not come to yet may be missing in it.
    to_come: dict[str, set[bytes]] = {index.name: set() for index in table.indexes}
    expiring: set[bytes] = set()
    expiring_later: set[bytes] = set()
    setting = table.time_to_live if table.time_to_live is not None and table.time_to_live.enabled else None
    for position, entry in enumerate(store.range(table.space, b"", None)):
        where = f"table {table.name!r}, item {position}"
        item = orjson.loads(entry.item_json)
        if item_key(table.keys, item) != entry.key:
            yield f"{where}: stored under a key that is not its own"
        if item_size_bytes(item) != entry.size_bytes:
            yield f"{where}: size {entry.size_bytes:,} is kept, {item_size_bytes(item):,} is right"
        for index in table.indexes:
            write = index_entry(table, index, entry.key, item)
            if write is not None:
                expected[index.name][write.key] = write
                if _is_to_come(index, entry.key):
                    to_come[index.name].add(write.key)
        expiry = None if setting is None else expiry_entry(setting, entry.key, item)
        if setting is not None and expiry is not None:
            (expiring_later if _is_to_come(setting, entry.key) else expiring).add(expiry.key)
    if setting is not None:
        listed = {entry.key for entry in store.range(setting.space, b"", None)}
        missing, strange = expiring - listed, listed - expiring - expiring_later
        if missing or strange:
            yield (
                f"table {table.name!r}, time to live: {len(missing):,} items are missing, {len(strange):,} entries are "
                "of no item that expires then"
            )
    for index in table.indexes:
        yield from _index_problems(store, table, index, expected[index.name], to_come[index.name])


def _is_to_come(space: Index | TimeToLive, item_key: bytes) -> bool:
    return space.filled_to is not None and item_key.hex() > space.filled_to


def _index_problems(
    store: Store, table: Table, index: Index, expected: dict[bytes, EntryWrite], to_come: set[bytes]
) -> Iterator[str]:
    where = f"table {table.name!r}, index {index.name!r}"
    for position, entry in enumerate(store.range(index.space, b"", None)):
        write = expected.pop(entry.key, None)
        if write is None or write.item_json is None:
            yield f"{where}, entry {position}: its item is not there, or not under this index key"
        elif entry.size_bytes != write.size_bytes or not same_item(
            orjson.loads(entry.item_json), orjson.loads(write.item_json)
        ):
            yield f"{where}, entry {position}: differs from what its item projects"
    missing = expected.keys() - to_come
    if missing:
        yield f"{where}: {len(missing):,} entries are missing"
