"""What a unit of work would send: one action for each item, guarded, in a stable order; pure.

| tracked as | action | guard |
|---|---|---|
| added | ``Put`` | the item is absent |
| stored, changed | ``Update`` of what changed | the version, or the old values of what changed |
| stored, or untouched, and only incremented | ``Update`` | that the item is there: increments of several units add up |
| replaced | ``Put`` | the version, or every old value |
| deleted | ``Delete``, or the ``Update`` of a soft delete | the version, or every old value; none when never read |
| anything else with a check | ``ConditionCheck`` | none |

The unique values of all of them move by actions on their guard items, which follow (`query/unique_guards.py`).
Checks join the action of their item, since a transaction takes one action for an item. Stored and unchanged objects
are not sent. The order is that of table and key, so the same work is the same payload.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal, TypeAlias

from ddbmodel.errors import InvalidRequest, TransactionTooLarge
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
from ddbmodel.query.item_requests import MAX_ACTIONS, default_actions, own_actions, raise_version
from ddbmodel.query.stamps import soft_delete_actions, stamped_item, update_stamps
from ddbmodel.query.stored_migrations import is_current
from ddbmodel.query.unique_guards import GuardAction, GuardChange, guard_actions, guard_changes
from ddbmodel.unit_of_work.guards import is_absent, is_present, is_unchanged, is_unchanged_where
from ddbmodel.unit_of_work.identity_map import Tracked
from ddbmodel.unit_of_work.minimal_update import minimal_update, whole_attribute_update
from ddbmodel.unit_of_work.snapshots import changed_item
from ddbmodel.values.wire import Item

__all__ = ["ActionKind", "Plan", "PlannedAction", "plan_flush"]

ActionKind: TypeAlias = Literal["Put", "Update", "Delete", "ConditionCheck"]

# An expression has at most 4 KB of text and 300 operators; this many actions, each with its guard, keep to the latter.
_MOST_UPDATE_ACTIONS: Final = 100

# Fewer actions and steps than these never fill 4 KB, so their text need not be measured.
_FEW_UPDATE_ACTIONS: Final = 20
_FEW_PATH_STEPS: Final = 100
# Some room is left for increments and the version.
_MOST_EXPRESSION_BYTES: Final = 3_900


@dataclass(frozen=True, slots=True)
class PlannedAction:
    """One action of the transaction, and the tracked item that it is about.

    Attributes:
        request: what stands in ``TransactItems``: ``{"Put": {...}}``.
        guard: the part of its condition that holds while the item is what the unit saw; None without one.
        version: the stored version after success, where the model has one and the unit knows it.
        shown: fields that the object shows after success, such as the time of the write.
        unique: what the action does to the guard item of a unique value; None for an action on the item itself.
    """

    tracked: Tracked
    kind: ActionKind
    request: dict[str, Any]
    guard: Condition | None = None
    version: int | None = None
    shown: Mapping[str, Any] = field(default_factory=dict)
    unique: GuardAction | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What leaving the unit of work would send now."""

    actions: tuple[PlannedAction, ...]

    @property
    def requests(self) -> list[dict[str, Any]]:
        """The bodies of the requests, at most one, without the token that the commit adds."""
        return [{"TransactItems": [action.request for action in self.actions]}] if self.actions else []

    def check_size(self) -> None:
        """Raise `TransactionTooLarge` when one transaction cannot carry the plan."""
        if len(self.actions) > MAX_ACTIONS:
            raise TransactionTooLarge(len(self.actions), MAX_ACTIONS)


def plan_flush(tracked: Iterable[Tracked], *, version_base: int, now_s: float) -> Plan:
    """Return the plan for tracked items, in their order.

    Args:
        now_s: when it would be sent, in seconds since 1970.
        version_base: the first version of new items; random, chosen once for a unit.

    Raises:
        InvalidRequest: a key attribute of an object changed, or an attribute was both changed and incremented.
        ValueNotStorable: an object holds a value that the wire cannot carry; `ItemTooLarge` for too much of it.
        UniqueViolation: two objects of the unit have one unique value.
    """
    by_key = {entry.key: entry for entry in tracked}
    actions = [action for entry in by_key.values() if (action := _planned(entry, version_base, now_s)) is not None]
    changes = [change for action in actions for change in _guard_changes(action)]
    guards = [
        PlannedAction(by_key[guard.key], "Put" if guard.takes else "Delete", guard.request, unique=guard)
        for guard in guard_actions(changes)
    ]
    return Plan((*actions, *guards))


def _planned(tracked: Tracked, version_base: int, now_s: float) -> PlannedAction | None:
    match tracked.state:
        case "added" | "replaced":
            return _put(tracked, version_base, now_s)
        case "deleted":
            return _delete(tracked, version_base, now_s)
        case "stored":
            return _update(tracked, version_base, now_s) or _increments_or_check(tracked, version_base, now_s)
        case _:
            return _increments_or_check(tracked, version_base, now_s)


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


def _delete(tracked: Tracked, version_base: int, now_s: float) -> PlannedAction:
    model = tracked.key.model
    schema = schema_of(model)
    guard = _nothing_changed(tracked)
    if schema.deleted is None:
        return _action(tracked, "Delete", guard=guard)
    actions = soft_delete_actions(model, now_s)
    version = next_version(tracked.snapshot.version if tracked.snapshot else None, version_base)
    if tracked.snapshot is None and schema.version is not None:
        actions = (*actions, raise_version(schema.version[1], version_base))
    else:
        actions = (*actions, *_version_action(model, version))
    # An update of a missing item would leave a stub that is no whole model.
    present = is_present(model)
    return _action(tracked, "Update", update=Update(actions), guard=present if guard is None else present & guard)


def _put(tracked: Tracked, version_base: int, now_s: float) -> PlannedAction:
    instance, snapshot = _instance_of(tracked), tracked.snapshot
    model = type(instance)
    item = instance.to_item()
    _check_key(tracked, item)
    guard = is_absent(model) if tracked.state == "added" else _nothing_changed(tracked)
    item, shown = stamped_item(instance, item, now_s, is_new=True)
    action = _whole(tracked, item, next_version(snapshot.version if snapshot else None, version_base), guard)
    return replace(action, shown=shown) if shown else action


def _update(tracked: Tracked, version_base: int, now_s: float) -> PlannedAction | None:
    instance, snapshot = _instance_of(tracked), tracked.snapshot
    assert snapshot is not None, "a stored object has a snapshot"
    model = type(instance)
    target = changed_item(snapshot, instance)
    if target is None:
        return None
    _check_key(tracked, target)
    update = minimal_update(snapshot.stored, target)
    if not _fits_expressions(tracked, update):
        update = whole_attribute_update(snapshot.stored, target)
    if not update.actions:
        # The change restores what is stored where the model had filled in something else.
        return None
    guard = is_unchanged_where(model, snapshot, update)
    version = next_version(snapshot.version, version_base)
    versioned = schema_of(model).version is not None
    stamped, shown = stamped_item(instance, target, now_s, is_new=False)
    if versioned and len(update.actions) > _MOST_UPDATE_ACTIONS and not tracked.increments:
        return replace(_whole(tracked, stamped, version, guard), shown=shown)
    changed = {action.path.steps[0] for action in update.actions}
    both = [name for name in tracked.increments if name in changed]
    if both:
        raise InvalidRequest(
            f"{model.__name__}: {', '.join(sorted(both))} was both changed and incremented in this unit of work; do one"
        )
    stamps = _stamps(target, stamped)
    times = {action.path for action in stamps}
    own = tuple(action for action in update.actions if action.path not in times)
    actions = (*own, *stamps, *_version_action(model, version), *_increment_actions(tracked))
    action = _action(tracked, "Update", update=Update(actions), guard=guard, version=version if versioned else None)
    return replace(action, shown=shown) if shown else action


def _stamps(item: Item, stamped: Item) -> tuple[UpdateAction, ...]:
    """Return the actions that make an item what it is with the times of its write, and with what is made from them."""
    names = (name for name in sorted(item.keys() | stamped.keys()) if item.get(name) is not stamped.get(name))
    return tuple(
        SetAction(Path((name,)), Value(stamped[name])) if name in stamped else RemoveAction(Path((name,)))
        for name in names
    )


def _fits_expressions(tracked: Tracked, update: Update) -> bool:
    """Return whether an update and its condition are within what the service takes; deep paths are long texts."""
    if len(update.actions) > _MOST_UPDATE_ACTIONS:
        return False
    steps = sum(len(action.path.steps) for action in update.actions)
    if len(update.actions) <= _FEW_UPDATE_ACTIONS and steps <= _FEW_PATH_STEPS:
        return True
    assert tracked.snapshot is not None, "only a stored object is updated"
    guard = is_unchanged_where(tracked.key.model, tracked.snapshot, update)
    renderer = Renderer()
    condition = all_of((guard, *tracked.conditions))
    assert condition is not None, "the guard is one"
    texts = (renderer.update(update), renderer.condition(condition))
    return max(map(len, texts)) <= _MOST_EXPRESSION_BYTES


def _increments_or_check(tracked: Tracked, version_base: int, now_s: float) -> PlannedAction | None:
    if tracked.increments:
        return _increments(tracked, version_base, now_s)
    return _action(tracked, "ConditionCheck") if tracked.conditions else None


def _increments(tracked: Tracked, version_base: int, now_s: float) -> PlannedAction:
    version = schema_of(tracked.key.model).version
    not_deleted = _not_deleted(tracked.key.model)
    raised: tuple[UpdateAction, ...] = ()
    stored = tracked.snapshot.version if tracked.snapshot else None
    if version is not None:
        raised = (raise_version(version[1], version_base),)
    # Right if nobody else wrote since the read; if somebody did, the object's next write is refused, as it should be.
    after = None if stored is None else stored + 1
    must_exist = tracked.must_exist or tracked.snapshot is not None
    present = (is_present(tracked.key.model),) if must_exist else ()
    current = is_current(tracked.key.model)
    if current is not None:
        # A later migration would take what is incremented for an attribute of the old version.
        present = (*present, current if must_exist else is_absent(tracked.key.model) | current)
    stamps = update_stamps(tracked.key.model, now_s, may_create=not must_exist)
    increments = _increment_actions(tracked)
    own = () if must_exist else (*own_actions(tracked.key.model), *default_actions(tracked.key, increments))
    update = Update((*raised, *stamps, *own, *increments))
    return _action(tracked, "Update", update=update, guard=all_of((*present, *not_deleted)), version=after)


def _not_deleted(model: type[Model]) -> tuple[Condition, ...]:
    deleted = schema_of(model).deleted
    return () if deleted is None else (AttributeTest("attribute_not_exists", (Path((deleted[1],)),)),)


def _whole(tracked: Tracked, item: Item, version: int, guard: Condition | None) -> PlannedAction:
    declared = schema_of(type(_instance_of(tracked))).version
    if declared is not None:
        item = {**item, declared[1]: {"N": str(version)}}
    return _action(tracked, "Put", item=item, guard=guard, version=None if declared is None else version)


def _action(
    tracked: Tracked,
    kind: ActionKind,
    *,
    item: Item | None = None,
    update: Update | None = None,
    guard: Condition | None = None,
    version: int | None = None,
) -> PlannedAction:
    renderer = Renderer()
    body: dict[str, Any] = {"TableName": schema_of(tracked.key.model).table}
    if item is None:
        body["Key"] = tracked.key.item
    else:
        body["Item"] = item
    if update is not None:
        body["UpdateExpression"] = renderer.update(update)
    condition = all_of((*(() if guard is None else (guard,)), *tracked.conditions))
    if condition is not None:
        body["ConditionExpression"] = renderer.condition(condition)
        # The item as it is now tells a stale read from a check that does not hold.
        body["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
    body |= renderer.placeholders()
    return PlannedAction(tracked, kind, {kind: body}, guard, version)


def _version_action(model: type[Model], version: int) -> tuple[UpdateAction, ...]:
    declared = schema_of(model).version
    return () if declared is None else (SetAction(Path((declared[1],)), Value({"N": str(version)})),)


def _increment_actions(tracked: Tracked) -> tuple[UpdateAction, ...]:
    return tuple(
        AddAction(Path((name,)), Value({"N": tracked.increments[name]})) for name in sorted(tracked.increments)
    )


def _nothing_changed(tracked: Tracked) -> Condition | None:
    return None if tracked.snapshot is None else is_unchanged(tracked.key.model, tracked.snapshot)


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
