"""Item collections of tables with a local index have a largest size."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from ddbmodel.engine import Engine, EngineOptions
from ddbmodel.engine.storage.store import Store
from ddbmodel.errors import ServiceError

TABLE: dict[str, Any] = {
    "TableName": "notes",
    "BillingMode": "PAY_PER_REQUEST",
    "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
    "AttributeDefinitions": [{"AttributeName": each, "AttributeType": "S"} for each in ("pk", "sk", "at")],
    "LocalSecondaryIndexes": [
        {
            "IndexName": "by_at",
            "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "at", "KeyType": "RANGE"}],
            "Projection": {"ProjectionType": "ALL"},
        }
    ],
}
CODE = "ItemCollectionSizeLimitExceededException"
# pk + its value, sk + its value, text + its value; an item with `at` is there twice.
_BASE_BYTES = 2 + 1 + 2 + 1 + 4


@pytest.fixture
async def engine() -> AsyncIterator[Engine]:
    engine = Engine.open(options=EngineOptions(collection_limit_bytes=1000))
    await engine.execute("CreateTable", TABLE)
    yield engine
    await engine.close()


def _item(sort: str, text_bytes: int, partition: str = "a", **more: Any) -> dict[str, Any]:
    return {"pk": {"S": partition}, "sk": {"S": sort}, "text": {"S": "x" * text_bytes}, **more}


async def _put(engine: Engine, item: dict[str, Any]) -> None:
    await engine.execute("PutItem", {"TableName": "notes", "Item": item})


async def _refused(engine: Engine, operation: str, request: dict[str, Any]) -> ServiceError:
    with pytest.raises(ServiceError) as caught:
        await engine.execute(operation, request)
    return caught.value


async def test_a_collection_can_be_exactly_as_large_as_the_limit(engine: Engine) -> None:
    await _put(engine, _item("1", 500 - _BASE_BYTES))
    await _put(engine, _item("2", 500 - _BASE_BYTES))

    error = await _refused(engine, "PutItem", {"TableName": "notes", "Item": _item("3", 0)})

    assert (error.code, error.message) == (CODE, "Collection size exceeded.")
    await _put(engine, _item("3", 900, partition="b"))


async def test_entries_of_local_indexes_count(engine: Engine) -> None:
    request = {"TableName": "notes", "Item": _item("1", 500, at={"S": "2026"})}

    assert (await _refused(engine, "PutItem", request)).code == CODE
    del request["Item"]["at"]  # type: ignore[attr-defined]
    await engine.execute("PutItem", request)


async def test_what_makes_a_collection_no_larger_is_let_through_and_makes_room(engine: Engine) -> None:
    await _put(engine, _item("1", 500 - _BASE_BYTES))
    await _put(engine, _item("2", 500 - _BASE_BYTES))
    await _put(engine, _item("1", 500 - _BASE_BYTES, other={"NULL": True}) | {"text": {"S": ""}})

    await engine.execute("DeleteItem", {"TableName": "notes", "Key": {"pk": {"S": "a"}, "sk": {"S": "2"}}})
    await _put(engine, _item("3", 400))
    assert (await _refused(engine, "PutItem", {"TableName": "notes", "Item": _item("4", 600)})).code == CODE


async def test_updates_and_statements_have_the_limit(engine: Engine) -> None:
    await _put(engine, _item("1", 900))
    key = {"pk": {"S": "a"}, "sk": {"S": "1"}}
    update = {
        "TableName": "notes",
        "Key": key,
        "UpdateExpression": "SET more = :m",
        "ExpressionAttributeValues": {":m": {"S": "x" * 100}},
    }
    statement = {
        "Statement": "INSERT INTO notes VALUE {'pk': 'a', 'sk': '2', 'text': ?}",
        "Parameters": [{"S": "x" * 100}],
    }

    assert (await _refused(engine, "UpdateItem", update)).code == CODE
    assert (await _refused(engine, "ExecuteStatement", statement)).code == CODE
    answer = await engine.execute("BatchExecuteStatement", {"Statements": [statement]})
    assert answer["Responses"][0]["Error"]["Code"] == "ItemCollectionSizeLimitExceeded"
    error = await _refused(engine, "ExecuteTransaction", {"TransactStatements": [statement]})
    assert [reason.code for reason in error.cancellation_reasons] == ["ItemCollectionSizeLimitExceeded"]


async def test_the_writes_of_one_request_count_together(engine: Engine) -> None:
    items = [_item(str(number), 400) for number in range(3)]
    batch = {"RequestItems": {"notes": [{"PutRequest": {"Item": item}} for item in items]}}
    transaction = {"TransactItems": [{"Put": {"TableName": "notes", "Item": item}} for item in items]}

    assert (await _refused(engine, "BatchWriteItem", batch)).code == CODE
    error = await _refused(engine, "TransactWriteItems", transaction)
    codes = [reason.code for reason in error.cancellation_reasons]
    assert codes == ["None", "None", "ItemCollectionSizeLimitExceeded"]
    assert error.cancellation_reasons[2].message == "Collection size exceeded."
    assert (await engine.execute("Scan", {"TableName": "notes"}))["Count"] == 0


async def test_a_table_without_a_local_index_has_no_limit() -> None:
    engine = Engine.open(options=EngineOptions(collection_limit_bytes=1000))
    plain = {name: value for name, value in TABLE.items() if name != "LocalSecondaryIndexes"}
    await engine.execute("CreateTable", plain | {"AttributeDefinitions": TABLE["AttributeDefinitions"][:2]})

    await _put(engine, _item("1", 5000))

    await engine.close()


async def test_a_collection_is_measured_once_and_kept_up_to_date(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    measured: list[tuple[int, ...]] = []
    measure = Store.collection_bytes

    def noting(store: Store, spaces: tuple[int, ...], prefix: bytes) -> int:
        if (spaces[0], prefix) not in store._collections:
            measured.append(spaces)
        return measure(store, spaces, prefix)

    monkeypatch.setattr(Store, "collection_bytes", noting)
    for number in range(5):
        await _put(engine, _item(str(number), 20, at={"S": str(number)}))
        await _put(engine, _item(str(number), 30, at={"S": "moved"}))
    await engine.execute("DeleteItem", {"TableName": "notes", "Key": {"pk": {"S": "a"}, "sk": {"S": "2"}}})

    assert len(measured) == 1
    store = engine._store
    ((place, kept),) = store._collections.items()
    store._collections.clear()
    assert measure(store, measured[0], place[1]) == kept > 250


async def test_far_from_the_limit_nothing_is_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Store, "collection_bytes", None)
    engine = Engine.open(f"file:{tmp_path / 'notes.ddb'}")
    await engine.execute("CreateTable", TABLE)

    await _put(engine, _item("1", 5000))

    await engine.close()


async def test_the_pages_of_a_database_are_never_less_than_its_items() -> None:
    engine = Engine.open()
    await engine.execute("CreateTable", TABLE)
    for number in range(40):
        await _put(engine, _item(str(number), 40_000, numbers={"NS": [str(each) for each in range(200)]}))

    described = (await engine.execute("DescribeTable", {"TableName": "notes"}))["Table"]

    assert engine._store.bytes_at_most() >= described["TableSizeBytes"] > 1_600_000
    await engine.close()


def _full(store: Store) -> None:
    raise sqlite3.OperationalError("disk is full")


def _indexed(sort: str) -> dict[str, Any]:
    """Return an item that takes a little more than 400 bytes together with its entry."""
    return _item(sort, 190, at={"S": "2026"})


async def test_a_write_that_is_undone_does_not_change_what_is_known(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _put(engine, _indexed("1"))
    with monkeypatch.context() as broken:
        broken.setattr(Store, "commit", _full)
        with pytest.raises(Exception, match="undone"):
            await _put(engine, _indexed("2"))

    await _put(engine, _indexed("2"))
    assert (await _refused(engine, "PutItem", {"TableName": "notes", "Item": _indexed("3")})).code == CODE


async def test_metrics_tell_between_which_gigabytes_a_collection_is(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = {"TableName": "notes", "Item": _item("1", 10), "ReturnItemCollectionMetrics": "SIZE"}
    assert (await engine.execute("PutItem", request))["ItemCollectionMetrics"]["SizeEstimateRangeGB"] == [0.0, 1.0]

    monkeypatch.setattr(Store, "bytes_at_most", lambda store: 4 * 1024**3)
    monkeypatch.setattr(Store, "collection_bytes", lambda store, spaces, prefix: 3 * 1024**3 - 1)
    metrics = (await engine.execute("DeleteItem", _deletion(request["Item"])))["ItemCollectionMetrics"]

    assert metrics == {"ItemCollectionKey": {"pk": {"S": "a"}}, "SizeEstimateRangeGB": [2.0, 3.0]}


def _deletion(item: Any) -> dict[str, Any]:
    key = {"pk": item["pk"], "sk": item["sk"]}
    return {"TableName": "notes", "Key": key, "ReturnItemCollectionMetrics": "SIZE"}
