"""Many requests, one durable commit: what turns one disk flush per write into one per group of writes.

```
idle ──a request that writes──▶ open ──end of this turn of the loop──▶ committing ──flushed──▶ idle
        a request that reads: answered at once        │                     │
                                                      │                     └ new requests wait undecided,
        every request is decided and joins the group ─┘                       then form the next group
```
Requests are decided one after another inside one open transaction, each on what the ones before it wrote. Nothing that
was decided in an open group, reads and refusals included, is answered before the group is durable: it may rest on
writes that a crash would undo. When the disk refuses, the whole group is undone and every member is told.
Only the flush runs in a thread, and the loop keeps off the store while it does.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
from collections.abc import Callable
from typing import Any, Protocol, TypeAlias

from ddbmodel.errors import StorageFailed

__all__ = ["Decide", "GroupCommit", "Transactions"]

Decide: TypeAlias = Callable[[], tuple[dict[str, Any], bool]]
"""Decides a request and writes what follows from it: the response, and whether anything was written.

Raises StorageFailed when writing failed half-way; any other error means that nothing was written.
"""


class Transactions(Protocol):
    """What a group ends with."""

    def flush(self) -> None:
        """Make the open transaction durable; runs in a thread."""
        ...

    def committed(self) -> None:
        """Take note that the transaction is durable."""
        ...

    def undo(self) -> None:
        """Undo the open transaction."""
        ...


class GroupCommit:
    """Runs requests in groups; used from one event loop at a time."""

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions
        self._loop: asyncio.AbstractEventLoop | None = None
        self._group: list[_Member] = []
        self._waiting: list[_Member] = []
        self._flush: concurrent.futures.Future[None] | None = None
        self._flusher = concurrent.futures.ThreadPoolExecutor(1, thread_name_prefix="ddbmodel-commit")
        self._idle: asyncio.Event | None = None

    async def run(self, decide: Decide) -> dict[str, Any]:
        """Return the response of a request once all that it rests on is durable.

        Cancelling the caller does not undo a request that is decided; one that still waits is dropped.
        """
        loop = asyncio.get_running_loop()
        if loop is not self._loop:
            self._bind(loop)
        member = _Member(decide)
        if self._flush is not None:
            self._waiting.append(member)
        elif self._decide(member):
            return member.answer()
        member.settled = loop.create_future()
        await member.settled
        return member.answer()

    async def close(self) -> None:
        """Wait until every accepted request is answered, then end the thread."""
        self._bind(asyncio.get_running_loop())
        while self._group or self._waiting or self._flush is not None:
            self._idle = self._idle or asyncio.Event()
            await self._idle.wait()
            self._idle = None
        self._flusher.shutdown()

    def _bind(self, loop: asyncio.AbstractEventLoop) -> None:
        if loop is self._loop:
            return
        if self._group or self._waiting or self._flush is not None:
            if self._loop is not None and not self._loop.is_closed():
                raise RuntimeError(
                    "this database is in use by another event loop; open it in the loop that uses it, "
                    "or wait until the other loop's requests are answered"
                )
            self._finish_abandoned()
        self._loop, self._idle = loop, None

    def _finish_abandoned(self) -> None:
        # The loop ended in the middle of a group, so nobody waits for an answer; what was decided is still kept.
        self._waiting.clear()
        if self._flush is None:
            self._flush = self._flusher.submit(self._transactions.flush)
        concurrent.futures.wait([self._flush])
        self._end_group(settle=False)

    def _decide(self, member: _Member) -> bool:
        """Decide a request; return whether it can be answered now, else it has joined the group."""
        wrote = False
        try:
            member.response, wrote = member.decide()
        except StorageFailed as failure:
            member.error = failure
            self._transactions.undo()
            failed, self._group = self._group, []
            for other in failed:
                other.fail(failure)
            return True
        except Exception as error:
            member.error = error
        if not wrote and not self._group:
            return True
        if not self._group:
            assert self._loop is not None
            self._loop.call_soon(self._start_flush)
        self._group.append(member)
        return False

    def _start_flush(self) -> None:
        # The group may have failed since, or a flush for its successor may be under way already.
        if not self._group or self._flush is not None:
            return
        loop = self._loop
        assert loop is not None

        def flushed(_: object) -> None:
            # A loop that was closed meanwhile takes no call; the next loop to come finishes the group.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(self._after_flush)

        self._flush = self._flusher.submit(self._transactions.flush)
        self._flush.add_done_callback(flushed)

    def _after_flush(self) -> None:
        if self._flush is None:
            return
        self._end_group(settle=True)
        waiting, self._waiting = self._waiting, []
        for member in waiting:
            # A caller that has gone before its request was decided gets its wish: nothing happens.
            if not member.is_abandoned() and self._decide(member):
                member.settle()
        if self._idle is not None and not self._group:
            self._idle.set()

    def _end_group(self, *, settle: bool) -> None:
        assert self._flush is not None
        error = self._flush.exception()
        group, self._group, self._flush = self._group, [], None
        if error is None:
            self._transactions.committed()
        else:
            self._transactions.undo()
        if not settle:
            return
        for member in group:
            if error is None:
                member.settle()
            else:
                member.fail(error)


class _Member:
    """One request on its way: undecided, decided, settled."""

    __slots__ = ("decide", "error", "response", "settled")

    def __init__(self, decide: Decide) -> None:
        self.decide = decide
        self.response: dict[str, Any] = {}
        self.error: Exception | None = None
        self.settled: asyncio.Future[None] | None = None

    def is_abandoned(self) -> bool:
        """Return whether the caller was cancelled."""
        return self.settled is not None and self.settled.cancelled()

    def settle(self) -> None:
        """Let the caller go on."""
        if self.settled is not None and not self.settled.done():
            self.settled.set_result(None)

    def fail(self, cause: BaseException) -> None:
        """Let the caller go on with the news that the group was undone."""
        # One error object each: a traceback belongs to one caller.
        self.error = StorageFailed(f"the write could not be made durable and was undone: {cause}")
        self.error.__cause__ = cause
        self.settle()

    def answer(self) -> dict[str, Any]:
        """Return the response, or raise what stands in its place."""
        if self.error is not None:
            raise self.error
        return self.response
