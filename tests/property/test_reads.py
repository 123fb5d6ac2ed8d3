"""Whatever is read, by whichever index and in whichever pieces, is what a plain list of the items says.

* every match comes once, in the order of the sort key, and nothing that is hidden;
* a limit cuts that list; pages of any sizes, one ahead or not, and parallel parts put it together again;
* a count, a look for one and the first result agree with it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from itertools import cycle
from operator import eq
from typing import Any, cast

from hypothesis import given
from hypothesis import strategies as st

from ddbmodel import (
    Attr,
    Database,
    GlobalIndex,
    LocalIndex,
    Model,
    Scan,
    attr,
    deleted_at,
    partition_key,
    sort_key,
    ttl,
)
from ddbmodel.engine import Engine, EngineOptions, ManualClock
from ddbmodel.expressions.tree import Condition
from ddbmodel.transport.embedded import EmbeddedExecutor

NOW_S = 1_800_000_000


class Play(Model, table="plays"):
    game: Attr[str] = partition_key()
    number: Attr[int] = sort_key()
    points: Attr[int] = attr()
    region: Attr[str] = attr()
    until: Attr[datetime | None] = ttl(default=None)
    gone: Attr[datetime | None] = deleted_at()

    leaderboard = GlobalIndex(partition_key=game, sort_key=points)
    by_place = GlobalIndex(partition_key=(game, region), sort_key=(points, number))
    by_region = GlobalIndex(partition_key=region, sort_key=points, projection="KEYS_ONLY")
    by_until = GlobalIndex(partition_key=game, sort_key=until)
    local = LocalIndex(sort_key=points, projection="KEYS_ONLY")


@dataclass(frozen=True)
class Stored:
    """An item as plain data; `until` is in seconds from now."""

    game: str
    number: int
    points: int
    region: str
    until: int | None
    is_gone: bool

    @property
    def name(self) -> tuple[str, int]:
        return self.game, self.number

    def item(self) -> dict[str, Any]:
        until = None if self.until is None else datetime.fromtimestamp(NOW_S + self.until, UTC)
        play = Play(game=self.game, number=self.number, points=self.points, region=self.region, until=until)
        return play.to_item() | ({"gone": {"S": "2026-01-01T00:00:00.000000Z"}} if self.is_gone else {})


@dataclass(frozen=True)
class Way:
    """A table or index, and by which fields it is read: each by ==, then one more by a range.

    Attributes:
        order: the fields that results are in the order of.
        filters: whether its entries can be filtered by the region.
    """

    target: Any
    equal: tuple[str, ...]
    ranged: str | None
    order: tuple[str, ...]
    filters: bool = True


WAYS = (
    Way(None, (), None, ()),
    Way(Play, ("game",), "number", ("number",)),
    Way(Play.leaderboard, ("game",), "points", ("points",)),
    Way(Play.by_place, ("game", "region"), "points", ("points", "number"), filters=False),
    Way(Play.by_place, ("game", "region", "points"), "number", ("points", "number"), filters=False),
    Way(Play.by_region, ("region",), "points", ("points",), filters=False),
    Way(Play.by_until, ("game",), None, ("until",)),
    Way(Play.local, ("game",), "points", ("points",), filters=False),
)
SMALL = st.integers(0, 4)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "game": st.sampled_from("aab"),
    "region": st.sampled_from(["eu", "us"]),
    "points": SMALL,
    "number": st.integers(0, 30),
}
# Many items more often than few: pages and limits have nothing to cut otherwise.
ITEMS = st.just([]) | st.lists(
    st.builds(
        Stored,
        VALUES["game"],
        VALUES["number"],
        SMALL,
        VALUES["region"],
        st.sampled_from([None, None, None, -5, 0, 5, 9]),
        st.sampled_from([False, False, True]),
    ),
    min_size=12,
    max_size=30,
    unique_by=lambda stored: stored.name,
)
Holds = Callable[[Any], bool]


@st.composite
def ranges(draw: Any, column: Attr[Any]) -> tuple[Condition, Holds]:
    low, width = draw(SMALL), draw(SMALL)
    high = low + width
    conditions: list[tuple[Condition, Holds]] = [
        (column == low, lambda value: value == low),
        (column < low, lambda value: value < low),
        (column >= low, lambda value: value >= low),
        (column.between(low, high), lambda value: low <= value <= high),
    ]
    return cast("tuple[Condition, Holds]", draw(st.sampled_from(conditions)))


@dataclass(frozen=True)
class Read:
    """One read: what the mapper is told, and what the same is in Python."""

    way: Way
    conditions: tuple[Condition, ...]
    holds: tuple[tuple[str, Holds], ...]
    region: str | None
    expired: bool
    deleted: bool
    descending: bool

    def query(self, db: Database) -> Any:
        query: Any = db.scan(Play) if self.way.target is None else db.query(self.way.target, *self.conditions)
        query = query.full() if self.way.target in (Play.by_region, Play.local) else query
        query = query.include_expired() if self.expired else query
        query = query.include_deleted() if self.deleted else query
        query = query.filter(Play.region == self.region) if self.region is not None else query
        return query.descending() if self.descending else query

    def gives(self, stored: Stored) -> bool:
        return (
            all(holds(getattr(stored, field)) for field, holds in self.holds)
            and all(getattr(stored, field) is not None for field in self.way.order)
            and (self.region is None or stored.region == self.region)
            and (self.expired or stored.until is None or stored.until > 0)
            and (self.deleted or not stored.is_gone)
        )


@st.composite
def reads(draw: Any) -> Read:
    way: Way = draw(st.sampled_from(WAYS))
    told: list[tuple[str, Condition, Holds]] = []
    for field in way.equal:
        value = draw(VALUES[field])
        told.append((field, getattr(Play, field) == value, partial(eq, value)))
    if way.ranged is not None and draw(st.booleans()):
        told.append((way.ranged, *draw(ranges(getattr(Play, way.ranged)))))
    return Read(
        way,
        tuple(condition for _, condition, _ in told),
        tuple((field, holds) for field, _, holds in told),
        region=draw(st.none() | VALUES["region"]) if way.filters else None,
        expired=draw(st.booleans()),
        deleted=draw(st.booleans()),
        descending=bool(way.order) and draw(st.booleans()),
    )


async def _walked(query: Any, sizes: list[int]) -> list[Play]:
    found: list[Play] = []
    cursor = None
    for size in cycle(sizes):
        page = await query.page_size(size).page(cursor)
        found += page.items
        cursor = page.cursor
        if cursor is None:
            break
    return found


async def _agrees(query: Any, read: Read, wanted: list[Stored], limit: int, sizes: list[int]) -> None:
    found: list[Play] = await query.all()
    names = [(play.game, play.number) for play in found]
    by_name = {stored.name: stored for stored in wanted}
    assert sorted(names) == sorted(by_name)
    places = [tuple(getattr(by_name[name], field) for field in read.way.order) for name in names]
    assert places == sorted(places, reverse=read.descending)
    assert await _walked(query, sizes) == found
    assert await query.prefetch().page_size(sizes[0]).all() == found
    assert [play async for play in query.limit(limit)] == found[:limit]
    assert await query.limit(limit).page_size(sizes[0]).prefetch().all() == found[:limit]
    assert await query.count() == len(found)
    assert await query.page_size(sizes[0]).limit(limit).count() == min(limit, len(found))
    assert await query.exists() is bool(found)
    assert await query.first() == (found[0] if found else None)
    if isinstance(query, Scan):
        parts = await query.segments(sizes[0], at_once=2).page_size(sizes[-1]).all()
        assert sorted((play.game, play.number) for play in parts) == sorted(names)


@given(ITEMS, reads(), st.integers(1, 4), st.lists(st.integers(1, 6), min_size=1, max_size=3))
def test_every_way_of_reading_gives_what_a_list_says(
    items: list[Stored], read: Read, limit: int, sizes: list[int]
) -> None:
    async def check() -> None:
        # What is expired stays, so that hiding it is the mapper's work.
        engine = Engine.open("memory:", clock=ManualClock(NOW_S), options=EngineOptions(expiry_delay_s=60.0))
        async with Database(EmbeddedExecutor(engine)) as db:
            await db.create_tables(Play)
            for stored in items:
                await db.executor.execute("PutItem", {"TableName": "plays", "Item": stored.item()})
            await _agrees(read.query(db), read, [stored for stored in items if read.gives(stored)], limit, sizes)

    asyncio.run(check())
