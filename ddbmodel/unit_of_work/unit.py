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
from decimal import Decimal
from types import TracebackType
from typing import Any, Final, Self, TypeVar

from pydantic import BaseModel

from ddbmodel.errors import (
    AlreadyCommitted,
    AlreadyExists,
    CommitConflict,
    DdbModelError,
    InvalidRequest,
    LeaseLost,
    Outcome,
    OutcomeUnknown,
)
from ddbmodel.expressions.tree import Comparison, Condition, Path, Value
from ddbmodel.model import Attr, Key, Model, set_stored_version
from ddbmodel.model.derived_fields import moved_by
from ddbmodel.model.hooks import hooks_of
from ddbmodel.model.settings import GuardMode
from ddbmodel.query.conditions import check_condition
from ddbmodel.query.hooks import check_hooks, run_after_write, run_before_write
from ddbmodel.query.item_requests import ItemWrite, Purpose, get_request, update_write
from ddbmodel.query.unique_guards import unique_attributes
from ddbmodel.query.visibility import HIDE_ALL, is_visible
from ddbmodel.transport.executor import Executor, service_time_s
from ddbmodel.unit_of_work.commit import Pauses, commit
from ddbmodel.unit_of_work.commit_records import (
    CommitRecord,
    RecordKey,
    StoredEvent,
    result_adapter,
    stored_event,
    stored_result,
)
from ddbmodel.unit_of_work.flush_plan import plan_flush
from ddbmodel.unit_of_work.guards import Isolation, Protection
from ddbmodel.unit_of_work.identity_map import Tracked, TrackedState
from ddbmodel.unit_of_work.locks import Lock
from ddbmodel.unit_of_work.planned_actions import Plan, PlannedAction
from ddbmodel.unit_of_work.savepoints import Savepoint
from ddbmodel.unit_of_work.snapshots import add_to_field
from ddbmodel.unit_of_work.unit_reads import UnitReads

__all__ = ["UnitOfWork"]

M = TypeVar("M", bound=Model)

_VERSION_BASE_BITS: Final = 48

_TOKEN_LIFE_S: Final = 9 * 60.0
"""Less than the ten minutes for which the service remembers a token. Source: API reference, TransactWriteItems."""

_PURPOSE_OF_STATE: Final[dict[TrackedState, Purpose]] = {"added": "create", "replaced": "put", "deleted": "delete"}


class UnitOfWork(UnitReads):
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
        idempotency_key: str | None = None,
        records: type[CommitRecord] = CommitRecord,
        pauses: Pauses | None = None,
        dice: random.Random | None = None,
    ) -> None:
        """Start an empty unit.

        Args:
            isolation: ``version`` guards what the unit writes; ``serializable`` also checks on commit that every item
                it read, or found absent, is what it was.
            guard: what protects written objects: ``version``, ``changed`` for the old values of what changes, or
                ``none``; by default what their model says, else the version where there is one.
            idempotency_key: names the command that the unit carries out; of the units with one key, one commits.
            records: whose table keeps what is emitted, and which commands are done.
            pauses: how to wait between attempts to commit; the event loop's clock by default.
            dice: where tokens and first versions come from; the system's randomness by default.

        Raises:
            InvalidRequest: no such isolation or guard, or a serializable unit without guards.
        """
        super().__init__(executor)
        dice = dice or random.SystemRandom()
        self._pauses = pauses or Pauses(asyncio.sleep, dice.random)
        self._token = f"{dice.getrandbits(128):032x}"
        self._version_base = dice.getrandbits(_VERSION_BASE_BITS) + 1
        self._protection = Protection(isolation, guard)
        self._record_key = RecordKey(records, idempotency_key, self._token)
        self._events: list[StoredEvent] = []
        self._result: str | None = None
        self._savepoints: list[Savepoint] = []
        self._sent: tuple[Plan, float] | None = None

    async def __aenter__(self) -> Self:
        self._check_open()
        self._owner = asyncio.current_task()
        if self._record_key.idempotency_key is not None:
            record = await self._read_record()
            if record is not None:
                self._state = "failed"
                raise _already_committed(record)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            if self._state == "open":
                self._state = "discarded"
        elif self._state == "open":
            await self.commit()

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

    def require(self, lock: Lock) -> None:
        """Make the commit depend on a lock that is held: if anybody has taken it over since, nothing is written.

        Raises:
            LeaseLost: it is known to be lost, or not held.
        """
        self._check_open()
        if not lock.is_held:
            raise LeaseLost("the lock that this unit of work requires is not held, or was lost; acquire it again")
        self._items.at(lock.key).conditions.append(lock.condition)

    def emit(self, *events: BaseModel, within: Model | None = None) -> None:
        """Let events happen with the commit: they are stored in its transaction, and a stream handler publishes them.

        An event is kept as it is now, as JSON, under the name of its class or what the class has as ``event_name``.

        Args:
            events: pydantic models, in their order.
            within: an object of the unit in whose item the events are stored, instead of an item of their own: nothing
                more is written, and of one item they are published in the order of its commits. Until its next write
                they are in the stream of that item's table only.

        Raises:
            InvalidRequest: it is no pydantic model, or its JSON is not read back as it; the object is deleted.
            IdentityConflict: another object is tracked for the key of `within`.
        """
        self._check_open()
        stored = [stored_event(event) for event in events]
        if within is None:
            self._events += stored
        else:
            for event in stored:
                self._items.emit(within, {"M": {"name": {"S": event.name}, "data": {"S": event.data}}})

    def set_result(self, result: Any, result_type: Any = Any) -> None:
        """Say what a command with an idempotency key gives, now and whenever it is repeated.

        Raises:
            InvalidRequest: it is not read back as the same from JSON by its type.
        """
        self._check_open()
        self._result = stored_result(result_adapter(result_type), result)

    def savepoint(self) -> Savepoint:
        """Return a block within the unit: an exception that leaves it takes the unit back to where it began.

        The objects are the same, with the values that they had. What was read in the block stays read.
        """
        self._check_open()
        kept = len(self._events)

        def forget_events() -> None:
            del self._events[kept:]

        return Savepoint(self._items, self._savepoints, forget_events)

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
                return await self._resolve_by_record()
            self._state = "committing"
            try:
                await self._carry_out(plan, is_open=True)
            except DdbModelError as error:
                if self._is_committed():
                    raise
                if isinstance(error, OutcomeUnknown):
                    return "unknown"
        return "committed" if self._is_committed() else "not_committed"

    async def _resolve_by_record(self) -> Outcome:
        """Look for the record of the commit, which is there exactly when everything else is."""
        plan, _ = self._sent or (Plan(()), 0.0)
        if not any(isinstance(action.tracked.instance, CommitRecord) for action in plan.actions):
            return "unknown"
        record = await self._read_record()
        if record is None or record.token != self._token:
            self._state = "failed"
            return "not_committed"
        await self._succeeded(plan)
        return "committed"

    async def _carry_out(self, plan: Plan, *, is_open: bool) -> None:
        try:
            await commit(self._executor, plan, token=self._token, pauses=self._pauses, is_open=is_open)
        except DdbModelError as error:
            self._state = "failed"
            if isinstance(error, OutcomeUnknown):
                self._state, error.unit = "unknown", self
            record = _record_found(error)
            if record is not None:
                raise _already_committed(record) from error
            raise
        except BaseException as error:
            # The task was cancelled, or something broke, while the answer was on its way.
            self._state = "unknown"
            error.add_note("a unit of work was being committed; its resolve() tells whether it was")
            raise
        await self._succeeded(plan)

    async def _succeeded(self, plan: Plan) -> None:
        self._state = "committed"
        for action in plan.actions:
            _settle(action)
        for action in plan.actions:
            if action.unique is None and action.kind != "ConditionCheck":
                await run_after_write(_write_of(action.tracked))

    def _plan(self) -> Plan:
        now_s = service_time_s(self._executor)
        return plan_flush(
            (*self._items.in_order(), *self._record(now_s)),
            version_base=self._version_base,
            now_s=now_s,
            protection=self._protection,
            commit_id=self._token,
        )

    def _record(self, now_s: float) -> list[Tracked]:
        """Return the record of the commit, where there is anything to keep."""
        if not self._events and self._record_key.idempotency_key is None:
            return []
        record = self._record_key.record(self._events, self._result, now_s)
        # The service deletes what has ended late; until then its place may be taken.
        has_ended = Comparison("<=", Path(("ends_at",)), Value({"N": str(int(now_s))}))
        return [Tracked(self._record_key.key, "added", record, may_replace=has_ended)]

    async def _read_record(self) -> CommitRecord | None:
        key = self._record_key.key
        answer = await self._executor.execute("GetItem", get_request(key, consistent=True))
        item = answer.get("Item")
        if item is None or not is_visible(key.model, item, HIDE_ALL, service_time_s(self._executor)):
            return None
        return key.model.from_item(item)

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


def _record_found(error: DdbModelError) -> CommitRecord | None:
    """Return the record of an earlier commit of the same command, where that is what stopped this one."""
    stopped = error.errors.values() if isinstance(error, CommitConflict) else (error,)
    for each in stopped:
        # Whatever else stood in the way is the doing of the command that was carried out before.
        if isinstance(each, AlreadyExists) and isinstance(each.current, CommitRecord):
            return each.current
    return None


def _already_committed(record: CommitRecord) -> AlreadyCommitted:
    return AlreadyCommitted(
        "a unit of work with this idempotency key was committed before; its result is in the error", record.result
    )


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
