"""Counts what is consumed, minute by minute, and says what the capacities become; kept in memory.

An engine that was closed begins to count anew, as if nothing had been consumed before.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, TypeAlias

from ddbmodel.engine.behaviours.charges import Charge, Decide, Question
from ddbmodel.engine.behaviours.requests import form_of
from ddbmodel.engine.catalog import Catalog, Table
from ddbmodel.engine.context import RequestContext
from ddbmodel.engine.messages.message import Refusal
from ddbmodel.engine.outcome import Outcome, SaveTable
from ddbmodel.engine.scaling.rule import MINUTES_REMEMBERED, capacity_after
from ddbmodel.engine.scaling.targets import Place, targets_of
from ddbmodel.engine.storage.view import ReadView
from ddbmodel.engine.tables.capacity import changed_units, raised_warm
from ddbmodel.errors import ServiceError
from ddbmodel.values.wire import copy_value

__all__ = ["AutoScaler"]

_MINUTE_S: Final = 60.0
_UNITS: Final = {"Read": "ReadCapacityUnits", "Write": "WriteCapacityUnits"}

_Scaled: TypeAlias = tuple[str, Place]
"""The id of a table, and a capacity of it."""


@dataclass(slots=True)
class _Watched:
    """What is known of one capacity that follows the load."""

    consumed: defaultdict[int, float] = field(default_factory=lambda: defaultdict(float))
    increased_at_s: float = -math.inf
    changed_at_s: float = -math.inf


class AutoScaler:
    """The capacities of one engine that follow the load."""

    def __init__(self, now_s: float) -> None:
        self._watched: dict[_Scaled, _Watched] = {}
        self._next_minute = _minute_of(now_s)
        self._names: tuple[str, ...] | None = None

    def forget_catalog(self) -> None:
        """Take note that tables may have other targets than before."""
        self._names = None

    def is_watching(self, catalog: Catalog) -> bool:
        """Return whether any capacity follows the load, so that consumption is to be counted."""
        return bool(self._scaled_names(catalog))

    def decide(
        self,
        decide: Decide,
        cost_of: Decide,
        operation: str,
        request: dict[str, Any],
        view: ReadView,
        catalog: Catalog,
        now_s: float,
    ) -> Outcome:
        """Return what `decide` makes of a request, and take note of what it consumes.

        Args:
            cost_of: decides without misbehaving, to be asked what a request consumes.
        """
        if form_of(operation) is None:
            return decide(operation, request, view, catalog, now_s)
        question = Question(cost_of, operation, view, catalog, now_s)
        try:
            outcome = decide(operation, request, view, catalog, now_s)
        except ServiceError as error:
            self._note(question.charges_of_failure(request, error), now_s)
            raise
        self._note(question.charges(request), now_s)
        return outcome

    def due_outcome(self, catalog: Catalog, context: RequestContext) -> Outcome | None:
        """Return what the minutes that are over since the last call make of the capacities, or None."""
        first, last = self._next_minute, _minute_of(context.now_s) - 1
        if last < first:
            return None
        self._next_minute = last + 1
        tables = [table for table in map(catalog.table, self._scaled_names(catalog)) if table is not None]
        # Nothing is decided on minutes without consumption.
        counted = {minute for watched in self._watched.values() for minute in watched.consumed}
        changed: dict[str, Table] = {}
        for minute in range(first, min(last, max(counted, default=-1)) + 1):
            for table in tables:
                after = self._after(minute, changed.get(table.name, table), context)
                if after is not None:
                    changed[table.name] = after
        self._forget(last)
        return Outcome({}, catalog=tuple(map(SaveTable, changed.values()))) if changed else None

    def _after(self, minute: int, table: Table, context: RequestContext) -> Table | None:
        moment_s = (minute + 1) * _MINUTE_S
        if table.settings["BillingMode"] != "PROVISIONED" or table.status(moment_s) != "ACTIVE":
            return None
        asked: dict[str, dict[str, int]] = {}
        moved: list[tuple[_Watched, bool]] = []
        for place, target in targets_of(table).items():
            watched = self._watched.get((table.id, place))
            if watched is None:
                continue
            unit, units = _UNITS[place.direction], _units_of(table.settings, place.of_index)
            to_be = capacity_after(
                minute,
                target,
                units[unit],
                watched.consumed,
                increased_at_s=watched.increased_at_s,
                changed_at_s=watched.changed_at_s,
            )
            if to_be != units[unit]:
                asked.setdefault(place.of_index, {name: units[name] for name in _UNITS.values()})[unit] = to_be
                moved.append((watched, to_be > units[unit]))
        try:
            after = _with_units(table, asked, moment_s, context) if asked else None
        except Refusal:
            # It was decreased too often for today.
            return None
        for watched, is_increase in moved:
            watched.changed_at_s = moment_s
            if is_increase:
                watched.increased_at_s = moment_s
        return after

    def _note(self, charges: Iterable[Charge], now_s: float) -> None:
        for charge in charges:
            place = Place("" if charge.index is None else charge.index.name, charge.direction)
            if place in targets_of(charge.table):
                self._of((charge.table.id, place)).consumed[_minute_of(now_s)] += charge.units

    def _of(self, scaled: _Scaled) -> _Watched:
        return self._watched.setdefault(scaled, _Watched())

    def _forget(self, last: int) -> None:
        for scaled, watched in list(self._watched.items()):
            for minute in [each for each in watched.consumed if each <= last - MINUTES_REMEMBERED]:
                del watched.consumed[minute]
            if not watched.consumed and watched.changed_at_s == -math.inf:
                del self._watched[scaled]

    def _scaled_names(self, catalog: Catalog) -> tuple[str, ...]:
        if self._names is None:
            tables = {name: catalog.table(name) for name in catalog.table_names()}
            self._names = tuple(name for name, table in tables.items() if table is not None and targets_of(table))
        return self._names


def _with_units(
    table: Table, asked: Mapping[str, Mapping[str, int]], moment_s: float, context: RequestContext
) -> Table:
    settings = copy_value(table.settings)
    until_s = moment_s + context.options.table_delay_s
    for name, units in asked.items():
        if name:
            kept, warm = settings["IndexThroughput"], settings["IndexWarmThroughput"]
            kept[name] = changed_units(kept[name], units, moment_s, until_s, context.region, name)
            warm[name] = raised_warm(warm[name], units)
        else:
            current = settings["ProvisionedThroughput"]
            settings["ProvisionedThroughput"] = changed_units(current, units, moment_s, until_s, context.region, None)
            settings["WarmThroughput"] = raised_warm(settings["WarmThroughput"], units)
    indexes = tuple(replace(each, updated_at_s=until_s) if each.name in asked else each for each in table.indexes)
    table = replace(table, settings=settings, indexes=indexes)
    return replace(table, update="capacity", updated_at_s=until_s) if "" in asked else table


def _units_of(settings: Mapping[str, Any], index: str) -> Mapping[str, int]:
    units: Mapping[str, int] = settings["IndexThroughput"][index] if index else settings["ProvisionedThroughput"]
    return units


def _minute_of(moment_s: float) -> int:
    return int(moment_s // _MINUTE_S)
