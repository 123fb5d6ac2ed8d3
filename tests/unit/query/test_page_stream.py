"""How pages are asked for: cut to what is wanted, one ahead, or side by side; and that nothing is left running."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterator
from datetime import datetime
from typing import Any

import pytest

from ddbmodel import Attr, Database, Model, partition_key, sort_key, ttl
from ddbmodel.errors import ServiceError, service_error
from ddbmodel.query.page_stream import merged


class Line(Model, table="lines"):
    book: Attr[str] = partition_key()
    number: Attr[int] = sort_key()


class Fading(Model, table="fading"):
    book: Attr[str] = partition_key()
    number: Attr[int] = sort_key()
    until: Attr[datetime | None] = ttl(default=None)


class Pages:
    """Answers with pages of so many lines each; a page waits until it is let go, where that is asked for."""

    def __init__(self, *sizes: int, held: bool = False) -> None:
        self.sizes, self.held = sizes, held
        self.requests: list[dict[str, Any]] = []
        self.answered = 0
        self.under_way = self.most_under_way = 0
        self.gate = asyncio.Event()
        self.fails_at: int | None = None

    async def execute(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        number = int(request["ExclusiveStartKey"]["number"]["N"]) if "ExclusiveStartKey" in request else 0
        self.requests.append(request)
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        try:
            await (self.gate.wait() if self.held else asyncio.sleep(0))
        finally:
            self.under_way -= 1
        if number == self.fails_at:
            raise service_error("InternalServerError", "broken")
        self.answered += 1
        items = [{"book": {"S": "a"}, "number": {"N": str(100 * number + line)}} for line in range(self.sizes[number])]
        answer: dict[str, Any] = {"Items": items, "Count": len(items)}
        if number + 1 < len(self.sizes):
            answer["LastEvaluatedKey"] = {"number": {"N": str(number + 1)}}
        return answer

    async def close(self) -> None: ...


async def turns() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_the_next_page_is_asked_for_while_one_is_worked_on() -> None:
    pages = Pages(2, 2, 2)
    lines = aiter(Database(pages).query(Line, Line.book == "a").prefetch())

    first = await anext(lines)
    await turns()

    assert first.number == 0
    assert len(pages.requests) == 2  # one ahead, and no more
    assert [line.number async for line in lines] == [1, 100, 101, 200, 201]
    assert len(pages.requests) == 3


async def test_without_prefetch_a_page_is_asked_for_when_it_is_needed() -> None:
    pages = Pages(2, 2)
    lines = aiter(Database(pages).query(Line, Line.book == "a"))

    await anext(lines)
    await anext(lines)
    await turns()

    assert len(pages.requests) == 1


async def test_a_page_that_may_be_enough_is_not_followed() -> None:
    pages = Pages(3, 3, 3)
    query = Database(pages).query(Line, Line.book == "a").prefetch()

    async for _ in query.limit(3):
        await turns()

    assert len(pages.requests) == 1


async def test_a_page_ahead_is_given_up_when_the_reader_stops() -> None:
    pages = Pages(1, 1)
    lines = Database(pages).query(Line, Line.book == "a").prefetch().with_items()
    await anext(lines)
    pages.held = True
    await turns()
    assert pages.under_way == 1

    await lines.aclose()

    assert pages.under_way == 0
    assert len(asyncio.all_tasks()) == 1


async def test_an_error_of_a_page_ahead_comes_where_the_page_would() -> None:
    pages = Pages(2, 2)
    pages.fails_at = 1
    lines = aiter(Database(pages).query(Line, Line.book == "a").prefetch())

    assert (await anext(lines)).number == 0
    await turns()
    assert (await anext(lines)).number == 1
    with pytest.raises(ServiceError, match="broken"):
        await anext(lines)


async def test_an_error_of_a_page_ahead_that_nobody_asked_for_is_dropped() -> None:
    pages = Pages(2, 2)
    pages.fails_at = 1
    lines = Database(pages).query(Line, Line.book == "a").prefetch().with_items()

    await anext(lines)
    await turns()

    await lines.aclose()


async def test_pages_are_cut_to_what_is_left_of_the_limit() -> None:
    pages = Pages(2, 0, 0, 3)
    query = Database(pages).query(Line, Line.book == "a")

    assert len(await query.limit(4).all()) == 4

    # What is left, then twice as much for each page that gave nothing: hidden items may lie close together.
    assert [request["Limit"] for request in pages.requests] == [4, 2, 4, 8]


async def test_a_page_size_is_never_exceeded() -> None:
    pages = Pages(2, 0, 0, 3)

    await Database(pages).query(Line, Line.book == "a").limit(4).page_size(3).all()

    assert [request["Limit"] for request in pages.requests] == [3, 2, 3, 3]


async def test_what_is_hidden_leaves_pages_as_small_as_the_limit() -> None:
    pages = Pages(1, 1)

    assert await Database(pages).query(Fading, Fading.book == "a").first() is not None

    (request,) = pages.requests
    assert request["Limit"] == 1
    assert request["FilterExpression"] == "attribute_not_exists(#1) OR #1 > :1"


async def test_a_count_and_a_look_for_one_stop_at_the_limit() -> None:
    pages = Pages(3, 3, 3)
    query = Database(pages).query(Line, Line.book == "a")

    assert await query.exists()
    assert await query.limit(4).count() == 4
    assert await query.count() == 9

    assert [(request["Select"], request.get("Limit")) for request in pages.requests] == [
        ("COUNT", 1),
        ("COUNT", 4),
        ("COUNT", 1),
        *[("COUNT", None)] * 3,
    ]


async def test_parts_of_a_scan_are_read_a_few_at_once() -> None:
    pages = Pages(1)
    scan = Database(pages).scan(Line).segments(50, at_once=3)

    assert len(await scan.all()) == 50

    assert pages.most_under_way == 3
    assert {request["Segment"] for request in pages.requests} == set(range(50))


async def test_a_slow_reader_holds_the_parts_up() -> None:
    pages = Pages(*[1] * 20)
    lines = aiter(Database(pages).scan(Line).segments(4))

    await anext(lines)
    for _ in range(100):
        await asyncio.sleep(0)

    # Each part has one page in hand; one more waits in the queue, and one is with the reader.
    assert pages.answered <= 6
    await lines.aclose()
    assert len(asyncio.all_tasks()) == 1


async def test_values_of_several_iterators_come_as_they_arrive() -> None:
    gate = asyncio.Event()

    async def slow() -> AsyncGenerator[str, None]:
        await gate.wait()
        yield "slow"

    async def quick() -> AsyncGenerator[str, None]:
        yield "quick"

    def sources() -> Iterator[AsyncGenerator[str, None]]:
        yield slow()
        yield quick()

    values = merged(sources(), 2)

    assert await anext(values) == "quick"
    gate.set()
    assert [value async for value in values] == ["slow"]
