"""One page of a Query or Scan: what is selected, where it starts, when it ends, and what it answers.

Limit and the 1 MB budget count items as they are stored, before the filter; the item that fills the budget is still
on the page. A page that ends before its range names the last item read, and the next one starts behind that key,
whether an item is still there or not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

import orjson

from ddbmodel.engine.catalog import Index, KeySchema, Table
from ddbmodel.engine.context import RequestContext
from ddbmodel.engine.items.capacity import ConsumedCapacity, read_units, wanted
from ddbmodel.engine.items.key_ranges import KeyRange
from ddbmodel.engine.items.targets import checked_item, shown_item
from ddbmodel.engine.key_bytes import item_key
from ddbmodel.engine.messages import items as messages
from ddbmodel.engine.messages.keys import NOT_THE_SCHEMA
from ddbmodel.engine.messages.message import Refusal, Wording, refused
from ddbmodel.engine.named_tables import check_readable
from ddbmodel.engine.page_progress import SLICE_TERMS, PageProgress, Unfinished
from ddbmodel.engine.storage.view import Entry, ReadView
from ddbmodel.engine.validation.keys import check_not_empty
from ddbmodel.engine.writes import projected_names
from ddbmodel.expressions.compile_condition import CompiledCondition, compile_condition
from ddbmodel.expressions.paths import paths_of
from ddbmodel.expressions.project import project
from ddbmodel.expressions.tree import Condition, Projection
from ddbmodel.values.wire import Item

__all__ = [
    "PAGE_BYTES",
    "Source",
    "answer_page",
    "check_filter_is_carried",
    "check_select",
    "check_select_of_source",
    "source_of",
    "start_item",
    "start_key",
]

PAGE_BYTES: Final = 1_048_576
"""1 MB of stored items read, names and values, whatever becomes of them."""

# To read an item and to parse it takes as long as to evaluate so many terms.
_READING_TERMS: Final = 10
_LARGE_BYTES: Final = 8192


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


def source_of(request: Mapping[str, Any], table: Table, now_s: float) -> Source:
    """Return the table or the index that the request names.

    Raises:
        Refusal: there is no such index, it is not filled yet, or it is a global one and the read consistent.
    """
    name = request.get("IndexName")
    index = None if name is None else table.index(name)
    if name is not None and index is None:
        raise refused(messages.NO_INDEX, index=name)
    if index is not None:
        check_readable(index, now_s)
    if index is not None and index.kind == "global" and request.get("ConsistentRead"):
        raise refused(messages.CONSISTENT_READ_OF_INDEX)
    return Source(table, index)


def check_select(request: Mapping[str, Any], projection: Projection | None) -> None:
    """Refuse a selection that contradicts the rest of the request."""
    if projection is None:
        return
    select = request.get("Select")
    if select not in (None, "SPECIFIC_ATTRIBUTES"):
        parameter = "AttributesToGet" if "AttributesToGet" in request else "ProjectionExpression"
        what = "only the Count" if select == "COUNT" else select
        raise refused(messages.PROJECTION_WITH_SELECT, parameter=parameter, what=what)


def check_select_of_source(request: Mapping[str, Any], source: Source, projection: Projection | None) -> None:
    """Refuse a selection that a table or an index cannot answer; a local one gets what it lacks from the table."""
    select, index = request.get("Select"), source.index
    if select == "SPECIFIC_ATTRIBUTES" and projection is None:
        raise refused(messages.SELECT_WITHOUT_PROJECTION)
    if select == "ALL_PROJECTED_ATTRIBUTES" and index is None:
        raise refused(messages.ALL_PROJECTED_OF_TABLE)
    if index is None or index.kind == "local":
        return
    if select == "ALL_ATTRIBUTES" and index.projection != "ALL":
        raise refused(messages.ALL_ATTRIBUTES_OF_INDEX, index=index.name)
    carried = projected_names(source.table, index)
    if projection is not None and carried is not None:
        absent = [str(path.steps[0]) for path in projection.paths if path.steps[0] not in carried]
        if absent:
            raise refused(messages.PROJECTION_NOT_CARRIED, index=index.name, names=", ".join(absent))


def check_filter_is_carried(condition: Condition, source: Source) -> None:
    """Refuse a query's filter on attributes that its index does not carry; a scan's finds them absent."""
    carried = None if source.index is None else projected_names(source.table, source.index)
    if source.index is None or carried is None:
        return
    absent = dict.fromkeys(str(path.steps[0]) for path in paths_of(condition) if path.steps[0] not in carried)
    if absent:
        raise refused(messages.FILTER_NOT_CARRIED, index=source.index.name, names=", ".join(absent))


def start_item(request: Mapping[str, Any], wording: Wording) -> Item | None:
    """Return the key that the page starts behind, its values checked; None for the first page."""
    start = request.get("ExclusiveStartKey")
    if start is None:
        return None
    try:
        return checked_item(start)
    except Refusal as refusal:
        raise refused(messages.START_KEY_VALUE, text=refusal.text(wording)) from None


def start_key(start: Item, source: Source, wording: Wording) -> bytes:
    """Return the bytes of the key that the page starts behind.

    Raises:
        Refusal: it is no key of the source.
    """
    attributes = {key.name: key for key in source.table.keys.attributes}
    if source.index is not None:
        attributes.update((key.name, key) for key in source.index.keys.attributes)
    if start.keys() != attributes.keys() or any(key.type not in start[name] for name, key in attributes.items()):
        if source.index is not None:
            raise refused(messages.START_KEY)
        raise refused(messages.START_KEY_VALUE, text=NOT_THE_SCHEMA.text)
    try:
        check_not_empty(attributes.values(), start)
    except Refusal as refusal:
        raise refused(messages.START_KEY_VALUE, text=refusal.text(wording)) from None
    table_key = item_key(source.table.keys, start)
    return table_key if source.index is None else item_key(source.index.keys, start) + table_key


def answer_page(
    request: Mapping[str, Any],
    view: ReadView,
    source: Source,
    bounds: KeyRange,
    context: RequestContext,
    *,
    start: bytes | None,
    reverse: bool,
    condition: Condition | None,
    projection: Projection | None,
    partitions: int = 1,
    goes_on: bool = True,
) -> dict[str, Any]:
    """Return the response of a Query or Scan whose parameters are all checked.

    Args:
        bounds: the keys of the whole result; `start` cuts it to what is left of it.
        condition: the filter.
        partitions: how many parts of the table a page from the first item to the last reads.
        goes_on: whether anything can follow an item; not where a partition has one item only.

    Raises:
        Unfinished: the filter takes long, and the page may be read in slices.
    """
    limit, counts_only = request.get("Limit"), request.get("Select") == "COUNT"
    shown = _Shown(view, source, request, projection)
    response: dict[str, Any] = {}
    if condition is None:
        entries, ended_at = _read(view, source, _left(bounds, start, reverse), reverse, limit)
        if not counts_only and shown.is_as_kept:
            response["Items"] = [shown_item(entry, context) for entry in entries]
        elif not counts_only:
            response["Items"] = [shown.of(orjson.loads(entry.item_json)) for entry in entries]
        count = scanned_count = len(entries)
        read_bytes, fetched = sum(entry.size_bytes for entry in entries), shown.fetched
    else:
        page = PageProgress() if context.progress is None else context.progress
        page.begin(source.space)
        if page.is_done:
            _read_again(page, view, source, _left(bounds, start, reverse), reverse)
        else:
            page.condition = page.condition or compile_condition(condition)
            left = _left(bounds, start if page.last_key is None else page.last_key, reverse)
            _filter(
                page,
                view.range(source.space, *left, reverse=reverse) if left.high is None or left.low < left.high else (),
                page.condition,
                None if counts_only else shown,
                limit,
                in_slices=context.progress is not None,
            )
        if not counts_only:
            response["Items"] = page.items
        count, scanned_count, ended_at = page.count, page.scanned_count, page.ended_at
        read_bytes, fetched = page.read_bytes, page.fetched
    response["Count"] = count
    response["ScannedCount"] = scanned_count
    if ended_at is not None and goes_on:
        last = orjson.loads(ended_at.item_json)
        response["LastEvaluatedKey"] = {name: last[name] for name in source.position_names}
    asked = wanted(request)
    if asked:
        least = partitions if start is None and ended_at is None else 1
        response["ConsumedCapacity"] = _consumed(request, source, read_bytes, fetched, asked, least)
    return response


def _left(bounds: KeyRange, behind: bytes | None, reverse: bool) -> KeyRange:
    if behind is None:
        return bounds
    # Forwards it is from the smallest key behind the one given.
    return KeyRange(bounds.low, behind) if reverse else KeyRange(behind + b"\x00", bounds.high)


def _read(
    view: ReadView, source: Source, bounds: KeyRange, reverse: bool, limit: int | None
) -> tuple[list[Entry], Entry | None]:
    low, high = bounds
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


def _filter(
    page: PageProgress,
    entries: Iterable[Entry],
    condition: CompiledCondition,
    shown: _Shown | None,
    limit: int | None,
    *,
    in_slices: bool,
) -> None:
    holds, loads = condition.holds, orjson.loads
    item_terms, left_terms = condition.term_count + _READING_TERMS, SLICE_TERMS
    for entry in entries:
        item: Item = loads(entry.item_json)
        if holds(item):
            page.count += 1
            if shown is not None:
                page.items.append(shown.of(item))
        page.scanned_count += 1
        page.read_bytes += entry.size_bytes
        if page.read_bytes >= PAGE_BYTES or page.scanned_count == limit:
            page.ended_at = entry
            break
        # Terms look at large values, lists above all, for longer.
        left_terms -= item_terms * (1 + entry.size_bytes // _LARGE_BYTES)
        if left_terms <= 0 and in_slices:
            page.last_key = entry.key
            if shown is not None:
                page.fetched += shown.fetched
            raise Unfinished
    if shown is not None:
        page.fetched += shown.fetched
    page.is_done = True


def _read_again(page: PageProgress, view: ReadView, source: Source, bounds: KeyRange, reverse: bool) -> None:
    # Who asks for a page again wants to see, by its view, what was read for it.
    if bounds.high is None or bounds.low < bounds.high:
        for _ in islice(view.range(source.space, *bounds, reverse=reverse), page.scanned_count):
            pass
    for key, _ in page.fetched:
        view.get(source.table.space, key)


class _Shown:
    """From the items of a source to the attributes that the response shows.

    A local index gets attributes that it does not carry from the table; `fetched` are the keys and sizes of those.
    """

    def __init__(
        self, view: ReadView, source: Source, request: Mapping[str, Any], projection: Projection | None
    ) -> None:
        self._view, self._table, self._projection = view, source.table, projection
        self._fetches = _fetches_from_table(source, request, projection)
        self.fetched: list[tuple[bytes, int]] = []

    @property
    def is_as_kept(self) -> bool:
        """Whether every item of the source is shown as it is."""
        return self._projection is None and not self._fetches

    def of(self, item: Item) -> Item:
        """Return what is shown of an item of the source."""
        if self._fetches:
            key = item_key(self._table.keys, item)
            whole = self._view.get(self._table.space, key)
            assert whole is not None, "an index entry has an item"
            self.fetched.append((key, whole.size_bytes))
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
    request: Mapping[str, Any],
    source: Source,
    read_bytes: int,
    fetched: list[tuple[bytes, int]],
    asked: str,
    least: int,
) -> dict[str, Any]:
    consumed = ConsumedCapacity(source.table.name)
    consistent = bool(request.get("ConsistentRead"))
    units = read_units(read_bytes, consistent=consistent, least=least)
    if source.index is None:
        consumed.add_table(units)
    else:
        consumed.add_index(source.index, units)
        for _, size_bytes in fetched:
            consumed.add_table(read_units(size_bytes, consistent=consistent))
    return consumed.response(asked)
