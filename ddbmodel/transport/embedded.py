"""The embedded engine as an executor: the one bridge from the mapper to the engine."""

from __future__ import annotations

from collections.abc import Callable

from ddbmodel.engine.engine import Engine
from ddbmodel.transport.executor import Request, Response

__all__ = ["EmbeddedExecutor"]


class EmbeddedExecutor:
    """Hands requests to an engine in this process, which it owns and closes."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @classmethod
    def open(cls, url: str) -> EmbeddedExecutor:
        """Return the executor of ``memory:`` or ``file:PATH``; raises what `Engine.open` raises."""
        return cls(Engine.open(url))

    async def execute(self, operation: str, request: Request) -> Response:
        """Return the engine's answer; see `Executor.execute`."""
        return await self.engine.execute(operation, request)

    async def close(self) -> None:
        """Close the engine and free its file."""
        await self.engine.close()

    def subscribe(self, on_commit: Callable[[], None]) -> Callable[[], None]:
        """Call `on_commit` after every commit that appended stream records; see `ChangeNotifier`."""
        return self.engine.subscribe(on_commit)
