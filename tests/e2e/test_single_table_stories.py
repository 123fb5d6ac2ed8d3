"""Several models in one table: read by what keys are made from, as subclasses, and as collections."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from ddbmodel import (
    AlreadyExists,
    Attr,
    ConditionFailed,
    Database,
    GlobalIndex,
    InvalidRequest,
    ItemNotDecodable,
    Model,
    attr,
    partition_key,
    sort_key,
)
from ddbmodel.model import Ref, by_model, collection, derived

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
_numbers = itertools.count(1)


def shop_models() -> SimpleNamespace:
    """The models of a shop, in a table that nobody used yet."""
    table = f"shop-{next(_numbers)}"

    class Customer(Model, table=table, entity="customer"):
        pk: Attr[str] = partition_key("CUSTOMER#{customer_id}", escape=True)
        sk: Attr[str] = sort_key("PROFILE#{customer_id}", escape=True)
        customer_id: Attr[str] = attr(stored=False)
        name: Attr[str] = attr(default="")

    class Order(Model, table=table, entity="order"):
        pk: Attr[str] = partition_key("CUSTOMER#{customer_id}", escape=True)
        sk: Attr[str] = sort_key("ORDER#{placed}#{number:04d}")
        customer_id: Attr[str] = attr(stored=False)
        placed: Attr[datetime] = attr(stored=False)
        number: Attr[int] = attr()
        status: Attr[str | None] = attr(default="open")
        total: Attr[int] = attr(default=0)
        state: Attr[str | None] = derived("ORDER#{status}")
        by_state = GlobalIndex(partition_key=state, sort_key="sk")

    class Payment(Model, table=table):
        pk: Attr[str] = partition_key("CUSTOMER#{owner}", escape=True)
        sk: Attr[str] = sort_key("PAYMENT#{number:04d}")
        owner: Attr[str] = attr(stored=False)
        number: Attr[int] = attr(stored=False)
        amount: Attr[int] = attr(default=0)

    class Card(Payment, entity="card"):
        last4: Attr[str] = attr(default="0000")

    class Transfer(Payment, entity="transfer"):
        iban: Attr[str] = attr(default="")

    return SimpleNamespace(table=table, Customer=Customer, Order=Order, Payment=Payment, Card=Card, Transfer=Transfer)


@pytest.fixture
async def shop(db: Database) -> SimpleNamespace:
    shop = shop_models()
    await db.create_tables(shop.Order, shop.Customer, shop.Card, shop.Transfer)
    return shop


@pytest.fixture
async def filled(db: Database, shop: SimpleNamespace) -> SimpleNamespace:
    """Two customers, whose names are no plain text, with orders and payments."""
    shop.ann, shop.bob = shop.Customer(customer_id="ann #1", name="Ann"), shop.Customer(customer_id="ann", name="Bob")
    shop.orders = [
        shop.Order(customer_id="ann #1", placed=NOON.replace(hour=hour), number=hour, total=hour * 10)
        for hour in (9, 10, 11)
    ]
    shop.card = shop.Card(owner="ann #1", number=1, amount=5, last4="1234")
    shop.transfer = shop.Transfer(owner="ann #1", number=2, amount=7, iban="X")
    for instance in (shop.ann, shop.bob, *shop.orders, shop.card, shop.transfer):
        await db.create(instance)
    return shop


async def test_an_item_is_read_by_what_its_key_is_made_from_and_equals_what_was_stored(
    db: Database, filled: SimpleNamespace
) -> None:
    shop = filled

    assert await db.get(shop.Customer, customer_id="ann #1") == shop.ann
    assert await db.get(shop.Order, customer_id="ann #1", placed=NOON.replace(hour=9), number=9) == shop.orders[0]
    assert await db.get(shop.Customer, customer_id="nobody") is None


async def test_what_stands_in_the_key_is_stored_once(db: Database, filled: SimpleNamespace) -> None:
    answer = await db.executor.execute("GetItem", {"TableName": filled.table, "Key": filled.card.item_key().item})

    assert answer["Item"] == {
        "pk": {"S": "CUSTOMER#ann%20%231"},
        "sk": {"S": "PAYMENT#0001"},
        "_entity": {"S": "card"},
        "amount": {"N": "5"},
        "last4": {"S": "1234"},
    }


async def test_a_query_by_fields_reads_the_items_of_its_model_only(db: Database, filled: SimpleNamespace) -> None:
    shop = filled
    mine = shop.Order.customer_id == "ann #1"

    assert await db.query(shop.Order, mine).all() == shop.orders
    assert await db.query(shop.Order, mine, shop.Order.placed >= NOON.replace(hour=10)).all() == shop.orders[1:]
    assert await db.query(shop.Order, mine, shop.Order.placed > NOON.replace(hour=10)).all() == shop.orders[2:]
    assert await db.query(shop.Order, mine, shop.Order.placed <= NOON.replace(hour=10)).all() == shop.orders[:2]
    assert await db.query(shop.Order, mine, shop.Order.placed < NOON.replace(hour=10)).all() == shop.orders[:1]
    at_ten = shop.Order.placed == NOON.replace(hour=10)
    assert await db.query(shop.Order, mine, at_ten, shop.Order.number > 9).all() == [shop.orders[1]]
    assert await db.query(shop.Order, mine, at_ten, shop.Order.number > 10).all() == []
    assert await db.query(shop.Order, mine).descending().limit(1).all() == [shop.orders[2]]
    assert await db.query(shop.Order, shop.Order.customer_id == "ann").all() == []


async def test_pages_of_a_query_by_fields_go_on_where_they_ended(db: Database, filled: SimpleNamespace) -> None:
    query = db.query(filled.Order, filled.Order.customer_id == "ann #1").page_size(2)

    first = await query.page()
    second = await query.page(first.cursor)

    assert first.items + second.items == filled.orders


async def test_reading_a_base_class_yields_its_subclasses(db: Database, filled: SimpleNamespace) -> None:
    shop = filled

    assert await db.query(shop.Payment, shop.Payment.owner == "ann #1").all() == [shop.card, shop.transfer]
    assert await db.get(shop.Payment, owner="ann #1", number=2) == shop.transfer
    found = await db.get_many(shop.Payment, [shop.Payment.key(owner="ann #1", number=n) for n in (2, 3, 1)])
    assert found == [shop.transfer, None, shop.card]
    assert sorted([each.amount async for each in db.scan(shop.Payment)]) == [5, 7]


async def test_reading_a_class_hides_its_siblings_and_names_them_when_asked_by_key(
    db: Database, filled: SimpleNamespace
) -> None:
    shop = filled

    assert await db.query(shop.Card, shop.Card.owner == "ann #1").all() == [shop.card]
    assert await db.scan(shop.Customer).count() == 2
    with pytest.raises(ItemNotDecodable, match="'transfer', not of 'card'; read it as Transfer"):
        await db.get(shop.Card, owner="ann #1", number=2)


async def test_an_update_by_the_base_class_keeps_and_yields_the_subclass(db: Database, filled: SimpleNamespace) -> None:
    shop = filled

    changed = await db.update(shop.Payment.key(owner="ann #1", number=1), shop.Payment.amount.add(1))

    assert type(changed) is shop.Card
    assert (changed.amount, changed.last4) == (6, "1234")


async def test_an_update_of_an_item_of_another_class_is_refused(db: Database, filled: SimpleNamespace) -> None:
    shop = filled

    with pytest.raises(ConditionFailed, match="of another class of the table"):
        await db.update(shop.Card.key(owner="ann #1", number=2), shop.Card.amount.set(0))

    assert await db.get(shop.Transfer, owner="ann #1", number=2) == shop.transfer


async def test_an_upsert_makes_an_item_of_its_class(db: Database, shop: SimpleNamespace) -> None:
    made = await db.upsert(shop.Card.key(owner="eve", number=1), shop.Card.amount.set(3))

    assert made == shop.Card(owner="eve", number=1, amount=3)
    assert await db.query(shop.Payment, shop.Payment.owner == "eve").all() == [made]


async def test_the_key_of_an_index_follows_the_fields_that_it_is_made_from(
    db: Database, filled: SimpleNamespace
) -> None:
    shop = filled
    first, second, third = shop.orders
    await db.update(first.item_key(), shop.Order.status.set("paid"))
    second.status = None
    await db.put(second)

    assert await db.query(shop.Order.by_state, shop.Order.status == "open").all() == [third]
    assert [order.number async for order in db.query(shop.Order.by_state, shop.Order.status == "paid")] == [9]
    # The index is sparse: what has no status is not in it.
    assert await db.scan(shop.Order.by_state).count() == 2


async def test_a_collection_yields_each_item_as_its_class(db: Database, filled: SimpleNamespace) -> None:
    shop = filled
    everything = collection(shop.Customer, shop.Order, shop.Payment)

    found = await db.query(everything, shop.Customer.customer_id == "ann #1").all()

    assert found == [*shop.orders, shop.card, shop.transfer, shop.ann]
    assert by_model(found)[shop.Order] == shop.orders
    assert by_model(found)[shop.Payment] == [shop.card, shop.transfer]


async def test_a_collection_takes_the_key_in_the_words_of_any_of_its_models(
    db: Database, filled: SimpleNamespace
) -> None:
    shop = filled
    both = collection(shop.Customer, shop.Payment)
    payments = shop.Payment.sk.begins_with("PAYMENT#")

    by_owner = await db.query(both, shop.Payment.owner == "ann #1", payments).all()
    by_text = await db.query(both, shop.Payment.pk == "CUSTOMER#ann%20%231", payments).all()

    assert by_owner == by_text == [shop.card, shop.transfer]


async def test_an_item_that_is_in_no_model_of_a_collection_is_an_error_or_skipped(
    db: Database, filled: SimpleNamespace
) -> None:
    shop = filled
    mine = shop.Customer.customer_id == "ann #1"

    with pytest.raises(ItemNotDecodable, match="not in the collection"):
        await db.query(collection(shop.Customer, shop.Order), mine).all()

    found = await db.query(collection(shop.Customer, shop.Order, others="skip"), mine).all()
    assert found == [*shop.orders, shop.ann]


async def test_a_match_tells_the_items_of_a_collection_apart(db: Database, filled: SimpleNamespace) -> None:
    shop = filled
    told: list[str] = []

    async for each in db.query(
        collection(shop.Customer, shop.Order, others="skip"), shop.Order.customer_id == "ann #1"
    ):
        match each:
            case shop.Customer(name=name):
                told.append(name)
            case shop.Order(total=total):
                told.append(str(total))

    assert told == ["90", "100", "110", "Ann"]


async def test_an_item_of_another_class_under_the_same_key_is_no_new_one(db: Database, filled: SimpleNamespace) -> None:
    shop = filled

    with pytest.raises(AlreadyExists) as caught:
        await db.create(shop.Transfer(owner="ann #1", number=1))

    assert caught.value.current is None


async def test_a_unit_of_work_tracks_the_subclass_and_keeps_derived_keys_right(
    db: Database, filled: SimpleNamespace
) -> None:
    shop = filled
    async with db.unit_of_work() as uow:
        payment: Any = await uow.get(shop.Payment, owner="ann #1", number=1)
        order: Any = await uow.get(shop.Order, **{name: getattr(shop.orders[0], name) for name in ORDER_KEY})
        payment.last4 = "9999"
        order.status = "sent"

    assert (await db.get_or_raise(shop.Card, owner="ann #1", number=1)).last4 == "9999"
    assert [each.number async for each in db.query(shop.Order.by_state, shop.Order.status == "sent")] == [9]


ORDER_KEY = ("customer_id", "placed", "number")


async def test_what_stands_only_in_the_key_cannot_be_filtered_or_updated(db: Database, shop: SimpleNamespace) -> None:
    order = shop.Order

    with pytest.raises(InvalidRequest, match="not stored by itself"):
        db.query(order, order.customer_id == "ann").filter(order.placed > NOON)
    with pytest.raises(InvalidRequest, match="not stored by itself"):
        await db.update(order.key(customer_id="a", placed=NOON, number=1), order.customer_id.set("b"))
    with pytest.raises(InvalidRequest, match="not stored by itself"):
        await db.put(order(customer_id="a", placed=NOON, number=1), condition=order.placed < NOON)


async def test_references_are_loaded_each_item_once_and_in_order(db: Database, shop: SimpleNamespace) -> None:
    Customer, Payment = shop.Customer, shop.Payment

    class Invoice(Model, table=shop.table, entity="invoice"):
        pk: Attr[str] = partition_key("INVOICE#{number:06d}")
        sk: Attr[str] = sort_key("INVOICE#{number:06d}")
        number: Attr[int] = attr(stored=False)
        customer: Attr[Ref[Customer]] = attr()
        payments: Attr[list[Ref[Payment]]] = attr(default_factory=list)

    ann, bob, gone = (Customer(customer_id=name, name=name) for name in ("ann", "bob", "gone"))
    card, transfer = shop.Card(owner="ann", number=1), shop.Transfer(owner="ann", number=2)
    invoices = [
        Invoice(number=number, customer=Ref.to(who), payments=[Ref.to(card), Ref.to(transfer)][:number])
        for number, who in enumerate([ann, bob, ann, gone])
    ]
    await db.put_many([ann, bob, card, transfer, *invoices])
    stored = await db.get_many(Invoice, [invoice.item_key() for invoice in invoices])

    assert await db.load_refs(stored, Invoice.customer) == [ann, bob, ann, None]
    assert await db.load_refs(stored, Invoice.payments) == [[], [card], [card, transfer], [card, transfer]]
    assert await db.load(stored[0].customer) == ann
    assert await db.load(stored[3].customer) is None


async def test_a_selection_reads_from_the_key_what_stands_only_there(db: Database, filled: SimpleNamespace) -> None:
    order = filled.Order
    query = db.query(order, order.customer_id == "ann #1").select(order.customer_id, order.placed, order.total)

    assert await query.first() == ("ann #1", NOON.replace(hour=9), 90)
