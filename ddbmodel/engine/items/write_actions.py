"""One write of one item, alone or inside a transaction: what it asks for, then what it does to the item it meets.

```
body ── put_action / update_action / delete_action / check_action ──► WriteAction     needs no table
WriteAction + table ── target_key ──► key bytes                                       needs the key schema
WriteAction + item  ── decide ──► Decision                                            needs the item as it is
```
A batch, a transaction and a single operation differ in where they stop for a fault, not in what a write means.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from ddbmodel.engine.catalog import Table
from ddbmodel.engine.items.targets import checked_item
from ddbmodel.engine.outcome import ItemChange
from ddbmodel.engine.validation.attribute_values import check_levels
from ddbmodel.engine.validation.expressions import RequestExpressions
from ddbmodel.engine.validation.faults import invalid
from ddbmodel.engine.validation.keys import check_index_keys, key_of_item, key_of_lookup
from ddbmodel.errors import service_error
from ddbmodel.expressions.apply import apply_update
from ddbmodel.expressions.errors import UpdateNotApplicable
from ddbmodel.expressions.evaluate import evaluate
from ddbmodel.expressions.tree import Condition, Path, RemoveAction, Update
from ddbmodel.values.item_size import MAX_ITEM_BYTES, item_size_bytes
from ddbmodel.values.wire import Item

__all__ = [
    "Decision",
    "WriteAction",
    "check_action",
    "decide",
    "delete_action",
    "put_action",
    "target_key",
    "update_action",
]

ActionKind: TypeAlias = Literal["put", "update", "delete", "check"]

_TOO_LARGE: Final = "Item size has exceeded the maximum allowed size"
_TOO_LARGE_UPDATE: Final = "Item size to update has exceeded the maximum allowed size"


@dataclass(frozen=True, slots=True)
class WriteAction:
    """A write as far as it is known without its table; values are canonical."""

    kind: ActionKind
    table_name: str
    """As the request has it: a name or an ARN."""
    item: Item
    """The whole item of a put, the key of everything else."""
    size_bytes: int = 0
    """Of the whole item of a put."""
    condition: Condition | None = None
    update: Update | None = None
    shows_item_on_failure: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """What a write does: the change, None when nothing is written, and the paths that an update touched."""

    change: ItemChange | None
    old: Item | None
    new: Item | None
    touched: tuple[Path, ...] = ()


def put_action(body: dict[str, Any]) -> WriteAction:
    """Return the action of a put; ``ValidationException`` for a bad item or condition, or an item too large."""
    item = checked_item(body["Item"])
    expressions = RequestExpressions(body, "ConditionExpression")
    condition = expressions.condition("ConditionExpression")
    expressions.finish()
    size_bytes = item_size_bytes(item)
    if size_bytes > MAX_ITEM_BYTES:
        raise invalid(_TOO_LARGE)
    return WriteAction("put", body["TableName"], item, size_bytes, condition, None, _shows_item(body))


def delete_action(body: dict[str, Any]) -> WriteAction:
    """Return the action of a delete; raises as `put_action`."""
    return _keyed("delete", body)


def check_action(body: dict[str, Any]) -> WriteAction:
    """Return the action of a transaction that only checks a condition; raises as `put_action`."""
    return _keyed("check", body)


def update_action(body: dict[str, Any]) -> WriteAction:
    """Return the action of an update; raises as `put_action`."""
    expressions = RequestExpressions(body, "UpdateExpression", "ConditionExpression")
    update = expressions.update("UpdateExpression")
    condition = expressions.condition("ConditionExpression")
    expressions.finish()
    key = checked_item(body["Key"])
    return WriteAction("update", body["TableName"], key, 0, condition, update, _shows_item(body))


def target_key(action: WriteAction, table: Table) -> bytes:
    """Return the key that an action is about.

    Raises:
        ServiceError: ``ValidationException``: the key does not fit the schema, an index key cannot be one, or an
            update writes to a key attribute.
    """
    if action.kind == "put":
        key = key_of_item(table, action.item)
        if table.indexes:
            check_index_keys(table, action.item)
        return key
    key = key_of_lookup(table, action.item)
    if action.update is not None:
        _check_update_leaves_key(action.update, table)
    return key


def decide(action: WriteAction, table: Table, key: bytes, old: Item | None) -> Decision:
    """Return what an action does to the item that is there now.

    Raises:
        ServiceError: ``ConditionalCheckFailedException``, with the item when the action asks for it, or
            ``ValidationException`` for an update that does not fit the item.
    """
    if action.condition is not None and not evaluate(action.condition, old):
        shown = old if action.shows_item_on_failure else None
        raise service_error("ConditionalCheckFailedException", "The conditional request failed", item=shown)
    if action.kind == "put":
        return Decision(ItemChange(table, key, old, action.item, action.size_bytes), old, action.item)
    if action.kind == "delete":
        return Decision(None if old is None else ItemChange(table, key, old, None), old, None)
    if action.kind == "check":
        return Decision(None, old, old)
    return _decide_update(action, table, key, old)


def _decide_update(action: WriteAction, table: Table, key: bytes, old: Item | None) -> Decision:
    update = action.update
    touched: tuple[Path, ...] = ()
    if update is None:
        new = action.item if old is None else old
    else:
        try:
            applied = apply_update(update, action.item if old is None else old)
        except UpdateNotApplicable as error:
            raise invalid(error.message) from None
        # An update that only removes does not bring an item into being.
        if old is None and all(isinstance(change, RemoveAction) for change in update.actions):
            return Decision(None, None, None)
        new, touched = applied.item, applied.paths
        _check_levels(new, touched)
        if table.indexes:
            check_index_keys(table, new, touched=frozenset(str(path.steps[0]) for path in touched))
    size_bytes = item_size_bytes(new)
    if size_bytes > MAX_ITEM_BYTES:
        raise invalid(_TOO_LARGE_UPDATE)
    return Decision(ItemChange(table, key, old, new, size_bytes), old, new, touched)


def _keyed(kind: Literal["delete", "check"], body: dict[str, Any]) -> WriteAction:
    expressions = RequestExpressions(body, "ConditionExpression")
    condition = expressions.condition("ConditionExpression")
    expressions.finish()
    return WriteAction(kind, body["TableName"], checked_item(body["Key"]), 0, condition, None, _shows_item(body))


def _check_levels(new: Item, touched: tuple[Path, ...]) -> None:
    # Operands and paths are within the limit, but an operand put at the end of a path may not be.
    for name in {str(path.steps[0]) for path in touched}:
        if name in new:
            check_levels(new[name])


def _check_update_leaves_key(update: Update, table: Table) -> None:
    names = {attribute.name for attribute in table.keys.attributes}
    for change in update.actions:
        if change.path.steps[0] in names:
            raise invalid(
                f"One or more parameter values were invalid: Cannot update attribute {change.path.steps[0]}. "
                "This attribute is part of the key"
            )


def _shows_item(body: dict[str, Any]) -> bool:
    return body.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD"
