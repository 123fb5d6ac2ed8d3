"""What a request consumes, and of which partitions: found by asking its handler, whose answer is not used otherwise.

A handler is a pure function, so it can be asked what a request, or one part of it, would cost: the units are those of
the ``ConsumedCapacity`` that it would answer, and a view that takes notes tells which keys they were spent on.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple, TypeAlias

from ddbmodel.engine.arn import table_name_of
from ddbmodel.engine.behaviours.limits import Direction
from ddbmodel.engine.behaviours.requests import is_read
from ddbmodel.engine.behaviours.views import ViewOver
from ddbmodel.engine.catalog import Catalog, Index, Table
from ddbmodel.engine.items.capacity import write_units
from ddbmodel.engine.key_bytes import HASH_BYTES
from ddbmodel.engine.outcome import ItemChange, Outcome
from ddbmodel.engine.storage.view import Entry, ReadView
from ddbmodel.engine.writes import entry_writes
from ddbmodel.errors import ServiceError

__all__ = ["Charge", "Decide", "Question"]

Decide: TypeAlias = Callable[[str, dict[str, Any], ReadView, Catalog, float], Outcome]
"""Decides a request: ``(operation, request, view, catalog, now_s)``; pure."""

# A failed condition of a transaction was checked on an item that is paid for twice, as all in a transaction.
_FAILURES_CHARGED: Final[Mapping[str, int]] = {"ConditionalCheckFailedException": 1, "TransactionCanceledException": 2}


@dataclass(frozen=True, slots=True)
class Charge:
    """Units that a request consumes of a table, or of a global index."""

    table: Table
    index: Index | None
    direction: Direction
    units: float
    partitions: Mapping[bytes, float] = field(default_factory=dict)
    """The units by the hash of the partition that they are spent on."""


@dataclass(frozen=True, slots=True)
class Question:
    """An operation as it can be asked about, on the data of a moment."""

    decide: Decide
    operation: str
    view: ReadView
    catalog: Catalog
    now_s: float

    def outcome(self, request: dict[str, Any]) -> Outcome:
        """Return what a request comes to; raises as the operation does."""
        return self.decide(self.operation, request, self.view, self.catalog, self.now_s)

    def charges(self, request: dict[str, Any]) -> list[Charge]:
        """Return what a request consumes that has an outcome."""
        noting = _NotingView(self.view)
        request = {**request, "ReturnConsumedCapacity": "INDEXES"}
        outcome = self.decide(self.operation, request, noting, self.catalog, self.now_s)
        consumed = outcome.response.get("ConsumedCapacity") or ()
        direction: Direction = "Read" if is_read(self.operation, request) else "Write"
        charges: list[Charge] = []
        for answer in [consumed] if isinstance(consumed, dict) else consumed:
            table = self.catalog.table(table_name_of(answer["TableName"]))
            if table is not None:
                charges += _charges_of_table(answer, table, direction, noting, outcome.items)
        return charges

    def charges_of_failure(self, request: dict[str, Any], error: ServiceError) -> list[Charge]:
        """Return what a request consumed that was refused: a failed condition costs what the write would have.

        Source: developer guide, "Capacity unit consumption for writes".
        """
        times = _FAILURES_CHARGED.get(error.code)
        if times is None or is_read(self.operation, request):
            return []
        noting = _NotingView(self.view)
        with contextlib.suppress(ServiceError):
            self.decide(self.operation, request, noting, self.catalog, self.now_s)
        tables = {table.space: table for table in map(self.catalog.table, self.catalog.table_names()) if table}
        charges: list[Charge] = []
        for space, key, size_bytes in noting.looked_up:
            if space in tables:
                units = times * write_units(size_bytes)
                charges.append(Charge(tables[space], None, "Write", units, {key[:HASH_BYTES]: units}))
        return charges


def _charges_of_table(
    answer: Mapping[str, Any], table: Table, direction: Direction, noting: _NotingView, changes: tuple[ItemChange, ...]
) -> Iterator[Charge]:
    # A local index lives in the partitions of its table and uses up the capacity of that.
    units = answer.get("Table", {}).get("CapacityUnits", 0.0)
    units += sum(arm["CapacityUnits"] for arm in answer.get("LocalSecondaryIndexes", {}).values())
    if units:
        spaces = {table.space, *(index.space for index in table.indexes if index.kind == "local")}
        yield Charge(table, None, direction, units, _shared(units, noting.weights(spaces)))
    for name, arm in answer.get("GlobalSecondaryIndexes", {}).items():
        index = table.index(name)
        if index is not None and arm["CapacityUnits"]:
            weights = noting.weights({index.space}) if direction == "Read" else _written(changes, index)
            yield Charge(table, index, direction, arm["CapacityUnits"], _shared(arm["CapacityUnits"], weights))


def _written(changes: tuple[ItemChange, ...], index: Index) -> dict[bytes, float]:
    weights: dict[bytes, float] = {}
    for change in changes:
        for write in entry_writes(change):
            if write.space == index.space:
                partition = write.key[:HASH_BYTES]
                weights[partition] = weights.get(partition, 0.0) + write_units(write.size_bytes)
    return weights


def _shared(units: float, weights: Mapping[bytes, float]) -> dict[bytes, float]:
    total = sum(weights.values())
    return {partition: units * weight / total for partition, weight in weights.items()}


class _LookedUp(NamedTuple):
    space: int
    key: bytes
    size_bytes: int


class _NotingView(ViewOver):
    """Notes what is read through it."""

    def __init__(self, view: ReadView) -> None:
        super().__init__(view)
        self.looked_up: list[_LookedUp] = []
        self._weights: dict[int, dict[bytes, float]] = {}

    def weights(self, spaces: set[int]) -> dict[bytes, float]:
        """Return the bytes read of each partition; more than nothing for one in which nothing was found."""
        found: dict[bytes, float] = {}
        for space in spaces:
            for partition, weight in self._weights.get(space, {}).items():
                found[partition] = found.get(partition, 0.0) + weight
        return found

    def get(self, space: int, key: bytes) -> Entry | None:
        """Return the entry under a key."""
        entry = self.inner.get(space, key)
        size_bytes = 0 if entry is None else entry.size_bytes
        self.looked_up.append(_LookedUp(space, key, size_bytes))
        self._note(space, key, size_bytes)
        return entry

    def range(self, space: int, low: bytes, high: bytes | None, *, reverse: bool = False) -> Iterator[Entry]:
        """Return entries between two keys."""
        if len(low) > HASH_BYTES:
            # A Query names its partition, in which nothing may be found; a Scan that goes on names its last one.
            self._note(space, low, 0)
        for entry in self.inner.range(space, low, high, reverse=reverse):
            self._note(space, entry.key, entry.size_bytes)
            yield entry

    def _note(self, space: int, key: bytes, size_bytes: int) -> None:
        partitions = self._weights.setdefault(space, {})
        partition = key[:HASH_BYTES]
        partitions[partition] = partitions.get(partition, 0.0) + max(size_bytes, 1)
