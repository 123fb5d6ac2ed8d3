"""Stories of what the library keeps for an application, on every backend: counters of many writers, and a cache."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import BaseModel, TypeAdapter

from ddbmodel import (
    Cache,
    CacheEntry,
    CounterShard,
    Database,
    InvalidRequest,
    ItemNotDecodable,
    ItemTooLarge,
    ShardedCounter,
    ValueNotStorable,
)

NewTable = Callable[[type[Any]], Awaitable[type[Any]]]


class Page(BaseModel):
    title: str
    words: int
    tags: set[str] = set()


@pytest.fixture
async def shards(new_table: NewTable) -> type[CounterShard]:
    return await new_table(CounterShard)


@pytest.fixture
async def entries(new_table: NewTable) -> type[CacheEntry]:
    return await new_table(CacheEntry)


@pytest.fixture
def likes(db: Database, shards: type[CounterShard]) -> ShardedCounter:
    return db.sharded_counter("likes", shards=5, model=shards)


@pytest.fixture
def pages(db: Database, entries: type[CacheEntry]) -> Cache[Page]:
    return db.cache("pages", Page, ttl=timedelta(minutes=5), model=entries)


class TestShardedCounters:
    async def test_additions_of_many_writers_add_up(self, db: Database, likes: ShardedCounter) -> None:
        await asyncio.gather(*(likes.add("post") for _ in range(30)), likes.add("other", 7), likes.add("post", -4))

        assert await likes.total("post") == 26
        assert await likes.totals(["post", "other", "nothing"]) == {"post": 26, "other": 7, "nothing": 0}
        assert await db.scan(likes.shard("post").model).count() > 1, "they were spread over items"

    async def test_a_reset_takes_what_was_there_and_loses_no_addition(self, likes: ShardedCounter) -> None:
        await likes.add("post", 10)
        await likes.add("post", -3)

        results = await asyncio.gather(likes.reset("post"), likes.add("post", 5), likes.reset("post"))

        taken = (results[0] or 0) + (results[2] or 0)
        assert taken + await likes.total("post") == 12
        assert await likes.reset("post") == 12 - taken
        assert await likes.reset("post") == 0

    async def test_an_addition_is_part_of_a_transaction_or_a_unit_of_work(
        self, db: Database, likes: ShardedCounter, shards: type[CounterShard]
    ) -> None:
        async with db.transaction() as tx:
            tx.update(likes.shard("post"), shards.value.add(2), upsert=True)
        async with db.unit_of_work() as unit:
            unit.increment(likes.shard("post"), shards.value, 3)
        dropped = db.unit_of_work()
        dropped.increment(likes.shard("post"), shards.value, 100)

        assert await likes.total("post") == 5

    async def test_the_number_of_shards_changes(
        self, db: Database, likes: ShardedCounter, shards: type[CounterShard]
    ) -> None:
        await asyncio.gather(*(likes.add("post") for _ in range(20)))

        more = db.sharded_counter("likes", shards=20, model=shards)
        await asyncio.gather(*(more.add("post") for _ in range(20)))
        assert await more.total("post") == 40
        fewer = db.sharded_counter("likes", shards=2, formerly=20, model=shards)
        await fewer.add("post")
        assert await fewer.total("post") == 41
        assert await fewer.reset("post") == 41

    async def test_keys_and_names_with_delimiters_are_not_mixed_up(
        self, db: Database, shards: type[CounterShard]
    ) -> None:
        one, other = (db.sharded_counter(name, shards=1, model=shards) for name in ("a", "a#b"))
        await one.add("b#c", 1)
        await other.add("c", 10)

        assert (await one.total("b#c"), await other.total("c")) == (1, 10)

    async def test_bad_input_is_refused_before_a_request(self, db: Database, likes: ShardedCounter) -> None:
        for call in (likes.add("", 1), likes.add("post", 1.5), likes.add("post", True), likes.total("")):  # type: ignore[arg-type]
            with pytest.raises(InvalidRequest):
                await call
        for options in ({"shards": 0}, {"shards": 101}, {"formerly": -1}, {"shards": True}):
            with pytest.raises(InvalidRequest, match=r"is [01] to 100"):
                db.sharded_counter("likes", **options)
        with pytest.raises(InvalidRequest, match="name"):
            db.sharded_counter("")


class TestCache:
    async def test_a_value_is_made_once_and_read_until_its_time_is_over(
        self, db: Database, entries: type[CacheEntry], pages: Cache[Page]
    ) -> None:
        made = 0

        async def make() -> Page:
            nonlocal made
            made += 1
            return Page(title="home", words=made)

        first = await pages.get_or_set("home", make)
        second = await pages.get_or_set("home", make)
        assert (first, made) == (second, 1)
        assert first is not second

        await pages.set("home", Page(title="set", words=0), ttl=timedelta(hours=1))
        assert (await pages.get_or_set("home", make)).title == "set"
        stored = await db.get_or_raise(entries, cache="pages", entry="home")
        assert timedelta(minutes=59) < stored.expires_at - datetime.now(UTC) <= timedelta(minutes=60, seconds=1)
        stored.expires_at = datetime.now(UTC) - timedelta(seconds=1)
        await db.put(stored)
        assert await pages.get("home") is None
        assert (await pages.get_or_set("home", make)).words == 2
        await pages.delete("home")
        await pages.delete("home")
        assert await pages.get("home") is None

    async def test_many_who_ask_at_once_wait_for_one_that_makes_it(
        self, db: Database, entries: type[CacheEntry]
    ) -> None:
        made = 0

        async def make() -> Page:
            nonlocal made
            made += 1
            await asyncio.sleep(0.01)
            return Page(title="home", words=made, tags={"x"})

        def ask() -> Awaitable[Page]:
            # As in a web service: each request has a cache object of its own.
            return db.cache("pages", Page, ttl=timedelta(minutes=1), model=entries).get_or_set("home", make)

        found = await asyncio.gather(*(ask() for _ in range(20)))

        assert made == 1
        found[0].tags.add("changed by one")
        assert all(page == Page(title="home", words=1, tags={"x"}) for page in found[1:])

    async def test_an_error_goes_to_all_who_wait_and_is_not_kept(self, pages: Cache[Page]) -> None:
        fails = True

        async def make() -> Page:
            await asyncio.sleep(0)
            if fails:
                raise LookupError("no page")
            return Page(title="home", words=1)

        found = await asyncio.gather(*(pages.get_or_set("home", make) for _ in range(3)), return_exceptions=True)
        assert [type(each) for each in found] == [LookupError] * 3
        fails = False
        assert (await pages.get_or_set("home", make)).words == 1

    async def test_who_is_cancelled_stops_nobody_else(self, pages: Cache[Page]) -> None:
        go = asyncio.Event()
        cancelled: list[str] = []

        async def make() -> Page:
            try:
                await go.wait()
            except asyncio.CancelledError:
                cancelled.append("make")
                raise
            return Page(title="home", words=1)

        first, second = (asyncio.create_task(pages.get_or_set("home", make)) for _ in range(2))
        await asyncio.sleep(0.05)
        first.cancel()
        go.set()
        assert (await second).words == 1
        go.clear()

        await pages.delete("home")
        alone = asyncio.create_task(pages.get_or_set("home", make))
        await asyncio.sleep(0.05)
        alone.cancel()
        with pytest.raises(asyncio.CancelledError):
            await alone
        await asyncio.sleep(0)
        assert cancelled == ["make"], "nobody waits for it any more"

    async def test_none_and_any_type_of_pydantic_can_be_kept(self, db: Database, entries: type[CacheEntry]) -> None:
        cache: Cache[dict[str, int] | None] = db.cache(
            "lookups", TypeAdapter(dict[str, int] | None), ttl=timedelta(minutes=1), model=entries
        )
        made: list[str] = []

        async def make() -> None:
            made.append("made")

        assert await cache.get_or_set("absent", make) is None
        assert await cache.get_or_set("absent", make) is None
        assert made == ["made"], "that there is nothing is known, too"
        await cache.set("there", {"a": 1})
        assert await cache.get("there") == {"a": 1}

    async def test_values_of_another_type_are_refused(
        self, db: Database, entries: type[CacheEntry], pages: Cache[Page]
    ) -> None:
        with pytest.raises(ValueNotStorable, match="a dict does not become JSON") as caught:
            await pages.set("home", {"secret": "x"})  # type: ignore[arg-type]
        assert "secret" not in str(caught.value)
        assert caught.value.__cause__ is None
        numbers = db.cache("pages", int, ttl=timedelta(minutes=1), model=entries)
        await numbers.set("home", 7)
        with pytest.raises(ItemNotDecodable):
            await pages.get("home")
        texts = db.cache("texts", bytes, ttl=timedelta(minutes=1), model=entries)
        with pytest.raises(ItemTooLarge):
            await texts.set("large", "".join(map(chr, range(0x100, 0xD000))).encode() * 9)

    async def test_long_values_are_stored_compressed(
        self, db: Database, entries: type[CacheEntry], pages: Cache[Page]
    ) -> None:
        await pages.set("long", Page(title="abc" * 200_000, words=1))

        found = await pages.get("long")
        assert found is not None
        assert len(found.title) == 600_000

    async def test_bad_input_is_refused(self, db: Database, pages: Cache[Page]) -> None:
        for ttl in (timedelta(0), 5):
            with pytest.raises(InvalidRequest, match="timedelta above 0"):
                db.cache("pages", Page, ttl=ttl)  # type: ignore[arg-type]
        with pytest.raises(InvalidRequest, match="name"):
            db.cache("", Page, ttl=timedelta(1))
        with pytest.raises(InvalidRequest, match="text that is not empty"):
            await pages.get("")
