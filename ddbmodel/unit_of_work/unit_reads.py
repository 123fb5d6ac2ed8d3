"""The part of a unit of work that reads: each item once, and one object for each."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing
from typing import Any, Literal, TypeAlias, TypeVar

from ddbmodel.errors import ConcurrentUse, InvalidRequest, NotFound, UnitOfWorkClosed
from ddbmodel.expressions.tree import Condition
from ddbmodel.model import Index, Key, Model
from ddbmodel.query.batches import get_items
from ddbmodel.query.cursors import CursorSigner
from ddbmodel.query.hooks import load, loaded
from ddbmodel.query.item_requests import get_request
from ddbmodel.query.reads import Query, ReadContext, query
from ddbmodel.query.visibility import HIDE_ALL, is_visible
from ddbmodel.transport.executor import Executor, service_time_s
from ddbmodel.unit_of_work.identity_map import IdentityMap

__all__ = ["UnitReads", "UnitState"]

M = TypeVar("M", bound=Model)

UnitState: TypeAlias = Literal["open", "committing", "committed", "failed", "discarded", "unknown"]


class UnitReads:
    """Reads objects into the identity map of a unit that is open, for the task that opened it."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor
        self._items = IdentityMap()
        self._state: UnitState = "open"
        self._owner: asyncio.Task[Any] | None = None

    async def get(self, model: type[M], **names: Any) -> M | None:
        """Return the object of a key, None when there is none; the same key gives the same object.

        Reads are strongly consistent, and each item is read once: an object shows what was there then, and what the
        unit did to it since. Items that are expired or softly deleted are hidden.

        Raises:
            InvalidRequest: the names are not those of the key.
            IdentityConflict: the item is tracked as an object of another model.
        """
        self._check_open()
        return await self._get(model.key(**names))

    async def get_or_raise(self, model: type[M], **names: Any) -> M:
        """Return the object of a key; `NotFound` when there is none."""
        found = await self.get(model, **names)
        if found is None:
            raise NotFound(f"{model.__name__}: no item has this key, or it is deleted in this unit of work")
        return found

    async def get_many(self, model: type[M], keys: Iterable[Key[M]]) -> list[M | None]:
        """Return the objects of many keys, in their order; only those that the unit has not met are read."""
        self._check_open()
        keys = list(keys)
        unmet = [key for key in dict.fromkeys(keys) if self._items.at(key).state == "untouched"]
        read, now_s = await get_items(self._executor, model, unmet, consistent=True), service_time_s(self._executor)
        items = {key: item for key, item in read.items() if is_visible(model, item, HIDE_ALL, now_s)}
        found = {key: model.from_item(item) for key, item in items.items()}
        # Before the snapshot is taken: what a hook fills in is no change by the user.
        await loaded(found.values())
        self._check_open()
        for key in unmet:
            hidden = None if key in items else read.get(key)
            self._items.met(key, found.get(key), items.get(key), hidden=hidden)
        return [self._items.instance_at(key) for key in keys]

    async def query(self, source: type[M] | Index[M] | Query[M], *conditions: Condition) -> AsyncGenerator[M, None]:
        """Yield what a query finds as objects of this unit.

        An item that the unit knows is given as its object, as that is now; one that it deletes is left out. The
        query itself sees the table only: objects that were added are not found. It is no snapshot, and may be stale
        over a global index; a write of what it gave is guarded all the same.

        Args:
            source: a model or an index, with key conditions; or a query of the same database, such as
                ``db.query(Score, Score.game == "go").filter(...)``.
        """
        self._check_open()
        builder = source if isinstance(source, Query) else query(self._reads(), source, conditions)
        async with aclosing(builder.with_items()) as results:
            async for item, found in results:
                self._check_open()
                if not isinstance(found, Model):
                    raise InvalidRequest("a unit of work tracks whole objects; read a query with select() outside it")
                instance = self._items.met(found.item_key(), found, item)
                if instance is not None:
                    yield instance

    async def _get(self, key: Key[M]) -> M | None:
        if self._items.at(key).state != "untouched":
            return self._items.instance_at(key)
        answer = await self._executor.execute("GetItem", get_request(key, consistent=True))
        item = found = answer.get("Item")
        if item is not None and not is_visible(key.model, item, HIDE_ALL, service_time_s(self._executor)):
            item = None
        instance = None if item is None else await load(key.model, item)
        self._check_open()
        return self._items.met(key, instance, item, hidden=found if item is None else None)

    def _reads(self) -> ReadContext:
        # No cursor leaves a unit, so nothing is ever signed with this secret.
        return ReadContext(self._executor, CursorSigner(b""))

    def _check_open(self) -> None:
        if self._owner is not None and _current_task() is not self._owner:
            raise ConcurrentUse(
                "this unit of work belongs to the task that opened it, and another one uses it; open a unit in each "
                "task, and read many objects at once with get_many"
            )
        if self._state != "open":
            raise UnitOfWorkClosed(
                f"this unit of work is {self._state} and takes no more work; start a fresh one, which reads again"
            )


def _current_task() -> asyncio.Task[Any] | None:
    try:
        return asyncio.current_task()
    except RuntimeError:
        # No loop runs in this thread.
        return None
