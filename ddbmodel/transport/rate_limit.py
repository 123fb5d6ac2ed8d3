"""`RateLimit`: lets requests pass at so many capacity units a second, without holding up the event loop.

A request is admitted for an estimate, and what it really consumed is settled when the answer says so. Requests wait in
the order in which they came; one that is cancelled while it waits takes nothing.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Awaitable, Callable
from typing import Final, TypeAlias

from ddbmodel.errors import InvalidRequest
from ddbmodel.transport.capacity_units import UnitKind
from ddbmodel.transport.token_bucket import TokenBucket

__all__ = ["RateLimit"]

Sleep: TypeAlias = Callable[[float], Awaitable[object]]

# What others give back may end a wait early, so a long one looks again.
_LOOK_AGAIN_S: Final = 0.25


class RateLimit:
    """At most so many read and write units a second; several scopes and databases may share one.

    A request larger than the burst is admitted too, and those after it wait until its debt is paid: no request waits
    forever. Give it to ``Database.connect(..., rate_limit=...)`` or ``db.limited(...)``.

    Args:
        read_units: read units a second; None for no limit.
        write_units: write units a second; None for no limit.
        burst_s: how many seconds' units an idle time saves up; 0 for an even flow.
        monotonic_s: the clock, in seconds.
        sleep: waits so many seconds of that clock.

    Raises:
        InvalidRequest: neither limit is given, or a number is not positive and finite.
    """

    def __init__(
        self,
        *,
        read_units: float | None = None,
        write_units: float | None = None,
        burst_s: float = 1.0,
        monotonic_s: Callable[[], float] = time.monotonic,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        if read_units is None and write_units is None:
            raise InvalidRequest("a RateLimit needs read_units, write_units or both, in units a second")
        if not _is_number(burst_s) or burst_s < 0:
            raise InvalidRequest(f"burst_s takes a number of seconds, 0 or more, got {_told(burst_s)}")
        self._monotonic_s, self._sleep = monotonic_s, sleep
        self._buckets: dict[UnitKind, TokenBucket] = {}
        self._turns: dict[UnitKind, asyncio.Lock] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        limits: tuple[tuple[UnitKind, float | None], ...] = (("read", read_units), ("write", write_units))
        for kind, rate in limits:
            if rate is None:
                continue
            if not _is_number(rate) or rate <= 0:
                raise InvalidRequest(f"{kind}_units takes a number of units a second above 0, got {_told(rate)}")
            saved = rate * burst_s
            self._buckets[kind] = TokenBucket(float(rate), saved, saved, monotonic_s())

    def __repr__(self) -> str:
        limits = ", ".join(f"{kind}_units={bucket.rate:g}" for kind, bucket in self._buckets.items())
        return f"RateLimit({limits})"

    async def admit(self, kind: UnitKind, units: float) -> None:
        """Return when a request of about so many units may be sent; they are taken then."""
        bucket = self._buckets.get(kind)
        if bucket is None:
            return
        # A lock serves in the order of asking, and one who is cancelled while waiting leaves it to the next.
        async with self._turn(kind):
            while (wait_s := bucket.wait_s(self._monotonic_s())) > 0:
                await self._sleep(min(wait_s, _LOOK_AGAIN_S))
            bucket.take(units, self._monotonic_s())

    def settle(self, kind: UnitKind, admitted_units: float, consumed_units: float) -> None:
        """Take or give back the difference between what a request was admitted for and what it consumed."""
        bucket = self._buckets.get(kind)
        if bucket is not None:
            bucket.take(consumed_units - admitted_units, self._monotonic_s())

    def _turn(self, kind: UnitKind) -> asyncio.Lock:
        # A lock belongs to one event loop; a limit of a module may outlive one and meet the next.
        loop = asyncio.get_running_loop()
        if self._loop is not loop:
            self._loop, self._turns = loop, {}
        return self._turns.setdefault(kind, asyncio.Lock())


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _told(value: object) -> str:
    return repr(value) if isinstance(value, (int, float)) else f"a {type(value).__name__}"
