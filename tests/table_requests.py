"""Requests that make and change the table of the tests, with less to write than the API wants."""

from __future__ import annotations

from typing import Any

from ddbmodel.engine import Engine
from ddbmodel.errors import ServiceError

__all__ = ["create_request", "definitions", "described", "index", "key_schema", "refusal", "units"]


def key_schema(*names: str) -> list[dict[str, str]]:
    """Return a key schema; names in capitals are partition keys."""
    return [{"AttributeName": name.lower(), "KeyType": "HASH" if name.isupper() else "RANGE"} for name in names]


def definitions(**types: str) -> list[dict[str, str]]:
    """Return attribute definitions."""
    return [{"AttributeName": name, "AttributeType": type_} for name, type_ in types.items()]


def units(read: int, write: int) -> dict[str, int]:
    """Return provisioned throughput."""
    return {"ReadCapacityUnits": read, "WriteCapacityUnits": write}


def index(name: str, *keys: str, **members: Any) -> dict[str, Any]:
    """Return an index that projects everything, or what `members` say."""
    projection = {name: members.pop(name) for name in ("ProjectionType", "NonKeyAttributes") if name in members}
    return {
        "IndexName": name,
        "KeySchema": key_schema(*keys),
        "Projection": {"ProjectionType": "ALL"} | projection,
        **members,
    }


def create_request(**changes: Any) -> dict[str, Any]:
    """Return a request for the table ``films``, key ``pk`` and ``sk``; a change to None leaves a member out."""
    request = {
        "TableName": "films",
        "KeySchema": key_schema("PK", "sk"),
        "AttributeDefinitions": definitions(pk="S", sk="N"),
        "BillingMode": "PAY_PER_REQUEST",
    }
    return {name: value for name, value in (request | changes).items() if value is not None}


async def described(engine: Engine, name: str = "films") -> dict[str, Any]:
    """Return the description of a table."""
    table: dict[str, Any] = (await engine.execute("DescribeTable", {"TableName": name}))["Table"]
    return table


async def refusal(engine: Engine, operation: str, request: dict[str, Any]) -> str:
    """Return code and text of what a request is refused with, or ``answered``."""
    try:
        await engine.execute(operation, request)
    except ServiceError as error:
        return f"{error.code}: {error.message}"
    return "answered"
