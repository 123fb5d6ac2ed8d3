"""What every layer around an executor has in common: it passes on what the executor below can do besides answering."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any, Final

from ddbmodel.transport.executor import Executor, Request, Response

__all__ = ["ExecutorLayer"]

# Of `ChangeNotifier`, `Misbehaving`, `Timekeeper` and `Scaling`, which say what an executor can do by having them.
_ABILITIES: Final = ("subscribe", "behave", "now_s", "scale")


class ExecutorLayer:
    """An executor around another one, with the abilities that the inner one has and no others."""

    def __init__(self, inner: Executor) -> None:
        self.inner = inner
        for name in _ABILITIES:
            # On the instance: a method of the class would claim an ability that the inner executor may lack.
            if hasattr(inner, name):
                setattr(self, name, getattr(inner, name))

    def execute(self, operation: str, request: Request) -> Coroutine[Any, Any, Response]:
        """Return what the inner executor answers; see `Executor.execute`."""
        return self.inner.execute(operation, request)

    async def close(self) -> None:
        """Close the inner executor."""
        await self.inner.close()
