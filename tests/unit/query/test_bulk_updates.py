"""Many updates: each is atomic, those of one key keep their order, and every failure is told."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from query_models import Account, Score
from scripted_executor import ScriptedExecutor

from ddbmodel import BatchFailed, ConditionFailed, Database, InvalidRequest, NotFound, OutcomeUnknown, TransactionFailed
from ddbmodel.errors import service_error
from ddbmodel.model import Key
from ddbmodel.query.bulk_updates import update_many
from ddbmodel.transport.embedded import EmbeddedExecutor


class Recording(EmbeddedExecutor):
    """The embedded engine, with the requests that it was asked and the keys that are under way."""

    requests: list[tuple[str, dict[str, Any]]]
    most_at_once: int

    async def execute(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        self.requests.append((operation, request))
        self.under_way.update(self._keys(request))
        assert max(self.under_way.values(), default=0) <= 1
        self.most_at_once = max(self.most_at_once, self.under_way.total())
        await asyncio.sleep(0)
        try:
            return await super().execute(operation, request)
        finally:
            self.under_way.subtract(self._keys(request))

    @staticmethod
    def _keys(request: dict[str, Any]) -> list[str]:
        actions = [next(iter(each.values())) for each in request.get("TransactItems", ())] or [request]
        return [str(each["Key"]) for each in actions if "UpdateExpression" in each]


@pytest.fixture
async def executor() -> AsyncIterator[Recording]:
    opened = Recording.open("memory:")
    assert isinstance(opened, Recording)
    opened.requests, opened.most_at_once, opened.under_way = [], 0, Counter()
    db = Database(opened)
    await db.create_tables(Score, Account)
    await db.put_many(Score(game="go", player=f"p{number:03}", points=number) for number in range(150))
    opened.requests.clear()
    yield opened
    await opened.close()


def key(number: int) -> Key[Score]:
    return Score.key(game="go", player=f"p{number:03}")


async def test_actions_for_all_keys_give_the_new_models_in_order(executor: Recording) -> None:
    report = await update_many(executor, map(key, range(50)), [Score.points.add(1000)], concurrency=4)

    assert [model and model.points for model in report.models] == list(range(1000, 1050))
    assert (report.done, report.failed, report.skipped) == (50, [], [])
    assert executor.most_at_once == 4


async def test_each_key_may_have_actions_of_its_own(executor: Recording) -> None:
    async def updates() -> AsyncIterator[Any]:
        yield key(1), [Score.points.set(5)]
        yield key(2), (Score.region.set("us"), Score.nick.set("two"))

    report = await update_many(executor, updates())

    one, two = report.models
    assert one is not None
    assert two is not None
    assert (one.points, two.region, two.nick) == (5, "us", "two")


@pytest.mark.parametrize("transactions", [False, True])
async def test_updates_of_one_key_happen_in_the_order_given(executor: Recording, transactions: bool) -> None:
    def updates() -> Iterator[Any]:
        for number in range(400):
            yield key(number % 3), [Score.words.append(str(number))]

    await update_many(executor, updates(), transactions=transactions, concurrency=5)

    db = Database(executor)
    for number in range(3):
        words = (await db.get_or_raise(Score, game="go", player=f"p{number:03}")).words
        assert words == [str(each) for each in range(number, 400, 3)]


async def test_transactions_of_a_hundred_give_models_that_are_read_after_them(executor: Recording) -> None:
    told: list[tuple[int, int | None]] = []

    report = await update_many(
        executor,
        [key(number) for number in range(150)],
        [Score.points.set(7)],
        transactions=True,
        progress=lambda *counts: told.append(counts),
    )

    assert [model and model.points for model in report.models] == [7] * 150
    sizes = [len(request["TransactItems"]) for operation, request in executor.requests if "Transact" in operation]
    assert sorted(sizes) == [50, 100]
    assert told[-1] == (150, 150)


async def test_nothing_is_read_back_or_kept_when_models_are_not_wanted(executor: Recording) -> None:
    report = await update_many(
        executor, map(key, range(120)), [Score.points.set(7)], transactions=True, returning=False
    )

    assert report.models == []
    assert report.done == 120
    assert {operation for operation, _ in executor.requests} == {"TransactWriteItems"}


async def test_failures_are_collected_and_the_others_are_done(executor: Recording) -> None:
    keys = [key(number) for number in (10, 500, 20, 90)]

    report = await update_many(
        executor,
        keys,
        [Score.points.add(1)],
        condition=Score.points < 50,
        upsert=False,
        on_error="collect",
    )

    assert [model and model.points for model in report.models] == [11, None, 21, None]
    failures = {target: type(error) for target, error in report.failed}
    assert failures == {keys[1]: ConditionFailed, keys[3]: ConditionFailed}


async def test_a_transaction_fails_as_a_whole_and_says_which_update_was_to_blame(executor: Recording) -> None:
    keys = [key(number) for number in (10, 90, 20)]

    with pytest.raises(BatchFailed, match="3 of 3 failed, 0 are done") as failed:
        await update_many(executor, keys, [Score.points.add(1)], condition=Score.points < 50, transactions=True)

    kinds = [type(error) for _, error in failed.value.failed]
    assert kinds == [TransactionFailed, ConditionFailed, TransactionFailed]


async def test_the_first_failure_ends_the_work(executor: Recording) -> None:
    updates = iter([(key(number), [Score.nick.remove()]) for number in range(140, 400)])

    with pytest.raises(BatchFailed, match="no item has this key") as failed:
        await update_many(executor, updates, upsert=False, concurrency=2)

    error = failed.value
    assert isinstance(error.__cause__, NotFound)
    assert error.done == 10
    assert error.done + len(error.failed) + len(error.skipped) + len(list(updates)) == 260


async def test_an_update_that_may_have_happened_is_not_sent_again() -> None:
    def lost(_: str, request: dict[str, Any]) -> dict[str, Any]:
        raise OutcomeUnknown("no answer came")

    executor = ScriptedExecutor(lost)

    report = await update_many(executor, [key(1)], [Score.points.add(1)], on_error="collect")

    assert len(executor.requests) == 1
    assert isinstance(report.failed[0][1], OutcomeUnknown)


async def test_an_update_that_certainly_did_not_happen_is_sent_again() -> None:
    refusals = [service_error("TransactionConflictException", "busy"), service_error("ThrottlingException", "slow")]

    def answer(_: str, request: dict[str, Any]) -> dict[str, Any]:
        if refusals:
            raise refusals.pop()
        return {"Attributes": Score(game="go", player="p001", points=1).to_item()}

    async def no_pause(_: float) -> None: ...

    executor = ScriptedExecutor(answer)

    report = await update_many(executor, [key(1)], [Score.points.add(1)], sleep=no_pause)

    assert report.done == 1
    assert len(executor.requests) == 3


async def test_versions_are_raised_by_each_update(executor: Recording) -> None:
    db = Database(executor)
    account = Account(id="a", owner="ann")
    await db.create(account)

    report = await db.update_many([Account.key(id="a")] * 3, Account.balance.add(1))

    assert [model and model.balance for model in report.models] == [1, 2, 3]
    assert [model and model.revision - account.revision for model in report.models] == [1, 2, 3]


async def test_what_is_no_update_is_refused_before_anything_is_sent(executor: Recording) -> None:
    wrong: Any = ["p001"]
    text: Any = [(key(1), "points")]

    with pytest.raises(InvalidRequest, match="update_many takes keys, as in Score"):
        await update_many(executor, wrong, [Score.points.add(1)])
    with pytest.raises(InvalidRequest, match="the second of a pair is a list of actions"):
        await update_many(executor, text)
    with pytest.raises(InvalidRequest, match="got both"):
        await update_many(executor, [(key(1), [Score.points.add(1)])], [Score.points.add(1)])
    with pytest.raises(InvalidRequest, match="at least one action"):
        await update_many(executor, [key(1)])
    assert executor.requests == []


async def test_what_is_no_update_in_a_stream_is_a_failure_of_its_own(executor: Recording) -> None:
    mixed: Any = [key(1), "p002", key(3)]

    report = await update_many(executor, iter(mixed), [Score.points.set(1)], on_error="collect")

    assert [model and model.player for model in report.models] == ["p001", None, "p003"]
    assert report.failed[0][0] == "p002"
