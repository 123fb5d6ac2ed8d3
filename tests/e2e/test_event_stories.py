"""Stories of events and commands: emitted with a commit, published in order, carried out once; on every backend."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar

import pytest
from pydantic import BaseModel

from ddbmodel import (
    AlreadyCommitted,
    Attr,
    CommitRecord,
    Database,
    InvalidRequest,
    Model,
    UnitOfWork,
    attr,
    partition_key,
    version,
)
from ddbmodel.streams import Published, StreamApp

NewTable = Callable[[type[Any]], Awaitable[type[Any]]]


class Account(Model, table="accounts", stream=True):
    account_id: Attr[str] = partition_key()
    balance: Attr[int] = attr(default=0)
    revision: Attr[int] = version()


class Moved(BaseModel):
    amount: int
    at: datetime = datetime(2026, 11, 25, tzinfo=UTC)


class Closed(BaseModel):
    event_name: ClassVar[str] = "account-closed"
    account_id: str = ""


class Receipt(BaseModel):
    number: int
    fee: Decimal


@pytest.fixture
async def accounts(db: Database, new_table: NewTable) -> type[Account]:
    made: type[Account] = await new_table(Account)
    await db.put_many([made(account_id="a", balance=100), made(account_id="b")])
    return made


@pytest.fixture
async def records(new_table: NewTable) -> type[CommitRecord]:
    return await new_table(CommitRecord)


async def move(unit: UnitOfWork, accounts: type[Account], amount: int) -> None:
    (await unit.get_or_raise(accounts, account_id="a")).balance -= amount
    (await unit.get_or_raise(accounts, account_id="b")).balance += amount


class TestEvents:
    async def test_events_are_published_with_the_commit_in_order_and_never_without_it(
        self, db: Database, accounts: type[Account], records: type[CommitRecord]
    ) -> None:
        app = StreamApp(db, name=f"publisher-{accounts.__ddb_schema__.table}", start="trim_horizon")
        published: list[Any] = []
        failures = 1

        @app.on_event(Moved, Closed, of=records)
        async def publish(event: Moved | Closed, about: Published) -> None:
            nonlocal failures
            if isinstance(event, Closed) and failures:
                failures -= 1
                raise ConnectionError("the broker is away")
            published.append((event, about.position, about.attempt))

        async with db.unit_of_work(records=records) as unit:
            await move(unit, accounts, 10)
            moved = Moved(amount=10)
            unit.emit(moved, Closed(account_id="a"))
            moved.amount = 99
        left = db.unit_of_work(records=records)
        left.emit(Moved(amount=1))
        stale = db.unit_of_work(records=records)
        await move(stale, accounts, 5)
        stale.emit(Moved(amount=5))
        async with db.unit_of_work() as unit:
            await move(unit, accounts, 1)
        with pytest.raises(Exception, match="since this unit of work read it"):
            await stale.commit()

        async with app.running():
            await app.drain()
        first, second = (Moved(amount=10), 0, 1), (Closed(account_id="a"), 1, 2)
        assert published == [first, (first[0], 0, 2), second], "again from the first of the commit, and no other"

    async def test_events_within_an_item_cost_no_other_item(
        self, db: Database, accounts: type[Account], backend: str
    ) -> None:
        app = StreamApp(db, name=f"inline-{accounts.__ddb_schema__.table}", start="trim_horizon")
        published: list[int] = []

        @app.on_event(Moved, of=accounts)
        async def publish(event: Moved) -> None:
            published.append(event.amount)

        for amount in (1, 2):
            async with db.unit_of_work() as unit:
                account = await unit.get_or_raise(accounts, account_id="a")
                account.balance -= amount
                unit.emit(Moved(amount=amount), within=account)
                assert len(unit.plan().actions) == 1
        await db.update(accounts.key(account_id="a"), accounts.balance.add(1))
        async with db.unit_of_work() as unit:
            unit.emit(Moved(amount=3), within=await unit.get_or_raise(accounts, account_id="a"))
        async with db.unit_of_work() as unit:
            added = accounts(account_id="new")
            unit.add(added)
            unit.emit(Moved(amount=4), within=added)

        async with app.running():
            await app.drain()
        assert sorted(published) == [1, 2, 3, 4]
        assert published.index(1) < published.index(2) < published.index(3)
        found = await db.get_or_raise(accounts, account_id="a")
        assert (found.balance, accounts.from_item(found.to_item())) == (98, found)

    async def test_what_is_no_event_is_refused(self, db: Database, accounts: type[Account]) -> None:
        unit = db.unit_of_work()
        with pytest.raises(InvalidRequest, match="pydantic model, got dict"):
            unit.emit({"amount": 1})  # type: ignore[arg-type]
        account = await unit.get_or_raise(accounts, account_id="a")
        unit.delete(account)
        with pytest.raises(InvalidRequest, match="deleted"):
            unit.emit(Moved(amount=1), within=account)

    async def test_a_savepoint_takes_events_back(self, db: Database, accounts: type[Account]) -> None:
        unit = db.unit_of_work()
        account = await unit.get_or_raise(accounts, account_id="a")
        async with unit.savepoint() as savepoint:
            unit.emit(Moved(amount=1))
            unit.emit(Moved(amount=2), within=account)
            assert len(unit.plan().actions) == 2
            savepoint.rollback()
        assert unit.plan().actions == ()


class TestCommands:
    async def test_a_command_is_carried_out_once_and_gives_the_same_whenever_it_comes(
        self, db: Database, accounts: type[Account], records: type[CommitRecord]
    ) -> None:
        runs = 0

        async def pay(unit: UnitOfWork) -> Receipt:
            nonlocal runs
            runs += 1
            await move(unit, accounts, 30)
            return Receipt(number=runs, fee=Decimal("0.10"))

        first = await db.run(pay, idempotency_key="pay-1", records=records)
        again = await db.run(pay, idempotency_key="pay-1", records=records)

        assert first == again == Receipt(number=1, fee=Decimal("0.10"))
        assert runs == 1
        other = await db.run(pay, idempotency_key="pay-2", records=records)
        assert other.number == 2
        assert (await db.get_or_raise(accounts, account_id="b")).balance == 60

    async def test_of_commands_at_one_time_one_is_carried_out(
        self, db: Database, accounts: type[Account], records: type[CommitRecord], backend: str
    ) -> None:
        if backend == "moto":
            pytest.skip("moto 5.1 serves each request in a thread and locks nothing")

        async def pay(unit: UnitOfWork) -> int:
            await move(unit, accounts, 1)
            return 7

        results = await asyncio.gather(
            *(db.run(pay, idempotency_key="one", records=records, retries=20) for _ in range(6))
        )

        assert results == [7] * 6
        assert (await db.get_or_raise(accounts, account_id="b")).balance == 1

    async def test_a_unit_with_the_key_of_a_done_command_says_so_before_it_reads(
        self, db: Database, accounts: type[Account], records: type[CommitRecord]
    ) -> None:
        async with db.unit_of_work(idempotency_key="k", records=records) as unit:
            await move(unit, accounts, 1)
            unit.set_result({"done": True})
        late = db.unit_of_work(idempotency_key="k", records=records)
        await move(late, accounts, 1)
        with pytest.raises(AlreadyCommitted):
            await late.commit()

        with pytest.raises(AlreadyCommitted) as caught:
            await db.unit_of_work(idempotency_key="k", records=records).__aenter__()
        assert caught.value.result_json == '{"done":true}'
        assert (await db.get_or_raise(accounts, account_id="b")).balance == 1

    async def test_a_key_is_free_again_when_its_record_has_ended(
        self, db: Database, accounts: type[Account], records: type[CommitRecord]
    ) -> None:
        async def pay(unit: UnitOfWork) -> None:
            await move(unit, accounts, 1)

        await db.run(pay, idempotency_key="k", records=records)
        record = await db.get_or_raise(records, commit_id="key#k")
        record.ends_at = datetime.now(UTC) - timedelta(seconds=2)
        await db.put(record)
        await db.run(pay, idempotency_key="k", records=records)

        assert (await db.get_or_raise(accounts, account_id="b")).balance == 2

    async def test_a_result_that_would_not_come_back_the_same_is_refused_before_anything_is_written(
        self, db: Database, accounts: type[Account], records: type[CommitRecord]
    ) -> None:
        async def pay(unit: UnitOfWork) -> Any:
            await move(unit, accounts, 1)
            return {1, 2}

        with pytest.raises(InvalidRequest, match="a set, is not read back as the same"):
            await db.run(pay, idempotency_key="k", records=records)
        assert (await db.get_or_raise(accounts, account_id="b")).balance == 0
        assert await db.run(pay, idempotency_key="k", result_type=set[int], records=records) == {1, 2}
        for key in ("", "x" * 1001, 7):
            with pytest.raises(InvalidRequest, match="1 to 1,000 characters"):
                db.unit_of_work(idempotency_key=key)  # type: ignore[arg-type]
