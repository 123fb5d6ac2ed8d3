"""Stories of explicit transactions: all or nothing, and every refusal by its action."""

from __future__ import annotations

from typing import Any

import pytest
from story_models import Account, Score

from ddbmodel import (
    AlreadyExists,
    ConditionFailed,
    Database,
    InvalidRequest,
    NotFound,
    TransactionFailed,
    TransactionTooLarge,
    UnitOfWorkClosed,
    VersionConflict,
)


async def test_every_action_happens(db: Database, new_table: Any) -> None:
    accounts, scores = await new_table(Account), await new_table(Score)
    giver, gone = accounts(id="a", balance=10), scores(game="go", player="zed")
    await db.create(giver)
    await db.create(accounts(id="b"))
    await db.create(gone)
    giver.balance = 5

    async with db.transaction() as tx:
        tx.put(giver)
        tx.update(accounts.key(id="b"), accounts.balance.add(5), condition=accounts.balance >= 0)
        tx.create(scores(game="tetris", player="ann"))
        tx.delete(gone)
        tx.check(scores.key(game="go", player="nobody"), scores.points.not_exists())

    assert await db.get(accounts, id="a") == giver
    assert (await db.get_or_raise(accounts, id="b")).balance == 5
    assert await db.get(scores, game="tetris", player="ann") is not None
    assert await db.get(scores, game="go", player="zed") is None
    await db.put(giver)


async def test_one_failed_action_stops_all_and_every_failure_is_told(db: Database, new_table: Any) -> None:
    accounts, scores = await new_table(Account), await new_table(Score)
    stale = accounts(id="a", balance=1)
    await db.create(stale)
    now = await db.update(accounts.key(id="a"), accounts.balance.set(2))
    there = scores(game="tetris", player="ann", points=3)
    await db.create(there)
    revision = stale.revision
    new = accounts(id="new")

    with pytest.raises(TransactionFailed, match="because of 4 of 5 actions") as refused:  # noqa: PT012  # leaving the block raises
        async with db.transaction() as tx:
            tx.create(new)
            tx.put(stale)
            tx.create(scores(game="tetris", player="ann"))
            tx.update(scores.key(game="tetris", player="ben"), scores.points.add(1), upsert=False)
            tx.check(scores.key(game="tetris", player="cid"), scores.points > 100)

    errors = refused.value.errors
    assert {position: type(error) for position, error in errors.items()} == {
        1: VersionConflict,
        2: AlreadyExists,
        3: NotFound,
        4: ConditionFailed,
    }
    assert isinstance(errors[1], VersionConflict)
    assert isinstance(errors[2], AlreadyExists)
    assert (errors[1].current, errors[2].current) == (now, there)
    assert await db.get(accounts, id="new") is None
    assert (stale.revision, new.revision) == (revision, 0)


async def test_an_exception_in_the_block_discards_it(db: Database, new_table: Any) -> None:
    accounts = await new_table(Account)

    with pytest.raises(RuntimeError, match="on second thought"):  # noqa: PT012  # leaving the block raises
        async with db.transaction() as tx:
            tx.create(accounts(id="a"))
            raise RuntimeError("on second thought")

    assert await db.get(accounts, id="a") is None


async def test_a_hundred_actions_are_enough(db: Database, new_table: Any) -> None:
    accounts = await new_table(Account)

    async with db.transaction() as tx:
        for number in range(100):
            tx.create(accounts(id=f"a{number}"))

    assert await db.scan(accounts).count() == 100
    with pytest.raises(TransactionTooLarge, match="at most 100 actions, got 101"):  # noqa: PT012  # leaving the block raises
        async with db.transaction() as tx:
            for number in range(101):
                tx.update(accounts.key(id=f"a{number}"), accounts.balance.add(1))
    assert await db.scan(accounts).filter(accounts.balance > 0).count() == 0


async def test_checks_and_updates_of_one_item_are_one_action(db: Database, new_table: Any) -> None:
    accounts = await new_table(Account)
    await db.create(accounts(id="a", balance=10))
    key = accounts.key(id="a")

    async with db.transaction() as tx:
        tx.check(key, accounts.balance >= 5)
        tx.update(key, accounts.balance.add(-5), name="debit")
        tx.update(key, accounts.owner.set("Ann"), condition=accounts.balance < 100)
        assert len(tx.request()["TransactItems"]) == 1

    found = await db.get_or_raise(accounts, id="a")
    assert (found.balance, found.owner) == (5, "Ann")
    with pytest.raises(TransactionFailed) as caught:  # noqa: PT012  # leaving the block raises
        async with db.transaction() as tx:
            tx.update(key, accounts.balance.add(-5), name="debit")
            tx.check(key, accounts.balance >= 100, name="limit")
    assert isinstance(caught.value.errors_by_name["limit"], ConditionFailed)
    assert caught.value.errors_by_name["debit"] is caught.value.errors[0]
    assert "update 'debit' and 'limit'" in str(caught.value)


async def test_two_writes_of_one_item_that_cannot_be_one_are_refused(db: Database, fresh: Any) -> None:
    accounts = fresh(Account)

    with pytest.raises(InvalidRequest, match="second on one Account, after one to update"):  # noqa: PT012
        async with db.transaction() as tx:
            tx.update(accounts.key(id="a"), accounts.balance.add(1))
            tx.delete(accounts.key(id="a"))
    with pytest.raises(InvalidRequest, match="overlap"):  # noqa: PT012
        async with db.transaction() as tx:
            tx.update(accounts.key(id="a"), accounts.balance.add(1))
            tx.update(accounts.key(id="a"), accounts.balance.set(1))
    with pytest.raises(InvalidRequest, match="have the name 'same'"):  # noqa: PT012
        async with db.transaction() as tx:
            tx.check(accounts.key(id="a"), accounts.balance > 0, name="same")
            tx.check(accounts.key(id="b"), accounts.balance > 0, name="same")


async def test_items_above_four_megabytes_are_refused_before_they_are_sent(db: Database, fresh: Any) -> None:
    scores = fresh(Score)

    with pytest.raises(TransactionTooLarge, match=r"at most 4,194,304 bytes, got 4,4"):  # noqa: PT012
        async with db.transaction() as tx:
            for number in range(11):
                tx.put(scores(game="go", player=str(number), region="x" * 400_000))


async def test_items_are_read_as_they_were_at_one_moment(db: Database, new_table: Any) -> None:
    accounts, scores = await new_table(Account), await new_table(Score)
    await db.create(accounts(id="a", balance=10))
    await db.create(scores(game="go", player="ann"))

    account, score, nobody = await db.transact_get(
        accounts.key(id="a"), scores.key(game="go", player="ann"), accounts.key(id="b")
    )

    assert (account.balance, score.player, nobody) == (10, "ann", None)
    with pytest.raises(InvalidRequest, match="got 2 of which 1 differ"):
        await db.transact_get(accounts.key(id="a"), accounts.key(id="a"))


async def test_an_empty_transaction_sends_nothing_and_ends(db: Database, fresh: Any) -> None:
    accounts = fresh(Account)

    async with db.transaction() as tx:
        assert tx.request() == {"TransactItems": []}

    with pytest.raises(UnitOfWorkClosed):
        tx.create(accounts(id="a"))
    with pytest.raises(UnitOfWorkClosed):
        async with tx:
            pass
