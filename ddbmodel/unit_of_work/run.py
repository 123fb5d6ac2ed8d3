"""Runs a function in a unit of work, again on fresh reads when somebody else was faster."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeVar

from ddbmodel.errors import AlreadyCommitted, DdbModelError, TransactionFailed, VersionConflict
from ddbmodel.transport.retry import full_jitter_delay_s
from ddbmodel.unit_of_work.commit_records import result_adapter
from ddbmodel.unit_of_work.unit import UnitOfWork

__all__ = ["run"]

R = TypeVar("R")

_FIRST_PAUSE_S: Final = 0.010
_LONGEST_PAUSE_S: Final = 1.0


async def run(
    make_unit: Callable[[], UnitOfWork],
    fn: Callable[[UnitOfWork], Awaitable[R]],
    retries: int = 5,
    *,
    result_type: Any = None,
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    unit_random: Callable[[], float] = random.random,
) -> R:
    """Return what `fn` returned in the run whose unit of work was committed.

    Every run gets a fresh unit and therefore fresh reads; what an earlier run changed on its objects is gone.

    Args:
        fn: may be called several times, so anything it does beside the unit happens several times.
        result_type: of a command with an idempotency key: keep what `fn` returns, and return what was kept where the
            command was carried out before; None for units without a key.
        retries: how many more runs after the first.

    Raises:
        DdbModelError: the error of the last run. Only version conflicts, conflicts of transactions and throttling
            lead to another run; an unknown outcome never does, since the first run may have been committed.
    """
    failed_runs = 0
    while True:
        unit = make_unit()
        try:
            async with unit:
                result = await fn(unit)
                if result_type is not None:
                    unit.set_result(result, result_type)
            return result
        except AlreadyCommitted as done:
            if result_type is None or done.result_json is None:
                raise
            kept: R = result_adapter(result_type).validate_json(done.result_json)
            return kept
        except DdbModelError as error:
            failed_runs += 1
            if failed_runs > retries or not _is_worth_another_run(error):
                raise
        pause_s = full_jitter_delay_s(failed_runs, unit_random(), first_s=_FIRST_PAUSE_S, longest_s=_LONGEST_PAUSE_S)
        await sleep(pause_s)


def _is_worth_another_run(error: DdbModelError) -> bool:
    if isinstance(error, TransactionFailed) and error.errors:
        return all(map(_is_worth_another_run, error.errors.values()))
    return error.retryable or isinstance(error, VersionConflict)
