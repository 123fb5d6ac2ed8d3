"""BatchGetItem and BatchWriteItem: many single operations in one request, none of them conditional."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import orjson

from ddbmodel.engine.catalog import Catalog, Table
from ddbmodel.engine.context import RequestContext
from ddbmodel.engine.items.capacity import ConsumedCapacity, listed, read_units, wanted
from ddbmodel.engine.items.targets import checked_item, stored_item, table_called
from ddbmodel.engine.items.write_actions import WriteAction, decide, delete_action, put_action, target_key
from ddbmodel.engine.outcome import ItemChange, Outcome
from ddbmodel.engine.storage.view import ReadView
from ddbmodel.engine.validation.expressions import RequestExpressions
from ddbmodel.engine.validation.faults import invalid
from ddbmodel.engine.validation.keys import key_of_lookup
from ddbmodel.expressions.project import project
from ddbmodel.expressions.tree import Projection
from ddbmodel.values.wire import Item

__all__ = ["batch_get_item", "batch_write_item"]

MAX_BATCH_KEYS: Final = 100
MAX_BATCH_WRITES: Final = 25
MAX_RESPONSE_BYTES: Final = 16 * 1024 * 1024

_DUPLICATES: Final = "Provided list of item keys contains duplicates"


@dataclass(frozen=True, slots=True)
class _TableReads:
    """What a batch reads from one table."""

    called: str
    asked: dict[str, Any]
    keys: list[Item]
    projection: Projection | None


def batch_get_item(request: dict[str, Any], view: ReadView, catalog: Catalog, _context: RequestContext) -> Outcome:
    """Answer BatchGetItem; keys beyond 16 MB of items come back as `UnprocessedKeys`."""
    reads = [_table_reads(called, asked) for called, asked in request["RequestItems"].items()]
    if sum(len(read.keys) for read in reads) > MAX_BATCH_KEYS:
        raise invalid("Too many items requested for the BatchGetItem call")
    placed = [(read, table, _distinct_keys(read, table)) for read, table in _with_tables(reads, catalog)]
    budget_bytes = MAX_RESPONSE_BYTES
    asked_cost = wanted(request)
    responses: dict[str, list[Item]] = {}
    unprocessed: dict[str, Any] = {}
    costs: list[ConsumedCapacity] = []
    for read, table, keys in placed:
        found = responses.setdefault(read.called, [])
        cost = ConsumedCapacity(table.name)
        costs.append(cost)
        consistent = bool(read.asked.get("ConsistentRead"))
        for position, key in enumerate(keys):
            if budget_bytes <= 0:
                unprocessed[read.called] = {**read.asked, "Keys": read.asked["Keys"][position:]}
                break
            entry = view.get(table.space, key)
            cost.add_table(read_units(0 if entry is None else entry.size_bytes, consistent=consistent))
            if entry is not None:
                budget_bytes -= entry.size_bytes
                item = orjson.loads(entry.item_json)
                found.append(item if read.projection is None else project(read.projection, item))
    response: dict[str, Any] = {"Responses": responses, "UnprocessedKeys": unprocessed}
    if asked_cost:
        response["ConsumedCapacity"] = listed(costs, asked_cost)
    return Outcome(response)


def batch_write_item(request: dict[str, Any], view: ReadView, catalog: Catalog, _context: RequestContext) -> Outcome:
    """Answer BatchWriteItem; all of it is written, so `UnprocessedItems` is empty."""
    actions = list(_batch_actions(request["RequestItems"]))
    changes: list[ItemChange] = []
    costs: dict[str, ConsumedCapacity] = {}
    touched_collections: dict[str, list[dict[str, Any]]] = {}
    targets = [(action, table_called(action.table_name, catalog)) for action in actions]
    keys = [target_key(action, table) for action, table in targets]
    places = {(table.id, key) for (_, table), key in zip(targets, keys, strict=True)}
    if len(places) != len(keys):
        raise invalid(_DUPLICATES)
    asked = wanted(request)
    for (action, table), key in zip(targets, keys, strict=True):
        decision = decide(action, table, key, stored_item(view, table, key))
        if decision.change is not None:
            changes.append(decision.change)
        if asked:
            cost = costs.setdefault(table.name, ConsumedCapacity(table.name))
            cost.add_write(table, key, decision.old, decision.new)
        if request.get("ReturnItemCollectionMetrics") == "SIZE" and any(i.kind == "local" for i in table.indexes):
            partition = table.keys.partition[0].name
            metrics = {"ItemCollectionKey": {partition: action.item[partition]}, "SizeEstimateRangeGB": [0.0, 1.0]}
            of_table = touched_collections.setdefault(action.table_name, [])
            if metrics not in of_table:
                of_table.append(metrics)
    response: dict[str, Any] = {"UnprocessedItems": {}}
    if touched_collections:
        response["ItemCollectionMetrics"] = touched_collections
    if asked:
        response["ConsumedCapacity"] = listed(costs.values(), asked)
    return Outcome(response, tuple(changes))


def _table_reads(called: str, asked: Any) -> _TableReads:
    expressions = RequestExpressions(asked, "ProjectionExpression")
    projection = expressions.projection("ProjectionExpression")
    expressions.finish()
    return _TableReads(called, asked, [checked_item(key) for key in asked["Keys"]], projection)


def _with_tables(reads: list[_TableReads], catalog: Catalog) -> list[tuple[_TableReads, Table]]:
    return [(read, table_called(read.called, catalog)) for read in reads]


def _distinct_keys(read: _TableReads, table: Table) -> list[bytes]:
    keys = [key_of_lookup(table, key) for key in read.keys]
    if len(set(keys)) != len(keys):
        raise invalid(_DUPLICATES)
    return keys


def _batch_actions(request_items: dict[str, Any]) -> Iterator[WriteAction]:
    count = sum(len(writes) for writes in request_items.values() if isinstance(writes, list))
    if count > MAX_BATCH_WRITES:
        raise invalid("Too many items requested for the BatchWriteItem call")
    for called, writes in request_items.items():
        for write in writes:
            yield _batch_action(called, write)


def _batch_action(called: str, write: Any) -> WriteAction:
    put, delete = write.get("PutRequest"), write.get("DeleteRequest")
    if (put is None) == (delete is None):
        raise invalid("Supplied WriteRequest must contain exactly one of PutRequest and DeleteRequest")
    if put is not None:
        return put_action({"TableName": called, "Item": put["Item"]})
    return delete_action({"TableName": called, "Key": delete["Key"]})
