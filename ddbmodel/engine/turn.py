"""One turn of the event loop, in which requests that come together share what is to be done before them.

In memory a request is answered without waiting, so fifty that are gathered are decided in one turn. Who comes a second
time in a turn, as a caller does who polls without ever letting the loop go on, shares no longer: it might wait for
ever. Where no loop runs there are no turns, and nothing is shared.
"""

from __future__ import annotations

import asyncio

__all__ = ["Turn"]


class Turn:
    """Who came in the current turn of the loop after `begin`; over when the loop goes on."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._came: set[asyncio.Task[object] | None] = set()
        self._began_at_s = 0.0

    def begin(self, now_s: float) -> None:
        """Let those who come in the rest of the turn share what the running task does now."""
        loop = _running_loop()
        if loop is None:
            return
        if not self._came or loop is not self._loop:
            # Another loop may have ended in the middle of its turn.
            self._came = set()
            loop.call_soon(self._came.clear)
        self._loop, self._began_at_s = loop, now_s
        self._came.add(asyncio.current_task())

    def is_shared(self, now_s: float, most_s: float) -> bool:
        """Return whether the running task comes for the first time since another's `begin`, within so many seconds."""
        if not self._came or now_s >= self._began_at_s + most_s or self._loop is not _running_loop():
            return False
        task, count = asyncio.current_task(), len(self._came)
        self._came.add(task)
        return len(self._came) > count


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
