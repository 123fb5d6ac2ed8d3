"""The rule by which a capacity follows the load; pure.

| for so many minutes in a row | what is consumed is | the capacity becomes |
|---|---|---|
| 2 | above the target | so much that the last minute is at the target |
| 15 | 20 or more percent of the capacity below the target | so much that the busiest of them is at the target |

It stays between its bounds. A minute in which nothing is consumed is no minute: the service counts nothing for it, so a
capacity that nobody uses any more stays where it is.

Source: AWS Developer Guide, "Managing throughput capacity automatically with DynamoDB auto scaling"; AWS Knowledge
Center, "How does auto scaling work in DynamoDB", for the 20 percent.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

from ddbmodel.engine.scaling.targets import Target

__all__ = ["MINUTES_REMEMBERED", "capacity_after"]

MINUTES_REMEMBERED: Final = 15
_MINUTES_ABOVE: Final = 2
_MINUTES_BELOW: Final = MINUTES_REMEMBERED
_BELOW_PERCENT: Final = 20.0
_MINUTE_S: Final = 60.0


def capacity_after(
    minute: int,
    target: Target,
    capacity: int,
    consumed: Mapping[int, float],
    *,
    increased_at_s: float = -math.inf,
    changed_at_s: float = -math.inf,
) -> int:
    """Return what a capacity is to be after a minute, in units a second.

    Args:
        minute: minutes since the epoch, as in `consumed`.
        consumed: the units of each minute in which there were any.
        increased_at_s: when it was increased last.
        changed_at_s: when it was increased or decreased last.
    """
    policy = target.policy
    if policy is None:
        return capacity
    end_s = (minute + 1) * _MINUTE_S
    share = policy.target_percent / 100
    above = _rates(consumed, minute, _MINUTES_ABOVE)
    if above and min(above) > share * capacity:
        return _bounded(above[-1] / share, target) if end_s >= increased_at_s + policy.out_cooldown_s else capacity
    below = _rates(consumed, minute, _MINUTES_BELOW)
    limit = (policy.target_percent - _BELOW_PERCENT) / 100 * capacity
    if below and max(below) <= limit and policy.scales_in and end_s >= changed_at_s + policy.in_cooldown_s:
        return min(capacity, _bounded(max(below) / share, target))
    return capacity


def _rates(consumed: Mapping[int, float], minute: int, count: int) -> list[float]:
    """Return the units a second of so many minutes; nothing when one of them is missing."""
    minutes = range(minute - count + 1, minute + 1)
    if not all(each in consumed for each in minutes):
        return []
    return [consumed[each] / _MINUTE_S for each in minutes]


def _bounded(units: float, target: Target) -> int:
    # A little tolerance, or 70 units at 70 percent would come to 101.
    return min(max(math.ceil(units - 1e-9), target.lowest), target.highest)
