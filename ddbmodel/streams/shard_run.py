"""One shard being read for some handlers: one reader, each handler at its own place, cursors kept as they move."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Final

from ddbmodel.errors import DdbModelError, OutcomeUnknown
from ddbmodel.streams.consumer import Consumer
from ddbmodel.streams.cursors import Cursor, CursorStore
from ddbmodel.streams.delivery import retry_delay_s
from ddbmodel.streams.handlers import Handler
from ddbmodel.streams.records import sequence_order
from ddbmodel.streams.shard_reader import Page, ShardReader
from ddbmodel.transport.executor import Executor

__all__ = ["EMPTY_PAGES_AT_END", "ShardRun"]

_log: Final = logging.getLogger("ddbmodel.streams")

_FIRST_IDLE_S: Final = 0.05
_LONGEST_IDLE_S: Final = 1.0
_SAVE_EVERY_S: Final = 0.2
# One empty page says little on the service, which stops after some amount of work, found something or not.
EMPTY_PAGES_AT_END: Final = 4


class ShardRun:
    """Reads a shard and delivers it until the shard ends or `stop`.

    Args:
        starts: where each handler begins.
        is_pushed: `wake` is called when there is something to read; without, the shard is polled.
        on_finished: called for a handler that completed a shard that is closed.
        on_failure: called after every failure of a handler.
        on_halt: called with what ended the reading, or keeps cursors from being stored.
    """

    def __init__(
        self,
        executor: Executor,
        cursors: CursorStore,
        stream_arn: str,
        shard_id: str,
        starts: Sequence[tuple[Handler, Cursor]],
        *,
        is_pushed: bool,
        on_finished: Callable[[Handler, str], None],
        on_failure: Callable[[Consumer], None],
        on_halt: Callable[[BaseException], None],
    ) -> None:
        self._cursors, self._stream_arn, self._shard_id = cursors, stream_arn, shard_id
        self._reader = ShardReader(executor, stream_arn, shard_id)
        self._is_pushed = is_pushed
        self._on_finished, self._on_halt = on_finished, on_halt
        self._wake, self._moved, self._ending = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self._saving = asyncio.Lock()
        self._has_read_all = False
        self._asking: list[_Question] = []
        self.consumers = [
            Consumer(handler, cursor.after, on_room=self._wake.set, on_progress=self._moved.set, on_failure=on_failure)
            for handler, cursor in starts
        ]
        self._saved = {consumer: cursor for consumer, (_, cursor) in zip(self.consumers, starts, strict=True)}
        self._finished = {consumer: asyncio.Event() for consumer in self.consumers}
        self._serving = len(self.consumers)

    async def run(self) -> None:
        """Read, deliver and store cursors, until the end."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._read())
            tasks.create_task(self._keep_saving())
            for consumer in self.consumers:
                tasks.create_task(self._serve(consumer))

    def wake(self) -> None:
        """Say that there may be something to read."""
        self._wake.set()

    def stop(self) -> None:
        """Let `run` end once the records that handlers are at are finished."""
        self._ending.set()
        self._wake.set()
        self._moved.set()
        for consumer in self.consumers:
            consumer.stop()

    async def settled(self) -> None:
        """Wait until every record that is in the shard now is completed, and the cursors say so."""
        if not self._has_read_all:
            question = _Question(asyncio.get_running_loop().create_future())
            self._asking.append(question)
            self._wake.set()
            await question.answer
        ends = [consumer.delivery.read_to for consumer in self.consumers]
        for consumer, end in zip(self.consumers, ends, strict=True):
            await consumer.passed(end)
            if consumer.at_end:
                # Only then does anybody look for the children of the shard.
                await self._finished[consumer].wait()
        await self._save()

    async def _read(self) -> None:
        idle_s, failures = _FIRST_IDLE_S, 0
        try:
            while not self._ending.is_set() and not all(consumer.at_end for consumer in self.consumers):
                self._wake.clear()
                asked = list(self._asking)
                readable = [consumer for consumer in self.consumers if consumer.has_room]
                if not readable:
                    await self._wake.wait()
                    continue
                after = min((consumer.delivery.read_to for consumer in readable), key=sequence_order)
                try:
                    page = await self._reader.page_after(after)
                except DdbModelError as error:
                    if not error.retryable:
                        raise
                    failures += 1
                    _log.warning("reading %s: %s; again", self._shard_id, type(error).__name__)
                    await _wait(self._ending, retry_delay_s(failures))
                    continue
                failures = 0
                for consumer in readable:
                    consumer.offer(page.records, is_last=page.is_last)
                self._answer(asked, page, is_for_all=all(each.has_room or each.at_end for each in self.consumers))
                if page.records:
                    idle_s = _FIRST_IDLE_S
                    await asyncio.sleep(0)
                else:
                    # A shard that closes wakes nobody, so even a pushed reader looks from time to time.
                    await _wait(self._wake, _LONGEST_IDLE_S if self._is_pushed else _FIRST_IDLE_S if asked else idle_s)
                    idle_s = min(2 * idle_s, _LONGEST_IDLE_S)
            self._has_read_all = True
            self._answer(self._asking, None, is_for_all=True)
        except Exception as error:
            self._on_halt(error)

    def _answer(self, asked: list[_Question], page: Page | None, *, is_for_all: bool) -> None:
        """Answer those who asked, before the page was read, whether there is anything left to read."""
        wanted = 1 if self._is_pushed else EMPTY_PAGES_AT_END
        for question in list(asked):
            if page is None or page.is_last:
                question.empty_pages = wanted
            elif page.records or not is_for_all:
                question.empty_pages = 0
            else:
                question.empty_pages += 1
            if is_for_all and question.empty_pages >= wanted:
                self._asking.remove(question)
                if not question.answer.done():
                    question.answer.set_result(None)

    async def _serve(self, consumer: Consumer) -> None:
        async with asyncio.TaskGroup() as lanes:
            for _ in range(consumer.handler.concurrency):
                lanes.create_task(consumer.work())
        self._serving -= 1
        self._moved.set()
        if consumer.cursor.is_done:
            await self._save()
            self._on_finished(consumer.handler, self._shard_id)
            self._finished[consumer].set()
        if not self._serving:
            self._ending.set()

    async def _keep_saving(self) -> None:
        while self._serving or self._unsaved():
            await self._moved.wait()
            self._moved.clear()
            await self._save()
            # Waiting costs only that more records come again after a crash; a write for each would double the load.
            await _wait(self._ending, _SAVE_EVERY_S)

    def _unsaved(self) -> list[Consumer]:
        return [consumer for consumer in self.consumers if consumer.cursor != self._saved[consumer]]

    async def _save(self) -> None:
        async with self._saving:
            for consumer in self._unsaved():
                cursor = consumer.cursor
                try:
                    await self._cursors.save(consumer.handler, self._stream_arn, self._shard_id, cursor)
                except DdbModelError as error:
                    if error.retryable or isinstance(error, OutcomeUnknown):
                        _log.warning("storing the cursor of %r: %s; again", consumer.handler.name, type(error).__name__)
                        await asyncio.sleep(_SAVE_EVERY_S)
                        self._moved.set()
                        continue
                    self._on_halt(error)
                self._saved[consumer] = cursor


async def _wait(event: asyncio.Event, longest_s: float) -> None:
    try:
        async with asyncio.timeout(longest_s):
            await event.wait()
    except TimeoutError:
        return


class _Question:
    """Somebody waits to know that everything committed until now was read."""

    def __init__(self, answer: asyncio.Future[None]) -> None:
        self.answer = answer
        self.empty_pages = 0
