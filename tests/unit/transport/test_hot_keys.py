"""Partition keys are counted for whoever asks, wherever a request names one, and shown in no message."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from scripted_executor import ScriptedExecutor

from ddbmodel import Attr, Database, GlobalIndex, InvalidRequest, Model, attr, partition_key, sort_key
from ddbmodel.errors import service_error
from ddbmodel.transport.hot_keys import HotKeys, HotKeysLayer


class Score(Model, table="scores"):
    game: Attr[str] = partition_key()
    player: Attr[str] = sort_key()
    points: Attr[int] = attr(default=0)
    region: Attr[str] = attr(default="eu")

    by_place = GlobalIndex(partition_key=(region, game), sort_key=points)


@pytest.fixture
async def db() -> AsyncIterator[Database]:
    async with Database.connect("memory:", hot_keys=True) as opened:
        await opened.create_tables(Score)
        yield opened


async def test_every_way_of_reading_and_writing_counts(db: Database) -> None:
    def key(game: str) -> Any:
        return Score.key(game=game, player="ann")

    await db.put(Score(game="go", player="ann"))
    await db.get(Score, game="go", player="ann")
    await db.update(key("go"), Score.points.add(1))
    await db.put_many([Score(game="go", player="ben"), Score(game="chess", player="ann")])
    await db.get_many(Score, [key("go"), key("chess")])
    await db.query(Score, Score.game == "go", Score.player > "a").all()
    async with db.transaction() as tx:
        tx.update(key("go"), Score.points.add(1))
    await db.query(Score.by_place, Score.region == "eu", Score.game == "go").all()
    await db.scan(Score).all()
    await db.delete(key("go"))

    hot = db.hot_keys()
    assert [(each.table, each.index, each.key, each.count) for each in hot.top()] == [
        ("scores", None, {"game": {"S": "go"}}, 8),
        ("scores", None, {"game": {"S": "chess"}}, 2),
        ("scores", "by_place", {"game": {"S": "go"}, "region": {"S": "eu"}}, 1),
    ]
    assert hot.total == 11
    assert [each.count for each in hot.top(1)] == [8]
    hot.reset()
    assert hot.top() == []


async def test_a_key_is_in_no_text(db: Database) -> None:
    await db.put(Score(game="secret", player="ann"))

    assert "secret" not in repr(db.hot_keys().top())
    assert "secret" not in repr(db.hot_keys())


async def test_memory_is_bounded_however_many_keys_there_are(db: Database) -> None:
    hot = HotKeys()
    for number in range(5000):
        hot.add("scores", None, {"id": {"S": f"p{number}"}})
        hot.add("scores", None, {"id": {"S": "hot"}})

    top = hot.top(5000)

    assert len(top) == 1000
    assert top[0].key == {"id": {"S": "hot"}}
    assert top[0].count == 5000
    assert top[0].at_most_too_high == 0


async def test_one_who_may_not_describe_a_table_is_answered_and_not_counted() -> None:
    def answer(operation: str, request: dict[str, Any]) -> dict[str, Any]:
        if operation == "DescribeTable":
            raise service_error("AccessDeniedException", "no")
        return {"Item": {}}

    executor = ScriptedExecutor(answer)
    hot = HotKeys()
    layer = HotKeysLayer(executor, hot)
    request = {"TableName": "scores", "Key": {"id": {"S": "a"}}}

    assert await layer.execute("GetItem", request) == {"Item": {}}
    await layer.execute("GetItem", request)

    assert hot.total == 0
    assert [operation for operation, _ in executor.requests].count("DescribeTable") == 1


async def test_what_was_refused_is_refused_and_not_counted(db: Database) -> None:
    with pytest.raises(Exception, match="SerializationException"):
        await db.executor.execute("GetItem", {"TableName": "scores", "Key": "go"})
    with pytest.raises(Exception, match="ResourceNotFound"):
        await db.executor.execute("GetItem", {"TableName": "nowhere", "Key": {"id": {"S": "a"}}})

    assert db.hot_keys().total == 0


async def test_keys_are_not_counted_unless_that_is_asked_for() -> None:
    async with Database.connect("memory:") as db:
        with pytest.raises(InvalidRequest, match="connect with hot_keys=True"):
            db.hot_keys()


def test_a_wrong_count_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="1 or more"):
        HotKeys().top(0)
