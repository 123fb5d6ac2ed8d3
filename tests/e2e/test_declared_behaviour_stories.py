"""Stories of what a model declares once and every kind of write keeps: times, soft deletes, unique values."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ddbmodel import (
    Attr,
    BatchFailed,
    ConditionFailed,
    Database,
    InvalidRequest,
    Model,
    NotFound,
    TransactionFailed,
    Unique,
    UniqueViolation,
    attr,
    created_at,
    deleted_at,
    partition_key,
    sort_key,
    updated_at,
    version,
)
from ddbmodel.model.own_attributes import GUARD

RACES = "moto 5.1 serves each request in a thread and locks nothing, so that two transactions may both hold"


class Note(Model, table="notes"):
    """Kept with its times, and never removed by a plain delete."""

    id: Attr[str] = partition_key()
    text: Attr[str] = attr(default="")
    created: Attr[datetime | None] = created_at()
    updated: Attr[datetime | None] = updated_at()
    deleted: Attr[datetime | None] = deleted_at()


class User(Model, table="users"):
    """Two things are unique: the address, and the nick within a team."""

    id: Attr[str] = partition_key()
    email: Attr[str | None] = attr(default=None, unique=True)
    team: Attr[str] = attr(default="red")
    nick: Attr[str | None] = attr(default=None)
    visits: Attr[int] = attr(default=0)
    revision: Attr[int] = version()

    one_nick_in_a_team = Unique(team, nick)


class Seat(Model, table="seats"):
    """Unique without a version, in a table with a sort key."""

    room: Attr[str] = partition_key()
    number: Attr[int] = sort_key()
    holder: Attr[str | None] = attr(default=None, unique=True)


async def guards(db: Database, model: Any) -> list[str]:
    """The constraints of the guard items that a table holds, sorted."""
    answer = await db.executor.execute("Scan", {"TableName": model.__ddb_schema__.table, "ConsistentRead": True})
    return sorted(item[GUARD]["S"] for item in answer["Items"] if GUARD in item)


async def stored(db: Database, model: Any, **key: Any) -> Any:
    answer = await db.executor.execute(
        "GetItem", {"TableName": model.__ddb_schema__.table, "Key": model.key(**key).item, "ConsistentRead": True}
    )
    return answer.get("Item")


async def test_times_are_those_of_the_first_and_the_last_write(db: Database, new_table: Any) -> None:
    notes = await new_table(Note)
    before = datetime.now(UTC) - timedelta(seconds=1)
    note = notes(id="a")
    assert (note.created, note.updated) == (None, None)

    await db.create(note)
    created = note.created
    assert before < created == note.updated
    await asyncio.sleep(0.01)
    note.text = "more"
    await db.put(note)
    assert note.created == created < note.updated
    assert await db.get(notes, id="a") == note

    await asyncio.sleep(0.01)
    changed = await db.update(notes.key(id="a"), notes.text.set("by key"))
    assert changed.created == created < note.updated < changed.updated
    made = await db.upsert(notes.key(id="b"), notes.text.set("new"))
    assert made.created == made.updated > changed.updated


async def test_times_are_kept_by_transactions_batches_and_units_of_work(db: Database, new_table: Any) -> None:
    notes = await new_table(Note)
    added, put, batched = notes(id="a"), notes(id="b"), notes(id="c")
    async with db.transaction() as tx:
        tx.create(added)
        tx.put(put)
    await db.put_many([batched])
    async with db.unit_of_work() as uow:
        uow.add(notes(id="d"))

    found = await db.get_many(notes, [notes.key(id=each) for each in "abcd"])
    assert all(each.created is not None and each.created == each.updated for each in found)
    assert [found[0], found[1], found[2]] == [added, put, batched]

    async with db.unit_of_work() as uow:
        kept, changed = await uow.get(notes, id="a"), await uow.get(notes, id="b")
        changed.text = "more"
    assert changed.created == put.created
    assert changed.updated > put.updated
    assert await db.get(notes, id="b") == changed
    assert kept.updated == added.updated


async def test_times_are_not_set_by_hand(db: Database, fresh: Any) -> None:
    with pytest.raises(InvalidRequest, match="set by the writes that it tells of"):
        await db.update(Note.key(id="a"), Note.updated.set(datetime.now(UTC)))


async def test_a_soft_delete_marks_and_can_be_taken_back(db: Database, new_table: Any) -> None:
    notes = await new_table(Note)
    await db.create(notes(id="a", text="kept"))

    await db.delete(notes.key(id="a"))
    marked = await stored(db, notes, id="a")
    assert marked["text"] == {"S": "kept"}
    assert "deleted" in marked
    with pytest.raises(NotFound, match=r"is deleted; take that back with db.restore"):
        await db.update(notes.key(id="a"), notes.text.set("no"))
    await db.delete(notes.key(id="a"))
    assert (await stored(db, notes, id="a"))["deleted"] == marked["deleted"]

    restored = await db.restore(notes.key(id="a"))
    assert (restored.text, restored.deleted) == ("kept", None)
    with pytest.raises(NotFound):
        await db.restore(notes.key(id="nobody"))
    with pytest.raises(InvalidRequest, match=r"has no deleted_at"):
        await db.restore(User.key(id="a"))


async def test_deleting_what_is_not_there_is_fine_and_leaves_nothing(db: Database, new_table: Any) -> None:
    notes = await new_table(Note)

    await db.delete(notes.key(id="nobody"))
    assert await stored(db, notes, id="nobody") is None
    with pytest.raises(ConditionFailed):
        await db.delete(notes.key(id="nobody"), condition=notes.text == "x")
    await db.create(notes(id="a"))
    await db.delete(notes.key(id="a"), hard=True)
    assert await stored(db, notes, id="a") is None


async def test_soft_deletes_in_a_transaction_a_batch_and_a_unit_of_work(db: Database, new_table: Any) -> None:
    notes = await new_table(Note)
    await db.put_many([notes(id=each) for each in "abc"])

    async with db.transaction() as tx:
        tx.delete(notes.key(id="a"))
    await db.delete_many([notes.key(id="b")])
    async with db.unit_of_work() as uow:
        note = await uow.get_or_raise(notes, id="c")
        uow.delete(note)

    for each in "abc":
        assert "deleted" in await stored(db, notes, id=each), each
    with pytest.raises(TransactionFailed) as caught:
        async with db.transaction() as tx:
            tx.delete(notes.key(id="nobody"))
    assert isinstance(caught.value.errors[0], NotFound)


async def test_a_unique_value_belongs_to_one_item(db: Database, new_table: Any) -> None:
    users = await new_table(User)
    await db.create(users(id="a", email="a@x"))
    await db.create(users(id="none"))
    await db.create(users(id="none too"))

    with pytest.raises(UniqueViolation, match="'email', which is unique") as caught:
        await db.create(users(id="b", email="a@x"))
    assert (caught.value.field, caught.value.fields) == ("email", ("email",))
    assert await db.get(users, id="b") is None
    with pytest.raises(UniqueViolation):
        await db.put(users(id="b", email="a@x"))
    with pytest.raises(UniqueViolation):
        await db.update(users.key(id="none"), users.email.set("a@x"))
    await db.create(users(id="b", email="b@x"))
    assert await guards(db, users) == ["email", "email"]


async def test_a_value_is_free_when_its_item_gives_it_up(db: Database, new_table: Any) -> None:
    users = await new_table(User)
    await db.create(users(id="a", email="one@x"))

    changed = await db.update(users.key(id="a"), users.email.set("two@x"), users.visits.add(1))
    assert (changed.email, changed.visits) == ("two@x", 1)
    await db.create(users(id="b", email="one@x"))
    assert (await db.update(users.key(id="b"), users.email.remove())).email is None
    changed.email = "one@x"
    await db.put(changed)
    await db.delete(changed)
    assert await guards(db, users) == []
    await db.create(users(id="c", email="one@x"))
    await db.delete(users.key(id="c"))
    assert await guards(db, users) == []


async def test_values_that_look_alike_are_different(db: Database, new_table: Any) -> None:
    users = await new_table(User)
    await db.create(users(id="a", team="x#S:y", nick="z"))
    await db.create(users(id="b", team="x", nick="y#S:z"))
    await db.create(users(id="c", team="x%23S:y", nick="z"))
    await db.create(users(id="d", email="n" * 2000 + "1"))
    await db.create(users(id="e", email="n" * 2000 + "2"))
    with pytest.raises(UniqueViolation, match="'team' and 'nick'"):
        await db.create(users(id="f", team="x", nick="y#S:z"))


async def test_unique_values_swap_in_one_transaction_or_unit(db: Database, new_table: Any) -> None:
    users = await new_table(User)
    await db.create(users(id="a", email="a@x"))
    await db.create(users(id="b", email="b@x"))

    async with db.transaction() as tx:
        tx.update(users.key(id="a"), users.email.set("b@x"))
        tx.update(users.key(id="b"), users.email.set("a@x"))
    async with db.unit_of_work() as uow:
        a, b = await uow.get_or_raise(users, id="a"), await uow.get_or_raise(users, id="b")
        assert (a.email, b.email) == ("b@x", "a@x")
        a.email, b.email = b.email, None
    assert await guards(db, users) == ["email"]
    with pytest.raises(UniqueViolation):
        await db.create(users(id="c", email="a@x"))
    await db.create(users(id="c", email="b@x"))


async def test_a_transaction_and_a_unit_say_which_value_is_taken(db: Database, new_table: Any) -> None:
    users = await new_table(User)
    await db.create(users(id="a", email="a@x"))

    with pytest.raises(TransactionFailed) as caught:  # noqa: PT012  # leaving the block raises
        async with db.transaction() as tx:
            tx.create(users(id="b"))
            tx.create(users(id="c", email="a@x"))
    assert isinstance(caught.value.errors[1], UniqueViolation)
    assert list(caught.value.errors) == [1]
    with pytest.raises(UniqueViolation):
        async with db.unit_of_work() as uow:
            uow.add(users(id="b"), users(id="c", email="a@x"))
    with pytest.raises(UniqueViolation):  # noqa: PT012  # leaving the block raises
        async with db.transaction() as tx:
            tx.create(users(id="d", email="same@x"))
            tx.create(users(id="e", email="same@x"))
    assert await db.get(users, id="b") is None


async def test_a_unit_moves_the_guards_of_what_it_deletes_and_adds(db: Database, new_table: Any) -> None:
    seats = await new_table(Seat)
    async with db.unit_of_work() as uow:
        uow.add(seats(room="r", number=1, holder="ann"), seats(room="r", number=2))
    async with db.unit_of_work() as uow:
        first, second = await uow.get_many(seats, [seats.key(room="r", number=n) for n in (1, 2)])
        uow.delete(first)
        second.holder = "ann"

    assert await guards(db, seats) == ["holder"]
    with pytest.raises(BatchFailed) as caught:
        await db.put_many([seats(room="r", number=3, holder="ann")])
    assert [type(error) for _, error in caught.value.failed] == [UniqueViolation]
    await db.delete_many([seats.key(room="r", number=2)])
    assert await guards(db, seats) == []
    with pytest.raises(InvalidRequest, match="read it first"):
        async with db.unit_of_work() as uow:
            uow.delete(seats.key(room="r", number=2))


async def test_many_who_want_one_value_and_one_gets_it(db: Database, backend: str, new_table: Any) -> None:
    if backend == "moto":
        pytest.skip(RACES)
    users = await new_table(User)
    await db.put_many([users(id=str(number)) for number in range(8)])

    outcomes = await asyncio.gather(
        *(db.update(users.key(id=str(number)), users.email.set("the@one")) for number in range(8)),
        return_exceptions=True,
    )

    assert sum(isinstance(outcome, users) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, UniqueViolation) for outcome in outcomes) == 7
    assert await guards(db, users) == ["email"]


async def test_an_update_that_was_overtaken_moves_the_guard_of_what_is_there(
    db: Database, backend: str, new_table: Any
) -> None:
    if backend == "moto":
        pytest.skip(RACES)
    users = await new_table(User)
    await db.create(users(id="a", email="0@x"))

    await asyncio.gather(*(db.update(users.key(id="a"), users.email.set(f"{n}@x")) for n in range(1, 6)))

    last = (await db.get_or_raise(users, id="a", consistent=True)).email
    assert await guards(db, users) == ["email"]
    with pytest.raises(UniqueViolation):
        await db.create(users(id="b", email=last))
