"""Why a flush was refused, in terms of the objects of the unit of work; pure.

| what did not hold | error |
|---|---|
| an added item must be absent | `AlreadyExists`; worth another run when the unit had read it as absent |
| a read item must be what it was | `VersionConflict`, also without a version; `current` is None when it was deleted |
| an item that was only incremented by key must be there | `NotFound` |
| a check of the user | `ConditionFailed` |
| a unique value is another item's | `UniqueViolation` |

One refused action gives its own error, so that the caller of a unit catches the same classes as for single writes;
several give one `TransactionFailed` with `errors` by position in the plan.
"""

from __future__ import annotations

from ddbmodel.errors import (
    AlreadyExists,
    CancellationReason,
    ConditionFailed,
    DdbModelError,
    NotFound,
    ServiceError,
    TransactionFailed,
    UniqueViolation,
    VersionConflict,
)
from ddbmodel.expressions.evaluate import evaluate
from ddbmodel.query.failures import transaction_failure
from ddbmodel.query.item_requests import ItemWrite, Purpose
from ddbmodel.unit_of_work.flush_plan import ActionKind, Plan, PlannedAction

__all__ = ["commit_failure"]

_PURPOSES: dict[ActionKind, Purpose] = {
    "Put": "put",
    "Update": "update",
    "Delete": "delete",
    "ConditionCheck": "check",
}


def commit_failure(plan: Plan, error: ServiceError) -> DdbModelError:
    """Return what the refusal of a plan means; `error` itself when it says nothing about single actions."""
    writes = [ItemWrite(_PURPOSES[action.kind], action.tracked.key) for action in plan.actions if action.unique is None]
    guards = [action.unique for action in plan.actions if action.unique is not None]
    failure = transaction_failure(writes, error, guards)
    if not isinstance(failure, TransactionFailed) or not failure.errors:
        return failure
    errors = {
        position: _refined(plan.actions[position], error.cancellation_reasons[position], found)
        for position, found in failure.errors.items()
    }
    if len(errors) == 1:
        return next(iter(errors.values()))
    told = "; ".join(f"action {position}: {found}" for position, found in errors.items())
    return TransactionFailed(
        f"nothing was written, because of {len(errors)} of {len(plan.actions)} actions: {told}",
        errors,
        retryable=all(found.retryable for found in errors.values()),
    )


def _refined(action: PlannedAction, reason: CancellationReason, found: DdbModelError) -> DdbModelError:
    """Return the error of the guard when it was the guard that did not hold."""
    tracked, name = action.tracked, action.tracked.key.model.__name__
    if isinstance(found, UniqueViolation):
        return found
    if not isinstance(found, ConditionFailed) or action.guard is None or evaluate(action.guard, reason.item):
        return found
    if tracked.state == "added":
        exists = AlreadyExists(f"{name}: an item with the key of the added object exists already", found.current)
        # Fresh reads would find what this unit read as absent; a blind add would only fail again.
        exists.retryable = tracked.read_as_absent
        return exists
    if tracked.snapshot is None:
        return NotFound(f"{name}: no item has this key, so there is nothing to increment; create it first")
    told = "was deleted" if not reason.item else "was changed"
    return VersionConflict(f"{name}: the item {told} since this unit of work read it; run it again", found.current)
