"""Writes: what other mappers lose, double, or leave wrong."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest
from defects import shows
from peer_models import Article, Cover, Customer, Invoice, Member, Reading

from ddbmodel import (
    AlreadyExists,
    ConditionFailed,
    Database,
    InvalidRequest,
    OutcomeUnknown,
    RateLimit,
    ServiceError,
    TransactionFailed,
    UniqueViolation,
    ValueNotStorable,
    VersionConflict,
)
from ddbmodel.engine import Behaviours
from ddbmodel.model import Key

KEY: Key[Article] = Article.key(shelf="a", number=1)


async def item_of(db: Database, key: Key[Any] = KEY) -> dict[str, Any]:
    table = key.model.__ddb_schema__.table
    answer = await db.executor.execute("GetItem", {"TableName": table, "Key": key.item, "ConsistentRead": True})
    item: dict[str, Any] = answer["Item"]
    return item


@shows("changes-in-place")
async def test_what_changes_in_place_is_saved(db: Database) -> None:
    await db.create(Article(shelf="a", number=1, notes=["x"], facts={"a": 1}, cover=Cover(pages=1), tags={"t"}))
    async with db.unit_of_work() as unit:
        article = await unit.get_or_raise(Article, shelf="a", number=1)
        article.notes.append("y")
        article.facts["b"] = 2
        article.tags.add("u")
        assert article.cover is not None
        article.cover.pages += 1

    saved = await db.get_or_raise(Article, shelf="a", number=1)
    assert (saved.notes, saved.facts, saved.tags, saved.cover) == (
        ["x", "y"],
        {"a": 1, "b": 2},
        {"t", "u"},
        Cover(pages=2),
    )
    saved.notes.append("z")
    await db.put(saved)
    assert (await db.get_or_raise(Article, shelf="a", number=1)).notes == ["x", "y", "z"]


@shows("hooks-not-awaited")
async def test_an_asynchronous_hook_is_awaited_by_every_kind_of_write(db: Database) -> None:
    await db.create(Member(member_id="1", name="ann"))
    await db.put_many([Member(member_id="2", name="ben")])
    async with db.transaction() as tx:
        tx.put(Member(member_id="3", name="cas"))
    async with db.unit_of_work() as unit:
        unit.add(Member(member_id="4", name="dan"))

    assert {member.shouted async for member in db.scan(Member)} == {"ANN", "BEN", "CAS", "DAN"}
    with pytest.raises(InvalidRequest, match="hook"):
        await db.update(Member.key(member_id="1"), Member.name.set("eve"))


@shows("none-as-null")
async def test_none_is_an_attribute_that_is_not_there(db: Database) -> None:
    await db.create(Article(shelf="a", number=1, section=None, tags=set()))
    item = await item_of(db)
    assert "section" not in item
    assert "tags" not in item

    await db.update(KEY, Article.section.set("x"))
    await db.update(KEY, Article.section.set(None))
    assert "section" not in await item_of(db)


@shows("index-key-none")
async def test_a_field_of_an_index_key_that_becomes_none_leaves_the_index(db: Database) -> None:
    await db.create(Article(shelf="a", number=1, section="x"))
    async with db.unit_of_work() as unit:
        (await unit.get_or_raise(Article, shelf="a", number=1)).section = None

    assert await db.query(Article.by_section, Article.section == "x").select(Article.number).all() == []


@shows("values-not-encoded")
async def test_values_in_conditions_and_updates_are_stored_as_the_field_is(db: Database) -> None:
    moment = datetime(2026, 11, 25, tzinfo=UTC)
    await db.create(Article(shelf="a", number=1, seen=moment))

    updated = await db.update(KEY, Article.seen.set(moment), condition=Article.seen == moment)
    assert updated.seen == moment
    assert await db.query(Article, Article.shelf == "a").filter(Article.seen <= moment).count() == 1


@shows("version-after-failure")
async def test_a_version_moves_with_success_only(db: Database) -> None:
    await db.create(Article(shelf="a", number=1))
    mine, theirs = [await db.get_or_raise(Article, shelf="a", number=1) for _ in range(2)]
    theirs.title = "theirs"
    await db.put(theirs)
    before = mine.revision

    for _ in range(2):
        with pytest.raises(VersionConflict):
            await db.put(mine)
        assert mine.revision == before
    transaction = db.transaction()
    transaction.put(mine)
    with pytest.raises(TransactionFailed):
        async with transaction:
            pass
    assert mine.revision == before
    unit = db.unit_of_work()
    unit.track(mine).title = "mine"
    with pytest.raises(VersionConflict):
        await unit.commit()
    assert mine.revision == before


@shows("append-to-nothing")
async def test_an_append_makes_the_list_where_there_is_none(db: Database) -> None:
    await db.create(Article(shelf="a", number=1))
    await db.update(KEY, Article.notes.remove())

    assert (await db.update(KEY, Article.notes.append("x"))).notes == ["x"]


@shows("update-gives-nothing")
async def test_an_update_gives_the_new_model(db: Database) -> None:
    await db.create(Article(shelf="a", number=1, stock=2))

    updated = await db.update(KEY, Article.stock.add(3))

    assert (updated.stock, updated.title) == (5, "untitled")


@shows("key-rewritten")
async def test_an_update_never_changes_a_key(db: Database) -> None:
    await db.create(Article(shelf="a", number=1))

    with pytest.raises(InvalidRequest, match="key"):
        await db.update(KEY, Article.number.set(2))
    unit = db.unit_of_work()
    (await unit.get_or_raise(Article, shelf="a", number=1)).number = 2
    with pytest.raises(InvalidRequest, match="key"):
        await unit.commit()
    request = {"TableName": "articles", "Key": KEY.item, "UpdateExpression": "SET #n = :n"}
    names = {"ExpressionAttributeNames": {"#n": "number"}, "ExpressionAttributeValues": {":n": {"N": "2"}}}
    with pytest.raises(ServiceError):
        await db.executor.execute("UpdateItem", {**request, **names})


@shows("stale-index-keys")
async def test_keys_of_indexes_follow_every_kind_of_write(db: Database) -> None:
    async def listed() -> list[str | None]:
        return [invoice.listed async for invoice in db.scan(Invoice)]

    key = Invoice.key(customer_id="1", number=1)
    await db.create(Invoice(customer_id="1", number=1))
    await db.update(key, Invoice.status.set("paid"))
    assert await listed() == ["paid#2026-11"]
    async with db.transaction() as tx:
        tx.update(key, Invoice.month.set("2026-12"))
    assert await listed() == ["paid#2026-12"]
    async with db.unit_of_work() as unit:
        (await unit.get_or_raise(Invoice, customer_id="1", number=1)).status = None
    assert await listed() == [None]
    await db.update_many([(key, [Invoice.status.set("open")])])
    assert await db.query(Invoice.by_status, Invoice.listed == "open#2026-12").count() == 1


@shows("duplicates-in-batches", "no-dedupe-or-rate")
async def test_of_two_writes_of_one_key_in_a_batch_the_last_counts_and_a_rate_is_kept(db: Database) -> None:
    given = (Article(shelf="a", number=number % 10, stock=number) for number in range(50))

    async with db.limited(RateLimit(write_units=100_000)):
        report = await db.put_many(given)

    assert report.done + report.replaced == 50
    assert [article.stock for article in await db.query(Article, Article.shelf == "a").all()] == list(range(40, 50))
    keys = [KEY, KEY, Article.key(shelf="a", number=2)]
    assert [found and found.number for found in await db.get_many(Article, keys)] == [1, 1, 2]


@shows("unprocessed-returned")
async def test_what_a_batch_leaves_unprocessed_is_sent_again(db: Database) -> None:
    db.behave(Behaviours(seed=3, unprocessed_rate=0.5))

    await db.put_many(Article(shelf="a", number=number) for number in range(60))

    db.behave(Behaviours())
    assert await db.query(Article, Article.shelf == "a").count() == 60


@shows("untyped-transactions")
async def test_a_transaction_takes_typed_updates_and_checks_and_says_what_stopped_it(db: Database) -> None:
    await db.create(Article(shelf="a", number=1, stock=1))

    transaction = db.transaction()
    transaction.update(KEY, Article.stock.add(-2), condition=Article.stock >= 2, name="take")
    transaction.create(Article(shelf="a", number=2))
    with pytest.raises(TransactionFailed) as caught:
        async with transaction:
            pass

    failure = caught.value.errors_by_name["take"]
    assert isinstance(failure, ConditionFailed)
    assert failure.current.stock == 1


@shows("unknown-attributes-lost")
async def test_attributes_that_the_model_does_not_know_survive_every_write(db: Database) -> None:
    await db.create(Article(shelf="a", number=1))
    item = await item_of(db)
    await db.executor.execute("PutItem", {"TableName": "articles", "Item": {**item, "newer": {"S": "kept"}}})

    found = await db.get_or_raise(Article, shelf="a", number=1)
    found.title = "put"
    await db.put(found)
    assert (await item_of(db))["newer"] == {"S": "kept"}
    async with db.unit_of_work() as unit:
        (await unit.get_or_raise(Article, shelf="a", number=1)).title = "unit"
    assert (await item_of(db))["newer"] == {"S": "kept"}


@shows("whole-item-saves")
async def test_two_writers_of_different_fields_both_keep_their_change(db: Database) -> None:
    await db.create(Reading(sensor="s"))
    async with db.unit_of_work() as one, db.unit_of_work() as other:
        (await one.get_or_raise(Reading, sensor="s")).value = 7
        (await other.get_or_raise(Reading, sensor="s")).label = "kitchen"

    found = await db.get_or_raise(Reading, sensor="s")
    assert (found.value, found.label) == (7, "kitchen")


@shows("optional-unique-values")
async def test_unique_values_follow_updates_and_may_be_absent(db: Database) -> None:
    await db.put_many([Member(member_id="1"), Member(member_id="2")])
    async with db.unit_of_work() as unit:
        (await unit.get_or_raise(Member, member_id="1")).email = "a@x"
    with pytest.raises(UniqueViolation):
        await db.create(Member(member_id="3", email="a@x"))
    async with db.unit_of_work() as unit:
        (await unit.get_or_raise(Member, member_id="1")).email = None
        (await unit.get_or_raise(Member, member_id="2")).email = "a@x"
    await db.delete(await db.get_or_raise(Member, member_id="2"))
    await db.create(Member(member_id="3", email="a@x"))


@shows("doubled-writes")
async def test_a_write_whose_answer_was_lost_never_happens_twice(db: Database) -> None:
    await db.create(Article(shelf="a", number=1))
    db.behave(Behaviours(seed=5, lost_response_rate=0.5))
    unknown = done = 0
    for _ in range(40):
        try:
            await db.update(KEY, Article.stock.add(1))
            done += 1
        except OutcomeUnknown:
            unknown += 1
    in_units = 0
    for _ in range(20):
        async with db.unit_of_work() as unit:
            unit.increment(KEY, Article.price)
            in_units += 1
    db.behave(Behaviours())

    found = await db.get_or_raise(Article, shelf="a", number=1)
    assert unknown > 0
    assert done <= found.stock <= done + unknown
    assert found.price == in_units, "in a unit of work the outcome is known, and it happened once"


@shows("no-item-on-failure")
async def test_a_failed_condition_says_what_is_there(db: Database) -> None:
    await db.create(Article(shelf="a", number=1, stock=3))

    for call in (
        db.update(KEY, Article.stock.add(1), condition=Article.stock > 5),
        db.delete(KEY, condition=Article.stock > 5),
        db.create(Article(shelf="a", number=1)),
    ):
        with pytest.raises(ConditionFailed) as caught:
            await call
        assert caught.value.current.stock == 3


@shows("no-version-in-transactions")
async def test_versions_are_checked_in_transactions_and_can_be_left_out_by_call(db: Database) -> None:
    await db.create(Article(shelf="a", number=1))
    stale, other = [await db.get_or_raise(Article, shelf="a", number=1) for _ in range(2)]
    await db.put(other)

    transaction = db.transaction()
    transaction.put(stale)
    with pytest.raises(TransactionFailed) as caught:
        async with transaction:
            pass
    assert isinstance(caught.value.errors[0], VersionConflict)
    stale.title = "whatever is there"
    await db.put(stale, check_version=False)
    await db.delete(stale, check_version=False)


@shows("no-nested-updates", "no-set-updates")
async def test_an_update_reaches_into_documents_lists_and_sets(db: Database) -> None:
    await db.create(Article(shelf="a", number=1, cover=Cover(), notes=["x", "y"], tags={"a", "b"}, sizes={1}))

    updated = await db.update(
        KEY,
        Article.cover[Cover.pages].add(3),
        Article.notes[0].set("z"),
        Article.tags.difference({"a"}),
        Article.sizes.union({2}),
    )

    assert updated.cover == Cover(pages=3)
    assert (updated.notes, updated.tags, updated.sizes) == (["z", "y"], {"b"}, {1, 2})


@shows("inputs-stored-twice")
async def test_what_stands_in_the_key_is_stored_once(db: Database) -> None:
    await db.create(Invoice(customer_id="7", number=12))

    item = await item_of(db, Invoice.key(customer_id="7", number=12))
    assert {"customer_id", "number"}.isdisjoint(item)
    found = await db.get_or_raise(Invoice, customer_id="7", number=12)
    assert (found.customer_id, found.number) == ("7", 12)


@shows("template-injection")
async def test_a_delimiter_in_a_value_never_makes_the_key_of_another_item(db: Database) -> None:
    with pytest.raises(ValueNotStorable, match="#"):
        await db.create(Customer(customer_id="1#B"))


@shows("no-sort-in-keys")
async def test_numbers_in_key_texts_sort_as_numbers_or_are_refused(db: Database) -> None:
    await db.put_many(Invoice(customer_id="1", number=number) for number in (100, 9, 20))

    numbers = [invoice.number async for invoice in db.query(Invoice, Invoice.customer_id == "1")]
    assert numbers == [9, 20, 100]


@shows("limiter-stalls")
async def test_a_limiter_never_blocks_the_loop_and_admits_what_is_larger_than_its_burst(db: Database) -> None:
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            ticks += 1
            await asyncio.sleep(0)

    ticking = asyncio.create_task(tick())
    large = Reading(sensor="s", label="x" * 20_000)
    async with asyncio.timeout(5), db.limited(RateLimit(write_units=200, burst_s=0.01)):
        for _ in range(5):
            await db.put(large)
    ticking.cancel()
    assert ticks > 20


@shows("errors-without-facts")
async def test_errors_have_the_code_the_request_id_the_item_and_the_reasons(db: Database) -> None:
    with pytest.raises(ServiceError) as refused:
        await db.executor.execute("GetItem", {"TableName": "nowhere", "Key": {}})
    assert refused.value.code
    await db.create(Article(shelf="a", number=1))
    with pytest.raises(AlreadyExists) as exists:
        await db.create(Article(shelf="a", number=1))
    assert exists.value.current is not None
    cause = exists.value.__cause__
    assert isinstance(cause, ServiceError)
    assert cause.code == "ConditionalCheckFailedException"
    assert not exists.value.retryable
