"""SELECT: the items of the ranges that a plan names, one page at a time."""

from __future__ import annotations

from dataclasses import dataclass

import orjson

from ddbmodel.engine.catalog import Table
from ddbmodel.engine.items.capacity import ConsumedCapacity, read_units
from ddbmodel.engine.items.key_paths import check_key_paths
from ddbmodel.engine.items.key_ranges import KeyRange
from ddbmodel.engine.items.pages import PAGE_BYTES, Source
from ddbmodel.engine.key_bytes import item_key
from ddbmodel.engine.messages import partiql as messages
from ddbmodel.engine.messages.message import refused
from ddbmodel.engine.named_tables import check_readable
from ddbmodel.engine.partiql.key_reads import KeyReads, key_reads
from ddbmodel.engine.partiql.prepare import refusal_of
from ddbmodel.engine.storage.view import Entry, ReadView
from ddbmodel.engine.writes import projected_names
from ddbmodel.expressions.compile_condition import compile_condition
from ddbmodel.expressions.evaluate import value_at
from ddbmodel.expressions.partiql.statements import Select
from ddbmodel.expressions.paths import paths_of
from ddbmodel.values.wire import Item

__all__ = ["Page", "check_paths", "read_page", "shown", "source_of"]


@dataclass(frozen=True, slots=True)
class Page:
    """What one request reads."""

    items: list[Item]
    last_key: Item | None
    """Of the last item read, when there may be more."""
    cost: ConsumedCapacity


def source_of(select: Select, table: Table, now_s: float, *, consistent: bool = False) -> Source:
    """Return the table or index that a SELECT reads.

    Raises:
        Refusal: there is no such index, it is not filled yet, PartiQL cannot read it, or not consistently; or the
            columns are none.
    """
    index = None
    if select.index is not None:
        index = table.index(select.index)
        if index is None:
            raise refused(messages.UNKNOWN_INDEX, index=select.index)
        check_readable(index, now_s)
        if len(index.keys.partition) > 1 or len(index.keys.sort) > 1:
            raise refused(messages.MULTI_ATTRIBUTE_INDEX)
        if consistent and index.kind == "global":
            raise refused(messages.CONSISTENT_READ_OF_INDEX)
    if select.columns_fault is not None:
        raise refusal_of(select.columns_fault, "")
    return Source(table, index)


def read_page(
    select: Select,
    source: Source,
    view: ReadView,
    *,
    start: Item | None,
    limit: int | None,
    consistent: bool,
    scan_partitions: int,
) -> Page:
    """Return the next items of a SELECT.

    Args:
        start: the key of the last item of the page before.
        limit: how many items to read at most, whatever the condition leaves of them.
        scan_partitions: what reading the whole of a table on demand costs at least, in units.

    Raises:
        Refusal: the condition, the columns or the order are not possible on this table or index.
    """
    check_paths(select, source.table)
    plan = key_reads(select, source)
    fetches = _check_columns(select, source)
    if plan.page_limit_items is not None:
        limit = min(limit or plan.page_limit_items, plan.page_limit_items)
    reading = _Reading(source, view, plan, limit)
    reading.run(start)
    cost = ConsumedCapacity(source.table.name)
    is_whole_table = plan.is_scan and source.index is None and reading.ended_at is None and start is None
    is_on_demand = source.table.settings.get("BillingMode") == "PAY_PER_REQUEST"
    least = scan_partitions if is_whole_table and is_on_demand else 1
    holds = None if select.where is None else compile_condition(select.where).holds
    items: list[Item] = []
    for entries in reading.by_range:
        size_bytes = sum(entry.size_bytes for entry in entries)
        units = read_units(size_bytes, consistent=consistent, least=least)
        if source.index is None:
            cost.add_table(units)
        else:
            cost.add_index(source.index, units)
        for entry in entries:
            item = orjson.loads(entry.item_json)
            whole = _whole(view, source, item) if fetches else None
            if whole is not None:
                cost.add_table(read_units(whole.size_bytes, consistent=consistent))
            if holds is None or holds(item):
                items.append(shown(select, item if whole is None else orjson.loads(whole.item_json)))
    last = None if reading.ended_at is None else orjson.loads(reading.ended_at.item_json)
    last_key = None if last is None else {name: last[name] for name in source.position_names}
    return Page(items, last_key, cost)


def shown(select: Select, item: Item) -> Item:
    """Return the columns that are selected of an item; what is not there has none."""
    if select.columns is None:
        return item
    found = ((column.name, value_at(column.path, item)) for column in select.columns)
    return {name: value for name, value in found if value is not None}


def check_paths(select: Select, table: Table) -> None:
    """Refuse columns and conditions that look inside of a key attribute of the table or of one of its indexes."""
    paths = [column.path for column in select.columns or ()]
    if select.where is not None:
        paths += paths_of(select.where)
    check_key_paths(table, tuple(str(path.steps[0]) for path in paths if len(path.steps) > 1))


class _Reading:
    """Reads range after range until a page is full: `by_range` has an entry list for each that was begun."""

    def __init__(self, source: Source, view: ReadView, plan: KeyReads, limit: int | None) -> None:
        self._source, self._view, self._plan, self._limit = source, view, plan, limit
        self._budget_bytes, self._count = PAGE_BYTES, 0
        self.by_range: list[list[Entry]] = []
        self.ended_at: Entry | None = None

    def run(self, start: Item | None) -> None:
        ranges = list(self._plan.ranges)
        if start is not None:
            ranges = self._rest(ranges, start)
        for position, bounds in enumerate(ranges):
            entries: list[Entry] = []
            self.by_range.append(entries)
            for entry in self._view.range(self._source.space, bounds.low, bounds.high, reverse=self._plan.is_reverse):
                entries.append(entry)
                self._count += 1
                self._budget_bytes -= entry.size_bytes
                if self._budget_bytes <= 0 or self._count == self._limit:
                    # Behind the one item of a whole key there is nothing in its range.
                    if not self._plan.is_item or position + 1 < len(ranges):
                        self.ended_at = entry
                    return

    def _rest(self, ranges: list[KeyRange], start: Item) -> list[KeyRange]:
        key = item_key(self._source.keys, start)
        if self._source.index is not None:
            key += item_key(self._source.table.keys, start)
        for position, (low, high) in enumerate(ranges):
            if low <= key and (high is None or key < high):
                rest = KeyRange(low, key) if self._plan.is_reverse else KeyRange(key + b"\x00", high)
                return [rest, *ranges[position + 1 :]]
        raise refused(messages.INVALID_TOKEN)


def _check_columns(select: Select, source: Source) -> bool:
    """Return whether the columns have to be fetched from the table; refuse those that a global index cannot give."""
    index = source.index
    carried = None if index is None else projected_names(source.table, index)
    if index is None or carried is None or select.columns is None:
        return False
    absent = [str(column.path.steps[0]) for column in select.columns if column.path.steps[0] not in carried]
    if absent and index.kind == "global":
        raise refused(messages.NOT_PROJECTED, index=index.name, names=", ".join(absent))
    return bool(absent)


def _whole(view: ReadView, source: Source, item: Item) -> Entry:
    entry = view.get(source.table.space, item_key(source.table.keys, item))
    assert entry is not None, "an index entry has an item"
    return entry
