"""What the time of a write adds to it: when an item was created, updated, or softly deleted; pure, time is passed in.

| write | created | updated | deleted |
|---|---|---|---|
| create, or put of what has no time of creation | now | now | |
| put | as the instance has it | now | |
| update | now, where it makes a new item | now | |
| delete of a model with `deleted_at()` | | now | now, or the time of an earlier delete; the item stays |
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from ddbmodel.expressions.tree import (
    AttributeTest,
    Condition,
    IfNotExists,
    Path,
    SetAction,
    UpdateAction,
    Value,
    all_of,
)
from ddbmodel.model import FieldRef, Model, schema_of
from ddbmodel.model.codec import codec_of
from ddbmodel.model.derived_fields import derived_value, moved_by
from ddbmodel.query.item_requests import ItemWrite, partition_path, raise_version
from ddbmodel.values.wire import AttributeValue, Item

__all__ = ["soft_delete_actions", "stamped", "stamped_item", "update_stamps"]


def stamped(write: ItemWrite, now_s: float) -> ItemWrite:
    """Return a write with what the time adds; the same one where its model keeps no times.

    Args:
        now_s: seconds since 1970.
    """
    model = write.key.model
    schema = schema_of(model)
    if write.purpose == "delete":
        return _soft_delete(write, now_s) if schema.deleted is not None and not write.hard else write
    if write.purpose == "update":
        stamps = update_stamps(model, now_s, may_create=write.may_create)
        return replace(write, actions=(*write.actions, *stamps)) if stamps else write
    if write.item is None or (schema.created is None and schema.updated is None):
        return write
    assert write.instance is not None, "an item is made from an instance"
    item, shown = stamped_item(write.instance, write.item, now_s, is_new=write.purpose == "create")
    return replace(write, item=item, shown={**write.shown, **shown})


def stamped_item(instance: Model, item: Item, now_s: float, *, is_new: bool) -> tuple[Item, dict[str, Any]]:
    """Return the item of an instance with its times, and the fields that the instance shows once it is stored."""
    schema, added, shown = schema_of(type(instance)), {}, {}
    for reference, is_due in (
        (schema.created, is_new or (schema.created is not None and instance.__dict__[schema.created[0]] is None)),
        (schema.updated, True),
    ):
        if reference is not None and is_due:
            field, attribute = reference
            added[attribute] = _encoded(type(instance), reference, now_s)
            shown[field] = getattr(type(instance), field).decode(added[attribute])
    if not added:
        return item, shown
    item = {**item, **added}
    for each in moved_by(type(instance), added):
        text = derived_value(type(instance), each.field, {**codec_of(type(instance)).fields_in_key(item), **item})
        item.pop(each.attribute, None)
        if text is not None:
            item[each.attribute] = text
    return item, shown


def update_stamps(model: type[Model], now_s: float, *, may_create: bool) -> tuple[UpdateAction, ...]:
    """Return the actions that an update has besides its own."""
    schema = schema_of(model)
    actions: list[UpdateAction] = []
    if schema.created is not None and may_create:
        path = Path((schema.created[1],))
        actions.append(SetAction(path, IfNotExists(path, Value(_encoded(model, schema.created, now_s)))))
    if schema.updated is not None:
        actions.append(SetAction(Path((schema.updated[1],)), Value(_encoded(model, schema.updated, now_s))))
    return tuple(actions)


def soft_delete_actions(model: type[Model], now_s: float) -> tuple[UpdateAction, ...]:
    """Return the actions that mark an item as deleted; a second delete does not move the time of the first."""
    schema = schema_of(model)
    assert schema.deleted is not None, f"{model.__name__} has no deleted_at()"
    path = Path((schema.deleted[1],))
    mark = SetAction(path, IfNotExists(path, Value(_encoded(model, schema.deleted, now_s))))
    return (mark, *update_stamps(model, now_s, may_create=False))


def _soft_delete(write: ItemWrite, now_s: float) -> ItemWrite:
    model = write.key.model
    schema = schema_of(model)
    actions = soft_delete_actions(model, now_s)
    if schema.version is not None:
        actions = (*actions, raise_version(schema.version[1]))
    # An update of a missing item would leave a stub that is no whole model.
    present: Condition = AttributeTest("attribute_exists", (partition_path(model),))
    guards = (present,) if write.guard_condition is None else (present, write.guard_condition)
    # With a condition of the caller's own, a missing item is one of the ways in which that does not hold.
    guard = write.guard or ("present" if write.condition is None else None)
    return replace(write, actions=actions, guard_condition=all_of(guards), guard=guard)


def _encoded(model: type[Model], reference: FieldRef, now_s: float) -> AttributeValue:
    encoded: AttributeValue = getattr(model, reference[0]).encode(datetime.fromtimestamp(now_s, UTC))
    return encoded
