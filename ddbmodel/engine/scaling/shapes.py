"""The shapes of requests about scaling, so far as the engine reads them: who asks over HTTP may send anything.

Source: Application Auto Scaling API reference, version 2016-02-06.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, TypeAlias

from ddbmodel.engine.messages import scaling as messages
from ddbmodel.engine.messages.message import refused

__all__ = ["check_shape"]

_Shape: TypeAlias = "type | list[Any] | dict[str, Any]"

_REQUEST: Final[dict[str, _Shape]] = {
    "ServiceNamespace": str,
    "ResourceId": str,
    "ResourceIds": [str],
    "ScalableDimension": str,
    "MinCapacity": int,
    "MaxCapacity": int,
    "PolicyName": str,
    "PolicyNames": [str],
    "PolicyType": str,
    "TargetTrackingScalingPolicyConfiguration": {
        "TargetValue": float,
        "PredefinedMetricSpecification": {"PredefinedMetricType": str},
        "ScaleOutCooldown": int,
        "ScaleInCooldown": int,
        "DisableScaleIn": bool,
    },
}


def check_shape(request: Mapping[str, Any]) -> None:
    """Return if the members of a request are of their types; what the engine does not read may be anything.

    Raises:
        Refusal: one is not.
    """
    _check(request, _REQUEST, "")


def _check(value: Any, shape: _Shape, where: str) -> None:
    if isinstance(shape, dict):
        if not isinstance(value, Mapping):
            raise refused(messages.SHAPE_INVALID, where=where)
        for name, inner in shape.items():
            if value.get(name) is not None:
                _check(value[name], inner, f"{where}.{name}" if where else name)
    elif isinstance(shape, list):
        if not isinstance(value, list):
            raise refused(messages.SHAPE_INVALID, where=where)
        for each in value:
            _check(each, shape[0], where)
    elif not isinstance(value, (int, float) if shape is float else shape) or (
        isinstance(value, bool) and shape is not bool
    ):
        raise refused(messages.SHAPE_INVALID, where=where)
