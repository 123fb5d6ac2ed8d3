"""An engine on a clock of the test's, with a table of every billing mode, and short ways to ask it."""

from __future__ import annotations

from typing import Any

import pytest

from ddbmodel.engine import Behaviours, Engine, ManualClock
from ddbmodel.engine.options import EngineOptions
from ddbmodel.errors import ServiceError

READ_UNITS, WRITE_UNITS, INDEX_WRITE_UNITS = 4, 2, 1


class Misbehaving:
    """An engine with the tables ``provisioned`` and ``demand``, each with a global and a local index."""

    def __init__(self, engine: Engine, clock: ManualClock) -> None:
        self.engine, self.clock = engine, clock

    def behave(self, **switches: Any) -> None:
        self.engine.behave(Behaviours(**switches))

    async def ask(self, operation: str, **request: Any) -> dict[str, Any]:
        return await self.engine.execute(operation, request)

    async def refusal(self, operation: str, **request: Any) -> ServiceError:
        with pytest.raises(ServiceError) as refused:
            await self.engine.execute(operation, request)
        return refused.value

    async def put(self, key: str, table: str = "demand", **attributes: str) -> dict[str, Any]:
        return await self.ask("PutItem", TableName=table, Item=item(key, **attributes))

    async def get(self, key: str, table: str = "demand", **parameters: Any) -> dict[str, Any] | None:
        answer = await self.ask("GetItem", TableName=table, Key=key_of(key), **parameters)
        return answer.get("Item")

    async def count(self, **query: Any) -> int:
        answer = await self.ask("Query", TableName="demand", **query)
        counted: int = answer["Count"]
        return counted

    async def until_refused(self, operation: str, most: int = 10_000, **request: Any) -> int:
        """Return how often a request succeeds before it is refused."""
        for times in range(most):
            try:
                await self.engine.execute(operation, request)
            except ServiceError:
                return times
        return most


def key_of(key: str) -> dict[str, Any]:
    return {"p": {"S": key}, "s": {"S": "-"}}


def item(key: str, **attributes: str) -> dict[str, Any]:
    return {**key_of(key), **{name: {"S": value} for name, value in attributes.items()}}


def table(name: str, **billing: Any) -> dict[str, Any]:
    projection = {"ProjectionType": "ALL"}
    by_group: dict[str, Any] = {
        "IndexName": "by_group",
        "KeySchema": [{"AttributeName": "group", "KeyType": "HASH"}],
        "Projection": projection,
    }
    if billing["BillingMode"] == "PROVISIONED":
        by_group["ProvisionedThroughput"] = {
            "ReadCapacityUnits": READ_UNITS,
            "WriteCapacityUnits": INDEX_WRITE_UNITS,
        }
    return {
        "TableName": name,
        "KeySchema": [{"AttributeName": "p", "KeyType": "HASH"}, {"AttributeName": "s", "KeyType": "RANGE"}],
        "AttributeDefinitions": [{"AttributeName": a, "AttributeType": "S"} for a in ("p", "s", "group", "rank")],
        "GlobalSecondaryIndexes": [by_group],
        "LocalSecondaryIndexes": [
            {
                "IndexName": "by_rank",
                "KeySchema": [{"AttributeName": "p", "KeyType": "HASH"}, {"AttributeName": "rank", "KeyType": "RANGE"}],
                "Projection": {"ProjectionType": "KEYS_ONLY"},
            }
        ],
        **billing,
    }


async def misbehaving(engine: Engine, clock: ManualClock) -> Misbehaving:
    units = {"ReadCapacityUnits": READ_UNITS, "WriteCapacityUnits": WRITE_UNITS}
    await engine.execute("CreateTable", table("provisioned", BillingMode="PROVISIONED", ProvisionedThroughput=units))
    await engine.execute("CreateTable", table("demand", BillingMode="PAY_PER_REQUEST"))
    return Misbehaving(engine, clock)


@pytest.fixture
async def db() -> Any:
    clock = ManualClock()
    engine = Engine.open("memory:", clock=clock, region="eu-west-1")
    yield await misbehaving(engine, clock)
    await engine.close()


@pytest.fixture
async def tables_take_time() -> Any:
    clock = ManualClock()
    engine = Engine.open("memory:", clock=clock, options=EngineOptions(table_delay_s=10))
    made = await misbehaving(engine, clock)
    clock.advance(10)
    yield made
    await engine.close()
