"""Sends a plan as one transaction until its outcome is known: the part of a unit of work that talks to the service.

| answer | what it means | then |
|---|---|---|
| success | committed, by this attempt or by one before whose answer was lost | done |
| a guard or check did not hold | nothing was written, by no attempt | the error of the objects |
| another transaction, or throttling, was in the way | this attempt wrote nothing | again |
| no answer, a failure inside the service, an attempt still running | unknown | again |
| anything else | nothing was written, unless an earlier attempt was left unknown | the service's error |

Every attempt is the same payload with the same token, so the service carries it out at most once, also when it is a
single write. When the attempts end and one of them was left unknown, the outcome is said to be unknown, never guessed.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from ddbmodel.errors import DdbModelError, OutcomeUnknown, ServiceError
from ddbmodel.query.hooks import failure_loaded
from ddbmodel.query.item_requests import ItemWrite
from ddbmodel.query.sending import migrates_one
from ddbmodel.transport.executor import Executor, Request
from ddbmodel.transport.retry import full_jitter_delay_s
from ddbmodel.unit_of_work.commit_failures import commit_failure
from ddbmodel.unit_of_work.planned_actions import Plan

__all__ = ["MAX_ATTEMPTS", "Pauses", "commit"]

MAX_ATTEMPTS: Final = 6
"""How often a payload is sent, a few seconds in all; the service remembers a token for ten minutes."""

_LONGEST_PAUSE_S: Final = 1.0

_OUTCOME_OPEN: Final = frozenset({"InternalServerError", "ServiceUnavailable", "TransactionInProgressException"})

_PASSING_REASONS: Final = frozenset({"None", "ProvisionedThroughputExceeded", "ThrottlingError", "TransactionConflict"})


@dataclass(frozen=True, slots=True)
class Pauses:
    """How a unit of work waits: the clock and the dice are the caller's.

    Attributes:
        sleep: waits for a number of seconds.
        unit_random: a random number in [0, 1).
        monotonic_s: seconds since some moment, never back.
    """

    sleep: Callable[[float], Awaitable[object]]
    unit_random: Callable[[], float]
    monotonic_s: Callable[[], float] = time.monotonic


async def commit(executor: Executor, plan: Plan, *, token: str, pauses: Pauses, is_open: bool = False) -> None:
    """Carry out a plan, all of it or nothing.

    Args:
        token: 1 to 36 characters that no other payload ever had.
        is_open: an earlier call with this plan and token ended without knowing what became of it.

    Raises:
        AlreadyExists, StaleObject, Gone, ReadConflict, UniqueViolation, NotFound, ConditionFailed: nothing was
            written, because of one object (`commit_failures`); `CommitConflict` because of several.
        TransactionFailed: other transactions were in the way until the attempts ended; nothing was written.
        TransactionTooLarge: nothing was sent.
        OutcomeUnknown: no answer came to at least one attempt, and no later one settled it.
        ServiceError: any other refusal; nothing was written.
    """
    plan.check_size()
    for body in plan.requests:
        await _until_known(executor, plan, {**body, "ClientRequestToken": token}, pauses, left_open=is_open)


async def _until_known(executor: Executor, plan: Plan, request: Request, pauses: Pauses, *, left_open: bool) -> None:
    attempt = 1
    while True:
        failure: DdbModelError
        try:
            await executor.execute("TransactWriteItems", request)
            return
        except OutcomeUnknown as error:
            left_open, failure = True, error
        except ServiceError as error:
            failure = commit_failure(plan, error)
            if await migrates_one(executor, _blind_updates(plan), error) and attempt < MAX_ATTEMPTS:
                attempt += 1
                continue
            if _settles(error):
                raise await failure_loaded(failure) from error
            left_open = left_open or error.code in _OUTCOME_OPEN
            if not failure.retryable or attempt == MAX_ATTEMPTS:
                raise (_unknown(plan) if left_open else failure) from error
        if attempt == MAX_ATTEMPTS:
            raise _unknown(plan) from failure
        await pauses.sleep(full_jitter_delay_s(attempt, pauses.unit_random(), longest_s=_LONGEST_PAUSE_S))
        attempt += 1


def _blind_updates(plan: Plan) -> list[ItemWrite]:
    """Return the actions in their order, those as updates that rest on nothing that was read."""
    return [
        ItemWrite("update" if action.kind == "Update" and action.tracked.snapshot is None else "check", key)
        for action in plan.actions
        for key in (action.tracked.key,)
    ]


def _settles(error: ServiceError) -> bool:
    """Return whether a refusal is about what the plan says, so that no attempt with this payload was carried out."""
    return any(reason.code not in _PASSING_REASONS for reason in error.cancellation_reasons)


def _unknown(plan: Plan) -> OutcomeUnknown:
    return OutcomeUnknown(
        f"no answer came to a unit of work of {len(plan.actions)} actions: all of it was committed, or nothing; "
        "await its resolve(), as in error.unit.resolve(), before running it again"
    )
