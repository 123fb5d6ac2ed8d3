"""Any number of updates by key: one by one, several at a time, or in transactions of up to a hundred."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Sequence
from typing import Any, Generic, TypeAlias, TypeVar

from ddbmodel.errors import DdbModelError, InvalidRequest, NotFound, TransactionFailed, TransactionTooLarge
from ddbmodel.expressions.tree import Condition, UpdateAction
from ddbmodel.model import Key, Model
from ddbmodel.query.batch_report import OnError, Progress, Tally, UpdateReport, check_choices
from ddbmodel.query.batches import CONCURRENCY, get_items
from ddbmodel.query.hooks import check_hooks, load
from ddbmodel.query.inputs import AnyIterable, check_iterable, each_of, known_length
from ddbmodel.query.item_requests import MAX_ACTIONS, ItemWrite, update_write
from ddbmodel.query.repeats import Sleep, may_repeat, pause
from ddbmodel.query.sending import send_transaction, send_write
from ddbmodel.query.write_groups import Entry, WriteGroups
from ddbmodel.transport.executor import Executor
from ddbmodel.transport.retry import MAX_ATTEMPTS

__all__ = ["KeyUpdate", "update_many"]

M = TypeVar("M", bound=Model)

KeyUpdate: TypeAlias = Key[M] | tuple[Key[M], Sequence[UpdateAction]]
"""What is updated: a key, by the actions that all have in common, or a key with its own actions."""


async def update_many(
    executor: Executor,
    updates: AnyIterable[KeyUpdate[M]],
    actions: Sequence[UpdateAction] = (),
    *,
    condition: Condition | None = None,
    upsert: bool | None = None,
    transactions: bool = False,
    returning: bool = True,
    concurrency: int = CONCURRENCY,
    on_error: OnError = "raise",
    progress: Progress | None = None,
    sleep: Sleep = asyncio.sleep,
) -> UpdateReport[M]:
    """Update many items; those of one key in the order given, never two of them at a time.

    Args:
        updates: keys, which `actions` are for, or pairs of a key and its own actions.
        upsert: whether a missing item is created; see `Database.update`.
        transactions: send them in transactions of up to 100 of different keys, each of which happens as a whole.
        returning: give the models after the update; they are read after it where transactions give none.
        concurrency: how many requests are under way at once.

    Raises:
        InvalidRequest: something in a list is no update that can be sent; nothing was sent. Found later, in an input of
            unknown length, it is one of the failures.
        BatchFailed: an update failed; it says which, why, and how many are done.
    """
    check_iterable("update_many", updates, "keys, or pairs of a key and its actions")
    check_choices("update_many", concurrency=concurrency, on_error=on_error)
    if isinstance(updates, Collection) and on_error == "raise":
        for update in updates:
            check_hooks(_write_of(update, tuple(actions), condition, upsert), in_transaction=transactions)
    report = UpdateReport[M]()
    tally = Tally("update_many", report, on_error, progress, known_length(updates))
    writer = _UpdateWriter(executor, tally, report, returning=returning, sleep=sleep)
    groups = WriteGroups(
        writer.send_transaction if transactions else writer.send_single,
        tally,
        size=MAX_ACTIONS if transactions else 1,
        at_once=concurrency,
        last_counts=False,
    )
    await groups.run(_entries(updates, tuple(actions), condition, upsert, tally, report, returning))
    tally.finish()
    return report


class _UpdateWriter(Generic[M]):
    """Carries out updates; what becomes of them stands in the tally and the report."""

    def __init__(
        self, executor: Executor, tally: Tally, report: UpdateReport[M], *, returning: bool, sleep: Sleep
    ) -> None:
        self._executor, self._tally, self._report = executor, tally, report
        self._returning, self._sleep = returning, sleep

    async def send_single(self, group: list[Entry]) -> None:
        """Carry out a group of one update."""
        (entry,) = group
        attempt = 0
        while True:
            try:
                answer = await send_write(self._executor, entry.write, sleep=self._sleep)
            except DdbModelError as error:
                attempt += 1
                if attempt == MAX_ATTEMPTS or self._tally.stopped or not may_repeat(error, overwrites=False):
                    self._tally.failed(entry.position, entry.target, error)
                    return
                await pause(attempt, self._sleep)
                continue
            if "Attributes" not in answer:
                # The service makes no item out of removals alone.
                self._tally.failed(entry.position, entry.target, _nothing_there(entry.key.model))
                return
            self._report.done += 1
            if self._returning:
                self._report.models[entry.position] = await load(entry.key.model, answer["Attributes"])
            return

    async def send_transaction(self, group: list[Entry]) -> None:
        """Carry out a group of updates of different keys, all or none."""
        attempt = 0
        while True:
            try:
                await send_transaction(self._executor, [entry.write for entry in group], sleep=self._sleep)
                break
            except TransactionTooLarge as error:
                # Unique values take actions of their own.
                if len(group) == 1:
                    self._tally.failed(group[0].position, group[0].target, error)
                    return
                half = len(group) // 2
                await self.send_transaction(group[:half])
                if self._tally.stopped:
                    for entry in group[half:]:
                        self._tally.skipped(entry.position, entry.target)
                else:
                    await self.send_transaction(group[half:])
                return
            except DdbModelError as error:
                attempt += 1
                if attempt == MAX_ATTEMPTS or self._tally.stopped or not may_repeat(error, overwrites=False):
                    reasons = error.errors if isinstance(error, TransactionFailed) else {}
                    for place, entry in enumerate(group):
                        self._tally.failed(entry.position, entry.target, reasons.get(place, error))
                    return
            await pause(attempt, self._sleep)
        self._report.done += len(group)
        if self._returning:
            await self._read_back(group)

    async def _read_back(self, group: list[Entry]) -> None:
        by_model: dict[type[Any], list[Entry]] = {}
        for entry in group:
            by_model.setdefault(entry.key.model, []).append(entry)
        for model, entries in by_model.items():
            keys = [entry.key for entry in entries]
            items = await get_items(self._executor, model, keys, consistent=True, sleep=self._sleep)
            for entry in entries:
                if entry.key in items:
                    self._report.models[entry.position] = await load(model, items[entry.key])


async def _entries(
    updates: AnyIterable[KeyUpdate[M]],
    actions: tuple[UpdateAction, ...],
    condition: Condition | None,
    upsert: bool | None,
    tally: Tally,
    report: UpdateReport[M],
    returning: bool,
) -> AsyncIterator[Entry]:
    position = 0
    async for update in each_of(updates):
        if returning:
            report.models.append(None)
        try:
            write = _write_of(update, actions, condition, upsert)
        except DdbModelError as error:
            tally.failed(position, update, error)
            if tally.stopped:
                return
        else:
            yield Entry(update, write, position)
        position += 1


def _write_of(
    update: object, actions: tuple[UpdateAction, ...], condition: Condition | None, upsert: bool | None
) -> ItemWrite:
    if isinstance(update, Key):
        return update_write(update, actions, condition=condition, upsert=upsert)
    if not isinstance(update, tuple) or len(update) != 2 or not isinstance(update[0], Key):
        raise InvalidRequest(
            f"update_many takes keys, as in Score.key(...), or pairs of a key and its actions; got a "
            f"{type(update).__name__}"
        )
    key, own = update
    if actions:
        raise InvalidRequest("update_many: give actions for all keys, or with each key its own; got both")
    if isinstance(own, (str, bytes)) or not isinstance(own, Sequence):
        raise InvalidRequest(
            f"update_many: the second of a pair is a list of actions, as in [Score.points.add(1)]; got a "
            f"{type(own).__name__}"
        )
    return update_write(key, own, condition=condition, upsert=upsert)


def _nothing_there(model: type[Model]) -> NotFound:
    return NotFound(f"{model.__name__}: no item has this key, so there is nothing to remove from")
