"""`Cost`: the capacity units that the requests of a scope consumed, summed in every way that one asks for."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ddbmodel.errors import InvalidRequest
from ddbmodel.transport.capacity_units import TableUnits, Units

__all__ = ["Cost"]

_MILLION = 1_000_000


class Cost:
    """What was consumed so far; ``async with db.cost() as cost`` gives one that grows while the block runs.

    Only what the service reports is in it: a refused write is billed and not reported.

    Attributes:
        requests: how many requests were answered that cost units.
    """

    def __init__(self) -> None:
        self.requests = 0
        self._total = Units()
        self._by_table: dict[str, Units] = {}
        self._by_index: dict[tuple[str, str], Units] = {}
        self._by_operation: dict[str, Units] = {}

    @property
    def read_units(self) -> float:
        """All read units: 1 for 4 KB read strongly consistent, half of it for an eventually consistent read."""
        return self._total.read_units

    @property
    def write_units(self) -> float:
        """All write units: 1 for each KB written."""
        return self._total.write_units

    @property
    def by_table(self) -> Mapping[str, Units]:
        """The units of each table, those of its indexes included."""
        return MappingProxyType(self._by_table)

    @property
    def by_index(self) -> Mapping[tuple[str, str], Units]:
        """The units of each index, by table and index; they are a part of their table's."""
        return MappingProxyType(self._by_index)

    @property
    def by_operation(self) -> Mapping[str, Units]:
        """The units of each operation, by its name at the service, as in ``PutItem``."""
        return MappingProxyType(self._by_operation)

    def dollars(self, *, per_million_reads: float, per_million_writes: float) -> float:
        """Return what it costs on demand, at your region's prices.

        Args:
            per_million_reads: the price of a million read units.
            per_million_writes: the price of a million write units.
        """
        for name, price in (("per_million_reads", per_million_reads), ("per_million_writes", per_million_writes)):
            if not isinstance(price, (int, float)) or isinstance(price, bool) or not price >= 0:
                raise InvalidRequest(f"{name} takes a price, 0 or more")
        return (self.read_units * per_million_reads + self.write_units * per_million_writes) / _MILLION

    def add(self, operation: str, consumed: list[TableUnits]) -> None:
        """Add one answered request."""
        self.requests += 1
        for each in consumed:
            self._total += each.units
            self._by_operation[operation] = self._by_operation.get(operation, Units()) + each.units
            self._by_table[each.table] = self._by_table.get(each.table, Units()) + each.units
            for index, units in each.indexes.items():
                place = (each.table, index)
                self._by_index[place] = self._by_index.get(place, Units()) + units

    def __str__(self) -> str:
        lines = [f"{self.requests} {'request' if self.requests == 1 else 'requests'}: {self._total}"]
        for table, units in sorted(self._by_table.items()):
            lines.append(f"  {table}: {units}")
            lines.extend(
                f"    of it {index}: {part}" for (of, index), part in sorted(self._by_index.items()) if of == table
            )
        return "\n".join(lines)

    def __repr__(self) -> str:
        return f"Cost(requests={self.requests}, read_units={self.read_units:g}, write_units={self.write_units:g})"
