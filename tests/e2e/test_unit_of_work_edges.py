"""Every edge of what a unit of work means, one story each, on every backend."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from ddbmodel import (
    AlreadyExists,
    Attr,
    CommitConflict,
    ConcurrentUse,
    ConditionFailed,
    Database,
    Gone,
    IdentityConflict,
    InvalidRequest,
    ItemTooLarge,
    Model,
    ReadConflict,
    StaleObject,
    TransactionTooLarge,
    UniqueViolation,
    UnitOfWorkClosed,
    attr,
    partition_key,
    version,
)

TAG = "a text that is longer than a path and a placeholder are"
NewTable = Callable[[type[Any]], Awaitable[type[Any]]]


class Book(Model, table="books"):
    isbn: Attr[str] = partition_key()
    title: Attr[str] = attr(default="")
    stock: Attr[int] = attr(default=0)
    tags: Attr[list[str]] = attr(default_factory=list)
    shelf: Attr[str | None] = attr(default=None, unique=True)
    revision: Attr[int] = version()


@pytest.fixture
async def books(db: Database, new_table: NewTable) -> type[Book]:
    made: type[Book] = await new_table(Book)
    for isbn in ("a", "b"):
        await db.create(made(isbn=isbn, title="old", stock=3, tags=[TAG]))
    return made


async def change(db: Database, books: type[Book], isbn: str, **changes: Any) -> None:
    """Let somebody else change a book."""
    async with db.unit_of_work() as unit:
        book = await unit.get_or_raise(books, isbn=isbn)
        for name, value in changes.items():
            setattr(book, name, value)


async def test_the_same_object_added_twice_is_added_once(db: Database, books: type[Book]) -> None:
    async with db.unit_of_work() as unit:
        book = books(isbn="new")
        unit.add(book)
        unit.add(book)
        assert len(unit.plan().actions) == 1


async def test_another_object_of_a_tracked_key_is_a_conflict_at_once(db: Database, books: type[Book]) -> None:
    unit = db.unit_of_work()
    await unit.get(books, isbn="a")
    with pytest.raises(IdentityConflict):
        unit.add(books(isbn="a"))


async def test_an_object_that_is_added_and_deleted_is_never_sent(db: Database, books: type[Book]) -> None:
    async with db.unit_of_work() as unit:
        book = books(isbn="new")
        unit.add(book)
        unit.delete(book)
        assert unit.plan().actions == ()
    assert await db.get(books, isbn="new") is None


async def test_an_update_and_a_delete_are_one_delete_of_the_version_that_was_read(
    db: Database, books: type[Book]
) -> None:
    unit = db.unit_of_work()
    book = await unit.get_or_raise(books, isbn="a")
    book.title = "changed"
    unit.delete(book)
    assert [action.kind for action in unit.plan().actions] == ["Delete"]
    await change(db, books, "a", title="theirs")
    with pytest.raises(StaleObject):
        await unit.commit()


async def test_a_delete_and_an_add_are_one_put_over_the_version_that_was_read(db: Database, books: type[Book]) -> None:
    async with db.unit_of_work() as unit:
        unit.delete(await unit.get_or_raise(books, isbn="a"))
        unit.add(books(isbn="a", title="anew"))
        assert [action.kind for action in unit.plan().actions] == ["Put"]
    found = await db.get_or_raise(books, isbn="a", consistent=True)
    assert (found.title, found.tags) == ("anew", [])


async def test_what_is_changed_and_changed_back_is_not_sent(db: Database, books: type[Book]) -> None:
    async with db.unit_of_work() as unit:
        book = await unit.get_or_raise(books, isbn="a")
        book.tags.append("y")
        book.tags.pop()
        book.title = "x"
        book.title = "old"
        assert unit.plan().actions == ()


async def test_a_deleted_object_takes_no_more_work(db: Database, books: type[Book]) -> None:
    unit = db.unit_of_work()
    book = await unit.get_or_raise(books, isbn="a")
    unit.delete(book)
    assert await unit.get(books, isbn="a") is None
    with pytest.raises(InvalidRequest):
        unit.increment(book, books.stock)


async def test_an_added_key_that_exists_is_said_with_what_is_there(db: Database, books: type[Book]) -> None:
    unit = db.unit_of_work()
    mine = books(isbn="a", title="mine")
    unit.add(mine)
    with pytest.raises(AlreadyExists) as caught:
        await unit.commit()
    assert (caught.value.instance, caught.value.current.title) == (mine, "old")


async def test_a_unit_without_a_change_sends_nothing(db: Database, books: type[Book]) -> None:
    async with db.cost() as cost, db.unit_of_work() as unit:
        await unit.get(books, isbn="a")
    assert "TransactWriteItems" not in cost.by_operation


async def test_an_item_that_is_too_large_is_refused_before_anything_is_sent(db: Database, books: type[Book]) -> None:
    unit = db.unit_of_work()
    (await unit.get_or_raise(books, isbn="a")).title = "x" * 500_000
    with pytest.raises(ItemTooLarge):
        await unit.commit()


async def test_more_than_a_transaction_carries_is_refused_as_a_whole(db: Database, books: type[Book]) -> None:
    unit = db.unit_of_work()
    unit.add(*(books(isbn=f"n{number}") for number in range(101)))
    with pytest.raises(TransactionTooLarge):
        await unit.commit()
    assert await db.get(books, isbn="n0") is None
    large = db.unit_of_work()
    large.add(*(books(isbn=f"l{number}", title="x" * 390_000) for number in range(12)))
    with pytest.raises(TransactionTooLarge) as caught:
        await large.commit()
    assert caught.value.unit == "bytes"


async def test_what_others_changed_or_deleted_is_stale_or_gone(db: Database, books: type[Book]) -> None:
    unit = db.unit_of_work()
    a, b = await unit.get_or_raise(books, isbn="a"), await unit.get_or_raise(books, isbn="b")
    a.title = b.title = "mine"
    await change(db, books, "a", title="theirs")
    await db.delete(await db.get_or_raise(books, isbn="b", consistent=True))
    with pytest.raises(CommitConflict) as caught:
        await unit.commit()
    assert {type(error): error.instance for error in caught.value.exceptions} == {StaleObject: a, Gone: b}
    assert (await db.get_or_raise(books, isbn="a", consistent=True)).title == "theirs"


async def test_a_read_that_is_checked_and_a_check_of_the_user_have_errors_of_their_own(
    db: Database, books: type[Book]
) -> None:
    unit = db.unit_of_work(isolation="serializable")
    await unit.get(books, isbn="b")
    (await unit.get_or_raise(books, isbn="a")).title = "mine"
    await change(db, books, "b", title="theirs")
    with pytest.raises(ReadConflict):
        await unit.commit()

    unit = db.unit_of_work()
    unit.check(books.key(isbn="b"), books.stock >= 100)
    (await unit.get_or_raise(books, isbn="a")).title = "mine"
    with pytest.raises(ConditionFailed) as caught:
        await unit.commit()
    assert caught.value.current.stock == 3


async def test_a_unique_value_of_another_item_is_a_violation(db: Database, books: type[Book]) -> None:
    await change(db, books, "a", shelf="s1")
    unit = db.unit_of_work()
    (await unit.get_or_raise(books, isbn="b")).shelf = "s1"
    with pytest.raises(UniqueViolation):
        await unit.commit()


async def test_a_failed_unit_takes_no_more_work_and_objects_keep_their_edits_and_versions(
    db: Database, books: type[Book]
) -> None:
    unit = db.unit_of_work()
    book = await unit.get_or_raise(books, isbn="a")
    before = book.revision
    book.title = "mine"
    await change(db, books, "a", title="theirs")
    with pytest.raises(StaleObject):
        await unit.commit()
    assert (book.title, book.revision) == ("mine", before)
    with pytest.raises(UnitOfWorkClosed):
        await unit.get(books, isbn="b")


async def test_a_savepoint_restores_the_objects_and_keeps_the_reads(db: Database, books: type[Book]) -> None:
    unit = db.unit_of_work(isolation="serializable")
    async with unit.savepoint() as savepoint:
        book = await unit.get_or_raise(books, isbn="a")
        book.title = "mine"
        assert await unit.get(books, isbn="nobody") is None
        savepoint.rollback()
    assert book.title == "old"
    (await unit.get_or_raise(books, isbn="b")).title = "written"
    await db.create(books(isbn="nobody"))
    with pytest.raises(ReadConflict):
        await unit.commit()


async def test_two_tasks_never_share_a_unit(db: Database, books: type[Book]) -> None:
    async with db.unit_of_work() as unit:
        with pytest.raises(ConcurrentUse):
            await asyncio.gather(unit.get(books, isbn="a"))


async def test_an_item_that_was_deleted_and_created_again_is_not_the_one_that_was_read(
    db: Database, books: type[Book]
) -> None:
    unit = db.unit_of_work()
    (await unit.get_or_raise(books, isbn="a")).title = "mine"
    await db.delete(await db.get_or_raise(books, isbn="a", consistent=True))
    await db.create(books(isbn="a", title="old", stock=3, tags=[TAG]))
    with pytest.raises(StaleObject):
        await unit.commit()


async def test_increments_of_several_units_add_up(db: Database, books: type[Book]) -> None:
    first, second = db.unit_of_work(), db.unit_of_work()
    for unit in (first, second):
        unit.increment(books.key(isbn="a"), books.stock, 2)
    await first.commit()
    await second.commit()
    assert (await db.get_or_raise(books, isbn="a", consistent=True)).stock == 7


async def test_the_smallest_update_is_sent(db: Database, books: type[Book]) -> None:
    async with db.unit_of_work() as unit:
        (await unit.get_or_raise(books, isbn="a")).tags.append("y")
        (action,) = unit.plan().actions
        assert "list_append" in action.request["Update"]["UpdateExpression"]
    assert (await db.get_or_raise(books, isbn="a", consistent=True)).tags == [TAG, "y"]
