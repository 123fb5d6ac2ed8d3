"""The operations of Application Auto Scaling that the engine has, in the shapes of its API.

Source: Application Auto Scaling API reference, version 2016-02-06.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from ddbmodel.engine.arn import ACCOUNT_ID
from ddbmodel.engine.catalog import Catalog, Table
from ddbmodel.engine.context import RequestContext
from ddbmodel.engine.messages import scaling as messages
from ddbmodel.engine.messages.message import Refusal, Wording, refused
from ddbmodel.engine.outcome import Outcome, SaveTable
from ddbmodel.engine.scaling.shapes import check_shape
from ddbmodel.engine.scaling.targets import Direction, Place, Policy, Target, targets_of, with_targets

__all__ = ["scaling_outcome"]

_RESOURCE: Final = re.compile(r"table/([a-zA-Z0-9_.-]{3,255})(?:/index/([a-zA-Z0-9_.-]{3,255}))?\Z")
_DIMENSION: Final = re.compile(r"dynamodb:(table|index):(Read|Write)CapacityUnits\Z")
_ROLE: Final = (
    f"arn:aws:iam::{ACCOUNT_ID}:role/aws-service-role/dynamodb.application-autoscaling.amazonaws.com/"
    "AWSServiceRoleForApplicationAutoScaling_DynamoDBTable"
)
_LOWEST_PERCENT: Final = 20
_HIGHEST_PERCENT: Final = 90


def scaling_outcome(operation: str, request: Mapping[str, Any], catalog: Catalog, context: RequestContext) -> Outcome:
    """Return what a request comes to.

    Raises:
        ServiceError: it is refused.
    """
    handler = _HANDLERS.get(operation)
    try:
        if handler is None:
            raise refused(messages.UNKNOWN_OPERATION, operation=operation)
        check_shape(request)
        if request.get("ServiceNamespace") != "dynamodb":
            raise refused(messages.RESOURCE_INVALID)
        return handler(request, catalog, context)
    except Refusal as refusal:
        raise refusal.error(Wording.CURRENT) from None


def _register(request: Mapping[str, Any], catalog: Catalog, context: RequestContext) -> Outcome:
    table, place = _scaled(request, catalog, context)
    targets = targets_of(table)
    current = targets.get(place)
    lowest = request.get("MinCapacity", None if current is None else current.lowest)
    highest = request.get("MaxCapacity", None if current is None else current.highest)
    if table.settings["BillingMode"] != "PROVISIONED":
        raise refused(messages.RESOURCE_NOT_FOUND, resource=request["ResourceId"])
    if not _is_units(lowest) or not _is_units(highest) or lowest > highest:
        raise refused(messages.BOUNDS_INVALID)
    changed = replace(current or Target(place, lowest, highest, context.now_s), lowest=lowest, highest=highest)
    arn = f"arn:aws:application-autoscaling:{context.region}:{ACCOUNT_ID}:scalable-target/{_resource(table, place)}"
    return _saved(table, {**targets, place: changed}, {"ScalableTargetARN": arn})


def _deregister(request: Mapping[str, Any], catalog: Catalog, context: RequestContext) -> Outcome:
    table, place = _scaled(request, catalog, context)
    targets = targets_of(table)
    if place not in targets:
        raise _no_target(request)
    return _saved(table, {each: target for each, target in targets.items() if each != place}, {})


def _put_policy(request: Mapping[str, Any], catalog: Catalog, context: RequestContext) -> Outcome:
    table, place = _scaled(request, catalog, context)
    targets = targets_of(table)
    if place not in targets:
        raise _no_target(request)
    metric = f"DynamoDB{place.direction}CapacityUtilization"
    tracking = request.get("TargetTrackingScalingPolicyConfiguration") or {}
    asked = (tracking.get("PredefinedMetricSpecification") or {}).get("PredefinedMetricType")
    name = request.get("PolicyName")
    if request.get("PolicyType") != "TargetTrackingScaling" or asked != metric or not isinstance(name, str):
        raise refused(messages.POLICY_NOT_AVAILABLE, metric=metric)
    percent = tracking.get("TargetValue")
    if not isinstance(percent, (int, float)) or not _LOWEST_PERCENT <= percent <= _HIGHEST_PERCENT:
        raise refused(messages.TARGET_OUT_OF_RANGE)
    policy = Policy(
        name=name,
        target_percent=float(percent),
        created_at_s=context.now_s,
        out_cooldown_s=float(tracking.get("ScaleOutCooldown", 0)),
        in_cooldown_s=float(tracking.get("ScaleInCooldown", 0)),
        scales_in=not tracking.get("DisableScaleIn", False),
    )
    targets[place] = replace(targets[place], policy=policy)
    return _saved(table, targets, {"PolicyARN": _policy_arn(table, targets[place], policy, context), "Alarms": []})


def _describe_targets(request: Mapping[str, Any], catalog: Catalog, context: RequestContext) -> Outcome:
    asked, dimension = request.get("ResourceIds"), request.get("ScalableDimension")
    found = [
        {
            **_described(table, target),
            "MinCapacity": target.lowest,
            "MaxCapacity": target.highest,
            "RoleARN": _ROLE,
            "CreationTime": target.created_at_s,
        }
        for table, target in _all_targets(catalog, context)
        if (not asked or _resource(table, target.place) in asked) and dimension in (None, _dimension(target.place))
    ]
    return Outcome({"ScalableTargets": found})


def _describe_policies(request: Mapping[str, Any], catalog: Catalog, context: RequestContext) -> Outcome:
    resource, dimension = request.get("ResourceId"), request.get("ScalableDimension")
    names = request.get("PolicyNames")
    found = [
        {
            **_described(table, target),
            "PolicyARN": _policy_arn(table, target, policy, context),
            "PolicyName": policy.name,
            "PolicyType": "TargetTrackingScaling",
            "TargetTrackingScalingPolicyConfiguration": _tracking(target.place, policy),
            "Alarms": [],
            "CreationTime": policy.created_at_s,
        }
        for table, target in _all_targets(catalog, context)
        if (policy := target.policy) is not None
        and resource in (None, _resource(table, target.place))
        and dimension in (None, _dimension(target.place))
        and (not names or policy.name in names)
    ]
    return Outcome({"ScalingPolicies": found})


_HANDLERS: Final[Mapping[str, Callable[[Mapping[str, Any], Catalog, RequestContext], Outcome]]] = {
    "DeregisterScalableTarget": _deregister,
    "DescribeScalableTargets": _describe_targets,
    "DescribeScalingPolicies": _describe_policies,
    "PutScalingPolicy": _put_policy,
    "RegisterScalableTarget": _register,
}


def _scaled(request: Mapping[str, Any], catalog: Catalog, context: RequestContext) -> tuple[Table, Place]:
    resource = _RESOURCE.match(str(request.get("ResourceId")))
    dimension = _DIMENSION.match(str(request.get("ScalableDimension")))
    if resource is None or dimension is None or (resource[2] is None) != (dimension[1] == "table"):
        raise refused(messages.RESOURCE_INVALID)
    table, index = catalog.table(resource[1]), resource[2] or ""
    is_there = table is not None and not table.is_gone(context.now_s) and (not index or _is_global(table, index))
    if table is None or not is_there:
        raise refused(messages.RESOURCE_NOT_FOUND, resource=request["ResourceId"])
    direction: Direction = "Read" if dimension[2] == "Read" else "Write"
    return table, Place(index, direction)


def _is_global(table: Table, name: str) -> bool:
    index = table.index(name)
    return index is not None and index.kind == "global"


def _all_targets(catalog: Catalog, context: RequestContext) -> list[tuple[Table, Target]]:
    tables = [table for table in map(catalog.table, catalog.table_names()) if table is not None]
    return [
        (table, target) for table in tables if not table.is_gone(context.now_s) for target in targets_of(table).values()
    ]


def _saved(table: Table, targets: Mapping[Place, Target], response: dict[str, Any]) -> Outcome:
    return Outcome(response, catalog=(SaveTable(with_targets(table, targets)),))


def _described(table: Table, target: Target) -> dict[str, Any]:
    return {
        "ServiceNamespace": "dynamodb",
        "ResourceId": _resource(table, target.place),
        "ScalableDimension": _dimension(target.place),
    }


def _tracking(place: Place, policy: Policy) -> dict[str, Any]:
    tracking: dict[str, Any] = {
        "TargetValue": policy.target_percent,
        "PredefinedMetricSpecification": {"PredefinedMetricType": f"DynamoDB{place.direction}CapacityUtilization"},
    }
    if policy.out_cooldown_s:
        tracking["ScaleOutCooldown"] = int(policy.out_cooldown_s)
    if policy.in_cooldown_s:
        tracking["ScaleInCooldown"] = int(policy.in_cooldown_s)
    return tracking if policy.scales_in else tracking | {"DisableScaleIn": True}


def _resource(table: Table, place: Place) -> str:
    return f"table/{table.name}/index/{place.of_index}" if place.of_index else f"table/{table.name}"


def _dimension(place: Place) -> str:
    return f"dynamodb:{'index' if place.of_index else 'table'}:{place.direction}CapacityUnits"


def _policy_arn(table: Table, target: Target, policy: Policy, context: RequestContext) -> str:
    resource = f"dynamodb/{_resource(table, target.place)}:policyName/{policy.name}"
    return f"arn:aws:autoscaling:{context.region}:{ACCOUNT_ID}:scalingPolicy:resource/{resource}"


def _no_target(request: Mapping[str, Any]) -> Refusal:
    return refused(messages.NO_TARGET, resource=request["ResourceId"], dimension=request["ScalableDimension"])


def _is_units(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1
