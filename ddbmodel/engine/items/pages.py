"""One page of a Query or Scan: what is selected, where it starts, when it ends, and what it answers.

Limit and the 1 MB budget count items as they are stored, before the filter; the item that fills the budget is still
on the page. A page that ends before its range names the last item read, and the next one starts behind that key,
whether an item is still there or not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson

from ddbmodel.engine.catalog import Index, KeySchema, Table
from ddbmodel.engine.items.capacity import ConsumedCapacity, read_units, wanted
from ddbmodel.engine.items.key_ranges import KeyRange
from ddbmodel.engine.items.targets import checked_item
from ddbmodel.engine.key_bytes import item_key
from ddbmodel.engine.storage.view import Entry, ReadView
from ddbmodel.engine.validation.faults import invalid
from ddbmodel.engine.validation.keys import check_not_empty
from ddbmodel.engine.writes import projected_names
from ddbmodel.expressions.evaluate import evaluate
from ddbmodel.expressions.paths import paths_of
from ddbmodel.expressions.project import project
from ddbmodel.expressions.tree import Condition, Projection
from ddbmodel.values.wire import Item

__all__ = ["PAGE_BYTES", "Source", "answer_page", "check_filter_is_carried", "check_select", "source_of", "start_key"]

PAGE_BYTES: Final = 1_048_576
"""1 MB of stored items read, names and values, whatever becomes of them."""


@dataclass(frozen=True, slots=True)
class Source:
    """The table or index that a request reads."""

    table: Table
    index: Index | None

    @property
    def space(self) -> int:
        """The key space to read."""
        return self.table.space if self.index is None else self.index.space

    @property
    def keys(self) -> KeySchema:
        """The key schema to query by."""
        return self.table.keys if self.index is None else self.index.keys

    @property
    def position_names(self) -> list[str]:
        """The attributes that say where an item stands: those of the index and those of the table, each once."""
        index_names = [] if self.index is None else [key.name for key in self.index.keys.attributes]
        return list(dict.fromkeys([*index_names, *(key.name for key in self.table.keys.attributes)]))


def source_of(request: Mapping[str, Any], table: Table) -> Source:
    """Return the table or the index that the request names.

    Raises:
        ServiceError: ``ValidationException`` for an unknown index, or a consistent read of a global one.
    """
    name = request.get("IndexName")
    index = None if name is None else table.index(name)
    if name is not None and index is None:
        raise invalid(f"The table does not have the specified index: {name}")
    if index is not None and index.kind == "global" and request.get("ConsistentRead"):
        raise invalid("Consistent reads are not supported on global secondary indexes")
    return Source(table, index)


def check_select(request: Mapping[str, Any], source: Source, projection: Projection | None) -> None:
    """Check that what is selected can be answered from the source; ``ValidationException`` when not."""
    select = request.get("Select")
    index = source.index
    if projection is not None and select not in (None, "SPECIFIC_ATTRIBUTES"):
        what = "only the Count" if select == "COUNT" else select
        raise invalid(f"Cannot specify the ProjectionExpression when choosing to get {what}")
    if select == "SPECIFIC_ATTRIBUTES" and projection is None:
        raise invalid(
            "Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES"
        )
    if select == "ALL_PROJECTED_ATTRIBUTES" and index is None:
        raise invalid("ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName")
    if index is None or index.kind == "local":
        return
    if select == "ALL_ATTRIBUTES" and index.projection != "ALL":
        raise invalid(
            "One or more parameter values were invalid: Select type ALL_ATTRIBUTES is not supported for "
            f"global secondary index {index.name} because its projection type is not ALL"
        )
    carried = projected_names(source.table, index)
    if projection is not None and carried is not None:
        absent = [str(path.steps[0]) for path in projection.paths if path.steps[0] not in carried]
        if absent:
            raise invalid(
                f"One or more parameter values were invalid: Global secondary index {index.name} "
                f"does not project [{', '.join(absent)}]"
            )


def check_filter_is_carried(condition: Condition, source: Source) -> None:
    """Refuse a filter on attributes that the index does not carry; `_Shown` fetches, a filter does not."""
    carried = None if source.index is None else projected_names(source.table, source.index)
    if source.index is None or carried is None:
        return
    absent = dict.fromkeys(str(path.steps[0]) for path in paths_of(condition) if path.steps[0] not in carried)
    if absent:
        raise invalid(
            f"One or more parameter values were invalid: Secondary index {source.index.name} does not project "
            f"one or more filter attributes: [{', '.join(absent)}]"
        )


def start_key(request: Mapping[str, Any], source: Source) -> bytes | None:
    """Return the bytes of the key that the page starts behind, or None for the first page.

    Raises:
        ServiceError: ``ValidationException`` when it is no key of the source.
    """
    start = request.get("ExclusiveStartKey")
    if start is None:
        return None
    item = checked_item(start)
    attributes = {key.name: key for key in source.table.keys.attributes}
    if source.index is not None:
        attributes.update((key.name, key) for key in source.index.keys.attributes)
    if item.keys() != attributes.keys() or any(key.type not in item[name] for name, key in attributes.items()):
        detail = "" if source.index is not None else ": The provided key element does not match the schema"
        raise invalid(f"The provided starting key is invalid{detail}")
    check_not_empty(attributes.values(), item)
    table_key = item_key(source.table.keys, item)
    return table_key if source.index is None else item_key(source.index.keys, item) + table_key


def answer_page(
    request: Mapping[str, Any],
    view: ReadView,
    source: Source,
    bounds: KeyRange,
    *,
    start: bytes | None,
    reverse: bool,
    condition: Condition | None,
    projection: Projection | None,
) -> dict[str, Any]:
    """Return the response of a Query or Scan whose parameters are all checked.

    Args:
        bounds: the keys of the whole result; `start` cuts it to what is left of it.
        condition: the filter.
    """
    entries, ended_at = _read(view, source, bounds, start, reverse, request.get("Limit"))
    shown = _Shown(view, source, request, projection)
    response: dict[str, Any] = {}
    if request.get("Select") == "COUNT" and condition is None:
        count = len(entries)
    else:
        items: list[Item] = [orjson.loads(entry.item_json) for entry in entries]
        if condition is not None:
            items = [item for item in items if evaluate(condition, item)]
        count = len(items)
        if request.get("Select") != "COUNT":
            response["Items"] = [shown.of(item) for item in items]
    response["Count"] = count
    response["ScannedCount"] = len(entries)
    if ended_at is not None:
        last = orjson.loads(ended_at.item_json)
        response["LastEvaluatedKey"] = {name: last[name] for name in source.position_names}
    asked = wanted(request)
    if asked:
        response["ConsumedCapacity"] = _consumed(request, source, entries, shown.fetched_bytes, asked)
    return response


def _read(
    view: ReadView, source: Source, bounds: KeyRange, start: bytes | None, reverse: bool, limit: int | None
) -> tuple[list[Entry], Entry | None]:
    low, high = bounds
    if start is not None:
        if reverse:
            high = start
        else:
            # The smallest key behind the one given.
            low = start + b"\x00"
    entries: list[Entry] = []
    if high is not None and low >= high:
        return entries, None
    budget_bytes = PAGE_BYTES
    for entry in view.range(source.space, low, high, reverse=reverse):
        entries.append(entry)
        budget_bytes -= entry.size_bytes
        if budget_bytes <= 0 or len(entries) == limit:
            return entries, entry
    return entries, None


class _Shown:
    """From the items of a source to the attributes that the response shows.

    A local index gets attributes that it does not carry from the table; `fetched_bytes` is what that read.
    """

    def __init__(
        self, view: ReadView, source: Source, request: Mapping[str, Any], projection: Projection | None
    ) -> None:
        self._view, self._table, self._projection = view, source.table, projection
        self._fetches = _fetches_from_table(source, request, projection)
        self.fetched_bytes = 0

    def of(self, item: Item) -> Item:
        """Return what is shown of an item of the source."""
        if self._fetches:
            whole = self._view.get(self._table.space, item_key(self._table.keys, item))
            assert whole is not None, "an index entry has an item"
            self.fetched_bytes += whole.size_bytes
            item = orjson.loads(whole.item_json)
        return item if self._projection is None else project(self._projection, item)


def _fetches_from_table(source: Source, request: Mapping[str, Any], projection: Projection | None) -> bool:
    index = source.index
    if index is None or index.kind == "global":
        return False
    carried = projected_names(source.table, index)
    if carried is None:
        return False
    if request.get("Select") == "ALL_ATTRIBUTES":
        return True
    return projection is not None and any(path.steps[0] not in carried for path in projection.paths)


def _consumed(
    request: Mapping[str, Any], source: Source, entries: list[Entry], fetched_bytes: int, asked: str
) -> dict[str, Any]:
    consumed = ConsumedCapacity(source.table.name)
    consistent = bool(request.get("ConsistentRead"))
    units = read_units(sum(entry.size_bytes for entry in entries), consistent=consistent)
    if source.index is None:
        consumed.add_table(units)
    else:
        consumed.add_index(source.index, units)
        if fetched_bytes:
            consumed.add_table(read_units(fetched_bytes, consistent=consistent))
    return consumed.response(asked)
