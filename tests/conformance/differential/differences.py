"""Where the engine and DynamoDB Local are known to answer differently."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from differential.backends import Answer

__all__ = ["DIFFERENCES", "Difference", "explained"]


@dataclass(frozen=True, slots=True)
class Difference:
    """One known difference; `applies` gets the operation, the request, the engine's answer and DynamoDB Local's."""

    name: str
    local: str
    """What DynamoDB Local does."""
    service: str
    """What the service does."""
    source: str
    applies: Callable[[str, dict[str, Any], Answer, Answer], bool]
    takes: str = "the service's"
    """Whose side the engine takes."""


def explained(operation: str, request: dict[str, Any], ours: Answer, theirs: Answer) -> Difference | None:
    """Return the difference that explains two answers, or None."""
    for difference in DIFFERENCES:
        if difference.applies(operation, request, ours, theirs):
            return difference
    return None


DIFFERENCES: tuple[Difference, ...] = ()
