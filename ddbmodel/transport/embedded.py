"""The embedded engine as an executor: the one bridge from the mapper to the engine.

An engine that was told to misbehave loses requests and throttles them; they are then sent again by the rules of
`retry.py`, as they would be to a service. One that was not is asked once: what it refuses, it refuses for good.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable

from ddbmodel.engine.behaviours import Behaviours, Unanswered
from ddbmodel.engine.engine import Engine
from ddbmodel.engine.options import EngineOptions
from ddbmodel.errors import Throttled
from ddbmodel.transport.executor import Request, Response
from ddbmodel.transport.retry import full_jitter_delay_s, is_repeatable, unanswered

__all__ = ["EmbeddedExecutor"]


class EmbeddedExecutor:
    """Hands requests to an engine in this process, which it owns and closes."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @classmethod
    def open(
        cls, url: str, *, options: EngineOptions | None = None, behaviours: Behaviours | None = None
    ) -> EmbeddedExecutor:
        """Return the executor of ``memory:`` or ``file:PATH``; raises what `Engine.open` raises."""
        return cls(Engine.open(url, options=options, behaviours=behaviours))

    async def execute(self, operation: str, request: Request) -> Response:
        """Return the engine's answer; see `Executor.execute`."""
        if self.engine.behaviours is None:
            return await self.engine.execute(operation, request)
        return await self._execute_patiently(operation, request, self.engine.behaviours.attempts)

    async def scale(self, operation: str, request: Request) -> Response:
        """Return what the engine answers in the place of Application Auto Scaling; see `Scaling.scale`."""
        return await self.engine.scale(operation, request)

    async def close(self) -> None:
        """Close the engine and free its file."""
        await self.engine.close()

    def subscribe(self, on_commit: Callable[[], None]) -> Callable[[], None]:
        """Call `on_commit` after every commit that appended stream records; see `ChangeNotifier`."""
        return self.engine.subscribe(on_commit)

    def now_s(self) -> float:
        """Return the engine's time; see `Timekeeper`."""
        return self.engine.now_s()

    def behave(self, behaviours: Behaviours) -> None:
        """Let the engine misbehave like this from now on; see `Engine.behave`."""
        self.engine.behave(behaviours)

    async def _execute_patiently(self, operation: str, request: Request, attempts: int) -> Response:
        attempt = 0
        while True:
            attempt += 1
            try:
                return await self.engine.execute(operation, request)
            except Unanswered as failure:
                # Nobody on this side could tell a lost request from a lost answer.
                if attempt == attempts or not is_repeatable(operation, request):
                    raise unanswered(operation, failure) from failure
            except Throttled:
                if attempt == attempts:
                    raise
            await asyncio.sleep(full_jitter_delay_s(attempt, random.random()))  # noqa: S311  # spreads retries
