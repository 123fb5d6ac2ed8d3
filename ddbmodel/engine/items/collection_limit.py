"""The limit on item collections: the items of one partition together with their entries in the local indexes.

Only tables with a local index have it. Whoever writes asks first, and what a write adds is held against what is there:

```
the database has far fewer bytes than the limit  ──► nothing to look at, whatever the collection
else                                             ──► size of the collection, measured once, then kept up to date
```
A write that makes its collection no larger is let through, however large it is.

Source: developer guide, 'Item collections in local secondary indexes'.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from ddbmodel.engine.catalog import Table
from ddbmodel.engine.context import RequestContext
from ddbmodel.engine.key_bytes import partition_prefix
from ddbmodel.engine.messages.items import COLLECTION_TOO_LARGE
from ddbmodel.engine.messages.message import refused
from ddbmodel.engine.outcome import ItemChange
from ddbmodel.engine.storage.view import ReadView
from ddbmodel.engine.writes import index_entry
from ddbmodel.values.item_size import MAX_ITEM_BYTES, item_size_bytes
from ddbmodel.values.wire import Item

__all__ = ["CollectionGrowth", "CollectionLimit", "collection_growth", "has_collections"]

# A request writes at most a hundred items, each with an entry in at most five local indexes.
_MOST_GROWTH_BYTES: Final = 100 * 6 * MAX_ITEM_BYTES


class CollectionGrowth(NamedTuple):
    """What a change adds to the collection of its item, or, below zero, takes from it."""

    spaces: tuple[int, ...]
    """The key spaces of the table's items and of its local indexes."""
    prefix: bytes
    """What all keys of the collection begin with, in each of them."""
    added_bytes: int


def has_collections(table: Table) -> bool:
    """Return whether a table has a local index."""
    return any(index.kind == "local" for index in table.indexes)


def collection_growth(change: ItemChange) -> CollectionGrowth:
    """Return what a change of an item of a table with a local index does to its collection."""
    table = change.table
    image = change.old if change.new is None else change.new
    assert image is not None, "a change has an item before or after it"
    spaces = (table.space, *(index.space for index in table.indexes if index.kind == "local"))
    prefix = partition_prefix([image[key.name] for key in table.keys.partition])
    return CollectionGrowth(spaces, prefix, _size_bytes(change, change.new) - _size_bytes(change, change.old))


class CollectionLimit:
    """Holds the writes of one request against the limit, in their order."""

    def __init__(self, view: ReadView, context: RequestContext) -> None:
        self._view, self._limit_bytes = view, context.options.collection_limit_bytes
        self._added: dict[tuple[int, bytes], int] = {}
        self._is_far: bool | None = None

    def check(self, change: ItemChange | None) -> None:
        """Take a write into account; a Refusal, and nothing taken, when its collection would become too large."""
        if change is None or not change.table.indexes or not has_collections(change.table):
            return
        if self._is_far is None:
            self._is_far = self._view.bytes_at_most() + _MOST_GROWTH_BYTES <= self._limit_bytes
        if self._is_far:
            return
        spaces, prefix, added_bytes = collection_growth(change)
        place = spaces[0], prefix
        before_bytes = self._added.get(place, 0)
        if added_bytes > 0:
            now_bytes = self._view.collection_bytes(spaces, prefix) + before_bytes
            if now_bytes + added_bytes > self._limit_bytes:
                raise refused(COLLECTION_TOO_LARGE)
        self._added[place] = before_bytes + added_bytes


def _size_bytes(change: ItemChange, item: Item | None) -> int:
    if item is None:
        return 0
    entries = (
        index_entry(change.table, index, change.key, item) for index in change.table.indexes if index.kind == "local"
    )
    return item_size_bytes(item) + sum(entry.size_bytes for entry in entries if entry is not None)
