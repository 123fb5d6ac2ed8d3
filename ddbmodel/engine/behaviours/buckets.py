"""Token buckets: capacity that flows in at a steady rate, is kept for a while, and is taken out by requests.

A request is let in when the bucket holds a whole unit, or all that it needs, and takes what it needs, at the cost of
those after it: so a page of 128 units can be read from a table of 5 units a second, and then nothing for a while, as on
the service. A new table has the capacity of one second, and so has every table when this begins.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Final, TypeAlias

from ddbmodel.engine.behaviours.charges import Charge
from ddbmodel.engine.behaviours.limits import PARTITION_LIMITS, Direction, Exceeded, Limit, limit_of
from ddbmodel.engine.catalog import Table

__all__ = ["Buckets"]

_Place: TypeAlias = tuple[str, str, Direction, str, bytes]
"""Table id, index name, direction, type of limit, hash of the partition or nothing."""

_MANY_BUCKETS: Final = 10_000
# Sums of fractions of a second are not exact.
_TINY: Final = 1e-6


class Buckets:
    """The buckets of all tables, global indexes and partitions, made when they are first needed."""

    def __init__(self, began_at_s: float) -> None:
        self._began_at_s = began_at_s
        self._buckets: dict[_Place, _Bucket] = {}

    def take(self, charges: Sequence[Charge], now_s: float) -> list[Exceeded]:
        """Take what a request needs, and return nothing; or take nothing, and return the limits in its way."""
        if len(self._buckets) >= _MANY_BUCKETS:
            self._forget_full_partitions(now_s)
        needs = [need for charge in charges for need in self._needs(charge, now_s)]
        exceeded: list[Exceeded] = []
        for bucket, units, met in needs:
            if not bucket.admits(units) and met not in exceeded:
                exceeded.append(met)
        if not exceeded:
            for bucket, units, _ in needs:
                bucket.level -= units
        return exceeded

    def force(self, charges: Iterable[Charge], now_s: float) -> None:
        """Take what was consumed, whether there is enough or not."""
        for charge in charges:
            for bucket, units, _ in self._needs(charge, now_s):
                bucket.level -= units

    def give_back(self, charges: Iterable[Charge], now_s: float) -> None:
        """Undo `take`."""
        for charge in charges:
            for bucket, units, _ in self._needs(charge, now_s):
                bucket.level += units

    def change_limits(self, table: Table, now_s: float) -> None:
        """Take note of a new description of a table; until now its buckets filled as the old one said."""
        for (table_id, index_name, direction, limit_type, partition), bucket in self._buckets.items():
            index = table.index(index_name) if index_name else None
            if table_id == table.id and not partition and (index is not None) == bool(index_name):
                limit = limit_of(table, index, direction, now_s)
                if limit.type == limit_type:
                    bucket.fill(limit, now_s)

    def forget(self, table_ids: Collection[str]) -> None:
        """Forget the buckets of tables that are gone; their ids do not come back."""
        self._buckets = {place: bucket for place, bucket in self._buckets.items() if place[0] not in table_ids}

    def _needs(self, charge: Charge, now_s: float) -> list[tuple[_Bucket, float, Exceeded]]:
        limit = limit_of(charge.table, charge.index, charge.direction, now_s)
        needs = [(self._bucket(charge, limit, b"", now_s), charge.units, _exceeded(charge, limit))]
        partition_limit = PARTITION_LIMITS[charge.direction]
        for partition, units in charge.partitions.items():
            bucket = self._bucket(charge, partition_limit, partition, now_s)
            needs.append((bucket, units, _exceeded(charge, partition_limit)))
        return needs

    def _bucket(self, charge: Charge, limit: Limit, partition: bytes, now_s: float) -> _Bucket:
        index_name = "" if charge.index is None else charge.index.name
        place: _Place = (charge.table.id, index_name, charge.direction, limit.type, partition)
        bucket = self._buckets.get(place)
        if bucket is None:
            bucket = self._buckets[place] = _Bucket(limit, max(self._began_at_s, charge.table.created_at_s))
        bucket.fill(limit, now_s)
        return bucket

    def _forget_full_partitions(self, now_s: float) -> None:
        # A full bucket of a partition is as good as a new one.
        for place, bucket in list(self._buckets.items()):
            if place[-1] and bucket.level_at(now_s) >= bucket.limit.units_per_s:
                del self._buckets[place]


class _Bucket:
    __slots__ = ("filled_at_s", "level", "limit")

    def __init__(self, limit: Limit, now_s: float) -> None:
        self.limit, self.level, self.filled_at_s = limit, limit.units_per_s, now_s

    def level_at(self, now_s: float) -> float:
        passed_s = max(0.0, now_s - self.filled_at_s)
        return min(self.limit.units_per_s * self.limit.kept_s, self.level + passed_s * self.limit.units_per_s)

    def fill(self, limit: Limit, now_s: float) -> None:
        """Let in what came since the last time; the limit may be another from now on."""
        self.level = self.level_at(now_s)
        self.limit, self.filled_at_s = limit, max(now_s, self.filled_at_s)

    def admits(self, units: float) -> bool:
        return self.level + _TINY >= min(units, 1.0)


def _exceeded(charge: Charge, limit: Limit) -> Exceeded:
    return Exceeded(charge.table, charge.index, charge.direction, limit.type)
