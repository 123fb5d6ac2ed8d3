"""What is to follow the load, as a table keeps it: part of `Table.settings`, as wire JSON.

So targets last as long as their table, in a file too. On the service they outlive it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Final, Literal, NamedTuple, TypeAlias

from ddbmodel.engine.catalog import Table

__all__ = ["Direction", "Place", "Policy", "Target", "targets_of", "with_targets"]

Direction: TypeAlias = Literal["Read", "Write"]

_SETTING: Final = "Scaling"


class Place(NamedTuple):
    """One kind of capacity of a table, or of an index; `of_index` is empty for the table."""

    of_index: str
    direction: Direction


@dataclass(frozen=True, slots=True)
class Policy:
    """How a capacity follows the load.

    Attributes:
        target_percent: the share of it that is to be in use.
        out_cooldown_s: how long after an increase nothing is increased.
        in_cooldown_s: how long after a change nothing is decreased.
    """

    name: str
    target_percent: float
    created_at_s: float
    out_cooldown_s: float = 0.0
    in_cooldown_s: float = 0.0
    scales_in: bool = True


@dataclass(frozen=True, slots=True)
class Target:
    """A capacity that may be moved between two bounds, in units a second."""

    place: Place
    lowest: int
    highest: int
    created_at_s: float
    policy: Policy | None = None


def targets_of(table: Table) -> dict[Place, Target]:
    """Return the targets of a table; those of indexes that are gone are none."""
    kept: Iterable[Mapping[str, Any]] = table.settings.get(_SETTING, ())
    targets = {}
    for body in kept:
        place = Place(*body["place"])
        if not place.of_index or table.index(place.of_index) is not None:
            policy = None if body["policy"] is None else Policy(**body["policy"])
            facts: dict[str, Any] = {**body, "place": place, "policy": policy}
            targets[place] = Target(**facts)
    return targets


def with_targets(table: Table, targets: Mapping[Place, Target]) -> Table:
    """Return a table with other targets."""
    bodies = [asdict(target) | {"place": list(target.place)} for target in targets.values()]
    return replace(table, settings=table.settings | {_SETTING: bodies})
