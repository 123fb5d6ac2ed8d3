"""Writes that must know what is stored: what they become once it was read; pure.

| write | must know |
|---|---|
| create | nothing: there must be no item |
| put, or delete that removes the item, of a model with unique values | the unique values it replaces |
| update of a unique value | the value it replaces, and the new one |
| update of an input of a derived text, not all of which it sets | the other inputs |
| anything else | nothing |

What was read is guarded: the write carries the condition that it is still so (`ItemWrite.unchanged`), and is made again
on what is there when that does not hold.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from ddbmodel.expressions.apply import apply_update
from ddbmodel.expressions.errors import UpdateNotApplicable
from ddbmodel.expressions.tree import AttributeTest, Comparison, Condition, Path, Update, Value, all_of
from ddbmodel.model import schema_of
from ddbmodel.query.derived_updates import derived_actions, unknown_derived
from ddbmodel.query.item_requests import ItemWrite, partition_path
from ddbmodel.query.unique_guards import GuardChange, guard_changes, unique_attributes
from ddbmodel.values.wire import Item

__all__ = ["GuardedWrite", "guarded", "is_guarded", "needs_stored"]


@dataclass(frozen=True, slots=True)
class GuardedWrite:
    """A write that is right for what was stored, and the unique values that move with it."""

    write: ItemWrite
    changes: tuple[GuardChange, ...] = ()


def needs_stored(write: ItemWrite) -> bool:
    """Return whether a write can only be made right once it is known what is stored."""
    if write.purpose in ("create", "check"):
        return False
    model = write.key.model
    unique = unique_attributes(model)
    if not write.actions:
        return bool(unique)
    if schema_of(model).derived and unknown_derived(model, write.actions):
        return True
    return not unique.isdisjoint(str(action.path.steps[0]) for action in write.actions)


def is_guarded(write: ItemWrite) -> bool:
    """Return whether a write becomes another one by what is stored, or moves guards of unique values."""
    schema = schema_of(write.key.model)
    if not schema.unique and not schema.derived:
        return False
    return needs_stored(write) or (write.purpose == "create" and bool(unique_attributes(write.key.model)))


def guarded(write: ItemWrite, stored: Item | None) -> GuardedWrite:
    """Return what a write becomes.

    Args:
        stored: the item as it was read a moment ago, None when there was none; of no meaning for a write that does
            not need it.
    """
    if not is_guarded(write):
        return GuardedWrite(write)
    if not needs_stored(write):
        return GuardedWrite(write, tuple(guard_changes(write.key, None, write.item)))
    after = _after(write, stored)
    missing = () if after is None or not write.actions else derived_actions(write.key.model, write.actions, after)
    unchanged = _unchanged(write, stored)
    changes = guard_changes(write.key, stored, after)
    return GuardedWrite(replace(write, actions=(*write.actions, *missing), unchanged=unchanged), tuple(changes))


def _after(write: ItemWrite, stored: Item | None) -> Item | None:
    if not write.actions:
        return write.item
    try:
        return apply_update(Update(write.actions), stored or write.key.item).item
    except UpdateNotApplicable:
        # The service says so too, in its own words, and nothing is written.
        return stored


def _unchanged(write: ItemWrite, stored: Item | None) -> Condition:
    if stored is None:
        return AttributeTest("attribute_not_exists", (partition_path(write.key.model),))
    terms = [AttributeTest("attribute_exists", (partition_path(write.key.model),))]
    looked_at = set(unique_attributes(write.key.model))
    for each in unknown_derived(write.key.model, write.actions):
        looked_at.update(attribute for _, attribute in each.inputs)
    condition = all_of((*terms, *_as_read(sorted(looked_at), stored)))
    assert condition is not None, "there is at least the first term"
    return condition


def _as_read(attributes: Iterable[str], stored: Item) -> list[Condition]:
    return [
        Comparison("=", Path((name,)), Value(stored[name]))
        if name in stored
        else AttributeTest("attribute_not_exists", (Path((name,)),))
        for name in attributes
    ]
