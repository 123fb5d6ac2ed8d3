"""Derived texts in updates by key: the actions that keep them right; pure.

An update that sets all inputs of a derived field, or finds them in the key, sets the text in the same request. One that
does not, or that computes an input (`add`, `set_if_absent`), must know what is stored (`guarded_writes`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ddbmodel.expressions.tree import Path, RemoveAction, SetAction, UpdateAction, Value
from ddbmodel.model import Key, Model
from ddbmodel.model.codec import codec_of
from ddbmodel.model.derived_fields import derived_value, moved_by
from ddbmodel.model.schema import DerivedField
from ddbmodel.values.wire import AttributeValue, Item

__all__ = ["derived_actions", "known_derived_actions", "unknown_derived"]


def known_derived_actions(key: Key[Any], actions: Sequence[UpdateAction]) -> tuple[UpdateAction, ...]:
    """Return the actions on derived attributes whose inputs all follow from an update and its key.

    Raises:
        ValueNotStorable: an input that cannot stand in its text.
    """
    model = key.model
    moved = moved_by(model, _touched(actions))
    if not moved:
        return ()
    known: dict[str, AttributeValue] = {**codec_of(model).fields_in_key(key.item), **key.item}
    absent: set[str] = set()
    for action in actions:
        name = str(action.path.steps[0])
        known.pop(name, None)
        if isinstance(action, SetAction) and isinstance(action.operand, Value) and len(action.path.steps) == 1:
            known[name] = action.operand.value
        elif isinstance(action, RemoveAction) and len(action.path.steps) == 1:
            absent.add(name)
    return tuple(
        _action(model, each, known)
        for each in moved
        if all(attribute in known or attribute in absent for _, attribute in each.inputs)
    )


def unknown_derived(model: type[Model], actions: Sequence[UpdateAction]) -> tuple[DerivedField, ...]:
    """Return the derived fields that an update moves and does not set, since an input is not known."""
    touched = _touched(actions)
    return tuple(each for each in moved_by(model, touched) if each.attribute not in touched)


def derived_actions(model: type[Model], actions: Sequence[UpdateAction], after: Item) -> tuple[UpdateAction, ...]:
    """Return the actions that an update lacks.

    Args:
        after: the item as the update leaves it.

    Raises:
        ValueNotStorable: an input that cannot stand in its text.
    """
    values = {**codec_of(model).fields_in_key(after), **after}
    return tuple(_action(model, each, values) for each in unknown_derived(model, actions))


def _action(model: type[Model], field: DerivedField, values: Item) -> UpdateAction:
    value = derived_value(model, field.field, values)
    path = Path((field.attribute,))
    return RemoveAction(path) if value is None else SetAction(path, Value(value))


def _touched(actions: Sequence[UpdateAction]) -> set[str]:
    return {str(action.path.steps[0]) for action in actions}
