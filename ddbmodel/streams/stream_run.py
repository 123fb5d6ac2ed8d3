"""One table's stream being read for some handlers: where each begins, and which shards may be read, parents first."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from ddbmodel.errors import DdbModelError, ServiceError, TableMismatch, service_error
from ddbmodel.streams.consumer import Consumer
from ddbmodel.streams.cursors import Cursor, CursorStore
from ddbmodel.streams.handlers import Handler, check_view
from ddbmodel.streams.shard_reader import ShardReader
from ddbmodel.streams.shard_run import EMPTY_PAGES_AT_END, ShardRun
from ddbmodel.transport.executor import ChangeNotifier, Executor

__all__ = ["Start", "StreamRun"]

Start: TypeAlias = Literal["now", "trim_horizon"]
"""Where a handler begins that has never run."""

_log: Final = logging.getLogger("ddbmodel.streams")

_LOOK_FOR_SHARDS_S: Final = 30.0
_FIRST_LOOK_FOR_CHILDREN_S: Final = 0.1
_LONGEST_LOOK_FOR_CHILDREN_S: Final = 1.0


class StreamRun:
    """The stream of one table, read for some handlers: shards are begun when their parents are completed.

    Args:
        on_failure: called after every failure of a handler.
        on_halt: called with what ended the reading of a shard.
    """

    def __init__(
        self,
        executor: Executor,
        cursors: CursorStore,
        table: str,
        handlers: Sequence[Handler],
        start: Start,
        *,
        on_failure: Callable[[Consumer], None],
        on_halt: Callable[[BaseException], None],
    ) -> None:
        self.table = table
        self.runs: list[ShardRun] = []
        self._executor, self._store, self._handlers = executor, cursors, handlers
        self._start: Start = start
        self._on_failure, self._on_halt = on_failure, on_halt
        self._stream_arn = ""
        self._cursors: dict[str, dict[str, Cursor]] = {}
        self._begun: set[tuple[str, str]] = set()
        self._changed, self._looked = asyncio.Event(), asyncio.Event()
        self._stopping = False
        self._group: asyncio.TaskGroup | None = None

    async def prepare(self) -> None:
        """Find the stream and the place of every handler in it."""
        table = (await self._executor.execute("DescribeTable", {"TableName": self.table}))["Table"]
        specification = table.get("StreamSpecification") or {}
        if not specification.get("StreamEnabled") or not table.get("LatestStreamArn"):
            raise TableMismatch({self.table: ["it has no stream; create it from the models, or enable its stream"]})
        self._stream_arn = table["LatestStreamArn"]
        for handler in self._handlers:
            check_view(handler, specification["StreamViewType"], f"table {self.table!r} has")
        shards, _ = await self._describe()
        ends: dict[str, str | None] = {}
        for handler in self._handlers:
            cursors = await self._store.load(handler, self._stream_arn)
            started_on = await self._store.started_on(handler)
            if started_on is None and self._start == "now":
                for shard in shards:
                    # One that is there is from a first start that was interrupted.
                    if shard.id not in cursors:
                        cursors[shard.id] = await self._now(shard, ends)
                        await self._store.save(handler, self._stream_arn, shard.id, cursors[shard.id])
            if started_on is not None and started_on != self._stream_arn:
                _log.warning(
                    "the stream of %s was replaced since handler %r last ran: it begins with the new one, and records "
                    "of the old one that it had not completed are not delivered",
                    self.table,
                    handler.name,
                )
            if started_on != self._stream_arn:
                listed = {shard.id for shard in shards}
                for shard in shards:
                    # What came before the oldest shards is nothing that the handler missed; later, it would be.
                    if shard.id not in cursors and shard.parent is not None and shard.parent not in listed:
                        cursors[shard.id] = Cursor()
                        await self._store.save(handler, self._stream_arn, shard.id, cursors[shard.id])
                await self._store.mark_started(handler, self._stream_arn)
            self._cursors[handler.name] = cursors

    async def run(self) -> None:
        """Run the shards of the stream until `stop`."""
        look_again_s = _FIRST_LOOK_FOR_CHILDREN_S
        async with asyncio.TaskGroup() as self._group:
            while not self._stopping:
                self._changed.clear()
                try:
                    shards, is_enabled = await self._describe()
                except DdbModelError as error:
                    if not error.retryable:
                        raise
                    _log.warning("describing the stream of %s: %s; again", self.table, type(error).__name__)
                    await self._pause(_LONGEST_LOOK_FOR_CHILDREN_S)
                    continue
                if self._stopping:
                    return
                self._begin(shards)
                if not self._changed.is_set():
                    self._looked.set()
                # Children may be invisible for a while after their parent has closed.
                if is_enabled and self._lacks_children(shards):
                    await self._pause(look_again_s)
                    look_again_s = min(2 * look_again_s, _LONGEST_LOOK_FOR_CHILDREN_S)
                else:
                    look_again_s = _FIRST_LOOK_FOR_CHILDREN_S
                    await self._pause(_LOOK_FOR_SHARDS_S)

    def wake(self) -> None:
        """Say that there may be something to read."""
        for run in self.runs:
            run.wake()

    def stop(self) -> None:
        """Let `run` end."""
        self._stopping = True
        self._changed.set()
        for run in self.runs:
            run.stop()

    async def settled(self) -> None:
        """Wait until every record that is in the stream now is completed."""
        while True:
            await self._looked.wait()
            runs = tuple(self.runs)
            for run in runs:
                await run.settled()
            if self._looked.is_set() and runs == tuple(self.runs):
                return

    def _begin(self, shards: Sequence[_Shard]) -> None:
        listed = {shard.id for shard in shards}
        for shard in shards:
            starts = [
                (handler, self._cursors[handler.name].get(shard.id, Cursor()))
                for handler in self._handlers
                if self._may_begin(handler, shard, listed)
            ]
            if starts and self._group is not None:
                self._begun.update((shard.id, handler.name) for handler, _ in starts)
                run = ShardRun(
                    self._executor,
                    self._store,
                    self._stream_arn,
                    shard.id,
                    starts,
                    is_pushed=self._is_pushed,
                    on_finished=self._finished,
                    on_failure=self._on_failure,
                    on_halt=self._on_halt,
                )
                self.runs.append(run)
                self._group.create_task(self._run_shard(run), name=f"shard {shard.id}")

    def _may_begin(self, handler: Handler, shard: _Shard, listed: set[str]) -> bool:
        if (shard.id, handler.name) in self._begun or self._is_done(handler, shard.id):
            return False
        if shard.parent is None or self._is_done(handler, shard.parent):
            return True
        if shard.parent in listed or (shard.parent, handler.name) in self._begun:
            return False
        if shard.id in self._cursors[handler.name]:
            return True
        # The parent is older than the stream's memory, and nobody knows what the handler has not seen of it.
        self._begun.add((shard.id, handler.name))
        self._on_halt(_gap(handler, self.table))
        return False

    async def _run_shard(self, run: ShardRun) -> None:
        try:
            await run.run()
        finally:
            self.runs.remove(run)

    def _finished(self, handler: Handler, shard_id: str) -> None:
        known = self._cursors[handler.name]
        known[shard_id] = Cursor(known.get(shard_id, Cursor()).after, is_done=True)
        self._looked.clear()
        self._changed.set()

    def _is_done(self, handler: Handler, shard_id: str | None) -> bool:
        return shard_id is not None and self._cursors[handler.name].get(shard_id, Cursor()).is_done

    def _lacks_children(self, shards: Sequence[_Shard]) -> bool:
        parents = {shard.parent for shard in shards}
        return any(
            shard.id not in parents and self._is_done(handler, shard.id)
            for shard in shards
            for handler in self._handlers
        )

    @property
    def _is_pushed(self) -> bool:
        return isinstance(self._executor, ChangeNotifier)

    async def _now(self, shard: _Shard, ends: dict[str, str | None]) -> Cursor:
        """Return the cursor that stands behind everything that is in a shard now."""
        if shard.is_closed:
            return Cursor(is_done=True)
        if shard.id not in ends:
            # The service can name a place only by a record, so the way to the end is read once.
            reader, after, empty_pages = ShardReader(self._executor, self._stream_arn, shard.id), None, 0
            while empty_pages < (1 if self._is_pushed else EMPTY_PAGES_AT_END):
                page = await reader.page_after(after)
                after = page.records[-1].sequence if page.records else after
                empty_pages = 0 if page.records else empty_pages + 1
                if page.is_last:
                    break
            ends[shard.id] = after
        return Cursor(ends[shard.id])

    async def _describe(self) -> tuple[list[_Shard], bool]:
        shards: list[_Shard] = []
        request: dict[str, Any] = {"StreamArn": self._stream_arn}
        while True:
            response = await self._executor.execute("DescribeStream", request)
            stream: Mapping[str, Any] = response["StreamDescription"]
            shards.extend(
                _Shard(
                    shard["ShardId"],
                    shard.get("ParentShardId"),
                    bool(shard.get("SequenceNumberRange", {}).get("EndingSequenceNumber")),
                )
                for shard in stream.get("Shards", ())
            )
            last = stream.get("LastEvaluatedShardId")
            if not last:
                return shards, stream["StreamStatus"] in ("ENABLED", "ENABLING")
            request["ExclusiveStartShardId"] = last

    async def _pause(self, longest_s: float) -> None:
        try:
            async with asyncio.timeout(longest_s):
                await self._changed.wait()
        except TimeoutError:
            return


def _gap(handler: Handler, table: str) -> ServiceError:
    return service_error(
        "TrimmedDataAccessException",
        f"handler {handler.name!r} was away for so long that a shard of the stream of {table!r} that it had not "
        "completed is gone, perhaps with records that it never saw; to go on with those that are left, give the "
        "handler or its StreamApp another name",
    )


@dataclass(frozen=True, slots=True)
class _Shard:
    id: str
    parent: str | None
    is_closed: bool
