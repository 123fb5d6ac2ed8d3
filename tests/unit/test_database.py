"""A database is open in its block, once, and closes what it opened."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from query_models import Score
from scripted_executor import ScriptedExecutor

from ddbmodel import (
    Database,
    DatabaseFileLocked,
    InvalidRequest,
    InvalidUrl,
    NotFound,
    NotSupportedHere,
    Throttled,
)
from ddbmodel.engine import Behaviours, EngineOptions


def nothing() -> ScriptedExecutor:
    return ScriptedExecutor(lambda operation, request: {})


def test_nothing_is_opened_before_the_block(tmp_path: Path) -> None:
    db = Database.connect(f"file:{tmp_path / 'game.db'}")

    assert list(tmp_path.iterdir()) == []
    with pytest.raises(InvalidRequest, match="not open yet; use it inside 'async with"):
        db.query(Score, Score.game == "tetris")


async def test_a_closed_database_says_so() -> None:
    db = Database.connect("memory:")
    async with db:
        pass

    with pytest.raises(InvalidRequest, match="this database is closed"):
        await db.get(Score, game="tetris", player="ann")
    with pytest.raises(InvalidRequest, match="connect again"):
        async with db:
            pass


async def test_an_open_database_is_not_opened_again() -> None:
    async with Database.connect("memory:") as db:
        with pytest.raises(InvalidRequest, match="open already"):
            async with db:
                pass
        await db.create_tables(Score)


async def test_closing_twice_is_fine() -> None:
    async with Database.connect("memory:") as db:
        await db.close()
    await db.close()


async def test_an_exception_in_the_block_closes_the_file(tmp_path: Path) -> None:
    url = f"file:{tmp_path / 'game.db'}"
    with pytest.raises(RuntimeError):
        async with Database.connect(url):
            raise RuntimeError

    async with Database.connect(url):
        pass


async def test_a_file_that_could_not_be_opened_can_be_tried_again(tmp_path: Path) -> None:
    url = f"file:{tmp_path / 'game.db'}"
    second = Database.connect(url)
    async with Database.connect(url):
        with pytest.raises(DatabaseFileLocked):
            await second.__aenter__()

    async with second:
        await second.create_tables(Score)


async def test_a_given_executor_is_used_and_closed() -> None:
    executor = nothing()

    async with Database(executor) as db:
        assert await db.get(Score, game="tetris", player="ann") is None

    assert [operation for operation, _ in executor.requests] == ["GetItem"]
    assert executor.closed == 1


@pytest.mark.parametrize("secret", ["", b""])
def test_an_empty_secret_is_refused(secret: Any) -> None:
    with pytest.raises(InvalidRequest, match="must not be empty"):
        Database.connect("memory:", cursor_secret=secret)


def test_a_bad_url_is_refused_at_once() -> None:
    with pytest.raises(InvalidUrl, match="a database URL is one of"):
        Database.connect("postgres://localhost")


async def test_removing_from_an_item_that_is_not_there_is_not_found() -> None:
    async with Database.connect("memory:") as db:
        await db.create_tables(Score)

        with pytest.raises(NotFound, match="no item has this key"):
            await db.update(Score.key(game="tetris", player="ann"), Score.nick.remove())

        assert await db.scan(Score).count() == 0


async def test_a_database_can_be_told_to_misbehave_and_to_stop() -> None:
    async with Database.connect("memory:", behaviours=Behaviours(throttled_read_rate=1, attempts=1)) as db:
        await db.create_tables(Score)
        with pytest.raises(Throttled):
            await db.get(Score, game="tetris", player="ann")
        db.behave(Behaviours())
        assert await db.get(Score, game="tetris", player="ann") is None
        db.behave(Behaviours(throttled_read_rate=1, attempts=1))
        with pytest.raises(Throttled):
            await db.get(Score, game="tetris", player="ann")


@pytest.mark.parametrize("url", ["http://localhost:8000", "aws://eu-west-1"])
def test_a_service_elsewhere_cannot_be_told_to_misbehave(url: str) -> None:
    with pytest.raises(NotSupportedHere, match="only an embedded engine"):
        Database.connect(url, behaviours=Behaviours())


@pytest.mark.parametrize("url", ["http://localhost:8000", "aws://eu-west-1"])
def test_a_service_elsewhere_takes_no_engine_options(url: str) -> None:
    with pytest.raises(NotSupportedHere, match="only an embedded engine takes options"):
        Database.connect(url, engine_options=EngineOptions())


async def test_an_executor_of_another_kind_cannot_be_told_to_misbehave() -> None:
    with pytest.raises(NotSupportedHere, match="only an embedded engine"):
        Database(nothing()).behave(Behaviours())
