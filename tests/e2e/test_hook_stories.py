"""Stories of hooks: each is awaited around every kind of write and after every read, or the write is refused."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from ddbmodel import (
    Attr,
    ConditionFailed,
    Database,
    InvalidRequest,
    Model,
    ModelDefinitionError,
    Write,
    after_load,
    after_write,
    attr,
    before_write,
    partition_key,
    version,
)
from ddbmodel.streams import Insert, StreamApp

told: list[str] = []


@pytest.fixture(autouse=True)
def nothing_told() -> None:
    told.clear()


class Order(Model, table="orders", stream=True):
    """Hooks of objects."""

    id: Attr[str] = partition_key()
    lines: Attr[list[int]] = attr(default_factory=list)
    total: Attr[int] = attr(default=0)
    revision: Attr[int] = version()

    @before_write
    async def add_up(self) -> None:
        await asyncio.sleep(0)
        self.total = sum(self.lines)

    @before_write
    def refuse_what_is_negative(self) -> None:
        if self.total < 0:
            raise ValueError("negative")

    @after_write
    async def tell(self) -> None:
        await asyncio.sleep(0)
        told.append(f"wrote {self.id} {self.total}")

    @after_load
    async def note(self) -> None:
        await asyncio.sleep(0)
        told.append(f"loaded {self.id}")


class Audited(Model, table="audited"):
    """Hooks of the class, which hear of every write."""

    id: Attr[str] = partition_key()
    n: Attr[int] = attr(default=0)

    @before_write
    @classmethod
    async def hear(cls, write: Write[Audited]) -> None:
        told.append(f"before {write.purpose} {write.key.item['id']['S']} {len(write.actions)}")

    @after_write
    @classmethod
    async def hear_more(cls, write: Write[Audited]) -> None:
        told.append(f"after {write.purpose} {None if write.instance is None else write.instance.n}")


async def test_hooks_of_objects_run_around_every_single_write(db: Database, new_table: Any) -> None:
    orders = await new_table(Order)
    order = orders(id="a", lines=[1, 2])

    await db.create(order)
    order.lines.append(3)
    await db.put(order)
    assert told == ["wrote a 3", "wrote a 6"]
    found = await db.get_or_raise(orders, id="a")
    assert (found.total, told[2:]) == (6, ["loaded a"])
    await db.delete(found)
    assert told[3:] == ["wrote a 6"]


async def test_what_a_hook_raises_stops_the_write(db: Database, new_table: Any) -> None:
    orders = await new_table(Order)
    with pytest.raises(ValueError, match="negative"):
        await db.create(orders(id="a", lines=[-1]))
    with pytest.raises(ValueError, match="negative"):  # noqa: PT012  # leaving the block raises
        async with db.transaction() as tx:
            tx.create(orders(id="b", lines=[1]))
            tx.create(orders(id="c", lines=[-1]))
    with pytest.raises(ValueError, match="negative"):
        async with db.unit_of_work() as uow:
            uow.add(orders(id="d", lines=[1]), orders(id="e", lines=[-1]))
    assert await db.scan(orders).count() == 0
    assert told == []


async def test_hooks_run_in_transactions_units_of_work_and_batches(db: Database, new_table: Any) -> None:
    orders = await new_table(Order)
    async with db.transaction() as tx:
        tx.create(orders(id="a", lines=[1]))
    async with db.unit_of_work() as uow:
        uow.add(orders(id="b", lines=[2]))
        first = await uow.get_or_raise(orders, id="a")
        first.lines.append(10)
    await db.put_many([orders(id="c", lines=[3])])

    assert told == ["wrote a 1", "loaded a", "wrote a 11", "wrote b 2", "wrote c 3"]
    found = await db.get_many(orders, [orders.key(id=each) for each in "abc"])
    assert [order.total for order in found if order is not None] == [11, 2, 3]
    assert sorted(told[5:]) == ["loaded a", "loaded b", "loaded c"]


async def test_hooks_run_after_every_kind_of_read(db: Database, new_table: Any) -> None:
    orders = await new_table(Order)
    await db.put_many([orders(id="a")])
    told.clear()

    await db.query(orders, orders.id == "a").all()
    await db.scan(orders).page()
    await db.transact_get(orders.key(id="a"))
    table = orders.__ddb_schema__.table
    await db.execute(f'SELECT * FROM "{table}" WHERE id = ?', ["a"], model=orders)
    with pytest.raises(ConditionFailed):
        await db.create(orders(id="a"))
    async with db.unit_of_work() as uow:
        [each async for each in uow.query(orders, orders.id == "a")]

    assert told == ["loaded a"] * 6


async def test_writes_by_key_are_refused_where_a_hook_needs_an_object(db: Database, fresh: Any) -> None:
    orders = fresh(Order)
    key = orders.key(id="a")
    for refused in (db.update(key, orders.total.set(1)), db.delete(key), db.delete_many([key])):
        expected = r"Order.add_up is a hook of objects, and this \w+ by key has none"
        with pytest.raises(InvalidRequest, match=expected):
            await refused
    with pytest.raises(InvalidRequest, match="hook of objects"):  # leaving the block raises
        async with db.transaction() as tx:
            tx.delete(key)
    with pytest.raises(InvalidRequest, match="hook of objects"):  # leaving the block raises
        async with db.unit_of_work() as uow:
            uow.delete(key)


async def test_hooks_of_the_class_hear_of_writes_by_key_too(db: Database, new_table: Any) -> None:
    audited = await new_table(Audited)
    key = audited.key(id="a")

    await db.create(audited(id="a", n=1))
    await db.update(key, audited.n.add(1))
    async with db.transaction() as tx:
        tx.update(key, audited.n.add(1))
    async with db.unit_of_work() as uow:
        uow.increment(key, "n")
    await db.delete_many([key])

    assert told == [
        *("before create a 0", "after create 1"),
        *("before update a 1", "after update 2"),
        *("before update a 1", "after update None"),
        *("before update a 0", "after update None"),
        *("before delete a 0", "after delete None"),
    ]


async def test_hooks_run_before_a_stream_handler_sees_the_images() -> None:
    seen: list[str] = []
    async with Database.connect("memory:") as db:
        await db.create_tables(Order)
        app = StreamApp(db, name="hooks")

        @app.on(Order)
        async def handle(event: Insert[Order]) -> None:
            seen.append(f"{event.new.id}: {told[-1]}")

        async with app.running():
            await db.create(Order(id="a"))
            await app.drain()

    assert seen == ["a: loaded a"]


def test_a_hook_that_cannot_work_is_refused_when_it_is_declared() -> None:
    with pytest.raises(ModelDefinitionError, match=r"takes \(self\)"):

        class Wrong(Model, table="wrong"):
            id: Attr[str] = partition_key()

            @before_write
            def more(self, write: object) -> None: ...

    with pytest.raises(ModelDefinitionError, match="for methods of the loaded object"):

        class Loads(Model, table="loads"):
            id: Attr[str] = partition_key()

            @after_load
            @classmethod
            def more(cls, write: object) -> None: ...

    with pytest.raises(ModelDefinitionError, match="got a property"):

        class Marked(Model, table="marked"):
            id: Attr[str] = partition_key()

            @before_write
            @property
            def more(self) -> None: ...
