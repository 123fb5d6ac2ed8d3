"""`Database.execute`: PartiQL with Python values in, and items or models out."""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest
from query_models import Score
from scripted_executor import ScriptedExecutor

from ddbmodel import (
    AlreadyExists,
    ConditionFailed,
    Database,
    InvalidRequest,
    ItemNotDecodable,
    OutcomeUnknown,
    ResourceNotFound,
    ServiceError,
    Throttled,
    TransactionFailed,
    TransactionTooLarge,
    ValueNotStorable,
)
from ddbmodel.query import statements as module


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


async def test_a_failed_condition_shows_what_is_there(db: Database) -> None:
    statement = "UPDATE scores SET points = 0 WHERE game = 'tetris' AND player = 'p05' AND points > ?"

    with pytest.raises(ConditionFailed) as model:
        await db.execute(statement, [100], model=Score)
    with pytest.raises(ConditionFailed) as item:
        await db.execute(statement, [100])

    assert model.value.current == Score(game="tetris", player="p05", points=5)
    assert item.value.current["points"] == {"N": "5"}


async def test_a_parameter_that_cannot_be_stored_is_named(db: Database) -> None:
    with pytest.raises(ValueNotStorable, match=r"parameters\[1\]"):
        await db.execute("SELECT * FROM scores WHERE game = ? AND points = ?", ["tetris", object()])


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (("",), r"statement takes a text.*got \(str, tuple\)"),
        ((None,), r"statement takes a text.*got \(NoneType, tuple\)"),
        (("SELECT" + " " * 8192,), "at most 8,192 characters, got 8,198"),
        (("SELECT ?", "tetris"), "parameters are a list of values.*got a str"),
        (("SELECT ?", {"a": 1}), "got a dict"),
    ],
)
async def test_what_is_no_statement_is_refused(offline: Database, call: tuple[Any, ...], told: str) -> None:
    with pytest.raises(InvalidRequest, match=told):
        await offline.execute(*call)


async def test_several_statements_are_checked_before_one_is_sent(offline: Database) -> None:
    good = ("SELECT * FROM scores WHERE game = ? AND player = ?", ["a", "b"])

    for call in (offline.execute_many, offline.execute_transaction):
        with pytest.raises(InvalidRequest, match=r"statements\[1\] takes a text"):
            await call([good, ("SELECT",)])  # type: ignore[list-item]  # a mistake
        with pytest.raises(ValueNotStorable, match=r"statements\[2\].*parameters\[0\]"):
            await call([good, good, ("SELECT ?", [object()])])
        with pytest.raises(InvalidRequest, match=r"use db\.execute"):
            await call("SELECT")
    with pytest.raises(TransactionTooLarge, match="100 statements, got 101"):
        await offline.execute_transaction([good] * 101)
    assert await offline.execute_many([]) == []
    assert await offline.execute_transaction([]) == []


async def test_each_of_many_statements_has_its_own_result(db: Database) -> None:
    change = "UPDATE scores SET points = 50 WHERE game = 'tetris' AND player = ? AND points < 2"

    results = await db.execute_many(
        [
            *((change, [f"p{number:02}"]) for number in range(3)),
            "INSERT INTO scores VALUE {'game': 'tetris', 'player': 'p03'}",
            "DELETE FROM scores WHERE game = 'tetris' AND player = 'p04' RETURNING ALL OLD *",
            "UPDATE nowhere SET points = 1 WHERE game = 'a' AND player = 'b'",
        ],
        model=Score,
    )

    errors = [result.error for result in results]
    assert [type(error) for error in errors] == [
        type(None),
        type(None),
        ConditionFailed,
        AlreadyExists,
        type(None),
        ResourceNotFound,
    ]
    assert isinstance(errors[2], ConditionFailed)
    assert errors[2].current == Score(game="tetris", player="p02", points=2)
    assert results[4].item == Score(game="tetris", player="p04", points=4)


async def test_any_number_of_statements_goes_in_batches(db: Database) -> None:
    await db.put_many([Score(game="go", player=f"p{number}", points=number) for number in range(60)])
    read = "SELECT * FROM scores WHERE game = 'go' AND player = ?"

    results = await db.execute_many([(read, [f"p{number}"]) for number in range(61)], model=Score)

    assert [result.item and result.item.points for result in results] == [*range(60), None]
    assert [result.error for result in results] == [None] * 61


async def test_a_batch_that_fails_as_a_whole_is_the_error_of_its_statements() -> None:
    def answer(operation: str, request: dict[str, Any]) -> dict[str, Any]:
        if len(request["Statements"]) < 25:
            raise OutcomeUnknown("no answer")
        return {"Responses": [{}] * 25}

    async with Database(ScriptedExecutor(answer)) as db:
        results = await db.execute_many(["INSERT INTO t VALUE {'id': 1}"] * 27)

    assert [type(result.error) for result in results] == [type(None)] * 25 + [OutcomeUnknown] * 2


async def test_a_throttled_statement_is_sent_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "full_jitter_delay_s", lambda *_: 0.0)
    sent: list[list[str]] = []

    def answer(operation: str, request: dict[str, Any]) -> dict[str, Any]:
        texts = [each["Statement"] for each in request["Statements"]]
        sent.append(texts)
        throttled = {"Error": {"Code": "ThrottlingError", "Message": "slow down"}}
        return {"Responses": [throttled if "b" in text or ("a" in text and len(sent) < 2) else {} for text in texts]}

    async with Database(ScriptedExecutor(answer)) as db:
        results = await db.execute_many(["INSERT a", "INSERT b", "INSERT c"])

    assert [type(result.error) for result in results] == [type(None), Throttled, type(None)]
    assert sent[:3] == [["INSERT a", "INSERT b", "INSERT c"], ["INSERT a", "INSERT b"], ["INSERT b"]]
    assert len(sent) == 8


async def test_an_item_that_does_not_fit_is_the_error_of_its_statement(db: Database) -> None:
    part = "SELECT player FROM scores WHERE game = 'tetris' AND player = 'p01'"

    (result,) = await db.execute_many([part], model=Score)

    assert isinstance(result.error, ItemNotDecodable)


async def test_a_transaction_of_statements_is_all_or_nothing(db: Database) -> None:
    change = "UPDATE scores SET points = 99 WHERE game = 'tetris' AND player = ?"

    written = await db.execute_transaction([(change, ["p01"]), (change, ["p02"])])
    with pytest.raises(TransactionFailed, match="2 of 3 statements: statement 1: ") as failed:
        await db.execute_transaction(
            [
                (change, ["p03"]),
                ("DELETE FROM scores WHERE game = 'tetris' AND player = 'p04' AND points = ?", [0]),
                "INSERT INTO scores VALUE {'game': 'tetris', 'player': 'p05'}",
            ],
            model=Score,
        )
    read = await db.execute_transaction(
        [
            ("SELECT * FROM scores WHERE game = 'tetris' AND player = ?", [player])
            for player in ("p01", "p03", "nobody")
        ],
        model=Score,
    )

    assert written == [None, None]
    errors = failed.value.errors
    assert [(position, type(error)) for position, error in errors.items()] == [(1, ConditionFailed), (2, AlreadyExists)]
    assert isinstance(errors[1], ConditionFailed)
    assert errors[1].current.points == 4
    assert [score and score.points for score in read] == [99, 3, None]


async def test_a_transaction_of_statements_has_a_token() -> None:
    executor = ScriptedExecutor(lambda operation, request: {"Responses": []})
    async with Database(executor) as db:
        for token in (None, None, "mine"):
            await db.execute_transaction(["INSERT a"], token=token)

    tokens = [request["ClientRequestToken"] for _, request in executor.requests]
    assert len(set(tokens)) == 3
    assert tokens[2] == "mine"
