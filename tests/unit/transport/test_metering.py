"""A scope sums up what its own requests cost, and an answer shows no more of that than was asked for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextvars import copy_context
from typing import Any

import pytest
from scripted_executor import ScriptedExecutor

from ddbmodel import Database, InvalidRequest, RateLimit, Throttled
from ddbmodel.transport.capacity_units import Units, kind_of, least_units
from ddbmodel.transport.embedded import EmbeddedExecutor
from ddbmodel.transport.metering import CostScope, LimitScope, MeteringLayer, scopes_in

TABLE = {
    "TableName": "scores",
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    "AttributeDefinitions": [
        {"AttributeName": "id", "AttributeType": "S"},
        {"AttributeName": "city", "AttributeType": "S"},
    ],
    "BillingMode": "PAY_PER_REQUEST",
    "GlobalSecondaryIndexes": [
        {
            "IndexName": "by_city",
            "KeySchema": [{"AttributeName": "city", "KeyType": "HASH"}],
            "Projection": {"ProjectionType": "ALL"},
        }
    ],
}


def item(name: str, bytes_: int = 0, city: str | None = None) -> dict[str, Any]:
    return {"id": {"S": name}, "t": {"S": "x" * bytes_}, **({} if city is None else {"city": {"S": city}})}


def put(name: str, bytes_: int = 0, city: str | None = None, **more: Any) -> tuple[str, dict[str, Any]]:
    return "PutItem", {"TableName": "scores", "Item": item(name, bytes_, city), **more}


@pytest.fixture
async def layer() -> AsyncIterator[MeteringLayer]:
    opened = MeteringLayer(EmbeddedExecutor.open("memory:"))
    await opened.execute("CreateTable", TABLE)
    yield opened
    await opened.close()


async def test_units_are_summed_by_table_index_and_operation(layer: MeteringLayer) -> None:
    async with CostScope(layer) as cost:
        await layer.execute(*put("a", 2500, "Oslo"))
        await layer.execute("GetItem", {"TableName": "scores", "Key": {"id": {"S": "a"}}, "ConsistentRead": True})
        await layer.execute(
            "Query",
            {
                "TableName": "scores",
                "IndexName": "by_city",
                "KeyConditionExpression": "city = :c",
                "ExpressionAttributeValues": {":c": {"S": "Oslo"}},
            },
        )
        await layer.execute("DescribeTable", {"TableName": "scores"})

    assert (cost.requests, cost.read_units, cost.write_units) == (3, 1.5, 6.0)
    assert cost.by_table == {"scores": Units(1.5, 6.0)}
    assert cost.by_index == {("scores", "by_city"): Units(0.5, 3.0)}
    assert cost.by_operation == {"PutItem": Units(0, 6.0), "GetItem": Units(1.0, 0), "Query": Units(0.5, 0)}
    assert (
        str(cost)
        == "3 requests: 1.5 read and 6 write\n  scores: 1.5 read and 6 write\n    of it by_city: 0.5 read and 3 write"
    )
    assert cost.dollars(per_million_reads=2.0, per_million_writes=1.0) == pytest.approx(9e-6)


async def test_batches_transactions_and_statements_are_counted(layer: MeteringLayer) -> None:
    puts = [{"PutRequest": {"Item": item(f"p{number}")}} for number in range(5)]
    keys = [{"id": {"S": f"p{number}"}} for number in range(5)]
    gets = [{"Get": {"TableName": "scores", "Key": key}} for key in keys]
    async with CostScope(layer) as cost:
        await layer.execute("BatchWriteItem", {"RequestItems": {"scores": puts}})
        await layer.execute("BatchGetItem", {"RequestItems": {"scores": {"Keys": keys}}})
        await layer.execute("TransactGetItems", {"TransactItems": gets})
        await layer.execute(
            "TransactWriteItems", {"TransactItems": [{"Put": {"TableName": "scores", "Item": item("q")}}]}
        )
        await layer.execute("ExecuteStatement", {"Statement": " select * FROM scores WHERE id = 'q'"})
        await layer.execute("ExecuteStatement", {"Statement": "DELETE FROM scores WHERE id = 'q'"})
        await layer.execute(
            "BatchExecuteStatement", {"Statements": [{"Statement": "SELECT * FROM scores WHERE id='p1'"}]}
        )
        await layer.execute(
            "ExecuteTransaction", {"TransactStatements": [{"Statement": "DELETE FROM scores WHERE id = 'p0'"}]}
        )

    assert {name: (units.read_units, units.write_units) for name, units in cost.by_operation.items()} == {
        "BatchWriteItem": (0.0, 5.0),
        "BatchGetItem": (2.5, 0.0),
        "TransactGetItems": (10.0, 0.0),
        "TransactWriteItems": (0.0, 2.0),
        "ExecuteStatement": (0.5, 1.0),
        "BatchExecuteStatement": (0.5, 0.0),
        "ExecuteTransaction": (0.0, 2.0),
    }


async def test_a_transaction_that_was_carried_out_before_reads(layer: MeteringLayer) -> None:
    request = {"TransactItems": [{"Put": {"TableName": "scores", "Item": item("q")}}], "ClientRequestToken": "t1"}
    async with CostScope(layer) as first:
        await layer.execute("TransactWriteItems", request)
    async with CostScope(layer) as again:
        await layer.execute("TransactWriteItems", request)

    assert (first.read_units, first.write_units) == (0.0, 2.0)
    assert (again.read_units, again.write_units) == (2.0, 0.0)


@pytest.mark.parametrize("asked", [None, "NONE", "TOTAL", "INDEXES"])
async def test_an_answer_is_the_same_with_and_without_a_scope(layer: MeteringLayer, asked: str | None) -> None:
    more = {} if asked is None else {"ReturnConsumedCapacity": asked}
    requests = [
        put("a", 100, "Oslo", **more),
        ("BatchGetItem", {"RequestItems": {"scores": {"Keys": [{"id": {"S": "a"}}]}}, **more}),
        ("TransactGetItems", {"TransactItems": [{"Get": {"TableName": "scores", "Key": {"id": {"S": "a"}}}}], **more}),
    ]
    await layer.execute(*requests[0])
    plain = [await layer.execute(*request) for request in requests]
    async with CostScope(layer) as cost:
        metered = [await layer.execute(*request) for request in requests]
    async with LimitScope(layer, RateLimit(read_units=1000, write_units=1000)):
        limited = [await layer.execute(*request) for request in requests]

    assert metered == plain
    assert limited == plain
    assert cost.requests == 3
    assert all(("ReturnConsumedCapacity" in request) == (asked is not None) for _, request in requests)


async def test_a_wrong_word_is_left_to_the_service(layer: MeteringLayer) -> None:
    async with CostScope(layer):
        with pytest.raises(Exception, match="SOME"):
            await layer.execute(*put("a", ReturnConsumedCapacity="SOME"))


async def test_scopes_nest_and_stay_as_they_are_when_their_block_ends(layer: MeteringLayer) -> None:
    async with CostScope(layer) as outer:
        await layer.execute(*put("a"))
        async with CostScope(layer) as inner:
            await layer.execute(*put("b"))
        await layer.execute(*put("c"))
    await layer.execute(*put("d"))

    assert (inner.requests, outer.requests) == (1, 3)
    assert scopes_in(copy_context()) == ()


async def test_tasks_of_the_block_count_and_tasks_of_others_do_not(layer: MeteringLayer) -> None:
    go = asyncio.Event()

    async def other() -> None:
        await go.wait()
        await layer.execute(*put("other"))

    started_before = asyncio.ensure_future(other())
    async with CostScope(layer) as cost:
        go.set()
        await asyncio.gather(*(layer.execute(*put(f"p{number}")) for number in range(7)))
        await asyncio.create_task(layer.inner.execute(*put("past the layer")))
        await started_before

    assert cost.requests == 7


async def test_tasks_side_by_side_have_their_own_sums(layer: MeteringLayer) -> None:
    async def work(requests: int) -> float:
        async with CostScope(layer) as cost:
            for number in range(requests):
                await layer.execute(*put(f"p{requests}-{number}"))
                await asyncio.sleep(0)
        return cost.write_units

    assert await asyncio.gather(work(3), work(5), work(8)) == [3.0, 5.0, 8.0]


async def test_requests_of_another_database_do_not_count(layer: MeteringLayer) -> None:
    another = MeteringLayer(layer.inner)

    async with CostScope(layer) as cost:
        await another.execute(*put("a"))

    assert cost.requests == 0


async def test_a_scope_that_is_left_in_another_context_ends_all_the_same(layer: MeteringLayer) -> None:
    scope = CostScope(layer)
    cost = await asyncio.create_task(scope.__aenter__())
    await asyncio.create_task(scope.__aexit__(None, None, None))

    await layer.execute(*put("a"))

    assert cost.requests == 0
    with pytest.raises(InvalidRequest, match="entered before"):
        await scope.__aenter__()


async def test_without_a_scope_a_request_passes_as_it_is() -> None:
    executor = ScriptedExecutor(lambda _, request: {})
    layer = MeteringLayer(executor)
    request = {"TableName": "scores", "Key": {}}

    await layer.execute("GetItem", request)

    assert executor.requests[0][1] is request


class Time:
    def __init__(self) -> None:
        self.now_s = 0.0

    def monotonic_s(self) -> float:
        return self.now_s

    async def sleep(self, pause_s: float) -> None:
        self.now_s += pause_s

    def limit(self, units: float) -> RateLimit:
        return RateLimit(read_units=units, write_units=units, burst_s=0, monotonic_s=self.monotonic_s, sleep=self.sleep)


async def test_a_limit_learns_what_requests_really_cost(layer: MeteringLayer) -> None:
    time = Time()

    async with LimitScope(layer, time.limit(10)):
        for number in range(20):
            await layer.execute(*put(f"p{number}", 4500))

    # Five units each; all but the last debt is waited for.
    assert time.now_s == pytest.approx(19 * 5 / 10)


async def test_what_was_learnt_holds_back_requests_that_are_sent_before_the_first_is_answered() -> None:
    time, answers = Time(), asyncio.Event()

    class Late(ScriptedExecutor):
        async def execute(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
            await answers.wait()
            return await super().execute(operation, request)

    executor = Late(lambda _, request: {"ConsumedCapacity": {"TableName": "scores", "CapacityUnits": 5.0}})
    layer = MeteringLayer(executor, time.limit(10))
    answers.set()
    for _ in range(10):
        await layer.execute(*put("a"))
    await layer.execute(*put("a"))
    before_s = time.now_s
    answers.clear()

    together = [asyncio.ensure_future(layer.execute(*put("b"))) for _ in range(10)]
    await asyncio.sleep(0.01)

    # All of them were admitted, at five units each.
    assert time.now_s - before_s == pytest.approx(10 * 5 / 10)
    answers.set()
    await asyncio.gather(*together)


async def test_a_request_larger_than_the_burst_goes_through_a_scope_and_is_paid_for(layer: MeteringLayer) -> None:
    time = Time()
    for number in range(100):
        await layer.execute(*put(f"p{number}", 4000))
    async with LimitScope(layer, time.limit(50)):
        page = await asyncio.wait_for(layer.execute("Scan", {"TableName": "scores", "Limit": 100}), 5)
        assert len(page["Items"]) == 100
        assert time.now_s == 0.0
        await asyncio.wait_for(layer.execute("Scan", {"TableName": "scores", "Limit": 1}), 5)

    assert time.now_s == pytest.approx(1.0, abs=0.1)


async def test_what_was_throttled_is_given_back_and_other_failures_are_not() -> None:
    failures: list[Exception] = [Throttled("ThrottlingException", "slow"), InvalidRequest("no"), InvalidRequest("no")]

    def answer(_: str, request: dict[str, Any]) -> dict[str, Any]:
        raise failures.pop(0)

    time = Time()
    layer = MeteringLayer(ScriptedExecutor(answer), time.limit(1))

    with pytest.raises(Throttled):
        await layer.execute(*put("a"))
    with pytest.raises(InvalidRequest):
        await layer.execute(*put("a"))
    assert time.now_s == 0.0
    with pytest.raises(InvalidRequest):
        await layer.execute(*put("a"))
    assert time.now_s == pytest.approx(1.0)


async def test_one_who_is_cancelled_in_the_second_of_two_limits_gives_back_to_the_first(layer: MeteringLayer) -> None:
    first, second = RateLimit(write_units=0.01, burst_s=0), RateLimit(write_units=0.001, burst_s=0)
    await second.admit("write", 1)

    async with LimitScope(layer, first), LimitScope(layer, second):
        waiting = asyncio.create_task(layer.execute(*put("a")))
        await asyncio.sleep(0.01)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)

    await asyncio.wait_for(first.admit("write", 1), 5)


async def test_a_limit_that_is_given_twice_is_asked_once(layer: MeteringLayer) -> None:
    time = Time()
    limit = time.limit(1)
    limited = MeteringLayer(layer.inner, limit)

    async with LimitScope(limited, limit), LimitScope(limited, limit):
        for number in range(3):
            await limited.execute(*put(f"p{number}"))

    assert time.now_s == pytest.approx(2.0)


@pytest.mark.parametrize(
    ("operation", "request_", "kind", "units"),
    [
        ("GetItem", {}, "read", 0.5),
        ("Query", {"ConsistentRead": True}, "read", 1.0),
        (
            "BatchGetItem",
            {"RequestItems": {"a": {"Keys": [1, 2]}, "b": {"Keys": [1], "ConsistentRead": True}}},
            "read",
            2,
        ),
        ("BatchWriteItem", {"RequestItems": {"a": [1, 2], "b": [1]}}, "write", 3.0),
        ("TransactWriteItems", {"TransactItems": [1, 2]}, "write", 4.0),
        ("ExecuteStatement", {"Statement": "UPDATE x"}, "write", 1.0),
        ("ExecuteTransaction", {"TransactStatements": [{"Statement": "EXISTS(SELECT"}, {}]}, "read", 4.0),
        ("BatchExecuteStatement", {"Statements": [{"Statement": "SELECT"}] * 3}, "read", 1.5),
        # What no service answers must not break here.
        ("BatchWriteItem", {"RequestItems": [1]}, "write", 0.0),
        ("ExecuteStatement", {"Statement": 7}, "write", 1.0),
    ],
)
def test_what_a_request_costs_at_least(operation: str, request_: dict[str, Any], kind: str, units: float) -> None:
    assert kind_of(operation, request_) == kind
    assert least_units(operation, request_) == units


async def test_reads_that_are_joined_into_a_batch_are_on_the_bill_of_their_own_block() -> None:
    async with Database.connect("memory:", join_gets=True) as db:
        await db.executor.execute("CreateTable", TABLE)

        async def read(count: int) -> tuple[int, float]:
            async with db.cost() as cost:
                requests = [{"TableName": "scores", "Key": {"id": {"S": f"p{number}"}}} for number in range(count)]
                await asyncio.gather(*(db.executor.execute("GetItem", request) for request in requests))
            return cost.requests, cost.read_units

        assert await asyncio.gather(read(4), read(6), read(1)) == [(1, 2.0), (1, 3.0), (1, 0.5)]
