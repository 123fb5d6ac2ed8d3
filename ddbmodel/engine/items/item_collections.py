"""Item collections that a request touched, as ``ReturnItemCollectionMetrics`` answers them.

A collection is the items and local index entries of one partition; only tables with a local index have any.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ddbmodel.engine.catalog import Table
from ddbmodel.engine.key_bytes import partition_prefix
from ddbmodel.engine.storage.view import ReadView
from ddbmodel.values.wire import Item

__all__ = ["CollectionMetrics", "collection_metrics"]


_GB: Final = 1024**3


def collection_metrics(request: Mapping[str, Any], table: Table, item: Item, view: ReadView) -> dict[str, Any] | None:
    """Return the collection of an item; None when the request does not ask or the table has no collections.

    Args:
        item: an item or its key.
    """
    if request.get("ReturnItemCollectionMetrics") != "SIZE" or not any(i.kind == "local" for i in table.indexes):
        return None
    partition = table.keys.partition[0].name
    least_gb = float(_size_bytes(table, item, view) // _GB)
    return {"ItemCollectionKey": {partition: item[partition]}, "SizeEstimateRangeGB": [least_gb, least_gb + 1.0]}


class CollectionMetrics:
    """Gathers the collections that a request of several writes touched, each once, by table."""

    def __init__(self, request: Mapping[str, Any], view: ReadView) -> None:
        self._request, self._view = request, view
        self.by_table: dict[str, list[dict[str, Any]]] = {}

    def add(self, called: str, table: Table, item: Item) -> None:
        """Add the collection of an item of a table, which the request calls by a name or an ARN."""
        metrics = collection_metrics(self._request, table, item, self._view)
        if metrics is not None:
            of_table = self.by_table.setdefault(called, [])
            if metrics not in of_table:
                of_table.append(metrics)


def _size_bytes(table: Table, item: Item, view: ReadView) -> int:
    """Return the size of a collection before the write that asks; of a small database, zero will do."""
    if view.bytes_at_most() < _GB:
        return 0
    spaces = (table.space, *(index.space for index in table.indexes if index.kind == "local"))
    return view.collection_bytes(spaces, partition_prefix([item[key.name] for key in table.keys.partition]))
