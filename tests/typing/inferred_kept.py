"""What the library keeps and counts for an application; every line must pass in each checker."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any, assert_type

from models import Profile, Score
from pydantic import BaseModel, TypeAdapter

from ddbmodel import (
    Cache,
    CacheEntry,
    Cost,
    CounterShard,
    Database,
    Explanation,
    HotKeys,
    Index,
    Page,
    Query,
    Scan,
    ShardedCounter,
    Units,
    UpdateReport,
)
from ddbmodel.engine import Behaviours
from ddbmodel.model import Key
from ddbmodel.transport.executor import Executor


class Rendered(BaseModel):
    text: str


async def _cache(db: Database) -> None:
    cache = db.cache("pages", Rendered, ttl=timedelta(minutes=1))
    assert_type(cache, Cache[Rendered])

    async def make() -> Rendered:
        return Rendered(text="")

    assert_type(await cache.get_or_set("home", make), Rendered)
    assert_type(await cache.get_or_set("home", make, ttl=timedelta(1)), Rendered)
    assert_type(await cache.get("home"), Rendered | None)
    assert_type(await cache.set("home", Rendered(text="")), None)
    assert_type(await cache.delete("home"), None)
    adapter: TypeAdapter[dict[str, int] | None] = TypeAdapter(dict[str, int] | None)
    assert_type(db.cache("lookups", adapter, ttl=timedelta(1)), Cache[dict[str, int] | None])
    assert_type(db.cache("profiles", Profile, ttl=timedelta(1), model=CacheEntry), Cache[Profile])


async def _counters(db: Database) -> None:
    counter = db.sharded_counter("likes", shards=4, formerly=8, model=CounterShard)
    assert_type(counter, ShardedCounter)
    assert_type(counter.shard("post"), Key[CounterShard])
    assert_type(await counter.add("post", -1), None)
    assert_type(await counter.total("post"), int)
    assert_type(await counter.totals(["post"]), dict[str, int])
    assert_type(await counter.reset("post"), int)


async def _requests(db: Database, cost: Cost, hot: HotKeys, query: Query[Score], scan: Scan[Score]) -> None:
    assert_type(cost.read_units, float)
    assert_type(cost.write_units, float)
    assert_type(cost.by_operation["GetItem"], Units)
    assert_type(cost.dollars(per_million_reads=0.1, per_million_writes=0.6), float)
    assert_type(hot.total, int)
    assert_type(hot.reset(), None)
    assert_type(db.behave(Behaviours()), None)
    assert_type(db.executor, Executor)
    assert_type(await db.executor.execute("ListTables", {}), dict[str, Any])
    assert_type(query.ascending().consistent().page_size(3).full(), Query[Score])
    assert_type(scan.consistent().page_size(3).full().limit(3), Scan[Score])
    plan = query.explain()
    assert_type(plan, Explanation)
    assert_type(plan.index, str | None)
    assert_type(plan.key_condition, str | None)
    assert_type(plan.filter, str | None)
    assert_type(plan.projection, str | None)
    assert_type(query.request(), dict[str, Any])
    page = await query.page()
    assert_type(page.items, list[Score])
    assert_type(page.cursor, str | None)
    assert_type(await query.page(page.cursor), Page[Score])
    index = Score.leaderboard
    assert_type(index, Index[Score])


async def _updated(db: Database, keys: AsyncIterator[Key[Score]]) -> None:
    report = await db.update_many(keys, Score.points.add(1))
    assert_type(report, UpdateReport[Score])
