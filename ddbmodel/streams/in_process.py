"""The host inside this process: runs the streams of the handlers' tables until it is stopped, and drains them."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any, Final

from ddbmodel.errors import ServiceError, StreamHandlerFailed
from ddbmodel.streams.consumer import Consumer
from ddbmodel.streams.cursors import CursorStore
from ddbmodel.streams.handlers import Handler
from ddbmodel.streams.stream_run import Start, StreamRun
from ddbmodel.transport.executor import ChangeNotifier, Executor

__all__ = ["InProcessHost"]

_log: Final = logging.getLogger("ddbmodel.streams")

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
        self._streams = [
            StreamRun(executor, cursors, table, group, start, on_failure=self._handler_failed, on_halt=self._halted)
            for table, group in by_table.items()
        ]

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
            stream.wake()

    def _ended(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            self._halted(error)

    def _halted(self, error: BaseException) -> None:
        while isinstance(error, BaseExceptionGroup):
            error = error.exceptions[0]
        _log.error(
            "a stream is not read any more: %s%s",
            type(error).__name__,
            f" ({error.code})" if isinstance(error, ServiceError) else "",
        )
        if not self._failed.done():
            self._failed.set_result(error)

    def _handler_failed(self, consumer: Consumer) -> None:
        for watch in tuple(self._watchers):
            watch(consumer)
