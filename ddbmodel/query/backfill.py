"""Brings the stored items of a model up to its schema version: a scan in parallel parts, to be stopped and resumed.

Every item is stored by a put of its own, on the condition that it is still what was read; one that somebody changed in
the meantime is read again. Where the scan has come to is told to a checkpoint after every page, so a run that is
stopped or killed does not begin again.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, TypeAlias

from ddbmodel.errors import DdbModelError, InvalidRequest, ItemNotDecodable, UniqueViolation, ValueNotStorable
from ddbmodel.expressions.render import Renderer
from ddbmodel.expressions.tree import AttributeTest, Condition, In, Or, Value, all_of
from ddbmodel.expressions.tree import Path as AttributePath
from ddbmodel.model import Key, Model, schema_of
from ddbmodel.model.entities import entities_of
from ddbmodel.model.own_attributes import ENTITY, GUARD
from ddbmodel.query.item_requests import get_request
from ddbmodel.query.stored_migrations import is_older, is_older_item, store_migrated
from ddbmodel.transport.executor import Executor, Request
from ddbmodel.values.wire import Item

__all__ = ["Checkpoint", "FileCheckpoint", "MigrationReport", "migrate"]

State: TypeAlias = dict[str, Any]
"""What a checkpoint keeps: plain JSON."""

_MOST_SEGMENTS = 1000
_MOST_TRIES = 10


class Checkpoint(Protocol):
    """Where a migration keeps how far it has come."""

    async def load(self) -> State | None:
        """Return what was saved last, None at the first run."""
        ...

    async def save(self, state: State) -> None:
        """Keep a state, in place of the one before."""
        ...


class FileCheckpoint:
    """A checkpoint in a file, replaced as a whole so that a crash leaves the old or the new one."""

    def __init__(self, path: str | Path) -> None:
        self._path = Path(path)

    async def load(self) -> State | None:
        """Return what the file holds, None when there is none."""
        try:
            text = await asyncio.to_thread(self._path.read_text)
        except FileNotFoundError:
            return None
        state: State = json.loads(text)
        return state

    async def save(self, state: State) -> None:
        """Replace the file."""
        await asyncio.to_thread(self._replace, json.dumps(state))

    def _replace(self, text: str) -> None:
        beside = self._path.with_name(self._path.name + ".new")
        with beside.open("w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(self._path)


@dataclass(slots=True)
class MigrationReport:
    """What a migration did, or in a dry run would do.

    Attributes:
        scanned: items of earlier versions that were looked at.
        migrated: those that are stored anew.
        failed: keys of items that could not be migrated, each with the reason; they are as they were.
        is_dry_run: nothing was written.
    """

    scanned: int = 0
    migrated: int = 0
    failed: list[tuple[Key[Any], DdbModelError]] = field(default_factory=list)
    is_dry_run: bool = False


MigrationProgress: TypeAlias = Callable[[MigrationReport], object]


async def migrate(
    executor: Executor,
    model: type[Model],
    *,
    segments: int = 4,
    checkpoint: Checkpoint | None = None,
    dry_run: bool = False,
    progress: MigrationProgress | None = None,
    page_size: int = 100,
) -> MigrationReport:
    """Store every item of an earlier schema version as the model's version does.

    Args:
        segments: how many parts of the table are worked on at a time.
        checkpoint: keeps how far the work has come, for a later run with the same number of segments.
        dry_run: migrates in memory only, and reports what would fail.
        progress: called after every page.
        page_size: how many items a part looks at before it notes where it is.

    Raises:
        InvalidRequest: the model has one schema version only, or the checkpoint is another migration's.
        ServiceError: the service refused a read or a write; run it again to go on.
    """
    older = is_older(model)
    if older is None:
        raise InvalidRequest(
            f"{model.__name__} has one schema version, so there is nothing to migrate; declare a schema_version=..."
        )
    if not isinstance(segments, int) or not 1 <= segments <= _MOST_SEGMENTS:
        raise InvalidRequest(f"segments takes 1 to {_MOST_SEGMENTS}, got {segments!r}")
    run = _Run(executor, model, older, segments, None if dry_run else checkpoint, progress, page_size)
    run.report.is_dry_run = dry_run
    await run.load()
    tasks = [asyncio.ensure_future(run.segment(number)) for number in range(segments)]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return run.report


class _Run:
    def __init__(
        self,
        executor: Executor,
        model: type[Model],
        older: Condition,
        segments: int,
        checkpoint: Checkpoint | None,
        progress: MigrationProgress | None,
        page_size: int,
    ) -> None:
        self._executor, self._model, self._older = executor, model, older
        self._segments, self._checkpoint, self._progress = segments, checkpoint, progress
        self._page_size = page_size
        self._identity = {
            "table": schema_of(model).table,
            "model": model.__name__,
            "version": schema_of(model).settings.schema_version,
            "segments": segments,
        }
        # By segment where the next page starts; "done" at its end.
        self._places: dict[str, Any] = {}
        self._saving = asyncio.Lock()
        self.report = MigrationReport()

    async def load(self) -> None:
        """Go on where an earlier run stopped."""
        state = await self._checkpoint.load() if self._checkpoint is not None else None
        if state is None:
            return
        if state.get("migration") != self._identity:
            raise InvalidRequest(
                f"{self._model.__name__}: the checkpoint is of another migration, or of one with another number of "
                "segments; use it with the same arguments, or start with a fresh one"
            )
        self._places = dict(state["places"])

    async def segment(self, number: int) -> None:
        """Migrate one part of the table."""
        place = self._places.get(str(number))
        while place != "done":
            answer = await self._executor.execute("Scan", self._request(number, place))
            for item in answer.get("Items", []):
                await self._migrate(item)
            place = answer.get("LastEvaluatedKey") or "done"
            self._places[str(number)] = place
            await self._save()

    def _request(self, number: int, place: Item | None) -> Request:
        renderer = Renderer()
        request: Request = {
            "TableName": schema_of(self._model).table,
            "FilterExpression": renderer.condition(self._wanted()),
            "Limit": self._page_size,
            "ConsistentRead": True,
        }
        if self._segments > 1:
            request |= {"Segment": number, "TotalSegments": self._segments}
        if place is not None:
            request["ExclusiveStartKey"] = place
        return request | renderer.placeholders()

    def _wanted(self) -> Condition:
        entity = AttributePath((ENTITY,))
        terms: list[Condition] = [self._older, AttributeTest("attribute_not_exists", (AttributePath((GUARD,)),))]
        names = entities_of(self._model)
        if names is not None:
            own: Condition = In(entity, tuple(Value({"S": name}) for name in names))
            without = schema_of(self._model).settings.entity is None
            terms.append(Or((AttributeTest("attribute_not_exists", (entity,)), own)) if without else own)
        condition = all_of(tuple(terms))
        assert condition is not None, "there are two terms at least"
        return condition

    async def _migrate(self, item: Item) -> None:
        key = self._model.key_of_item(item)
        self.report.scanned += 1
        found: Item | None = item
        for _ in range(_MOST_TRIES):
            if found is None or not is_older_item(self._model, found):
                return
            try:
                if self.report.is_dry_run:
                    self._model.from_item(found).to_item()
                if self.report.is_dry_run or await store_migrated(self._executor, self._model, found):
                    self.report.migrated += 1
                    return
            except (ItemNotDecodable, ValueNotStorable, UniqueViolation) as error:
                self.report.failed.append((key, error))
                return
            found = (await self._executor.execute("GetItem", get_request(key, consistent=True))).get("Item")
        self.report.failed.append((key, _always_changed(self._model)))

    async def _save(self) -> None:
        if self._checkpoint is not None:
            async with self._saving:
                await self._checkpoint.save({"migration": self._identity, "places": dict(self._places)})
        if self._progress is not None:
            self._progress(self.report)


def _always_changed(model: type[Model]) -> DdbModelError:
    error = DdbModelError(
        f"{model.__name__}: the item was changed by others {_MOST_TRIES} times in a row; run it again"
    )
    error.retryable = True
    return error
