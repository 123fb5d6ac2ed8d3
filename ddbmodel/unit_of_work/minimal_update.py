"""The smallest update that turns one item into another; pure, used by `flush_plan`.

| what changed | action |
|---|---|
| attribute or map entry is gone | ``REMOVE`` |
| attribute or map entry is new, or of another type | ``SET`` |
| inside a map | actions inside it, unless writing the map whole is smaller |
| inside a list of the same length | actions at its positions, unless writing the list whole is smaller |
| a list that only grew at its end | ``SET path = list_append(path, tail)`` |
| any other change of a list | ``SET`` whole: ``REMOVE l[1]`` moves what follows, a path under that would overlap |
| a top-level set that only grew, only shrank | ``ADD``, ``DELETE`` of the difference |
| any other change of a set | ``SET``; the service takes ``ADD`` and ``DELETE`` at top level only |

Every action stands at its own place in the document, so no two paths overlap, and an update built from one snapshot
merges with another one whose paths do not meet it, in any order.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from ddbmodel.expressions.tree import (
    AddAction,
    DeleteAction,
    ListAppend,
    Path,
    RemoveAction,
    SetAction,
    Step,
    Update,
    UpdateAction,
    Value,
)
from ddbmodel.values.equality import same_value
from ddbmodel.values.item_size import value_size_bytes
from ddbmodel.values.wire import SET_TAGS, AttributeValue, Item, tag_of

__all__ = ["action_cost_bytes", "minimal_update", "whole_attribute_update"]

# The service takes paths of at most this many levels; what lies deeper is written with the level above it.
_DEEPEST_STEP: Final = 32

# What an action, and each name in its path, cost in a request beside the name and the value themselves:
# placeholders, their entries in the two maps, quotes and separators.
_ACTION_BYTES: Final = 12
_STEP_BYTES: Final = 8


def minimal_update(old: Item, new: Item) -> Update:
    """Return the update that makes `old` into `new`; without actions when they are the same item.

    Numbers must be canonical on both sides. Neither item is changed, and the update shares their values.
    """
    return Update(tuple(_map_actions(old, new, ())))


def whole_attribute_update(old: Item, new: Item) -> Update:
    """Return the same change written attribute by attribute: the fewest actions, not the fewest bytes."""
    return Update(
        tuple(
            SetAction(Path((name,)), Value(new[name])) if name in new else RemoveAction(Path((name,)))
            for name in _changed_names(old, new)
        )
    )


def action_cost_bytes(action: UpdateAction) -> int:
    """Return about how many bytes an action adds to a request; only good for comparing actions."""
    cost = _ACTION_BYTES
    for step in action.path.steps:
        cost += _STEP_BYTES + (len(step.encode()) if isinstance(step, str) else 0)
    match action:
        case SetAction(operand=Value(value)) | AddAction(value=Value(value)) | DeleteAction(value=Value(value)):
            cost += value_size_bytes(value)
        case SetAction(operand=ListAppend(second=Value(value))):
            cost += _ACTION_BYTES + value_size_bytes(value)
    return cost


def _map_actions(
    old: dict[str, AttributeValue], new: dict[str, AttributeValue], at: tuple[Step, ...]
) -> list[UpdateAction]:
    actions: list[UpdateAction] = []
    for name in _changed_names(old, new):
        path = (*at, name)
        if name not in new:
            actions.append(RemoveAction(Path(path)))
        elif name not in old:
            actions.append(SetAction(Path(path), Value(new[name])))
        else:
            actions.extend(_value_actions(old[name], new[name], path))
    return actions


def _value_actions(old: AttributeValue, new: AttributeValue, path: tuple[Step, ...]) -> list[UpdateAction]:
    """Return the actions for two different values at the same place."""
    whole: list[UpdateAction] = [SetAction(Path(path), Value(new))]
    tag = tag_of(new)
    if tag_of(old) != tag or len(path) >= _DEEPEST_STEP:
        return whole
    before, after = old[tag], new[tag]
    if tag == "M":
        return _smaller(_map_actions(before, after, path), whole)
    if tag == "L":
        return _smaller(_list_actions(before, after, path), whole)
    if tag in SET_TAGS and len(path) == 1:
        return _smaller(_set_actions(tag, before, after, path), whole)
    return whole


def _list_actions(
    old: list[AttributeValue], new: list[AttributeValue], path: tuple[Step, ...]
) -> list[UpdateAction] | None:
    if len(new) == len(old):
        return [
            action
            for position, (before, after) in enumerate(zip(old, new, strict=True))
            if not same_value(before, after)
            for action in _value_actions(before, after, (*path, position))
        ]
    if len(new) > len(old) and all(map(same_value, old, new)):
        return [SetAction(Path(path), ListAppend(Path(path), Value({"L": new[len(old) :]})))]
    return None


def _set_actions(tag: str, old: list[str], new: list[str], path: tuple[Step, ...]) -> list[UpdateAction] | None:
    before, after = set(old), set(new)
    if before < after:
        return [AddAction(Path(path), Value({tag: [member for member in new if member not in before]}))]
    if after < before:
        return [DeleteAction(Path(path), Value({tag: [member for member in old if member not in after]}))]
    return None


def _changed_names(old: dict[str, AttributeValue], new: dict[str, AttributeValue]) -> Iterable[str]:
    """Return the names whose values differ, sorted, so that the same change is always the same request."""
    return [
        name
        for name in sorted(old.keys() | new.keys())
        # What did not change is mostly the same object.
        if name not in old or name not in new or not (old[name] is new[name] or same_value(old[name], new[name]))
    ]


def _smaller(parts: list[UpdateAction] | None, whole: list[UpdateAction]) -> list[UpdateAction]:
    if parts is None or _cost_bytes(parts) >= _cost_bytes(whole):
        return whole
    return parts


def _cost_bytes(actions: list[UpdateAction]) -> int:
    return sum(map(action_cost_bytes, actions))
