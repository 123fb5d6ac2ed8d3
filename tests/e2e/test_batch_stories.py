"""Stories of many items at once: any number, in batches, in order."""

from __future__ import annotations

from typing import Any

import pytest
from story_models import Account, Score

from ddbmodel import Database, InvalidRequest


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
