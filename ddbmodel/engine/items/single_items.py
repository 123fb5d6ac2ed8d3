"""GetItem, PutItem, UpdateItem and DeleteItem."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson

from ddbmodel.engine.catalog import Catalog
from ddbmodel.engine.context import RequestContext
from ddbmodel.engine.items.capacity import ConsumedCapacity, read_units, wanted
from ddbmodel.engine.items.targets import checked_item, stored_item, table_called
from ddbmodel.engine.items.write_actions import (
    Decision,
    WriteAction,
    decide,
    delete_action,
    put_action,
    target_key,
    update_action,
)
from ddbmodel.engine.outcome import Outcome
from ddbmodel.engine.storage.view import ReadView
from ddbmodel.engine.validation.expressions import RequestExpressions
from ddbmodel.engine.validation.faults import invalid
from ddbmodel.engine.validation.keys import key_of_lookup
from ddbmodel.expressions.project import project
from ddbmodel.expressions.tree import Projection
from ddbmodel.values.wire import Item

__all__ = ["delete_item", "get_item", "put_item", "update_item"]


def get_item(request: dict[str, Any], view: ReadView, catalog: Catalog, _context: RequestContext) -> Outcome:
    """Answer GetItem; an item of which nothing is projected is an empty `Item`, no item is none."""
    expressions = RequestExpressions(request, "ProjectionExpression")
    projection = expressions.projection("ProjectionExpression")
    expressions.finish()
    key_item = checked_item(request["Key"])
    table = table_called(request["TableName"], catalog)
    entry = view.get(table.space, key_of_lookup(table, key_item))
    response: dict[str, Any] = {}
    if entry is not None:
        item = orjson.loads(entry.item_json)
        response["Item"] = item if projection is None else project(projection, item)
    asked = wanted(request)
    if asked:
        consumed = ConsumedCapacity(table.name)
        size_bytes = 0 if entry is None else entry.size_bytes
        consumed.add_table(read_units(size_bytes, consistent=bool(request.get("ConsistentRead"))))
        response["ConsumedCapacity"] = consumed.response(asked)
    return Outcome(response)


def put_item(request: dict[str, Any], view: ReadView, catalog: Catalog, _context: RequestContext) -> Outcome:
    """Answer PutItem."""
    return _write("PutItem", put_action, request, view, catalog)


def update_item(request: dict[str, Any], view: ReadView, catalog: Catalog, _context: RequestContext) -> Outcome:
    """Answer UpdateItem."""
    return _write("UpdateItem", update_action, request, view, catalog)


def delete_item(request: dict[str, Any], view: ReadView, catalog: Catalog, _context: RequestContext) -> Outcome:
    """Answer DeleteItem."""
    return _write("DeleteItem", delete_action, request, view, catalog)


def _write(
    operation: str,
    action_of: Callable[[dict[str, Any]], WriteAction],
    request: dict[str, Any],
    view: ReadView,
    catalog: Catalog,
) -> Outcome:
    returned = request.get("ReturnValues") or "NONE"
    if operation != "UpdateItem" and returned not in ("NONE", "ALL_OLD"):
        raise invalid("Return values set to invalid value")
    action = action_of(request)
    table = table_called(action.table_name, catalog)
    key = target_key(action, table)
    decision = decide(action, table, key, stored_item(view, table, key))
    response: dict[str, Any] = {}
    if returned != "NONE":
        attributes = _returned(returned, decision)
        if attributes:
            response["Attributes"] = attributes
    asked = wanted(request)
    if asked:
        consumed = ConsumedCapacity(table.name)
        consumed.add_write(table, key, decision.old, decision.new)
        response["ConsumedCapacity"] = consumed.response(asked)
    if request.get("ReturnItemCollectionMetrics") == "SIZE" and any(index.kind == "local" for index in table.indexes):
        partition = table.keys.partition[0].name
        response["ItemCollectionMetrics"] = {
            "ItemCollectionKey": {partition: action.item[partition]},
            "SizeEstimateRangeGB": [0.0, 1.0],
        }
    return Outcome(response, () if decision.change is None else (decision.change,))


def _returned(returned: str, decision: Decision) -> Item | None:
    image = decision.new if returned.endswith("NEW") else decision.old
    if image is None or returned.startswith("ALL"):
        return image
    return project(Projection(decision.touched), image) if decision.touched else None
