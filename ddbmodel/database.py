"""`Database`: connects to a backend, and binds it to items, queries, transactions and units of work."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar, overload

from pydantic import TypeAdapter

from ddbmodel.errors import InvalidRequest, NotSupportedHere
from ddbmodel.model import Key, Model
from ddbmodel.query.bulk_calls import BulkCalls
from ddbmodel.query.cache import Cache, CacheEntry
from ddbmodel.query.cursors import CursorSecret, signer_of
from ddbmodel.query.lint import Lint, check_lint
from ddbmodel.query.read_calls import ReadCalls
from ddbmodel.query.reads import ReadContext
from ddbmodel.query.reference_calls import ReferenceCalls
from ddbmodel.query.sharded_counters import CounterShard, ShardedCounter
from ddbmodel.query.single_flight import SingleFlight
from ddbmodel.query.snapshots import transact_get
from ddbmodel.query.statements import StatementCalls
from ddbmodel.query.transactions import Transaction
from ddbmodel.query.visibility import Shown
from ddbmodel.query.write_calls import WriteCalls
from ddbmodel.tables import (
    StepProgress,
    TableDifference,
    TableStep,
    UpdateChoices,
    check_tables,
    create_tables,
    table_differences,
    update_tables,
)
from ddbmodel.transport.executor import Executor, Misbehaving
from ddbmodel.transport.hot_keys import HotKeys
from ddbmodel.transport.layers import Layers
from ddbmodel.transport.metering import CostScope, LimitScope
from ddbmodel.transport.rate_limit import RateLimit
from ddbmodel.transport.urls import check_url, open_executor
from ddbmodel.unit_of_work import UnitOfWorkCalls

if TYPE_CHECKING:
    from ddbmodel.engine import Behaviours, EngineOptions

__all__ = ["Database"]

M = TypeVar("M", bound=Model)
A = TypeVar("A", bound=Model)
B = TypeVar("B", bound=Model)
C = TypeVar("C", bound=Model)
T = TypeVar("T")


class Database(ReadCalls, ReferenceCalls, WriteCalls, BulkCalls, StatementCalls, UnitOfWorkCalls):
    """One backend and all that can be done with it; models know nothing of it.

    Use `connect`, as ``async with``. It may be shared by all tasks of an event loop.
    """

    def __init__(
        self,
        executor: Executor,
        *,
        cursor_secret: CursorSecret | None = None,
        rate_limit: RateLimit | None = None,
        hot_keys: bool = False,
        join_gets: bool = False,
        lint: Lint = "off",
        table_prefix: str | None = None,
    ) -> None:
        """Bind an executor; it is closed with the database.

        Args:
            cursor_secret, rate_limit, hot_keys, join_gets, lint, table_prefix: see `connect`.
        """
        self._layers = Layers(rate_limit=rate_limit, hot_keys=hot_keys, join_gets=join_gets, table_prefix=table_prefix)
        self._executor: Executor | None = self._layers.around(executor)
        self._open: Callable[[], Executor] | None = None
        self._entered = False
        self._signer = signer_of(cursor_secret)
        self._lint: Lint = check_lint(lint)
        self._under_way = SingleFlight[str]()

    @classmethod
    def connect(
        cls,
        url: str,
        *,
        session: Any = None,
        cursor_secret: CursorSecret | None = None,
        engine_options: EngineOptions | None = None,
        behaviours: Behaviours | None = None,
        rate_limit: RateLimit | None = None,
        hot_keys: bool = False,
        join_gets: bool = False,
        lint: Lint = "off",
        table_prefix: str | None = None,
    ) -> Self:
        """Return the database at a URL; ``async with`` opens it and closes it at the end of the block.

        Args:
            url: ``memory:`` (embedded, nothing on disk), ``file:PATH`` (embedded, one file), ``http://HOST:PORT`` (a
                server that speaks the protocol) or ``aws://REGION``.
            session: an ``aioboto3.Session`` for the last two.
            cursor_secret: signs page cursors; by default a random one, so that cursors end with the process. Of
                several, the first signs and all open, so that a secret can be replaced while its cursors are around.
            engine_options: how an embedded engine answers where there is a choice, such as when the shards of its
                streams roll and split; by default as the service does.
            behaviours: how an embedded engine misbehaves, for tests; see `behave`.
            rate_limit: holds all requests back to so many capacity units a second.
            hot_keys: count which partition keys are asked for; see `hot_keys`.
            join_gets: send single reads that are asked for at one time as batches.
            lint: what becomes of queries and scans that cost more, or tell less, than they seem: nothing, a
                `DdbModelWarning` for each place in the program, or a `LintError` before anything is sent.
            table_prefix: stands before the name of every table, as in ``"dev-"``; models and callers do not see it.

        Raises:
            InvalidUrl: the URL is of no known form.
            NotSupportedHere: engine options or behaviours for what is no embedded engine.
            StorageError: on entering the block, the file cannot be used.
        """
        check_url(url, embedded=engine_options is not None or behaviours is not None)
        database = cls.__new__(cls)
        database._layers = Layers(
            rate_limit=rate_limit, hot_keys=hot_keys, join_gets=join_gets, table_prefix=table_prefix
        )
        database._executor, database._entered = None, False
        database._open = lambda: open_executor(
            url, session=session, engine_options=engine_options, behaviours=behaviours
        )
        database._signer, database._lint = signer_of(cursor_secret), check_lint(lint)
        database._under_way = SingleFlight[str]()
        return database

    async def __aenter__(self) -> Self:
        if self._executor is None:
            if self._open is None:
                raise InvalidRequest("this database is closed; connect again to use it")
            self._executor, self._open = self._layers.around(self._open()), None
        elif self._entered:
            # The inner block would close it under the outer one.
            raise InvalidRequest("this database is open already; use it, and leave closing it to the outer block")
        self._entered = True
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Free connections and files; closing twice is fine."""
        executor, self._executor, self._open = self._executor, None, None
        if executor is not None:
            await executor.close()

    @property
    def executor(self) -> Executor:
        """What answers the requests: ``await db.executor.execute("DescribeTable", {...})`` reaches every operation."""
        if self._executor is None:
            state = "closed" if self._open is None else "not open yet"
            raise InvalidRequest(
                f"this database is {state}; use it inside 'async with Database.connect(...) as db', which opens it"
            )
        return self._executor

    @property
    def read_context(self) -> ReadContext:
        """What queries and scans need of this database."""
        return ReadContext(self.executor, self._signer, self._lint)

    def behave(self, behaviours: Behaviours) -> None:
        """Let the embedded engine lag, throttle and lose answers like this from now on, for tests.

        ``Behaviours()`` ends it.

        Raises:
            NotSupportedHere: no embedded engine answers the requests.
        """
        executor = self.executor
        if not isinstance(executor, Misbehaving):
            raise NotSupportedHere("only an embedded engine can be told how to misbehave; connect to 'memory:'")
        executor.behave(behaviours)

    # What requests cost

    def cost(self) -> CostScope:
        """Return a block that sums up the capacity units of its requests: ``async with db.cost() as cost``.

        Requests of the block's task count, and of tasks that it starts; blocks may be nested, and the outer one counts
        what the inner one does. See `Cost`.
        """
        self.executor  # noqa: B018  # says so when it is not open
        return self._layers.cost_scope()

    def limited(self, limit: RateLimit) -> LimitScope:
        """Return a block whose requests, and those of tasks it starts, keep to a limit, beside that of `connect`."""
        self.executor  # noqa: B018  # says so when it is not open
        return self._layers.limit_scope(limit)

    def hot_keys(self) -> HotKeys:
        """Return which partition keys were asked for most.

        Raises:
            InvalidRequest: the database was connected without ``hot_keys=True``.
        """
        return self._layers.hot_keys()

    # Tables

    async def create_tables(self, *models: type[Model], wait: bool = True) -> None:
        """Create the tables of models where they do not exist; see `tables.create_tables` for its errors.

        Args:
            wait: return only when every table is ready.
        """
        await create_tables(self.executor, models, wait=wait)

    async def check_tables(self, *models: type[Model]) -> None:
        """Raise `TableMismatch`, with every difference in words, when tables are not as the models say."""
        await check_tables(self.executor, models)

    async def table_differences(self, *models: type[Model]) -> list[TableDifference]:
        """Return every difference between models and tables as data, what no model speaks of included."""
        return await table_differences(self.executor, models)

    async def update_tables(
        self,
        *models: type[Model],
        remove_indexes: bool = False,
        stop_streams: bool = False,
        stop_ttl: bool = False,
        dry_run: bool = False,
        progress: StepProgress | None = None,
    ) -> list[TableStep]:
        """Change tables until they are what the models want, and return the steps; no item is ever deleted.

        See `tables.update_tables` for its errors.

        Args:
            remove_indexes: remove indexes that no model declares, and replace those that are declared otherwise.
            stop_streams: turn off streams that no model asks for, and replace those that carry something else.
            stop_ttl: turn off time to live that no model declares.
            dry_run: return the steps that would be taken, and take none.
            progress: called with each step when it begins.
        """
        choices = UpdateChoices(remove_indexes, stop_streams, stop_ttl)
        return await update_tables(self.executor, models, choices, dry_run=dry_run, progress=progress)

    # What is kept for the application

    def sharded_counter(
        self, name: str, *, shards: int = 16, formerly: int = 0, model: type[CounterShard] = CounterShard
    ) -> ShardedCounter:
        """Return counters that many writers raise at once, each spread over several items of the table of `model`.

        Args:
            shards: how many items each counter is spread over, 1 to 100.
            formerly: how many it once was, where that is more.

        Raises:
            InvalidRequest: no name, or a number of shards that cannot be.
        """
        return ShardedCounter(self.executor, name, shards=shards, formerly=formerly, model=model)

    def cache(
        self,
        name: str,
        value_type: type[T] | TypeAdapter[T],
        *,
        ttl: timedelta,
        model: type[CacheEntry] = CacheEntry,
    ) -> Cache[T]:
        """Return a read-through cache of values of one type, which are kept in the table of `model` for a time.

        Args:
            value_type: anything that pydantic validates and writes as JSON; a ``TypeAdapter`` for what is no class.
            ttl: how long a value is kept, in whole seconds, rounded up.

        Raises:
            InvalidRequest: no name, or a time that is not above 0.
        """
        return Cache(self.executor, name, value_type, ttl=ttl, model=model, under_way=self._under_way)

    # Several items at once

    def transaction(self, *, token: str | None = None) -> Transaction:
        """Return a block of explicit writes that happen all or not at all.

        Args:
            token: of 1 to 36 characters; the service carries out the same payload with the same token once in ten
                minutes. By default every transaction has its own, which makes repetitions by this library safe.
        """
        return Transaction(self.executor, token=token)

    @overload
    async def transact_get(
        self, a: Key[A], /, *, include_expired: bool = False, include_deleted: bool = False
    ) -> tuple[A | None]: ...
    @overload
    async def transact_get(
        self, a: Key[A], b: Key[B], /, *, include_expired: bool = False, include_deleted: bool = False
    ) -> tuple[A | None, B | None]: ...
    @overload
    async def transact_get(
        self, a: Key[A], b: Key[B], c: Key[C], /, *, include_expired: bool = False, include_deleted: bool = False
    ) -> tuple[A | None, B | None, C | None]: ...
    @overload
    async def transact_get(
        self, *keys: Key[M], include_expired: bool = False, include_deleted: bool = False
    ) -> tuple[M | None, ...]: ...
    async def transact_get(
        self, *keys: Key[Any], include_expired: bool = False, include_deleted: bool = False
    ) -> tuple[Any, ...]:
        """Return the models of up to 100 keys as they were at one moment, None where there is no item.

        Args:
            include_expired: also items whose `ttl()` has passed.
            include_deleted: also items that were deleted softly.
        """
        shown = Shown(include_expired, include_deleted)
        return tuple(await transact_get(self.executor, keys, shown=shown))
