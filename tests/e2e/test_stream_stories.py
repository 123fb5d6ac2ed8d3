"""Stories of applications that react to changes, through `Database`, on every backend that has streams."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest

from ddbmodel import Attr, Database, Document, Model, attr, errors, partition_key, sort_key, version
from ddbmodel.streams import Change, Insert, Modify, Remove, StreamApp


class Address(Document):
    city: Attr[str] = attr()


class Order(Model, table="story-orders", stream=True):
    customer: Attr[str] = partition_key()
    number: Attr[int] = sort_key()
    status: Attr[str] = attr(default="placed")
    amount: Attr[int] = attr(default=0)
    address: Attr[Address | None] = attr(default=None)
    picture: Attr[bytes] = attr(default=b"\x00\xff")


class Shipment(Model, table="story-shipments", stream=True):
    order: Attr[str] = partition_key()
    state: Attr[str] = attr(default="ready")
    revision: Attr[int] = version()


class Balance(Model, table="story-balances"):
    customer: Attr[str] = partition_key()
    total: Attr[int] = attr(default=0)


@pytest.fixture
async def db(db: Database, backend: str) -> AsyncIterator[Database]:
    """The shared fixture, with an end to the tables: a stream outlives a test that does not read all of it."""
    yield db
    if backend in ("http", "moto", "dynamodb-local"):
        for model in (Order, Shipment, Balance):
            with suppress(errors.ResourceNotFound):
                await db.executor.execute("DeleteTable", {"TableName": model.__ddb_schema__.table})
        with suppress(errors.ResourceNotFound):
            await db.executor.execute("DeleteTable", {"TableName": "ddbmodel-streams"})


async def _tables(db: Database) -> None:
    await db.create_tables(Order, Shipment, Balance, wait=True)


async def test_orders_are_shipped_when_they_are_paid_and_a_view_is_kept(db: Database) -> None:
    await _tables(db)
    app = StreamApp(db, name="shop")
    shipped: list[str] = []

    @app.on(Order, where=Order.status.changed(to="paid"))
    async def ship(event: Insert[Order] | Modify[Order]) -> None:
        await db.put(Shipment(order=f"{event.new.customer}/{event.new.number}"), check_version=False)

    @app.on(Order)
    async def balance(event: Change[Order]) -> None:
        old = event.old.amount if event.old is not None else 0
        new = event.new.amount if event.new is not None else 0
        order = event.new or event.old
        key = Balance.key(customer=order.customer)
        if old != new:
            await db.update(key, Balance.total.add(new - old), upsert=True)

    @app.on(Shipment)
    async def tell(event: Insert[Shipment]) -> None:
        shipped.append(event.new.order)

    async with app.running():
        await db.create(Order(customer="ann", number=1, amount=30, address=Address(city="Oslo")))
        await db.create(Order(customer="ann", number=2, amount=5))
        await db.create(Order(customer="ben", number=1, amount=7, status="paid"))
        await db.update(Order.key(customer="ann", number=1), Order.status.set("paid"), Order.amount.add(1))
        await db.delete(Order.key(customer="ann", number=2))
        await app.drain()
        await app.drain()

    assert sorted(shipped) == ["ann/1", "ben/1"]
    assert (await db.get_or_raise(Balance, customer="ann")).total == 31
    assert (await db.get_or_raise(Balance, customer="ben")).total == 7


async def test_handlers_see_whole_models_before_and_after(db: Database) -> None:
    await _tables(db)
    app = StreamApp(db, name="watch")
    events: list[Change[Order]] = []

    @app.on(Order)
    async def watch(event: Change[Order]) -> None:
        events.append(event)

    first = Order(customer="ann", number=1, address=Address(city="Oslo"), picture=b"\x01\x02")
    second = first.model_copy(update={"status": "paid", "address": Address(city="Rome")})
    async with app.running():
        await db.put(first)
        await db.put(second)
        await db.delete(second)
        await app.drain()

    inserted, modified, removed = events
    assert isinstance(inserted, Insert)
    assert isinstance(modified, Modify)
    assert isinstance(removed, Remove)
    assert (inserted.new, modified.old, modified.new, removed.old) == (first, first, second, second)
    assert set(modified.changed) == {"status", "address", "address.city"}
    assert modified.changed["address.city"] == ("Oslo", "Rome")
    assert inserted.key == removed.key == first.item_key()
    assert not removed.by_ttl


@pytest.mark.differs("records of writes that change nothing")
async def test_a_write_that_changes_nothing_is_no_change(db: Database) -> None:
    await _tables(db)
    app = StreamApp(db, name="quiet")
    seen: list[str] = []

    @app.on(Order)
    async def note(event: Change[Order]) -> None:
        seen.append(type(event).__name__)

    async with app.running():
        await db.put(Order(customer="ann", number=1))
        await db.put(Order(customer="ann", number=1))
        await app.drain()

    assert seen == ["Insert"]


async def test_a_failing_item_is_retried_in_order_while_others_go_on(db: Database) -> None:
    await _tables(db)
    app = StreamApp(db, name="fragile")
    tries: Counter[tuple[str, int]] = Counter()
    seen: defaultdict[str, list[int]] = defaultdict(list)
    finished: list[str] = []

    @app.on(Order)
    async def fragile(event: Insert[Order] | Modify[Order]) -> None:
        order = event.new
        tries[order.customer, order.amount] += 1
        if order.customer == "bad" and tries[order.customer, order.amount] < 3:
            raise RuntimeError
        seen[order.customer].append(order.amount)
        finished.append(order.customer)

    async with app.running():
        for amount in range(1, 4):
            for customer in ("bad", "good"):
                await db.put(Order(customer=customer, number=1, amount=amount))
        await app.drain()

    assert seen == {"bad": [1, 2, 3], "good": [1, 2, 3]}
    assert finished.index("good") < finished.index("bad")


async def test_a_new_application_starts_at_now_or_at_the_oldest_record(db: Database) -> None:
    await _tables(db)
    await db.create(Order(customer="ann", number=1))
    from_now, from_the_oldest = StreamApp(db, name="now"), StreamApp(db, name="all", start="trim_horizon")
    seen: defaultdict[str, list[int]] = defaultdict(list)
    for app in (from_now, from_the_oldest):

        @app.on(Order)
        async def note(event: Insert[Order], name: str = app.name) -> None:
            seen[name].append(event.new.number)

    async with from_now.running(), from_the_oldest.running():
        await db.create(Order(customer="ann", number=2))
        await from_now.drain()
        await from_the_oldest.drain()

    assert seen == {"now": [2], "all": [1, 2]}


async def test_an_application_goes_on_where_it_was_stopped(db: Database) -> None:
    await _tables(db)
    app = StreamApp(db, name="twice")
    seen: list[int] = []

    @app.on(Order)
    async def note(event: Insert[Order]) -> None:
        seen.append(event.new.number)

    async with app.running():
        await db.create(Order(customer="ann", number=1))
        await app.drain()
    await db.create(Order(customer="ann", number=2))
    async with app.running():
        await app.drain()

    assert seen == [1, 2]


async def test_changes_of_transactions_and_units_of_work_are_seen(db: Database) -> None:
    await _tables(db)
    app = StreamApp(db, name="units")
    seen: list[tuple[str, str]] = []

    @app.on(Order)
    async def order(event: Change[Order]) -> None:
        seen.append((type(event).__name__, "order"))

    @app.on(Shipment)
    async def shipment(event: Change[Shipment]) -> None:
        seen.append((type(event).__name__, "shipment"))

    async with app.running():
        async with db.transaction() as tx:
            tx.create(Order(customer="ann", number=1))
            tx.create(Shipment(order="ann/1"))
        async with db.unit_of_work() as uow:
            tracked = await uow.get(Shipment, order="ann/1")
            assert tracked is not None
            tracked.state = "sent"
        await app.drain()

    assert Counter(seen) == {("Insert", "order"): 1, ("Insert", "shipment"): 1, ("Modify", "shipment"): 1}


async def test_a_handler_that_cannot_get_past_a_record_is_named(db: Database) -> None:
    await _tables(db)
    app = StreamApp(db, name="stuck")

    @app.on(Order)
    async def ship(event: Insert[Order]) -> None:
        raise ConnectionError(event.new.customer)

    async with app.running():
        await db.create(Order(customer="secret", number=1))
        with pytest.raises(errors.StreamHandlerFailed, match="'ship' of Order cannot get past the INSERT") as caught:
            await app.drain(attempts=2)

    assert "ConnectionError" in str(caught.value)
    assert "secret" not in str(caught.value)


async def test_many_changes_by_many_writers_arrive_once_and_in_order(db: Database) -> None:
    await _tables(db)
    app = StreamApp(db, name="many")
    seen: defaultdict[str, list[int]] = defaultdict(list)

    @app.on(Order, concurrency=8)
    async def note(event: Insert[Order] | Modify[Order]) -> None:
        await asyncio.sleep(0)
        seen[event.new.customer].append(event.new.amount)

    async def write(customer: str) -> None:
        for amount in range(20):
            await db.put(Order(customer=customer, number=1, amount=amount))

    async with app.running():
        await asyncio.gather(*(write(f"customer {number}") for number in range(8)))
        await app.drain()

    assert seen == {f"customer {number}": list(range(20)) for number in range(8)}


async def test_cursors_are_in_the_file_and_survive_its_closing(tmp_path: Path) -> None:
    seen: list[int] = []

    def shop(db: Database) -> StreamApp:
        app = StreamApp(db, name="shop")

        @app.on(Order)
        async def note(event: Insert[Order]) -> None:
            seen.append(event.new.number)

        return app

    url = f"file:{tmp_path / 'shop.db'}"
    async with Database.connect(url) as db:
        await _tables(db)
        app = shop(db)
        async with app.running():
            await db.create(Order(customer="ann", number=1))
            await app.drain()
        await db.create(Order(customer="ann", number=2))
    async with Database.connect(url) as db:
        app = shop(db)
        async with app.running():
            await db.create(Order(customer="ann", number=3))
            await app.drain()

    assert seen == [1, 2, 3]
