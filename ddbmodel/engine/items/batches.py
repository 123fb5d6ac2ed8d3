"""BatchGetItem and BatchWriteItem: many single operations in one request, none of them conditional."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import orjson

from ddbmodel.engine.catalog import Catalog, Table
from ddbmodel.engine.context import RequestContext
from ddbmodel.engine.items.capacity import ConsumedCapacity, listed, read_units, wanted
from ddbmodel.engine.items.collection_limit import CollectionLimit
from ddbmodel.engine.items.item_collections import CollectionMetrics
from ddbmodel.engine.items.key_paths import check_key_paths, entered_attributes
from ddbmodel.engine.items.projections import requested_projection
from ddbmodel.engine.items.targets import (
    check_distinct,
    checked_item,
    place_in,
    place_of_key,
    stored_item,
)
from ddbmodel.engine.items.write_actions import WriteAction, decide, delete_action, put_action, target_key
from ddbmodel.engine.messages import items as messages
from ddbmodel.engine.messages.keys import NOT_THE_SCHEMA
from ddbmodel.engine.messages.message import refused
from ddbmodel.engine.named_tables import data_table
from ddbmodel.engine.outcome import ItemChange, Outcome
from ddbmodel.engine.storage.view import ReadView
from ddbmodel.engine.validation.keys import key_of_lookup
from ddbmodel.expressions.project import project
from ddbmodel.expressions.tree import Projection
from ddbmodel.values.wire import Item

__all__ = ["batch_get_item", "batch_write_item"]

MAX_BATCH_KEYS: Final = 100
MAX_BATCH_WRITES: Final = 25
MAX_RESPONSE_BYTES: Final = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class _TableReads:
    """What a batch reads from one table."""

    called: str
    asked: dict[str, Any]
    keys: list[Item]
    projection: Projection | None


def batch_get_item(request: dict[str, Any], view: ReadView, catalog: Catalog, context: RequestContext) -> Outcome:
    """Answer BatchGetItem; keys whose items do not fit into 16 MB come back as `UnprocessedKeys`."""
    reads = [_table_reads(called, asked) for called, asked in request["RequestItems"].items()]
    if sum(len(read.keys) for read in reads) > MAX_BATCH_KEYS:
        raise refused(messages.MANY_BATCH_KEYS)
    check_distinct((place_of_key(read.called, key) for read in reads for key in read.keys), messages.DUPLICATE_KEYS)
    tables = [data_table(read.called, catalog, context) for read in reads]
    for read, table in zip(reads, tables, strict=True):
        check_key_paths(table, entered_attributes(read.asked, read.projection))
    keys = [[key_of_lookup(table, key) for key in read.keys] for read, table in zip(reads, tables, strict=True)]
    # A table can be called by its name and by its ARN in one request.
    places = ((table.id, key) for table, table_keys in zip(tables, keys, strict=True) for key in table_keys)
    check_distinct(places, messages.DUPLICATE_KEYS)
    budget_bytes = MAX_RESPONSE_BYTES
    responses: dict[str, list[Item]] = {}
    unprocessed: dict[str, Any] = {}
    costs: dict[str, ConsumedCapacity] = {}
    for read, table, table_keys in zip(reads, tables, keys, strict=True):
        found = responses.setdefault(read.called, [])
        cost = costs.setdefault(table.name, ConsumedCapacity(table.name))
        consistent = bool(read.asked.get("ConsistentRead"))
        for position, key in enumerate(table_keys):
            entry = view.get(table.space, key)
            size_bytes = 0 if entry is None else entry.size_bytes
            if size_bytes > budget_bytes or unprocessed:
                unprocessed[read.called] = {**read.asked, "Keys": read.asked["Keys"][position:]}
                break
            cost.add_table(read_units(size_bytes, consistent=consistent))
            if entry is not None:
                budget_bytes -= size_bytes
                item = orjson.loads(entry.item_json)
                found.append(item if read.projection is None else project(read.projection, item))
    response: dict[str, Any] = {"Responses": responses, "UnprocessedKeys": unprocessed}
    asked = wanted(request)
    if asked:
        response["ConsumedCapacity"] = listed(costs.values(), asked)
    return Outcome(response)


def batch_write_item(request: dict[str, Any], view: ReadView, catalog: Catalog, context: RequestContext) -> Outcome:
    """Answer BatchWriteItem; all of it is written, so `UnprocessedItems` is empty."""
    actions = list(_batch_actions(request["RequestItems"]))
    targets = [(action, data_table(action.table_name, catalog, context)) for action in actions]
    check_distinct((place_in(table, action.item) for action, table in targets), messages.DUPLICATE_KEYS)
    keys = [_batch_key(action, table) for action, table in targets]
    asked = wanted(request)
    changes: list[ItemChange] = []
    costs: dict[str, ConsumedCapacity] = {}
    collections, limit = CollectionMetrics(request, view), CollectionLimit(view, context)
    for (action, table), key in zip(targets, keys, strict=True):
        decision = decide(action, table, key, stored_item(view, table, key))
        limit.check(decision.change)
        if decision.change is not None:
            changes.append(decision.change)
        if asked:
            cost = costs.setdefault(table.name, ConsumedCapacity(table.name))
            cost.add_write(table, key, decision.old, decision.new)
        collections.add(action.table_name, table, action.item)
    response: dict[str, Any] = {"UnprocessedItems": {}}
    if collections.by_table:
        response["ItemCollectionMetrics"] = collections.by_table
    if asked:
        response["ConsumedCapacity"] = listed(costs.values(), asked)
    return Outcome(response, tuple(changes))


def _table_reads(called: str, asked: Any) -> _TableReads:
    projection = requested_projection(asked)
    return _TableReads(called, asked, [checked_item(key) for key in asked["Keys"]], projection)


def _batch_actions(request_items: dict[str, Any]) -> Iterator[WriteAction]:
    if sum(len(writes) for writes in request_items.values()) > MAX_BATCH_WRITES:
        raise refused(messages.MANY_BATCH_WRITES)
    for called, writes in request_items.items():
        for write in writes:
            yield _batch_action(called, write)


def _batch_action(called: str, write: Any) -> WriteAction:
    put, delete = write.get("PutRequest"), write.get("DeleteRequest")
    if (put is None) == (delete is None):
        raise refused(messages.WRITE_REQUEST_KINDS)
    if put is not None:
        return put_action({"TableName": called, "Item": put["Item"]})
    return delete_action({"TableName": called, "Key": delete["Key"]})


def _batch_key(action: WriteAction, table: Table) -> bytes:
    # Here a put is told of its key as a lookup is.
    if any(key.type not in action.item.get(key.name, ()) for key in table.keys.attributes):
        raise refused(NOT_THE_SCHEMA)
    return target_key(action, table)
