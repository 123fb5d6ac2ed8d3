"""Throttling: capacity that runs out, exactly when it should, and chances that say it did."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from ddbmodel.errors import ServiceError, Throttled

if TYPE_CHECKING:
    from conftest import Misbehaving

KEY = {"p": {"S": "a"}, "s": {"S": "-"}}
ARN = "arn:aws:dynamodb:eu-west-1:000000000000:table/"


def put(key: str, table: str = "provisioned", **attributes: str) -> dict[str, Any]:
    item = {"p": {"S": key}, "s": {"S": "-"}, **{name: {"S": value} for name, value in attributes.items()}}
    return {"TableName": table, "Item": item}


def reasons_of(error: ServiceError) -> list[tuple[str, str]]:
    return [(reason.reason, reason.resource) for reason in error.throttling_reasons]


async def test_a_new_table_has_the_capacity_of_one_second(db: Misbehaving) -> None:
    db.behave(throttling="faithful")

    assert await db.until_refused("PutItem", **put("a")) == 2
    db.clock.advance(1)
    assert await db.until_refused("PutItem", **put("a")) == 2


async def test_the_capacity_unused_for_300_seconds_is_spent_exactly(db: Misbehaving) -> None:
    db.behave(throttling="faithful")
    await db.until_refused("PutItem", **put("a"))
    db.clock.advance(10_000)

    assert await db.until_refused("PutItem", **put("a")) == 300 * 2
    db.clock.advance(1.5)
    assert await db.until_refused("PutItem", **put("a")) == 3


async def test_capacity_is_left_unused_from_the_moment_the_switch_is_set(db: Misbehaving) -> None:
    db.behave(throttling="faithful")
    db.clock.advance(4)

    assert await db.until_refused("PutItem", **put("a")) == 5 * 2


async def test_a_throttled_write_says_which_limit_it_met_and_changes_nothing(db: Misbehaving) -> None:
    db.behave(throttling="faithful")
    await db.until_refused("PutItem", **put("a"))

    error = await db.refusal("PutItem", **put("b"))

    assert isinstance(error, Throttled)
    assert error.code == "ProvisionedThroughputExceededException"
    assert error.message.startswith("The level of configured provisioned throughput for the table was exceeded.")
    assert reasons_of(error) == [("TableWriteProvisionedThroughputExceeded", ARN + "provisioned")]
    assert await db.get("b", table="provisioned") is None


async def test_reads_cost_half_when_eventually_consistent_and_reads_and_writes_have_buckets_of_their_own(
    db: Misbehaving,
) -> None:
    db.behave(throttling="faithful")
    await db.until_refused("PutItem", **put("a"))
    get = {"TableName": "provisioned", "Key": KEY}

    assert await db.until_refused("GetItem", **get) == 8
    db.clock.advance(1)
    assert await db.until_refused("GetItem", **get, ConsistentRead=True) == 4
    assert reasons_of(await db.refusal("GetItem", **get)) == [
        ("TableReadProvisionedThroughputExceeded", ARN + "provisioned")
    ]


async def test_a_large_read_is_let_in_and_paid_for_by_those_after_it(db: Misbehaving) -> None:
    for number in range(10):
        await db.put(f"k{number}", table="provisioned", text="x" * 40_000)
    db.behave(throttling="faithful")
    # 400,000 bytes are 98 units, and 49 when eventually consistent.
    await db.ask("Scan", TableName="provisioned")
    db.clock.advance(11)
    assert await db.until_refused("GetItem", TableName="provisioned", Key=KEY) == 0
    db.clock.advance(2)
    assert await db.until_refused("GetItem", TableName="provisioned", Key=KEY) > 0


async def test_a_write_that_a_global_index_has_no_capacity_for_is_throttled(db: Misbehaving) -> None:
    db.behave(throttling="faithful")
    await db.ask("PutItem", **put("a", group="red"))

    error = await db.refusal("PutItem", **put("b", group="red"))

    assert reasons_of(error) == [("IndexWriteProvisionedThroughputExceeded", ARN + "provisioned/index/by_group")]
    assert "global secondary indexes" in error.message
    # The table has a unit left, which an item outside of the index may use.
    assert await db.until_refused("PutItem", **put("c")) == 1


async def test_reading_a_global_index_uses_its_own_capacity(db: Misbehaving) -> None:
    db.behave(throttling="faithful")
    query = {
        "TableName": "provisioned",
        "IndexName": "by_group",
        "KeyConditionExpression": "#g = :g",
        "ExpressionAttributeNames": {"#g": "group"},
        "ExpressionAttributeValues": {":g": {"S": "red"}},
    }

    assert await db.until_refused("Query", **query) == 8
    assert reasons_of(await db.refusal("Query", **query)) == [
        ("IndexReadProvisionedThroughputExceeded", ARN + "provisioned/index/by_group")
    ]
    assert await db.until_refused("GetItem", TableName="provisioned", Key=KEY) == 8


async def test_the_1001st_unit_within_a_second_on_one_key_meets_the_limit_of_the_partition(db: Misbehaving) -> None:
    db.behave(throttling="faithful")

    assert await db.until_refused("PutItem", **put("a", table="demand")) == 1000
    error = await db.refusal("PutItem", **put("a", table="demand"))
    assert reasons_of(error) == [("TableWriteKeyRangeThroughputExceeded", ARN + "demand")]
    assert error.code == "ThrottlingException"
    # Another key is in another partition.
    await db.put("b")
    db.clock.advance(0.5)
    assert await db.until_refused("PutItem", **put("a", table="demand")) == 500


async def test_one_partition_gives_3000_units_of_reads_a_second(db: Misbehaving) -> None:
    await db.put("a", text="x" * 400_000)
    db.behave(throttling="faithful")
    query = {
        "TableName": "demand",
        "KeyConditionExpression": "p = :p",
        "ExpressionAttributeValues": {":p": {"S": "a"}},
        "ConsistentRead": True,
    }

    # 98 units each; the one that crosses the limit is let in.
    assert await db.until_refused("Query", **query) == 31
    assert reasons_of(await db.refusal("Query", **query)) == [("TableReadKeyRangeThroughputExceeded", ARN + "demand")]


async def test_a_local_index_is_read_from_the_partition_of_its_table(db: Misbehaving) -> None:
    await db.put("a", rank="1")
    db.behave(throttling="faithful")
    query = {
        "TableName": "demand",
        "IndexName": "by_rank",
        "KeyConditionExpression": "p = :p",
        "ExpressionAttributeValues": {":p": {"S": "a"}},
        "ConsistentRead": True,
    }

    assert await db.until_refused("Query", **query) == 3000
    get = {"TableName": "demand", "Key": KEY}
    assert reasons_of(await db.refusal("GetItem", **get)) == [("TableReadKeyRangeThroughputExceeded", ARN + "demand")]


async def test_a_partition_in_which_nothing_is_found_is_read_all_the_same(db: Misbehaving) -> None:
    db.behave(throttling="faithful")
    query = {
        "TableName": "demand",
        "KeyConditionExpression": "p = :p",
        "ExpressionAttributeValues": {":p": {"S": "nobody"}},
        "ConsistentRead": True,
    }

    assert await db.until_refused("Query", **query) == 3000


async def test_a_hot_key_of_an_index_is_a_limit_of_the_index(db: Misbehaving) -> None:
    db.behave(throttling="faithful")
    for number in range(1000):
        await db.put(f"k{number}", group="red")

    error = await db.refusal("PutItem", **put("another", table="demand", group="red"))

    assert reasons_of(error) == [("IndexWriteKeyRangeThroughputExceeded", ARN + "demand/index/by_group")]
    await db.put("another", group="blue")


async def test_an_on_demand_table_keeps_to_its_maximum(db: Misbehaving) -> None:
    limits = {"MaxReadRequestUnits": 3, "MaxWriteRequestUnits": 5}
    await db.ask("UpdateTable", TableName="demand", OnDemandThroughput=limits)
    db.behave(throttling="faithful")
    db.clock.advance(100)

    assert await db.until_refused("PutItem", **put("a", table="demand")) == 5
    error = await db.refusal("PutItem", **put("a", table="demand"))
    assert error.code == "ThrottlingException"
    assert reasons_of(error) == [("TableWriteMaxOnDemandThroughputExceeded", ARN + "demand")]


async def test_without_a_maximum_the_quota_of_the_account_is_the_limit(db: Misbehaving) -> None:
    db.behave(throttling="faithful")
    text = "x" * 409_000
    # 400 units each, on as many keys.
    for number in range(100):
        await db.put(f"k{number}", text=text)

    error = await db.refusal("PutItem", **put("another", table="demand"))
    assert error.code == "RequestLimitExceeded"
    assert reasons_of(error) == [("TableWriteAccountLimitExceeded", ARN + "demand")]


async def test_an_index_on_demand_has_a_maximum_of_its_own(db: Misbehaving) -> None:
    update = {"IndexName": "by_group", "OnDemandThroughput": {"MaxWriteRequestUnits": 2}}
    await db.ask("UpdateTable", TableName="demand", GlobalSecondaryIndexUpdates=[{"Update": update}])
    db.behave(throttling="faithful")

    # An item that stays as it is in the index costs that nothing.
    assert await db.until_refused("PutItem", **put("a", table="demand", group="red"), most=10) == 10
    await db.put("b", group="red")
    error = await db.refusal("PutItem", **put("d", table="demand", group="red"))
    assert reasons_of(error) == [("IndexWriteMaxOnDemandThroughputExceeded", ARN + "demand/index/by_group")]
    assert "for one or more global secondary indexes" in error.message


async def test_more_capacity_counts_from_the_moment_it_is_configured(db: Misbehaving) -> None:
    db.behave(throttling="faithful")
    await db.until_refused("PutItem", **put("a"))
    units = {"ReadCapacityUnits": 4, "WriteCapacityUnits": 50}
    await db.ask("UpdateTable", TableName="provisioned", ProvisionedThroughput=units)
    db.clock.advance(1)

    assert await db.until_refused("PutItem", **put("a")) == 50


async def test_capacity_that_is_being_configured_counts_when_it_is_there(tables_take_time: Misbehaving) -> None:
    db = tables_take_time
    db.behave(throttling="faithful")
    units = {"ReadCapacityUnits": 4, "WriteCapacityUnits": 50}
    await db.ask("UpdateTable", TableName="provisioned", ProvisionedThroughput=units)

    assert await db.until_refused("PutItem", **put("a")) == 2
    db.clock.advance(10)
    await db.until_refused("PutItem", **put("a"))
    db.clock.advance(1)
    assert await db.until_refused("PutItem", **put("a")) == 50


async def test_a_refused_condition_is_paid_for(db: Misbehaving) -> None:
    await db.put("a", table="provisioned", text="x" * 1500)
    db.behave(throttling="faithful")
    condition = {"ConditionExpression": "attribute_not_exists(p)"}

    assert (await db.refusal("PutItem", **put("a"), **condition)).code == "ConditionalCheckFailedException"
    # The two units of the item are gone.
    assert (await db.refusal("PutItem", **put("b"))).code == "ProvisionedThroughputExceededException"


async def test_an_invalid_request_costs_nothing_and_is_refused_for_what_it_is(db: Misbehaving) -> None:
    db.behave(throttling="faithful")
    for _ in range(5):
        assert (await db.refusal("PutItem", TableName="provisioned", Item={})).code == "ValidationException"

    assert await db.until_refused("PutItem", **put("a")) == 2


async def test_deletions_by_time_to_live_cost_nothing(db: Misbehaving) -> None:
    setting = {"Enabled": True, "AttributeName": "until"}
    await db.ask("UpdateTimeToLive", TableName="provisioned", TimeToLiveSpecification=setting)
    until = {"N": str(int(db.clock.now_s()) + 7200)}
    for key in "abc":
        await db.ask("PutItem", TableName="provisioned", Item={**put(key)["Item"], "until": until})
    db.behave(throttling="faithful")
    db.clock.advance(7201)

    assert await db.get("a", table="provisioned") is None
    assert await db.until_refused("PutItem", **put("d")) == 600


async def test_what_a_batch_has_no_capacity_for_comes_back(db: Misbehaving) -> None:
    db.behave(throttling="faithful")
    writes = [{"PutRequest": {"Item": put(key)["Item"]}} for key in "abcd"]

    answer = await db.ask("BatchWriteItem", RequestItems={"provisioned": writes}, ReturnConsumedCapacity="TOTAL")

    assert answer["UnprocessedItems"] == {"provisioned": writes[2:]}
    assert answer["ConsumedCapacity"] == [{"TableName": "provisioned", "CapacityUnits": 2.0}]
    assert [await db.get(key, table="provisioned") is not None for key in "abcd"] == [True, True, False, False]


async def test_the_keys_that_a_batch_has_no_capacity_for_come_back_with_what_was_asked_of_them(
    db: Misbehaving,
) -> None:
    for key in "abcdef":
        await db.put(key, table="provisioned")
    db.behave(throttling="faithful")
    keys = [{"p": {"S": key}, "s": {"S": "-"}} for key in "abcdef"]
    asked = {"Keys": keys, "ConsistentRead": True, "ProjectionExpression": "p"}

    answer = await db.ask("BatchGetItem", RequestItems={"provisioned": asked, "demand": {"Keys": keys[:1]}})

    assert answer["Responses"] == {"provisioned": [{"p": {"S": key}} for key in "abcd"], "demand": []}
    assert answer["UnprocessedKeys"] == {"provisioned": {**asked, "Keys": keys[4:]}}


async def test_a_batch_of_which_nothing_can_be_done_is_throttled(db: Misbehaving) -> None:
    db.behave(throttling="faithful")
    await db.until_refused("PutItem", **put("a"))
    writes = {"provisioned": [{"PutRequest": {"Item": put(key)["Item"]}} for key in "ab"]}

    error = await db.refusal("BatchWriteItem", RequestItems=writes)

    assert reasons_of(error) == [("TableWriteProvisionedThroughputExceeded", ARN + "provisioned")]


async def test_a_transaction_without_capacity_is_cancelled_and_costs_nothing(db: Misbehaving) -> None:
    await db.ask(
        "UpdateTable",
        TableName="provisioned",
        ProvisionedThroughput={"ReadCapacityUnits": 4, "WriteCapacityUnits": 3},
    )
    db.behave(throttling="faithful")
    actions = [{"Put": put(key)} for key in "abc"]

    error = await db.refusal("TransactWriteItems", TransactItems=[{"Put": put("free", table="demand")}, *actions])

    assert error.code == "TransactionCanceledException"
    # Two units an action: the second finds one unit left, which lets it in, and the third finds none.
    assert [reason.code for reason in error.cancellation_reasons] == [
        "None",
        "None",
        "None",
        "ProvisionedThroughputExceeded",
    ]
    assert "[None, None, None, ProvisionedThroughputExceeded]" in error.message
    assert await db.get("free") is None
    assert await db.until_refused("PutItem", **put("a")) == 3


async def test_throttling_of_an_on_demand_table_is_another_reason(db: Misbehaving) -> None:
    db.behave(throttled_write_rate=1)

    error = await db.refusal("TransactWriteItems", TransactItems=[{"Put": put("a", table="demand")}])

    assert [reason.code for reason in error.cancellation_reasons] == ["ThrottlingError"]


async def test_a_repeated_token_is_paid_for_as_reads(db: Misbehaving) -> None:
    db.behave(throttling="faithful")
    request = {"TransactItems": [{"Put": put("a")}], "ClientRequestToken": "t"}
    await db.ask("TransactWriteItems", **request)
    await db.ask("TransactWriteItems", **request)

    # Two of the four units a second.
    assert await db.until_refused("GetItem", TableName="provisioned", Key=KEY, ConsistentRead=True) == 2


async def test_a_chance_of_throttling_concerns_reads_or_writes_alone(db: Misbehaving) -> None:
    await db.put("a")
    db.behave(throttled_read_rate=1)
    assert (await db.refusal("GetItem", TableName="demand", Key=KEY)).code in (
        "ThrottlingException",
        "RequestLimitExceeded",
    )
    await db.put("a")
    db.behave(throttled_write_rate=1)
    assert await db.get("a") is not None
    assert isinstance(await db.refusal("PutItem", **put("a")), Throttled)


@pytest.mark.parametrize("table", ["provisioned", "demand"])
async def test_chances_name_limits_that_the_table_can_meet(table: str, db: Misbehaving) -> None:
    db.behave(throttled_write_rate=1)
    met = {reasons_of(await db.refusal("PutItem", **put("a", table=table, group="red")))[0] for _ in range(200)}

    places = [("Table", ARN + table), ("Index", f"{ARN}{table}/index/by_group")]
    limits = {
        "provisioned": ["ProvisionedThroughputExceeded", "KeyRangeThroughputExceeded"],
        "demand": ["KeyRangeThroughputExceeded", "MaxOnDemandThroughputExceeded", "AccountLimitExceeded"],
    }
    assert met == {(f"{kind}Write{limit}", resource) for kind, resource in places for limit in limits[table]}


async def test_about_as_many_requests_are_throttled_as_the_rate_says(db: Misbehaving) -> None:
    db.behave(throttled_write_rate=0.3)
    refused = 0
    for _ in range(500):
        try:
            await db.put("a")
        except Throttled:
            refused += 1

    assert 110 < refused < 190
