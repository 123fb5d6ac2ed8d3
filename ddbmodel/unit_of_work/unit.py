"""The unit of work: objects are read, changed as plain Python, and written together when the block ends.

| state | how it is left |
|---|---|
| open | the block ends: committing; an exception leaves the block: discarded |
| committing | answered: committed or failed; never answered, or the task was cancelled: unknown |
| unknown | `resolve`: committed or failed, where that can be found out |
| committed, failed, discarded | never; every call but `resolve` raises `UnitOfWorkClosed` |
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing
from decimal import Decimal
from types import TracebackType
from typing import Any, Final, Literal, Self, TypeAlias, TypeVar

from ddbmodel.errors import (
    ConcurrentUse,
    DdbModelError,
    InvalidRequest,
    NotFound,
    Outcome,
    OutcomeUnknown,
    UnitOfWorkClosed,
)
from ddbmodel.expressions.tree import Condition
from ddbmodel.model import Attr, Index, Key, Model, set_stored_version
from ddbmodel.model.derived_fields import moved_by
from ddbmodel.model.hooks import hooks_of
from ddbmodel.model.settings import GuardMode
from ddbmodel.query.batches import get_items
from ddbmodel.query.conditions import check_condition
from ddbmodel.query.cursors import CursorSigner
from ddbmodel.query.hooks import check_hooks, load, loaded, run_after_write, run_before_write
from ddbmodel.query.item_requests import ItemWrite, Purpose, get_request, update_write
from ddbmodel.query.reads import Query, ReadContext, query
from ddbmodel.query.unique_guards import unique_attributes
from ddbmodel.query.visibility import HIDE_ALL, is_visible
from ddbmodel.transport.executor import Executor, service_time_s
from ddbmodel.unit_of_work.commit import Pauses, commit
from ddbmodel.unit_of_work.flush_plan import plan_flush
from ddbmodel.unit_of_work.guards import Isolation, Protection
from ddbmodel.unit_of_work.identity_map import IdentityMap, Tracked, TrackedState
from ddbmodel.unit_of_work.planned_actions import Plan, PlannedAction
from ddbmodel.unit_of_work.savepoints import Savepoint
from ddbmodel.unit_of_work.snapshots import add_to_field

__all__ = ["UnitOfWork"]

M = TypeVar("M", bound=Model)

_State: TypeAlias = Literal["open", "committing", "committed", "failed", "discarded", "unknown"]

_VERSION_BASE_BITS: Final = 48

_TOKEN_LIFE_S: Final = 9 * 60.0
"""Less than the ten minutes for which the service remembers a token. Source: API reference, TransactWriteItems."""

_PURPOSE_OF_STATE: Final[dict[TrackedState, Purpose]] = {"added": "create", "replaced": "put", "deleted": "delete"}


class UnitOfWork:
    """Tracks objects and commits what became of them as one guarded transaction.

    Use it as ``async with``: leaving the block commits, an exception that leaves it discards everything. A commit
    that fails changes nothing, neither in the table nor the versions of the objects; read again in a fresh unit.
    What a unit reads is not locked: a write is refused when its item changed since; an item that was only read may
    have changed, unless the unit is serializable. It belongs to the task that entered the block.
    """

    def __init__(
        self,
        executor: Executor,
        *,
        isolation: Isolation = "version",
        guard: GuardMode | None = None,
        pauses: Pauses | None = None,
        dice: random.Random | None = None,
    ) -> None:
        """Start an empty unit.

        Args:
            isolation: ``version`` guards what the unit writes; ``serializable`` also checks on commit that every item
                it read, or found absent, is what it was.
            guard: what protects written objects: ``version``, ``changed`` for the old values of what changes, or
                ``none``; by default what their model says, else the version where there is one.
            pauses: how to wait between attempts to commit; the event loop's clock by default.
            dice: where tokens and first versions come from; the system's randomness by default.

        Raises:
            InvalidRequest: no such isolation or guard, or a serializable unit without guards.
        """
        dice = dice or random.SystemRandom()
        self._executor = executor
        self._pauses = pauses or Pauses(asyncio.sleep, dice.random)
        self._token = f"{dice.getrandbits(128):032x}"
        self._version_base = dice.getrandbits(_VERSION_BASE_BITS) + 1
        self._protection = Protection(isolation, guard)
        self._items = IdentityMap()
        self._savepoints: list[Savepoint] = []
        self._state: _State = "open"
        self._owner: asyncio.Task[Any] | None = None
        self._sent: tuple[Plan, float] | None = None

    async def __aenter__(self) -> Self:
        self._check_open()
        self._owner = asyncio.current_task()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            if self._state == "open":
                self._state = "discarded"
        elif self._state == "open":
            await self.commit()

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

    def add(self, *instances: Model) -> None:
        """Mark objects as new; on commit no item may have their keys, unless it was deleted in this unit.

        Raises:
            IdentityConflict: another object is tracked for the key.
        """
        self._check_open()
        for instance in instances:
            self._items.add(instance)

    def delete(self, *targets: Model | Key[Any]) -> None:
        """Mark objects, or the items of keys, as to be deleted; what was read must be unchanged on commit.

        Raises:
            IdentityConflict: another object is tracked for the key.
            NotFound: the unit read the key and found nothing.
        """
        self._check_open()
        for target in targets:
            self._items.delete(target)

    def track(self, instance: M) -> M:
        """Take in an object that was read elsewhere, as it is now; changes from now on are committed.

        Raises:
            IdentityConflict: another object is tracked for its key.
            InvalidRequest: its model has a version and it was never read or written.
        """
        self._check_open()
        return self._items.track(instance)

    def increment(
        self, target: Model | Key[Any], attribute: Attr[Any] | str, amount: int | float | Decimal = 1
    ) -> None:
        """Add a number to an attribute on commit, whatever its value is then; increments of several units add up.

        The object shows the sum after the commit. The stored version is raised and not checked. An item that is not
        there is created where key and increments make a whole one, as `Database.update` does.

        Args:
            target: an object, or a key that need not be read.
            attribute: a number field at the top of the model, as ``Stats.count`` or by name.

        Raises:
            InvalidRequest: it is no such field, or the item is deleted in this unit.
        """
        self._check_open()
        key = target.item_key() if isinstance(target, Model) else target
        action = _field_of(key.model, attribute).add(amount)
        name = str(action.path.steps[0])
        if name in unique_attributes(key.model) or moved_by(key.model, (name,)):
            why = "unique" if name in unique_attributes(key.model) else "part of a derived text"
            raise InvalidRequest(
                f"{key.model.__name__}: {name!r} is {why}, so its sum must be known; read the object and change it"
            )
        # The same rules as for an update by key: what may be changed, and whether a missing item is created.
        must_exist = update_write(key, [action]).guard == "present"
        self._items.increment(target, action, must_exist=must_exist)

    def check(self, target: Model | Key[Any], condition: Condition) -> None:
        """Make the commit depend on a condition on an item, which need not be read; else it is `ConditionFailed`."""
        self._check_open()
        key = target.item_key() if isinstance(target, Model) else target
        check_condition(key.model.__name__, condition, key.model)
        self._items.at(key).conditions.append(condition)

    def guard(self, *parents: Model) -> None:
        """Raise the versions of objects on commit, whether they change or not, and make the commit depend on them.

        A query sees no item that another unit adds meanwhile. Where every unit that adds, changes or deletes such
        items guards the object that they belong to, and a unit that queries them reads that object first and guards
        it too, two of them never both commit.

        Raises:
            InvalidRequest: an object without a version, or one that is deleted in this unit.
            IdentityConflict: another object is tracked for its key.
        """
        self._check_open()
        for parent in parents:
            self._items.guard(parent)

    def savepoint(self) -> Savepoint:
        """Return a block within the unit: an exception that leaves it takes the unit back to where it began.

        The objects are the same, with the values that they had. What was read in the block stays read.
        """
        self._check_open()
        return Savepoint(self._items, self._savepoints, lambda: None)

    def plan(self) -> Plan:
        """Return what leaving the block now would send, and about what it would cost, without sending it.

        Raises:
            InvalidRequest: a key attribute of an object changed, or an attribute was both changed and incremented.
            ValueNotStorable: an object holds a value that the wire cannot carry.
        """
        self._check_open()
        return self._plan()

    async def commit(self) -> None:
        """Write what changed, all of it or nothing, and close the unit; nothing is sent when nothing changed.

        Leaving the block does this. The errors are those of `unit_of_work.commit.commit` and of `plan`. When the task
        is cancelled while an answer is awaited, `resolve` tells what became of the unit.

        Raises:
            InvalidRequest: within a savepoint.
        """
        self._check_open()
        if self._savepoints:
            raise InvalidRequest("a unit of work cannot be committed within a savepoint; leave its block first")
        try:
            plan = await self._plan_after_hooks()
        except BaseException:
            self._state = "failed"
            raise
        self._state = "committing"
        self._sent = plan, self._pauses.monotonic_s()
        await self._carry_out(plan, is_open=False)

    async def resolve(self) -> Outcome:
        """Find out what became of a commit whose outcome is unknown; of any other, say what is known.

        The same payload is sent again with the same token, which the service carries out at most once: what was
        lost on its way is committed now, if all of its guards still hold. The service remembers a token for ten
        minutes; after that nothing can be told, and the outcome stays unknown.

        Returns:
            ``committed``; ``not_committed``, of which the objects have kept their versions; or ``unknown``.

        Raises:
            InvalidRequest: the unit is still open.
            DdbModelError: an ``after_write`` hook failed.
        """
        if self._state in ("open", "committing"):
            raise InvalidRequest(f"this unit of work is {self._state}; only one that has ended has an outcome")
        if self._state == "unknown":
            assert self._sent is not None, "an outcome is unknown of what was sent only"
            plan, sent_s = self._sent
            if self._pauses.monotonic_s() - sent_s >= _TOKEN_LIFE_S:
                return "unknown"
            self._state = "committing"
            try:
                await self._carry_out(plan, is_open=True)
            except DdbModelError as error:
                if self._is_committed():
                    raise
                if isinstance(error, OutcomeUnknown):
                    return "unknown"
        return "committed" if self._is_committed() else "not_committed"

    async def _carry_out(self, plan: Plan, *, is_open: bool) -> None:
        try:
            await commit(self._executor, plan, token=self._token, pauses=self._pauses, is_open=is_open)
        except DdbModelError as error:
            self._state = "failed"
            if isinstance(error, OutcomeUnknown):
                self._state, error.unit = "unknown", self
            raise
        except BaseException as error:
            # The task was cancelled, or something broke, while the answer was on its way.
            self._state = "unknown"
            error.add_note("a unit of work was being committed; its resolve() tells whether it was")
            raise
        self._state = "committed"
        for action in plan.actions:
            _settle(action)
        for action in plan.actions:
            if action.unique is None and action.kind != "ConditionCheck":
                await run_after_write(_write_of(action.tracked))

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

    def _plan(self) -> Plan:
        now_s = service_time_s(self._executor)
        return plan_flush(
            self._items.in_order(), version_base=self._version_base, now_s=now_s, protection=self._protection
        )

    async def _plan_after_hooks(self) -> Plan:
        """Run the hooks of what is to be written, also of what only these hooks change."""
        seen: set[int] = set()
        while True:
            plan = self._plan()
            due = [
                action.tracked
                for action in plan.actions
                if action.unique is None
                and action.kind != "ConditionCheck"
                and id(action.tracked) not in seen
                and hooks_of(action.tracked.key.model).of_writes
            ]
            if not due:
                return plan
            for tracked in due:
                seen.add(id(tracked))
                check_hooks(_write_of(tracked), in_transaction=True)
                await run_before_write(_write_of(tracked))

    def _is_committed(self) -> bool:
        return self._state == "committed"

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


def _field_of(model: type[Model], attribute: Attr[Any] | str) -> Attr[Any]:
    """Return the bound attribute of a field at the top of a model."""
    if isinstance(attribute, str):
        if attribute not in model.model_fields:
            raise InvalidRequest(
                f"{model.__name__} has no field {attribute!r} to increment; "
                f"its fields are {', '.join(model.model_fields)}"
            )
        bound: Attr[Any] = getattr(model, attribute)
        return bound
    if not issubclass(model, attribute.model) or len(attribute.path.steps) != 1:
        raise InvalidRequest(
            f"{attribute!r} is not a field at the top of {model.__name__}, so it cannot be incremented"
        )
    return attribute


def _write_of(tracked: Tracked) -> ItemWrite:
    """Return what the hooks of a model are told about a tracked item."""
    return ItemWrite(_PURPOSE_OF_STATE.get(tracked.state, "update"), tracked.key, instance=tracked.instance)


def _settle(action: PlannedAction) -> None:
    """Let the object show what the commit did beside writing it."""
    tracked = action.tracked
    if tracked.instance is None or action.unique is not None or action.kind in ("Delete", "ConditionCheck"):
        return
    # Past the model's own assignment: a frozen model shows what is stored all the same.
    vars(tracked.instance).update(action.shown)
    for name, amount in tracked.increments.items():
        add_to_field(tracked.instance, name, amount)
    if action.version is not None:
        set_stored_version(tracked.instance, action.version)
