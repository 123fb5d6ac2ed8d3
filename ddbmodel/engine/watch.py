"""Lets the engine look at the clock while nobody asks: one timer of the event loop that uses it.

A loop can end with the timer in it, as `asyncio.run` twice on one engine does; the next loop takes the watch over.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

__all__ = ["Watch"]


class Watch:
    """Calls a coroutine function once after a while, each time it is set; it must not raise.

    Args:
        look: what is called, in a task of its own.
        after_s: how long after `set`.
    """

    def __init__(self, look: Callable[[], Coroutine[Any, Any, None]], after_s: float) -> None:
        self._look, self._after_s = look, after_s
        self._timer: asyncio.TimerHandle | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._looking: asyncio.Task[None] | None = None

    def is_of_another_loop(self) -> bool:
        """Return whether it was set in another loop than the running one, which may have ended since."""
        return self._timer is not None and self._loop is not asyncio.get_running_loop()

    def set(self) -> None:
        """Look after a while, unless that is set already."""
        loop = asyncio.get_running_loop()
        if self._timer is None or self._loop is not loop:
            self._loop = loop
            self._timer = loop.call_later(self._after_s, self._begin)

    async def end(self) -> None:
        """Look no more, and wait for a look that is under way in this loop."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._looking is not None and self._looking.get_loop() is asyncio.get_running_loop():
            await asyncio.wait([self._looking])

    def _begin(self) -> None:
        self._timer = None
        self._looking = asyncio.get_running_loop().create_task(self._look())
