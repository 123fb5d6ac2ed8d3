"""`Database.execute`: PartiQL with Python values in, and items or models out."""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest
from query_models import Score
from scripted_executor import ScriptedExecutor

from ddbmodel import AlreadyExists, ConditionFailed, Database, ItemNotDecodable, ServiceError, ValueNotStorable


@pytest.fixture
async def db() -> AsyncIterator[Database]:
    async with Database.connect("memory:") as db:
        await db.create_tables(Score)
        await db.put_many([Score(game="tetris", player=f"p{number:02}", points=number) for number in range(12)])
        yield db


async def test_a_select_gives_models_or_wire_items(db: Database) -> None:
    statement = 'SELECT * FROM "scores" WHERE game = ? AND points > ?'

    models = await db.execute(statement, ["tetris", Decimal("10.5")], model=Score)
    items = await db.execute(f"{statement} AND player = 'p11'", ["tetris", 10])

    assert [(score.player, score.points) for score in models] == [("p11", 11)]
    assert items[0]["points"] == {"N": "11"}


async def test_a_write_gives_what_it_returns(db: Database) -> None:
    assert await db.execute("UPDATE scores SET points = 99 WHERE game = 'tetris' AND player = ?", ["p00"]) == []
    (gone,) = await db.execute(
        "DELETE FROM scores WHERE game = 'tetris' AND player = 'p00' RETURNING ALL OLD *", model=Score
    )

    assert gone.points == 99
    assert await db.get(Score, game="tetris", player="p00") is None


async def test_a_select_is_read_to_its_end() -> None:
    pages: list[dict[str, Any]] = [
        {"Items": [{"a": {"N": "1"}}], "NextToken": "t"},
        {"Items": [], "NextToken": "u"},
        {"Items": [{"a": {"N": "2"}}]},
    ]
    executor = ScriptedExecutor(lambda operation, request: pages.pop(0))
    async with Database(executor) as db:
        items = await db.execute("SELECT a FROM things WHERE b = ?", [{1, 2}], consistent=True)

    assert [item["a"]["N"] for item in items] == ["1", "2"]
    assert [request.get("NextToken") for _, request in executor.requests] == [None, "t", "u"]
    assert executor.requests[0] == (
        "ExecuteStatement",
        {
            "Statement": "SELECT a FROM things WHERE b = ?",
            "Parameters": [{"NS": ["1", "2"]}],
            "ConsistentRead": True,
        },
    )


async def test_a_refusal_is_what_it_means(db: Database) -> None:
    with pytest.raises(AlreadyExists, match="UPDATE changes it"):
        await db.execute("INSERT INTO scores VALUE {'game': 'tetris', 'player': 'p01'}")
    with pytest.raises(ConditionFailed, match="no item to update"):
        await db.execute("UPDATE scores SET points = 1 WHERE game = 'go' AND player = 'ann'")
    with pytest.raises(ServiceError, match="Unexpected term"):
        await db.execute("SELECT * FROM scores WHERE")
    with pytest.raises(ItemNotDecodable):
        await db.execute("SELECT player FROM scores WHERE game = 'tetris'", model=Score)


async def test_a_parameter_that_cannot_be_stored_is_named(db: Database) -> None:
    with pytest.raises(ValueNotStorable, match=r"parameters\[1\]"):
        await db.execute("SELECT * FROM scores WHERE game = ? AND points = ?", ["tetris", object()])
