"""UpdateTable: what goes together, what each change does, and what it is refused with."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from table_requests import create_request, definitions, described, index, refusal, units

from ddbmodel.engine import Engine, EngineOptions, ManualClock

INVALID = "ValidationException: One or more parameter values were invalid: "
NOTHING = (
    "ValidationException: At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, "
    "GlobalSecondaryIndexUpdates, SSESpecification, ReplicaUpdates, MultiAccountReplicaReady, "
    "ReplicaTransitRoleArn, MultiRegionConsistency, DeletionProtectionEnabled, OnDemandThroughput, WarmThroughput "
    "or TableClass is required"
)
GUIDE = "Refer to the Amazon DynamoDB Developer Guide for current limits and how to request higher limits."
STREAM = {"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"}
ENCRYPTED = {"Enabled": True}
CREATE = {"Create": index("new", "A")}
DEFINED = definitions(a="S")
MIDNIGHT_S = 1_700_006_400.0


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(MIDNIGHT_S + 3600)


@pytest.fixture
async def engine(clock: ManualClock) -> AsyncIterator[Engine]:
    engine = Engine.open(clock=clock, region="eu-west-2")
    yield engine
    assert engine.verify() == []
    await engine.close()


async def _on_demand(engine: Engine, **changes: Any) -> None:
    await engine.execute("CreateTable", create_request(GlobalSecondaryIndexes=[index("one", "SK")], **changes))


async def _provisioned(engine: Engine, read: int = 10, write: int = 10) -> None:
    await engine.execute(
        "CreateTable",
        create_request(
            BillingMode="PROVISIONED",
            ProvisionedThroughput=units(read, write),
            GlobalSecondaryIndexes=[index("one", "SK", ProvisionedThroughput=units(2, 2))],
            LocalSecondaryIndexes=[index("local", "PK", "sk")],
        ),
    )


async def _refused(engine: Engine, **changes: Any) -> str:
    return await refusal(engine, "UpdateTable", {"TableName": "films", **changes})


async def _update(engine: Engine, **changes: Any) -> dict[str, Any]:
    answer = await engine.execute("UpdateTable", {"TableName": "films", **changes})
    description: dict[str, Any] = answer["TableDescription"]
    return description


def _of_index(description: dict[str, Any], name: str = "one") -> dict[str, Any]:
    found: dict[str, Any] = next(each for each in description["GlobalSecondaryIndexes"] if each["IndexName"] == name)
    return found


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"AttributeDefinitions": DEFINED},
        {"GlobalSecondaryIndexUpdates": []},
        {"WarmThroughput": {}},
        {"OnDemandThroughput": {}},
        {"KeySchema": [], "Colour": "red"},
    ],
)
async def test_an_update_of_nothing_is_refused_before_the_table_is_looked_for(
    engine: Engine, changes: dict[str, Any]
) -> None:
    assert await _refused(engine, **changes) == NOTHING


async def test_the_classic_words_for_an_update_of_nothing_are_shorter() -> None:
    engine = Engine.open(options=EngineOptions(wording="classic"))

    assert "GlobalSecondaryIndexUpdates or SSESpecification or ReplicaUpdates is required" in await _refused(engine)
    await engine.close()


ALONE = "modification must be the only operation in the request"
TOGETHER: list[tuple[dict[str, Any], str]] = [
    ({"SSESpecification": ENCRYPTED, "DeletionProtectionEnabled": True}, f"Server-Side Encryption {ALONE}"),
    ({"DeletionProtectionEnabled": True, "TableClass": "STANDARD"}, f"TableClass {ALONE}"),
    ({"DeletionProtectionEnabled": True, "BillingMode": "PAY_PER_REQUEST"}, f"DeletionProtection {ALONE}"),
    (
        {"DeletionProtectionEnabled": True, "OnDemandThroughput": {"MaxReadRequestUnits": 1}},
        f"DeletionProtection {ALONE}",
    ),
    (
        {"WarmThroughput": {"ReadUnitsPerSecond": 13_000}, "BillingMode": "PAY_PER_REQUEST"},
        "WarmThroughput must be the only operation in the request",
    ),
    (
        {"StreamSpecification": STREAM, "OnDemandThroughput": {"MaxReadRequestUnits": 1}},
        "OnDemandThroughput can only be combined with BillingMode in an UpdateTable request",
    ),
    (
        {"StreamSpecification": STREAM, "ProvisionedThroughput": units(1, 1)},
        "You cannot modify stream status while updating table IOPS",
    ),
    (
        {
            "GlobalSecondaryIndexUpdates": [CREATE],
            "AttributeDefinitions": DEFINED,
            "ProvisionedThroughput": units(1, 1),
        },
        "You cannot create or delete index while updating table IOPS",
    ),
    (
        {"GlobalSecondaryIndexUpdates": [{"Delete": {"IndexName": "one"}}], "StreamSpecification": STREAM},
        "You cannot create or delete index while changing stream status",
    ),
    (
        {"GlobalSecondaryIndexUpdates": [CREATE], "WarmThroughput": {"ReadUnitsPerSecond": 13_000}},
        "Create global secondary index cannot be specified when updating WarmThroughput",
    ),
    (
        {"GlobalSecondaryIndexUpdates": [], "BillingMode": "PAY_PER_REQUEST"},
        "List of GlobalSecondaryIndexUpdates is empty",
    ),
    ({"ReplicaUpdates": [{"Create": {"RegionName": "eu-west-1"}}]}, "ReplicaUpdates is not available here"),
]


@pytest.mark.parametrize(("changes", "says"), TOGETHER, ids=[says[:50] for _, says in TOGETHER])
async def test_changes_that_do_not_go_together_are_refused(engine: Engine, changes: dict[str, Any], says: str) -> None:
    await _on_demand(engine)
    before = await described(engine)

    assert await _refused(engine, **changes) == INVALID + says
    assert await described(engine) == before


async def test_definitions_without_a_new_index_are_ignored(engine: Engine) -> None:
    await _on_demand(engine)

    await _update(engine, AttributeDefinitions=definitions(pk="N", z="B"), DeletionProtectionEnabled=True)

    assert (await described(engine))["AttributeDefinitions"] == definitions(pk="S", sk="N")


async def test_capacity_is_answered_as_it_was_and_described_as_it_is(engine: Engine) -> None:
    await _provisioned(engine)

    answer = await _update(engine, ProvisionedThroughput=units(20, 5))

    now_s = MIDNIGHT_S + 3600
    moments = {"LastDecreaseDateTime": now_s, "LastIncreaseDateTime": now_s}
    assert answer["TableStatus"] == "UPDATING"
    assert answer["ProvisionedThroughput"] == {"NumberOfDecreasesToday": 0} | units(10, 10) | moments
    table = await described(engine)
    assert table["ProvisionedThroughput"] == {"NumberOfDecreasesToday": 1} | units(20, 5) | moments
    assert table["WarmThroughput"] == {"ReadUnitsPerSecond": 20, "WriteUnitsPerSecond": 10, "Status": "ACTIVE"}


async def test_capacity_that_does_not_change_is_refused(engine: Engine) -> None:
    await _provisioned(engine)

    for changes in ({}, {"BillingMode": "PROVISIONED"}):
        assert await _refused(engine, ProvisionedThroughput=units(10, 10), **changes) == (
            "ValidationException: The provisioned throughput for the table will not change. The requested value equals "
            "the current value. Current ReadCapacityUnits provisioned for the table: 10. Requested ReadCapacityUnits: "
            "10. Current WriteCapacityUnits provisioned for the table: 10. Requested WriteCapacityUnits: 10. " + GUIDE
        )
    update = {"Update": {"IndexName": "one", "ProvisionedThroughput": units(2, 2)}}
    assert (await _refused(engine, GlobalSecondaryIndexUpdates=[update])).startswith(
        "ValidationException: The provisioned throughput for the index one will not change."
    )


async def test_capacity_is_decreased_four_times_then_once_an_hour(engine: Engine, clock: ManualClock) -> None:
    await _provisioned(engine)
    for write in (9, 8, 7, 6):
        await _update(engine, ProvisionedThroughput=units(10, write))

    assert await _refused(engine, ProvisionedThroughput=units(11, 5)) == (
        "LimitExceededException: Subscriber limit exceeded: Provisioned throughput decreases are limited within a "
        "given UTC day. After the first 4 decreases, each subsequent decrease in the same UTC day can be performed at "
        "most once every 3600 seconds. Number of decreases today: 4. Last decrease at Wednesday, November 15, 2023 at "
        "1:00:00 AM Coordinated Universal Time. Next decrease can be made at Wednesday, November 15, 2023 at 2:00:00 "
        "AM Coordinated Universal Time."
    )
    await _update(engine, ProvisionedThroughput=units(11, 7))
    clock.advance(3599)
    assert "Number of decreases today: 4" in await _refused(engine, ProvisionedThroughput=units(11, 5))
    clock.advance(1)
    await _update(engine, ProvisionedThroughput=units(11, 5))
    assert "Number of decreases today: 5" in await _refused(engine, ProvisionedThroughput=units(11, 4))

    clock.advance(MIDNIGHT_S + 86_400 - clock.now_s())
    assert (await described(engine))["ProvisionedThroughput"]["NumberOfDecreasesToday"] == 0
    await _update(engine, ProvisionedThroughput=units(11, 4))


async def test_an_index_has_decreases_of_its_own(engine: Engine) -> None:
    await _provisioned(engine)
    for write in (9, 8, 7, 6):
        await _update(engine, ProvisionedThroughput=units(10, write))

    update = {"Update": {"IndexName": "one", "ProvisionedThroughput": units(1, 3)}}
    answer = await _update(engine, GlobalSecondaryIndexUpdates=[update])

    assert (answer["TableStatus"], _of_index(answer)["IndexStatus"]) == ("ACTIVE", "UPDATING")
    assert _of_index(answer)["ProvisionedThroughput"]["ReadCapacityUnits"] == 2
    after = _of_index(await described(engine))["ProvisionedThroughput"]
    assert (after["ReadCapacityUnits"], after["WriteCapacityUnits"], after["NumberOfDecreasesToday"]) == (1, 3, 1)


async def test_a_table_that_becomes_provisioned_needs_units_for_itself_and_each_index(engine: Engine) -> None:
    await _on_demand(engine, OnDemandThroughput={"MaxReadRequestUnits": 9})

    assert await _refused(engine, BillingMode="PROVISIONED") == (
        INVALID + "ProvisionedThroughput must be specified when BillingMode is PROVISIONED"
    )
    assert await _refused(engine, BillingMode="PROVISIONED", ProvisionedThroughput=units(5, 5)) == (
        INVALID + "ProvisionedThroughput must be specified for index: one"
    )
    assert "Neither ReadCapacityUnits" in await _refused(engine, ProvisionedThroughput=units(5, 5))

    update = {"Update": {"IndexName": "one", "ProvisionedThroughput": units(3, 4)}}
    await _update(
        engine,
        BillingMode="PROVISIONED",
        ProvisionedThroughput=units(5, 6),
        GlobalSecondaryIndexUpdates=[update],
    )

    table = await described(engine)
    assert table["BillingModeSummary"]["BillingMode"] == "PROVISIONED"
    assert table["ProvisionedThroughput"] == {"NumberOfDecreasesToday": 0} | units(5, 6)
    assert _of_index(table)["ProvisionedThroughput"] == {"NumberOfDecreasesToday": 0} | units(3, 4)
    assert table["WarmThroughput"]["ReadUnitsPerSecond"] == 12_000
    assert "OnDemandThroughput" not in table


async def test_a_table_goes_on_demand_with_its_indexes(engine: Engine, clock: ManualClock) -> None:
    await _provisioned(engine)
    clock.advance(10)

    answer = await _update(engine, BillingMode="PAY_PER_REQUEST", OnDemandThroughput={"MaxReadRequestUnits": 7})

    assert answer["BillingModeSummary"] == {"BillingMode": "PAY_PER_REQUEST"}
    table = await described(engine)
    assert table["BillingModeSummary"] == {
        "BillingMode": "PAY_PER_REQUEST",
        "LastUpdateToPayPerRequestDateTime": clock.now_s(),
    }
    assert table["ProvisionedThroughput"] == {"NumberOfDecreasesToday": 0} | units(0, 0)
    assert _of_index(table)["ProvisionedThroughput"] == {"NumberOfDecreasesToday": 0} | units(0, 0)
    assert table["OnDemandThroughput"] == {"MaxReadRequestUnits": 7}
    assert table["WarmThroughput"] == {"ReadUnitsPerSecond": 12_000, "WriteUnitsPerSecond": 4_000, "Status": "ACTIVE"}


async def test_a_table_that_goes_on_demand_takes_no_units_for_an_index(engine: Engine) -> None:
    await _provisioned(engine)
    update = {"Update": {"IndexName": "one", "ProvisionedThroughput": units(3, 3)}}

    assert "The only Updates for index: one" in await _refused(
        engine, BillingMode="PAY_PER_REQUEST", GlobalSecondaryIndexUpdates=[update]
    )


async def test_asking_for_what_is_there_is_answered_and_changes_nothing(engine: Engine) -> None:
    await _on_demand(engine)
    before = await described(engine)

    for changes in ({"BillingMode": "PAY_PER_REQUEST"}, {"TableClass": "STANDARD"}):
        assert (await _update(engine, **changes))["TableStatus"] == "UPDATING"
    await _update(engine, WarmThroughput={"ReadUnitsPerSecond": 12_000})
    await _update(engine, DeletionProtectionEnabled=False)

    assert await described(engine) == before


async def test_limits_on_demand_are_merged_and_removed_one_by_one(engine: Engine) -> None:
    await _on_demand(engine)
    shown = []
    for limits in (
        {"MaxReadRequestUnits": 1000, "MaxWriteRequestUnits": 500},
        {"MaxReadRequestUnits": 2000},
        {"MaxReadRequestUnits": -1},
        {"MaxWriteRequestUnits": -1},
    ):
        await _update(engine, OnDemandThroughput=limits)
        shown.append((await described(engine)).get("OnDemandThroughput"))

    assert shown == [
        {"MaxReadRequestUnits": 1000, "MaxWriteRequestUnits": 500},
        {"MaxReadRequestUnits": 2000, "MaxWriteRequestUnits": 500},
        {"MaxWriteRequestUnits": 500},
        None,
    ]
    assert "outside of valid range" in await _refused(engine, OnDemandThroughput={"MaxReadRequestUnits": 0})
    assert (await _refused(engine, OnDemandThroughput={"MaxReadRequestUnits": 40_001})).startswith(
        "LimitExceededException: Subscriber limit exceeded: Requested MaxReadRequestUnits for OnDemandThroughput for "
        "table exceeds TableMaxReadCapacityUnits"
    )


async def test_a_provisioned_table_has_no_limits_on_demand(engine: Engine) -> None:
    await _provisioned(engine)

    assert await _refused(engine, OnDemandThroughput={"MaxWriteRequestUnits": 1}) == (
        INVALID + "MaxWriteRequestUnits for OnDemandThroughput cannot be specified when the table BillingMode is "
        "PROVISIONED"
    )


async def test_warm_throughput_only_grows(engine: Engine) -> None:
    await _on_demand(engine)

    answer = await _update(engine, WarmThroughput={"WriteUnitsPerSecond": 4_001})

    assert answer["WarmThroughput"] == {
        "ReadUnitsPerSecond": 12_000,
        "WriteUnitsPerSecond": 4_000,
        "Status": "UPDATING",
    }
    assert (await described(engine))["WarmThroughput"] == {
        "ReadUnitsPerSecond": 12_000,
        "WriteUnitsPerSecond": 4_001,
        "Status": "ACTIVE",
    }
    assert await _refused(engine, WarmThroughput={"WriteUnitsPerSecond": 4_000}) == (
        INVALID + "Requested WriteUnitsPerSecond for WarmThroughput for table is lower than current WarmThroughput, "
        "decreasing WarmThroughput is not supported"
    )


async def test_a_stream_is_enabled_and_disabled_once(engine: Engine) -> None:
    await _on_demand(engine)

    assert await _refused(engine, StreamSpecification={"StreamEnabled": False}) == (
        "ValidationException: Table has no stream to disable: TableName: films"
    )
    assert await _refused(engine, StreamSpecification={"StreamEnabled": True}) == (
        INVALID + "If stream is being enabled then UpdateViewType is required"
    )
    assert (await _update(engine, StreamSpecification=STREAM))["TableStatus"] == "UPDATING"
    assert await _refused(engine, StreamSpecification=STREAM) == (
        "ValidationException: Table already has an enabled stream: TableName: films"
    )
    assert await _refused(engine, StreamSpecification=STREAM | {"StreamEnabled": False}) == (
        INVALID + "If stream is being disabled, then UpdateViewType must not be specified"
    )
    await _update(engine, StreamSpecification={"StreamEnabled": False})

    table = await described(engine)
    assert "StreamSpecification" not in table
    assert table["LatestStreamArn"].startswith("arn:aws:dynamodb:eu-west-2:000000000000:table/films/stream/")


async def test_the_class_of_a_table_changes_twice_a_month(engine: Engine, clock: ManualClock) -> None:
    await _on_demand(engine)
    rare, usual = "STANDARD_INFREQUENT_ACCESS", "STANDARD"

    answer = await _update(engine, TableClass=rare)
    assert "TableClassSummary" not in answer
    summary = (await described(engine))["TableClassSummary"]
    assert summary == {"TableClass": rare, "LastUpdateDateTime": clock.now_s()}
    await _update(engine, TableClass=usual)
    for class_ in (rare, usual):
        assert await _refused(engine, TableClass=class_) == (
            "LimitExceededException: Subscriber limit exceeded: Updates to TableClass are limited to 2 times in 30 "
            "day(s)."
        )
    clock.advance(30 * 86_400)
    await _update(engine, TableClass=rare)


async def test_encryption_is_changed_but_not_to_what_it_is(engine: Engine) -> None:
    await _on_demand(engine)
    mine = {"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": "mine"}

    assert await _refused(engine, SSESpecification={"Enabled": False}) == (
        INVALID + "Table is already encrypted by default"
    )
    answer = await _update(engine, SSESpecification=mine)
    assert answer["SSEDescription"]["Status"] == "UPDATING"
    assert (await described(engine))["SSEDescription"] == {
        "Status": "ENABLED",
        "SSEType": "KMS",
        "KMSMasterKeyArn": "arn:aws:kms:eu-west-2:000000000000:key/mine",
    }
    assert "already encrypted with given KMSMasterKeyId" in await _refused(engine, SSESpecification=mine)
    # The key that it had is shown until the change is done.
    answer = await _update(engine, SSESpecification={"Enabled": False})
    assert (answer["SSEDescription"]["Status"], answer["SSEDescription"]["KMSMasterKeyArn"][-4:]) == (
        "UPDATING",
        "mine",
    )
    assert "SSEDescription" not in await described(engine)


async def test_protection_against_deletion_is_set_and_taken_back(engine: Engine) -> None:
    await _on_demand(engine)
    await _update(engine, DeletionProtectionEnabled=True)

    assert await refusal(engine, "DeleteTable", {"TableName": "films"}) == (
        "ValidationException: Resource cannot be deleted as it is currently protected against deletion. Disable "
        "deletion protection first."
    )
    await _update(engine, DeletionProtectionEnabled=False)
    await engine.execute("DeleteTable", {"TableName": "films"})
