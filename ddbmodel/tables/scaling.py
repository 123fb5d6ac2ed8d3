"""Capacity that follows the load: the targets of a table, as plain data and as requests; pure.

A *target* is one kind of capacity, read or write, of the table or of one global index. Application Auto Scaling keeps
its bounds (a scalable target) apart from the share that is to be in use (a target-tracking policy).

Source: Application Auto Scaling API reference, RegisterScalableTarget, PutScalingPolicy.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from ddbmodel.tables.definitions import TableDefinition
from ddbmodel.transport.executor import Request

__all__ = [
    "Direction",
    "Scaled",
    "ScalingTarget",
    "deregister_request",
    "existing_targets",
    "policy_request",
    "register_request",
    "resource_ids",
    "scaled_words",
    "wanted_targets",
]

Direction: TypeAlias = Literal["Read", "Write"]
Scaled: TypeAlias = tuple[str, Direction]
"""What a target is of: the name of a global index, empty for the table itself, and the kind of capacity."""

_DIRECTIONS: Final[tuple[Direction, ...]] = ("Read", "Write")


@dataclass(frozen=True, slots=True)
class ScalingTarget:
    """The bounds of one kind of capacity, and the share of it that is to be in use.

    Attributes:
        target_percent: None where capacity has bounds and nothing that moves it between them.
        policy: the name of what moves it.
    """

    lowest: int
    highest: int
    target_percent: float | None
    policy: str | None = None


def wanted_targets(table: TableDefinition) -> dict[Scaled, ScalingTarget]:
    """Return the targets that the models of a table want."""
    billing = table.scaled
    if billing is None:
        return {}
    names = ["", *(index.name for index in table.indexes.values() if index.kind == "global")]
    return {
        (name, direction): ScalingTarget(*bounds, billing.target_percent)
        for name in names
        for direction, bounds in zip(_DIRECTIONS, (billing.read, billing.write), strict=True)
    }


def existing_targets(
    table: str, targets: Iterable[Mapping[str, Any]], policies: Iterable[Mapping[str, Any]]
) -> dict[Scaled, ScalingTarget]:
    """Return the targets that a table has, from what Application Auto Scaling describes."""
    tracked: dict[tuple[str, str], tuple[float, str]] = {}
    for policy in policies:
        tracking = policy.get("TargetTrackingScalingPolicyConfiguration")
        if tracking is not None:
            tracked[policy["ResourceId"], policy["ScalableDimension"]] = tracking["TargetValue"], policy["PolicyName"]
    found: dict[Scaled, ScalingTarget] = {}
    for target in targets:
        place = target["ResourceId"], target["ScalableDimension"]
        percent, policy_name = tracked.get(place, (None, None))
        name = "" if place[0] == f"table/{table}" else place[0].rpartition("/")[2]
        direction: Direction = "Read" if "Read" in place[1] else "Write"
        found[name, direction] = ScalingTarget(target["MinCapacity"], target["MaxCapacity"], percent, policy_name)
    return found


def resource_ids(table: str, index_names: Iterable[str]) -> list[str]:
    """Return what Application Auto Scaling calls a table and its indexes."""
    return [_resource_id(table, name) for name in ("", *index_names)]


def register_request(table: str, scaled: Scaled, target: ScalingTarget) -> Request:
    """Return the request that sets the bounds."""
    return _place(table, scaled) | {"MinCapacity": target.lowest, "MaxCapacity": target.highest}


def policy_request(table: str, scaled: Scaled, target: ScalingTarget, policy: str | None) -> Request:
    """Return the request that lets capacity follow the load.

    Args:
        policy: the policy that is there already, under whatever name; there can be one only.
    """
    metric = f"DynamoDB{scaled[1]}CapacityUtilization"
    return _place(table, scaled) | {
        # Named as the console of AWS names them.
        "PolicyName": policy or f"{metric}:{_resource_id(table, scaled[0])}",
        "PolicyType": "TargetTrackingScaling",
        "TargetTrackingScalingPolicyConfiguration": {
            "TargetValue": float(target.target_percent or 0),
            "PredefinedMetricSpecification": {"PredefinedMetricType": metric},
        },
    }


def deregister_request(table: str, scaled: Scaled) -> Request:
    """Return the request that lets capacity stay as it is from now on; its policies go with it."""
    return _place(table, scaled)


def scaled_words(scaled: Scaled) -> str:
    """Return what a target is of, in words."""
    name, direction = scaled
    return f"the {direction.lower()} capacity of " + (f"the index {name!r}" if name else "the table")


def _place(table: str, scaled: Scaled) -> Request:
    name, direction = scaled
    return {
        "ServiceNamespace": "dynamodb",
        "ResourceId": _resource_id(table, name),
        "ScalableDimension": f"dynamodb:{'index' if name else 'table'}:{direction}CapacityUnits",
    }


def _resource_id(table: str, index: str) -> str:
    return f"table/{table}/index/{index}" if index else f"table/{table}"
