"""Stories of the unit of work, on every backend."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from story_models import Account, Score

from ddbmodel import AlreadyExists, ConditionFailed, Database, IdentityConflict, VersionConflict
from ddbmodel.unit_of_work import UnitOfWork

Fresh = Callable[[type[Any]], type[Any]]


@pytest.fixture
async def accounts(db: Database, fresh: Fresh) -> Any:
    """Two accounts with 100 each."""
    model = fresh(Account)
    await db.create_tables(model, wait=True)
    for name in ("a", "b"):
        await db.create(model(id=name, balance=100))
    return model


@pytest.fixture
async def scores(db: Database, fresh: Fresh) -> Any:
    """Three players of one game."""
    model = fresh(Score)
    await db.create_tables(model, wait=True)
    for player, points in (("ann", 30), ("bob", 20), ("cyd", 10)):
        await db.create(model(game="go", player=player, points=points, words=["first"]))
    return model


async def test_a_transfer_is_read_changed_and_committed_as_one(db: Database, accounts: Any) -> None:
    async with db.unit_of_work() as uow:
        source, target = await uow.get_or_raise(accounts, id="a"), await uow.get_or_raise(accounts, id="b")
        source.balance -= 30
        target.balance += 30
        assert len(uow.plan().requests[0]["TransactItems"]) == 2

    assert [(await db.get(accounts, id=name, consistent=True)).balance for name in ("a", "b")] == [70, 130]


async def test_an_exception_discards_the_whole_unit(db: Database, accounts: Any) -> None:
    async def overdraw() -> None:
        async with db.unit_of_work() as uow:
            (await uow.get_or_raise(accounts, id="a")).balance -= 130
            uow.add(accounts(id="c"))
            raise ArithmeticError

    with pytest.raises(ArithmeticError):
        await overdraw()

    assert (await db.get(accounts, id="a", consistent=True)).balance == 100
    assert await db.get(accounts, id="c", consistent=True) is None


async def test_a_write_past_the_unit_is_a_version_conflict_with_what_is_there_now(db: Database, accounts: Any) -> None:
    uow = db.unit_of_work()
    (await uow.get_or_raise(accounts, id="a")).balance = 1
    await db.update(accounts.key(id="a"), accounts.balance.add(5))

    with pytest.raises(VersionConflict) as caught:
        await uow.commit()

    assert caught.value.current.balance == 105


async def test_concurrent_runs_keep_the_books_balanced(db: Database, accounts: Any) -> None:
    async def transfer(uow: UnitOfWork) -> None:
        source, target = await uow.get_or_raise(accounts, id="a"), await uow.get_or_raise(accounts, id="b")
        source.balance -= 1
        target.balance += 1

    await asyncio.gather(*(db.run(transfer, retries=100) for _ in range(8)))

    assert [(await db.get(accounts, id=name, consistent=True)).balance for name in ("a", "b")] == [92, 108]


async def test_the_object_of_a_unit_can_be_written_again_afterwards(db: Database, accounts: Any) -> None:
    async with db.unit_of_work() as uow:
        account = await uow.get_or_raise(accounts, id="a")
        account.balance = 5

    account.balance = 6
    await db.put(account)

    assert (await db.get(accounts, id="a", consistent=True)).balance == 6


async def test_adding_what_exists_writes_nothing_of_the_unit(db: Database, accounts: Any) -> None:
    uow = db.unit_of_work()
    uow.add(accounts(id="a", balance=7), accounts(id="c"))

    with pytest.raises(AlreadyExists) as caught:
        await uow.commit()

    assert caught.value.current.balance == 100
    assert await db.get(accounts, id="c", consistent=True) is None


async def test_a_check_guards_the_unit_without_reading(db: Database, accounts: Any) -> None:
    async with db.unit_of_work() as uow:
        uow.check(accounts.key(id="b"), accounts.balance >= 100)
        uow.increment(accounts.key(id="a"), accounts.balance, -10)

    uow = db.unit_of_work()
    uow.check(accounts.key(id="a"), accounts.balance >= 100)
    uow.delete(accounts.key(id="b"))
    with pytest.raises(ConditionFailed) as caught:
        await uow.commit()

    assert caught.value.current.balance == 90
    assert await db.get(accounts, id="b", consistent=True)


async def test_query_results_are_objects_of_the_unit_and_their_changes_are_committed(db: Database, scores: Any) -> None:
    async with db.unit_of_work() as uow:
        ann = await uow.get_or_raise(scores, game="go", player="ann")
        uow.delete(await uow.get_or_raise(scores, game="go", player="cyd"))
        found = [score async for score in uow.query(scores.leaderboard, scores.game == "go")]
        assert [score.player for score in found] == ["bob", "ann"]
        assert found[1] is ann
        with pytest.raises(IdentityConflict):
            uow.add(scores(game="go", player="bob"))
        for score in found:
            score.points += 1
            score.words.append("second")
            score.tags.add("seen")

    stored = await db.query(scores, scores.game == "go").consistent().all()
    assert [(score.player, score.points, score.words, score.tags) for score in stored] == [
        ("ann", 31, ["first", "second"], {"seen"}),
        ("bob", 21, ["first", "second"], {"seen"}),
    ]


async def test_a_query_with_filters_can_be_handed_to_the_unit(db: Database, scores: Any) -> None:
    async with db.unit_of_work() as uow:
        builder = db.query(scores, scores.game == "go").filter(scores.points < 30).descending()
        assert [score.player async for score in uow.query(builder)] == ["cyd", "bob"]


async def test_many_keys_are_read_once_and_keep_their_order(db: Database, scores: Any) -> None:
    async with db.unit_of_work() as uow:
        bob = await uow.get_or_raise(scores, game="go", player="bob")
        keys = [scores.key(game="go", player=player) for player in ("cyd", "nobody", "bob", "cyd")]

        cyd, nobody, same, again = await uow.get_many(scores, keys)

        assert (cyd is again, nobody, same is bob) == (True, None, True)


async def test_writers_of_different_attributes_do_not_stop_each_other(db: Database, scores: Any) -> None:
    mine, theirs = db.unit_of_work(), db.unit_of_work()
    (await mine.get_or_raise(scores, game="go", player="ann")).points = 1
    (await theirs.get_or_raise(scores, game="go", player="ann")).region = "us"

    await mine.commit()
    await theirs.commit()

    stored = await db.get(scores, game="go", player="ann", consistent=True)
    assert (stored.points, stored.region) == (1, "us")


async def test_a_default_that_is_not_stored_is_no_conflict(db: Database, scores: Any) -> None:
    # As an older program stored it, before the model had these fields.
    item = {"game": {"S": "go"}, "player": {"S": "old"}}
    await db.executor.execute("PutItem", {"TableName": scores.__ddb_schema__.table, "Item": item})

    async with db.unit_of_work() as uow:
        async for score in uow.query(scores, scores.game == "go", scores.player == "old"):
            score.points += 1
    async with db.unit_of_work() as uow:
        (score,) = await uow.get_many(scores, [scores.key(game="go", player="old")])
        score.region = "us"

    stored = await db.get(scores, game="go", player="old", consistent=True)
    assert (stored.points, stored.region) == (1, "us")
