"""Many writes of any number go through in bounded memory, keep the order of each key, and lose nothing silently."""

from __future__ import annotations

import asyncio
import itertools
import random
from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from typing import Any

import pytest
from query_models import Account, Score
from scripted_executor import ScriptedExecutor

from ddbmodel import Attr, Key, Model, attr, deleted_at, partition_key
from ddbmodel.errors import (
    BatchFailed,
    InvalidRequest,
    ItemTooLarge,
    OutcomeUnknown,
    ResourceNotFound,
    Throttled,
    ValueNotStorable,
    service_error,
)
from ddbmodel.query.batch_routing import needs_single_writes
from ddbmodel.query.batches import delete_many, get_each, get_many, put_many
from ddbmodel.transport.retry import MAX_ATTEMPTS


async def no_pause(_: float) -> None:
    await asyncio.sleep(0)


def score(number: int, points: int = 0) -> Score:
    return Score(game="tetris", player=f"p{number:05}", points=points)


def scores(count: int) -> list[Score]:
    return [score(number) for number in range(count)]


def batch_of(request: dict[str, Any]) -> list[dict[str, Any]]:
    return [action for actions in request["RequestItems"].values() for action in actions]


def player_of(action: dict[str, Any]) -> str:
    key = action["PutRequest"]["Item"] if "PutRequest" in action else action["DeleteRequest"]["Key"]
    return str(key["player"]["S"])


class Store:
    """A table that takes batches, some of them late, partly or not at all, and watches their rules."""

    def __init__(self, dice: random.Random | None = None) -> None:
        self.items: dict[str, dict[str, Any]] = {}
        self.under_way: set[str] = set()
        self.most_at_once = 0
        self.at_once = 0
        self.requests: list[tuple[str, dict[str, Any]]] = []
        self.dice = dice

    async def execute(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        self.requests.append((operation, request))
        actions = batch_of(request)
        players = [player_of(action) for action in actions]
        assert len(set(players)) == len(players) <= 25
        assert not self.under_way & set(players), "two batches of one key are under way"
        self.under_way.update(players)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        for _ in range(self.dice.randrange(4) if self.dice else 1):
            await asyncio.sleep(0)
        undone = []
        for action in actions:
            if self.dice and self.dice.random() < 0.2:
                undone.append(action)
            elif "PutRequest" in action:
                self.items[player_of(action)] = action["PutRequest"]["Item"]
            else:
                self.items.pop(player_of(action), None)
        self.at_once -= 1
        self.under_way.difference_update(players)
        return {"UnprocessedItems": {"scores": undone}} if undone else {}

    async def close(self) -> None: ...


async def test_a_generator_is_read_no_further_than_the_work_has_come() -> None:
    store = Store()
    given = 0

    def endless() -> Iterator[Score]:
        nonlocal given
        for number in itertools.count():
            given += 1
            yield score(number)

    told: list[tuple[int, int | None]] = []

    def stop(done: int, total: int | None) -> None:
        told.append((done, total))
        if done >= 1000:
            raise RuntimeError("enough")

    with pytest.raises(RuntimeError, match="enough") as stopped:
        await put_many(store, endless(), concurrency=4, progress=stop)

    assert given <= 1000 + 6 * 25
    assert told[-1] == (1000, None)
    assert "put_many was ended by this: 1,0" in stopped.value.__notes__[0]
    assert store.most_at_once == 4


async def test_an_async_generator_goes_through() -> None:
    async def some() -> AsyncIterator[Score]:
        for number in range(60):
            await asyncio.sleep(0)
            yield score(number)

    store = Store()

    report = await put_many(store, some())

    assert (report.done, report.replaced, report.failed, report.skipped) == (60, 0, [], [])
    assert len(store.items) == 60


@pytest.mark.parametrize("seed", range(8))
async def test_of_one_key_the_last_instance_is_stored_whatever_happens_on_the_way(seed: int) -> None:
    dice = random.Random(seed)
    given = [score(dice.randrange(60), points) for points in range(700)]
    store = Store(dice)

    report = await put_many(store, iter(given), concurrency=1 + seed, sleep=no_pause)

    last = {each.player: each.points for each in given}
    assert {player: int(item["points"]["N"]) for player, item in store.items.items()} == last
    assert report.done + report.replaced == 700
    assert report.replaced > 0


async def test_a_key_of_a_stream_may_be_deleted_several_times() -> None:
    store = Store(random.Random(1))
    await put_many(store, scores(30), sleep=no_pause)

    report = await delete_many(store, (score(number % 30) for number in range(200)), sleep=no_pause)

    assert store.items == {}
    assert report.done + report.replaced == 200


async def test_one_bad_write_is_found_among_those_of_its_batch_and_the_others_are_done() -> None:
    store = Store()

    class Picky(Store):
        async def execute(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
            if any(player_of(action) == "p00007" for action in batch_of(request)):
                self.requests.append((operation, request))
                raise service_error("ValidationException", "Item size has exceeded the maximum allowed size")
            return await super().execute(operation, request)

    store = Picky()
    given = scores(60)

    report = await put_many(store, iter(given), on_error="collect")

    assert report.done == 59
    assert [target for target, _ in report.failed] == [given[7]]
    assert isinstance(report.failed[0][1], ItemTooLarge)
    assert len(store.items) == 59
    assert len(store.requests) <= 3 + 10


async def test_a_missing_table_fails_only_what_belongs_to_it_and_is_not_asked_for_each_item() -> None:
    def answer(_: str, request: dict[str, Any]) -> dict[str, Any]:
        if "accounts" in request["RequestItems"]:
            raise service_error("ResourceNotFoundException", "Requested resource not found")
        return {}

    executor = ScriptedExecutor(answer)
    accounts = [Account(id=f"a{number}", owner="ann") for number in range(10)]

    report = await put_many(executor, [*scores(10), *accounts], on_error="collect")

    assert report.done == 10
    assert [target for target, _ in report.failed] == accounts
    assert {type(error) for _, error in report.failed} == {ResourceNotFound}
    assert len(executor.requests) == 3


async def test_by_default_the_first_failure_ends_the_work_and_everything_is_accounted_for() -> None:
    given = scores(500)

    def answer(_: str, request: dict[str, Any]) -> dict[str, Any]:
        if any(player_of(action) == "p00130" for action in batch_of(request)):
            raise service_error("AccessDeniedException", "not you")
        return {}

    rest = iter(given)
    with pytest.raises(BatchFailed, match="25 failed") as failed:
        await put_many(ScriptedExecutor(answer), rest, concurrency=2)

    unread = list(rest)
    error = failed.value
    assert given[130] in [target for target, _ in error.failed]
    assert error.done + len(error.failed) + len(error.skipped) + len(unread) == 500
    assert error.done >= 125
    # What is not done stands in the order of the input.
    for left in ([target for target, _ in error.failed], error.skipped):
        assert left == sorted(left, key=given.index)
    assert not error.retryable


async def test_what_a_stream_holds_besides_models_is_a_failure_of_its_own() -> None:
    store = Store()
    wrong: Any = [score(1), {"game": "tetris"}, score(2)]

    report = await put_many(store, iter(wrong), on_error="collect")
    with pytest.raises(BatchFailed, match="put_many takes models, got a dict"):
        await put_many(store, iter(wrong))

    assert report.done == 2
    assert report.failed[0][0] == {"game": "tetris"}
    assert isinstance(report.failed[0][1], InvalidRequest)


async def test_a_list_is_checked_as_a_whole_before_anything_is_sent() -> None:
    store = Store()
    too_long = Score(game="tetris", player="x" * 2000)

    with pytest.raises(ValueNotStorable):
        await put_many(store, [score(1), too_long])
    assert store.requests == []

    report = await put_many(store, [score(1), too_long], on_error="collect")
    assert (report.done, [target for target, _ in report.failed]) == (1, [too_long])


async def test_keys_of_one_hash_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Key, "__hash__", lambda key: 7)
    store = Store()

    assert (await put_many(store, scores(30))).done == 30
    with pytest.raises(InvalidRequest, match="2 of 32 models have the key of another one"):
        await put_many(store, [*scores(30), score(1, 5), score(2, 5)])


@pytest.mark.parametrize(
    "failure",
    [OutcomeUnknown("no answer"), Throttled("ThrottlingException", "slow"), service_error("InternalServerError", "x")],
)
async def test_a_batch_that_was_lost_or_throttled_is_sent_again(failure: Exception) -> None:
    failures = [failure] * (MAX_ATTEMPTS - 1)

    def answer(_: str, request: dict[str, Any]) -> dict[str, Any]:
        if failures:
            raise failures.pop()
        return {}

    executor = ScriptedExecutor(answer)

    report = await put_many(executor, scores(3), sleep=no_pause)

    assert report.done == 3
    assert len(executor.requests) == MAX_ATTEMPTS


async def test_an_unprocessed_write_that_nobody_knows_is_not_taken_for_done() -> None:
    answers: list[dict[str, Any]] = [
        {"UnprocessedItems": {"scores": [{"PutRequest": {"Item": score(99).to_item()}}]}},
        {"UnprocessedItems": {"other-name": [{"PutRequest": {"Item": score(1).to_item()}}]}},
        {},
    ]
    executor = ScriptedExecutor(lambda _, request: answers.pop(0))

    await put_many(executor, scores(3), sleep=no_pause)

    assert [len(batch_of(request)) for _, request in executor.requests] == [3, 3, 3]


async def test_a_cancelled_call_says_how_far_it_came() -> None:
    reached = asyncio.Event()

    class Slow(Store):
        async def execute(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
            if len(self.requests) == 4:
                reached.set()
                await asyncio.sleep(3600)
            return await super().execute(operation, request)

    task = asyncio.ensure_future(put_many(Slow(), scores(1000), concurrency=1))
    await reached.wait()
    task.cancel()

    with pytest.raises(asyncio.CancelledError) as cancelled:
        await task

    assert cancelled.value.__notes__ == [
        "put_many was ended by this: 100 were done, 0 failed, 25 were sent and may be done, 25 more were read and not "
        "sent"
    ]


async def test_an_input_that_breaks_breaks_the_call_after_what_is_under_way() -> None:
    def broken() -> Iterator[Score]:
        yield from scores(80)
        raise LookupError("the file ends here")

    store = Store()

    with pytest.raises(LookupError, match="the file ends here") as raised:
        await put_many(store, broken(), concurrency=2)

    done = len(store.items)
    assert done >= 50
    assert f"{done} were done" in raised.value.__notes__[0]
    assert f"{80 - done} more were read and not sent" in raised.value.__notes__[0]


async def test_progress_comes_to_the_end_whatever_stands_there() -> None:
    wrong: Any = [*scores(25), *["no model"] * 3]
    told: list[tuple[int, int | None]] = []

    await put_many(Store(), wrong, concurrency=1, on_error="collect", progress=lambda *counts: told.append(counts))
    await put_many(Store(), wrong[25:], on_error="collect", progress=lambda *counts: told.append(counts))
    await put_many(Store(), [], progress=lambda *counts: told.append(counts))

    assert told[-2:] == [(28, 28), (3, 3)]


async def test_an_async_progress_function_is_awaited() -> None:
    told: list[int] = []

    async def tell(done: int, total: int | None) -> None:
        await asyncio.sleep(0)
        told.append(done)

    await put_many(Store(), scores(50), progress=tell)

    assert told[-1] == 50


async def test_models_are_read_in_order_while_keys_come_no_further_ahead_than_asked() -> None:
    given = 0

    def keys() -> Iterator[Any]:
        nonlocal given
        for number in itertools.count():
            given += 1
            yield Score.key(game="tetris", player=f"p{number:05}")

    def answer(_: str, request: dict[str, Any]) -> dict[str, Any]:
        wanted = [key["player"]["S"] for key in request["RequestItems"]["scores"]["Keys"]]
        found = [Score(game="tetris", player=player) for player in wanted if not player.endswith("3")]
        return {"Responses": {"scores": [each.to_item() for each in reversed(found)]}}

    models = get_each(ScriptedExecutor(answer), Score, keys(), concurrency=2)
    first = [found and found.player async for found in _some(models, 250)]

    assert first == [None if number % 10 == 3 else f"p{number:05}" for number in range(250)]
    assert given <= 250 + 3 * 100
    await models.aclose()


async def test_keys_for_a_read_may_come_from_an_async_generator() -> None:
    async def keys() -> AsyncIterator[Any]:
        yield Score.key(game="tetris", player="p00001")

    executor = ScriptedExecutor(lambda _, request: {"Responses": {"scores": [score(1).to_item()]}})

    assert await get_many(executor, Score, keys()) == [score(1)]


async def test_wrong_choices_are_refused_before_anything_is_sent() -> None:
    store = Store()
    text: Any = "8"
    one: Any = score(1)

    with pytest.raises(InvalidRequest, match="concurrency takes 1 to 1,000 requests at once, got 0"):
        await put_many(store, scores(1), concurrency=0)
    with pytest.raises(InvalidRequest, match="got a str"):
        await delete_many(store, scores(1), concurrency=text)
    with pytest.raises(InvalidRequest, match="on_error takes 'raise' or 'collect'"):
        await put_many(store, scores(1), on_error=text)
    with pytest.raises(InvalidRequest, match="put_many takes an iterable or async iterable of models, got a Score"):
        await put_many(store, one)
    with pytest.raises(InvalidRequest, match="got a Key"):
        await get_many(store, Score, one.item_key())
    assert store.requests == []


def test_models_with_unique_values_and_soft_deletes_are_not_for_batches() -> None:
    class Plain(Model, table="t"):
        id: Attr[str] = partition_key()

    class User(Model, table="users"):
        id: Attr[str] = partition_key()
        email: Attr[str] = attr(unique=True)

    class Draft(Model, table="drafts"):
        id: Attr[str] = partition_key()
        deleted: Attr[datetime | None] = deleted_at()

    assert not needs_single_writes(Plain, "put")
    assert not needs_single_writes(Plain, "delete")
    assert needs_single_writes(User, "put")
    assert needs_single_writes(User, "delete")
    assert not needs_single_writes(Draft, "put")
    assert needs_single_writes(Draft, "delete")


async def _some(models: AsyncIterator[Any], count: int) -> AsyncIterator[Any]:
    async for found in models:
        yield found
        count -= 1
        if count == 0:
            return
