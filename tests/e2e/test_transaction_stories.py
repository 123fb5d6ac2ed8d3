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


async def test_a_transaction_has_one_action_per_item(db: Database, fresh: Any) -> None:
    accounts = fresh(Account)

    with pytest.raises(InvalidRequest, match="second on one Account"):  # noqa: PT012  # leaving the block raises
        async with db.transaction() as tx:
            tx.update(accounts.key(id="a"), accounts.balance.add(1))
            tx.check(accounts.key(id="a"), accounts.balance > 0)


async def test_an_empty_transaction_sends_nothing_and_ends(db: Database, fresh: Any) -> None:
    accounts = fresh(Account)

    async with db.transaction() as tx:
        assert tx.request() == {"TransactItems": []}

    with pytest.raises(UnitOfWorkClosed):
        tx.create(accounts(id="a"))
    with pytest.raises(UnitOfWorkClosed):
        async with tx:
            pass
