"""What every layer around an executor has in common: it passes on what the executor below can do besides answering."""

from __future__ import annotations

from typing import Final

from ddbmodel.transport.executor import Executor, Request, Response

__all__ = ["ExecutorLayer"]

# Of `ChangeNotifier`, `Misbehaving` and `Timekeeper`, which say what an executor can do by having these methods.
_ABILITIES: Final = ("subscribe", "behave", "now_s")


class ExecutorLayer:
    """An executor around another one, with the abilities that the inner one has and no others."""

    def __init__(self, inner: Executor) -> None:
        self.inner = inner
        for name in _ABILITIES:
            # On the instance: a method of the class would claim an ability that the inner executor may lack.
            if hasattr(inner, name):
                setattr(self, name, getattr(inner, name))

    async def execute(self, operation: str, request: Request) -> Response:
        """Return what the inner executor answers; see `Executor.execute`."""
        return await self.inner.execute(operation, request)

    async def close(self) -> None:
        """Close the inner executor."""
        await self.inner.close()
