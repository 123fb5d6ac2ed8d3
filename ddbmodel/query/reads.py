"""Queries and scans: immutable builders that show their request, and send it page by page when they are awaited on.

```
db.query(Score.leaderboard, Score.game == "tetris") ── .filter .select .descending .limit .page_size .consistent
                                                    └─ async for, .all, .first, .one, .count, .page, .explain, .request
```
A *limit* counts returned items; a *page size* counts items that the service evaluates before it filters.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Any, Final, Generic, Self, TypeVar, cast, overload

from ddbmodel.errors import InvalidRequest, NotFound
from ddbmodel.expressions.check import check_projection
from ddbmodel.expressions.errors import InvalidExpression
from ddbmodel.expressions.evaluate import value_at
from ddbmodel.expressions.render import Renderer
from ddbmodel.expressions.tree import Condition, Projection, all_of
from ddbmodel.model import Attr, Index, Model
from ddbmodel.query.batches import get_items
from ddbmodel.query.cursors import CursorSigner
from ddbmodel.query.explanations import Explanation, warnings_of
from ddbmodel.query.key_conditions import check_filter, key_condition_of
from ddbmodel.query.projected_paths import projected_paths
from ddbmodel.query.sources import Source, source_of
from ddbmodel.transport.executor import Executor, Request, Response
from ddbmodel.values.wire import Item

__all__ = ["Page", "Query", "ReadContext", "Scan", "query", "scan"]

M = TypeVar("M", bound=Model)
R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)
T = TypeVar("T")
A1 = TypeVar("A1")
A2 = TypeVar("A2")
A3 = TypeVar("A3")
A4 = TypeVar("A4")
A5 = TypeVar("A5")
A6 = TypeVar("A6")

MAX_SEGMENTS: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Page(Generic[R_co]):
    """Some results, and the cursor of the next page; None at the end.

    A page may be empty and still have a cursor, since a page ends after a number of items evaluated, not returned.
    """

    items: list[R_co]
    cursor: str | None


@dataclass(frozen=True, slots=True)
class ReadContext:
    """What reads need of a database."""

    executor: Executor
    signer: CursorSigner


@dataclass(frozen=True)
class Query(Generic[R]):
    """A query or scan that nothing has been sent of yet; every method returns a new one."""

    _context: ReadContext
    _source: Source
    _key_condition: Condition | None
    _filters: tuple[Condition, ...] = ()
    _columns: tuple[Attr[Any], ...] = ()
    _forward: bool = True
    _limit: int | None = None
    _page_size: int | None = None
    _consistent: bool = False
    _full: bool = False
    _segments: int = 1

    def filter(self, *conditions: Condition) -> Self:
        """Return it with more conditions, all of which a result must meet; they are evaluated after reading.

        Raises:
            InvalidRequest: a condition on a key attribute of what is queried, or on one that an index lacks.
        """
        for condition in conditions:
            check_filter(self._source, condition, is_query=self._key_condition is not None)
        return replace(self, _filters=self._filters + conditions)

    @overload
    def select(self, a: Attr[A1], /) -> Query[tuple[A1]]: ...
    @overload
    def select(self, a: Attr[A1], b: Attr[A2], /) -> Query[tuple[A1, A2]]: ...
    @overload
    def select(self, a: Attr[A1], b: Attr[A2], c: Attr[A3], /) -> Query[tuple[A1, A2, A3]]: ...
    @overload
    def select(self, a: Attr[A1], b: Attr[A2], c: Attr[A3], d: Attr[A4], /) -> Query[tuple[A1, A2, A3, A4]]: ...
    @overload
    def select(
        self, a: Attr[A1], b: Attr[A2], c: Attr[A3], d: Attr[A4], e: Attr[A5], /
    ) -> Query[tuple[A1, A2, A3, A4, A5]]: ...
    @overload
    def select(
        self, a: Attr[A1], b: Attr[A2], c: Attr[A3], d: Attr[A4], e: Attr[A5], f: Attr[A6], /
    ) -> Query[tuple[A1, A2, A3, A4, A5, A6]]: ...
    @overload
    def select(self, *columns: Attr[Any]) -> Query[tuple[Any, ...]]: ...
    def select(self, *columns: Attr[Any]) -> Query[Any]:
        """Return it with results that are tuples of these attributes; None stands where one is absent.

        Raises:
            InvalidRequest: an attribute that the index does not hold, or of which another one is a part.
        """
        if not columns:
            raise InvalidRequest(f"{self._source.name}: select needs at least one attribute")
        if self._full:
            raise self._either_whole_or_parts()
        for column in columns:
            if not isinstance(column, Attr):
                raise InvalidRequest(
                    f"{self._source.name}: select takes attributes, as in Score.points; got a {type(column).__name__}"
                )
            projected = self._source.projected
            if projected is not None and column.path.steps[0] not in projected and not self._is_local:
                raise InvalidRequest(
                    f"{self._source.name} does not hold {column.path.steps[0]!r}; project it into the index, or read "
                    "whole models with .full()"
                )
        try:
            check_projection(Projection(tuple(dict.fromkeys(column.path for column in columns))))
        except InvalidExpression as error:
            raise InvalidRequest(f"{self._source.name}: select: {error.message}") from None
        return replace(self, _columns=columns)

    def ascending(self) -> Self:
        """Return it in the order of the sort key."""
        return replace(self, _forward=True)

    def descending(self) -> Self:
        """Return it in the reverse order of the sort key."""
        return replace(self, _forward=False)

    def limit(self, items: int) -> Self:
        """Return it with at most so many results, after filters; reading stops there."""
        return replace(self, _limit=_positive("limit", items))

    def page_size(self, items: int) -> Self:
        """Return it with pages of at most so many items evaluated, before filters."""
        return replace(self, _page_size=_positive("page_size", items))

    def consistent(self) -> Self:
        """Return it as a strongly consistent read, which costs twice as much; not for global indexes."""
        index = self._source.index
        if index is not None and index.kind == "global":
            raise InvalidRequest(
                f"{self._source.name}: a global index has no strongly consistent reads; query the table instead"
            )
        return replace(self, _consistent=True)

    def full(self) -> Self:
        """Return it with whole models although the index holds only a part: a further read for every result."""
        if self._columns:
            raise self._either_whole_or_parts()
        return replace(self, _full=True)

    def request(self) -> Request:
        """Return the exact request of the first page."""
        return self._request(count=False)

    def explain(self) -> Explanation:
        """Return what is read and how, with warnings about what costs more than it seems; nothing is sent."""
        request = self.request()
        warnings = warnings_of(self._source, request, reads_table=self._full and self._source.projected is not None)
        return Explanation(self._operation, self._source.name, request, warnings)

    async def all(self) -> list[R]:
        """Return every result."""
        async with aclosing(self._results()) as results:
            return [result async for result in results]

    async def first(self) -> R | None:
        """Return the first result, None when there is none."""
        return next(iter(await replace(self, _limit=1).all()), None)

    async def one(self) -> R:
        """Return the only result.

        Raises:
            NotFound: there is none.
            InvalidRequest: there are several.
        """
        found = await replace(self, _limit=2).all()
        if not found:
            raise NotFound(f"{self._source.name}: no item meets the conditions")
        if len(found) > 1:
            raise InvalidRequest(f"{self._source.name}: more than one item meets the conditions; use first() or all()")
        return found[0]

    async def count(self) -> int:
        """Return the number of results; it reads, and costs, as much as fetching them."""
        total = 0
        async with aclosing(self._responses(count=True)) as responses:
            async for response in responses:
                total += response["Count"]
                if self._limit is not None and total >= self._limit:
                    return self._limit
        return total

    async def page(self, cursor: str | None = None) -> Page[R]:
        """Return one page: the first, or the one that a cursor of the same query continues with.

        Raises:
            InvalidCursor: the cursor was changed, belongs to another query, or was made with another secret.
        """
        if self._limit is not None or self._segments > 1:
            raise InvalidRequest(f"{self._source.name}: pages have a page_size(), and no limit() or segments()")
        request = self.request()
        if cursor is not None:
            request = {**request, "ExclusiveStartKey": self._context.signer.open(cursor, request)}
        response = await self._context.executor.execute(self._operation, request)
        last_key = response.get("LastEvaluatedKey")
        results = [result for _, result in await self._decoded(response)]
        return Page(results, None if last_key is None else self._context.signer.sign(last_key, self.request()))

    def __aiter__(self) -> AsyncIterator[R]:
        """Yield every result; pages are read as they are needed, and empty ones do not end it."""
        return self._results()

    @property
    def _operation(self) -> str:
        return "Scan" if self._key_condition is None else "Query"

    @property
    def _is_local(self) -> bool:
        return self._source.index is not None and self._source.index.kind == "local"

    def _request(self, *, count: bool) -> Request:
        source, renderer = self._source, Renderer()
        request: Request = {"TableName": source.table}
        if source.index is not None:
            request["IndexName"] = source.index.name
        if self._key_condition is not None:
            request["KeyConditionExpression"] = renderer.condition(self._key_condition)
        condition = all_of(self._filters)
        if condition is not None:
            request["FilterExpression"] = renderer.condition(condition)
        if count:
            request["Select"] = "COUNT"
        elif self._columns:
            paths = projected_paths([column.path for column in self._columns])
            asked = tuple(dict.fromkeys(path.asked for path in paths))
            request["ProjectionExpression"] = renderer.projection(Projection(asked))
        else:
            self._check_whole()
            if self._full and self._is_local and self._source.projected is not None:
                request["Select"] = "ALL_ATTRIBUTES"
        if not self._forward:
            request["ScanIndexForward"] = False
        page_size = self._page_size
        if self._limit is not None and not self._filters and not count:
            page_size = min(self._limit, page_size or self._limit)
        if page_size is not None:
            request["Limit"] = page_size
        if self._consistent:
            request["ConsistentRead"] = True
        return request | renderer.placeholders()

    def _either_whole_or_parts(self) -> InvalidRequest:
        return InvalidRequest(f"{self._source.name}: full() reads whole models, select() parts; use one of them")

    def _check_whole(self) -> None:
        if self._source.projected is not None and not self._full:
            # Even with every field of the model, an entry lacks the attributes that the model does not know; a model
            # made from it would lose them when it is put.
            missing = self._source.fields_not_projected or ["attributes that the model does not know"]
            raise InvalidRequest(
                f"{self._source.name} does not hold {', '.join(missing)}, so it cannot give whole models; take what it "
                "holds with .select(...), or read the whole items too with .full()"
            )

    async def with_items(self) -> AsyncGenerator[tuple[Item, R], None]:
        """Yield every result with the stored item that it was made from, for those who compare the two."""
        left = self._limit
        async with aclosing(self._responses(count=False)) as responses:
            async for response in responses:
                for result in await self._decoded(response):
                    if left is not None:
                        if left == 0:
                            return
                        left -= 1
                    yield result
                if left == 0:
                    return

    async def _results(self) -> AsyncGenerator[R, None]:
        async with aclosing(self.with_items()) as pairs:
            async for _, result in pairs:
                yield result

    async def _responses(self, *, count: bool) -> AsyncGenerator[Response, None]:
        request = self._request(count=count)
        if self._segments == 1:
            async with aclosing(self._responses_of(request)) as responses:
                async for response in responses:
                    yield response
            return
        pages = (
            self._responses_of({**request, "Segment": number, "TotalSegments": self._segments})
            for number in range(self._segments)
        )
        async with aclosing(_merged(tuple(pages))) as responses:
            async for response in responses:
                yield response

    async def _responses_of(self, request: Request) -> AsyncGenerator[Response, None]:
        while True:
            response = await self._context.executor.execute(self._operation, request)
            yield response
            last_key = response.get("LastEvaluatedKey")
            if last_key is None:
                return
            request = {**request, "ExclusiveStartKey": last_key}

    async def _decoded(self, response: Response) -> list[tuple[Item, R]]:
        items: list[Item] = response.get("Items", [])
        model = self._source.model
        if self._columns:
            return list(zip(items, cast("list[R]", self._rows(items)), strict=True))
        if self._full and not self._is_local and self._source.projected is not None:
            keys = [model.key_of_item(item) for item in items]
            whole = await get_items(self._context.executor, model, keys)
            # An entry may outlive its item for a moment, since a global index follows the table.
            items = [whole[key] for key in keys if key in whole]
        return [(item, model.from_item(item)) for item in items]

    def _rows(self, items: list[Item]) -> list[tuple[Any, ...]]:
        paths = projected_paths([column.path for column in self._columns])
        columns = list(zip(self._columns, paths, strict=True))
        return [tuple(column.decode(value_at(path.place, item)) for column, path in columns) for item in items]


@dataclass(frozen=True)
class Scan(Query[R]):
    """A scan: it reads the whole table or index, and has no order."""

    def segments(self, count: int) -> Self:
        """Return it read in so many parallel parts, whose results come as they arrive."""
        if not isinstance(count, int) or isinstance(count, bool) or not 1 <= count <= MAX_SEGMENTS:
            raise InvalidRequest(f"segments takes 1 to {MAX_SEGMENTS:,}, got {count!r}")
        return replace(self, _segments=count)

    def ascending(self) -> Self:
        """Refuse: a scan has no order."""
        raise self._no_order()

    def descending(self) -> Self:
        """Refuse: a scan has no order."""
        raise self._no_order()

    def _no_order(self) -> InvalidRequest:
        return InvalidRequest(f"{self._source.name}: a scan has no order; query a partition to read it in key order")


def query(context: ReadContext, target: type[M] | Index[M], conditions: tuple[Condition, ...]) -> Query[M]:
    """Return the query of a table or index by key conditions."""
    source = source_of(target)
    return Query(context, source, key_condition_of(source, conditions))


def scan(context: ReadContext, target: type[M] | Index[M]) -> Scan[M]:
    """Return the scan of a table or index."""
    return Scan(context, source_of(target), None)


def _positive(name: str, items: int) -> int:
    if not isinstance(items, int) or isinstance(items, bool) or items < 1:
        got = items if isinstance(items, int) else f"a {type(items).__name__}"
        raise InvalidRequest(f"{name} takes a whole number of items, 1 or more; got {got}")
    return items


async def _merged(sources: Sequence[AsyncGenerator[T, None]]) -> AsyncGenerator[T, None]:
    """Yield from several iterators as their values arrive; none runs more than one value ahead."""
    # The queue is small, so that a slow reader holds the others up instead of filling the memory.
    queue: asyncio.Queue[tuple[T | None, BaseException | None]] = asyncio.Queue(maxsize=1)

    async def feed(source: AsyncGenerator[T, None]) -> None:
        try:
            async with aclosing(source):
                async for value in source:
                    await queue.put((value, None))
        except Exception as error:
            await queue.put((None, error))
        else:
            await queue.put((None, None))

    tasks = [asyncio.ensure_future(feed(source)) for source in sources]
    running = len(tasks)
    try:
        while running:
            value, error = await queue.get()
            if error is not None:
                raise error
            if value is None:
                running -= 1
            else:
                yield value
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
