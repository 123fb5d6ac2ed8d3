"""Stories of many items at once: any number, in batches, in order."""

from __future__ import annotations

import tracemalloc
from collections import Counter
from collections.abc import AsyncIterable, Iterator
from datetime import datetime
from typing import Any

import pytest
from story_models import Account, Score

from ddbmodel import (
    Attr,
    BatchFailed,
    ConditionFailed,
    Database,
    InvalidRequest,
    Model,
    OutcomeUnknown,
    UniqueViolation,
    attr,
    created_at,
    deleted_at,
    partition_key,
    sort_key,
)
from ddbmodel.engine import Behaviours


async def test_more_items_than_a_batch_are_written_read_and_deleted(db: Database, new_table: Any) -> None:
    scores = await new_table(Score)
    everyone = [scores(game="tetris", player=f"p{number}", points=number) for number in range(130)]
    told: list[tuple[int, int]] = []

    await db.put_many(everyone, progress=lambda done, total: told.append((done, total)))
    keys = [scores.key(game="tetris", player=f"p{number}") for number in reversed(range(-1, 131))]
    found = await db.get_many(scores, keys, consistent=True)

    assert told[-1] == (130, 130)
    assert sorted(told) == told
    assert found == [None, *reversed(everyone), None]
    told.clear()
    await db.delete_many([*everyone[:60], *keys], progress=lambda done, total: told.append((done, total)))
    assert told[-1] == (192, 192)
    assert await db.scan(scores).count() == 0


async def test_a_key_may_be_asked_for_several_times(db: Database, new_table: Any) -> None:
    scores = await new_table(Score)
    await db.put(scores(game="tetris", player="ann"))
    ann, ben = scores.key(game="tetris", player="ann"), scores.key(game="tetris", player="ben")

    found = await db.get_many(scores, [ann, ben, ann])

    assert [score and score.player for score in found] == ["ann", None, "ann"]


async def test_nothing_is_no_request(db: Database, fresh: Any) -> None:
    scores = fresh(Score)

    await db.put_many([])
    await db.delete_many([])

    assert await db.get_many(scores, []) == []


async def test_two_models_of_one_key_are_refused(db: Database, new_table: Any) -> None:
    scores = await new_table(Score)
    two = [scores(game="tetris", player="ann", points=points) for points in (1, 2)]

    with pytest.raises(InvalidRequest, match="1 of 2 models"):
        await db.put_many(two)

    assert await db.get(scores, game="tetris", player="ann") is None


async def test_models_of_several_tables_go_together(db: Database, new_table: Any) -> None:
    scores, accounts = await new_table(Score), await new_table(Account)

    await db.put_many([scores(game="tetris", player="ann"), accounts(id="a", balance=4)])

    assert (await db.get_or_raise(accounts, id="a")).balance == 4
    assert await db.get(scores, game="tetris", player="ann") is not None


async def test_bulk_writes_leave_versions_alone(db: Database, new_table: Any) -> None:
    accounts = await new_table(Account)
    account = accounts(id="a")
    await db.create(account)
    before = account.revision
    account.balance = 9

    await db.put_many([account])

    assert account.revision == before
    assert await db.get(accounts, id="a") == account


async def test_another_models_key_is_refused(db: Database, fresh: Any) -> None:
    scores, accounts = fresh(Score), fresh(Account)

    with pytest.raises(InvalidRequest, match="got a key of Account"):
        await db.get_many(scores, [accounts.key(id="a")])


async def test_a_generator_of_models_goes_through_and_its_keys_are_read_one_by_one(
    db: Database, new_table: Any
) -> None:
    scores = await new_table(Score)
    told: list[tuple[int, int | None]] = []

    report = await db.put_many(
        (scores(game="go", player=f"p{number % 90:02}", points=number) for number in range(120)),
        concurrency=2,
        progress=lambda *counts: told.append(counts),
    )
    keys = (scores.key(game="go", player=f"p{number:02}") for number in range(100))
    points = [found and found.points async for found in db.get_each(scores, keys, consistent=True)]

    assert report.done + report.replaced == 120
    assert told[-1] == (120, None)
    # Of one key the last is stored.
    assert points == [*range(90, 120), *range(30, 90), *[None] * 10]


@pytest.mark.parametrize("transactions", [False, True])
async def test_many_updates_give_the_new_models_in_order(db: Database, new_table: Any, transactions: bool) -> None:
    scores = await new_table(Score)
    await db.put_many(scores(game="go", player=f"p{number:03}", points=number) for number in range(110))
    keys = [scores.key(game="go", player=f"p{number:03}") for number in reversed(range(110))]

    report = await db.update_many(keys, scores.points.add(1000), transactions=transactions)

    assert [model and model.points for model in report.models] == [1000 + number for number in reversed(range(110))]
    assert (report.done, report.failed) == (110, [])


async def test_updates_that_fail_are_told_and_the_others_are_done(db: Database, new_table: Any) -> None:
    accounts = await new_table(Account)
    await db.put_many([accounts(id="poor", balance=1), accounts(id="rich", balance=9)])
    keys = [accounts.key(id=name) for name in ("poor", "rich", "nobody")]
    spend = accounts.balance.add(-5)

    report = await db.update_many(keys, spend, condition=accounts.balance >= 5, on_error="collect")
    with pytest.raises(BatchFailed, match="1 of 1 failed") as failed:
        await db.update_many(keys[:1], spend, condition=accounts.balance >= 5)

    assert [model and model.balance for model in report.models] == [None, 4, None]
    assert [target for target, _ in report.failed] == [keys[0], keys[2]]
    (target, error) = failed.value.failed[0]
    assert target is keys[0]
    assert isinstance(error, ConditionFailed)
    assert error.current.balance == 1


class Member(Model, table="members"):
    """What a batch cannot keep by itself: a unique value, times, and a soft delete."""

    id: Attr[str] = partition_key()
    email: Attr[str] = attr(unique=True)
    joined_at: Attr[datetime | None] = created_at(default=None)
    left_at: Attr[datetime | None] = deleted_at(default=None)


async def test_unique_values_times_and_soft_deletes_hold_in_bulk(db: Database, new_table: Any) -> None:
    members = await new_table(Member)
    given = [members(id=f"m{number}", email=f"{number % 9}@example.org") for number in range(10)]

    report = await db.put_many(given, on_error="collect")
    with pytest.raises(UniqueViolation):
        await db.create(members(id="new", email="3@example.org"))
    await db.delete_many([members.key(id="m3"), given[4], members.key(id="nobody")])

    (failure,) = report.failed
    assert failure[0] in (given[0], given[9])
    assert isinstance(failure[1], UniqueViolation)
    assert all(member.joined_at for member in given if member is not failure[0])
    found = await db.get_many(members, [member.item_key() for member in given[3:6]], consistent=True)
    assert [member and member.id for member in found] == [None, None, "m5"]
    kept = await db.get_or_raise(members, id="m3", include_deleted=True)
    assert kept.left_at is not None


async def test_what_is_reported_as_done_is_done_once_whatever_goes_wrong_on_the_way() -> None:
    async with Database.connect("memory:") as db:
        await db.create_tables(Score)
        db.behave(
            Behaviours(
                seed=5,
                throttled_write_rate=0.2,
                unprocessed_rate=0.2,
                conflict_rate=0.1,
                lost_request_rate=0.1,
                lost_response_rate=0.1,
            )
        )
        stored = await db.put_many(
            (Score(game="go", player=f"p{number % 70}", points=number) for number in range(300)), concurrency=3
        )
        keys = [Score.key(game="go", player=f"p{number % 70}") for number in range(210)]
        raised = await db.update_many(keys, Score.points.add(1000), on_error="collect")
        db.behave(Behaviours())
        found = await db.get_many(Score, keys[:70])

    assert stored.done + stored.replaced == 300
    last = [number + 210 if number >= 20 else number + 280 for number in range(70)]
    times = [score.points // 1000 for score in found if score]
    assert [score.points % 1000 for score in found if score] == last
    assert {type(error) for _, error in raised.failed} == {OutcomeUnknown}
    unknown = Counter(keys.index(key) for key, _ in raised.failed)
    # Three times for each key; those that may have happened, or not, are told.
    assert all(3 - unknown[number] <= times[number] <= 3 for number in range(70))
    assert raised.done == 210 - unknown.total()
    assert str(raised) == f"{raised.done} done, 0 replaced, {unknown.total()} failed, 0 skipped"
    assert "p1" not in repr(raised)


class Move(Model, table="moves"):
    """As little as an item can be, so that many are quick."""

    game: Attr[str] = partition_key()
    number: Attr[int] = sort_key()


@pytest.mark.slow
async def test_any_number_of_items_goes_through_in_constant_memory(effort: Any) -> None:
    count = effort.count(quick=2_000, check=20_000, long=100_000)

    def moves(count: int) -> Iterator[Move]:
        return (Move(game=f"g{number % 2}", number=number) for number in range(count))

    async def through(db: Database, count: int) -> None:
        report = await db.put_many(moves(count))
        assert report.done == count
        assert await _length(db.scan(Move).segments(4).page_size(200)) == count
        assert await _length(db.query(Move, Move.game == "g0").page_size(200)) == count // 2
        keys = (move.item_key() for move in moves(count // 4))
        assert await _length(db.get_each(Move, keys)) == count // 4
        await db.delete_many(moves(count // 4))

    async with Database.connect("memory:") as db:
        await db.create_tables(Move)
        # What is made once stays: compiled codecs, caches of the engine.
        await through(db, 800)
        tracemalloc.start()
        try:
            await through(db, count)
            _, peak_bytes = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()

    # All of the models at once take more than 1 KB each.
    assert peak_bytes < 4_000_000


async def _length(results: AsyncIterable[Any]) -> int:
    count = 0
    async for _ in results:
        count += 1
    return count
