"""What requests about capacity that follows the load are refused with."""

from __future__ import annotations

from typing import Final

from ddbmodel.engine.messages.message import Message

__all__ = [
    "BOUNDS_INVALID",
    "NO_TARGET",
    "POLICY_NOT_AVAILABLE",
    "RESOURCE_INVALID",
    "RESOURCE_NOT_FOUND",
    "SHAPE_INVALID",
    "TARGET_OUT_OF_RANGE",
    "UNKNOWN_OPERATION",
]

_OURS: Final = "our own words: the texts of Application Auto Scaling were not seen"

UNKNOWN_OPERATION: Final = Message(
    "The engine has no operation of Application Auto Scaling that is called {operation}",
    _OURS,
    code="UnknownOperationException",
)
SHAPE_INVALID: Final = Message("{where} is not of its type", _OURS, code="SerializationException")
RESOURCE_INVALID: Final = Message(
    "The engine scales dynamodb resources only, table/NAME or table/NAME/index/INDEX, by a dimension of their own",
    _OURS,
)
RESOURCE_NOT_FOUND: Final = Message("DynamoDB table or index does not exist, or is not provisioned: {resource}", _OURS)
BOUNDS_INVALID: Final = Message(
    "MinCapacity and MaxCapacity are whole numbers of units, 1 or more, and the first is not above the second", _OURS
)
NO_TARGET: Final = Message(
    "No scalable target registered for service namespace: dynamodb, resource ID: {resource}, scalable dimension: "
    "{dimension}",
    "API reference of Application Auto Scaling, ObjectNotFoundException",
    code="ObjectNotFoundException",
)
POLICY_NOT_AVAILABLE: Final = Message(
    "The engine follows policies of the type TargetTrackingScaling only, by {metric}", _OURS
)
TARGET_OUT_OF_RANGE: Final = Message(
    "TargetValue is between 20 and 90 percent",
    "AWS Developer Guide, 'Managing throughput capacity automatically with DynamoDB auto scaling'",
)
