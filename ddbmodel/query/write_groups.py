"""Carries out a stream of writes in groups, several groups at a time, in bounded memory.

Two writes of one key are never under way together, so that the order in which they were given is the order in which
they happen. The next write of a key that is under way is kept back until that one is finished::

    input ─► forming: the next group, one write of a key ─► under way: `at_once` groups
                 ▲                                              │
                 └────── kept back: next writes of these keys ◄─┘

Where the last write of a key is all that counts, it replaces an earlier one that was not sent yet.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from ddbmodel.model import Key
from ddbmodel.query.batch_report import Tally
from ddbmodel.query.item_requests import ItemWrite

__all__ = ["Entry", "Send", "WriteGroups"]


@dataclass(frozen=True, slots=True)
class Entry:
    """A write, and what the caller gave for it.

    Attributes:
        position: of it in the input.
    """

    target: object
    write: ItemWrite
    position: int

    @property
    def key(self) -> Key[Any]:
        """The key of its item."""
        return self.write.key


Send: TypeAlias = Callable[[list[Entry]], Awaitable[None]]
"""Carries out a group, and notes in the tally what became of each of its writes."""


class WriteGroups:
    """Groups writes and sends them.

    Args:
        size: how many writes a group has at most.
        at_once: how many groups are under way at most.
        last_counts: a write replaces an earlier one of its key that was not sent yet.
    """

    def __init__(self, send: Send, tally: Tally, *, size: int, at_once: int, last_counts: bool) -> None:
        self._send, self._tally = send, tally
        self._size, self._at_once, self._last_counts = size, at_once, last_counts
        self._forming: dict[Key[Any], Entry] = {}
        self._under_way: dict[asyncio.Task[None], list[Entry]] = {}
        self._busy: set[Key[Any]] = set()
        self._kept_back: dict[Key[Any], deque[Entry]] = {}
        self._kept_back_count = 0

    async def run(self, entries: AsyncIterator[Entry]) -> None:
        """Carry out all writes, or as many as there are before the tally says stop.

        Raises:
            Exception: what the input or the progress function raised, after the groups under way have ended; a note
                on it says how far the work came. So does one on a cancellation, which ends these groups at once.
        """
        try:
            async for entry in entries:
                self._take(entry)
                while len(self._forming) >= self._size or self._kept_back_count > self._size * self._at_once:
                    await self._advance()
                if self._tally.stopped:
                    break
            while (self._forming or self._under_way) and not self._tally.stopped:
                await self._advance()
            while self._under_way:
                await self._finish_one()
            # Something at the end of the input may have failed without being sent.
            await self._tally.tell()
        except BaseException as error:
            await self._end(error)
            raise
        for entry in self._unsent():
            self._tally.skipped(entry.position, entry.target)

    def _take(self, entry: Entry) -> None:
        if entry.key in self._busy or (entry.key in self._forming and not self._last_counts):
            waiting = self._kept_back.setdefault(entry.key, deque())
            if waiting and self._last_counts:
                waiting.clear()
                self._kept_back_count -= 1
                self._tally.report.replaced += 1
            waiting.append(entry)
            self._kept_back_count += 1
        else:
            self._tally.report.replaced += entry.key in self._forming
            self._forming[entry.key] = entry

    async def _advance(self) -> None:
        if self._forming and len(self._under_way) < self._at_once:
            self._start()
        else:
            await self._finish_one()

    def _start(self) -> None:
        group = [self._forming.pop(key) for key in list(self._forming)[: self._size]]
        self._busy.update(entry.key for entry in group)
        self._under_way[asyncio.ensure_future(self._send(group))] = group

    async def _finish_one(self) -> None:
        finished, _ = await asyncio.wait(self._under_way, return_when=asyncio.FIRST_COMPLETED)
        for task in finished:
            group = self._under_way.pop(task)
            for entry in group:
                self._busy.discard(entry.key)
                self._release(entry.key)
            task.result()
        await self._tally.tell()

    def _release(self, key: Key[Any]) -> None:
        waiting = self._kept_back.get(key)
        if waiting:
            self._forming[key] = waiting.popleft()
            self._kept_back_count -= 1
            if not waiting:
                del self._kept_back[key]

    async def _end(self, error: BaseException) -> None:
        self._tally.end()
        sent = sum(map(len, self._under_way.values()))
        if not isinstance(error, Exception):
            for task in self._under_way:
                task.cancel()
        done_before = self._tally.report.done
        await asyncio.gather(*self._under_way, return_exceptions=True)
        # What was cancelled half-way may have reached the service.
        unknown = max(0, sent - (self._tally.report.done - done_before)) if not isinstance(error, Exception) else 0
        report = self._tally.report
        unsent = len(self._unsent()) + len(report.skipped)
        error.add_note(
            f"{self._tally.call} was ended by this: {report.done:,} were done, {len(report.failed):,} failed, "
            f"{unknown:,} were sent and may be done, {unsent:,} more were read and not sent"
        )

    def _unsent(self) -> list[Entry]:
        kept_back = [entry for waiting in self._kept_back.values() for entry in waiting]
        return [*self._forming.values(), *kept_back]
