"""Does one thing once for all who ask for it at the same time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

__all__ = ["SingleFlight"]

R = TypeVar("R")


@dataclass(slots=True, eq=False)
class _Flight(Generic[R]):
    task: asyncio.Task[R]
    waiting: int = 0


class SingleFlight(Generic[R]):
    """What is under way, by what it is for.

    All who ask while it is under way are given its result or its error. One who is cancelled stops only itself; when
    all are, the thing is cancelled, too.
    """

    def __init__(self) -> None:
        self._flights: dict[Hashable, _Flight[R]] = {}

    async def do(self, what: Hashable, begin: Callable[[], Awaitable[R]]) -> R:
        """Return the result of what is under way, which is begun where nothing is."""
        flight = self._flights.get(what)
        if flight is None:
            flight = self._flights[what] = _Flight(asyncio.ensure_future(_awaited(begin)))
            flight.task.add_done_callback(lambda _: self._ended(what, flight))
        flight.waiting += 1
        try:
            return await asyncio.shield(flight.task)
        finally:
            flight.waiting -= 1
            if not flight.waiting and not flight.task.done():
                # Who asks from now on must not wait for what is being given up.
                self._ended(what, flight)
                flight.task.cancel()

    def _ended(self, what: Hashable, flight: _Flight[R]) -> None:
        if self._flights.get(what) is flight:
            del self._flights[what]


async def _awaited(begin: Callable[[], Awaitable[R]]) -> R:
    return await begin()
