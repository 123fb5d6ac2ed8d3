"""Tables become what their models want, one step at a time, whatever happens on the way."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from scripted_executor import ScriptedExecutor

from ddbmodel.engine import Engine, EngineOptions, ManualClock
from ddbmodel.errors import InvalidRequest, NotSupportedHere, ServiceError, TableMismatch, service_error
from ddbmodel.model import Attr, GlobalIndex, LocalIndex, Model, attr, partition_key, sort_key, ttl
from ddbmodel.model.settings import AutoScale, OnDemand, Provisioned
from ddbmodel.tables import UpdateChoices, check_tables, create_tables, table_differences, update_tables
from ddbmodel.transport.embedded import EmbeddedExecutor

ALL = UpdateChoices(remove_indexes=True, stop_streams=True, stop_ttl=True)


class Order(Model, table="orders"):
    customer: Attr[str] = partition_key()
    number: Attr[int] = sort_key()
    state: Attr[str] = attr(default="new")
    total: Attr[int] = attr(default=0)
    by_state = GlobalIndex(partition_key=state)


class Everything(Order, table="orders", stream=True, billing=OnDemand(max_read=50), tags={"team": "shop"}):
    """Differs from `Order` in all that can be changed."""

    gone_at: Attr[int | None] = ttl(default=None)
    by_state = GlobalIndex(partition_key="state", sort_key="number")
    by_total = GlobalIndex(partition_key="total")


class Guarded(
    Order, table="orders", deletion_protection=True, table_class="STANDARD_INFREQUENT_ACCESS", stream="KEYS_ONLY"
):
    gone_later_at: Attr[int | None] = ttl(default=None)


class Provided(Order, table="orders", billing=Provisioned(read=3, write=2)):
    by_total = GlobalIndex(partition_key="total")


class Scaled(Order, table="orders", billing=AutoScale(read=(2, 9), write=(1, 8))):
    by_total = GlobalIndex(partition_key="total")


class OtherKey(Model, table="orders"):
    customer: Attr[str] = partition_key()


class OtherKeyType(Model, table="orders"):
    customer: Attr[str] = partition_key()
    number: Attr[str] = sort_key()


class OtherIndexType(Model, table="orders"):
    customer: Attr[str] = partition_key()
    number: Attr[int] = sort_key()
    state: Attr[int] = attr(default=0)
    in_state = GlobalIndex(partition_key=state)


class WithLocal(Order, table="orders"):
    by_total = LocalIndex(sort_key="total")


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


class Slow(EmbeddedExecutor):
    """A service that takes its time, on a clock that moves while others wait for it; counts what it is told."""

    def __init__(self, clock: ManualClock, **delays: float) -> None:
        super().__init__(Engine.open("memory:", clock=clock, options=EngineOptions(**delays)))
        self.clock = clock
        self.changes: list[str] = []
        self.waited_s = 0.0
        self.crash_at = -1

    async def execute(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        if not operation.startswith(("Describe", "List")):
            self.changes.append(operation)
            if len(self.changes) - 1 == self.crash_at:
                await super().execute(operation, request)
                raise ConnectionResetError("the process ends here")
        return await super().execute(operation, request)

    async def sleep(self, seconds: float) -> None:
        self.waited_s += seconds
        self.clock.advance(seconds)
        await asyncio.sleep(0)


@pytest.fixture
async def slow(clock: ManualClock) -> Any:
    opened = Slow(clock, table_delay_s=4.0, index_delay_s=30.0)
    yield opened
    await opened.close()


async def update(executor: Slow, *models: type[Model], choices: UpdateChoices | None = ALL, **more: Any) -> list[str]:
    return [step.words for step in await update_tables(executor, models, choices, sleep=executor.sleep, **more)]


async def test_every_change_waits_for_the_one_before(slow: Slow) -> None:
    await create_tables(slow, [Order], sleep=slow.sleep)
    slow.waited_s = 0.0
    told: list[str] = []

    done = await update(slow, Everything, progress=lambda step: told.append(step.words))

    assert done == told
    assert [words.split(" ", 2)[:2] for words in done] == [
        ["remove", "the"],
        ["limit", "the"],
        ["add", "the"],
        ["add", "the"],
        ["start", "a"],
        ["let", "items"],
        ["tag", "it"],
    ]
    # Two indexes of 30 s each and a removal; none of them could have begun before the other was done.
    assert slow.waited_s >= 90
    await check_tables(slow, [Everything])


async def test_the_steps_told_beforehand_are_those_taken(slow: Slow) -> None:
    await create_tables(slow, [Order], sleep=slow.sleep)
    for model in (Everything, Provided, Scaled, Guarded, Order):
        slow.clock.advance(3600)
        planned = await update(slow, model, dry_run=True)

        assert await update(slow, model) == planned
        assert [each.words for each in await table_differences(slow, [model]) if each.is_mismatch] == []
        slow.clock.advance(31 * 86400)


@pytest.mark.parametrize("crash_at", range(1, 8))
async def test_an_update_that_was_interrupted_goes_on(slow: Slow, crash_at: int) -> None:
    await create_tables(slow, [Order], sleep=slow.sleep)
    slow.crash_at = crash_at

    with pytest.raises(ConnectionResetError):
        await update(slow, Everything)
    await update(slow, Everything)

    await check_tables(slow, [Everything])
    assert slow.changes.count("UpdateTimeToLive") == 1


async def test_two_updates_at_once_come_to_the_same_end(slow: Slow) -> None:
    await create_tables(slow, [Order], sleep=slow.sleep)

    await asyncio.gather(update(slow, Everything), update(slow, Everything), update(slow, Everything))

    await check_tables(slow, [Everything])


async def test_two_creations_at_once_come_to_the_same_end(slow: Slow) -> None:
    await asyncio.gather(*(create_tables(slow, [Everything], sleep=slow.sleep) for _ in range(3)))

    await check_tables(slow, [Everything])


async def test_a_table_that_is_being_deleted_is_waited_for_and_made_again(slow: Slow) -> None:
    await create_tables(slow, [Order], sleep=slow.sleep)
    await slow.execute("DeleteTable", {"TableName": "orders"})

    await create_tables(slow, [Everything], sleep=slow.sleep)

    await check_tables(slow, [Everything])


async def test_an_index_that_is_being_removed_is_no_index_any_more(slow: Slow) -> None:
    await create_tables(slow, [Order], sleep=slow.sleep)
    update_ = {"GlobalSecondaryIndexUpdates": [{"Delete": {"IndexName": "by_state"}}]}
    await slow.execute("UpdateTable", {"TableName": "orders", **update_})

    await update(slow, Everything, choices=None)

    await check_tables(slow, [Everything])


async def test_an_added_index_names_the_types_of_keys_that_are_used_only(slow: Slow) -> None:
    class More(Order, table="orders"):
        kind: Attr[str] = attr(default="")
        by_total = GlobalIndex(partition_key="total")
        by_kind = GlobalIndex(partition_key=kind)

    await create_tables(slow, [Order], sleep=slow.sleep)
    steps = await update_tables(slow, [More], sleep=slow.sleep)

    named = [[each["AttributeName"] for each in step.request["AttributeDefinitions"]] for step in steps]
    assert [sorted(each) for each in named] == [
        ["customer", "number", "state", "total"],
        ["customer", "kind", "number", "state", "total"],
    ]


@pytest.mark.parametrize("crash_at", [0, 1])
async def test_a_creation_that_was_interrupted_is_finished(slow: Slow, crash_at: int) -> None:
    slow.crash_at = crash_at
    with pytest.raises(ConnectionResetError):
        await create_tables(slow, [Everything], sleep=slow.sleep)

    await create_tables(slow, [Everything], sleep=slow.sleep)

    await check_tables(slow, [Everything])


async def test_time_to_live_that_cannot_be_changed_yet_holds_up_nothing_else(slow: Slow) -> None:
    await create_tables(slow, [Everything], sleep=slow.sleep)
    slow.clock.advance(3600)

    with pytest.raises(TableMismatch, match=r"'gone_later_at': call update_tables again later.*multiple times"):
        await update(slow, Guarded)
    left = [each.words for each in await table_differences(slow, [Guarded]) if each.is_mismatch]
    slow.clock.advance(3600)
    await update(slow, Guarded)

    assert left == ["time to live is disabled, the models want it by 'gone_later_at'"]
    await check_tables(slow, [Guarded])


@pytest.mark.parametrize(
    ("model", "choices", "way_out"),
    [
        (OtherKey, ALL, "create another table, copy the items"),
        (OtherKeyType, ALL, "'number' has type N, the models want S; it cannot be changed"),
        (WithLocal, ALL, "declare a GlobalIndex under another name"),
        (Everything, UpdateChoices(), "declare it under another name, .* remove_indexes=True"),
        (OtherIndexType, UpdateChoices(), "remove the index first with remove_indexes=True"),
    ],
)
async def test_what_cannot_be_changed_is_refused_with_the_way_out(
    slow: Slow, model: type[Model], choices: UpdateChoices, way_out: str
) -> None:
    await create_tables(slow, [Order], sleep=slow.sleep)
    slow.changes.clear()

    with pytest.raises(TableMismatch, match=way_out):
        await update(slow, model, choices=choices)

    assert slow.changes == []


async def test_nothing_goes_unless_it_may(slow: Slow) -> None:
    await create_tables(slow, [Everything], sleep=slow.sleep)

    class Bare(Model, table="orders"):
        customer: Attr[str] = partition_key()
        number: Attr[int] = sort_key()

    assert await update(slow, Bare, choices=None) == []
    about = [each.about for each in await table_differences(slow, [Bare])]
    assert about == ["index", "index", "stream", "time to live"]
    assert len(await update(slow, Bare, choices=UpdateChoices(stop_ttl=True), dry_run=True)) == 1
    assert len(await update(slow, Bare, choices=UpdateChoices(stop_streams=True), dry_run=True)) == 1
    assert len(await update(slow, Bare, choices=UpdateChoices(remove_indexes=True), dry_run=True)) == 2


async def test_a_new_index_of_a_provisioned_table_gets_what_the_table_has(slow: Slow) -> None:
    class Same(Provided, table="orders"):
        by_number = GlobalIndex(partition_key="number")

    class Silent(Order, table="orders"):
        by_total = GlobalIndex(partition_key="total")
        by_number = GlobalIndex(partition_key="number")

    await create_tables(slow, [Provided], sleep=slow.sleep)
    (step,) = await update_tables(slow, [Silent], sleep=slow.sleep)

    created = step.request["GlobalSecondaryIndexUpdates"][0]["Create"]
    assert created["ProvisionedThroughput"] == {"ReadCapacityUnits": 3, "WriteCapacityUnits": 2}
    assert await update(slow, Same, dry_run=True) == []


async def test_capacity_that_follows_the_load_is_left_where_it_is(slow: Slow) -> None:
    await create_tables(slow, [Scaled], sleep=slow.sleep)
    units = {"ReadCapacityUnits": 7, "WriteCapacityUnits": 1}
    await slow.execute("UpdateTable", {"TableName": "orders", "ProvisionedThroughput": units})
    slow.clock.advance(60)

    assert await update(slow, Scaled) == []
    with pytest.raises(TableMismatch, match="the table has 7 read capacity units, the models want 3"):
        await check_tables(slow, [Provided])


async def test_a_scaled_index_that_goes_takes_its_targets_along(slow: Slow) -> None:
    class Fewer(Order, table="orders", billing=AutoScale(read=(2, 9), write=(1, 8))):
        pass

    await create_tables(slow, [Scaled], sleep=slow.sleep)
    steps = await update(slow, Fewer)
    answer = await slow.scale("DescribeScalableTargets", {"ServiceNamespace": "dynamodb"})

    assert steps[:2] == [
        "let the read capacity of the index 'by_total' follow the load no more",
        "let the write capacity of the index 'by_total' follow the load no more",
    ]
    assert {each["ResourceId"] for each in answer["ScalableTargets"]} == {
        "table/orders",
        "table/orders/index/by_state",
    }


async def test_a_service_that_does_nothing_is_found_out(slow: Slow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ddbmodel.tables.update._SEEN_WITHIN_S", 0.0)

    class Deaf(Slow):
        async def execute(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
            return {} if operation == "UpdateTable" else await super().execute(operation, request)

    deaf = Deaf(slow.clock)
    await create_tables(deaf, [Order])

    with pytest.raises(TableMismatch, match="nothing of it can be seen: protect it"):
        await update(deaf, Guarded)
    await deaf.close()


@pytest.mark.parametrize("code", ["ResourceInUseException", "LimitExceededException"])
async def test_a_service_that_is_busy_is_waited_for(slow: Slow, code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    class Busy(Slow):
        refusals = 3

        async def execute(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
            if operation == "UpdateTable" and self.refusals:
                self.refusals -= 1
                raise service_error(code, "not now")
            return await super().execute(operation, request)

    busy = Busy(slow.clock)
    await create_tables(busy, [Order])
    await update(busy, Guarded)
    await check_tables(busy, [Guarded])

    busy.refusals = 1_000_000
    monkeypatch.setattr("ddbmodel.tables.update._IN_USE_S", 0.0)
    with pytest.raises(ServiceError, match="not now"):
        await update(busy, Everything, timeout_s=0.0)
    await busy.close()


async def test_capacity_cannot_follow_the_load_without_what_moves_it() -> None:
    def answer(operation: str, request: dict[str, Any]) -> dict[str, Any]:
        raise AssertionError(operation)

    executor = ScriptedExecutor(answer)

    with pytest.raises(NotSupportedHere, match="no Application Auto Scaling"):
        await create_tables(executor, [Scaled])
    assert executor.requests == []


async def test_no_model_is_no_update(slow: Slow) -> None:
    with pytest.raises(InvalidRequest, match="at least one model"):
        await update(slow)
