"""The example game: best scores, a history that ends, and coins that always balance, on every backend."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ddbmodel import Database, UniqueViolation
from examples.game import bank, history, leaderboard, model
from examples.game.__main__ import main

MODELS = (model.Player, model.Session, model.BestScore, model.Transfer)


@pytest.fixture
async def game(db: Database) -> AsyncIterator[Database]:
    """A database with the game's tables, which are dropped again: servers are shared."""
    await db.create_tables(*MODELS)
    yield db
    for each in MODELS:
        await db.executor.execute("DeleteTable", {"TableName": each.__ddb_schema__.table})


async def join(db: Database, *names: str, coins: int = 100) -> None:
    await asyncio.gather(*(db.create(model.Player(player_id=name, nick=f"nick {name}", coins=coins)) for name in names))


async def test_only_a_better_score_counts_and_shards_are_merged(game: Database) -> None:
    scores = {f"p{number}": number * 10 for number in range(30)}

    assert all(await asyncio.gather(*(leaderboard.record_score(game, "go", *each) for each in scores.items())))
    assert not await leaderboard.record_score(game, "go", "p29", 5)
    assert await leaderboard.record_score(game, "go", "p0", 1_000)
    assert await leaderboard.record_score(game, "chess", "p1", 9_999)

    top = await leaderboard.top_players(game, "go", 3)
    assert [(score.player_id, score.points) for score in top] == [("p0", 1_000), ("p29", 290), ("p28", 280)]
    assert len({leaderboard.shard_of(name) for name in scores}) > 1


async def test_the_higher_of_two_scores_at_one_time_stays(game: Database) -> None:
    points = list(range(20))
    random.Random(3).shuffle(points)

    await asyncio.gather(*(leaderboard.record_score(game, "go", "ann", each) for each in points))

    assert [score.points for score in await leaderboard.top_players(game, "go", 5)] == [19]


async def test_the_history_is_newest_first_in_pages_without_what_expired(game: Database) -> None:
    now = datetime.now(UTC)
    for days in (1, 2, 3, 40):
        await history.end_session(game, "ann", now - timedelta(days=days), "go", days)

    page = await history.recent_sessions(game, "ann", 2)
    assert [session.points for session in page.items] == [1, 2]
    rest = await history.recent_sessions(game, "ann", 2, page.cursor)
    assert [session.points for session in rest.items] == [3]


async def test_an_order_is_carried_out_once_however_often_it_comes(game: Database, backend: str) -> None:
    await join(game, "a", "b")
    if backend == "moto":
        pytest.skip("moto 5.1 serves each request in a thread and locks nothing, so that transactions do not exclude")

    outcomes = await asyncio.gather(*(bank.transfer(game, "t1", "a", "b", 30) for _ in range(5)))

    assert {(each.giver, each.taker, each.coins) for each in outcomes} == {("a", "b", 30)}
    coins = {player.player_id: player.coins async for player in game.scan(model.Player)}
    assert coins == {"a": 70, "b": 130}
    with pytest.raises(bank.NotEnoughCoins):
        await bank.transfer(game, "t2", "a", "b", 71)


async def test_the_books_balance_whatever_happens_at_one_time(game: Database, backend: str) -> None:
    if backend == "moto":
        pytest.skip("moto 5.1 serves each request in a thread and locks nothing, so that transactions do not exclude")
    names = [f"p{number}" for number in range(6)]
    await join(game, *names)
    dice = random.Random(5)

    async def order(number: int) -> Any:
        giver, taker = dice.sample(names, 2)
        return await bank.transfer(game, f"t{number}", giver, taker, dice.randrange(1, 80))

    outcomes = await asyncio.gather(*(order(number) for number in range(20)), return_exceptions=True)

    assert all(isinstance(each, (model.Transfer, bank.NotEnoughCoins)) for each in outcomes)
    players = [player async for player in game.scan(model.Player)]
    assert sum(player.coins for player in players) == 600
    assert all(player.coins >= 0 for player in players)


async def test_a_nick_belongs_to_one_player(game: Database) -> None:
    await join(game, "a")
    with pytest.raises(UniqueViolation):
        await game.create(model.Player(player_id="b", nick="nick a"))


async def test_the_tournament_runs(capsys: pytest.CaptureFixture[str]) -> None:
    await main()
    assert "4,000 coins, as many as were given out: True" in capsys.readouterr().out
