"""The layer that knows what requests cost: it sums it up for scopes, and holds requests back for rate limits.

Scopes are open for the task that opened them and the tasks that it starts meanwhile, and for no other. Where none is
open, a request passes as it is. Where one is, it asks for its cost, and the answer shows no more of it than the
request asked for itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Hashable
from contextvars import Context, ContextVar
from types import TracebackType
from typing import Any, Final, Self

from ddbmodel.errors import InvalidRequest, Throttled
from ddbmodel.transport.capacity_units import (
    METERED,
    UnitKind,
    as_asked,
    asking_for,
    consumed_by,
    kind_of,
    least_units,
    workload_of,
)
from ddbmodel.transport.cost import Cost
from ddbmodel.transport.executor import Executor, Request, Response
from ddbmodel.transport.layer import ExecutorLayer
from ddbmodel.transport.rate_limit import RateLimit

__all__ = ["CostScope", "LimitScope", "MeteringLayer", "scopes_in"]

# The weight of the newest request in the mean of its kind.
_NEWEST: Final = 0.25


class _Scope:
    """A block in which the requests of one layer are looked at."""

    def __init__(self, layer: MeteringLayer) -> None:
        self.layer = layer
        self.state = "new"

    def _enter(self) -> None:
        if self.state != "new":
            raise InvalidRequest("this block was entered before; make another one")
        self.state = "open"
        _SCOPES.set((*_SCOPES.get(), self))

    def _leave(self) -> None:
        # Not by a token: a test's fixture may be left in another context than the one that it was entered in.
        self.state = "closed"
        _SCOPES.set(tuple(scope for scope in _SCOPES.get() if scope is not self))


class CostScope(_Scope):
    """``async with`` gives the `Cost` of the requests in the block; it stays as it is when the block ends."""

    def __init__(self, layer: MeteringLayer) -> None:
        super().__init__(layer)
        self.cost = Cost()

    async def __aenter__(self) -> Cost:
        self._enter()
        return self.cost

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._leave()


class LimitScope(_Scope):
    """``async with`` holds the requests in the block back as a `RateLimit` says."""

    def __init__(self, layer: MeteringLayer, limit: RateLimit) -> None:
        super().__init__(layer)
        if not isinstance(limit, RateLimit):
            raise InvalidRequest(f"limited takes a RateLimit(...), got a {type(limit).__name__}")
        self.limit = limit

    async def __aenter__(self) -> Self:
        self._enter()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._leave()


_SCOPES: ContextVar[tuple[_Scope, ...]] = ContextVar("ddbmodel_scopes", default=())


def scopes_in(context: Context) -> Hashable:
    """Return the scopes that are open in a context, to compare them with those of another."""
    return context.get(_SCOPES, ())


class MeteringLayer(ExecutorLayer):
    """Meters the requests of open scopes, and of all where it has a limit of its own."""

    def __init__(self, inner: Executor, limit: RateLimit | None = None) -> None:
        super().__init__(inner)
        self._limit = limit
        self._mean_units: dict[tuple[object, ...], float] = {}

    def execute(self, operation: str, request: Request) -> Coroutine[Any, Any, Response]:
        """Return what the inner executor answers; see `Executor.execute`."""
        if self._limit is None and not _SCOPES.get():
            return self.inner.execute(operation, request)
        return self._metered(operation, request)

    async def _metered(self, operation: str, request: Request) -> Response:
        scopes = [scope for scope in _SCOPES.get() if scope.layer is self and scope.state == "open"]
        costs = [scope.cost for scope in scopes if isinstance(scope, CostScope)]
        # One object may be given to several scopes, and is asked once.
        limits = dict.fromkeys(scope.limit for scope in scopes if isinstance(scope, LimitScope))
        if self._limit is not None:
            limits = dict.fromkeys((self._limit, *limits))
        asking = asking_for(request, "INDEXES" if costs else "TOTAL") if (costs or limits) else None
        if asking is None or operation not in METERED:
            return await self.inner.execute(operation, request)
        if not limits:
            response = await self.inner.execute(operation, asking)
        else:
            response = await self._in_limits(operation, asking, list(limits))
        consumed = consumed_by(operation, request, response)
        for cost in costs:
            cost.add(operation, consumed)
        return as_asked(response, request)

    async def _in_limits(self, operation: str, request: Request, limits: list[RateLimit]) -> Response:
        kind, workload = kind_of(operation, request), workload_of(operation, request)
        least = least_units(operation, request)
        # Batches differ in length, so what is learnt is by how much a request is dearer than the least.
        estimate = least * self._mean_units.get(workload, 1.0)
        await _admit(limits, kind, estimate)
        try:
            response = await self.inner.execute(operation, request)
        except Throttled:
            _settle(limits, kind, estimate, 0.0)
            raise
        if "ConsumedCapacity" in response:
            consumed = [each.units for each in consumed_by(operation, request, response)]
            units = sum(each.read_units + each.write_units for each in consumed)
            _settle(limits, kind, estimate, units)
            if least:
                before = self._mean_units.get(workload, units / least)
                self._mean_units[workload] = before + _NEWEST * (units / least - before)
        return response


async def _admit(limits: list[RateLimit], kind: UnitKind, units: float) -> None:
    admitted: list[RateLimit] = []
    try:
        for limit in limits:
            await limit.admit(kind, units)
            admitted.append(limit)
    except asyncio.CancelledError:
        _settle(admitted, kind, units, 0.0)
        raise


def _settle(limits: list[RateLimit], kind: UnitKind, admitted_units: float, consumed_units: float) -> None:
    for limit in limits:
        limit.settle(kind, admitted_units, consumed_units)
