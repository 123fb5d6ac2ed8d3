"""An event loop whose clock jumps over every pause, and an application on an engine in memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from ddbmodel.transport.embedded import EmbeddedExecutor


@pytest.fixture(autouse=True)
async def virtual_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Move the loop's clock to the next timer as soon as nothing else is left to do."""
    loop: Any = asyncio.get_running_loop()
    now_s = 1000.0
    select = loop._selector.select

    def jump(timeout: float | None = None) -> Any:
        nonlocal now_s
        ready = select(None if timeout is None else 0)
        if not ready and timeout is not None:
            now_s += max(timeout, 0)
        return ready

    monkeypatch.setattr(loop, "time", lambda: now_s)
    monkeypatch.setattr(loop._selector, "select", jump)


class Store:
    """What `StreamApp` needs of a database, with the few writes that the tests make."""

    def __init__(self, executor: Any) -> None:
        self.executor = executor

    async def create_table(self, name: str, view: str | None = "NEW_AND_OLD_IMAGES") -> None:
        stream = {"StreamEnabled": True, "StreamViewType": view} if view else {"StreamEnabled": False}
        request = {
            "TableName": name,
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
            "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
            "BillingMode": "PAY_PER_REQUEST",
            "StreamSpecification": stream,
        }
        await self.executor.execute("CreateTable", request)

    async def put(self, model: Any) -> None:
        table = type(model).__ddb_schema__.table
        await self.executor.execute("PutItem", {"TableName": table, "Item": model.to_item()})

    async def delete(self, model: Any) -> None:
        table = type(model).__ddb_schema__.table
        await self.executor.execute("DeleteItem", {"TableName": table, "Key": model.item_key().item})


@pytest.fixture
async def store() -> AsyncIterator[Store]:
    executor = EmbeddedExecutor.open("memory:")
    yield Store(executor)
    await executor.close()
