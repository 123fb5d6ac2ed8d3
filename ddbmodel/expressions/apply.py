"""Updates on items: every operand is read from the item as it was; what is untouched is shared, never copied."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, NoReturn

from ddbmodel.expressions.errors import UpdateNotApplicable
from ddbmodel.expressions.evaluate import value_at
from ddbmodel.expressions.tree import (
    AddAction,
    Arithmetic,
    IfNotExists,
    ListAppend,
    Path,
    RemoveAction,
    SetAction,
    Update,
    Value,
)
from ddbmodel.values.numbers import NumberError, add_numbers, subtract_numbers
from ddbmodel.values.wire import SET_TAGS, AttributeValue, Item, tag_of

__all__ = ["Applied", "apply_update"]

_ABSENT: Final = "The provided expression refers to an attribute that does not exist in the item"
_TYPE: Final = "An operand in the update expression has an incorrect data type"
_PATH: Final = "The document path provided in the update expression is invalid for update"


@dataclass(frozen=True, slots=True)
class Applied:
    """The item after an update, and the paths the update named."""

    item: Item
    paths: tuple[Path, ...]


def apply_update(update: Update, item: Item) -> Applied:
    """Return the updated item as a new dict that shares unchanged parts with `item`.

    Raises:
        UpdateNotApplicable: an operand is absent or of the wrong type, or a path leads nowhere.
    """
    writes: list[tuple[Path, AttributeValue]] = []
    removals: list[Path] = []
    for action in update.actions:
        if isinstance(action, SetAction):
            writes.append((action.path, _operand(action.operand, item)))
        elif isinstance(action, RemoveAction):
            removals.append(action.path)
        else:
            assert isinstance(action.value, Value)
            current = value_at(action.path, item)
            if isinstance(action, AddAction):
                writes.append((action.path, _added(current, action.value.value)))
            elif current is None:
                # Nothing to take out; the path must still lead somewhere.
                removals.append(action.path)
            else:
                rest = _without(current, action.value.value)
                if rest is None:
                    removals.append(action.path)
                else:
                    writes.append((action.path, rest))
    made: dict[str, Any] = {"M": dict(item)}
    owned: set[int] = {id(made["M"])}
    # Positions past a list's end append in their order; removals go from the end so that none moves another.
    for path, value in sorted(writes, key=lambda write: _order(write[0])):
        last = path.steps[-1]
        parent = _parent(made, path, owned)
        if isinstance(last, int) and last >= len(parent):
            parent.append(value)
        else:
            parent[last] = value
    for path in sorted(removals, key=_order, reverse=True):
        parent = _parent(made, path, owned)
        if value_at(path, item) is not None:
            del parent[path.steps[-1]]
    return Applied(made["M"], tuple(action.path for action in update.actions))


def _order(path: Path) -> tuple[tuple[int, Any], ...]:
    return tuple((0, step) if isinstance(step, int) else (1, step) for step in path.steps)


def _parent(made: dict[str, Any], path: Path, owned: set[int]) -> Any:
    """Return the container of a path's last step, copied once on the way down."""
    value = made
    container = made["M"]
    for depth, step in enumerate(path.steps):
        tag = "L" if isinstance(step, int) else "M"
        if tag not in value:
            _refuse(_PATH)
        container = value[tag]
        if depth == len(path.steps) - 1:
            break
        if (isinstance(step, int) and step >= len(container)) or (isinstance(step, str) and step not in container):
            _refuse(_PATH)
        inner = container[step]
        for inner_tag in ("M", "L"):
            if inner_tag in inner and id(inner[inner_tag]) not in owned:
                inner = {inner_tag: inner[inner_tag].copy()}
                owned.add(id(inner[inner_tag]))
                container[step] = inner
        value = inner
    return container


def _operand(operand: Any, item: Item) -> AttributeValue:
    """Return the value of a SET operand; nested calls are worked off on a stack."""
    done: list[AttributeValue | None] = []
    pending: list[tuple[Any, bool]] = [(operand, False)]
    while pending:
        node, is_open = pending.pop()
        if isinstance(node, Value):
            done.append(node.value)
        elif isinstance(node, Path):
            found = value_at(node, item)
            if found is None:
                _refuse(_ABSENT)
            done.append(found)
        elif isinstance(node, IfNotExists):
            # The service reads the default even where it is not needed, and fails when that is absent.
            if not is_open:
                pending.extend(((node, True), (node.default, False)))
            else:
                kept = value_at(node.path, item)
                if kept is not None:
                    done[-1] = kept
        elif is_open:
            right, left = done.pop(), done.pop()
            assert left is not None
            assert right is not None
            done.append(_combined(node, left, right))
        else:
            first, second = (node.first, node.second) if isinstance(node, ListAppend) else (node.left, node.right)
            pending.extend(((node, True), (second, False), (first, False)))
    result = done[0]
    assert result is not None
    return result


def _combined(node: Arithmetic | ListAppend, left: AttributeValue, right: AttributeValue) -> AttributeValue:
    tag = "L" if isinstance(node, ListAppend) else "N"
    if tag not in left or tag not in right:
        _refuse(_TYPE)
    if isinstance(node, ListAppend):
        return {"L": left["L"] + right["L"]}
    return _number(node.operator, left["N"], right["N"])


def _added(current: AttributeValue | None, value: AttributeValue) -> AttributeValue:
    tag = tag_of(value)
    if (tag != "N" and tag not in SET_TAGS) or (current is not None and tag not in current):
        _refuse(_TYPE)
    if current is None:
        return value
    if tag == "N":
        return _number("+", current["N"], value["N"])
    return {tag: list(dict.fromkeys([*current[tag], *value[tag]]))}


def _without(current: AttributeValue, value: AttributeValue) -> AttributeValue | None:
    tag = tag_of(value)
    if tag not in SET_TAGS or tag not in current:
        _refuse(_TYPE)
    gone = set(value[tag])
    rest = [member for member in current[tag] if member not in gone]
    return {tag: rest} if rest else None


def _number(operator: str, left: str, right: str) -> AttributeValue:
    try:
        return {"N": (add_numbers if operator == "+" else subtract_numbers)(left, right)}
    except NumberError as error:
        # A result that needs more than 38 digits is an overflow to the service, however small it is.
        fault, kind = ("underflow", "smaller") if error.fault == "underflow" else ("overflow", "larger")
        _refuse(f"Number {fault}. Attempting to store a number with magnitude {kind} than supported range")


def _refuse(message: str) -> NoReturn:
    raise UpdateNotApplicable(message, is_of_type=message == _TYPE)
