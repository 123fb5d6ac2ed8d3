"""The engine's shell: the one place that has a clock, a store and an event loop.

It hands a request to the handler of its operation, makes the handler's outcome true, and answers once that is
durable. In memory all of it happens without waiting; on a file, writes are committed in groups (`group_commit.py`).
A page whose filter takes long is read in slices, between which others are answered (`page_progress.py`).
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Final

from ddbmodel.engine.apply import perform, work_of
from ddbmodel.engine.behaviours import AnswerLost, Behaviours, Misbehaviour
from ddbmodel.engine.behaviours.charges import Decide as DecideOnData
from ddbmodel.engine.clock import Clock, SystemClock
from ddbmodel.engine.context import RequestContext
from ddbmodel.engine.group_commit import Decide, GroupCommit
from ddbmodel.engine.live_catalog import LiveCatalog
from ddbmodel.engine.messages.message import Wording
from ddbmodel.engine.operations import Operations
from ddbmodel.engine.options import EngineOptions
from ddbmodel.engine.outcome import Outcome
from ddbmodel.engine.page_progress import PageProgress, Unfinished
from ddbmodel.engine.scaling import AutoScaler, scaling_outcome
from ddbmodel.engine.storage.store import Store
from ddbmodel.engine.storage.verify import problems_of
from ddbmodel.engine.streams import RETENTION_S
from ddbmodel.engine.tables import due_outcome, next_deletion_s
from ddbmodel.engine.turn import Turn
from ddbmodel.engine.watch import Watch
from ddbmodel.errors import InvalidUrl, ServiceError, StorageFailed

__all__ = ["DEFAULT_REGION", "Engine"]

DEFAULT_REGION: Final = "ddbmodel-local"

# How often the engine looks for deletions that are over and for items that have expired.
_DUE_EVERY_S: Final = 1.0
_TIDY_EVERY_S: Final = 600.0
# Records stay an hour longer than they can be read, so that a reader who missed some is told, not misled.
_RECORDS_KEPT_S: Final = RETENTION_S + 3600.0
# The service forgets a client request token after ten minutes; a minute more leaves room for clocks.
_TOKENS_KEPT_S: Final = 660.0
_READ_IN_SLICES: Final = frozenset({"Query", "Scan"})


class Engine:
    """A DynamoDB in this process, in memory or on one file; `open` makes one.

    Attributes:
        behaviours: how it misbehaves, None when it does not; set by `behave`.
    """

    def __init__(
        self,
        store: Store,
        *,
        clock: Clock,
        region: str,
        durable: bool,
        options: EngineOptions | None = None,
        behaviours: Behaviours | None = None,
    ) -> None:
        self._store, self._clock, self._region = store, clock, region
        self._catalog = LiveCatalog(store)
        self._options = options or EngineOptions()
        self._operations = Operations(region, self._options)
        self._operations_on_json = Operations(region, self._options, leaves_items_unread=True)
        self._subscribers: list[Callable[[], None]] = []
        self._appended = False
        self._tidied_at_s = clock.now_s()
        self._closed = self._store_closed = self._broken = False
        self._groups = GroupCommit(self) if durable else None
        self.behaviours: Behaviours | None = None
        self._due_at_s = 0.0
        self._is_doing_due = False
        self._turn = Turn()
        self._catalog_changed = True
        self._watch = Watch(self._do_what_is_due, _DUE_EVERY_S)
        self._misbehaviour: Misbehaviour | None = None
        self._scaler = AutoScaler(clock.now_s())
        if behaviours is not None:
            self.behave(behaviours)

    @classmethod
    def open(
        cls,
        url: str = "memory:",
        *,
        clock: Clock | None = None,
        region: str = DEFAULT_REGION,
        options: EngineOptions | None = None,
        behaviours: Behaviours | None = None,
    ) -> Engine:
        """Return the engine of a database.

        Args:
            url: ``memory:`` is a new, empty database that ends with the engine; ``file:PATH`` is kept in a file,
                which is created when it is missing.
            options: how it answers where there is a choice; by default as the service does.
            behaviours: how it misbehaves, for tests; by default not at all. See `behave`.

        Raises:
            InvalidUrl: the URL is of another form.
            NotADatabaseFile, DatabaseFileLocked, StorageFailed: the file cannot be used.
        """
        clock = clock or SystemClock()
        if url == "memory:":
            return cls(
                Store.in_memory(), clock=clock, region=region, durable=False, options=options, behaviours=behaviours
            )
        path = url.removeprefix("file:")
        if path == url or not path.strip("/"):
            raise InvalidUrl(f"the engine opens 'memory:' or 'file:PATH', got {url!r}")
        if path.startswith("//"):
            host, _, local = path[2:].partition("/")
            if host:
                raise InvalidUrl(f"a database file is on this machine, got host {host!r}; write 'file:PATH'")
            path = "/" + local
        return cls(
            Store.in_file(Path(path), clock.now_s()),
            clock=clock,
            region=region,
            durable=True,
            options=options,
            behaviours=behaviours,
        )

    async def execute(
        self, operation: str, request: dict[str, Any], *, leaves_items_unread: bool = False
    ) -> dict[str, Any]:
        """Return the response of an operation once all that it rests on is durable; in memory, without waiting.

        A Query or Scan with a filter of many terms lets others go on every ten milliseconds or so; its page is as
        consistent as a page of the service, which is no snapshot of a moment either.

        Args:
            leaves_items_unread: whether items in the response may be their JSON, each an `orjson.Fragment`. Who only
                passes the response on is spared reading and writing them.

        Raises:
            ServiceError: the request was refused and changed nothing.
            StorageFailed: the disk refused; nothing was changed.
            Unanswered: the request or its answer got lost, as `behave` was told.
        """
        # This is the way of every request, so what is rarely needed is asked for before it is called.
        if self._closed or self._clock.now_s() >= self._due_at_s:
            await self._be_up_to_date()
        if self._misbehaviour is not None and self._misbehaviour.loses_answer(operation):
            # A refusal is an answer too, and as lost.
            with contextlib.suppress(ServiceError):
                await self._answer(operation, request, leaves_items_unread)
            raise AnswerLost(operation)
        if self._groups is None or operation in _READ_IN_SLICES:
            response = await self._answer(operation, request, leaves_items_unread)
        else:
            response = await self._groups.run(lambda: self._decide(operation, request, leaves_items_unread, None))
        if self._catalog_changed or self._watch.is_of_another_loop():
            self._catalog_changed = False
            self._look_again()
        return response

    async def scale(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        """Return the response of an operation of Application Auto Scaling; capacities move on the engine's clock.

        Raises:
            ServiceError: the request was refused and changed nothing.
            StorageFailed: the disk refused; nothing was changed.
        """
        await self._be_up_to_date()
        return await self._run(lambda: self._decide_scaling(operation, request))

    def behave(self, behaviours: Behaviours) -> None:
        """Misbehave like this from now on, for tests; `Behaviours()` ends it.

        What earlier behaviours kept is forgotten: chances start anew from the seed, buckets hold one second's
        capacity, and every change so far can be seen.
        """
        self.behaviours = None if behaviours.is_off else behaviours
        misbehaviour = Misbehaviour(behaviours, self._region, self._clock.now_s())
        self._misbehaviour = None if behaviours.is_off else misbehaviour

    def now_s(self) -> float:
        """Return the time by the engine's clock, in seconds since 1970."""
        return self._clock.now_s()

    def subscribe(self, on_commit: Callable[[], None]) -> Callable[[], None]:
        """Call a function, in the engine's loop, after every commit that appended stream records.

        It is a wake-up only and must not raise; records are read through GetRecords. Returns what ends it.
        """
        self._subscribers.append(on_commit)

        def unsubscribe() -> None:
            if on_commit in self._subscribers:
                self._subscribers.remove(on_commit)

        return unsubscribe

    def verify(self) -> list[str]:
        """Return what is wrong with the stored data, in words, as `storage.verify` finds it.

        Call it while no request is under way.
        """
        if self._closed:
            raise _closed_error()
        return problems_of(self._store, self._catalog)

    async def close(self) -> None:
        """Answer what was accepted, then close and free the file; closing twice is fine.

        A page that is being read in slices is refused at its next slice.
        """
        self._closed = True
        # A look that is under way ends at its next step, which must not be after the store is closed.
        await self._watch.end()
        if self._groups is not None:
            await self._groups.close()
        if not self._store_closed:
            self._store_closed = True
            self._store.close()

    # What `GroupCommit` ends a group with

    def flush(self) -> None:
        """Make the open transaction durable; runs in a thread."""
        self._store.commit()

    def committed(self) -> None:
        """Take note that what was written is durable."""
        self._catalog.committed()
        if self._misbehaviour is not None:
            self._misbehaviour.committed()
        if self._appended:
            self._appended = False
            for wake in tuple(self._subscribers):
                wake()

    def undo(self) -> None:
        """Undo the open transaction."""
        self._appended = False
        self._catalog.undone()
        self._scaler.forget_catalog()
        if self._misbehaviour is not None:
            self._misbehaviour.undone()
        try:
            self._store.rollback()
        except sqlite3.Error:
            # What is half written must never become part of a later commit.
            self._closed = self._broken = True

    async def _be_up_to_date(self) -> None:
        """Do what is due, once for all requests that come together, which are decided behind it."""
        if self._closed:
            raise _closed_error()
        now_s = self._clock.now_s()
        if now_s >= self._due_at_s and not self._is_doing_due and not self._is_done_by_others(now_s):
            self._turn.begin(now_s)
            self._is_doing_due = True
            try:
                await self._run(self._decide_due)
            finally:
                self._is_doing_due = False
            self._catalog_changed = True

    def _is_done_by_others(self, now_s: float) -> bool:
        """Return whether a step of what is due is enough that another request did in this turn of the loop."""
        return self._turn.is_shared(now_s, _DUE_EVERY_S) and now_s < next_deletion_s(self._catalog)

    async def _answer(self, operation: str, request: dict[str, Any], leaves_items_unread: bool) -> dict[str, Any]:
        """Return the response of a request; a page that takes long lets others go on in between."""
        if operation not in _READ_IN_SLICES:
            return await self._run(lambda: self._decide(operation, request, leaves_items_unread, None))
        progress = PageProgress()
        while True:
            try:
                return await self._run(lambda: self._decide(operation, request, leaves_items_unread, progress))
            except Unfinished:
                await asyncio.sleep(0)
                await self._be_up_to_date()

    async def _run(self, decide: Decide) -> dict[str, Any]:
        """Decide a request and return its response once all that it rests on is durable."""
        if self._groups is not None:
            return await self._groups.run(decide)
        return self._decide_alone(decide)

    def _look_again(self) -> None:
        """See to it that what becomes due while nobody asks is done within a second or so."""
        if not self._closed and (self._catalog.moving_tables() or self._store.has_dropped()):
            self._watch.set()

    async def _do_what_is_due(self) -> None:
        # A disk that refuses is the matter of the next request, which meets it too.
        with contextlib.suppress(StorageFailed):
            while not self._closed and self._clock.now_s() >= self._due_at_s:
                await self._run(self._decide_due)
                await asyncio.sleep(0)
            self._look_again()

    def _decide_alone(self, decide: Decide) -> dict[str, Any]:
        try:
            response, wrote = decide()
            if wrote:
                if self._store.in_transaction:
                    self.flush()
                self.committed()
        except (StorageFailed, sqlite3.Error) as error:
            self.undo()
            if isinstance(error, StorageFailed):
                raise
            raise StorageFailed(f"the write was undone: {error}") from error
        return response

    def _decide(
        self, operation: str, request: dict[str, Any], leaves_items_unread: bool, progress: PageProgress | None
    ) -> tuple[dict[str, Any], bool]:
        """Decide a request and write its outcome: into the open transaction, or, if one step does, at once."""
        if self._broken:
            # Requests that waited for the flush come here although none is accepted any more.
            raise _closed_error()
        now_s = self._clock.now_s()
        operations = self._operations_on_json if leaves_items_unread else self._operations
        decide: DecideOnData = operations.decide
        cost_of: DecideOnData = self._operations.decide
        if progress is not None:
            decide = partial(operations.decide, progress=progress)
            cost_of = partial(self._operations.decide, progress=progress)
        if self._misbehaviour is not None:
            decide = partial(self._misbehaviour.decide, decide)
        if self._scaler.is_watching(self._catalog):
            decide = partial(self._scaler.decide, decide, cost_of)
        outcome = decide(operation, request, self._store, self._catalog, now_s)
        return outcome.response, self._write(outcome, now_s)

    def _decide_scaling(self, operation: str, request: dict[str, Any]) -> tuple[dict[str, Any], bool]:
        if self._broken:
            raise _closed_error()
        now_s = self._clock.now_s()
        outcome = scaling_outcome(operation, request, self._catalog, self._context(now_s))
        return outcome.response, self._write(outcome, now_s)

    def _decide_due(self) -> tuple[dict[str, Any], bool]:
        """Do some of what time alone has brought about, as if a request had asked for it."""
        if self._broken:
            raise _closed_error()
        now_s = self._clock.now_s()
        context = self._context(now_s)
        outcome = self._scaler.due_outcome(self._catalog, context) or due_outcome(self._store, self._catalog, context)
        if outcome is None:
            return {}, self._sweep(now_s)
        return {}, self._write(outcome, now_s)

    def _context(self, now_s: float) -> RequestContext:
        return RequestContext(now_s, self._region, Wording.CURRENT, self._options)

    def _sweep(self, now_s: float) -> bool:
        """Remove some of what large dropped tables have left; return whether there was any."""
        if not self._store.has_dropped():
            # Expiry may be a little late, but what a table is like is known to the moment.
            self._due_at_s = min(now_s + _DUE_EVERY_S, next_deletion_s(self._catalog))
            return False
        try:
            self._store.begin()
            self._store.sweep()
        except sqlite3.Error as error:
            raise StorageFailed(f"the write failed half-way and was undone: {error}") from error
        return True

    def _write(self, outcome: Outcome, now_s: float) -> bool:
        """Write what follows from an outcome; return whether that was anything."""
        if not (outcome.items or outcome.catalog or outcome.token):
            return False
        if self._misbehaviour is not None:
            self._misbehaviour.note(outcome, self._store, now_s)
        if outcome.catalog:
            # What it began may go on at once: a large table's new index is filled bit by bit.
            self._catalog_changed, self._due_at_s = True, 0.0
            self._scaler.forget_catalog()
        work = work_of(outcome, self._store, self._catalog, now_s, self._region, self._options)
        step_count = work.step_count
        if not step_count:
            return False
        try:
            if self._groups is not None or step_count > 1:
                self._store.begin()
            perform(work, self._store, self._catalog, now_s)
            if now_s - self._tidied_at_s >= _TIDY_EVERY_S:
                self._tidy(now_s)
        except Exception as error:
            raise StorageFailed(f"the write failed half-way and was undone: {error}") from error
        self._appended = self._appended or bool(work.records)
        return True

    def _tidy(self, now_s: float) -> None:
        self._tidied_at_s = now_s
        self._store.begin()
        self._store.forget_tokens(now_s - _TOKENS_KEPT_S)
        self._catalog.forget_streams(now_s - _RECORDS_KEPT_S)
        self._store.forget_records(now_s - _RECORDS_KEPT_S, self._catalog.shard_numbers())


def _closed_error() -> StorageFailed:
    return StorageFailed("this database is closed; open it again to use it")
