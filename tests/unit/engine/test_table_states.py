"""Tables and indexes on their way: how they are described, and what they refuse meanwhile."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from table_requests import create_request, definitions, described, index, refusal, units

from ddbmodel.engine import Engine, EngineOptions, ManualClock
from ddbmodel.engine.live_catalog import LiveCatalog
from ddbmodel.engine.storage.store import Store

TABLE_S, INDEX_S = 5.0, 60.0
IN_USE = "ResourceInUseException: Attempt to change a resource which is still in use: "
ITEM = {"pk": {"S": "p"}, "sk": {"N": "1"}, "a": {"S": "x"}}
KEY = {"pk": ITEM["pk"], "sk": ITEM["sk"]}
STREAM = {"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"}
NEW_INDEX: dict[str, Any] = {
    "AttributeDefinitions": definitions(a="S"),
    "GlobalSecondaryIndexUpdates": [{"Create": index("new", "A", ProvisionedThroughput=units(1, 1))}],
}
DELETE_INDEX: dict[str, Any] = {"GlobalSecondaryIndexUpdates": [{"Delete": {"IndexName": "one"}}]}


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(1_700_000_000.0)


@pytest.fixture
async def engine(clock: ManualClock) -> AsyncIterator[Engine]:
    options = EngineOptions(table_delay_s=TABLE_S, index_delay_s=INDEX_S)
    engine = Engine.open(clock=clock, region="eu-west-2", options=options)
    yield engine
    assert engine.verify() == []
    await engine.close()


async def _create(engine: Engine, clock: ManualClock | None = None) -> None:
    """Create a table; with the clock, until it is ready."""
    await engine.execute(
        "CreateTable",
        create_request(
            BillingMode="PROVISIONED",
            ProvisionedThroughput=units(5, 5),
            GlobalSecondaryIndexes=[
                index("one", "SK", ProvisionedThroughput=units(2, 2)),
                index("two", "SK", ProvisionedThroughput=units(2, 2)),
            ],
        ),
    )
    if clock is not None:
        clock.advance(TABLE_S)


async def _update(engine: Engine, **changes: Any) -> str:
    return await refusal(engine, "UpdateTable", {"TableName": "films", **changes})


async def _ask(engine: Engine, operation: str, **members: Any) -> str:
    return await refusal(engine, operation, {"TableName": "films", **members})


async def _states(engine: Engine) -> list[str]:
    table = await described(engine)
    return [table["TableStatus"], *(each["IndexStatus"] for each in table["GlobalSecondaryIndexes"])]


async def test_a_table_and_its_indexes_are_created_together(engine: Engine, clock: ManualClock) -> None:
    await _create(engine)

    assert await _states(engine) == ["CREATING", "CREATING", "CREATING"]
    assert "Backfilling" not in (await described(engine))["GlobalSecondaryIndexes"][0]
    clock.advance(TABLE_S - 0.001)
    assert await _states(engine) == ["CREATING", "CREATING", "CREATING"]
    clock.advance(0.001)
    assert await _states(engine) == ["ACTIVE", "ACTIVE", "ACTIVE"]


async def test_a_table_that_is_being_created_has_no_items_and_takes_no_change(engine: Engine) -> None:
    await _create(engine)
    arn = (await described(engine))["TableArn"]

    assert await _update(engine, DeletionProtectionEnabled=True) == IN_USE + "Table is being created: films"
    assert await _ask(engine, "DeleteTable") == IN_USE + "Table is being created: films"
    assert await refusal(engine, "CreateTable", create_request()) == IN_USE + "Table is being created: films"
    assert await _ask(engine, "UpdateTimeToLive", TimeToLiveSpecification={"AttributeName": "t", "Enabled": True}) == (
        "ResourceNotFoundException: Requested resource not found: Table: films not found"
    )
    assert await _ask(engine, "DescribeTimeToLive") == (
        "ValidationException: Cannot describe time to live while table is in CREATING state: Current table state is "
        "CREATING"
    )
    assert await refusal(engine, "ListTagsOfResource", {"ResourceArn": arn}) == (
        f"ResourceNotFoundException: Requested resource not found: ResourcArn: {arn} not found"
    )
    assert await _ask(engine, "DescribeContinuousBackups") == "TableNotFoundException: Table not found: films"
    assert (await engine.execute("ListTables", {}))["TableNames"] == ["films"]


async def test_a_table_that_is_being_deleted_keeps_its_items_until_it_is_gone(
    engine: Engine, clock: ManualClock
) -> None:
    await _create(engine, clock)
    await engine.execute("PutItem", {"TableName": "films", "Item": ITEM})

    answer = await engine.execute("DeleteTable", {"TableName": "films"})

    assert answer["TableDescription"]["TableStatus"] == "DELETING"
    assert (await engine.execute("GetItem", {"TableName": "films", "Key": KEY}))["Item"] == ITEM
    assert await _ask(engine, "DeleteTable") == IN_USE + "Table is being deleted: films"
    assert await _update(engine, TableClass="STANDARD") == IN_USE + "Table is being deleted: films"
    assert await refusal(engine, "CreateTable", create_request()) == (
        "ResourceInUseException: Table already exists: films"
    )
    assert "DELETING state" in await _ask(engine, "DescribeTimeToLive")

    clock.advance(TABLE_S)
    assert await _ask(engine, "DescribeTable") == (
        "ResourceNotFoundException: Requested resource not found: Table: films not found"
    )
    assert await _ask(engine, "GetItem", Key=KEY) == "ResourceNotFoundException: Requested resource not found"
    assert await engine.execute("ListTables", {}) == {"TableNames": []}
    await engine.execute("CreateTable", create_request())
    assert (await described(engine))["ItemCount"] == 0


async def test_capacity_that_is_being_changed_is_what_it_was(engine: Engine, clock: ManualClock) -> None:
    await _create(engine, clock)
    await engine.execute("UpdateTable", {"TableName": "films", "ProvisionedThroughput": units(6, 4)})

    table = await described(engine)
    assert (table["TableStatus"], table["ProvisionedThroughput"]["ReadCapacityUnits"]) == ("UPDATING", 5)
    assert table["ProvisionedThroughput"]["NumberOfDecreasesToday"] == 0
    busy = IN_USE + "Table IOPS are currently being updated. Table: films"
    assert await _update(engine, ProvisionedThroughput=units(7, 7)) == busy
    assert await _update(engine, BillingMode="PAY_PER_REQUEST") == busy
    assert await _update(engine, StreamSpecification=STREAM) == (
        IN_USE + "Can't enable or disable stream while table IOPS are being updated. Table: films"
    )
    assert await _update(engine, **NEW_INDEX) == (
        IN_USE + "Can't create or delete indexes while table IOPS are being updated. Table: films"
    )
    assert await _ask(engine, "DeleteTable") == IN_USE + "Table: films is in the process of being updated."
    assert await _update(engine, DeletionProtectionEnabled=False) == "answered"
    assert await _update(engine, SSESpecification={"Enabled": True}) == "answered"
    assert await _update(engine, SSESpecification={"Enabled": True}) == (
        IN_USE + "Server-Side Encryption is still being updated"
    )
    assert (await described(engine))["SSEDescription"]["Status"] == "UPDATING"

    clock.advance(TABLE_S)
    table = await described(engine)
    assert (table["TableStatus"], table["ProvisionedThroughput"]["ReadCapacityUnits"]) == ("ACTIVE", 6)
    assert table["ProvisionedThroughput"]["NumberOfDecreasesToday"] == 1


async def test_a_stream_that_is_being_enabled_holds_other_changes_up(engine: Engine, clock: ManualClock) -> None:
    await _create(engine, clock)
    await engine.execute("UpdateTable", {"TableName": "films", "StreamSpecification": STREAM})
    label = (await described(engine))["LatestStreamLabel"]
    facts = f"Table: films Stream: {label} Operation: ENABLE"

    assert (await described(engine))["TableStatus"] == "UPDATING"
    assert await _update(engine, ProvisionedThroughput=units(6, 6)) == (
        IN_USE + f"Can't change table IOPS when stream status is being updated. {facts}"
    )
    assert await _update(engine, StreamSpecification={"StreamEnabled": False}) == (
        IN_USE + f"A stream status change is currently in progress. {facts}"
    )
    assert await _ask(engine, "DeleteTable") == (IN_USE + "Cannot delete table while stream is being enabled/disabled.")
    clock.advance(TABLE_S)
    assert await _update(engine, ProvisionedThroughput=units(6, 6)) == "answered"


async def test_a_class_that_is_being_changed_is_described_as_it_was(engine: Engine, clock: ManualClock) -> None:
    await _create(engine, clock)
    await engine.execute("UpdateTable", {"TableName": "films", "TableClass": "STANDARD_INFREQUENT_ACCESS"})

    assert "TableClassSummary" not in await described(engine)
    assert await _update(engine, TableClass="STANDARD") == (
        IN_USE + "Can't update table class when a table class update is in progress. Table: films "
        "TableClassUpdateInProgress: STANDARD_INFREQUENT_ACCESS"
    )
    clock.advance(TABLE_S)
    assert (await described(engine))["TableClassSummary"]["TableClass"] == "STANDARD_INFREQUENT_ACCESS"


async def test_a_new_index_is_allocated_then_filled_then_ready(engine: Engine, clock: ManualClock) -> None:
    await _create(engine, clock)
    await engine.execute("PutItem", {"TableName": "films", "Item": ITEM})
    await engine.execute("UpdateTable", {"TableName": "films", **NEW_INDEX})
    scan = {"TableName": "films", "IndexName": "new"}

    assert await _states(engine) == ["UPDATING", "ACTIVE", "ACTIVE", "CREATING"]
    assert (await described(engine))["GlobalSecondaryIndexes"][2]["Backfilling"] is False
    assert await _update(engine, GlobalSecondaryIndexUpdates=[{"Delete": {"IndexName": "new"}}]) == (
        IN_USE + "Index creation is in resource allocation phase. Retry deletion during backfilling phase or when the "
        "index is active. Table: films Index: new"
    )
    update = {"Update": {"IndexName": "new", "ProvisionedThroughput": units(3, 3)}}
    assert await _update(engine, GlobalSecondaryIndexUpdates=[update]) == (
        IN_USE + "Index is being created but is not backfilling yet.  Table: films Index: new"
    )
    assert await _update(engine, ProvisionedThroughput=units(6, 6)) == (
        IN_USE + "Can't change table IOPS when an index is being created. Table: films Indexes: [new]"
    )
    online = (
        "LimitExceededException: Subscriber limit exceeded: Only 1 online index can be created or deleted "
        "simultaneously per table"
    )
    assert await _update(engine, **DELETE_INDEX) == online

    clock.advance(TABLE_S)
    assert await _states(engine) == ["ACTIVE", "ACTIVE", "ACTIVE", "CREATING"]
    assert (await described(engine))["GlobalSecondaryIndexes"][2]["Backfilling"] is True
    assert await _update(engine, **DELETE_INDEX) == online
    assert await _ask(engine, "DeleteTable") == (
        IN_USE + "Cannot delete table while indexes are being created, updated, or deleted."
    )
    assert await refusal(engine, "Scan", scan) == (
        "ValidationException: Cannot read from backfilling global secondary index: new"
    )

    clock.advance(INDEX_S - TABLE_S)
    assert await _states(engine) == ["ACTIVE", "ACTIVE", "ACTIVE", "ACTIVE"]
    assert (await engine.execute("Scan", scan))["Count"] == 1


async def test_an_index_that_is_being_deleted_goes_by_itself(engine: Engine, clock: ManualClock) -> None:
    await _create(engine, clock)
    await engine.execute("UpdateTable", {"TableName": "films", **DELETE_INDEX})

    assert await _states(engine) == ["UPDATING", "DELETING", "ACTIVE"]
    assert (await described(engine))["GlobalSecondaryIndexes"][0]["ProvisionedThroughput"]["ReadCapacityUnits"] == 2
    gone = IN_USE + "Index is being deleted. Table: films Index: one"
    assert await _update(engine, **DELETE_INDEX) == gone
    update = {"Update": {"IndexName": "one", "ProvisionedThroughput": units(3, 3)}}
    assert await _update(engine, ProvisionedThroughput=units(6, 6), GlobalSecondaryIndexUpdates=[update]) == gone
    again = {"Create": index("one", "A", ProvisionedThroughput=units(1, 1))}
    assert await _update(engine, AttributeDefinitions=definitions(a="S"), GlobalSecondaryIndexUpdates=[again]) == gone
    assert await _update(engine, BillingMode="PAY_PER_REQUEST") == (
        IN_USE + "Can't change table IOPS when an index is being deleted. Table: films Indexes: [one]"
    )
    clock.advance(INDEX_S)
    assert await _states(engine) == ["ACTIVE", "ACTIVE"]


async def test_an_index_is_gone_at_its_moment_however_lately_the_engine_looked(
    engine: Engine, clock: ManualClock
) -> None:
    await _create(engine, clock)
    await engine.execute("UpdateTable", {"TableName": "films", **DELETE_INDEX})

    clock.advance(INDEX_S - 0.25)
    assert await _states(engine) == ["UPDATING", "DELETING", "ACTIVE"]
    clock.advance(0.25)
    assert await _states(engine) == ["ACTIVE", "ACTIVE"]


async def test_an_index_whose_capacity_is_being_changed_is_updating(engine: Engine, clock: ManualClock) -> None:
    await _create(engine, clock)
    update = {"Update": {"IndexName": "one", "ProvisionedThroughput": units(3, 3)}}
    await engine.execute("UpdateTable", {"TableName": "films", "GlobalSecondaryIndexUpdates": [update]})

    assert await _states(engine) == ["ACTIVE", "UPDATING", "ACTIVE"]
    assert (await described(engine))["GlobalSecondaryIndexes"][0]["ProvisionedThroughput"]["ReadCapacityUnits"] == 2
    assert await _update(engine, GlobalSecondaryIndexUpdates=[update]) == (
        IN_USE + "Index is being updated. Table: films Index: one"
    )
    clock.advance(INDEX_S)
    assert (await described(engine))["GlobalSecondaryIndexes"][0]["ProvisionedThroughput"]["ReadCapacityUnits"] == 3


async def test_an_engine_without_delays_finds_what_another_left_under_way(tmp_path: Path) -> None:
    clock, url = ManualClock(1_700_000_000.0), f"file:{tmp_path / 'films.db'}"
    slow = Engine.open(url, clock=clock, options=EngineOptions(table_delay_s=TABLE_S))
    await _create(slow)
    await slow.close()

    engine = Engine.open(url, clock=clock)
    assert (await described(engine))["TableStatus"] == "CREATING"
    clock.advance(TABLE_S)
    assert (await described(engine))["TableStatus"] == "ACTIVE"
    await engine.close()


async def test_a_deletion_that_is_over_leaves_nothing_in_the_file(tmp_path: Path) -> None:
    clock, path = ManualClock(1_700_000_000.0), tmp_path / "films.db"
    engine = Engine.open(f"file:{path}", clock=clock, options=EngineOptions(table_delay_s=TABLE_S))
    await _create(engine, clock)
    await engine.execute("DeleteTable", {"TableName": "films"})
    clock.advance(TABLE_S)
    await engine.execute("ListTables", {})
    await engine.close()

    store = Store.in_file(path, clock.now_s())
    assert (store.spaces(), LiveCatalog(store).table_names()) == (set(), [])
    store.close()


async def test_asking_for_what_is_there_takes_no_time(engine: Engine, clock: ManualClock) -> None:
    await engine.execute("CreateTable", create_request())
    clock.advance(TABLE_S)

    for changes in ({"BillingMode": "PAY_PER_REQUEST"}, {"TableClass": "STANDARD"}):
        answer = await engine.execute("UpdateTable", {"TableName": "films", **changes})
        assert answer["TableDescription"]["TableStatus"] == "UPDATING"
        assert (await described(engine))["TableStatus"] == "ACTIVE"
