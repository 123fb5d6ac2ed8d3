"""Stories of single items: create, put, get, update, delete, and every way in which they fail."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from story_models import Account, Counted, Play, Profile, Score

from ddbmodel import (
    AlreadyExists,
    ConditionFailed,
    Database,
    InvalidRequest,
    ItemNotDecodable,
    NotFound,
    ResourceNotFound,
    VersionConflict,
)


async def test_what_was_created_is_read_back(db: Database, new_table: Any) -> None:
    scores = await new_table(Score)
    score = scores(
        game="tetris",
        player="ann",
        points=-3,
        nick="a",
        price=Decimal("12.50"),
        played_at="2026-01-01",
        tags={"x", "y"},
        numbers={1, -2},
        picture=b"\x00\xff",
        blobs={b"\x01", b"\x02"},
        profile=Profile(city="Oslo", floor=3),
        history=[Play(points=1), Play(points=2, note="n")],
        words=["a", "é", ""],
        counts={"one": 1},
        active=False,
        expires_at=datetime(2126, 1, 1, tzinfo=UTC),
    )

    await db.create(score)

    assert await db.get(scores, game="tetris", player="ann") == score
    assert await db.get(scores, game="tetris", player="ann", consistent=True) == score


async def test_an_absent_item_is_none_or_not_found(db: Database, new_table: Any) -> None:
    scores = await new_table(Score)

    assert await db.get(scores, game="tetris", player="nobody") is None
    with pytest.raises(NotFound, match="Score") as refused:
        await db.get_or_raise(scores, game="tetris", player="nobody")
    assert "nobody" not in str(refused.value)


async def test_an_item_is_created_once(db: Database, new_table: Any) -> None:
    scores = await new_table(Score)
    first = scores(game="tetris", player="ann", points=1)
    await db.create(first)

    with pytest.raises(AlreadyExists, match="put to replace it") as refused:
        await db.create(scores(game="tetris", player="ann", points=2))

    assert refused.value.current == first
    assert (await db.get_or_raise(scores, game="tetris", player="ann")).points == 1


async def test_put_replaces_the_whole_item(db: Database, new_table: Any) -> None:
    scores = await new_table(Score)
    await db.put(scores(game="tetris", player="ann", tags={"x"}))

    await db.put(scores(game="tetris", player="ann", nick="a"))

    found = await db.get_or_raise(scores, game="tetris", player="ann")
    assert (found.tags, found.nick) == (set(), "a")


async def test_a_condition_that_fails_tells_what_is_there(db: Database, new_table: Any) -> None:
    scores = await new_table(Score)
    stored = scores(game="tetris", player="ann", points=7)
    await db.create(stored)
    key = scores.key(game="tetris", player="ann")

    with pytest.raises(ConditionFailed) as of_put:
        await db.put(scores(game="tetris", player="ann"), condition=scores.points == 8)
    with pytest.raises(ConditionFailed) as of_update:
        await db.update(key, scores.points.add(1), condition=scores.points > 100)
    with pytest.raises(ConditionFailed) as of_delete:
        await db.delete(key, condition=scores.points == 0)

    for refused in (of_put, of_update, of_delete):
        assert type(refused.value) is ConditionFailed
        assert refused.value.current == stored
    assert await db.get(scores, game="tetris", player="ann") == stored


async def test_a_condition_on_an_absent_item_has_no_current(db: Database, new_table: Any) -> None:
    scores = await new_table(Score)

    with pytest.raises(ConditionFailed) as refused:
        await db.delete(scores.key(game="tetris", player="ann"), condition=scores.points == 0)

    assert refused.value.current is None


async def test_a_delete_is_done_once_and_may_be_repeated(db: Database, new_table: Any) -> None:
    scores = await new_table(Score)
    score = scores(game="tetris", player="ann")
    await db.create(score)

    await db.delete(score)
    await db.delete(score)
    await db.delete(scores.key(game="tetris", player="ann"))

    assert await db.get(scores, game="tetris", player="ann") is None


async def test_an_update_returns_the_new_model(db: Database, new_table: Any) -> None:
    scores = await new_table(Score)
    await db.create(scores(game="tetris", player="ann", points=5, region="us", profile=Profile(city="Rome")))

    updated = await db.update(
        scores.key(game="tetris", player="ann"),
        scores.points.add(10),
        scores.tags.union({"vip"}),
        scores.profile[Profile.city].set("Oslo"),
        scores.nick.set("a"),
        condition=scores.points < 100,
    )

    assert (updated.points, updated.tags, updated.nick) == (15, {"vip"}, "a")
    assert updated.profile == Profile(city="Oslo")
    assert await db.get(scores, game="tetris", player="ann") == updated


async def test_an_update_creates_an_item_that_its_key_makes_whole(db: Database, new_table: Any) -> None:
    scores = await new_table(Score)

    created = await db.update(scores.key(game="tetris", player="ann"), scores.points.add(1))

    assert created == scores(game="tetris", player="ann", points=1)


async def test_an_update_that_must_not_create_finds_nothing(db: Database, new_table: Any) -> None:
    scores = await new_table(Score)
    key = scores.key(game="tetris", player="ann")

    with pytest.raises(NotFound, match="create it first"):
        await db.update(key, scores.points.add(1), upsert=False)

    assert await db.get(scores, game="tetris", player="ann") is None


async def test_unknown_attributes_survive_a_read_and_a_write(db: Database, new_table: Any) -> None:
    scores = await new_table(Score)
    item = {
        **scores(game="tetris", player="ann", profile=Profile(city="Oslo")).to_item(),
        "of_another_version": {"L": [{"N": "1"}, {"B": "AP8="}]},
    }
    item["profile"]["M"]["street"] = {"S": "High Street"}
    await db.executor.execute("PutItem", {"TableName": scores.__ddb_schema__.table, "Item": item})

    score = await db.get_or_raise(scores, game="tetris", player="ann")
    score.points = 9
    await db.put(score)

    answer = await db.executor.execute(
        "GetItem",
        {"TableName": scores.__ddb_schema__.table, "Key": scores.key(game="tetris", player="ann").item},
    )
    assert answer["Item"]["of_another_version"] == item["of_another_version"]
    assert answer["Item"]["profile"]["M"] == item["profile"]["M"]
    assert answer["Item"]["points"] == {"N": "9"}


async def test_a_stored_item_that_does_not_fit_names_the_field(db: Database, new_table: Any) -> None:
    scores = await new_table(Score)
    item = {**scores(game="tetris", player="ann").to_item(), "active": {"S": "secret"}}
    await db.executor.execute("PutItem", {"TableName": scores.__ddb_schema__.table, "Item": item})

    with pytest.raises(ItemNotDecodable, match="active") as refused:
        await db.get(scores, game="tetris", player="ann")

    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    "number", ["0.00000000000000000000000000000000000001234567890123456789012345678901234567", "-" + "9" * 38, "1E+125"]
)
async def test_numbers_keep_38_digits(db: Database, new_table: Any, number: str) -> None:
    scores = await new_table(Score)
    price = Decimal(number)

    await db.create(scores(game="tetris", player="ann", price=price))

    assert (await db.get_or_raise(scores, game="tetris", player="ann")).price == price


async def test_binary_keys_and_number_keys_are_exact(db: Database, new_table: Any) -> None:
    counted = await new_table(Counted)
    bucket, number = b"\x00\xfe\xff", Decimal("-12345678901234567890.5")
    await db.create(counted(bucket=bucket, number=number))

    found = await db.get_or_raise(counted, bucket=bucket, number=number)

    assert (found.bucket, found.number) == (bucket, number)


async def test_a_table_that_is_missing_is_said(db: Database, fresh: Any) -> None:
    scores = fresh(Score)

    with pytest.raises(ResourceNotFound):
        await db.get(scores, game="tetris", player="ann")
    with pytest.raises(ResourceNotFound):
        await db.create(scores(game="tetris", player="ann"))


async def test_unknown_key_names_are_refused(db: Database, fresh: Any) -> None:
    scores = fresh(Score)

    with pytest.raises(InvalidRequest, match="game, player; got gaem, player"):
        await db.get(scores, gaem="tetris", player="ann")
    with pytest.raises(InvalidRequest, match="game, player; got game"):
        scores.key(game="tetris")


async def test_a_version_moves_only_when_the_write_succeeds(db: Database, new_table: Any) -> None:
    accounts = await new_table(Account)
    account = accounts(id="a")
    await db.create(account)
    created = account.revision

    with pytest.raises(ConditionFailed):
        await db.put(account, condition=accounts.balance > 5)
    assert account.revision == created
    account.balance = 10
    await db.put(account)
    await db.put(account)

    assert account.revision == created + 2
    assert await db.get(accounts, id="a") == account


async def test_versions_start_at_a_random_number(db: Database, new_table: Any) -> None:
    accounts = await new_table(Account)
    first, second = accounts(id="a"), accounts(id="b")

    await db.create(first)
    await db.put(second)

    assert 0 < first.revision != second.revision > 0


async def test_a_stale_put_is_refused_and_a_fresh_read_can_go_on(db: Database, new_table: Any) -> None:
    accounts = await new_table(Account)
    await db.create(accounts(id="a", balance=1))
    mine, theirs = await db.get_or_raise(accounts, id="a"), await db.get_or_raise(accounts, id="a")
    theirs.balance = 2
    await db.put(theirs)

    mine.balance = 3
    with pytest.raises(VersionConflict, match="read it again") as refused:
        await db.put(mine)

    assert refused.value.current == theirs
    again = refused.value.current
    again.balance = 3
    await db.put(again)
    assert (await db.get_or_raise(accounts, id="a")).balance == 3


async def test_a_put_of_an_instance_that_was_never_read_needs_an_absent_item(db: Database, new_table: Any) -> None:
    accounts = await new_table(Account)
    await db.create(accounts(id="a", balance=1))

    with pytest.raises(VersionConflict, match="never read") as refused:
        await db.put(accounts(id="a", balance=2))

    assert refused.value.current.balance == 1


async def test_a_deleted_and_recreated_item_is_another_one(db: Database, new_table: Any) -> None:
    accounts = await new_table(Account)
    await db.create(accounts(id="a"))
    old = await db.get_or_raise(accounts, id="a")
    await db.delete(accounts.key(id="a"))

    with pytest.raises(VersionConflict, match="deleted since") as gone:
        await db.put(old)
    await db.create(accounts(id="a"))
    with pytest.raises(VersionConflict, match="changed since"):
        await db.put(old)

    assert gone.value.current is None


async def test_check_version_false_overwrites_whatever_is_there(db: Database, new_table: Any) -> None:
    accounts = await new_table(Account)
    await db.create(accounts(id="a"))
    reader = await db.get_or_raise(accounts, id="a")
    blind = accounts(id="a", balance=5)

    await db.put(blind, check_version=False)

    assert await db.get(accounts, id="a") == blind
    with pytest.raises(VersionConflict):
        await db.put(reader)
    await db.put(blind)


async def test_the_version_of_a_deleted_model_is_checked(db: Database, new_table: Any) -> None:
    accounts = await new_table(Account)
    await db.create(accounts(id="a"))
    stale = await db.get_or_raise(accounts, id="a")
    updated = await db.update(accounts.key(id="a"), accounts.balance.add(1))

    with pytest.raises(VersionConflict) as refused:
        await db.delete(stale)

    assert refused.value.current == updated
    await db.delete(updated)
    assert await db.get(accounts, id="a") is None


async def test_an_update_by_key_raises_the_version(db: Database, new_table: Any) -> None:
    accounts = await new_table(Account)
    account = accounts(id="a")
    await db.create(account)

    updated = await db.update(accounts.key(id="a"), accounts.balance.add(1))

    assert updated.revision == account.revision + 1
    with pytest.raises(VersionConflict):
        await db.put(account)
    await db.put(updated)
