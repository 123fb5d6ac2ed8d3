"""`StreamApp`: handlers of changes, declared once, and the ways to run them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any, Protocol, Self, TypeVar, get_args

from pydantic import BaseModel

from ddbmodel.errors import InvalidRequest
from ddbmodel.expressions.tree import Condition
from ddbmodel.model import Model
from ddbmodel.streams.cursors import DEFAULT_CURSOR_TABLE, CursorStore
from ddbmodel.streams.handlers import Handler, declare_handler
from ddbmodel.streams.in_process import InProcessHost
from ddbmodel.streams.outbox import declare_event_handler
from ddbmodel.streams.stream_run import Start
from ddbmodel.transport.executor import Executor
from ddbmodel.unit_of_work import CommitRecord

__all__ = ["StreamApp"]

H = TypeVar("H", bound=Callable[[Any], Coroutine[Any, Any, object]])
E = TypeVar("E", bound=Callable[..., Coroutine[Any, Any, object]])


class _HasExecutor(Protocol):
    """A `Database`, as far as this package needs one."""

    @property
    def executor(self) -> Executor: ...


class StreamApp:
    """An application of stream handlers, with cursors of its own.

    Every record is given to each handler that wants it until it completes, at least once. Of one item a handler
    sees the changes in the order in which they were made; after a crash some may come again.

    Args:
        name: the cursors are kept under it; another name begins anew.
        start: where a handler begins that has never run: with what is written from now on, or with the oldest
            record that the stream still has. Afterwards it goes on from where it left off.
        cursor_table: the DynamoDB table that keeps the cursors; created when it is missing.
    """

    def __init__(
        self, db: _HasExecutor, *, name: str, start: Start = "now", cursor_table: str = DEFAULT_CURSOR_TABLE
    ) -> None:
        if not name:
            raise InvalidRequest("a StreamApp needs a name to keep its cursors under, got an empty one")
        if start not in get_args(Start):
            raise InvalidRequest(f"start= is 'now' or 'trim_horizon', got {start!r}")
        self._db, self._name, self._cursor_table = db, name, cursor_table
        self._start: Start = start
        self._handlers: dict[str, Handler] = {}
        self._host: InProcessHost | None = None

    @property
    def name(self) -> str:
        """Return the name that the cursors are kept under."""
        return self._name

    def on(
        self, model: type[Model], *, where: Condition | None = None, name: str | None = None, concurrency: int = 1
    ) -> Callable[[H], H]:
        """Return a decorator that makes an asynchronous function a handler of changes of a model.

        The annotation of its parameter says which: ``Insert[Order] | Modify[Order]``, or ``Change[Order]`` for all.
        A raise is retried without end, after 50 ms and up to 30 s, while later records of the same item wait.

        Args:
            where: what must hold for the new image, or for the old one of a removed item; and for both with
                ``Order.status.changed(to=…)``.
            name: keeps the cursors apart from those of the other handlers; the function's name by default.
            concurrency: how many records of a shard may be under way at once, never two of one item.

        Raises:
            InvalidRequest: the function or an option cannot work, or the name is taken.
            ModelDefinitionError: the model's stream does not carry what the annotation needs.
        """

        def register(function: H) -> H:
            self._register(declare_handler(function, model, where=where, name=name, concurrency=concurrency))
            return function

        return register

    def on_event(
        self, *kinds: type[BaseModel], of: type[Model] = CommitRecord, name: str | None = None
    ) -> Callable[[E], E]:
        """Return a decorator that makes an asynchronous function the publisher of events of units of work.

        It is given every event of these classes, and as a second argument, if it takes one, a `Published`. Events of a
        commit come in their order, at least once; a raise is retried from the first of that commit, while later ones
        wait.

        Args:
            kinds: the pydantic models that were emitted.
            of: where they are: in the records of commits, or, of a model, those that were emitted within its items.
            name: keeps the cursors apart from those of the other handlers; the function's name by default.

        Raises:
            InvalidRequest: the function or a class cannot work, or the name is taken.
            ModelDefinitionError: the model's stream does not carry what is needed.
        """

        def register(function: E) -> E:
            self._register(declare_event_handler(function, kinds, of=of, name=name))
            return function

        return register

    def _register(self, handler: Handler) -> None:
        if self._host is not None:
            raise InvalidRequest(f"StreamApp {self._name!r} is running; register handlers before")
        if handler.name in self._handlers:
            raise InvalidRequest(
                f"StreamApp {self._name!r} has a handler {handler.name!r} already, and their cursors would be one; "
                "rename the function or give it name="
            )
        self._handlers[handler.name] = handler

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Self]:
        """Run the handlers in this process while the block runs.

        Leaving the block lets handlers finish the records that they are at and stores the cursors; what was not
        begun waits for the next time. `drain` before that waits for everything. An application of one name runs in one
        process at a time: two would both be given every record.

        Raises:
            InvalidRequest: there are no handlers, or the application is running already.
            ModelDefinitionError, TableMismatch: a table's stream is missing, or not what the handlers need.
            ServiceError: what ended the reading of a stream, at the end of the block; for instance
                ``TrimmedDataAccessException`` when records were lost because nobody read them for 24 hours.
        """
        if self._host is not None:
            raise InvalidRequest(f"StreamApp {self._name!r} is running already")
        if not self._handlers:
            raise InvalidRequest(f"StreamApp {self._name!r} has no handlers; register some with @app.on(Model)")
        executor = self._db.executor
        cursors = CursorStore(executor, self._name, self._cursor_table)
        host = self._host = InProcessHost(executor, cursors, self._handlers.values(), self._start)
        try:
            await host.start()
            yield self
        finally:
            self._host = None
            await host.stop()
        if host.failure is not None:
            raise host.failure

    async def drain(self, *, timeout: float | None = 60.0, attempts: int | None = None) -> None:  # noqa: ASYNC109
        """Wait until every handler has completed every record committed before the call, retries included.

        Args:
            timeout: give up after so many seconds; None waits for as long as it takes.
            attempts: give up as soon as a handler has failed on a record that often.

        Raises:
            StreamHandlerFailed: it gave up; names the handler, and its last error is the cause.
            InvalidRequest: the application is not running.
        """
        if self._host is None:
            raise InvalidRequest(
                f"StreamApp {self._name!r} is not running; drain() goes inside 'async with app.running()'"
            )
        await self._host.drain(timeout, attempts)
