"""Reading the engine's streams while shards roll and split: each item's changes in order, none lost or doubled."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from random import Random
from typing import Any, TypeAlias

import pytest

from ddbmodel import errors
from ddbmodel.engine import Engine, EngineOptions, ManualClock
from ddbmodel.engine.storage.store import Store
from ddbmodel.model import Attr, Model, attr, partition_key, sort_key
from ddbmodel.streams import Change, StreamApp
from ddbmodel.transport.embedded import EmbeddedExecutor
from ddbmodel.transport.executor import Executor, Response

HOUR_S = 3600.0


class Counter(Model, table="counters", stream=True):
    group: Attr[str] = partition_key()
    name: Attr[str] = sort_key()
    value: Attr[int] = attr(default=0)


Reopen: TypeAlias = Callable[[EngineOptions], AbstractAsyncContextManager["Counters"]]


class Polled:
    """An executor that wakes nobody, as one of a service."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor

    async def execute(self, operation: str, request: dict[str, Any]) -> Response:
        return await self._executor.execute(operation, request)

    async def close(self) -> None:
        await self._executor.close()


class Counters:
    """Random writes of some counters; `seen` is what a handler was given of each, `written` what it should be."""

    def __init__(self, executor: Executor, clock: ManualClock, random: Random) -> None:
        self.executor, self.clock, self.random = executor, clock, random

    async def create(self) -> None:
        if (await self.executor.execute("ListTables", {}))["TableNames"]:
            return
        await self.executor.execute(
            "CreateTable",
            {
                "TableName": "counters",
                "KeySchema": [
                    {"AttributeName": "group", "KeyType": "HASH"},
                    {"AttributeName": "name", "KeyType": "RANGE"},
                ],
                "AttributeDefinitions": [
                    {"AttributeName": "group", "AttributeType": "S"},
                    {"AttributeName": "name", "AttributeType": "S"},
                ],
                "BillingMode": "PAY_PER_REQUEST",
                "StreamSpecification": {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
            },
        )

    async def write(self, times: int, written: dict[tuple[str, str], list[int]]) -> None:
        for _ in range(times):
            group, name = self.random.choice("abcdefgh"), self.random.choice("xyz")
            values = written[group, name]
            values.append(len(values) + 1)
            item = Counter(group=group, name=name, value=values[-1]).to_item()
            await self.executor.execute("PutItem", {"TableName": "counters", "Item": item})
            await asyncio.sleep(0)

    async def shards(self) -> list[dict[str, Any]]:
        [stream] = (await self.executor.execute("ListStreams", {"TableName": "counters"}))["Streams"]
        request = {"StreamArn": stream["StreamArn"]}
        shards: list[dict[str, Any]] = (await self.executor.execute("DescribeStream", request))["StreamDescription"][
            "Shards"
        ]
        return shards

    def app(self, seen: dict[tuple[str, str], list[int]], *, is_pushed: bool = True, concurrency: int = 3) -> StreamApp:
        app = StreamApp(self if is_pushed else _Polling(self), name="app", start="trim_horizon")

        @app.on(Counter, concurrency=concurrency)
        async def count(event: Change[Counter]) -> None:
            await asyncio.sleep(self.random.random() / 100)
            counter = event.new or event.old
            assert counter is not None
            seen[counter.group, counter.name].append(counter.value)

        return app


class _Polling:
    def __init__(self, counters: Counters) -> None:
        self.executor: Executor = Polled(counters.executor)


@pytest.fixture
def reopen() -> Reopen:
    """Give engines one after another on the same data; a file's thread and a clock that jumps do not go together."""
    store, clock, random = Store.in_memory(), ManualClock(), Random(5)

    @asynccontextmanager
    async def opened(options: EngineOptions) -> AsyncIterator[Counters]:
        engine = Engine(store, clock=clock, region="here", durable=False, options=options)
        counters = Counters(EmbeddedExecutor(engine), clock, random)
        await counters.create()
        yield counters

    return opened


@pytest.mark.parametrize("is_pushed", [True, False], ids=["pushed", "polled"])
async def test_each_items_changes_come_in_order_and_once_while_shards_split(reopen: Reopen, is_pushed: bool) -> None:
    written: dict[tuple[str, str], list[int]] = defaultdict(list)
    seen: dict[tuple[str, str], list[int]] = defaultdict(list)
    async with reopen(EngineOptions(shard_records=7)) as counters:
        app = counters.app(seen, is_pushed=is_pushed)
        async with app.running():
            await counters.write(60, written)
            await app.drain()
            assert seen == written
            await counters.write(60, written)
            await app.drain()
        assert len(await counters.shards()) > 10

    assert seen == written


async def test_each_items_changes_come_in_order_and_once_while_shards_roll_over_several_runs(
    reopen: Reopen,
) -> None:
    written: dict[tuple[str, str], list[int]] = defaultdict(list)
    seen: dict[tuple[str, str], list[int]] = defaultdict(list)
    for is_drained in (True, False, False, True):
        async with reopen(EngineOptions(shard_records=20, shard_lifetime_s=4 * HOUR_S)) as counters:
            # With one record at a time, none is ahead of the cursor when the run ends.
            app = counters.app(seen, concurrency=1)
            # Some are written while nobody reads.
            await counters.write(30, written)
            async with app.running():
                await counters.write(10, written)
                counters.clock.advance(HOUR_S)
                await counters.write(10, written)
                if is_drained:
                    await app.drain()
                    assert seen == written
            counters.clock.advance(2.5 * HOUR_S)

    assert seen == written


async def test_shards_that_roll_for_days_without_a_write_are_followed(reopen: Reopen) -> None:
    written: dict[tuple[str, str], list[int]] = defaultdict(list)
    seen: dict[tuple[str, str], list[int]] = defaultdict(list)
    async with reopen(EngineOptions(shard_lifetime_s=4 * HOUR_S)) as counters:
        app = counters.app(seen)
        async with app.running():
            for _ in range(20):
                counters.clock.advance(5 * HOUR_S)
                await asyncio.sleep(60)
            await counters.write(10, written)
            await app.drain()
        assert all("ParentShardId" in shard for shard in await counters.shards())

    assert seen == written


async def test_a_handler_that_was_away_for_days_is_told_that_it_missed_records(reopen: Reopen) -> None:
    written: dict[tuple[str, str], list[int]] = defaultdict(list)
    seen: dict[tuple[str, str], list[int]] = defaultdict(list)
    async with reopen(EngineOptions(shard_lifetime_s=4 * HOUR_S)) as counters:
        app = counters.app(seen)
        async with app.running():
            await counters.write(5, written)
            await app.drain()
        before = {key: list(values) for key, values in seen.items()}
        for _ in range(15):
            await counters.write(5, written)
            counters.clock.advance(3 * HOUR_S)

        with pytest.raises(errors.ServiceError, match="TrimmedDataAccessException"):
            async with app.running():
                await asyncio.sleep(10)

    assert seen == before
