"""Item collections that a request touched, as ``ReturnItemCollectionMetrics`` answers them.

A collection is the items and local index entries of one partition; only tables with a local index have any.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ddbmodel.engine.catalog import Table
from ddbmodel.values.wire import Item

__all__ = ["CollectionMetrics", "collection_metrics"]


def collection_metrics(request: Mapping[str, Any], table: Table, item: Item) -> dict[str, Any] | None:
    """Return the collection of an item; None when the request does not ask or the table has no collections.

    Args:
        item: an item or its key.
    """
    if request.get("ReturnItemCollectionMetrics") != "SIZE" or not any(i.kind == "local" for i in table.indexes):
        return None
    partition = table.keys.partition[0].name
    return {"ItemCollectionKey": {partition: item[partition]}, "SizeEstimateRangeGB": [0.0, 1.0]}


class CollectionMetrics:
    """Gathers the collections that a request of several writes touched, each once, by table."""

    def __init__(self, request: Mapping[str, Any]) -> None:
        self._request = request
        self.by_table: dict[str, list[dict[str, Any]]] = {}

    def add(self, called: str, table: Table, item: Item) -> None:
        """Add the collection of an item of a table, which the request calls by a name or an ARN."""
        metrics = collection_metrics(self._request, table, item)
        if metrics is not None:
            of_table = self.by_table.setdefault(called, [])
            if metrics not in of_table:
                of_table.append(metrics)
