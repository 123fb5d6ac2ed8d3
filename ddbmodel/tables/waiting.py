"""Waits for tables: pauses that grow, and a limit to how long it may take."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Final, TypeAlias

from ddbmodel.errors import TableMismatch
from ddbmodel.tables.existing import read_states
from ddbmodel.transport.executor import Executor

__all__ = ["Patience", "Sleep", "until_ready"]

_FIRST_WAIT_S: Final = 0.05
_LONGEST_WAIT_S: Final = 5.0

Sleep: TypeAlias = Callable[[float], Awaitable[None]]


class Patience:
    """How long to go on waiting for one thing.

    Args:
        timeout_s: None for as long as it takes.
    """

    def __init__(self, timeout_s: float | None, sleep: Sleep = asyncio.sleep) -> None:
        self.timeout_s, self._sleep = timeout_s, sleep
        self._deadline_s = None if timeout_s is None else time.monotonic() + timeout_s
        self._pause_s = _FIRST_WAIT_S

    @property
    def is_over(self) -> bool:
        """Whether the time is up."""
        return self._deadline_s is not None and time.monotonic() > self._deadline_s

    async def pause(self) -> None:
        """Wait, twice as long as before."""
        await self._sleep(self._pause_s)
        self._pause_s = min(2 * self._pause_s, _LONGEST_WAIT_S)


async def until_ready(executor: Executor, name: str, patience: Patience, *, is_new: bool) -> None:
    """Wait until nothing is being done with a table and its indexes.

    Args:
        is_new: it was just created, so that one that is not there is one that is not seen yet. DescribeTable is
            eventually consistent.

    Raises:
        TableMismatch: it took too long.
    """
    while True:
        states = await read_states(executor, name)
        if states is None:
            if not is_new:
                return
            states = {name: "CREATING"}
        busy = {part: state for part, state in states.items() if state != "ACTIVE"}
        if not busy:
            return
        if patience.is_over:
            words = [f"{part} is still {state} after {patience.timeout_s:g} s" for part, state in busy.items()]
            raise TableMismatch({name: words})
        await patience.pause()
