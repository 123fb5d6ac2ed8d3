"""When one of many writes is sent again, and the pause before: full jitter, and an end when nothing moves."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from typing import TypeAlias

from ddbmodel.errors import DdbModelError, OutcomeUnknown, Throttled
from ddbmodel.transport.retry import MAX_ATTEMPTS, full_jitter_delay_s

__all__ = ["Sleep", "left_undone", "may_repeat", "pause"]

Sleep: TypeAlias = Callable[[float], Awaitable[object]]


def may_repeat(error: DdbModelError, *, overwrites: bool) -> bool:
    """Return whether a write that failed may be sent again.

    Args:
        overwrites: it stores or deletes whatever is there, so that twice is as good as once.
    """
    return overwrites if isinstance(error, OutcomeUnknown) else error.retryable


def left_undone(operation: str, count: int) -> Throttled:
    """Return the error of a batch of which the service does nothing, however often it is asked."""
    return Throttled(
        "ProvisionedThroughputExceededException",
        f"{operation}: {count} items of a batch were left undone {MAX_ATTEMPTS} times in a row",
    )


async def pause(attempt: int, sleep: Sleep) -> None:
    """Wait before the next attempt, after so many that failed."""
    await sleep(full_jitter_delay_s(attempt, random.random()))  # noqa: S311  # spreads retries
