"""Indexes that UpdateTable creates, changes and deletes, and what it refuses them with."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from table_requests import create_request, definitions, described, index, refusal, units

from ddbmodel.engine import Engine, ManualClock

INVALID = "ValidationException: One or more parameter values were invalid: "
CREATE = {"Create": index("new", "A")}
DEFINED = definitions(a="S")


@pytest.fixture
async def engine() -> AsyncIterator[Engine]:
    engine = Engine.open(clock=ManualClock(1_700_000_000.0), region="eu-west-2")
    yield engine
    assert engine.verify() == []
    await engine.close()


async def _on_demand(engine: Engine, **changes: Any) -> None:
    await engine.execute("CreateTable", create_request(GlobalSecondaryIndexes=[index("one", "SK")], **changes))


async def _refused(engine: Engine, **changes: Any) -> str:
    return await refusal(engine, "UpdateTable", {"TableName": "films", **changes})


async def _update(engine: Engine, **changes: Any) -> dict[str, Any]:
    answer = await engine.execute("UpdateTable", {"TableName": "films", **changes})
    description: dict[str, Any] = answer["TableDescription"]
    return description


def _of_index(description: dict[str, Any], name: str = "one") -> dict[str, Any]:
    found: dict[str, Any] = next(each for each in description["GlobalSecondaryIndexes"] if each["IndexName"] == name)
    return found


INDEX_REFUSALS: list[tuple[list[dict[str, Any]], str]] = [
    (
        [{}],
        INVALID + "One of GlobalSecondaryIndexUpdate.Update, GlobalSecondaryIndexUpdate.Create, "
        "GlobalSecondaryIndexUpdate.Delete must not be null",
    ),
    (
        [CREATE | {"Delete": {"IndexName": "one"}}],
        INVALID + "Only one global secondary index action is allowed per GlobalSecondaryIndexUpdate object",
    ),
    (
        [{"Delete": {"IndexName": "one"}}, {"Update": {"IndexName": "one", "OnDemandThroughput": {}}}],
        INVALID + "Only one global secondary index update per index is allowed simultaneously. Index: one",
    ),
    (
        [CREATE, {"Delete": {"IndexName": "one"}}],
        "LimitExceededException: Subscriber limit exceeded: Only 1 online index can be created or deleted "
        "simultaneously per table",
    ),
    (
        [{"Delete": {"IndexName": "ghost"}}],
        "ResourceNotFoundException: Requested resource not found: Index ghost for table films",
    ),
    (
        [{"Delete": {"IndexName": "local"}}],
        "ValidationException: Cannot delete an index that is not a GlobalSecondaryIndex: local",
    ),
    ([{"Create": index("one", "A")}], "ValidationException: Attempting to create an index which already exists"),
    (
        [{"Create": index("new", "B")}],
        INVALID + "Some index key attributes are not defined in AttributeDefinitions. Keys: [b], "
        "AttributeDefinitions: [a]",
    ),
    (
        [{"Create": index("new", "A", ProjectionType="INCLUDE")}],
        INVALID + "ProjectionType is INCLUDE, but NonKeyAttributes is not specified",
    ),
    (
        [{"Create": index("new", "A", ProvisionedThroughput=units(1, 1))}],
        INVALID + "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified for index: new when BillingMode "
        "is PAY_PER_REQUEST",
    ),
    (
        [{"Update": {"IndexName": "one", "ProvisionedThroughput": units(1, 1)}}],
        INVALID + "The only Updates for index: one when TableThroughputMode is PAY_PER_REQUEST can be to "
        "OnDemandThroughput, WarmThroughput",
    ),
    (
        [{"Update": {"IndexName": "one", "WarmThroughput": {}}}],
        INVALID + "WarmThroughput must have at least one of ReadUnitsPerSecond or WriteUnitsPerSecond specified for "
        "index: one",
    ),
    (
        [{"Update": {"IndexName": "one", "WarmThroughput": {"ReadUnitsPerSecond": 100}}}],
        INVALID + "Requested ReadUnitsPerSecond for WarmThroughput for index one is lower than current "
        "WarmThroughput, decreasing WarmThroughput is not supported",
    ),
]


@pytest.mark.parametrize(("updates", "says"), INDEX_REFUSALS, ids=[says[-50:] for _, says in INDEX_REFUSALS])
async def test_an_index_update_that_cannot_be_is_refused(
    engine: Engine, updates: list[dict[str, Any]], says: str
) -> None:
    await _on_demand(engine, LocalSecondaryIndexes=[index("local", "PK", "sk")])
    before = await described(engine)

    assert await _refused(engine, AttributeDefinitions=DEFINED, GlobalSecondaryIndexUpdates=updates) == says
    assert await described(engine) == before


async def test_a_new_index_needs_definitions(engine: Engine) -> None:
    await _on_demand(engine)

    assert await _refused(engine, GlobalSecondaryIndexUpdates=[CREATE]) == (
        INVALID + "AttributeDefinitions is not specified for index: new"
    )


async def test_a_new_index_does_not_redefine_a_key(engine: Engine) -> None:
    await _on_demand(engine)

    assert await _refused(
        engine, AttributeDefinitions=definitions(pk="N", a="S"), GlobalSecondaryIndexUpdates=[CREATE]
    ) == (
        INVALID + "Attributes cannot be redefined. Please check that your attribute has the same type as previously "
        "defined. Existing schema: Schema:[SchemaElement: key{pk:S:HASH},key{sk:N:RANGE}] New schema: "
        "Schema:[SchemaElement: key{pk:N:HASH},key{sk:N:RANGE}]"
    )


async def test_a_twenty_first_index_is_beyond_a_limit(engine: Engine) -> None:
    await engine.execute(
        "CreateTable", create_request(GlobalSecondaryIndexes=[index(f"one-{each}", "SK") for each in range(20)])
    )

    assert await _refused(engine, AttributeDefinitions=DEFINED, GlobalSecondaryIndexUpdates=[CREATE]) == (
        "LimitExceededException: Subscriber limit exceeded: Number of global secondary indexes exceeds per-table "
        "limit of 20"
    )


async def test_a_new_index_is_filled_from_the_items(engine: Engine) -> None:
    await _on_demand(engine)
    item = {"pk": {"S": "p"}, "sk": {"N": "1"}, "a": {"S": "x"}}
    await engine.execute("PutItem", {"TableName": "films", "Item": item})

    # Definitions that no index needs, and those that are known already, may be left out or sent along.
    answer = await _update(engine, AttributeDefinitions=definitions(a="S", z="S"), GlobalSecondaryIndexUpdates=[CREATE])

    assert answer["TableStatus"] == "UPDATING"
    assert (_of_index(answer, "new")["IndexStatus"], _of_index(answer, "new")["Backfilling"]) == ("CREATING", False)
    table = await described(engine)
    assert table["TableStatus"] == "ACTIVE"
    assert (_of_index(table, "new")["IndexStatus"], _of_index(table, "new")["ItemCount"]) == ("ACTIVE", 1)
    assert "Backfilling" not in _of_index(table, "new")
    assert table["AttributeDefinitions"] == definitions(a="S", pk="S", sk="N")


async def test_an_index_that_is_made_again_has_no_settings_of_the_old_one(engine: Engine) -> None:
    await _on_demand(engine)
    limited = {"Create": index("new", "A", OnDemandThroughput={"MaxReadRequestUnits": 7})}
    await _update(engine, AttributeDefinitions=DEFINED, GlobalSecondaryIndexUpdates=[limited])
    assert _of_index(await described(engine), "new")["OnDemandThroughput"] == {"MaxReadRequestUnits": 7}
    await _update(engine, GlobalSecondaryIndexUpdates=[{"Delete": {"IndexName": "new"}}])

    await _update(engine, AttributeDefinitions=DEFINED, GlobalSecondaryIndexUpdates=[CREATE])

    assert "OnDemandThroughput" not in _of_index(await described(engine), "new")


async def test_a_deleted_index_takes_its_attribute_definition_along(engine: Engine) -> None:
    await _on_demand(engine)
    await _update(engine, AttributeDefinitions=DEFINED, GlobalSecondaryIndexUpdates=[CREATE])

    answer = await _update(engine, GlobalSecondaryIndexUpdates=[{"Delete": {"IndexName": "new"}}])

    assert _of_index(answer, "new")["IndexStatus"] == "DELETING"
    table = await described(engine)
    assert [each["IndexName"] for each in table["GlobalSecondaryIndexes"]] == ["one"]
    assert table["AttributeDefinitions"] == definitions(pk="S", sk="N")
