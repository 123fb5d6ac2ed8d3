"""The calls of a database that open units of work."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Protocol, TypeVar

from ddbmodel.model.settings import GuardMode
from ddbmodel.transport.executor import Executor
from ddbmodel.unit_of_work.commit_records import CommitRecord, result_type_of
from ddbmodel.unit_of_work.guards import Isolation
from ddbmodel.unit_of_work.locks import LeaseLock, Lock
from ddbmodel.unit_of_work.run import run
from ddbmodel.unit_of_work.unit import UnitOfWork

__all__ = ["UnitOfWorkCalls"]

R = TypeVar("R")


class _Connected(Protocol):
    @property
    def executor(self) -> Executor: ...


class UnitOfWorkCalls:
    """Objects that are read and changed, and committed together."""

    def unit_of_work(
        self: _Connected,
        *,
        isolation: Isolation = "version",
        guard: GuardMode | None = None,
        idempotency_key: str | None = None,
        records: type[CommitRecord] = CommitRecord,
    ) -> UnitOfWork:
        """Return a block in which objects are read and changed, and committed as one guarded transaction.

        Args:
            isolation: ``version`` guards what the unit writes; ``serializable`` also checks on commit that every item
                it read, or found absent, is what it was. Each check is one of the hundred actions, and costs as a
                write does.
            guard: what protects written objects: ``version``, ``changed`` for the old values of what changes, or
                ``none``; by default what their model says, else the version where there is one.
            idempotency_key: names the command that the unit carries out: of all units with one key, one commits, and
                entering or committing another raises `AlreadyCommitted`. The table of `records` must be there.
            records: whose table keeps what is emitted, and which commands are done.

        Raises:
            InvalidRequest: no such isolation or guard, or a serializable unit without guards.
        """
        return UnitOfWork(
            self.executor, isolation=isolation, guard=guard, idempotency_key=idempotency_key, records=records
        )

    def lock(
        self: _Connected,
        name: str,
        *,
        lease_s: float = 10.0,
        timeout_s: float | None = None,
        model: type[LeaseLock] = LeaseLock,
    ) -> Lock:
        """Return a lock to hold for a block: ``async with db.lock("nightly") as lock``.

        It is kept by heartbeats and ends with its holder. A holder that was paused may have lost it without knowing:
        let a unit of work `require` it, or pass `Lock.epoch` on to what is protected.

        Args:
            lease_s: how long a holder that shows no sign of life is waited for.
            timeout_s: how long to wait for another holder, then `LockTimeout`; None waits for as long as it takes.
            model: whose table keeps the lock.

        Raises:
            InvalidRequest: no name, or times that cannot be.
        """
        return Lock(self.executor, name, lease_s=lease_s, timeout_s=timeout_s, model=model)

    async def run(
        self: _Connected,
        fn: Callable[[UnitOfWork], Awaitable[R]],
        *,
        retries: int = 5,
        isolation: Isolation = "version",
        guard: GuardMode | None = None,
        idempotency_key: str | None = None,
        result_type: Any = None,
        records: type[CommitRecord] = CommitRecord,
    ) -> R:
        """Run a function in a unit of work, again on fresh reads after a conflict; return what it returns.

        Args:
            fn: may be called several times, so anything it does beside the unit happens several times.
            retries: how many more runs after the first.
            isolation: as for `unit_of_work`, and so are `guard` and `records`.
            idempotency_key: names the command that `fn` carries out. It is carried out once; a repetition, at the same
                time or within a week, returns what the first gave.
            result_type: what `fn` returns, where its annotation does not say it; it is kept as JSON.

        Raises:
            DdbModelError: the error of the last run. An unknown outcome leads to no other run, since the first may
                have been committed: ``await error.unit.resolve()`` tells.
        """

        def unit() -> UnitOfWork:
            return UnitOfWork(
                self.executor, isolation=isolation, guard=guard, idempotency_key=idempotency_key, records=records
            )

        if idempotency_key is not None and result_type is None:
            result_type = result_type_of(fn)
        return await run(unit, fn, retries, result_type=result_type)
