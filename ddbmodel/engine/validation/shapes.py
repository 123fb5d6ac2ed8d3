"""The JSON shapes of requests about tables and streams: what a handler may rely on before it reads a member.

Requests about items have `members.py` and `attribute_values.py`. As there, a member that is JSON null is absent and
members that an operation does not have are ignored; both are left out of what a handler sees.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, TypeAlias

from ddbmodel.engine.validation.attribute_values import check_text
from ddbmodel.engine.validation.faults import unreadable

__all__ = ["readable_request"]

Shape: TypeAlias = "type | list[Any] | Mapping[str, Any]"
"""A scalar's class, a list of one shape, or the shapes of an object's members."""

_INTEGER_BITS: Final = 63

_KEYS: Final[Shape] = [{"AttributeName": str, "KeyType": str}]
_UNITS: Final[Shape] = {"ReadCapacityUnits": int, "WriteCapacityUnits": int}
_INDEX: Final[Shape] = {
    "IndexName": str,
    "KeySchema": _KEYS,
    "Projection": {"ProjectionType": str, "NonKeyAttributes": [str]},
    "ProvisionedThroughput": _UNITS,
}
_TABLE: Final[Mapping[str, Shape]] = {"TableName": str}
_SETTINGS: Final[Mapping[str, Shape]] = {
    "AttributeDefinitions": [{"AttributeName": str, "AttributeType": str}],
    "BillingMode": str,
    "DeletionProtectionEnabled": bool,
    "ProvisionedThroughput": _UNITS,
    "SSESpecification": {"Enabled": bool, "SSEType": str, "KMSMasterKeyId": str},
    "StreamSpecification": {"StreamEnabled": bool, "StreamViewType": str},
    "TableClass": str,
}
_SHAPES: Final[Mapping[str, Mapping[str, Shape]]] = {
    "CreateTable": {
        **_TABLE,
        **_SETTINGS,
        "KeySchema": _KEYS,
        "GlobalSecondaryIndexes": [_INDEX],
        "LocalSecondaryIndexes": [_INDEX],
        "Tags": [{"Key": str, "Value": str}],
    },
    "UpdateTable": {
        **_TABLE,
        **_SETTINGS,
        "GlobalSecondaryIndexUpdates": [
            {
                "Create": _INDEX,
                "Update": {"IndexName": str, "ProvisionedThroughput": _UNITS},
                "Delete": {"IndexName": str},
            }
        ],
    },
    "DeleteTable": _TABLE,
    "DescribeTable": _TABLE,
    "ListTables": {"ExclusiveStartTableName": str, "Limit": int},
    "DescribeTimeToLive": _TABLE,
    "UpdateTimeToLive": {**_TABLE, "TimeToLiveSpecification": {"AttributeName": str, "Enabled": bool}},
    "ListStreams": {**_TABLE, "Limit": int, "ExclusiveStartStreamArn": str},
    "DescribeStream": {
        "StreamArn": str,
        "Limit": int,
        "ExclusiveStartShardId": str,
        "ShardFilter": {"Type": str, "ShardId": str},
    },
    "GetShardIterator": {
        "StreamArn": str,
        "ShardId": str,
        "ShardIteratorType": str,
        "SequenceNumber": str,
        "Timestamp": float,
    },
    "GetRecords": {"ShardIterator": str, "Limit": int},
}


def readable_request(operation: str, request: Any) -> dict[str, Any]:
    """Return a request without nulls and without members that the operation does not have.

    Raises:
        ServiceError: ``SerializationException`` when a member has another JSON type.
    """
    read: dict[str, Any] = _read(_SHAPES[operation], request)
    return read


def _read(shape: Shape, value: Any) -> Any:
    # The recursion goes no deeper than the shapes do.
    if isinstance(shape, Mapping):
        if value.__class__ is not dict:
            raise unreadable("Unexpected token received from parser")
        return {name: _read(inner, value[name]) for name, inner in shape.items() if value.get(name) is not None}
    if isinstance(shape, list):
        if value.__class__ is not list:
            raise unreadable(
                "Start of structure or map found where not expected"
                if isinstance(value, dict)
                else "Unexpected token received from parser"
            )
        return [_read(shape[0], member) for member in value]
    if isinstance(value, (dict, list)):
        raise unreadable("Start of structure or map found where not expected")
    if value.__class__ is not shape and not (shape is float and value.__class__ is int):
        token = {bool: f"{str(value).upper()}_VALUE", str: "STRING_VALUE"}.get(value.__class__, "NUMBER_VALUE")
        name = {str: "String", bool: "Boolean", int: "Integer", float: "Double"}[shape]
        raise unreadable(f"{token} cannot be converted to {name}")
    if isinstance(value, str):
        check_text(value)
    elif isinstance(value, int) and not -(1 << _INTEGER_BITS) <= value < 1 << _INTEGER_BITS:
        raise unreadable("NUMBER_VALUE cannot be converted to Integer: it is out of range")
    return value
