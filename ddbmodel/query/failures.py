"""The service's refusals of item writes, as the errors that a caller handles: which guard failed, and what is there."""

from __future__ import annotations

from collections.abc import Sequence

from ddbmodel.errors import (
    AlreadyExists,
    CancellationReason,
    ConditionFailed,
    DdbModelError,
    ItemNotDecodable,
    ItemTooLarge,
    NotFound,
    ServiceError,
    TransactionFailed,
    VersionConflict,
    service_error,
)
from ddbmodel.model import Model, schema_of
from ddbmodel.model.entities import holds_item
from ddbmodel.query.item_requests import ItemWrite
from ddbmodel.query.unique_guards import GuardAction
from ddbmodel.values.item_size import MAX_ITEM_BYTES
from ddbmodel.values.wire import Item

__all__ = ["action_failures", "transaction_failure", "write_failure"]

_CODE_OF_REASON = {
    "TransactionConflict": "TransactionConflictException",
    "ProvisionedThroughputExceeded": "ProvisionedThroughputExceededException",
    "ThrottlingError": "ThrottlingException",
    "ValidationError": "ValidationException",
    "ItemCollectionSizeLimitExceeded": "ItemCollectionSizeLimitExceededException",
}


def write_failure(write: ItemWrite, error: ServiceError) -> DdbModelError:
    """Return what the refusal of a single write means; the service's own error where it means nothing more."""
    if error.code == "ConditionalCheckFailedException":
        return _condition_failure(write, error.item)
    if error.code == "ValidationException" and error.message.startswith("Item size"):
        return ItemTooLarge(write.key.model.__name__, None, MAX_ITEM_BYTES)
    return error


def transaction_failure(
    writes: Sequence[ItemWrite], error: ServiceError, guards: Sequence[GuardAction] = ()
) -> DdbModelError:
    """Return what the refusal of a transaction means, write by write.

    Args:
        guards: the actions on guard items that followed those of the writes.
    """
    if not error.cancellation_reasons:
        return error
    errors = action_failures(writes, error, guards)
    told = "; ".join(f"action {position}, {writes[position].words}: {failure}" for position, failure in errors.items())
    return TransactionFailed(
        f"nothing was written, because of {len(errors)} of {len(writes)} actions: {told}",
        errors,
        {name: failure for position, failure in errors.items() for name in writes[position].names},
        retryable=bool(errors) and all(failure.retryable for failure in errors.values()),
    )


def action_failures(
    writes: Sequence[ItemWrite], error: ServiceError, guards: Sequence[GuardAction] = ()
) -> dict[int, DdbModelError]:
    """Return why writes were refused, by their position; the refusal of a guard item is its write's."""
    errors: dict[int, DdbModelError] = {}
    positions = {write.key: position for position, write in enumerate(writes)}
    for place, reason in enumerate(error.cancellation_reasons):
        if reason.code in (None, "None"):
            continue
        if place < len(writes):
            errors[place] = _reason_failure(writes[place], reason)
        elif place - len(writes) < len(guards):
            guard = guards[place - len(writes)]
            position = positions[guard.key]
            taken = reason.code == "ConditionalCheckFailed"
            errors.setdefault(position, guard.violation() if taken else _reason_failure(writes[position], reason))
    return dict(sorted(errors.items()))


def _reason_failure(write: ItemWrite, reason: CancellationReason) -> DdbModelError:
    if reason.code == "ConditionalCheckFailed":
        return _condition_failure(write, reason.item)
    code = _CODE_OF_REASON.get(reason.code, reason.code)
    return write_failure(write, service_error(code, reason.message or "", item=reason.item))


def _condition_failure(write: ItemWrite, found: Item | None) -> DdbModelError:
    model = write.key.model
    name = model.__name__
    current = _decoded(model, found)
    if write.guard == "absent" and found:
        return AlreadyExists(f"{name}: an item with this key exists already; use put to replace it", current)
    if write.guard == "version" and not _has_expected_version(write, found):
        told = "it was never read, and an item is there" if write.expected_version is None else "it was changed since"
        if not found:
            told = "it was deleted since"
        return VersionConflict(
            f"{name}: the stored version is not the one that was read: {told}; read it again", current
        )
    if write.guard == "present" and not found:
        way_out = "create it first" if write.purpose == "update" else "leave the delete out"
        return NotFound(f"{name}: no item has this key, so there is nothing to {write.purpose}; {way_out}")
    if found and not holds_item(model, found):
        return ConditionFailed(
            f"{name}: the item with this key is of another class of the table, and this {write.purpose} is not for it; "
            "nothing was written"
        )
    deleted = schema_of(model).deleted
    if write.purpose == "update" and deleted is not None and deleted[1] in (found or {}):
        return NotFound(f"{name}: the item with this key is deleted; take that back with db.restore(...) first")
    return ConditionFailed(f"{name}: the condition of this {write.purpose} does not hold; nothing was written", current)


def _has_expected_version(write: ItemWrite, found: Item | None) -> bool:
    if write.expected_version is None:
        return not found
    version = schema_of(write.key.model).version
    assert version is not None, "only a model with a version is guarded by one"
    return bool(found) and (found or {}).get(version[1]) == {"N": str(write.expected_version)}


def _decoded(model: type[Model], found: Item | None) -> Model | None:
    if not found:
        return None
    try:
        return model.from_item(found)
    except ItemNotDecodable:
        # The condition failed all the same, which is what the caller must hear of.
        return None
