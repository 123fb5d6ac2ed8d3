"""Billing mode, provisioned units, limits on demand, and warm throughput of tables and indexes.

They are kept in `Table.settings` as the API writes them, those of indexes by name. A value that is being changed keeps
what it was as ``Previous`` until the moment ``Until``:

```
BillingMode, PayPerRequestSince
ProvisionedThroughput   IndexThroughput          ReadCapacityUnits, WriteCapacityUnits, and the history of changes
OnDemandThroughput      IndexOnDemandThroughput  MaxReadRequestUnits, MaxWriteRequestUnits
WarmThroughput          IndexWarmThroughput      ReadUnitsPerSecond, WriteUnitsPerSecond
```
Source: seen on the service in us-west-2, October 2026; AWS Developer Guide, "Quotas in Amazon DynamoDB", "Throughput
default quotas" for the limits and the decreases.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from ddbmodel.engine.messages import capacity_settings as messages
from ddbmodel.engine.messages.message import Message, refused

__all__ = [
    "MAX_UNITS",
    "changed_on_demand",
    "changed_units",
    "changed_warm",
    "decreases_today",
    "new_on_demand",
    "new_warm",
    "raised_warm",
    "shown",
    "units_of",
]

MAX_UNITS: Final = 40_000
"""Of one kind, for one table or one index."""
_UNITS: Final = ("ReadCapacityUnits", "WriteCapacityUnits")
_MAXIMA: Final = ("MaxReadRequestUnits", "MaxWriteRequestUnits")
_WARM: Final = ("ReadUnitsPerSecond", "WriteUnitsPerSecond")
_TABLE_MAXIMA: Final = ("TableMaxReadCapacityUnits", "TableMaxWriteCapacityUnits")
_INITIAL_WARM: Final = (12_000, 4_000)
_FREE_DECREASES: Final = 4
_DECREASE_EVERY_S: Final = 3600.0

Numbers = Mapping[str, Any]


def units_of(asked: Numbers, region: str, index: str | None) -> dict[str, Any]:
    """Return the units of a new table or index, or of one that becomes provisioned."""
    for unit in _UNITS:
        if asked[unit] > MAX_UNITS:
            too_high = messages.TABLE_UNITS_TOO_HIGH if index is None else messages.INDEX_UNITS_TOO_HIGH
            raise refused(too_high, unit=unit, value=asked[unit], most=MAX_UNITS, region=region, index=index)
    return {unit: asked[unit] for unit in _UNITS}


def changed_units(
    current: Numbers, asked: Numbers, now_s: float, until_s: float, region: str, index: str | None
) -> dict[str, Any]:
    """Return provisioned units after a change to others, with its history."""
    if all(asked[unit] == current[unit] for unit in _UNITS):
        unchanged = messages.TABLE_UNITS_UNCHANGED if index is None else messages.INDEX_UNITS_UNCHANGED
        read, write = (asked[unit] for unit in _UNITS)
        raise refused(unchanged, index=index, read=read, write=write)
    units = units_of(asked, region, index)
    changed = {**current, **units, "Previous": _numbers(current, _UNITS), "Until": until_s}
    if any(units[unit] < current[unit] for unit in _UNITS):
        count, last_s = decreases_today(current, now_s), current.get("LastDecreaseDateTime", 0.0)
        if count >= _FREE_DECREASES and now_s < last_s + _DECREASE_EVERY_S:
            raise refused(
                messages.TOO_MANY_DECREASES, count=count, last=_moment(last_s), next=_moment(_next_decrease_s(last_s))
            )
        changed |= {"LastDecreaseDateTime": now_s, "Decreases": count + 1}
        changed["Previous"]["Decreases"] = count
    if any(units[unit] > current[unit] for unit in _UNITS):
        changed["LastIncreaseDateTime"] = now_s
    return changed


def decreases_today(units: Numbers, now_s: float) -> int:
    """Return how often units were decreased on this day, which begins at midnight UTC."""
    last_s = units.get("LastDecreaseDateTime")
    if last_s is None or _day(last_s) != _day(now_s):
        return 0
    count: int = units.get("Decreases", 0)
    return count


def new_on_demand(asked: Numbers | None, *, on_demand: bool, region: str, index: str | None) -> dict[str, Any]:
    """Return the limits of a new table or index; empty when it has none."""
    asked = asked or {}
    if not on_demand:
        _refuse_maxima(asked, messages.MAXIMUM_WHEN_PROVISIONED, messages.INDEX_MAXIMUM_WHEN_PROVISIONED, index)
    return _checked_maxima(asked, 1, region, index)


def changed_on_demand(
    current: Numbers, asked: Numbers, *, on_demand: bool, region: str, index: str | None
) -> dict[str, Any]:
    """Return the limits after a change: a member that is not named stays, -1 removes one."""
    if not on_demand:
        _refuse_maxima(asked, messages.NEW_MAXIMUM_WHEN_PROVISIONED, messages.NEW_INDEX_MAXIMUM_WHEN_PROVISIONED, index)
    return {**current, **_checked_maxima(asked, -1, region, index)}


def new_warm(asked: Numbers | None, units: Numbers | None, region: str, index: str | None) -> dict[str, Any]:
    """Return the warm throughput of a new table or index; `units` are those it is provisioned with, if it is."""
    asked = asked or {}
    floors = dict(zip(_WARM, _INITIAL_WARM if units is None else (units[unit] for unit in _UNITS), strict=True))
    for member, unit in zip(_WARM, _UNITS, strict=True):
        if member in asked and asked[member] < floors[member]:
            below = messages.WARM_BELOW_INITIAL if units is None else messages.WARM_BELOW_UNITS
            raise refused(below, member=member, of=_of(index), unit=unit)
    _check_warm_limit(asked, region, index)
    return {member: max(asked.get(member, 0), floors[member]) for member in _WARM}


def changed_warm(current: Numbers, asked: Numbers, until_s: float, region: str, index: str | None) -> dict[str, Any]:
    """Return the warm throughput after a change, which can only be upwards."""
    for member in _WARM:
        if member in asked and asked[member] < current[member]:
            raise refused(messages.WARM_LOWERED, member=member, of=_of(index))
    _check_warm_limit(asked, region, index)
    numbers = _numbers(current, _WARM)
    return {**numbers, **_numbers(asked, _WARM), "Previous": numbers, "Until": until_s}


def raised_warm(current: Numbers, units: Numbers | None) -> dict[str, Any]:
    """Return the warm throughput of what is now provisioned with `units`, or, with None, is on demand."""
    floors = _INITIAL_WARM if units is None else tuple(units[unit] for unit in _UNITS)
    return {**current, **{member: max(current[member], floor) for member, floor in zip(_WARM, floors, strict=True)}}


def shown(values: Numbers, now_s: float) -> dict[str, Any]:
    """Return values as they are described: what they were while they are being changed."""
    kept = {name: value for name, value in values.items() if name not in ("Previous", "Until")}
    return kept | values["Previous"] if now_s < values.get("Until", 0.0) else kept


def _numbers(values: Numbers, members: tuple[str, ...]) -> dict[str, Any]:
    return {member: values[member] for member in members if member in values}


def _refuse_maxima(asked: Numbers, of_table: Message, of_index: Message, index: str | None) -> None:
    for member in _MAXIMA:
        if member in asked:
            raise refused(of_table if index is None else of_index, member=member, index=index)


def _checked_maxima(asked: Numbers, lowest: int, region: str, index: str | None) -> dict[str, Any]:
    of = "table" if index is None else f"index : {index}"
    for member, limit in zip(_MAXIMA, _TABLE_MAXIMA, strict=True):
        value = asked.get(member)
        if value is None:
            continue
        if value == 0 or value < lowest:
            raise refused(messages.MAXIMUM_OUT_OF_RANGE, member=member, of=of)
        if value > MAX_UNITS:
            raise refused(messages.MAXIMUM_TOO_HIGH, member=member, of=of, limit=limit, region=region)
    return _numbers(asked, _MAXIMA)


def _check_warm_limit(asked: Numbers, region: str, index: str | None) -> None:
    for member, limit in zip(_WARM, _TABLE_MAXIMA, strict=True):
        if asked.get(member, 0) > MAX_UNITS:
            raise refused(messages.WARM_TOO_HIGH, member=member, of=_of(index), limit=limit, region=region)


def _of(index: str | None) -> str:
    return "table" if index is None else f"index {index}"


def _day(moment_s: float) -> int:
    return int(moment_s // 86400)


def _next_decrease_s(last_s: float) -> float:
    return min(last_s + _DECREASE_EVERY_S, (_day(last_s) + 1) * 86400.0)


def _moment(moment_s: float) -> str:
    # Not by strftime, which speaks the language of the process.
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=int(moment_s))
    weekdays = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
    months = (
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    )  # fmt: skip
    half = "AM" if moment.hour < 12 else "PM"
    return (
        f"{weekdays[moment.weekday()]}, {months[moment.month - 1]} {moment.day}, {moment.year} at "
        f"{moment.hour % 12 or 12}:{moment.minute:02}:{moment.second:02} {half} Coordinated Universal Time"
    )
