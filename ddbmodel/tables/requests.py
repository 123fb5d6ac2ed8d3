"""The service's requests about tables, made from definitions; pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ddbmodel.tables.definitions import IndexDefinition, KeyParts, TableDefinition
from ddbmodel.transport.executor import Request

__all__ = [
    "add_index_request",
    "create_request",
    "limits_request",
    "remove_index_request",
    "tags_request",
    "time_to_live_request",
    "units_request",
    "update_request",
]


def create_request(table: TableDefinition) -> Request:
    """Return the CreateTable request; time to live and scaling are no part of it."""
    request = update_request(
        table.name,
        AttributeDefinitions=_attribute_definitions(table.types),
        KeySchema=_key_schema(table.key),
        BillingMode="PAY_PER_REQUEST" if table.units is None else "PROVISIONED",
        **_capacity(table.units, table.limits),
    )
    for parameter, kind in (("GlobalSecondaryIndexes", "global"), ("LocalSecondaryIndexes", "local")):
        indexes = [_index(index) for index in table.indexes.values() if index.kind == kind]
        if kind == "global":
            indexes = [index | _capacity(table.units, table.limits) for index in indexes]
        if indexes:
            request[parameter] = indexes
    if table.stream is not None:
        request["StreamSpecification"] = {"StreamEnabled": True, "StreamViewType": table.stream}
    if table.table_class is not None:
        request["TableClass"] = table.table_class
    if table.deletion_protection is not None:
        request["DeletionProtectionEnabled"] = table.deletion_protection
    if table.tags:
        request["Tags"] = _tags(table.tags)
    return request


def update_request(table: str, **members: Any) -> Request:
    """Return a request about a table, UpdateTable's in most cases."""
    return {"TableName": table, **members}


def add_index_request(
    table: str,
    index: IndexDefinition,
    types: Mapping[str, str],
    units: tuple[int, int] | None,
    limits: tuple[int | None, int | None],
) -> Request:
    """Return the UpdateTable request that adds a global index.

    Args:
        types: those of all key attributes, of the table and of its other indexes too.
    """
    return update_request(
        table,
        AttributeDefinitions=_attribute_definitions(types),
        GlobalSecondaryIndexUpdates=[{"Create": _index(index) | _capacity(units, limits)}],
    )


def remove_index_request(table: str, index: str) -> Request:
    """Return the UpdateTable request that removes a global index."""
    return update_request(table, GlobalSecondaryIndexUpdates=[{"Delete": {"IndexName": index}}])


def units_request(units: tuple[int, int]) -> dict[str, Any]:
    """Return the member of a request that says the capacity of a table or an index."""
    return {"ProvisionedThroughput": {"ReadCapacityUnits": units[0], "WriteCapacityUnits": units[1]}}


def limits_request(limits: tuple[int | None, int | None]) -> dict[str, Any]:
    """Return the member of an UpdateTable request that sets the limits of what is on demand; None removes one."""
    read, write = (-1 if limit is None else limit for limit in limits)
    return {"OnDemandThroughput": {"MaxReadRequestUnits": read, "MaxWriteRequestUnits": write}}


def time_to_live_request(table: str, attribute: str, *, enabled: bool = True) -> Request:
    """Return the UpdateTimeToLive request."""
    return update_request(table, TimeToLiveSpecification={"Enabled": enabled, "AttributeName": attribute})


def tags_request(arn: str, tags: Mapping[str, str]) -> Request:
    """Return the TagResource request."""
    return {"ResourceArn": arn, "Tags": _tags(tags)}


def _capacity(units: tuple[int, int] | None, limits: tuple[int | None, int | None]) -> dict[str, Any]:
    if units is not None:
        return units_request(units)
    named = dict(zip(("MaxReadRequestUnits", "MaxWriteRequestUnits"), limits, strict=True))
    asked = {name: limit for name, limit in named.items() if limit is not None}
    return {"OnDemandThroughput": asked} if asked else {}


def _index(index: IndexDefinition) -> dict[str, Any]:
    projection: dict[str, Any] = {"ProjectionType": index.projection}
    if index.included:
        projection["NonKeyAttributes"] = sorted(index.included)
    return {"IndexName": index.name, "KeySchema": _key_schema(index.key), "Projection": projection}


def _key_schema(key: KeyParts) -> list[dict[str, str]]:
    return [{"AttributeName": attribute, "KeyType": kind} for attribute, kind in key]


def _attribute_definitions(types: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"AttributeName": name, "AttributeType": type_} for name, type_ in types.items()]


def _tags(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]
