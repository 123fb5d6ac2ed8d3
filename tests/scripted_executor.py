"""An executor that records every request and answers with what a function says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

__all__ = ["ScriptedExecutor"]

Answer = Callable[[str, dict[str, Any]], dict[str, Any]]


class ScriptedExecutor:
    """Asks `answer` for the response, which may raise."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.requests: list[tuple[str, dict[str, Any]]] = []
        self.closed = 0

    async def execute(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        self.requests.append((operation, request))
        return self.answer(operation, request)

    async def close(self) -> None:
        self.closed += 1
