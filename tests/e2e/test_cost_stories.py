"""Stories of what requests cost: summed up for a block, held to a rate, and counted by key."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest
from story_models import Account, Score

from ddbmodel import Database, InvalidRequest, RateLimit


@pytest.mark.differs("cost of indexes and batches")
async def test_a_block_says_what_its_requests_cost(db: Database, new_table: Any) -> None:
    scores = await new_table(Score)
    table = scores.__ddb_schema__.table

    async with db.cost() as cost:
        await db.put(scores(game="tetris", player="ann", points=1))
        await db.get(scores, game="tetris", player="ann", consistent=True)
        await db.query(scores.leaderboard, scores.game == "tetris").all()
        await db.get_many(scores, [scores.key(game="tetris", player="ann")])

    assert cost.requests == 4
    # The table and two of its indexes; the third and the local one are sparse.
    assert cost.by_table[table].write_units == 3.0
    assert cost.by_index[table, "leaderboard"].write_units == 1.0
    assert cost.by_index[table, "leaderboard"].read_units == 0.5
    assert cost.by_table[table].read_units == 1.0 + 0.5 + 0.5
    assert cost.by_operation["GetItem"].read_units == 1.0
    assert (cost.read_units, cost.write_units) == (2.0, 3.0)
    assert "4 requests: 2 read and 3 write" in str(cost)


@pytest.mark.differs("cost of transactions")
async def test_a_transaction_costs_twice_as_much(db: Database, new_table: Any) -> None:
    accounts = await new_table(Account)

    async with db.cost() as cost, db.transaction() as tx:
        tx.create(accounts(id="a"))
        tx.create(accounts(id="b"))

    assert cost.write_units == 4.0


async def test_a_block_inside_a_block_counts_for_both(db: Database, new_table: Any) -> None:
    accounts = await new_table(Account)

    async def one(number: int) -> None:
        await db.create(accounts(id=f"a{number}"))

    async with db.cost() as outer:
        await one(1)
        async with db.cost() as inner:
            await asyncio.gather(*map(one, range(2, 6)))

    assert (inner.write_units, outer.write_units) == (4.0, 5.0)


@pytest.mark.alone
async def test_many_writes_keep_to_a_rate_and_the_loop_runs_on() -> None:
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0.005)
            turns += 1

    async with Database.connect("memory:") as db:
        await db.create_tables(Account)
        task = asyncio.ensure_future(others())
        started_s = time.monotonic()
        async with db.limited(RateLimit(write_units=200, burst_s=0)):
            report = await db.put_many((Account(id=f"a{number}") for number in range(100)), concurrency=2)
        elapsed_s = time.monotonic() - started_s
        task.cancel()

    assert report.done == 100
    # Three batches of 25 are paid for before the fourth is sent.
    assert elapsed_s >= 0.37
    assert turns > 5


async def test_a_page_larger_than_the_limit_of_a_second_is_read_all_the_same() -> None:
    async with Database.connect("memory:", rate_limit=RateLimit(read_units=5, write_units=100_000)) as db:
        await db.create_tables(Score)
        await db.put_many(Score(game="go", player=f"p{number}", words=["x" * 3900]) for number in range(20))

        found = await asyncio.wait_for(db.query(Score, Score.game == "go").page_size(20).all(), 5)

    assert len(found) == 20


async def test_a_closed_database_and_a_wrong_limit_are_refused() -> None:
    wrong: Any = 100
    db = Database.connect("memory:")

    with pytest.raises(InvalidRequest, match="not open yet"):
        db.cost()
    with pytest.raises(InvalidRequest, match="takes a RateLimit"):
        Database.connect("memory:", rate_limit=wrong)
    async with db:
        with pytest.raises(InvalidRequest, match="takes a RateLimit"):
            db.limited(wrong)
        with pytest.raises(InvalidRequest, match="connect with hot_keys=True"):
            db.hot_keys()


async def test_the_hottest_keys_are_known_to_whoever_asks() -> None:
    async with Database.connect("memory:", hot_keys=True) as db:
        await db.create_tables(Score)
        await db.put_many(Score(game=f"g{number}", player="ann") for number in range(30))
        for _ in range(9):
            await db.get(Score, game="g7", player="ann")

        (hottest,) = db.hot_keys().top(1)

    assert (hottest.table, hottest.key, hottest.count) == ("scores", {"game": {"S": "g7"}}, 10)
