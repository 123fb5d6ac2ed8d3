"""The operations on items: each a pure function from a request and what is stored to an `Outcome`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from ddbmodel.engine.catalog import Catalog
from ddbmodel.engine.context import RequestContext
from ddbmodel.engine.items.batches import batch_get_item, batch_write_item
from ddbmodel.engine.items.query import query
from ddbmodel.engine.items.scan import scan
from ddbmodel.engine.items.single_items import delete_item, get_item, put_item, update_item
from ddbmodel.engine.items.transactions import transact_get_items, transact_write_items
from ddbmodel.engine.outcome import Outcome
from ddbmodel.engine.storage.view import ReadView

__all__ = ["ITEM_HANDLERS", "ItemHandler"]

ItemHandler: TypeAlias = Callable[[dict[str, Any], ReadView, Catalog, RequestContext], Outcome]

ITEM_HANDLERS: Final[Mapping[str, ItemHandler]] = {
    "BatchGetItem": batch_get_item,
    "BatchWriteItem": batch_write_item,
    "DeleteItem": delete_item,
    "GetItem": get_item,
    "PutItem": put_item,
    "Query": query,
    "Scan": scan,
    "TransactGetItems": transact_get_items,
    "TransactWriteItems": transact_write_items,
    "UpdateItem": update_item,
}
