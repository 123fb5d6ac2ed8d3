"""The most frequent of many things in bounded memory: the Space-Saving algorithm; pure.

When all counters are taken, a new thing takes over the smallest one, count and all. So a count is too large by at most
what it took over, and whatever came more often than the smallest count has a counter.

Source: Metwally, Agrawal, El Abbadi, "Efficient Computation of Frequent and Top-k Elements in Data Streams" (2005).
"""

from __future__ import annotations

import heapq
from collections.abc import Hashable
from typing import Generic, TypeVar

__all__ = ["SpaceSaving"]

T = TypeVar("T", bound=Hashable)


class SpaceSaving(Generic[T]):
    """Counts things, the most frequent of them exactly or a little too high.

    Args:
        capacity: how many things are counted at once.
    """

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self.total = 0
        self._counts: dict[T, tuple[int, int]] = {}
        # The counts as they were when they were pushed, one of each thing; a stale one is pushed again when it is met.
        self._smallest: list[tuple[int, int, T]] = []
        self._pushed = 0

    def add(self, thing: T) -> None:
        """Count one more of a thing."""
        self.total += 1
        known = self._counts.get(thing)
        if known is not None:
            self._counts[thing] = (known[0] + 1, known[1])
            return
        taken_over = self._take_over() if len(self._counts) == self.capacity else 0
        self._counts[thing] = (taken_over + 1, taken_over)
        self._push(thing)

    def top(self, count: int) -> list[tuple[T, int, int]]:
        """Return the most frequent things, each with its count and by how much that may be too high."""
        chosen = heapq.nlargest(count, self._counts.items(), key=lambda counted: counted[1][0])
        return [(thing, times, excess) for thing, (times, excess) in chosen]

    def _take_over(self) -> int:
        while True:
            pushed, _, thing = heapq.heappop(self._smallest)
            times = self._counts[thing][0]
            if times == pushed:
                del self._counts[thing]
                return times
            self._push(thing)

    def _push(self, thing: T) -> None:
        # The number in the middle decides between equal counts, so that things need no order.
        self._pushed += 1
        heapq.heappush(self._smallest, (self._counts[thing][0], self._pushed, thing))
