"""Stories of PartiQL: one statement, many, and all or none, with Python values in and models out."""

from __future__ import annotations

from typing import Any

import pytest
from story_models import Score

from ddbmodel import AlreadyExists, ConditionFailed, Database, TransactionFailed
from ddbmodel.model import schema_of

pytestmark = pytest.mark.differs("statements")


async def _scores(db: Database, new_table: Any, count: int = 3) -> tuple[Any, str]:
    scores = await new_table(Score)
    await db.put_many([scores(game="go", player=f"p{number:02}", points=number) for number in range(count)])
    return scores, f'"{schema_of(scores).table}"'


async def test_a_statement_gives_models_or_items(db: Database, new_table: Any) -> None:
    scores, table = await _scores(db, new_table)

    models = await db.execute(f"SELECT * FROM {table} WHERE game = ? AND player >= ?", ["go", "p01"], model=scores)
    items = await db.execute(f"SELECT points FROM {table} WHERE game = ? AND player = 'p02'", ["go"])

    assert sorted(score.points for score in models) == [1, 2]
    assert items == [{"points": {"N": "2"}}]


async def test_a_refused_write_says_what_it_met(db: Database, new_table: Any) -> None:
    _, table = await _scores(db, new_table)

    with pytest.raises(AlreadyExists):
        await db.execute(f"INSERT INTO {table} VALUE {{'game': 'go', 'player': 'p01'}}")
    with pytest.raises(ConditionFailed):
        await db.execute(f"UPDATE {table} SET points = 9 WHERE game = 'go' AND player = 'p01' AND points > ?", [5])


async def test_a_failed_condition_of_a_statement_shows_what_is_there(db: Database, new_table: Any) -> None:
    scores, table = await _scores(db, new_table)

    with pytest.raises(ConditionFailed) as caught:
        await db.execute(
            f"UPDATE {table} SET points = 9 WHERE game = 'go' AND player = 'p01' AND points > 5", model=scores
        )

    assert caught.value.current == scores(game="go", player="p01", points=1)


async def test_many_statements_have_a_result_each(db: Database, new_table: Any) -> None:
    scores, table = await _scores(db, new_table, count=30)
    read = f"SELECT * FROM {table} WHERE game = 'go' AND player = ?"
    change = f"UPDATE {table} SET points = 50 WHERE game = 'go' AND player = ?"

    read_results = await db.execute_many([(read, [f"p{number:02}"]) for number in range(31)], model=scores)
    write_results = await db.execute_many([(change, ["p01"]), (change, ["nobody"])])

    assert [result.item and result.item.points for result in read_results] == [*range(30), None]
    assert [type(result.error) for result in write_results] == [type(None), ConditionFailed]
    assert (await db.get_or_raise(scores, game="go", player="p01")).points == 50


async def test_a_transaction_of_statements_is_all_or_nothing(db: Database, new_table: Any) -> None:
    scores, table = await _scores(db, new_table)
    change = f"UPDATE {table} SET points = 50 WHERE game = 'go' AND player = ?"

    await db.execute_transaction([(change, ["p00"]), (change, ["p01"])])
    with pytest.raises(TransactionFailed) as failed:
        await db.execute_transaction(
            [(change, ["p02"]), (f"DELETE FROM {table} WHERE game = 'go' AND player = 'p00' AND points = ?", [1])]
        )
    read = await db.execute_transaction(
        [(f"SELECT * FROM {table} WHERE game = 'go' AND player = ?", [player]) for player in ("p01", "p02", "x")],
        model=scores,
    )

    assert [(position, type(error)) for position, error in failed.value.errors.items()] == [(1, ConditionFailed)]
    assert [score and score.points for score in read] == [50, 2, None]
