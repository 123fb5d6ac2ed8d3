"""Reads: what other mappers lose, show too long, or let be changed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from defects import shows
from peer_models import Article, Customer, Invoice, Reading

from ddbmodel import Database, InvalidCursor, InvalidRequest, ItemNotDecodable, collection


@pytest.fixture
async def shelf(db: Database) -> None:
    await db.put_many(
        Article(shelf="a", number=number, stock=number, section="fiction" if number % 7 == 0 else None)
        for number in range(40)
    )


@shows("empty-page")
@pytest.mark.usefixtures("shelf")
async def test_pages_that_a_filter_leaves_empty_do_not_end_a_query(db: Database) -> None:
    found = await db.query(Article, Article.shelf == "a").filter(Article.stock >= 38).page_size(1).all()

    assert [article.number for article in found] == [38, 39]


@shows("limit-and-filter")
@pytest.mark.usefixtures("shelf")
async def test_a_limit_counts_results_whatever_the_filter_drops(db: Database) -> None:
    query = db.query(Article, Article.shelf == "a").filter(Article.stock > 30)

    assert [article.number for article in await query.limit(3).all()] == [31, 32, 33]
    assert (await query.page_size(2).first()) is not None


@shows("unsigned-cursors")
@pytest.mark.usefixtures("shelf")
async def test_a_cursor_that_was_changed_or_is_of_another_query_is_refused(db: Database) -> None:
    page = await db.query(Article, Article.shelf == "a").page_size(5).page()
    assert page.cursor is not None

    for cursor in (page.cursor[:-2] + "AA", page.cursor.swapcase()):
        with pytest.raises(InvalidCursor):
            await db.query(Article, Article.shelf == "a").page_size(5).page(cursor)
    with pytest.raises(InvalidCursor):
        await db.query(Article, Article.shelf == "b").page_size(5).page(page.cursor)


@shows("keys-only-by-hand")
@pytest.mark.usefixtures("shelf")
async def test_results_of_an_index_of_keys_become_whole_models_in_batches(db: Database) -> None:
    query = db.query(Article.by_section, Article.section == "fiction")

    async with db.cost() as cost:
        found = await query.full().all()

    assert [article.number for article in found] == [0, 7, 14, 21, 28, 35]
    assert set(cost.by_operation) == {"Query", "BatchGetItem"}


@shows("partial-item-saved")
@pytest.mark.usefixtures("shelf")
async def test_a_part_of_an_item_never_becomes_a_model_that_could_be_saved(db: Database) -> None:
    query = db.query(Article.by_section, Article.section == "fiction")

    with pytest.raises(InvalidRequest):
        await query.all()
    assert await query.select(Article.number, Article.shelf).first() == (0, "a")
    with pytest.raises(ItemNotDecodable):
        Customer.from_item({"pk": {"S": "CUSTOMER#1"}})


@shows("unknown-entities-dropped")
async def test_an_item_of_an_unknown_entity_is_an_error_unless_it_is_to_be_skipped(db: Database) -> None:
    await db.put(Customer(customer_id="1", name="ann"))
    item = {"pk": {"S": "CUSTOMER#1"}, "sk": {"S": "C#1"}, "_entity": {"S": "coupon"}}
    await db.executor.execute("PutItem", {"TableName": "peer_shop", "Item": item})

    with pytest.raises(ItemNotDecodable):
        await db.query(collection(Customer, Invoice), Customer.customer_id == "1").all()
    found = await db.query(collection(Customer, Invoice, others="skip"), Customer.customer_id == "1").all()
    assert [type(each) for each in found] == [Customer]


@shows("expired-items-shown")
async def test_an_item_whose_time_is_over_is_not_shown_before_the_service_deletes_it(db: Database) -> None:
    await db.put(Reading(sensor="s", ends=datetime.now(UTC) - timedelta(seconds=5)))

    assert await db.get(Reading, sensor="s") is None
    assert await db.scan(Reading).all() == []
    assert await db.get(Reading, sensor="s", include_expired=True) is not None


@shows("one-attribute-keys")
@pytest.mark.usefixtures("shelf")
async def test_an_index_key_has_several_attributes(db: Database) -> None:
    keys = Article.shelf == "a", Article.section == "fiction"

    found = await db.query(Article.by_both, *keys, Article.stock > 20).all()
    assert [article.number for article in found] == [21, 28, 35]
    with pytest.raises(InvalidRequest):
        await db.query(Article.by_both, *keys, Article.title == "untitled").all()
