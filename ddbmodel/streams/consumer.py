"""One handler at work on one shard: takes what is due, runs it, and reports how it went."""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import Callable, Sequence
from typing import Final

from ddbmodel.streams.cursors import Cursor
from ddbmodel.streams.delivery import Delivery, Pending
from ddbmodel.streams.handlers import Handler
from ddbmodel.streams.records import StreamRecord

__all__ = ["Consumer"]

_log: Final = logging.getLogger("ddbmodel.streams")

# Above this many unfinished records nothing more is read for a handler: memory is bounded, and the log is the queue.
_MOST_UNFINISHED: Final = 2000


class Consumer:
    """Delivers the records of one shard to one handler.

    Args:
        on_room: called when more records can be offered again.
        on_progress: called after every record that was completed or passed over.
        on_failure: called after every failure of the handler.
    """

    def __init__(
        self,
        handler: Handler,
        after: str | None,
        *,
        on_room: Callable[[], None],
        on_progress: Callable[[], None],
        on_failure: Callable[[Consumer], None],
    ) -> None:
        self.handler = handler
        self.delivery = Delivery(after)
        self._on_room, self._on_progress, self._on_failure = on_room, on_progress, on_failure
        self._work = asyncio.Event()
        self._progress = asyncio.Event()
        self._at_end = self._stopping = False

    @property
    def has_room(self) -> bool:
        """Return whether it takes more records."""
        return not self._at_end and self.delivery.unfinished_count < _MOST_UNFINISHED

    @property
    def at_end(self) -> bool:
        """Return whether it was offered the last record of the shard."""
        return self._at_end

    @property
    def cursor(self) -> Cursor:
        """Return where the handler stands."""
        is_done = self._at_end and not self.delivery.unfinished_count
        return Cursor(self.delivery.cursor, is_done)

    def offer(self, records: Sequence[StreamRecord], *, is_last: bool) -> None:
        """Take the next records of the shard; those taken before are ignored."""
        for record in records:
            if not self.delivery.is_new(record.sequence):
                continue
            if self.handler.wants(record):
                self.delivery.offer(record)
            else:
                self.delivery.pass_over(record.sequence)
        self._at_end = self._at_end or is_last
        self._work.set()
        self._made_progress()

    async def work(self) -> None:
        """Run the handler on what is due, one record after another, until `stop` or the end of the shard."""
        while not self._stopping and not self.cursor.is_done:
            pending = self.delivery.take(_now_s())
            if pending is None:
                await self._more_work()
                continue
            error = await self._run(pending)
            if error is None:
                self.delivery.completed(pending)
                if self.delivery.unfinished_count == _MOST_UNFINISHED - 1:
                    self._on_room()
                # The next record of this item may be for another lane; and at the end all of them stop.
                self._work.set()
                self._made_progress()
            else:
                delay_s = self.delivery.failed(pending, _now_s(), error)
                _log_failure(self.handler, pending, error, delay_s)
                self._on_failure(self)
            # A handler that never waits must not keep everything else in this process from running.
            await asyncio.sleep(0)

    async def passed(self, sequence: str | None) -> None:
        """Wait until everything up to a sequence number is completed."""
        while not self.delivery.has_passed(sequence):
            self._progress.clear()
            await self._progress.wait()

    def stop(self) -> None:
        """Let `work` end after the record that it is at."""
        self._stopping = True
        self._work.set()

    async def _run(self, pending: Pending) -> BaseException | None:
        try:
            await self.handler.handle(pending.record, pending.failures + 1)
        except Exception as error:
            return error
        except asyncio.CancelledError as error:
            # Cancelled from outside it is the end of this task; raised inside the handler it is a failure like any.
            task = asyncio.current_task()
            if task is None or task.cancelling():
                raise
            return error
        return None

    async def _more_work(self) -> None:
        self._work.clear()
        due_s = self.delivery.next_retry_s
        try:
            async with asyncio.timeout_at(due_s):
                await self._work.wait()
        except TimeoutError:
            return

    def _made_progress(self) -> None:
        self._progress.set()
        self._on_progress()


def _now_s() -> float:
    # The loop's clock only grows; and a test owns it by owning the loop.
    return asyncio.get_running_loop().time()


def _log_failure(handler: Handler, pending: Pending, error: BaseException, delay_s: float) -> None:
    # The error's text may quote a user's values, so it stays out of the log.
    frames = traceback.extract_tb(error.__traceback__)
    _log.warning(
        "stream handler %r failed on the %s of one %s: %s at %s, attempt %d; again in %.2f s",
        handler.name,
        pending.record.kind,
        handler.model.__name__,
        type(error).__name__,
        f"{frames[-1].filename}:{frames[-1].lineno}" if frames else "an unknown place",
        pending.failures,
        delay_s,
    )
