"""Handlers at work in this process, on a clock that jumps: order, retries, cursors, drain."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from itertools import pairwise
from typing import Any

import pytest

from ddbmodel import errors
from ddbmodel.engine import Engine, ManualClock
from ddbmodel.model import Attr, Model, attr, partition_key
from ddbmodel.streams import Change, Insert, Modify, StreamApp
from ddbmodel.transport.embedded import EmbeddedExecutor


class Order(Model, table="orders", stream=True):
    id: Attr[str] = partition_key()
    status: Attr[str] = attr(default="new")
    amount: Attr[int] = attr(default=0)


def _app(store: Any, name: str = "app", **options: Any) -> tuple[StreamApp, list[tuple[str, str]]]:
    seen: list[tuple[str, str]] = []
    app = StreamApp(store, name=name, **options)

    @app.on(Order)
    async def record(event: Change[Order]) -> None:
        seen.append((type(event).__name__, (event.new or event.old).status))

    return app, seen


async def test_a_handler_sees_inserts_changes_and_removals(store: Any) -> None:
    await store.create_table("orders")
    app, seen = _app(store)

    async with app.running():
        await store.put(Order(id="a"))
        await store.put(Order(id="a", status="paid"))
        await store.delete(Order(id="a"))
        await app.drain()

    assert seen == [("Insert", "new"), ("Modify", "paid"), ("Remove", "paid")]


async def test_a_new_application_starts_at_now(store: Any) -> None:
    await store.create_table("orders")
    await store.put(Order(id="a", status="old"))
    app, seen = _app(store)

    async with app.running():
        await store.put(Order(id="b"))
        await app.drain()

    assert seen == [("Insert", "new")]


async def test_the_start_at_now_is_kept_even_if_nothing_was_seen(store: Any) -> None:
    await store.create_table("orders")
    await store.put(Order(id="a", status="before"))
    app, seen = _app(store)
    async with app.running():
        pass
    await store.put(Order(id="b", status="while it was down"))

    async with app.running():
        await app.drain()

    assert seen == [("Insert", "while it was down")]


async def test_a_new_application_can_start_at_the_oldest_record(store: Any) -> None:
    await store.create_table("orders")
    await store.put(Order(id="a", status="old"))
    app, seen = _app(store, start="trim_horizon")

    async with app.running():
        await app.drain()

    assert seen == [("Insert", "old")]


async def test_a_restarted_application_goes_on_where_it_left_off(store: Any) -> None:
    await store.create_table("orders")
    first, seen_first = _app(store)
    async with first.running():
        await store.put(Order(id="a", status="first"))
        await first.drain()
    await store.put(Order(id="b", status="between"))

    second, seen_second = _app(store)
    async with second.running():
        await second.drain()

    assert seen_first == [("Insert", "first")]
    assert seen_second == [("Insert", "between")]


async def test_applications_of_different_names_have_cursors_of_their_own(store: Any) -> None:
    await store.create_table("orders")
    one, seen_by_one = _app(store, "one", start="trim_horizon")
    other, seen_by_other = _app(store, "other", start="trim_horizon")
    await store.put(Order(id="a"))

    async with one.running():
        await one.drain()
    async with other.running():
        await other.drain()

    assert seen_by_one == seen_by_other == [("Insert", "new")]


async def test_a_handler_that_is_added_later_starts_at_its_own_place(store: Any) -> None:
    await store.create_table("orders")
    app, _ = _app(store)
    async with app.running():
        await store.put(Order(id="a", status="early"))
        await app.drain()
    later, seen = _app(store)
    late: list[str] = []

    @later.on(Order)
    async def second(event: Insert[Order]) -> None:
        late.append(event.new.status)

    async with later.running():
        await store.put(Order(id="b", status="late"))
        await later.drain()

    assert seen == [("Insert", "late")]
    assert late == ["late"]


async def test_a_raise_is_retried_and_later_records_of_the_item_wait(store: Any) -> None:
    await store.create_table("orders")
    app = StreamApp(store, name="app")
    loop = asyncio.get_running_loop()
    done: list[tuple[str, int]] = []
    tried_at_s: list[float] = []

    @app.on(Order)
    async def fragile(event: Insert[Order] | Modify[Order]) -> None:
        if event.new.id == "bad" and event.attempt < 4:
            tried_at_s.append(loop.time())
            raise RuntimeError("not yet")
        if event.new.id == "bad" and isinstance(event, Insert):
            tried_at_s.append(loop.time())
        done.append((event.new.id, event.new.amount))

    async with app.running():
        await store.put(Order(id="bad", amount=1))
        await store.put(Order(id="bad", amount=2))
        await store.put(Order(id="good", amount=3))
        await app.drain()

    assert [amount for id_, amount in done if id_ == "bad"] == [1, 2]
    assert done[0] == ("good", 3)
    pauses_s = [round(later - earlier, 3) for earlier, later in pairwise(tried_at_s)][:3]
    assert pauses_s == [0.05, 0.1, 0.2]


async def test_a_handler_that_fails_holds_up_only_itself(store: Any) -> None:
    await store.create_table("orders")
    app, seen = _app(store)

    @app.on(Order)
    async def broken(event: Insert[Order]) -> None:
        raise RuntimeError

    async with app.running():
        await store.put(Order(id="a"))
        with pytest.raises(errors.StreamHandlerFailed, match="'broken' of Order cannot get past the INSERT"):
            await app.drain(attempts=3)

    assert seen == [("Insert", "new")]


async def test_drain_names_the_handler_the_attempts_and_the_last_error_and_no_value(store: Any) -> None:
    await store.create_table("orders")
    app = StreamApp(store, name="app")

    @app.on(Order)
    async def broken(event: Insert[Order]) -> None:
        raise RuntimeError(event.new.id)

    async with app.running():
        await store.put(Order(id="secret"))
        with pytest.raises(errors.StreamHandlerFailed) as caught:
            await app.drain(timeout=10)

    assert caught.value.handler == "broken"
    assert caught.value.attempts == 8
    assert "RuntimeError" in str(caught.value)
    assert "key (id)" in str(caught.value)
    assert "secret" not in str(caught.value)
    assert isinstance(caught.value.__cause__, RuntimeError)


async def test_a_record_that_never_completed_comes_again_after_a_restart(store: Any) -> None:
    await store.create_table("orders")
    broken = StreamApp(store, name="app")

    @broken.on(Order)
    async def ship(event: Insert[Order]) -> None:
        if event.new.id == "bad":
            raise RuntimeError

    async with broken.running():
        await store.put(Order(id="good"))
        await store.put(Order(id="bad"))
        await store.put(Order(id="other"))
        with pytest.raises(errors.StreamHandlerFailed):
            await broken.drain(attempts=2)

    mended = StreamApp(store, name="app")
    shipped: list[str] = []

    @mended.on(Order, name="ship")
    async def ship_now(event: Insert[Order]) -> None:
        shipped.append(event.new.id)

    async with mended.running():
        await mended.drain()

    # "other" was done; it comes again, since the cursor never passes a record that is not completed.
    assert shipped == ["bad", "other"]


async def test_an_image_that_does_not_fit_the_model_is_never_skipped(store: Any) -> None:
    await store.create_table("orders")
    app, seen = _app(store)
    async with app.running():
        item = {"id": {"S": "a"}, "amount": {"S": "not a number"}}
        await store.executor.execute("PutItem", {"TableName": "orders", "Item": item})
        with pytest.raises(errors.StreamHandlerFailed) as caught:
            await app.drain(attempts=1)

    assert isinstance(caught.value.__cause__, errors.ItemNotDecodable)
    assert seen == []


async def test_a_condition_chooses_the_changes(store: Any) -> None:
    await store.create_table("orders")
    app = StreamApp(store, name="app")
    paid: list[str] = []

    @app.on(Order, where=Order.status.changed(to="paid") & (Order.amount > 5))
    async def ship(event: Modify[Order]) -> None:
        paid.append(event.new.id)

    async with app.running():
        await store.put(Order(id="inserted", status="paid", amount=10))
        await store.put(Order(id="changed", amount=10))
        await store.put(Order(id="changed", amount=10, status="paid"))
        await store.put(Order(id="changed", amount=11, status="paid"))
        await store.put(Order(id="cheap", amount=1))
        await store.put(Order(id="cheap", amount=1, status="paid"))
        await app.drain()

    assert paid == ["changed"]


async def test_changed_to_matches_inserts_where_the_annotation_includes_them(store: Any) -> None:
    await store.create_table("orders")
    app = StreamApp(store, name="app")
    paid: list[str] = []

    @app.on(Order, where=Order.status.changed(to="paid"))
    async def ship(event: Insert[Order] | Modify[Order]) -> None:
        paid.append(event.new.id)

    async with app.running():
        await store.put(Order(id="inserted", status="paid"))
        await app.drain()

    assert paid == ["inserted"]


async def test_changed_shows_what_was_and_what_is(store: Any) -> None:
    await store.create_table("orders")
    app = StreamApp(store, name="app")
    changes: list[Any] = []

    @app.on(Order)
    async def record(event: Change[Order]) -> None:
        changes.append(dict(event.changed))

    async with app.running():
        await store.put(Order(id="a"))
        await store.put(Order(id="a", status="paid"))
        await store.delete(Order(id="a"))
        await app.drain()

    assert changes == [
        {"id": (None, "a"), "status": (None, "new"), "amount": (None, 0)},
        {"status": ("new", "paid")},
        {"id": ("a", None), "status": ("paid", None), "amount": (0, None)},
    ]


async def test_an_event_says_which_item_and_which_attempt(store: Any) -> None:
    await store.create_table("orders")
    app = StreamApp(store, name="app")
    events: list[Insert[Order]] = []

    @app.on(Order)
    async def record(event: Insert[Order]) -> None:
        events.append(event)
        if event.attempt == 1:
            raise RuntimeError

    async with app.running():
        await store.put(Order(id="a"))
        await app.drain()

    first, second = events
    assert first.key == second.key == Order.key(id="a")
    assert (first.attempt, second.attempt) == (1, 2)
    assert first.event_id == second.event_id
    assert first.sequence == second.sequence
    assert first.at.tzinfo is not None
    assert first.new is not second.new


async def test_records_are_pushed_not_waited_for(store: Any) -> None:
    await store.create_table("orders")
    app = StreamApp(store, name="app")
    loop = asyncio.get_running_loop()
    seen_at_s = loop.create_future()

    @app.on(Order)
    async def record(event: Insert[Order]) -> None:
        seen_at_s.set_result(loop.time())

    async with app.running():
        await asyncio.sleep(100)
        written_at_s = loop.time()
        await store.put(Order(id="a"))

        assert await seen_at_s == written_at_s


async def test_what_the_handler_itself_writes_is_not_waited_for_by_itself(store: Any) -> None:
    await store.create_table("orders")
    app = StreamApp(store, name="app")

    @app.on(Order)
    async def follow(event: Insert[Order]) -> None:
        if event.new.amount < 5:
            await store.put(Order(id=event.new.id + "x", amount=event.new.amount + 1))

    async with app.running():
        await store.put(Order(id="a"))
        for _ in range(6):
            await app.drain()

    response = await store.executor.execute("Scan", {"TableName": "orders"})
    assert response["Count"] == 6


@pytest.mark.parametrize("concurrency", [1, 4])
async def test_one_handler_runs_several_items_at_once_only_if_it_says_so(store: Any, concurrency: int) -> None:
    await store.create_table("orders")
    app = StreamApp(store, name="app")
    running: list[str] = []
    most: list[int] = []
    twice: list[str] = []

    @app.on(Order, concurrency=concurrency)
    async def slow(event: Insert[Order] | Modify[Order]) -> None:
        if event.new.id in running:
            twice.append(event.new.id)
        running.append(event.new.id)
        most.append(len(running))
        await asyncio.sleep(1)
        running.remove(event.new.id)

    async with app.running():
        for number in range(12):
            await store.put(Order(id="abcde"[number % 5], amount=number))
        await app.drain()

    assert max(most) == concurrency
    assert twice == []


async def test_leaving_the_block_lets_the_record_at_hand_finish(store: Any) -> None:
    await store.create_table("orders")
    app = StreamApp(store, name="app")
    begun, finished = asyncio.Event(), []

    @app.on(Order)
    async def slow(event: Insert[Order]) -> None:
        begun.set()
        await asyncio.sleep(5)
        finished.append(event.new.id)

    async with app.running():
        await store.put(Order(id="a"))
        await store.put(Order(id="b"))
        await begun.wait()
    assert finished == ["a"]

    async with app.running():
        await app.drain()
    assert finished == ["a", "b"]


async def test_a_handler_that_never_ends_is_cancelled_after_a_grace(
    store: Any, caplog: pytest.LogCaptureFixture
) -> None:
    await store.create_table("orders")
    app = StreamApp(store, name="app")
    begun = asyncio.Event()

    @app.on(Order)
    async def endless(event: Insert[Order]) -> None:
        begun.set()
        await asyncio.Event().wait()

    async with app.running():
        await store.put(Order(id="a"))
        await begun.wait()

    assert "did not end within 30 s" in caplog.text


async def test_drain_gives_up_on_a_handler_that_never_ends(store: Any) -> None:
    await store.create_table("orders")
    app = StreamApp(store, name="app")

    @app.on(Order)
    async def endless(event: Insert[Order]) -> None:
        await asyncio.Event().wait()

    async with app.running():
        await store.put(Order(id="a"))
        with pytest.raises(errors.StreamHandlerFailed, match="'endless' of Order has not completed 1 records within"):
            await app.drain()


async def test_a_cancellation_inside_a_handler_is_a_failure_like_any(store: Any) -> None:
    await store.create_table("orders")
    app = StreamApp(store, name="app")
    attempts: list[int] = []

    @app.on(Order)
    async def odd(event: Insert[Order]) -> None:
        attempts.append(event.attempt)
        if event.attempt == 1:
            raise asyncio.CancelledError

    async with app.running():
        await store.put(Order(id="a"))
        await app.drain()

    assert attempts == [1, 2]


async def test_more_records_than_a_page_and_than_memory_are_all_delivered(store: Any) -> None:
    await store.create_table("orders")
    app = StreamApp(store, name="app", start="trim_horizon")
    seen: list[str] = []
    for number in range(4500):
        await store.put(Order(id=f"{number}"))

    @app.on(Order)
    async def record(event: Insert[Order]) -> None:
        if event.new.id == "0" and event.attempt < 3:
            raise RuntimeError
        seen.append(event.new.id)

    async with app.running():
        await app.drain()

    assert len(seen) == len(set(seen)) == 4500


async def test_failures_are_logged_without_values(store: Any, caplog: pytest.LogCaptureFixture) -> None:
    await store.create_table("orders")
    app = StreamApp(store, name="app")

    @app.on(Order)
    async def broken(event: Insert[Order]) -> None:
        if event.attempt == 1:
            raise RuntimeError(event.new.id)

    with caplog.at_level(logging.DEBUG, logger="ddbmodel"):
        async with app.running():
            await store.put(Order(id="secret"))
            await app.drain()

    assert "stream handler 'broken' failed on the INSERT of one Order: RuntimeError at" in caplog.text
    assert "attempt 1" in caplog.text
    assert "secret" not in caplog.text


async def test_a_disabled_stream_is_delivered_to_its_end(store: Any) -> None:
    await store.create_table("orders")
    app, seen = _app(store)

    async with app.running():
        await store.put(Order(id="a"))
        request = {"TableName": "orders", "StreamSpecification": {"StreamEnabled": False}}
        await store.executor.execute("UpdateTable", request)
        await app.drain()
        await asyncio.sleep(60)
        await app.drain()

    assert seen == [("Insert", "new")]


async def test_a_stream_that_was_replaced_is_read_from_its_beginning_and_said_so(
    store: Any, caplog: pytest.LogCaptureFixture
) -> None:
    await store.create_table("orders")
    app, seen = _app(store)
    async with app.running():
        pass
    await store.executor.execute("DeleteTable", {"TableName": "orders"})
    await store.create_table("orders")
    await store.put(Order(id="a", status="in the new one"))

    async with app.running():
        await app.drain()

    assert seen == [("Insert", "in the new one")]
    assert "the stream of orders was replaced" in caplog.text


async def test_what_ends_the_reading_ends_drain_and_the_block(store: Any, caplog: pytest.LogCaptureFixture) -> None:
    await store.create_table("orders")
    app, _ = _app(store)
    raised: list[BaseException] = []

    async def run() -> None:
        async with app.running():
            await store.executor.close()
            try:
                await app.drain()
            except errors.DdbModelError as error:
                raised.append(error)

    with pytest.raises(errors.StorageFailed, match="closed"):
        await run()
    assert isinstance(raised[0], errors.StorageFailed)
    assert "a stream is not read any more: StorageFailed" in caplog.text


async def test_an_application_that_was_down_while_nothing_was_written_goes_on_after_days(store: Any) -> None:
    clock = ManualClock()
    executor = EmbeddedExecutor(Engine.open(clock=clock))
    store = type(store)(executor)
    await store.create_table("orders")
    app, seen = _app(store)
    async with app.running():
        await store.put(Order(id="a", status="before"))
        await app.drain()
    clock.advance(3 * 86_400)
    await store.put(Order(id="b", status="after"))

    async with app.running():
        await app.drain()

    assert seen == [("Insert", "before"), ("Insert", "after")]
    await executor.close()


async def test_records_that_nobody_read_for_a_day_are_missed_aloud(store: Any) -> None:
    clock = ManualClock()
    executor = EmbeddedExecutor(Engine.open(clock=clock))
    store = type(store)(executor)
    await store.create_table("orders")
    app, seen = _app(store)
    async with app.running():
        await store.put(Order(id="a"))
        await app.drain()
    await store.put(Order(id="b"))
    clock.advance(2 * 86_400)

    async def run() -> None:
        async with app.running():
            await app.drain()

    with pytest.raises(errors.ServiceError, match="TrimmedDataAccessException"):
        await run()
    assert seen == [("Insert", "new")]
    await executor.close()


class _SlowExecutor:
    """Takes a moment for every request."""

    def __init__(self, executor: Any) -> None:
        self._executor = executor

    async def execute(self, operation: str, request: dict[str, Any]) -> Any:
        await asyncio.sleep(0.01)
        return await self._executor.execute(operation, request)


@pytest.mark.parametrize("moments", range(12))
async def test_leaving_the_block_is_quick_whatever_is_under_way(store: Any, moments: int) -> None:
    await store.create_table("orders")
    app, _ = _app(type(store)(_SlowExecutor(store.executor)), start="trim_horizon")
    loop = asyncio.get_running_loop()
    await store.put(Order(id="a"))

    async with app.running():
        await asyncio.sleep(0.01 * moments + 0.005)
        left_at_s = loop.time()

    assert loop.time() - left_at_s < 0.1


class _DyingExecutor:
    """Answers a number of requests, then none: the process is gone as far as the database can see."""

    def __init__(self, executor: Any, answers: int) -> None:
        self._executor, self._left = executor, answers

    async def execute(self, operation: str, request: dict[str, Any]) -> Any:
        self._left -= 1
        if self._left < 0:
            raise errors.StorageFailed("the process is gone")
        return await self._executor.execute(operation, request)

    def subscribe(self, on_commit: Any) -> Any:
        return self._executor.subscribe(on_commit)


@pytest.mark.parametrize("answers", range(20))
async def test_whichever_request_is_the_last_before_a_crash_nothing_is_lost_and_order_is_kept(
    store: Any, answers: int
) -> None:
    await store.create_table("orders")
    for number in range(12):
        await store.put(Order(id="abc"[number % 3], amount=number + 1))
    completed: list[tuple[str, int]] = []

    def app_on(executor: Any) -> StreamApp:
        app = StreamApp(type(store)(executor), name="app", start="trim_horizon")

        @app.on(Order, concurrency=2)
        async def note(event: Insert[Order] | Modify[Order]) -> None:
            if event.new.amount in (2, 6) and event.attempt < 3:
                raise RuntimeError
            await asyncio.sleep(0.11)
            completed.append((event.new.id, event.new.amount))

        return app

    async def run(app: StreamApp) -> None:
        async with app.running():
            await app.drain()

    with contextlib.suppress(errors.StorageFailed):
        await run(app_on(_DyingExecutor(store.executor, answers)))
    await run(app_on(store.executor))

    for item in "abc":
        amounts = list(dict.fromkeys(amount for id_, amount in completed if id_ == item))
        assert amounts == [number + 1 for number in range(12) if "abc"[number % 3] == item]
