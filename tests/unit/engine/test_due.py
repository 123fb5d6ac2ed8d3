"""What time brings about without being asked: expired items go, deleted tables are over."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from ddbmodel.engine import Engine
from ddbmodel.engine.clock import ManualClock

SESSIONS: dict[str, Any] = {
    "TableName": "sessions",
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
    "BillingMode": "PAY_PER_REQUEST",
    "StreamSpecification": {"StreamEnabled": True, "StreamViewType": "OLD_IMAGE"},
}
START_S = 1_700_000_000.0


async def sessions_expiring(engine: Engine, count: int, *, at_s: float) -> None:
    await engine.execute("CreateTable", SESSIONS)
    specification = {"AttributeName": "until", "Enabled": True}
    await engine.execute("UpdateTimeToLive", {"TableName": "sessions", "TimeToLiveSpecification": specification})
    for number in range(count):
        item = {"id": {"S": str(number)}, "until": {"N": str(int(at_s))}}
        await engine.execute("PutItem", {"TableName": "sessions", "Item": item})


async def count(engine: Engine) -> int:
    answer = await engine.execute("Scan", {"TableName": "sessions", "Select": "COUNT"})
    return int(answer["Count"])


@pytest.mark.parametrize("kind", ["memory", "file"])
async def test_an_expired_item_is_deleted_by_the_service_before_the_next_request(kind: str, tmp_path: Path) -> None:
    clock = ManualClock(START_S)
    engine = Engine.open("memory:" if kind == "memory" else f"file:{tmp_path / 'a.db'}", clock=clock)
    await sessions_expiring(engine, 3, at_s=START_S + 60)
    assert await count(engine) == 3

    clock.advance(61)

    assert await count(engine) == 0
    records = await records_of(engine)
    removed = [record for record in records if record["eventName"] == "REMOVE"]
    assert [record["userIdentity"] for record in removed] == [
        {"Type": "Service", "PrincipalId": "dynamodb.amazonaws.com"}
    ] * 3
    assert engine.verify() == []
    await engine.close()


async def test_many_expired_items_go_in_the_background_while_nobody_asks() -> None:
    clock = ManualClock(START_S)
    engine = Engine.open(clock=clock)
    await sessions_expiring(engine, 450, at_s=START_S + 60)
    woken = asyncio.Event()
    engine.subscribe(woken.set)

    clock.advance(61)
    async with asyncio.timeout(5):
        while len(await removed_without_a_request(engine)) < 450:
            woken.clear()
            await woken.wait()

    assert await count(engine) == 0
    await engine.close()


async def test_requests_of_one_turn_in_memory_share_one_step_of_what_is_due() -> None:
    clock = ManualClock(START_S)
    engine = Engine.open(clock=clock)
    await sessions_expiring(engine, 500, at_s=START_S + 60)
    await asyncio.sleep(0)
    clock.advance(61)

    counts = await asyncio.gather(*(count(engine) for _ in range(50)))
    counts_of_next_turn = await asyncio.gather(*(count(engine) for _ in range(50)))

    # A step deletes a hundred items.
    assert (counts, counts_of_next_turn) == ([400] * 50, [300] * 50)
    await engine.close()


async def test_who_asks_again_in_the_same_turn_waits_for_no_other() -> None:
    clock = ManualClock(START_S)
    engine = Engine.open(clock=clock)
    await sessions_expiring(engine, 500, at_s=START_S + 60)
    await asyncio.sleep(0)
    clock.advance(61)

    async def until_empty() -> list[int]:
        counts = [await count(engine)]
        while counts[-1]:
            counts.append(await count(engine))
        return counts

    first, counts = await asyncio.gather(count(engine), until_empty())

    assert (first, counts) == (400, [400, 300, 200, 100, 0])
    await engine.close()


def test_a_loop_that_ends_in_its_turn_leaves_nothing_to_share_to_the_next_one() -> None:
    clock = ManualClock(START_S)
    engine = Engine.open(clock=clock)

    async def begin() -> int:
        await sessions_expiring(engine, 300, at_s=START_S + 60)
        await asyncio.sleep(0)
        clock.advance(61)
        return await count(engine)

    counts = [asyncio.run(begin()), asyncio.run(count(engine)), asyncio.run(count(engine))]
    asyncio.run(engine.close())

    assert counts == [200, 100, 0]


async def test_in_a_turn_in_which_the_clock_moves_on_the_next_step_is_done() -> None:
    clock = ManualClock(START_S)
    engine = Engine.open(clock=clock)
    await sessions_expiring(engine, 10, at_s=START_S + 60)
    await asyncio.sleep(0)

    async def later() -> int:
        clock.advance(61)
        return await count(engine)

    before, after = await asyncio.gather(count(engine), later())

    assert (before, after) == (10, 0)
    await engine.close()


async def test_requests_that_come_together_do_what_is_due_once(tmp_path: Path) -> None:
    clock = ManualClock(START_S)
    engine = Engine.open(f"file:{tmp_path / 'a.db'}", clock=clock)
    await sessions_expiring(engine, 300, at_s=START_S + 60)
    clock.advance(61)

    counts = await asyncio.gather(*(count(engine) for _ in range(20)))

    # A step expires a hundred items.
    assert counts == [200] * 20
    await engine.close()


def test_a_new_loop_takes_over_the_watch_over_time() -> None:
    clock = ManualClock(START_S)
    engine = Engine.open(clock=clock)
    asyncio.run(sessions_expiring(engine, 1, at_s=START_S + 60))

    async def expire_in_another_loop() -> None:
        woken = asyncio.Event()
        engine.subscribe(woken.set)
        await engine.execute("ListTables", {})
        clock.advance(61)
        async with asyncio.timeout(5):
            await woken.wait()
        await engine.close()

    asyncio.run(expire_in_another_loop())


async def test_closing_ends_the_watch_over_time() -> None:
    engine = Engine.open(clock=ManualClock(START_S))
    await sessions_expiring(engine, 1, at_s=START_S + 60)

    await engine.close()
    await asyncio.sleep(0)

    assert len(asyncio.all_tasks()) == 1


@pytest.mark.parametrize("kind", ["memory", "file"])
async def test_closing_in_the_middle_of_what_is_due_leaves_no_task_and_no_timer(kind: str, tmp_path: Path) -> None:
    clock = ManualClock(START_S)
    engine = Engine.open("memory:" if kind == "memory" else f"file:{tmp_path / 'a.db'}", clock=clock)
    await sessions_expiring(engine, 250, at_s=START_S + 60)
    woken = asyncio.Event()
    engine.subscribe(woken.set)

    clock.advance(61)
    async with asyncio.timeout(5):
        await woken.wait()
    await engine.close()

    assert len(asyncio.all_tasks()) == 1
    assert engine._watch._timer is None


async def records_of(engine: Engine) -> list[dict[str, Any]]:
    (stream,) = (await engine.execute("ListStreams", {"TableName": "sessions"}))["Streams"]
    described = await engine.execute("DescribeStream", {"StreamArn": stream["StreamArn"]})
    (shard,) = described["StreamDescription"]["Shards"]
    iterator = await engine.execute(
        "GetShardIterator",
        {"StreamArn": stream["StreamArn"], "ShardId": shard["ShardId"], "ShardIteratorType": "TRIM_HORIZON"},
    )
    answer = await engine.execute("GetRecords", {"ShardIterator": iterator["ShardIterator"]})
    records: list[dict[str, Any]] = answer["Records"]
    return records


async def removed_without_a_request(engine: Engine) -> list[bytes]:
    """Return the keys that are gone, looked at in the store, since a request would itself do what is due."""
    table = engine._catalog.table("sessions")
    assert table is not None
    left = {entry.key for entry in engine._store.range(table.space, b"", None)}
    return [b""] * (450 - len(left))
