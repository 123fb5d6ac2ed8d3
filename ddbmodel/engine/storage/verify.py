"""Proof that a database is sound: SQLite's own check, and every index and every time to live against a rebuild."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import orjson

from ddbmodel.engine.catalog import Catalog, Table
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
    expiring: set[bytes] = set()
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
        if table.time_to_live is not None and table.time_to_live.enabled:
            expiry = expiry_entry(table.time_to_live, entry.key, item)
            if expiry is not None:
                expiring.add(expiry.key)
    if table.time_to_live is not None and table.time_to_live.enabled:
        listed = {entry.key for entry in store.range(table.time_to_live.space, b"", None)}
        if listed != expiring:
            yield (
                f"table {table.name!r}, time to live: {len(expiring - listed):,} items are missing, "
                f"{len(listed - expiring):,} entries are of no item that expires then"
            )
    for index in table.indexes:
        yield from _index_problems(store, table, index.name, index.space, expected[index.name])


def _index_problems(
    store: Store, table: Table, name: str, space: int, expected: dict[bytes, EntryWrite]
) -> Iterator[str]:
    where = f"table {table.name!r}, index {name!r}"
    for position, entry in enumerate(store.range(space, b"", None)):
        write = expected.pop(entry.key, None)
        if write is None or write.item_json is None:
            yield f"{where}, entry {position}: its item is not there, or not under this index key"
        elif entry.size_bytes != write.size_bytes or not same_item(
            orjson.loads(entry.item_json), orjson.loads(write.item_json)
        ):
            yield f"{where}, entry {position}: differs from what its item projects"
    if expected:
        yield f"{where}: {len(expected):,} entries are missing"
