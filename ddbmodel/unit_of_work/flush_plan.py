"""What a unit of work would send: one action for each item, guarded, in a stable order; pure.

| tracked as | action | guard |
|---|---|---|
| added | ``Put`` | the item is absent |
| stored, changed | ``Update`` of what changed | the version, or the old values of what changed |
| stored, and guarded as a parent | ``Update`` of the version | the version |
| stored, or untouched, and only incremented | ``Update`` | that the item is there: increments of several units add up |
| replaced | ``Put`` | the version, or every old value |
| deleted | ``Delete``, or the ``Update`` of a soft delete | the version, or every old value; none when never read |
| anything else with a check | ``ConditionCheck`` | none |
| read, or read as absent, in a serializable unit | ``ConditionCheck`` | that it is as it was read |

What a guard is made of says `guards.py`. The unique values of all of them move by actions on their guard items, which
follow (`query/unique_guards.py`). Checks join the action of their item, since a transaction takes one action for an
item. Stored and unchanged objects are not sent. The order is that of table and key, so the same work is the same
payload.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from ddbmodel.errors import InvalidRequest
from ddbmodel.expressions.render import Renderer
from ddbmodel.expressions.tree import (
    AddAction,
    AttributeTest,
    Condition,
    Path,
    RemoveAction,
    SetAction,
    Update,
    UpdateAction,
    Value,
    all_of,
)
from ddbmodel.model import Model, next_version, schema_of
from ddbmodel.model.own_attributes import EVENTS
from ddbmodel.model.settings import GuardMode
from ddbmodel.query.item_requests import default_actions, own_actions, raise_version
from ddbmodel.query.stamps import soft_delete_actions, stamped_item, update_stamps
from ddbmodel.query.stored_migrations import is_current
from ddbmodel.query.unique_guards import GuardChange, guard_actions, guard_changes
from ddbmodel.unit_of_work.guards import (
    VERSION_ONLY,
    Protection,
    is_absent,
    is_present,
    is_unchanged,
    is_unchanged_where,
)
from ddbmodel.unit_of_work.identity_map import Tracked
from ddbmodel.unit_of_work.minimal_update import minimal_update, whole_attribute_update
from ddbmodel.unit_of_work.planned_actions import Plan, PlannedAction, planned_action
from ddbmodel.unit_of_work.snapshots import changed_item
from ddbmodel.values.wire import AttributeValue, Item

__all__ = ["plan_flush"]

# An expression has at most 4 KB of text and 300 operators; this many actions, each with its guard, keep to the latter.
_MOST_UPDATE_ACTIONS: Final = 100

# Fewer actions and steps than these never fill 4 KB, so their text need not be measured.
_FEW_UPDATE_ACTIONS: Final = 20
_FEW_PATH_STEPS: Final = 100
# Some room is left for increments and the version.
_MOST_EXPRESSION_BYTES: Final = 3_900


def plan_flush(
    tracked: Iterable[Tracked],
    *,
    version_base: int,
    now_s: float,
    protection: Protection = VERSION_ONLY,
    commit_id: str = "",
) -> Plan:
    """Return the plan for tracked items, in their order.

    Args:
        now_s: when it would be sent, in seconds since 1970.
        version_base: the first version of new items; random, chosen once for a unit.
        protection: what each action is guarded by, and whether reads are checked.
        commit_id: which commit this is, to those who read the events in its items.

    Raises:
        InvalidRequest: a key attribute of an object changed, an attribute was both changed and incremented, or a
            guard cannot be had.
        ValueNotStorable: an object holds a value that the wire cannot carry; `ItemTooLarge` for too much of it.
        UniqueViolation: two objects of the unit have one unique value.
    """
    planner = _Planner(version_base, now_s, protection, commit_id)
    by_key = {entry.key: entry for entry in tracked}
    actions = [action for entry in by_key.values() if (action := planner.planned(entry)) is not None]
    if len(actions) == 1 and actions[0].kind == "ConditionCheck" and not actions[0].tracked.conditions:
        # One read that nothing rests on is serializable by itself.
        return Plan(())
    changes = [change for action in actions for change in _guard_changes(action)]
    guards = [
        PlannedAction(by_key[guard.key], "Put" if guard.takes else "Delete", guard.request, unique=guard)
        for guard in guard_actions(changes)
    ]
    return Plan((*actions, *guards))


class _Planner:
    """Plans the actions of one unit, item by item."""

    def __init__(self, version_base: int, now_s: float, protection: Protection, commit_id: str) -> None:
        self._version_base, self._now_s, self._protection = version_base, now_s, protection
        self._commit_id = commit_id

    def planned(self, tracked: Tracked) -> PlannedAction | None:
        """Return the action for an item; None when there is nothing to send."""
        match tracked.state:
            case "added" | "replaced":
                return self._put(tracked)
            case "deleted":
                return self._delete(tracked)
            case "stored":
                return self._update(tracked) or self._increments_or_check(tracked)
            case _:
                return self._increments_or_check(tracked)

    def _delete(self, tracked: Tracked) -> PlannedAction:
        model = tracked.key.model
        schema = schema_of(model)
        guard = self._nothing_changed(tracked)
        if schema.deleted is None:
            return planned_action(tracked, "Delete", guard=guard)
        actions = soft_delete_actions(model, self._now_s)
        # An update of a missing item would leave a stub that is no whole model.
        present = is_present(model)
        guard = present if guard is None else present & guard
        if schema.version is None:
            return planned_action(tracked, "Update", update=Update(actions), guard=guard)
        raised, version = self._raised(tracked)
        return planned_action(tracked, "Update", update=Update((*actions, raised)), guard=guard, version=version)

    def _put(self, tracked: Tracked) -> PlannedAction:
        instance = _instance_of(tracked)
        model = type(instance)
        item = instance.to_item()
        _check_key(tracked, item)
        guard = self._nothing_changed(tracked)
        if tracked.state == "added":
            guard = is_absent(model) if tracked.may_replace is None else is_absent(model) | tracked.may_replace
        item, shown = stamped_item(instance, item, self._now_s, is_new=True)
        if tracked.events:
            item = {**item, EVENTS: self._events(tracked)}
        action = self._whole(tracked, item, guard)
        return replace(action, shown=shown) if shown else action

    def _update(self, tracked: Tracked) -> PlannedAction | None:
        instance, snapshot = _instance_of(tracked), tracked.snapshot
        assert snapshot is not None, "a stored object has a snapshot"
        model = type(instance)
        target = changed_item(snapshot, instance)
        if tracked.events:
            target = {**(dict(snapshot.stored) if target is None else target), EVENTS: self._events(tracked)}
        if target is None:
            return self._raised_only(tracked) if tracked.is_parent else None
        _check_key(tracked, target)
        mode = self._mode_of(tracked)
        # What nobody guards may have lost the map or the list that a path goes through.
        update = (whole_attribute_update if mode == "none" else minimal_update)(snapshot.stored, target)
        guard = self._guard_of_update(tracked, update, mode)
        if mode != "none" and not _fits_expressions(tracked, update, guard):
            update = whole_attribute_update(snapshot.stored, target)
            guard = self._guard_of_update(tracked, update, mode)
        if not update.actions:
            # The change restores what is stored where the model had filled in something else.
            return self._raised_only(tracked) if tracked.is_parent else None
        versioned = schema_of(model).version is not None
        stamped, shown = stamped_item(instance, target, self._now_s, is_new=False)
        if mode == "version" and len(update.actions) > _MOST_UPDATE_ACTIONS and not tracked.increments:
            return replace(self._whole(tracked, stamped, guard), shown=shown)
        changed = {action.path.steps[0] for action in update.actions}
        both = [name for name in tracked.increments if name in changed]
        if both:
            raise InvalidRequest(
                f"{model.__name__}: {', '.join(sorted(both))} was both changed and incremented in this unit of work; "
                "do one"
            )
        stamps = _stamps(target, stamped)
        times = {action.path for action in stamps}
        own = tuple(action for action in update.actions if action.path not in times)
        raised, version = self._raised(tracked) if versioned else (None, None)
        actions = (*own, *stamps, *(() if raised is None else (raised,)), *_increment_actions(tracked))
        action = planned_action(tracked, "Update", update=Update(actions), guard=guard, version=version)
        return replace(action, shown=shown) if shown else action

    def _events(self, tracked: Tracked) -> AttributeValue:
        """Return what is stored of the events in an item; the commit tells them from those of an earlier one."""
        return {"M": {"commit": {"S": self._commit_id}, "events": {"L": list(tracked.events)}}}

    def _raised_only(self, tracked: Tracked) -> PlannedAction:
        """Return the update of a parent that only its children changed, so that units which change them meet."""
        raised, version = self._raised(tracked)
        update = Update((raised, *_increment_actions(tracked)))
        return planned_action(tracked, "Update", update=update, guard=self._nothing_changed(tracked), version=version)

    def _increments_or_check(self, tracked: Tracked) -> PlannedAction | None:
        if tracked.increments:
            return self._increments(tracked)
        as_read = self._as_read(tracked) if self._protection.is_serializable else None
        if as_read is None and not tracked.conditions:
            return None
        return planned_action(tracked, "ConditionCheck", guard=as_read)

    def _as_read(self, tracked: Tracked) -> Condition | None:
        """Return the condition that an item is what the unit read, or as absent as it found it; None if never read."""
        model, mode = tracked.key.model, self._mode_of(tracked)
        if tracked.snapshot is not None:
            return is_unchanged(_model_read(tracked), tracked.snapshot, mode)
        if tracked.hidden is not None:
            return is_unchanged(model, tracked.hidden, "changed")
        return is_absent(model) if tracked.read_as_absent else None

    def _increments(self, tracked: Tracked) -> PlannedAction:
        model = tracked.key.model
        version = schema_of(model).version
        not_deleted = _not_deleted(model)
        raised: tuple[UpdateAction, ...] = ()
        stored = tracked.snapshot.version if tracked.snapshot else None
        if version is not None:
            raised = (raise_version(version[1], self._version_base),)
        # Right if nobody else wrote since the read; if somebody did, the object's next write is refused, as it should
        # be.
        after = None if stored is None else stored + 1
        must_exist = tracked.must_exist or tracked.snapshot is not None
        present = (is_present(model),) if must_exist else ()
        current = is_current(model)
        if current is not None:
            # A later migration would take what is incremented for an attribute of the old version.
            present = (*present, current if must_exist else is_absent(model) | current)
        if self._protection.is_serializable:
            as_read = self._as_read(tracked)
            present = present if as_read is None else (*present, as_read)
        stamps = update_stamps(model, self._now_s, may_create=not must_exist)
        increments = _increment_actions(tracked)
        own = () if must_exist else (*own_actions(model), *default_actions(tracked.key, increments))
        update = Update((*raised, *stamps, *own, *increments))
        guard = all_of((*present, *not_deleted))
        return planned_action(tracked, "Update", update=update, guard=guard, version=after)

    def _whole(self, tracked: Tracked, item: Item, guard: Condition | None) -> PlannedAction:
        declared = schema_of(type(_instance_of(tracked))).version
        if declared is None:
            return planned_action(tracked, "Put", item=item, guard=guard)
        # Without a guard the stored version may be any; a fresh one is never one that somebody else has read.
        known = tracked.snapshot.version if tracked.snapshot and self._mode_of(tracked) != "none" else None
        version = next_version(known, self._version_base)
        item = {**item, declared[1]: {"N": str(version)}}
        return planned_action(tracked, "Put", item=item, guard=guard, version=version)

    def _raised(self, tracked: Tracked) -> tuple[UpdateAction, int | None]:
        """Return the action that moves the version of an item, and what it is then as far as the unit knows."""
        declared = schema_of(_model_read(tracked)).version
        assert declared is not None, "only a model with a version has one to raise"
        known = tracked.snapshot.version if tracked.snapshot else None
        if tracked.snapshot is not None and self._mode_of(tracked) == "version":
            version = next_version(known, self._version_base)
            return SetAction(Path((declared[1],)), Value({"N": str(version)})), version
        # Right if nobody else wrote since the read; if somebody did, the next guarded write is refused.
        return raise_version(declared[1], self._version_base), None if known is None else known + 1

    def _guard_of_update(self, tracked: Tracked, update: Update, mode: GuardMode) -> Condition:
        model, snapshot = _model_read(tracked), tracked.snapshot
        assert snapshot is not None, "only a stored object is updated"
        if self._protection.is_serializable:
            unchanged = is_unchanged(model, snapshot, mode)
            assert unchanged is not None, "a serializable unit guards every write"
            return unchanged
        return is_unchanged_where(model, snapshot, update, mode)

    def _nothing_changed(self, tracked: Tracked) -> Condition | None:
        if tracked.snapshot is None:
            return self._as_read(tracked) if self._protection.is_serializable else None
        return is_unchanged(_model_read(tracked), tracked.snapshot, self._mode_of(tracked))

    def _mode_of(self, tracked: Tracked) -> GuardMode:
        return "version" if tracked.is_parent else self._protection.mode_of(_model_read(tracked))


def _guard_changes(action: PlannedAction) -> list[GuardChange]:
    """Return the unique values that an action takes and gives up."""
    tracked = action.tracked
    model = tracked.key.model
    if action.kind == "ConditionCheck" or not schema_of(model).unique:
        return []
    before = None if tracked.snapshot is None else tracked.snapshot.stored
    if tracked.state == "deleted":
        if schema_of(model).deleted is not None:
            # A soft delete keeps what is unique, since it can be taken back.
            return []
        if before is None:
            raise InvalidRequest(
                f"{model.__name__}: what is unique about an item is only known once it is read; read it first, and "
                "delete the object"
            )
        return guard_changes(tracked.key, before, None)
    if tracked.instance is None:
        return []
    return guard_changes(tracked.key, before, tracked.instance.to_item())


def _stamps(item: Item, stamped: Item) -> tuple[UpdateAction, ...]:
    """Return the actions that make an item what it is with the times of its write, and with what is made from them."""
    names = (name for name in sorted(item.keys() | stamped.keys()) if item.get(name) is not stamped.get(name))
    return tuple(
        SetAction(Path((name,)), Value(stamped[name])) if name in stamped else RemoveAction(Path((name,)))
        for name in names
    )


def _fits_expressions(tracked: Tracked, update: Update, guard: Condition) -> bool:
    """Return whether an update and its condition are within what the service takes; deep paths are long texts."""
    if len(update.actions) > _MOST_UPDATE_ACTIONS:
        return False
    steps = sum(len(action.path.steps) for action in update.actions)
    if len(update.actions) <= _FEW_UPDATE_ACTIONS and steps <= _FEW_PATH_STEPS:
        return True
    renderer = Renderer()
    condition = all_of((guard, *tracked.conditions))
    assert condition is not None, "the guard is one"
    texts = (renderer.update(update), renderer.condition(condition))
    return max(map(len, texts)) <= _MOST_EXPRESSION_BYTES


def _not_deleted(model: type[Model]) -> tuple[Condition, ...]:
    deleted = schema_of(model).deleted
    return () if deleted is None else (AttributeTest("attribute_not_exists", (Path((deleted[1],)),)),)


def _increment_actions(tracked: Tracked) -> tuple[UpdateAction, ...]:
    return tuple(
        AddAction(Path((name,)), Value({"N": tracked.increments[name]})) for name in sorted(tracked.increments)
    )


def _model_read(tracked: Tracked) -> type[Model]:
    """Return the class of the object that was read, which may be a subclass of the one that the key was made with."""
    return tracked.key.model if tracked.read_instance is None else type(tracked.read_instance)


def _instance_of(tracked: Tracked) -> Model:
    assert tracked.instance is not None, f"nothing is tracked as {tracked.state} without an object"
    return tracked.instance


def _check_key(tracked: Tracked, item: Item) -> None:
    changed = sorted(name for name, value in tracked.key.item.items() if item.get(name) != value)
    if changed:
        raise InvalidRequest(
            f"{tracked.key.model.__name__}: the key attribute {', '.join(changed)} of a tracked object changed; "
            "the key of an item is fixed: delete the object and add a new one"
        )
