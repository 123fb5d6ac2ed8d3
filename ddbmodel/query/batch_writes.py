"""Sends groups of puts and deletes by BatchWriteItem, and those that it cannot carry one by one."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final, Literal, cast

from ddbmodel.errors import DdbModelError, OutcomeUnknown, ServiceError
from ddbmodel.model import Key, schema_of
from ddbmodel.query.batch_report import Tally
from ddbmodel.query.batch_routing import needs_single_writes
from ddbmodel.query.failures import write_failure
from ddbmodel.query.repeats import Sleep, left_undone, may_repeat, pause
from ddbmodel.query.sending import send_write
from ddbmodel.query.stamps import stamped
from ddbmodel.query.write_groups import Entry
from ddbmodel.transport.executor import Executor, Request, Response, service_time_s
from ddbmodel.transport.retry import MAX_ATTEMPTS
from ddbmodel.values.wire import Item

__all__ = ["BatchWriter"]

# A batch is refused as a whole for these, whichever of its writes is to blame.
_ONE_TO_BLAME: Final = frozenset({"ValidationException", "ItemCollectionSizeLimitExceededException"})


class BatchWriter:
    """Carries out groups of puts and deletes of different keys; what becomes of them stands in the tally."""

    def __init__(self, executor: Executor, tally: Tally, sleep: Sleep = asyncio.sleep) -> None:
        self._executor, self._tally, self._sleep = executor, tally, sleep

    async def send(self, group: list[Entry]) -> None:
        """Carry out a group of at most 25 writes."""
        batch: list[Entry] = []
        singles: list[Entry] = []
        for entry in group:
            purpose = cast("Literal['put', 'delete']", entry.write.purpose)
            (singles if needs_single_writes(entry.key.model, purpose) else batch).append(entry)
        if batch:
            await self._send_batch(batch)
        for entry in singles:
            await self._send_single(entry)

    async def _send_batch(self, entries: Iterable[Entry]) -> None:
        now_s = service_time_s(self._executor)
        left = {entry.key: replace(entry, write=stamped(entry.write, now_s)) for entry in entries}
        attempt = 0
        while left:
            if self._tally.stopped:
                self._skip(left.values())
                return
            failure: DdbModelError
            try:
                answer = await self._executor.execute("BatchWriteItem", _request(left.values()))
            except (ServiceError, OutcomeUnknown) as error:
                if not may_repeat(error, overwrites=True):
                    await self._refused(list(left.values()), error)
                    return
                attempt, failure = attempt + 1, error
            else:
                undone = _undone(answer, left)
                self._done(entry for key, entry in left.items() if key not in undone)
                # Progress starts the count again: only a service that does nothing is given up.
                attempt = attempt + 1 if len(undone) == len(left) else 1
                if undone and attempt == 1:
                    await self._tally.tell()
                left, failure = undone, left_undone("BatchWriteItem", len(undone))
            if attempt == MAX_ATTEMPTS:
                self._failed(left.values(), failure)
                return
            if left:
                await pause(attempt, self._sleep)

    async def _refused(self, entries: list[Entry], error: DdbModelError) -> None:
        """Find out which of the writes is to blame, and carry out the others."""
        by_table: dict[str, list[Entry]] = {}
        for entry in entries:
            by_table.setdefault(schema_of(entry.key.model).table, []).append(entry)
        parts = list(by_table.values())
        if len(parts) == 1 and len(entries) > 1 and isinstance(error, ServiceError) and error.code in _ONE_TO_BLAME:
            half = len(entries) // 2
            parts = [entries[:half], entries[half:]]
        if len(parts) == 1:
            self._failed(entries, error)
            return
        for part in parts:
            await self._send_batch(part)

    async def _send_single(self, entry: Entry) -> None:
        attempt = 0
        while not self._tally.stopped:
            try:
                await send_write(self._executor, entry.write, sleep=self._sleep)
            except DdbModelError as error:
                attempt += 1
                if attempt == MAX_ATTEMPTS or not may_repeat(error, overwrites=True):
                    self._tally.failed(entry.position, entry.target, error)
                    return
            else:
                self._tally.report.done += 1
                return
            await pause(attempt, self._sleep)
        self._skip([entry])

    def _done(self, entries: Iterable[Entry]) -> None:
        for entry in entries:
            entry.write.succeeded()
            self._tally.report.done += 1

    def _failed(self, entries: Iterable[Entry], error: DdbModelError) -> None:
        for entry in entries:
            told = write_failure(entry.write, error) if isinstance(error, ServiceError) else error
            self._tally.failed(entry.position, entry.target, told)

    def _skip(self, entries: Iterable[Entry]) -> None:
        for entry in entries:
            self._tally.skipped(entry.position, entry.target)


def _request(entries: Iterable[Entry]) -> Request:
    by_table: dict[str, list[Request]] = {}
    for entry in entries:
        item = entry.write.item
        action = {"DeleteRequest": {"Key": entry.key.item}} if item is None else {"PutRequest": {"Item": item}}
        by_table.setdefault(schema_of(entry.key.model).table, []).append(action)
    return {"RequestItems": by_table}


def _undone(answer: Response, sent: Mapping[Key[Any], Entry]) -> dict[Key[Any], Entry]:
    """Return the writes that the service left undone; all of a table's where it names one that was not sent."""
    undone: dict[Key[Any], Entry] = {}
    for table, actions in (answer.get("UnprocessedItems") or {}).items():
        of_table = {key: entry for key, entry in sent.items() if schema_of(key.model).table == table}
        if not of_table:
            return dict(sent)
        model = next(iter(of_table)).model
        named = {Key(model, _key_attributes(model, action)) for action in actions}
        # Writing once more what was written is harmless; losing what was not is not.
        undone.update(of_table if named - of_table.keys() else {key: of_table[key] for key in of_table if key in named})
    return undone


def _key_attributes(model: type[Any], action: Mapping[str, Any]) -> Item:
    schema = schema_of(model)
    attributes: Item = (action.get("DeleteRequest") or {}).get("Key") or action["PutRequest"]["Item"]
    return {part.attribute: attributes[part.attribute] for part in (schema.partition, schema.sort) if part is not None}
