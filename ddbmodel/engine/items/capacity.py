"""Capacity units that a request consumed, as ``ReturnConsumedCapacity`` answers them.

| | units |
|---|---|
| read | size / 4 KB rounded up, at least 1; half of it when eventually consistent |
| page of a query or scan | as one read of all items on it, whatever the filter leaves of them |
| page that is a whole scan | of a table on demand: at least 1 for each of its partitions, of which a new one has 4 |
| attributes that a local index does not carry | as a read of each item |
| write | the larger of old and new item / 1 KB rounded up, at least 1 |
| index entry written | its projected size / 1 KB rounded up: 1 for new, changed or gone, both for a moved one |
| in a transaction | the table's part doubled; the indexes' parts are not |

Source: observed on the service.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import orjson

from ddbmodel.engine.catalog import Index, Table
from ddbmodel.engine.writes import index_entry
from ddbmodel.values.equality import same_item
from ddbmodel.values.item_size import item_size_bytes
from ddbmodel.values.wire import Item

__all__ = ["ConsumedCapacity", "listed", "read_units", "wanted", "write_units"]

_READ_BYTES: Final = 4096
_WRITE_BYTES: Final = 1024


def read_units(size_bytes: int, *, consistent: bool, least: int = 1) -> float:
    """Return the units of reading so many bytes at once, `least` units of a consistent read or more."""
    units = max(least, -(-size_bytes // _READ_BYTES))
    return float(units) if consistent else units / 2


def write_units(*sizes_bytes: int) -> float:
    """Return the units of replacing one image by another."""
    return float(max(1, -(-max(sizes_bytes) // _WRITE_BYTES)))


class ConsumedCapacity:
    """Adds up what a request consumed of one table and its indexes.

    Args:
        split: ``"ReadCapacityUnits"`` or ``"WriteCapacityUnits"`` where the answer names it, as transactions do.
    """

    def __init__(self, table_name: str, *, split: str | None = None) -> None:
        self.table_name = table_name
        self.split = split
        self.table_units = 0.0
        self.index_units: dict[tuple[str, str], float] = {}

    def add_table(self, units: float) -> None:
        """Add units of the table itself."""
        self.table_units += units

    def add_index(self, index: Index, units: float) -> None:
        """Add units of an index."""
        place = (index.kind, index.name)
        self.index_units[place] = self.index_units.get(place, 0.0) + units

    def add_write(self, table: Table, key: bytes, old: Item | None, new: Item | None, *, times: int = 1) -> None:
        """Add what replacing an item costs the table, `times` over, and its indexes."""
        old_bytes = 0 if old is None else item_size_bytes(old)
        new_bytes = 0 if new is None else item_size_bytes(new)
        self.add_table(times * write_units(old_bytes, new_bytes))
        for index in table.indexes:
            units = _index_write_units(table, index, key, old, new)
            if units:
                self.add_index(index, units)

    def response(self, asked: str) -> dict[str, Any]:
        """Return the wire form for ``TOTAL`` or ``INDEXES``."""
        total = self.table_units + sum(self.index_units.values())
        answer: dict[str, Any] = {"TableName": self.table_name, **self._units(total)}
        if asked == "INDEXES":
            answer["Table"] = self._units(self.table_units)
            for kind, member in (("global", "GlobalSecondaryIndexes"), ("local", "LocalSecondaryIndexes")):
                arms = {
                    name: {"CapacityUnits": units}
                    for (of_kind, name), units in sorted(self.index_units.items())
                    if of_kind == kind
                }
                if arms:
                    answer[member] = arms
        return answer

    def _units(self, units: float) -> dict[str, float]:
        answer = {"CapacityUnits": units}
        if self.split:
            answer[self.split] = units
        return answer


def wanted(request: Mapping[str, Any]) -> str | None:
    """Return ``TOTAL`` or ``INDEXES`` when the request wants to know its cost, else None."""
    asked = request.get("ReturnConsumedCapacity")
    return asked if asked in ("TOTAL", "INDEXES") else None


def listed(consumed: Iterable[ConsumedCapacity], asked: str) -> list[dict[str, Any]]:
    """Return the wire form of several tables' costs."""
    return [one.response(asked) for one in consumed]


def _index_write_units(table: Table, index: Index, key: bytes, old: Item | None, new: Item | None) -> float:
    before = None if old is None else index_entry(table, index, key, old)
    after = None if new is None else index_entry(table, index, key, new)
    if before is None or after is None:
        left = before or after
        return 0.0 if left is None else write_units(left.size_bytes)
    if before.key != after.key:
        return write_units(before.size_bytes) + write_units(after.size_bytes)
    assert before.item_json is not None, "an entry of an item has its JSON"
    assert after.item_json is not None, "an entry of an item has its JSON"
    if before.item_json == after.item_json or same_item(orjson.loads(before.item_json), orjson.loads(after.item_json)):
        return 0.0
    return write_units(before.size_bytes, after.size_bytes)
