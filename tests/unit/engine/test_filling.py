"""Tables with many items: new indexes and time to live are filled bit by bit, and what is deleted is removed so."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from table_requests import create_request, definitions, described, index, key_schema, refusal

from ddbmodel.engine import Engine, ManualClock
from ddbmodel.engine.storage.store import Store
from ddbmodel.engine.tables.filling import FILLED_AT_ONCE_ITEMS

COUNT = FILLED_AT_ONCE_ITEMS + 1
NOW_S = 1_700_000_000.0


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW_S)


@pytest.fixture
async def engine(clock: ManualClock) -> AsyncIterator[Engine]:
    engine = Engine.open(clock=clock)
    await engine.execute(
        "CreateTable",
        create_request(KeySchema=key_schema("PK"), AttributeDefinitions=definitions(pk="N")),
    )
    for number in range(COUNT):
        await _put(engine, number)
    yield engine
    assert engine.verify() == []
    await engine.close()


async def _put(engine: Engine, number: int, a: str = "x") -> None:
    item = {"pk": {"N": str(number)}, "a": {"S": a}, "until": {"N": str(int(NOW_S) + 10)}}
    await engine.execute("PutItem", {"TableName": "films", "Item": item})


async def _delete(engine: Engine, number: int) -> None:
    await engine.execute("DeleteItem", {"TableName": "films", "Key": {"pk": {"N": str(number)}}})


async def _create_index(engine: Engine) -> None:
    updates = [{"Create": index("by-a", "A", "pk")}]
    request = {"AttributeDefinitions": definitions(a="S"), "GlobalSecondaryIndexUpdates": updates}
    await engine.execute("UpdateTable", {"TableName": "films", **request})


async def _index(engine: Engine) -> dict[str, Any]:
    found: dict[str, Any] = (await described(engine))["GlobalSecondaryIndexes"][0]
    return found


async def test_an_index_is_filled_while_items_change(engine: Engine) -> None:
    await _create_index(engine)

    assert (await _index(engine))["IndexStatus"] == "CREATING"
    assert (await _index(engine))["Backfilling"] is True
    assert "Cannot read from backfilling global secondary index: by-a" in await refusal(
        engine, "Scan", {"TableName": "films", "IndexName": "by-a"}
    )
    asked = 0
    while (await _index(engine))["IndexStatus"] == "CREATING":
        # Of all items, whether the filling has come to them or not.
        await _put(engine, asked * 331, a="y")
        await _delete(engine, asked * 331 + 1)
        await _put(engine, COUNT + asked)
        assert engine.verify() == []
        asked += 1
    assert asked > 1

    assert (await described(engine))["ItemCount"] == COUNT
    assert (await _index(engine))["ItemCount"] == COUNT
    assert "Backfilling" not in await _index(engine)


async def test_an_index_that_is_being_filled_can_be_deleted_again(engine: Engine) -> None:
    await _create_index(engine)
    delete = [{"Delete": {"IndexName": "by-a"}}]

    await engine.execute("UpdateTable", {"TableName": "films", "GlobalSecondaryIndexUpdates": delete})

    assert "GlobalSecondaryIndexes" not in await described(engine)


async def test_items_expire_once_all_are_listed(engine: Engine, clock: ManualClock) -> None:
    setting = {"AttributeName": "until", "Enabled": True}
    await engine.execute("UpdateTimeToLive", {"TableName": "films", "TimeToLiveSpecification": setting})
    statuses = []
    while not statuses or statuses[-1] != "ENABLED":
        answer = await engine.execute("DescribeTimeToLive", {"TableName": "films"})
        statuses.append(answer["TimeToLiveDescription"]["TimeToLiveStatus"])
        assert engine.verify() == []

    assert statuses[0] == "ENABLING"
    clock.advance(11)
    while (await described(engine))["ItemCount"]:
        pass


async def test_filling_goes_on_where_it_stopped_when_a_file_is_opened_again(tmp_path: Path) -> None:
    url = f"file:{tmp_path / 'films.db'}"
    engine = Engine.open(url, clock=ManualClock(NOW_S))
    await engine.execute(
        "CreateTable", create_request(KeySchema=key_schema("PK"), AttributeDefinitions=definitions(pk="N"))
    )
    items = [{"PutRequest": {"Item": {"pk": {"N": str(each)}, "a": {"S": "x"}}}} for each in range(COUNT)]
    for start in range(0, COUNT, 25):
        await engine.execute("BatchWriteItem", {"RequestItems": {"films": items[start : start + 25]}})
    await _create_index(engine)
    await described(engine)
    await engine.close()

    engine = Engine.open(url, clock=ManualClock(NOW_S))
    assert (await _index(engine))["IndexStatus"] == "CREATING"
    assert engine.verify() == []
    while (await _index(engine))["IndexStatus"] == "CREATING":
        pass
    assert (await _index(engine))["ItemCount"] == COUNT
    assert engine.verify() == []
    await engine.close()


async def test_a_large_table_that_is_deleted_is_removed_by_and_by(tmp_path: Path) -> None:
    path = tmp_path / "films.db"
    engine = Engine.open(f"file:{path}", clock=ManualClock(NOW_S))
    request = create_request(KeySchema=key_schema("PK"), AttributeDefinitions=definitions(pk="N"))
    await engine.execute("CreateTable", request)
    items = [{"PutRequest": {"Item": {"pk": {"N": str(each)}}}} for each in range(COUNT)]
    for start in range(0, COUNT, 25):
        await engine.execute("BatchWriteItem", {"RequestItems": {"films": items[start : start + 25]}})

    await engine.execute("DeleteTable", {"TableName": "films"})
    assert await engine.execute("ListTables", {}) == {"TableNames": []}
    await engine.close()

    # What was left is removed after the file is opened again, and the name is free all the while.
    engine = Engine.open(f"file:{path}", clock=ManualClock(NOW_S))
    await engine.execute("CreateTable", request)
    assert (await described(engine))["ItemCount"] == 0
    for _ in range(COUNT // 1_000):
        await engine.execute("ListTables", {})
    assert engine.verify() == []
    await engine.close()
    store = Store.in_file(path, NOW_S)
    assert (store.has_dropped(), len(store.spaces())) == (False, 1)
    store.close()
