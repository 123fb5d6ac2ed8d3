"""How much throughput a table, a global index or a partition of one has, and what the service says beyond it.

| limit | units a second | unused capacity kept for |
|---|---|---|
| provisioned | as configured | 300 s |
| on demand with a maximum | the maximum | none |
| on demand otherwise | 40,000, a quota of the account | none |
| one partition, by the hash of its key | 3,000 of reads, 1,000 of writes | none |

A local index shares the throughput and the partitions of its table.
Source: developer guide, "Burst and adaptive capacity", "Maximum throughput for on-demand tables", "Quotas".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, NamedTuple, TypeAlias

from ddbmodel.engine.arn import index_arn, table_arn
from ddbmodel.engine.catalog import Index, Table
from ddbmodel.engine.messages.message import Message, Wording
from ddbmodel.engine.messages.throttling import (
    INDEX_ON_DEMAND,
    INDEX_PROVISIONED,
    OVER_ACCOUNT_LIMIT,
    TABLE_ON_DEMAND,
    TABLE_PROVISIONED,
)
from ddbmodel.engine.tables.capacity import shown
from ddbmodel.errors import ServiceError, ThrottlingReason, service_error

__all__ = [
    "PARTITION_LIMITS",
    "Direction",
    "Exceeded",
    "Limit",
    "LimitType",
    "limit_of",
    "possible_limits",
    "throttled",
]

Direction: TypeAlias = Literal["Read", "Write"]
LimitType: TypeAlias = Literal[
    "ProvisionedThroughputExceeded",
    "KeyRangeThroughputExceeded",
    "MaxOnDemandThroughputExceeded",
    "AccountLimitExceeded",
]

_BURST_S: Final = 300.0
_ACCOUNT_UNITS: Final = 40_000.0


class Limit(NamedTuple):
    """A rate that is not to be exceeded."""

    type: LimitType
    units_per_s: float
    kept_s: float
    """For how long unused capacity can be used up later; 1 is not at all."""


PARTITION_LIMITS: Final[dict[Direction, Limit]] = {
    "Read": Limit("KeyRangeThroughputExceeded", 3_000.0, 1.0),
    "Write": Limit("KeyRangeThroughputExceeded", 1_000.0, 1.0),
}


@dataclass(frozen=True, slots=True)
class Exceeded:
    """A limit that a request met."""

    table: Table
    index: Index | None
    direction: Direction
    type: LimitType

    def reason(self, region: str) -> ThrottlingReason:
        """Return it as the service names it."""
        if self.index is None:
            return ThrottlingReason(f"Table{self.direction}{self.type}", table_arn(region, self.table.name))
        resource = index_arn(region, self.table.name, self.index.name)
        return ThrottlingReason(f"Index{self.direction}{self.type}", resource)

    @property
    def message(self) -> Message:
        """What the service says."""
        if self.type == "AccountLimitExceeded":
            return OVER_ACCOUNT_LIMIT
        if _is_on_demand(self.table):
            return TABLE_ON_DEMAND if self.index is None else INDEX_ON_DEMAND
        return TABLE_PROVISIONED if self.index is None else INDEX_PROVISIONED


def limit_of(table: Table, index: Index | None, direction: Direction, now_s: float) -> Limit:
    """Return the limit of a table, or of a global index; one that is being changed is what it was."""
    if _is_on_demand(table):
        most = _configured(table, index, "OnDemandThroughput", now_s).get(f"Max{direction}RequestUnits", 0)
        if most > 0:
            return Limit("MaxOnDemandThroughputExceeded", float(most), 1.0)
        return Limit("AccountLimitExceeded", _ACCOUNT_UNITS, 1.0)
    name = "ProvisionedThroughput" if index is None else "Throughput"
    units = _configured(table, index, name, now_s).get(f"{direction}CapacityUnits", 0)
    return Limit("ProvisionedThroughputExceeded", float(units), _BURST_S)


def possible_limits(table: Table) -> Sequence[LimitType]:
    """Return the limits that requests to a table can meet at all."""
    if _is_on_demand(table):
        return "KeyRangeThroughputExceeded", "MaxOnDemandThroughputExceeded", "AccountLimitExceeded"
    return "ProvisionedThroughputExceeded", "KeyRangeThroughputExceeded"


def throttled(exceeded: Sequence[Exceeded], region: str) -> ServiceError:
    """Return the refusal of a request that met limits, one or several."""
    message = exceeded[0].message
    reasons = [each.reason(region) for each in exceeded]
    return service_error(message.code, message.worded(Wording.CURRENT, {}), throttling_reasons=reasons)


def _configured(table: Table, index: Index | None, name: str, now_s: float) -> Mapping[str, Any]:
    if index is None:
        return shown(table.settings.get(name) or {}, now_s)
    return shown((table.settings.get("Index" + name) or {}).get(index.name) or {}, now_s)


def _is_on_demand(table: Table) -> bool:
    return table.settings.get("BillingMode") == "PAY_PER_REQUEST"
