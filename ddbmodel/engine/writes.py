"""From a changed item to the entries that change with it: its own, those of the table's indexes, and its expiry.

An index entry holds what the index projects: everything, the keys of index and table, or these and the attributes
that the index includes. An item that lacks an index key has no entry there (a sparse index).
"""

from __future__ import annotations

from typing import NamedTuple

import orjson

from ddbmodel.engine.catalog import Index, Table, TimeToLive
from ddbmodel.engine.expiry import expiry_key
from ddbmodel.engine.key_bytes import index_entry_key
from ddbmodel.engine.outcome import ItemChange
from ddbmodel.values.equality import same_item
from ddbmodel.values.item_size import item_size_bytes
from ddbmodel.values.wire import Item

__all__ = ["EntryWrite", "entry_writes", "expiry_entry", "index_entry", "projected_names"]


class EntryWrite(NamedTuple):
    """An entry to be stored under a key, or, without JSON, to be removed."""

    space: int
    key: bytes
    size_bytes: int
    item_json: bytes | None


def entry_writes(change: ItemChange) -> list[EntryWrite]:
    """Return the writes that make a change true in the table and in its indexes; none when nothing changes."""
    table, old, new = change.table, change.old, change.new
    if new is None:
        writes = [] if old is None else [EntryWrite(table.space, change.key, 0, None)]
    elif old is not None and same_item(old, new):
        return []
    else:
        size_bytes = change.new_size_bytes or item_size_bytes(new)
        writes = [EntryWrite(table.space, change.key, size_bytes, orjson.dumps(new))]
    for index in table.indexes:
        writes += _index_writes(table, index, change.key, old, new)
    if table.time_to_live is not None and table.time_to_live.enabled:
        writes += _expiry_writes(table.time_to_live, change.key, old, new)
    return writes


def index_entry(table: Table, index: Index, table_key: bytes, item: Item) -> EntryWrite | None:
    """Return the entry of an item in an index, or None when the item is not in it."""
    key = index_entry_key(index, table_key, item)
    if key is None:
        return None
    projected = _projected(table, index, item)
    return EntryWrite(index.space, key, item_size_bytes(projected), orjson.dumps(projected))


def expiry_entry(setting: TimeToLive, table_key: bytes, item: Item) -> EntryWrite | None:
    """Return the entry that lists an item by when it expires, or None when it never does."""
    key = expiry_key(setting.attribute, table_key, item)
    # The key says it all.
    return None if key is None else EntryWrite(setting.space, key, 0, b"")


def projected_names(table: Table, index: Index) -> frozenset[str] | None:
    """Return the attributes that an index carries, or None when it carries all."""
    if index.projection == "ALL":
        return None
    keys = {attribute.name for attribute in table.keys.attributes + index.keys.attributes}
    return frozenset(keys.union(index.included))


def _index_writes(table: Table, index: Index, table_key: bytes, old: Item | None, new: Item | None) -> list[EntryWrite]:
    old_key = None if old is None else index_entry_key(index, table_key, old)
    new_key = None if new is None else index_entry_key(index, table_key, new)
    writes: list[EntryWrite] = []
    if old_key is not None and old_key != new_key:
        writes.append(EntryWrite(index.space, old_key, 0, None))
    if new is not None and new_key is not None:
        projected = _projected(table, index, new)
        # An entry that stays where it is and keeps its projected attributes is left alone.
        if old is None or old_key != new_key or not same_item(_projected(table, index, old), projected):
            writes.append(EntryWrite(index.space, new_key, item_size_bytes(projected), orjson.dumps(projected)))
    return writes


def _expiry_writes(setting: TimeToLive, table_key: bytes, old: Item | None, new: Item | None) -> list[EntryWrite]:
    before = None if old is None else expiry_entry(setting, table_key, old)
    after = None if new is None else expiry_entry(setting, table_key, new)
    if before == after:
        return []
    writes = [] if before is None else [before._replace(item_json=None)]
    return writes if after is None else [*writes, after]


def _projected(table: Table, index: Index, item: Item) -> Item:
    names = projected_names(table, index)
    return item if names is None else {name: value for name, value in item.items() if name in names}
