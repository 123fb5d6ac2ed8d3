"""The pages of one read as they come: one after the other, one ahead, or from several parts side by side."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterable, Iterator
from contextlib import aclosing
from dataclasses import dataclass
from typing import TypeVar

from ddbmodel.transport.executor import Executor, Request, Response

__all__ = ["Wanted", "merged", "pages_of"]

T = TypeVar("T")


@dataclass(slots=True)
class Wanted:
    """How much the reader still wants; the reader lowers it, and the pages follow.

    Attributes:
        left: results; None for all of them.
        cuts_pages: whether a page is no larger than what is left.
    """

    left: int | None
    cuts_pages: bool


async def pages_of(
    executor: Executor, operation: str, request: Request, wanted: Wanted, *, page_size: int | None, ahead: bool
) -> AsyncGenerator[Response, None]:
    """Yield the answers of a query or scan, page by page, until the last one.

    Args:
        page_size: items evaluated for a page at most; None leaves that to the service.
        ahead: ask for the next page while the reader works on one; never for more than one, and never when the page
            may be enough. It is given up when the reader stops, and its error is raised when the reader asks for it.
    """
    coming: asyncio.Task[Response] | None = None
    try:
        while True:
            if coming is None:
                response = await executor.execute(operation, request)
            else:
                response, coming = await coming, None
            last_key, before = response.get("LastEvaluatedKey"), wanted.left
            if last_key is None:
                yield response
                return
            request = {**request, "ExclusiveStartKey": last_key}
            found = response.get("Count", len(response.get("Items", ())))
            if ahead and (before is None or found < before):
                _cut(request, wanted, found, page_size)
                coming = asyncio.ensure_future(executor.execute(operation, request))
                yield response
            else:
                yield response
                _cut(request, wanted, 0, page_size, gave_nothing=wanted.left == before)
    finally:
        if coming is not None:
            coming.cancel()
            await asyncio.gather(coming, return_exceptions=True)


async def merged(sources: Iterable[AsyncGenerator[T, None]], at_once: int) -> AsyncGenerator[T, None]:
    """Yield from several iterators as their values arrive; none runs more than one value ahead of the reader.

    Args:
        at_once: how many of them are read side by side; the others start as these end.
    """
    # The queue is small, so that a slow reader holds the others up instead of filling the memory.
    queue: asyncio.Queue[tuple[T | None, BaseException | None]] = asyncio.Queue(maxsize=1)
    waiting: Iterator[AsyncGenerator[T, None]] = iter(sources)

    async def feed() -> None:
        try:
            for source in waiting:
                async with aclosing(source):
                    async for value in source:
                        await queue.put((value, None))
        except Exception as error:
            await queue.put((None, error))
        else:
            await queue.put((None, None))

    tasks = [asyncio.ensure_future(feed()) for _ in range(at_once)]
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


def _cut(request: Request, wanted: Wanted, coming: int, page_size: int | None, *, gave_nothing: bool = False) -> None:
    """Make the next page as large as what is left, or twice the last one when that held nothing to show."""
    if wanted.left is None or not wanted.cuts_pages:
        return
    limit = max(1, wanted.left - coming)
    if gave_nothing:
        limit = max(limit, 2 * request["Limit"])
    request["Limit"] = limit if page_size is None else min(limit, page_size)
