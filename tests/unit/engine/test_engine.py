"""The engine's shell: answers, wake-ups, closing, loops, and a disk that refuses."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from ddbmodel.engine import Engine, ManualClock
from ddbmodel.errors import ServiceError, StorageFailed

TABLE = {
    "TableName": "films",
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    "AttributeDefinitions": [
        {"AttributeName": "id", "AttributeType": "S"},
        {"AttributeName": "genre", "AttributeType": "S"},
    ],
    "GlobalSecondaryIndexes": [
        {
            "IndexName": "by-genre",
            "KeySchema": [{"AttributeName": "genre", "KeyType": "HASH"}],
            "Projection": {"ProjectionType": "ALL"},
        }
    ],
    "BillingMode": "PAY_PER_REQUEST",
    "StreamSpecification": {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
}


def _put(key: str, text: str = "") -> dict[str, Any]:
    return {"TableName": "films", "Item": {"id": {"S": key}, "genre": {"S": "drama"}, "text": {"S": text}}}


async def _keys(engine: Engine) -> list[str]:
    page = await engine.execute("Scan", {"TableName": "films"})
    return sorted(item["id"]["S"] for item in page["Items"])


@pytest.fixture(params=["memory", "file"])
async def engine(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Engine]:
    engine = Engine.open("memory:" if request.param == "memory" else f"file:{tmp_path / 'a.db'}")
    await engine.execute("CreateTable", TABLE)
    yield engine
    await engine.close()


@pytest.fixture
async def file_engine(tmp_path: Path) -> AsyncIterator[Engine]:
    engine = Engine.open(f"file:{tmp_path / 'a.db'}")
    await engine.execute("CreateTable", TABLE)
    yield engine
    await engine.close()


async def test_an_unknown_operation_is_refused(engine: Engine) -> None:
    with pytest.raises(ServiceError, match="UnknownOperationException"):
        await engine.execute("MakeTea", {})


def test_in_memory_an_answer_comes_without_waiting() -> None:
    engine = Engine.open()

    with pytest.raises(StopIteration) as answer:
        engine.execute("CreateTable", TABLE).send(None)

    assert answer.value.value["TableDescription"]["TableName"] == "films"
    engine._store.close()


def test_in_memory_any_loop_will_do() -> None:
    engine = Engine.open()
    asyncio.run(engine.execute("CreateTable", TABLE))

    assert asyncio.run(engine.execute("ListTables", {})) == {"TableNames": ["films"]}
    asyncio.run(engine.close())


async def test_a_closed_engine_says_so(engine: Engine) -> None:
    await engine.close()
    await engine.close()

    with pytest.raises(StorageFailed, match="closed"):
        await engine.execute("ListTables", {})
    with pytest.raises(StorageFailed, match="closed"):
        engine.verify()


async def test_closing_answers_what_was_accepted(file_engine: Engine) -> None:
    tasks = [asyncio.create_task(file_engine.execute("PutItem", _put(str(number)))) for number in range(20)]
    await asyncio.sleep(0)

    await file_engine.close()

    assert await asyncio.gather(*tasks) == [{}] * 20


async def test_readers_are_woken_by_commits_with_records_only(engine: Engine) -> None:
    woken: list[int] = []
    unsubscribe = engine.subscribe(lambda: woken.append(1))

    await engine.execute("PutItem", _put("a"))
    assert len(woken) == 1
    await engine.execute("PutItem", _put("a"))
    await engine.execute("GetItem", {"TableName": "films", "Key": {"id": {"S": "a"}}})
    await engine.execute("CreateTable", TABLE | {"TableName": "other"})
    assert len(woken) == 1

    unsubscribe()
    unsubscribe()
    await engine.execute("PutItem", _put("b"))
    assert len(woken) == 1


async def test_a_full_disk_undoes_the_write_and_the_engine_goes_on(engine: Engine) -> None:
    await engine.execute("PutItem", _put("a"))
    connection = engine._store._connection
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count = {pages}")

    with pytest.raises(StorageFailed, match="full"):
        await engine.execute("PutItem", _put("b", "x" * 300_000))
    with pytest.raises(StorageFailed, match="full"):
        await engine.execute("CreateTable", TABLE | {"TableName": "other"})

    assert await _keys(engine) == ["a"]
    assert await engine.execute("ListTables", {}) == {"TableNames": ["films"]}
    connection.execute("PRAGMA max_page_count = 1000000")
    await engine.execute("PutItem", _put("b", "x" * 300_000))
    await engine.execute("CreateTable", TABLE | {"TableName": "other"})
    assert await _keys(engine) == ["a", "b"]
    assert engine.verify() == []


async def test_a_failed_commit_undoes_tables_and_items_of_the_group(
    file_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr(file_engine._store, "commit", fail)
    answers = await asyncio.gather(
        file_engine.execute("CreateTable", TABLE | {"TableName": "other"}),
        file_engine.execute("PutItem", _put("a")),
        file_engine.execute("ListTables", {}),
        return_exceptions=True,
    )
    monkeypatch.undo()

    assert [type(answer) for answer in answers] == [StorageFailed] * 3
    assert await file_engine.execute("ListTables", {}) == {"TableNames": ["films"]}
    assert await _keys(file_engine) == []
    await file_engine.execute("CreateTable", TABLE | {"TableName": "other"})
    assert file_engine.verify() == []


async def test_an_index_that_differs_from_its_table_is_found() -> None:
    engine = Engine.open(clock=ManualClock())
    await engine.execute("CreateTable", TABLE)
    for key in "abc":
        await engine.execute("PutItem", _put(key))
    table = engine._catalog.table("films")
    assert table is not None
    space = table.indexes[0].space
    entries = list(engine._store.range(space, b"", None))

    engine._store.delete(space, entries[0].key)
    engine._store.put(space, entries[1].key, 1, entries[1].item_json)
    engine._store.put(space, b"stray", 1, b"{}")

    problems = engine.verify()
    assert len(problems) == 3
    assert "1 entries are missing" in problems[-1]
    await engine.close()


async def test_when_undoing_fails_too_the_requests_that_waited_are_refused(
    file_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = file_engine._store

    def refuse() -> None:
        raise sqlite3.OperationalError("disk I/O error")

    with monkeypatch.context() as failing:
        failing.setattr(store, "commit", refuse)
        failing.setattr(store, "rollback", refuse)
        first = asyncio.create_task(file_engine.execute("PutItem", _put("a")))
        # One turn to decide it, one to begin the flush.
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert file_engine._groups is not None
        assert file_engine._groups._flush is not None
        second = asyncio.create_task(file_engine.execute("PutItem", _put("b")))
        outcomes = await asyncio.gather(first, second, return_exceptions=True)

    assert [type(outcome) for outcome in outcomes] == [StorageFailed, StorageFailed]
    assert "closed" in str(outcomes[1])
