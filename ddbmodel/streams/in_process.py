"""The host inside this process: finds the streams of the handlers' tables and runs their shards, parents first."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from ddbmodel.errors import DdbModelError, StreamHandlerFailed, TableMismatch
from ddbmodel.streams.consumer import Consumer
from ddbmodel.streams.cursors import Cursor, CursorStore
from ddbmodel.streams.handlers import Handler, check_view
from ddbmodel.streams.shard_reader import ShardReader
from ddbmodel.streams.shard_run import EMPTY_PAGES_AT_END, ShardRun
from ddbmodel.transport.executor import ChangeNotifier, Executor

__all__ = ["InProcessHost", "Start"]

Start: TypeAlias = Literal["now", "trim_horizon"]

_log: Final = logging.getLogger("ddbmodel.streams")

_LOOK_FOR_SHARDS_S: Final = 30.0
_FIRST_LOOK_FOR_CHILDREN_S: Final = 0.1
_LONGEST_LOOK_FOR_CHILDREN_S: Final = 1.0
_GRACE_S: Final = 30.0


class InProcessHost:
    """Runs the handlers of one application until `stop`."""

    def __init__(self, executor: Executor, cursors: CursorStore, handlers: Iterable[Handler], start: Start) -> None:
        self._executor, self._cursors = executor, cursors
        self._failed: asyncio.Future[BaseException] = asyncio.get_running_loop().create_future()
        self._watchers: list[Callable[[Consumer], None]] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._unsubscribe: Callable[[], None] | None = None
        by_table: dict[str, list[Handler]] = defaultdict(list)
        for handler in handlers:
            by_table[handler.table].append(handler)
        self._streams = [_StreamRun(self, table, group, start) for table, group in by_table.items()]

    @property
    def failure(self) -> BaseException | None:
        """Return what ended the reading of a stream; None while all is well."""
        return self._failed.result() if self._failed.done() else None

    async def start(self) -> None:
        """Begin to read, from where every handler left off; new ones from their start, which is kept.

        Raises:
            ModelDefinitionError: a stream does not carry what a handler needs.
            TableMismatch: a table has no stream.
            ServiceError: as the service answers; ``ResourceNotFound`` for a table that is missing.
        """
        await self._cursors.open()
        for stream in self._streams:
            await stream.prepare()
        if isinstance(self._executor, ChangeNotifier):
            self._unsubscribe = self._executor.subscribe(self._wake)
        for stream in self._streams:
            task = asyncio.create_task(stream.run(), name=f"stream of {stream.table}")
            task.add_done_callback(self._ended)
            self._tasks.append(task)

    async def stop(self) -> None:
        """Let handlers finish the records that they are at, store the cursors, and end."""
        if self._unsubscribe is not None:
            self._unsubscribe()
        for stream in self._streams:
            stream.stop()
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=_GRACE_S)
            for task in late:
                _log.error("%s: a handler did not end within %.0f s and was cancelled", task.get_name(), _GRACE_S)
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def drain(self, timeout_s: float | None, attempts: int | None) -> None:
        """Wait until every record committed before the call is completed by every handler.

        Raises:
            StreamHandlerFailed: not within the time, or a record failed that many times.
        """
        settled = asyncio.ensure_future(self._settled())
        given_up: asyncio.Future[Consumer] = asyncio.get_running_loop().create_future()

        def watch(consumer: Consumer) -> None:
            worst = consumer.delivery.most_failed()
            if attempts is not None and worst is not None and worst.failures >= attempts and not given_up.done():
                given_up.set_result(consumer)

        self._watchers.append(watch)
        try:
            for consumer in self._consumers():
                watch(consumer)
            signs: set[asyncio.Future[Any]] = {settled, given_up, self._failed}
            await asyncio.wait(signs, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
            if settled.done():
                settled.result()
            elif failure := self.failure:
                raise failure
            else:
                raise self._stuck(timeout_s, given_up.result() if given_up.done() else None)
        finally:
            self._watchers.remove(watch)
            settled.cancel()
            await asyncio.gather(settled, return_exceptions=True)

    async def _settled(self) -> None:
        for stream in self._streams:
            await stream.settled()

    def _consumers(self) -> list[Consumer]:
        return [consumer for stream in self._streams for run in stream.runs for consumer in run.consumers]

    def _stuck(self, timeout_s: float | None, consumer: Consumer | None) -> StreamHandlerFailed:
        busy = [each for each in self._consumers() if each.delivery.unfinished_count]
        failing = [each for each in busy if each.delivery.most_failed()]
        consumer = consumer or next(iter([*failing, *busy]), None)
        waited = "" if timeout_s is None else f" within {timeout_s:g} s"
        if consumer is None:
            tables = ", ".join(stream.table for stream in self._streams)
            return StreamHandlerFailed(f"the streams of {tables} were not read to their end{waited}")
        handler, worst = consumer.handler, consumer.delivery.most_failed()
        what = f"handler {handler.name!r} of {handler.model.__name__}"
        if worst is None:
            return StreamHandlerFailed(
                f"{what} has not completed {consumer.delivery.unfinished_count} records{waited}; none of them failed",
                handler=handler.name,
            )
        failure = StreamHandlerFailed(
            f"{what} cannot get past the {worst.record.kind} of the item with key ({', '.join(worst.record.keys)}): "
            f"{worst.failures} attempts failed, the last with {type(worst.last_error).__name__}; "
            f"{consumer.delivery.unfinished_count} records are not completed",
            handler=handler.name,
            attempts=worst.failures,
        )
        failure.__cause__ = worst.last_error
        return failure

    def _wake(self) -> None:
        for stream in self._streams:
            for run in stream.runs:
                run.wake()

    def _ended(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            self.report(error)

    # What the streams call

    def report(self, error: BaseException) -> None:
        """Take note of what ended the reading of a stream."""
        while isinstance(error, BaseExceptionGroup):
            error = error.exceptions[0]
        if not self._failed.done():
            self._failed.set_result(error)

    def handler_failed(self, consumer: Consumer) -> None:
        """Tell those who drain."""
        for watch in tuple(self._watchers):
            watch(consumer)

    @property
    def executor(self) -> Executor:
        """Return what answers requests."""
        return self._executor

    @property
    def cursors(self) -> CursorStore:
        """Return where cursors are kept."""
        return self._cursors


@dataclass(frozen=True, slots=True)
class _Shard:
    id: str
    parent: str | None
    is_closed: bool


class _StreamRun:
    """The stream of one table, read for some handlers: shards are begun when their parents are completed."""

    def __init__(self, host: InProcessHost, table: str, handlers: Sequence[Handler], start: Start) -> None:
        self.table = table
        self.runs: list[ShardRun] = []
        self._host, self._handlers, self._start = host, handlers, start
        self._stream_arn = ""
        self._cursors: dict[str, dict[str, Cursor]] = {}
        self._begun: set[tuple[str, str]] = set()
        self._changed, self._looked = asyncio.Event(), asyncio.Event()
        self._stopping = False
        self._group: asyncio.TaskGroup | None = None

    async def prepare(self) -> None:
        """Find the stream and the place of every handler in it."""
        table = (await self._host.executor.execute("DescribeTable", {"TableName": self.table}))["Table"]
        specification = table.get("StreamSpecification") or {}
        if not specification.get("StreamEnabled") or not table.get("LatestStreamArn"):
            raise TableMismatch(self.table, ["it has no stream; create it from the models, or enable its stream"])
        self._stream_arn = table["LatestStreamArn"]
        for handler in self._handlers:
            check_view(handler, specification["StreamViewType"], f"table {self.table!r} has")
        shards, _ = await self._describe()
        ends: dict[str, str | None] = {}
        store = self._host.cursors
        for handler in self._handlers:
            cursors = await store.load(handler, self._stream_arn)
            started_on = await store.started_on(handler)
            if started_on is None and self._start == "now":
                for shard in shards:
                    # One that is there is from a first start that was interrupted.
                    if shard.id not in cursors:
                        cursors[shard.id] = await self._now(shard, ends)
                        await store.save(handler, self._stream_arn, shard.id, cursors[shard.id])
            if started_on is not None and started_on != self._stream_arn:
                _log.warning(
                    "the stream of %s was replaced since handler %r last ran: it begins with the new one, and records "
                    "of the old one that it had not completed are not delivered",
                    self.table,
                    handler.name,
                )
            if started_on != self._stream_arn:
                await store.mark_started(handler, self._stream_arn)
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
                if (shard.id, handler.name) not in self._begun
                and not self._is_done(handler, shard.id)
                # A parent that is not listed is older than the stream's memory.
                and (shard.parent not in listed or self._is_done(handler, shard.parent))
            ]
            if starts and self._group is not None:
                self._begun.update((shard.id, handler.name) for handler, _ in starts)
                run = ShardRun(
                    self._host.executor,
                    self._host.cursors,
                    self._stream_arn,
                    shard.id,
                    starts,
                    is_pushed=self._is_pushed,
                    on_finished=self._finished,
                    on_failure=self._host.handler_failed,
                    on_halt=self._host.report,
                )
                self.runs.append(run)
                self._group.create_task(self._run_shard(run), name=f"shard {shard.id}")

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
        return isinstance(self._host.executor, ChangeNotifier)

    async def _now(self, shard: _Shard, ends: dict[str, str | None]) -> Cursor:
        """Return the cursor that stands behind everything that is in a shard now."""
        if shard.is_closed:
            return Cursor(is_done=True)
        if shard.id not in ends:
            # The service can name a place only by a record, so the way to the end is read once.
            reader, after, empty_pages = ShardReader(self._host.executor, self._stream_arn, shard.id), None, 0
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
            response = await self._host.executor.execute("DescribeStream", request)
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
