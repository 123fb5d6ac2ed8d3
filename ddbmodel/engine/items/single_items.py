"""GetItem, PutItem, UpdateItem and DeleteItem."""

from __future__ import annotations

from typing import Any

import orjson

from ddbmodel.engine.catalog import Catalog
from ddbmodel.engine.context import RequestContext
from ddbmodel.engine.items.capacity import ConsumedCapacity, read_units, wanted
from ddbmodel.engine.items.collection_limit import CollectionLimit
from ddbmodel.engine.items.item_collections import collection_metrics
from ddbmodel.engine.items.key_paths import check_key_paths, entered_attributes
from ddbmodel.engine.items.projections import requested_projection
from ddbmodel.engine.items.targets import checked_item, shown_item, stored_item
from ddbmodel.engine.items.write_actions import (
    Decision,
    WriteAction,
    decide,
    delete_action,
    put_action,
    target_key,
    update_action,
)
from ddbmodel.engine.messages.items import RETURN_VALUES
from ddbmodel.engine.messages.message import refused
from ddbmodel.engine.named_tables import data_table
from ddbmodel.engine.outcome import Outcome
from ddbmodel.engine.storage.view import ReadView
from ddbmodel.engine.validation.keys import key_of_lookup
from ddbmodel.expressions.project import project
from ddbmodel.expressions.tree import Projection
from ddbmodel.values.wire import Item

__all__ = ["delete_item", "get_item", "put_item", "update_item"]


def get_item(request: dict[str, Any], view: ReadView, catalog: Catalog, context: RequestContext) -> Outcome:
    """Answer GetItem; an item of which nothing is projected is an empty `Item`, no item is none."""
    projection = requested_projection(request)
    key_item = checked_item(request["Key"])
    table = data_table(request["TableName"], catalog, context)
    check_key_paths(table, entered_attributes(request, projection))
    entry = view.get(table.space, key_of_lookup(table, key_item))
    response: dict[str, Any] = {}
    if entry is not None:
        if projection is None:
            response["Item"] = shown_item(entry, context)
        else:
            response["Item"] = project(projection, orjson.loads(entry.item_json))
    asked = wanted(request)
    if asked:
        consumed = ConsumedCapacity(table.name)
        size_bytes = 0 if entry is None else entry.size_bytes
        consumed.add_table(read_units(size_bytes, consistent=bool(request.get("ConsistentRead"))))
        response["ConsumedCapacity"] = consumed.response(asked)
    return Outcome(response)


def put_item(request: dict[str, Any], view: ReadView, catalog: Catalog, context: RequestContext) -> Outcome:
    """Answer PutItem."""
    _check_return_values(request)
    return _write(put_action(request), request, view, catalog, context)


def update_item(request: dict[str, Any], view: ReadView, catalog: Catalog, context: RequestContext) -> Outcome:
    """Answer UpdateItem."""
    weighs_statement = context.options.update_size == "statement"
    return _write(update_action(request, weighs_statement=weighs_statement), request, view, catalog, context)


def delete_item(request: dict[str, Any], view: ReadView, catalog: Catalog, context: RequestContext) -> Outcome:
    """Answer DeleteItem."""
    _check_return_values(request)
    return _write(delete_action(request), request, view, catalog, context)


def _check_return_values(request: dict[str, Any]) -> None:
    if request.get("ReturnValues", "NONE") not in ("NONE", "ALL_OLD"):
        raise refused(RETURN_VALUES)


def _write(
    action: WriteAction, request: dict[str, Any], view: ReadView, catalog: Catalog, context: RequestContext
) -> Outcome:
    returned = request.get("ReturnValues", "NONE")
    table = data_table(action.table_name, catalog, context)
    key = target_key(action, table)
    decision = decide(action, table, key, stored_item(view, table, key))
    if table.indexes:
        CollectionLimit(view, context).check(decision.change)
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
    metrics = collection_metrics(request, table, action.item, view)
    if metrics is not None:
        response["ItemCollectionMetrics"] = metrics
    return Outcome(response, () if decision.change is None else (decision.change,))


def _returned(returned: str, decision: Decision) -> Item | None:
    image = decision.new if returned.endswith("NEW") else decision.old
    if image is None or returned.startswith("ALL"):
        return image
    return project(Projection(decision.touched), image) if decision.touched else None
