"""Sends single writes and transactions of writes: the one place where a write meets the service and its refusals.

A write that must know what is stored (`guarded_writes`) reads it first, and is made again when that changed before the
write came; unique values move in one transaction with it.
"""

from __future__ import annotations

import asyncio
import random
import uuid
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from ddbmodel.errors import ServiceError, TransactionTooLarge
from ddbmodel.expressions.evaluate import evaluate
from ddbmodel.model.hooks import hooks_of
from ddbmodel.query.failures import action_failures, transaction_failure, write_failure
from ddbmodel.query.guarded_writes import GuardedWrite, guarded, is_guarded, needs_stored
from ddbmodel.query.hooks import check_hooks, failure_loaded, run_after_write, run_before_write
from ddbmodel.query.item_requests import MAX_ACTIONS, MAX_TRANSACTION_BYTES, ItemWrite, get_request
from ddbmodel.query.stamps import stamped
from ddbmodel.query.stored_migrations import is_older_item, store_migrated
from ddbmodel.query.unique_guards import GuardAction, guard_actions
from ddbmodel.transport.executor import Executor, Response, service_time_s
from ddbmodel.transport.retry import full_jitter_delay_s
from ddbmodel.values.item_size import item_size_bytes
from ddbmodel.values.wire import Item

__all__ = ["migrates_one", "send_transaction", "send_write"]

Sleep: TypeAlias = Callable[[float], Awaitable[object]]

# A write that was overtaken is made again at once, and later after pauses of up to a second.
_MOST_TRIES: Final = 10


async def send_write(executor: Executor, write: ItemWrite, *, sleep: Sleep = asyncio.sleep) -> Response:
    """Carry out one write, and let its instance show what is stored now.

    Raises:
        AlreadyExists, VersionConflict, NotFound, UniqueViolation, ConditionFailed: a guard or the condition did not
            hold.
        ServiceError: any other refusal.
    """
    if not hooks_of(write.key.model).of_writes:
        return await _send_stamped(executor, stamped(write, service_time_s(executor)), sleep)
    check_hooks(write)
    write = await run_before_write(write)
    answer = await _send_stamped(executor, stamped(write, service_time_s(executor)), sleep)
    await run_after_write(write, answer.get("Attributes"))
    return answer


async def send_transaction(
    executor: Executor, writes: Sequence[ItemWrite], *, token: str | None = None, sleep: Sleep = asyncio.sleep
) -> None:
    """Carry out writes of different items, all of them or none.

    Args:
        token: makes a repetition of the same transaction within ten minutes no second one; by default a fresh one.

    Raises:
        TransactionTooLarge: more actions than one transaction takes; nothing was sent.
        TransactionFailed: why nothing was written, by position of the write.
        UniqueViolation: two of the writes take one unique value; nothing was sent.
        ServiceError: any other refusal.
    """
    for write in writes:
        check_hooks(write, in_transaction=True)
    writes = [await run_before_write(write) for write in writes]
    now_s = service_time_s(executor)
    writes = [stamped(write, now_s) for write in writes]
    attempt = await _until_settled(executor, writes, token, sleep, as_transaction=True)
    if attempt.error is not None:
        raise await failure_loaded(transaction_failure(writes, attempt.error, attempt.guards)) from attempt.error
    for write in writes:
        write.succeeded()
    for write in writes:
        await run_after_write(write)


async def _send_stamped(executor: Executor, write: ItemWrite, sleep: Sleep) -> Response:
    if is_guarded(write):
        return await _send_with_guards(executor, write, sleep)
    try:
        answer = await executor.execute(write.operation, write.request())
    except ServiceError as error:
        if await _migrates(executor, write, error.item):
            return await _send_stamped(executor, write, sleep)
        if _deletes_what_is_gone(write, error):
            return {}
        raise await failure_loaded(write_failure(write, error)) from error
    write.succeeded()
    return answer


@dataclass(frozen=True, slots=True)
class _Attempt:
    """What was sent last; with the refusal, where it was refused."""

    guards: Sequence[GuardAction]
    answer: Response
    error: ServiceError | None = None


async def _send_with_guards(executor: Executor, write: ItemWrite, sleep: Sleep) -> Response:
    attempt = await _until_settled(executor, [write], None, sleep, as_transaction=False)
    if attempt.error is not None:
        errors = action_failures([write], attempt.error, attempt.guards)
        raise await failure_loaded(errors.get(0) or write_failure(write, attempt.error)) from attempt.error
    write.succeeded()
    if write.purpose == "update" and "Attributes" not in attempt.answer:
        # A transaction gives nothing back.
        found = await executor.execute("GetItem", get_request(write.key, consistent=True))
        return {"Attributes": found["Item"]} if "Item" in found else {}
    return attempt.answer


async def _until_settled(
    executor: Executor, writes: Sequence[ItemWrite], token: str | None, sleep: Sleep, *, as_transaction: bool
) -> _Attempt:
    """Send writes until they are done, or refused for another reason than that what was read has changed."""
    not_ours: set[object] = set()
    tries = 0
    while True:
        tries += 1
        made = [guarded(write, stored) for write, stored in zip(writes, await _stored(executor, writes), strict=True)]
        changes = [change for each in made for change in each.changes if change.identity not in not_ours]
        guards = guard_actions(changes)
        alone = not as_transaction and not guards
        if len(made) + len(guards) > MAX_ACTIONS:
            raise TransactionTooLarge(len(made) + len(guards), MAX_ACTIONS)
        # Updates and deletes count too, by the size of the item that only the service knows.
        size_bytes = sum(item_size_bytes(each.write.item) for each in made if each.write.item is not None)
        if size_bytes > MAX_TRANSACTION_BYTES:
            raise TransactionTooLarge(size_bytes, MAX_TRANSACTION_BYTES, "bytes")
        try:
            if alone:
                return _Attempt((), await executor.execute(made[0].write.operation, made[0].write.request()))
            items = [each.write.transact_item() for each in made] + [guard.request for guard in guards]
            # The token makes a repetition by the transport, after an answer was lost, the same transaction.
            request = {"TransactItems": items, "ClientRequestToken": token or str(uuid.uuid4())}
            await executor.execute("TransactWriteItems", request)
            return _Attempt(guards, {})
        except ServiceError as error:
            foreign = _foreign(error, made, guards)
            not_ours.update(foreign)
            is_migrated = await migrates_one(executor, writes, error)
            if tries == _MOST_TRIES or not (foreign or is_migrated or _overtaken(error, made)):
                return _Attempt(guards, {}, error)
        await sleep(full_jitter_delay_s(tries, random.random(), longest_s=1.0))  # noqa: S311  # spreads retries


async def _stored(executor: Executor, writes: Sequence[ItemWrite]) -> list[Item | None]:
    async def of(write: ItemWrite) -> Item | None:
        if not needs_stored(write):
            return None
        answer = await executor.execute("GetItem", get_request(write.key, consistent=True))
        return answer.get("Item")

    return await asyncio.gather(*map(of, writes))


async def migrates_one(executor: Executor, writes: Sequence[ItemWrite], error: ServiceError) -> bool:
    """Bring items of earlier schema versions up to date that stood in the way of updates; return whether any did."""
    items = [reason.item for reason in error.cancellation_reasons] or [error.item]
    outcomes = [await _migrates(executor, write, item) for write, item in zip(writes, items, strict=False)]
    return any(outcomes)


async def _migrates(executor: Executor, write: ItemWrite, found: Item | None) -> bool:
    """Bring an item of an earlier schema version up to date where it stood in an update's way; return whether it did.

    An update by key takes the item to be of the model's version.
    """
    if write.purpose != "update" or found is None or not is_older_item(write.key.model, found):
        return False
    # Where somebody else wrote it, what is there now is looked at again.
    await store_migrated(executor, write.key.model, found)
    return True


def _overtaken(error: ServiceError, made: Sequence[GuardedWrite]) -> bool:
    """Return whether what was read for one of the writes has changed, or another transaction was in the way."""
    if error.code == "ConditionalCheckFailedException":
        unchanged = made[0].write.unchanged
        return unchanged is not None and not evaluate(unchanged, error.item)
    if not any(each.write.unchanged is not None or each.changes for each in made):
        return False
    reasons = error.cancellation_reasons
    for each, reason in zip(made, reasons, strict=False):
        unchanged = each.write.unchanged
        if reason.code == "ConditionalCheckFailed" and unchanged is not None and not evaluate(unchanged, reason.item):
            return True
    codes = {reason.code for reason in reasons} - {None, "None"}
    return bool(codes) and codes == {"TransactionConflict"}


def _foreign(error: ServiceError, made: Sequence[GuardedWrite], guards: Sequence[GuardAction]) -> set[object]:
    """Return the guards that were to be deleted and belong to another item, which is to keep them."""
    reasons = error.cancellation_reasons[len(made) :]
    return {
        guard.identity
        for guard, reason in zip(guards, reasons, strict=False)
        if not guard.takes and reason.code == "ConditionalCheckFailed"
    }


def _deletes_what_is_gone(write: ItemWrite, error: ServiceError) -> bool:
    """Return whether a soft delete found no item, which is fine as it is for any delete."""
    is_soft = write.purpose == "delete" and bool(write.actions)
    if not is_soft or write.guard == "version" or error.code != "ConditionalCheckFailedException":
        return False
    return not error.item and (write.condition is None or evaluate(write.condition, None))
