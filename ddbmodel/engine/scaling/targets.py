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
    """Return the targets of a table; those of indexes that are gone are none, even where another has the name now."""
    kept: Iterable[Mapping[str, Any]] = table.settings.get(_SETTING, ())
    targets = {}
    for body in kept:
        place = Place(*body["place"])
        if body["space"] == _space_of(table, place):
            policy = None if body["policy"] is None else Policy(**body["policy"])
            facts: dict[str, Any] = {name: value for name, value in body.items() if name != "space"}
            targets[place] = Target(**facts | {"place": place, "policy": policy})
    return targets


def with_targets(table: Table, targets: Mapping[Place, Target]) -> Table:
    """Return a table with other targets."""
    bodies = [
        asdict(target) | {"place": list(target.place), "space": _space_of(table, target.place)}
        for target in targets.values()
    ]
    return replace(table, settings=table.settings | {_SETTING: bodies})


def _space_of(table: Table, place: Place) -> int | None:
    """Return the key space of what a place is of, which no other index ever has; None when it is not there."""
    if not place.of_index:
        return table.space
    index = table.index(place.of_index)
    return None if index is None else index.space
