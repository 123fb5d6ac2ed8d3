"""Why a flush was refused, in terms of the objects of the unit of work; pure.

| what did not hold | error |
|---|---|
| an added item must be absent | `AlreadyExists`; worth another run when the unit had read it as absent |
| a read item must be what it was | `StaleObject`, also without a version; `Gone` when it was deleted |
| an item that was only read must be what it was, or absent | `ReadConflict`, in a serializable unit |
| an item that was only incremented by key must be there | `NotFound` |
| a check of the user | `ConditionFailed` |
| a lock must be held | `LeaseLost` |
| a unique value is another item's | `UniqueViolation` |

Each has the object as `instance`. One refused action gives its own error, so that the caller of a unit catches the
same classes as for single writes; several give one `CommitConflict` with `errors` by position in the plan.
"""

from __future__ import annotations

from ddbmodel.errors import (
    AlreadyExists,
    CancellationReason,
    CommitConflict,
    ConditionFailed,
    DdbModelError,
    Gone,
    LeaseLost,
    NotFound,
    ReadConflict,
    ServiceError,
    StaleObject,
    TransactionFailed,
    VersionConflict,
)
from ddbmodel.expressions.evaluate import evaluate
from ddbmodel.query.failures import transaction_failure
from ddbmodel.query.item_requests import ItemWrite, Purpose
from ddbmodel.unit_of_work.identity_map import Tracked
from ddbmodel.unit_of_work.locks import LeaseLock
from ddbmodel.unit_of_work.planned_actions import ActionKind, Plan, PlannedAction

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
    for position, found in errors.items():
        if isinstance(found, ConditionFailed):
            found.instance = plan.actions[position].tracked.instance
    if len(errors) == 1:
        return next(iter(errors.values()))
    told = "; ".join(f"action {position}: {found}" for position, found in errors.items())
    return CommitConflict(
        f"nothing was written, because of {len(errors)} of {len(plan.actions)} actions: {told}", errors
    )


def _refined(action: PlannedAction, reason: CancellationReason, found: DdbModelError) -> DdbModelError:
    """Return the error of the guard when it was the guard that did not hold."""
    tracked, name = action.tracked, action.tracked.key.model.__name__
    if reason.code != "ConditionalCheckFailed" or not isinstance(found, ConditionFailed):
        return found
    if issubclass(tracked.key.model, LeaseLock):
        return LeaseLost("a lock that this unit of work requires is held by somebody else by now; nothing was written")
    if action.guard is None or evaluate(action.guard, reason.item):
        return found
    if action.kind == "ConditionCheck":
        return ReadConflict(
            f"{name}: an item that this unit of work read {_change(tracked, reason)} since; run it again", found.current
        )
    if tracked.state == "added":
        exists = AlreadyExists(f"{name}: an item with the key of the added object exists already", found.current)
        # Fresh reads would find what this unit read as absent; a blind add would only fail again.
        exists.retryable = tracked.read_as_absent
        return exists
    if tracked.snapshot is None and not (tracked.read_as_absent and reason.item):
        return NotFound(f"{name}: no item has this key, so there is nothing to increment; create it first")
    conflict: type[VersionConflict] = StaleObject if reason.item else Gone
    return conflict(
        f"{name}: the item {_change(tracked, reason)} since this unit of work read it; run it again", found.current
    )


def _change(tracked: Tracked, reason: CancellationReason) -> str:
    if tracked.snapshot is None and tracked.hidden is None:
        return "was created"
    return "was changed" if reason.item else "was deleted"
