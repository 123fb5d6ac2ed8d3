"""Capacity follows the load on the engine's clock, by the rule of the service."""

from __future__ import annotations

from typing import Any

import pytest

from ddbmodel.engine import Behaviours, Engine, EngineOptions, ManualClock
from ddbmodel.engine.scaling.rule import capacity_after
from ddbmodel.engine.scaling.targets import Place, Policy, Target
from ddbmodel.errors import ServiceError

TABLE = {
    "TableName": "films",
    "KeySchema": [{"AttributeName": "p", "KeyType": "HASH"}],
    "AttributeDefinitions": [
        {"AttributeName": "p", "AttributeType": "S"},
        {"AttributeName": "g", "AttributeType": "S"},
    ],
    "ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1},
    "GlobalSecondaryIndexes": [
        {
            "IndexName": "by_g",
            "KeySchema": [{"AttributeName": "g", "KeyType": "HASH"}],
            "Projection": {"ProjectionType": "ALL"},
            "ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1},
        }
    ],
}
WRITES = {
    "ServiceNamespace": "dynamodb",
    "ResourceId": "table/films",
    "ScalableDimension": "dynamodb:table:WriteCapacityUnits",
}
INDEX_WRITES = {
    **WRITES,
    "ResourceId": "table/films/index/by_g",
    "ScalableDimension": "dynamodb:index:WriteCapacityUnits",
}
TRACKING = {
    "PolicyName": "follow",
    "PolicyType": "TargetTrackingScaling",
    "TargetTrackingScalingPolicyConfiguration": {
        "TargetValue": 50.0,
        "PredefinedMetricSpecification": {"PredefinedMetricType": "DynamoDBWriteCapacityUtilization"},
    },
}


def target(*, percent: float = 70, **policy: Any) -> Target:
    return Target(Place("", "Read"), 5, 100, 0.0, Policy("follow", percent, 0.0, **policy))


def minutes(*units: float, first: int = 0) -> dict[int, float]:
    return {first + number: 60 * each for number, each in enumerate(units)}


def test_two_minutes_above_the_target_increase_the_capacity() -> None:
    assert capacity_after(0, target(), 10, minutes(8)) == 10
    assert capacity_after(1, target(), 10, minutes(7, 8)) == 10
    assert capacity_after(1, target(), 10, minutes(8, 14)) == 20
    assert capacity_after(1, target(), 10, minutes(8, 900)) == 100


def test_fifteen_minutes_far_below_it_decrease_the_capacity_to_the_busiest_of_them() -> None:
    idle = [1.0] * 13
    assert capacity_after(13, target(), 50, minutes(7, *idle)) == 50
    assert capacity_after(14, target(), 50, minutes(7, *idle, 1)) == 10
    assert capacity_after(14, target(), 50, minutes(26, *idle, 1)) == 50
    assert capacity_after(14, target(), 50, minutes(*[0.1] * 15)) == 5
    assert capacity_after(14, target(scales_in=False), 50, minutes(7, *idle, 1)) == 50


def test_minutes_without_consumption_are_none() -> None:
    quiet = minutes(*[1.0] * 15)
    del quiet[7]

    assert capacity_after(14, target(), 50, quiet) == 50
    assert capacity_after(20, target(), 50, {}) == 50


def test_cooldowns_are_kept() -> None:
    busy, idle = minutes(8, 14), minutes(*[1.0] * 15)

    assert capacity_after(1, target(out_cooldown_s=300), 10, busy, increased_at_s=0.0) == 10
    assert capacity_after(1, target(out_cooldown_s=100), 10, busy, increased_at_s=0.0) == 20
    assert capacity_after(14, target(in_cooldown_s=901), 50, idle, changed_at_s=0.0) == 50
    assert capacity_after(14, target(in_cooldown_s=900), 50, idle, changed_at_s=0.0) == 5


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(1_700_000_040.0)


@pytest.fixture
async def engine(clock: ManualClock) -> Any:
    opened = Engine.open("memory:", clock=clock)
    await opened.execute("CreateTable", TABLE)
    yield opened
    await opened.close()


async def follow(engine: Engine, place: dict[str, Any]) -> None:
    await engine.scale("RegisterScalableTarget", {**place, "MinCapacity": 1, "MaxCapacity": 40})
    await engine.scale("PutScalingPolicy", {**place, **TRACKING})


async def write(engine: Engine, count: int) -> None:
    for number in range(count):
        await engine.execute("PutItem", {"TableName": "films", "Item": {"p": {"S": f"{number}"}, "g": {"S": "x"}}})


async def units(engine: Engine) -> tuple[int, int]:
    table = (await engine.execute("DescribeTable", {"TableName": "films"}))["Table"]
    index = table["GlobalSecondaryIndexes"][0]
    return table["ProvisionedThroughput"]["WriteCapacityUnits"], index["ProvisionedThroughput"]["WriteCapacityUnits"]


async def test_a_table_gets_more_after_two_busy_minutes_and_less_after_fifteen_quiet_ones(
    engine: Engine, clock: ManualClock
) -> None:
    await follow(engine, WRITES)
    for _ in range(2):
        await write(engine, 120)
        clock.advance(60)
    busy = await units(engine)
    for _ in range(15):
        await write(engine, 1)
        clock.advance(60)

    # The index has no items that change, and nobody said that it should follow.
    assert busy == (4, 1)
    assert await units(engine) == (1, 1)


async def test_an_index_follows_on_its_own(engine: Engine, clock: ManualClock) -> None:
    await follow(engine, INDEX_WRITES)
    for number in range(2):
        for item in range(90):
            key = {"p": {"S": f"{number}-{item}"}, "g": {"S": "x"}}
            await engine.execute("PutItem", {"TableName": "films", "Item": key})
        clock.advance(60)

    assert await units(engine) == (1, 3)


async def test_minutes_that_nobody_looked_at_are_made_up_for(engine: Engine, clock: ManualClock) -> None:
    await follow(engine, WRITES)
    await write(engine, 120)
    clock.advance(60)
    await write(engine, 120)
    clock.advance(3600)

    assert await units(engine) == (4, 1)


async def test_refused_conditions_count(engine: Engine, clock: ManualClock) -> None:
    await follow(engine, WRITES)
    await write(engine, 1)
    put = {"TableName": "films", "Item": {"p": {"S": "0"}}, "ConditionExpression": "attribute_not_exists(p)"}
    for _ in range(2):
        for _ in range(120):
            with pytest.raises(ServiceError):
                await engine.execute("PutItem", put)
        clock.advance(60)

    assert (await units(engine))[0] == 4


async def test_throttling_ends_when_there_is_more(clock: ManualClock) -> None:
    engine = Engine.open("memory:", clock=clock, behaviours=Behaviours(throttling="faithful"))
    await engine.execute("CreateTable", TABLE)
    await follow(engine, WRITES)
    refused = []
    for _ in range(4):
        count = 0
        for _ in range(60):
            clock.advance(1)
            for number in range(2):
                try:
                    await engine.execute("PutItem", {"TableName": "films", "Item": {"p": {"S": f"{number}"}}})
                except ServiceError:
                    count += 1
        refused.append(count)

    assert refused[0] > 0
    assert refused[-1] == 0
    await engine.close()


async def test_targets_are_kept_in_the_file(tmp_path: Any, clock: ManualClock) -> None:
    engine = Engine.open(f"file:{tmp_path / 'films.db'}", clock=clock)
    await engine.execute("CreateTable", TABLE)
    await follow(engine, WRITES)
    await engine.close()

    engine = Engine.open(f"file:{tmp_path / 'films.db'}", clock=clock)
    found = await engine.scale("DescribeScalableTargets", {"ServiceNamespace": "dynamodb"})
    policies = await engine.scale("DescribeScalingPolicies", {"ServiceNamespace": "dynamodb"})
    for _ in range(2):
        await write(engine, 120)
        clock.advance(60)

    assert [each["ResourceId"] for each in found["ScalableTargets"]] == ["table/films"]
    assert policies["ScalingPolicies"][0]["TargetTrackingScalingPolicyConfiguration"]["TargetValue"] == 50.0
    assert await units(engine) == (4, 1)
    await engine.close()


async def test_a_target_that_is_taken_back_follows_no_more(engine: Engine, clock: ManualClock) -> None:
    await follow(engine, WRITES)
    await write(engine, 120)
    clock.advance(60)
    await engine.scale("DeregisterScalableTarget", WRITES)
    await write(engine, 120)
    clock.advance(60)

    assert await units(engine) == (1, 1)
    with pytest.raises(ServiceError, match="No scalable target registered"):
        await engine.scale("DeregisterScalableTarget", WRITES)


async def test_an_index_that_is_made_again_does_not_follow_by_itself(engine: Engine) -> None:
    await follow(engine, INDEX_WRITES)
    (index,) = TABLE["GlobalSecondaryIndexes"]
    for change in ({"Delete": {"IndexName": "by_g"}}, {"Create": index}):
        request = {"AttributeDefinitions": TABLE["AttributeDefinitions"], "GlobalSecondaryIndexUpdates": [change]}
        await engine.execute("UpdateTable", {"TableName": "films", **request})

    assert await engine.scale("DescribeScalableTargets", {"ServiceNamespace": "dynamodb"}) == {"ScalableTargets": []}


async def test_a_table_that_is_being_changed_is_left_alone(clock: ManualClock) -> None:
    engine = Engine.open("memory:", clock=clock, options=EngineOptions(table_delay_s=600))
    await engine.execute("CreateTable", TABLE)
    clock.advance(600)
    await follow(engine, WRITES)
    await engine.execute("UpdateTable", {"TableName": "films", "TableClass": "STANDARD_INFREQUENT_ACCESS"})
    for _ in range(2):
        await write(engine, 120)
        clock.advance(60)
    await units(engine)
    clock.advance(6000)

    assert await units(engine) == (1, 1)
    await engine.close()


@pytest.mark.parametrize(
    ("operation", "request_", "says"),
    [
        ("RegisterScalableTarget", {**WRITES, "MinCapacity": 5, "MaxCapacity": 4}, "not above the second"),
        ("RegisterScalableTarget", {**WRITES, "MinCapacity": 5}, "not above the second"),
        ("RegisterScalableTarget", {**WRITES, "ResourceId": "table/nothing"}, "does not exist"),
        ("RegisterScalableTarget", {**WRITES, "ResourceId": "service/x"}, "dynamodb resources only"),
        ("RegisterScalableTarget", {**WRITES, "ServiceNamespace": "ecs"}, "dynamodb resources only"),
        ("PutScalingPolicy", {**WRITES, **TRACKING}, "No scalable target registered"),
        ("DeleteScheduledAction", {}, "DeleteScheduledAction"),
    ],
)
async def test_what_cannot_be_is_refused(engine: Engine, operation: str, request_: dict[str, Any], says: str) -> None:
    with pytest.raises(ServiceError, match=says):
        await engine.scale(operation, request_)


@pytest.mark.parametrize(
    ("member", "value", "says"),
    [("PolicyType", "StepScaling", "TargetTrackingScaling only"), ("TargetValue", 95, "between 20 and 90")],
)
async def test_a_policy_that_cannot_be_followed_is_refused(engine: Engine, member: str, value: Any, says: str) -> None:
    await engine.scale("RegisterScalableTarget", {**WRITES, "MinCapacity": 1, "MaxCapacity": 4})
    policy: dict[str, Any] = {**WRITES, **TRACKING}
    if member in policy:
        policy[member] = value
    else:
        configuration = dict(policy["TargetTrackingScalingPolicyConfiguration"])
        policy["TargetTrackingScalingPolicyConfiguration"] = configuration | {member: value}

    with pytest.raises(ServiceError, match=says):
        await engine.scale("PutScalingPolicy", policy)


@pytest.mark.parametrize(
    "wrong",
    [
        {"ResourceId": 7},
        {"ScalableDimension": {}},
        {"MinCapacity": "1"},
        {"MaxCapacity": True},
        {"ResourceIds": "table/films"},
        {"PolicyNames": [1]},
        {"TargetTrackingScalingPolicyConfiguration": []},
        {"TargetTrackingScalingPolicyConfiguration": {"PredefinedMetricSpecification": "x"}},
        {"TargetTrackingScalingPolicyConfiguration": {"ScaleOutCooldown": "soon"}},
        {"TargetTrackingScalingPolicyConfiguration": {"DisableScaleIn": 1}},
    ],
)
async def test_members_of_other_types_are_refused_by_every_operation(wrong: dict[str, Any]) -> None:
    engine = Engine.open("memory:")
    await engine.execute("CreateTable", TABLE)
    for operation in (
        "DeregisterScalableTarget",
        "DescribeScalableTargets",
        "DescribeScalingPolicies",
        "PutScalingPolicy",
        "RegisterScalableTarget",
    ):
        with pytest.raises(ServiceError, match="is not of its type") as caught:
            await engine.scale(operation, {**WRITES, **wrong})
        assert caught.value.code == "SerializationException"
    await engine.close()
