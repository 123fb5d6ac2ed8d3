"""Eventual consistency: who sees a change, and when."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ddbmodel.engine import Behaviours, Engine, ManualClock
from ddbmodel.engine.behaviours.lag import ChangeLog
from ddbmodel.engine.catalog import KeyAttribute, KeySchema, Table
from ddbmodel.engine.outcome import ItemChange
from ddbmodel.engine.storage.store import Store
from ddbmodel.errors import ServiceError, StorageFailed

if TYPE_CHECKING:
    from conftest import Misbehaving

KEY = {"p": {"S": "a"}, "s": {"S": "-"}}
OF_A: dict[str, Any] = {
    "KeyConditionExpression": "p = :p",
    "ExpressionAttributeValues": {":p": {"S": "a"}},
}
OF_GROUP: dict[str, Any] = {
    "IndexName": "by_group",
    "KeyConditionExpression": "#g = :g",
    "ExpressionAttributeNames": {"#g": "group"},
    "ExpressionAttributeValues": {":g": {"S": "red"}},
}
BY_RANK: dict[str, Any] = {**OF_A, "IndexName": "by_rank"}


async def test_an_eventually_consistent_read_misses_what_was_just_written(db: Misbehaving) -> None:
    db.behave(read_lag_s=2)
    await db.put("a")
    db.clock.advance(1.9)

    assert await db.get("a") is None
    assert await db.get("a", ConsistentRead=True) is not None


async def test_after_the_lag_both_reads_see_it(db: Misbehaving) -> None:
    db.behave(read_lag_s=2)
    await db.put("a")
    db.clock.advance(2)

    assert await db.get("a") == await db.get("a", ConsistentRead=True) is not None


async def test_between_two_changes_the_first_is_seen(db: Misbehaving) -> None:
    db.behave(read_lag_s=10)
    await db.put("a", v="1")
    db.clock.advance(6)
    await db.put("a", v="2")
    db.clock.advance(6)

    seen = await db.get("a")

    assert seen is not None
    assert seen["v"] == {"S": "1"}


async def test_a_deleted_item_is_still_seen(db: Misbehaving) -> None:
    await db.put("a", group="red", rank="1")
    db.behave(read_lag_s=2)
    await db.ask("DeleteItem", TableName="demand", Key=KEY)

    assert await db.get("a") is not None
    assert [await db.count(**query) for query in (OF_A, OF_GROUP, BY_RANK)] == [1, 1, 1]
    assert await db.count(**OF_A, ConsistentRead=True) == 0


async def test_queries_of_the_table_and_local_indexes_follow_consistent_read(db: Misbehaving) -> None:
    db.behave(read_lag_s=2)
    await db.put("a", rank="1")

    assert [await db.count(**query) for query in (OF_A, BY_RANK)] == [0, 0]
    assert [await db.count(**query, ConsistentRead=True) for query in (OF_A, BY_RANK)] == [1, 1]


async def test_a_global_index_may_lag_further_behind_than_the_table(db: Misbehaving) -> None:
    db.behave(read_lag_s=0, index_lag_s=2)
    await db.put("a", group="red")

    assert await db.get("a") is not None
    assert await db.count(**OF_GROUP) == 0
    db.clock.advance(2)
    assert await db.count(**OF_GROUP) == 1


async def test_a_page_holds_old_items_in_their_places(db: Misbehaving) -> None:
    for sort in "bdfh":
        await db.ask("PutItem", TableName="demand", Item={"p": {"S": "a"}, "s": {"S": sort}})
    db.behave(read_lag_s=2)
    for sort in "acde":
        await db.ask("PutItem", TableName="demand", Item={"p": {"S": "a"}, "s": {"S": sort}, "new": {"S": "x"}})
    for sort in "bh":
        await db.ask("DeleteItem", TableName="demand", Key={"p": {"S": "a"}, "s": {"S": sort}})

    async def sorts(**parameters: Any) -> str:
        page = await db.ask("Query", TableName="demand", **OF_A, **parameters)
        return "".join(item["s"]["S"] for item in page["Items"])

    assert await sorts() == "bdfh"
    assert await sorts(ScanIndexForward=False) == "hfdb"
    assert await sorts(Limit=3) == "bdf"
    assert await sorts(ConsistentRead=True) == "acdef"
    assert (await db.ask("Scan", TableName="demand"))["Count"] == 4


async def test_a_batch_reads_each_table_as_it_asks(db: Misbehaving) -> None:
    db.behave(read_lag_s=2)
    await db.put("a")
    await db.put("a", table="provisioned")

    answer = await db.ask(
        "BatchGetItem",
        RequestItems={"demand": {"Keys": [KEY]}, "provisioned": {"Keys": [KEY], "ConsistentRead": True}},
    )

    assert {name: len(items) for name, items in answer["Responses"].items()} == {"demand": 0, "provisioned": 1}


async def test_conditions_updates_and_transactions_see_the_truth(db: Misbehaving) -> None:
    db.behave(read_lag_s=2)
    await db.put("a", v="1")
    add_one = {
        "UpdateExpression": "ADD n :one",
        "ConditionExpression": "attribute_exists(p)",
        "ExpressionAttributeValues": {":one": {"N": "1"}},
    }

    await db.ask("UpdateItem", TableName="demand", Key=KEY, **add_one)
    await db.ask("UpdateItem", TableName="demand", Key=KEY, **add_one)
    answer = await db.ask("TransactGetItems", TransactItems=[{"Get": {"TableName": "demand", "Key": KEY}}])

    assert answer["Responses"][0]["Item"]["n"] == {"N": "2"}
    assert await db.get("a") is None


async def test_items_may_have_lags_of_their_own_that_depend_on_the_seed(db: Misbehaving) -> None:
    seen_after: dict[int, list[str]] = {}
    for seed in (1, 2):
        db.behave(read_lag_s=10, lag_varies=True, seed=seed)
        keys = [f"{seed}-{number}" for number in range(30)]
        for key in keys:
            await db.put(key)
        db.clock.advance(5)
        seen_after[seed] = [key.partition("-")[2] for key in keys if await db.get(key) is not None]
        db.clock.advance(5)
        assert all([await db.get(key) is not None for key in keys])

    assert all(5 < len(seen) < 25 for seen in seen_after.values())
    assert seen_after[1] != seen_after[2]


async def test_a_local_index_never_shows_an_item_that_the_table_hides(db: Misbehaving) -> None:
    db.behave(read_lag_s=10, lag_varies=True)
    fetch = {**BY_RANK, "Select": "ALL_ATTRIBUTES"}
    for step in range(40):
        if step % 3:
            await db.put("a", rank=str(step), v=str(step))
        else:
            await db.ask("DeleteItem", TableName="demand", Key=KEY)
        db.clock.advance(0.7)
        page = await db.ask("Query", TableName="demand", **fetch)
        assert [found["v"] for found in page["Items"]] == [found["rank"] for found in page["Items"]]


async def test_switching_it_off_shows_everything(db: Misbehaving) -> None:
    db.behave(read_lag_s=10)
    await db.put("a")
    db.behave()

    assert await db.get("a") is not None


def test_the_log_keeps_no_more_than_the_lag_needs() -> None:
    log = ChangeLog(Behaviours(read_lag_s=2))
    table = Table("id", "t", KeySchema((KeyAttribute("p", "S"),)), space=1, created_at_s=0.0)
    store = Store.in_memory()
    store.create_space(1)
    for second in range(100):
        log.note((ItemChange(table, b"k%d" % second, None, {"p": {"S": "x"}}),), store, float(second))
    store.close()

    assert len(log) == 2


async def test_a_refused_write_is_not_logged(db: Misbehaving) -> None:
    db.behave(read_lag_s=2)
    await db.put("a", v="1")
    db.clock.advance(5)
    with pytest.raises(ServiceError):
        await db.ask(
            "PutItem",
            TableName="demand",
            Item=KEY,
            ConditionExpression="attribute_not_exists(p)",
        )

    seen = await db.get("a")

    assert seen is not None
    assert seen["v"] == {"S": "1"}


async def test_a_write_that_the_disk_refused_was_never_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = ManualClock()
    engine = Engine.open(f"file:{tmp_path / 'db'}", clock=clock)
    await engine.execute(
        "CreateTable",
        {
            "TableName": "films",
            "KeySchema": [{"AttributeName": "p", "KeyType": "HASH"}],
            "AttributeDefinitions": [{"AttributeName": "p", "AttributeType": "S"}],
            "BillingMode": "PAY_PER_REQUEST",
        },
    )
    engine.behave(Behaviours(read_lag_s=10))

    async def put(text: str, after_s: float = 0.0) -> None:
        clock.advance(after_s)
        await engine.execute("PutItem", {"TableName": "films", "Item": {"p": {"S": "a"}, "text": {"S": text}}})

    await put("kept")
    flush = Engine.flush
    monkeypatch.setattr(Engine, "flush", lambda self: (_ for _ in ()).throw(OSError("no space left")))
    # Both join one group; the second replaces the first, which nobody may see afterwards.
    outcomes = await asyncio.gather(put("refused"), put("refused too", after_s=5), return_exceptions=True)
    monkeypatch.setattr(Engine, "flush", flush)
    clock.advance(6)
    answer = await engine.execute("GetItem", {"TableName": "films", "Key": {"p": {"S": "a"}}})
    await engine.close()

    assert [type(outcome) for outcome in outcomes] == [StorageFailed, StorageFailed]
    assert answer["Item"]["text"] == {"S": "kept"}


async def test_an_expired_item_is_seen_for_the_lag(db: Misbehaving) -> None:
    await db.ask(
        "UpdateTimeToLive",
        TableName="demand",
        TimeToLiveSpecification={"Enabled": True, "AttributeName": "until"},
    )
    until = {"N": str(int(db.clock.now_s()) + 7200)}
    await db.ask("PutItem", TableName="demand", Item={**KEY, "until": until})
    db.behave(read_lag_s=5, throttling="faithful")
    db.clock.advance(7210)

    assert await db.get("a", ConsistentRead=True) is None
    assert await db.get("a") is not None
    db.clock.advance(5)
    assert await db.get("a") is None
