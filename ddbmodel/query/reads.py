"""Queries and scans: immutable builders that show their request, and send it page by page when they are awaited on.

```
db.query(Score.leaderboard, Score.game == "tetris")  ── .filter .select .descending .limit .page_size .consistent ...
                                                     └─ async for, .all .first .one .exists .count .page .explain
```
A *limit* counts returned items; a *page size* counts items that the service evaluates before it filters. What a builder
was told is a `ReadPlan`; this file is the shell that carries it out.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Any, Final, Generic, Self, TypeVar, cast, overload

from ddbmodel.errors import InvalidRequest, NotFound
from ddbmodel.expressions.evaluate import value_at
from ddbmodel.expressions.tree import Condition
from ddbmodel.model import Attr, Collection, Index, Model
from ddbmodel.model.codec import codec_of
from ddbmodel.query.batches import get_items
from ddbmodel.query.cursors import CursorSigner
from ddbmodel.query.explanations import Explanation, WarningCode, warnings_of
from ddbmodel.query.hooks import load_all
from ddbmodel.query.key_conditions import check_filter, key_condition_of
from ddbmodel.query.lint import Lint, check_allowed, lint
from ddbmodel.query.page_stream import Wanted, merged, pages_of
from ddbmodel.query.projected_paths import projected_paths
from ddbmodel.query.read_plan import SEGMENTS_AT_ONCE, ReadPlan
from ddbmodel.query.sources import source_of
from ddbmodel.query.visibility import Hiding
from ddbmodel.transport.executor import Executor, Request, Response, service_time_s
from ddbmodel.values.wire import Item

__all__ = ["Page", "Query", "ReadContext", "Scan", "query", "scan"]

M = TypeVar("M", bound=Model)
R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)
A1 = TypeVar("A1")
A2 = TypeVar("A2")
A3 = TypeVar("A3")
A4 = TypeVar("A4")
A5 = TypeVar("A5")
A6 = TypeVar("A6")
A7 = TypeVar("A7")
A8 = TypeVar("A8")
A9 = TypeVar("A9")
A10 = TypeVar("A10")

MAX_SEGMENTS: Final = 1_000_000
# Whole items of an index's entries are read so many at a time: four batches of the service.
_FULL_READS: Final = 400


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
    lint: Lint = "off"


@dataclass(frozen=True)
class Query(Generic[R]):
    """A query or scan that nothing has been sent of yet; every method returns a new one."""

    _context: ReadContext
    _plan: ReadPlan

    def filter(self, *conditions: Condition) -> Self:
        """Return it with more conditions, all of which a result must meet; they are evaluated after reading.

        Raises:
            InvalidRequest: a condition on a key attribute of what is queried, or on one that an index lacks.
        """
        for condition in conditions:
            check_filter(self._plan.source, condition, is_query=self._plan.is_query)
        return self._with(filters=self._plan.filters + conditions)

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
    def select(
        self, a: Attr[A1], b: Attr[A2], c: Attr[A3], d: Attr[A4], e: Attr[A5], f: Attr[A6], g: Attr[A7], /
    ) -> Query[tuple[A1, A2, A3, A4, A5, A6, A7]]: ...
    @overload
    def select(
        self, a: Attr[A1], b: Attr[A2], c: Attr[A3], d: Attr[A4], e: Attr[A5], f: Attr[A6], g: Attr[A7], h: Attr[A8], /
    ) -> Query[tuple[A1, A2, A3, A4, A5, A6, A7, A8]]: ...
    @overload
    def select(
        self,
        a: Attr[A1],
        b: Attr[A2],
        c: Attr[A3],
        d: Attr[A4],
        e: Attr[A5],
        f: Attr[A6],
        g: Attr[A7],
        h: Attr[A8],
        i: Attr[A9],
        /,
    ) -> Query[tuple[A1, A2, A3, A4, A5, A6, A7, A8, A9]]: ...
    @overload
    def select(
        self,
        a: Attr[A1],
        b: Attr[A2],
        c: Attr[A3],
        d: Attr[A4],
        e: Attr[A5],
        f: Attr[A6],
        g: Attr[A7],
        h: Attr[A8],
        i: Attr[A9],
        j: Attr[A10],
        /,
    ) -> Query[tuple[A1, A2, A3, A4, A5, A6, A7, A8, A9, A10]]: ...
    @overload
    def select(self, *columns: Attr[Any]) -> Query[tuple[Any, ...]]: ...
    def select(self, *columns: Attr[Any]) -> Query[Any]:
        """Return it with results that are tuples of these attributes; None stands where one is absent.

        Raises:
            InvalidRequest: an attribute that the index does not hold, or of which another one is a part.
        """
        if self._plan.full:
            raise self._either_whole_or_parts()
        self._plan.check_columns(columns)
        return self._with(columns=columns)

    def ascending(self) -> Self:
        """Return it in the order of the sort key."""
        return self._with(forward=True)

    def descending(self) -> Self:
        """Return it in the reverse order of the sort key."""
        return self._with(forward=False)

    def limit(self, items: int) -> Self:
        """Return it with at most so many results, after filters; reading stops there."""
        return self._with(limit=_positive("limit", items))

    def page_size(self, items: int) -> Self:
        """Return it with pages of at most so many items evaluated, before filters."""
        return self._with(page_size=_positive("page_size", items))

    def consistent(self) -> Self:
        """Return it as a strongly consistent read, which costs twice as much; not for global indexes."""
        if self._plan.source.is_global:
            raise InvalidRequest(
                f"{self._plan.source.name}: a global index has no strongly consistent reads; query the table instead"
            )
        return self._with(consistent=True)

    def full(self) -> Self:
        """Return it with whole models although the index holds only a part: a further read for every result."""
        if self._plan.columns:
            raise self._either_whole_or_parts()
        return self._with(full=True)

    def prefetch(self) -> Self:
        """Return it with the next page asked for while one is worked on; one page ahead, and given up on leaving."""
        return self._with(ahead=True)

    def include_expired(self) -> Self:
        """Return it with items whose `ttl()` has passed, which are there until the service deletes them."""
        return self._with(shown=replace(self._plan.shown, expired=True))

    def include_deleted(self) -> Self:
        """Return it with items that were deleted softly, which have a `deleted_at()`."""
        return self._with(shown=replace(self._plan.shown, deleted=True))

    def allow(self, *codes: WarningCode) -> Self:
        """Return it with warnings that the database's ``lint`` lets pass, by their `ReadWarning.code`."""
        return self._with(allowed=self._plan.allowed | check_allowed(codes))

    def request(self) -> Request:
        """Return the exact request of the first page."""
        return self._plan.request(self._hiding())

    def explain(self, *, count: bool = False) -> Explanation:
        """Return what is read and how, with warnings about what costs more than it seems; nothing is sent.

        Args:
            count: explain `count`, which transfers no items.
        """
        plan, hiding = self._plan, self._hiding()
        request = plan.request(hiding, count=count)
        return Explanation(plan.operation, plan.source.name, request, warnings_of(plan, hiding, count=count))

    async def all(self) -> list[R]:
        """Return every result."""
        self._lint()
        return await self._gathered()

    async def first(self) -> R | None:
        """Return the first result, None when there is none."""
        self._lint()
        return next(iter(await self._with(limit=1)._gathered()), None)

    async def one(self) -> R:
        """Return the only result.

        Raises:
            NotFound: there is none.
            InvalidRequest: there are several.
        """
        self._lint()
        found, name = await self._with(limit=2)._gathered(), self._plan.source.name
        if not found:
            raise NotFound(f"{name}: no item meets the conditions")
        if len(found) > 1:
            raise InvalidRequest(f"{name}: more than one item meets the conditions; use first() or all()")
        return found[0]

    async def exists(self) -> bool:
        """Return whether there is a result; reading stops at the first."""
        self._lint()
        return await self._with(limit=1)._counted() > 0

    async def count(self) -> int:
        """Return the number of results, at most the limit; it reads, and costs, as much as fetching them."""
        self._lint(count=True)
        return await self._counted()

    async def page(self, cursor: str | None = None) -> Page[R]:
        """Return one page: the first, or the one that a cursor of the same query continues with.

        Raises:
            InvalidCursor: the cursor was changed, belongs to another query, or was made with another secret.
        """
        plan, hiding, signer = self._plan, self._hiding(), self._context.signer
        if plan.limit is not None or plan.segments > 1:
            raise InvalidRequest(f"{plan.source.name}: pages have a page_size(), and no limit() or segments()")
        # What is hidden changes with the time, which a cursor outlives.
        request, bound = plan.request(hiding), plan.request(None)
        if cursor is not None:
            request["ExclusiveStartKey"] = signer.open(cursor, bound)
        self._lint()
        response = await self._context.executor.execute(plan.operation, request)
        last_key = response.get("LastEvaluatedKey")
        async with aclosing(self._decoded(response, hiding)) as chunks:
            results = [result async for chunk in chunks for _, result in chunk]
        return Page(results, None if last_key is None else signer.sign(last_key, bound))

    def __aiter__(self) -> AsyncIterator[R]:
        """Yield every result; pages are read as they are needed, and empty ones do not end it."""
        self._lint()
        return self._results()

    async def with_items(self) -> AsyncGenerator[tuple[Item, R], None]:
        """Yield every result with the stored item that it was made from, for those who compare the two."""
        self._lint()
        async with aclosing(self._chunks()) as chunks:
            async for chunk in chunks:
                for pair in chunk:
                    yield pair

    def _with(self, **changes: Any) -> Self:
        return replace(self, _plan=replace(self._plan, **changes))

    def _hiding(self) -> Hiding:
        return self._plan.hiding(service_time_s(self._context.executor))

    def _lint(self, *, count: bool = False) -> None:
        if self._context.lint != "off":
            lint(self._context.lint, self._plan, warnings_of(self._plan, self._hiding(), count=count))

    def _either_whole_or_parts(self) -> InvalidRequest:
        return InvalidRequest(f"{self._plan.source.name}: full() reads whole models, select() parts; use one of them")

    async def _results(self) -> AsyncGenerator[R, None]:
        async with aclosing(self._chunks()) as chunks:
            async for chunk in chunks:
                for _, result in chunk:
                    yield result

    async def _gathered(self) -> list[R]:
        async with aclosing(self._chunks()) as chunks:
            return [result async for chunk in chunks for _, result in chunk]

    async def _counted(self) -> int:
        plan, hiding = self._plan, self._hiding()
        if plan.full and hiding.after_reading is not None:
            return len(await self._gathered())
        total, wanted = 0, Wanted(plan.limit, plan.cuts_pages)
        async with aclosing(self._responses(plan.request(hiding, count=True), wanted)) as responses:
            async for response in responses:
                shown = sum(map(hiding.shows, response["Items"])) if hiding.needed else response["Count"]
                total += shown
                if plan.limit is not None:
                    if total >= plan.limit:
                        return plan.limit
                    wanted.left = plan.limit - total
        return total

    async def _chunks(self) -> AsyncGenerator[list[tuple[Item, R]], None]:
        """Yield the results as they become known, some at a time, no more than the limit."""
        plan, hiding = self._plan, self._hiding()
        wanted = Wanted(plan.limit, plan.cuts_pages)
        async with aclosing(self._responses(plan.request(hiding), wanted)) as responses:
            async for response in responses:
                async with aclosing(self._decoded(response, hiding)) as chunks:
                    async for chunk in chunks:
                        if wanted.left is not None:
                            chunk = chunk[: wanted.left]
                            wanted.left -= len(chunk)
                        yield chunk
                        if wanted.left == 0:
                            return

    async def _responses(self, request: Request, wanted: Wanted) -> AsyncGenerator[Response, None]:
        plan = self._plan

        def pages(request: Request) -> AsyncGenerator[Response, None]:
            return pages_of(
                self._context.executor, plan.operation, request, wanted, page_size=plan.page_size, ahead=plan.ahead
            )

        if plan.segments == 1:
            responses = pages(request)
        else:
            parts = (
                pages({**request, "Segment": number, "TotalSegments": plan.segments}) for number in range(plan.segments)
            )
            responses = merged(parts, min(plan.at_once, plan.segments))
        async with aclosing(responses):
            async for response in responses:
                yield response

    async def _decoded(self, response: Response, hiding: Hiding) -> AsyncGenerator[list[tuple[Item, R]], None]:
        items: list[Item] = response.get("Items", [])
        plan, model = self._plan, self._plan.source.model
        if plan.columns:
            shown = [item for item in items if hiding.shows(item)]
            yield list(zip(shown, cast("list[R]", self._rows(shown)), strict=True))
            return
        if not plan.reads_items_after_index:
            shown = [item for item in items if hiding.shows(item)]
            yield list(zip(shown, cast("list[R]", await load_all(plan.source.decode, shown)), strict=True))
            return
        for start in range(0, len(items), _FULL_READS):
            keys = [model.key_of_item(item) for item in items[start : start + _FULL_READS]]
            whole = await get_items(self._context.executor, model, keys)
            # An entry may outlive its item for a moment, since a global index follows the table.
            shown = [whole[key] for key in keys if key in whole and hiding.shows(whole[key])]
            yield list(zip(shown, cast("list[R]", await load_all(plan.source.decode, shown)), strict=True))

    def _rows(self, items: list[Item]) -> list[tuple[Any, ...]]:
        paths = projected_paths([column.path for column in self._plan.columns])
        columns = list(zip(self._plan.columns, paths, strict=True))
        codec = codec_of(self._plan.source.model)
        if codec.not_stored:
            items = [{**item, **codec.fields_in_key(item, needed_only=True)} for item in items]
        return [tuple(column.decode(value_at(path.place, item)) for column, path in columns) for item in items]


@dataclass(frozen=True)
class Scan(Query[R]):
    """A scan: it reads the whole table or index, and has no order."""

    def segments(self, count: int, *, at_once: int = SEGMENTS_AT_ONCE) -> Self:
        """Return it read in so many parallel parts, whose results come as they arrive.

        Args:
            at_once: how many parts are read side by side; each holds a page in memory.
        """
        for name, number in (("segments", count), ("at_once", at_once)):
            if not isinstance(number, int) or isinstance(number, bool) or not 1 <= number <= MAX_SEGMENTS:
                raise InvalidRequest(f"{name} takes 1 to {MAX_SEGMENTS:,}, got {number!r}")
        return self._with(segments=count, at_once=at_once)

    def ascending(self) -> Self:
        """Refuse: a scan has no order."""
        raise self._no_order()

    def descending(self) -> Self:
        """Refuse: a scan has no order."""
        raise self._no_order()

    def _no_order(self) -> InvalidRequest:
        return InvalidRequest(
            f"{self._plan.source.name}: a scan has no order; query a partition to read it in key order"
        )


def query(
    context: ReadContext, target: type[M] | Index[M] | Collection[M], conditions: tuple[Condition, ...]
) -> Query[M]:
    """Return the query of a table or index by key conditions."""
    source = source_of(target)
    return Query(context, ReadPlan(source, key_condition_of(source, conditions)))


def scan(context: ReadContext, target: type[M] | Index[M]) -> Scan[M]:
    """Return the scan of a table or index."""
    return Scan(context, ReadPlan(source_of(target), None))


def _positive(name: str, items: int) -> int:
    if not isinstance(items, int) or isinstance(items, bool) or items < 1:
        got = items if isinstance(items, int) else f"a {type(items).__name__}"
        raise InvalidRequest(f"{name} takes a whole number of items, 1 or more; got {got}")
    return items
