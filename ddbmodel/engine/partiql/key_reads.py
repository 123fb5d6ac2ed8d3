"""Which ranges of keys a SELECT reads, in which order.

| condition | read |
|---|---|
| the whole key of a table, by equality | one item, as GetItem |
| the partition, with or without a range of the sort key | a range, as Query |
| several of these, by IN or OR | one range after the other |
| anything else | everything, as Scan |

Ranges of one partition are read in key order and must not overlap, save where something is denied of the sort key:
then they are read as one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from ddbmodel.engine.catalog import KeyAttribute
from ddbmodel.engine.items.key_ranges import KeyRange, range_of
from ddbmodel.engine.items.pages import Source
from ddbmodel.engine.messages import partiql as messages
from ddbmodel.engine.messages.message import refused
from ddbmodel.engine.partiql.branches import Branch, branches_of
from ddbmodel.engine.validation.keys import check_not_empty
from ddbmodel.engine.writes import projected_names
from ddbmodel.expressions.key_condition import KeyCondition
from ddbmodel.expressions.partiql.statements import OrderKey, Select
from ddbmodel.expressions.paths import paths_of
from ddbmodel.values.key_encoding import encode_key_value
from ddbmodel.values.wire import AttributeValue

__all__ = ["EVERYTHING", "KeyReads", "key_reads"]

_LISTED_PAGE_ITEMS: Final = 10
"""Of several partitions of an IN so many items are read for a page.

Source: AWS Developer Guide, "PartiQL arithmetic, comparison, and logical operators for DynamoDB".
"""
_BUCKETS: Final = 16


@dataclass(frozen=True, slots=True)
class KeyReads:
    """Ranges of keys in the order in which they are read, each from its start or from its end."""

    ranges: tuple[KeyRange, ...]
    is_scan: bool = False
    is_reverse: bool = False
    is_item: bool = False
    """Each range holds one item or none: the whole key is given."""
    page_limit_items: int | None = None


EVERYTHING: Final = KeyReads((KeyRange(b"", None),), is_scan=True)


@dataclass(frozen=True, slots=True)
class _Read:
    partition: AttributeValue
    bounds: KeyRange
    is_negated: bool


def key_reads(select: Select, source: Source) -> KeyReads:
    """Return what a SELECT reads of its table or index.

    Raises:
        Refusal: key values of another type, ranges that overlap, more than 50 of them, a filter on attributes that
            the index does not carry, or an ORDER BY that the keys cannot serve.
    """
    branches = branches_of(select.where, source.keys)
    if branches is None:
        _check_order(select, source, None)
        return EVERYTHING
    reads = [_read(branch, source) for branch in branches]
    partitions = _by_partition(reads)
    for group in partitions:
        _check_apart(group)
    _check_order(select, source, len(partitions))
    _check_filters_are_carried(branches, source)
    for key in select.order_by:
        if key.name == source.keys.partition[0].name:
            partitions.sort(key=lambda group: encode_key_value(group[0].partition), reverse=key.descending)
    is_reverse = any(key.descending for key in select.order_by if key.name != source.keys.partition[0].name)
    ranges = [bounds for group in partitions for bounds in _in_order(group, is_reverse=is_reverse)]
    is_item = source.index is None and all(_has_whole_key(branch, source) for branch in branches)
    is_listed = len(partitions) > 1 and any(branch.is_listed for branch in branches)
    return KeyReads(
        tuple(ranges),
        is_reverse=is_reverse,
        is_item=is_item,
        page_limit_items=_LISTED_PAGE_ITEMS if is_listed else None,
    )


def _read(branch: Branch, source: Source) -> _Read:
    keys = source.keys
    assert branch.partition is not None, "a branch without a partition makes the statement a scan"
    _check_value(keys.partition[0], branch.partition)
    equal = {keys.partition[0].name: branch.partition}
    low, high = range_of(keys, KeyCondition(equal, None))
    for sort in branch.sorts:
        for value in sort.values:
            _check_value(keys.sort[0], value)
        bounds = range_of(keys, KeyCondition(equal, sort))
        low = max(low, bounds.low)
        high = bounds.high if high is None else high if bounds.high is None else min(high, bounds.high)
    return _Read(branch.partition, KeyRange(low, high), branch.is_negated)


def _check_value(attribute: KeyAttribute, value: AttributeValue) -> None:
    if attribute.type not in value:
        raise refused(messages.KEY_TYPE, name=attribute.name)
    check_not_empty((attribute,), {attribute.name: value})


def _by_partition(reads: Iterable[_Read]) -> list[list[_Read]]:
    groups: dict[bytes, list[_Read]] = {}
    for read in reads:
        groups.setdefault(encode_key_value(read.partition), []).append(read)
    return list(groups.values())


def _check_apart(reads: Sequence[_Read]) -> None:
    apart = [read for read in reads if not read.is_negated]
    for index, one in enumerate(apart):
        for other in apart[:index]:
            if _overlap(one.bounds, other.bounds):
                raise refused(messages.OVERLAPPING)


def _overlap(one: KeyRange, other: KeyRange) -> bool:
    low = max(one.low, other.low)
    return all(bounds.high is None or low < bounds.high for bounds in (one, other))


def _in_order(reads: Iterable[_Read], *, is_reverse: bool) -> list[KeyRange]:
    """Return the ranges of one partition in the order of its keys, with those that overlap in one."""
    ranges: list[KeyRange] = []
    for bounds in sorted((read.bounds for read in reads), key=lambda bounds: bounds.low):
        if bounds.high is not None and bounds.low >= bounds.high:
            continue
        if ranges and _overlap(ranges[-1], bounds):
            low, high = ranges.pop()
            bounds = KeyRange(low, None if high is None or bounds.high is None else max(high, bounds.high))
        ranges.append(bounds)
    return ranges[::-1] if is_reverse else ranges


def _has_whole_key(branch: Branch, source: Source) -> bool:
    return not source.keys.sort or any(sort.operator == "=" for sort in branch.sorts)


def _check_filters_are_carried(branches: Sequence[Branch], source: Source) -> None:
    index = source.index
    carried = None if index is None else projected_names(source.table, index)
    if index is None or carried is None:
        return
    absent = [
        dict.fromkeys(
            str(path.steps[0]) for term in branch.filters for path in paths_of(term) if path.steps[0] not in carried
        )
        for branch in branches
    ]
    # One branch that can be answered is enough; the others find nothing at the attributes that are not carried.
    if all(absent):
        _, names = min(zip(branches, absent, strict=True), key=lambda pair: _bucket(pair[0].partition))
        shown = ", ".join(sorted(names, key=lambda name: _bucket({"S": name})))
        raise refused(messages.NOT_PROJECTED_FILTER, index=index.name, names=shown)


def _bucket(value: AttributeValue | None) -> int:
    """Return where a text stands in a small hash table of Java's: some of the service's lists have its order."""
    code = 0
    for character in (value or {}).get("S", ""):
        code = (31 * code + ord(character)) & 0xFFFFFFFF
    return (code ^ code >> 16) % _BUCKETS


def _check_order(select: Select, source: Source, partition_count: int | None) -> None:
    if not select.order_by:
        return
    if select.where is None:
        raise refused(messages.ORDER_BY_NEEDS_WHERE)
    if partition_count is None:
        raise refused(messages.ORDER_BY_NEEDS_HASH)
    names = {attribute.name for attribute in source.keys.attributes}
    for key in select.order_by:
        if key.name not in names:
            raise refused(messages.ORDER_BY_NO_KEY, name=key.name)
    if partition_count > 1 and not _names_hash(select.order_by, source):
        raise refused(messages.ORDER_BY_NEEDS_HASH_KEY_NAMED)


def _names_hash(order_by: Iterable[OrderKey], source: Source) -> bool:
    return any(key.name == source.keys.partition[0].name for key in order_by)
