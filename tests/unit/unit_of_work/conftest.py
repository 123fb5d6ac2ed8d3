"""Three tables on an engine in memory, behind an executor that records and fails on demand."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from faulty_executor import FaultyExecutor

from ddbmodel.transport.embedded import EmbeddedExecutor
from ddbmodel.unit_of_work import Pauses, UnitOfWork

TABLES = {"accounts": ["id"], "notes": ["owner", "number"], "counters": ["id"]}


@pytest.fixture
async def executor() -> AsyncIterator[FaultyExecutor]:
    faulty = FaultyExecutor(EmbeddedExecutor.open("memory:"))
    for table, keys in TABLES.items():
        await faulty.execute(
            "CreateTable",
            {
                "TableName": table,
                "BillingMode": "PAY_PER_REQUEST",
                "AttributeDefinitions": [
                    {"AttributeName": name, "AttributeType": "N" if name == "number" else "S"} for name in keys
                ],
                "KeySchema": [
                    {"AttributeName": name, "KeyType": kind}
                    for name, kind in zip(keys, ("HASH", "RANGE"), strict=False)
                ],
            },
        )
    faulty.requests.clear()
    yield faulty
    await faulty.close()


@pytest.fixture
def pauses() -> list[float]:
    """The pauses that units took, in seconds; nobody sleeps."""
    return []


@pytest.fixture
def clock_s() -> list[float]:
    """The time on the clock of units, in seconds; a test moves it by changing the only entry."""
    return [0.0]


@pytest.fixture
def new_unit(executor: FaultyExecutor, pauses: list[float], clock_s: list[float]) -> Callable[..., UnitOfWork]:
    """Make a unit; keywords are those of `UnitOfWork`."""
    dice = random.Random(7)

    async def sleep(pause_s: float) -> None:
        pauses.append(pause_s)

    pausing = Pauses(sleep, lambda: 1.0, lambda: clock_s[0])
    return lambda **options: UnitOfWork(executor, pauses=pausing, dice=dice, **options)


@pytest.fixture
def stored(executor: FaultyExecutor) -> Callable[..., Any]:
    """Ask the table itself: `await stored("accounts", id={"S": "a"})` is the item, or None."""

    async def item(table: str, **key: Any) -> Any:
        answer = await executor.inner.execute("GetItem", {"TableName": table, "Key": key, "ConsistentRead": True})
        return answer.get("Item")

    return item


@pytest.fixture
def put(executor: FaultyExecutor) -> Callable[..., Any]:
    """Write past every unit: `await put("accounts", id={"S": "a"}, ...)`."""

    async def write(table: str, **item: Any) -> None:
        await executor.inner.execute("PutItem", {"TableName": table, "Item": item})

    return write
