"""What a request is about: its table, the key in it, and the item that is there now."""

from __future__ import annotations

from typing import Any

import orjson

from ddbmodel.engine.arn import table_name_of
from ddbmodel.engine.catalog import Catalog, Table
from ddbmodel.engine.storage.view import ReadView
from ddbmodel.engine.validation.attribute_values import canonical_item
from ddbmodel.errors import service_error
from ddbmodel.values.wire import Item

__all__ = ["checked_item", "stored_item", "table_called"]


def table_called(name_or_arn: str, catalog: Catalog) -> Table:
    """Return a table by name or ARN.

    Raises:
        ServiceError: ``ResourceNotFoundException``.
    """
    table = catalog.table(table_name_of(name_or_arn))
    if table is None:
        raise service_error("ResourceNotFoundException", "Requested resource not found")
    return table


def checked_item(item: Any) -> Item:
    """Return an item or a key as it is kept; ``ValidationException`` when it cannot be."""
    return canonical_item(item)


def stored_item(view: ReadView, table: Table, key: bytes) -> Item | None:
    """Return the item under a key, or None."""
    entry = view.get(table.space, key)
    return None if entry is None else orjson.loads(entry.item_json)
