"""Where every handler stands, kept in a DynamoDB table beside the data that it reads.

| ``app`` (partition) | ``place`` (sort) | other attributes |
|---|---|---|
| name of the application | ``HANDLER|TABLE`` | ``stream``: the ARN of the stream on which the handler has started |
| name of the application | ``HANDLER|STREAM ARN|SHARD`` | ``after``: the last sequence number up to which everything is completed; absent before the first. ``done``: the shard is closed and completed |
"""  # noqa: E501  # a table

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any, Final

from ddbmodel.errors import ResourceNotFound, ServiceError
from ddbmodel.streams.handlers import Handler
from ddbmodel.transport.executor import Executor

__all__ = ["DEFAULT_CURSOR_TABLE", "Cursor", "CursorStore"]

DEFAULT_CURSOR_TABLE: Final = "ddbmodel-streams"

_PAUSE_S: Final = 0.1


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a handler stands in a shard."""

    after: str | None = None
    is_done: bool = False


class CursorStore:
    """Reads and writes the cursors of one application."""

    def __init__(self, executor: Executor, app: str, table: str) -> None:
        self._executor, self._app, self._table = executor, app, table

    async def open(self) -> None:
        """Create the table if it is missing, and wait until it can be used."""
        while True:
            try:
                described = await self._executor.execute("DescribeTable", {"TableName": self._table})
            except ResourceNotFound:
                await self._create()
            else:
                if described["Table"]["TableStatus"] in ("ACTIVE", "UPDATING"):
                    return
                await asyncio.sleep(_PAUSE_S)

    async def started_on(self, handler: Handler) -> str | None:
        """Return the ARN of the stream on which a handler has started; None if it never has."""
        key = {"app": {"S": self._app}, "place": {"S": _start_place(handler)}}
        response = await self._executor.execute(
            "GetItem", {"TableName": self._table, "Key": key, "ConsistentRead": True}
        )
        item = response.get("Item")
        return item["stream"]["S"] if item else None

    async def mark_started(self, handler: Handler, stream_arn: str) -> None:
        """Remember that a handler has started on a stream."""
        await self._put(_start_place(handler), {"stream": {"S": stream_arn}})

    async def load(self, handler: Handler, stream_arn: str) -> dict[str, Cursor]:
        """Return shard to cursor; shards without one are read from their beginning."""
        prefix = _cursor_place(handler, stream_arn, "")
        request: dict[str, Any] = {
            "TableName": self._table,
            "KeyConditionExpression": "app = :app AND begins_with(place, :prefix)",
            "ExpressionAttributeValues": {":app": {"S": self._app}, ":prefix": {"S": prefix}},
            "ConsistentRead": True,
        }
        cursors: dict[str, Cursor] = {}
        while True:
            response = await self._executor.execute("Query", request)
            for item in response["Items"]:
                shard = item["place"]["S"].removeprefix(prefix)
                cursors[shard] = Cursor(item["after"]["S"] if "after" in item else None, "done" in item)
            if not response.get("LastEvaluatedKey"):
                return cursors
            request["ExclusiveStartKey"] = response["LastEvaluatedKey"]

    async def save(self, handler: Handler, stream_arn: str, shard: str, cursor: Cursor) -> None:
        """Remember where a handler stands."""
        facts: dict[str, Any] = {} if cursor.after is None else {"after": {"S": cursor.after}}
        if cursor.is_done:
            facts["done"] = {"BOOL": True}
        await self._put(_cursor_place(handler, stream_arn, shard), facts)

    async def _put(self, place: str, facts: dict[str, Any]) -> None:
        item = {"app": {"S": self._app}, "place": {"S": place}, **facts}
        await self._executor.execute("PutItem", {"TableName": self._table, "Item": item})

    async def _create(self) -> None:
        request = {
            "TableName": self._table,
            "KeySchema": [
                {"AttributeName": "app", "KeyType": "HASH"},
                {"AttributeName": "place", "KeyType": "RANGE"},
            ],
            "AttributeDefinitions": [
                {"AttributeName": "app", "AttributeType": "S"},
                {"AttributeName": "place", "AttributeType": "S"},
            ],
            "BillingMode": "PAY_PER_REQUEST",
        }
        try:
            await self._executor.execute("CreateTable", request)
        except ServiceError as error:
            # Another application is creating it at this moment.
            if error.code != "ResourceInUseException":
                raise


def _start_place(handler: Handler) -> str:
    return f"{handler.name}|{handler.table}"


def _cursor_place(handler: Handler, stream_arn: str, shard: str) -> str:
    return f"{handler.name}|{stream_arn}|{shard}"
