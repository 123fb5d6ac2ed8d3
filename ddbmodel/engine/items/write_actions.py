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
from typing import Any, Literal, TypeAlias

from ddbmodel.engine.catalog import Table
from ddbmodel.engine.items.key_paths import check_key_paths, entered_attributes
from ddbmodel.engine.items.statement_size import statement_size_bytes
from ddbmodel.engine.items.targets import checked_item
from ddbmodel.engine.messages import items as messages
from ddbmodel.engine.messages.legacy import UPDATE_TYPE
from ddbmodel.engine.messages.message import Refusal, refused
from ddbmodel.engine.outcome import ItemChange
from ddbmodel.engine.validation.attribute_values import check_levels
from ddbmodel.engine.validation.expressions import RequestExpressions
from ddbmodel.engine.validation.keys import check_index_keys, key_of_item, key_of_lookup
from ddbmodel.engine.validation.legacy import attribute_updates, expected_condition, has_legacy_parameters
from ddbmodel.expressions.apply import apply_update
from ddbmodel.expressions.errors import UpdateNotApplicable
from ddbmodel.expressions.evaluate import evaluate
from ddbmodel.expressions.tree import Condition, DeleteAction, Path, RemoveAction, Update
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


# Not frozen, as nearly all else is: one of each is made for every write, and freezing makes them three times dearer.
@dataclass(slots=True)
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
    by_expression: bool = True
    """Whether the update was written as an expression; not ``AttributeUpdates``, which has other texts."""
    weighs_statement: bool = False
    """Whether the statement of the update, not only the finished item, is held against the size of an item."""
    entered: tuple[str, ...] = ()
    """The attributes that its expressions look inside of."""


@dataclass(slots=True)
class Decision:
    """What a write does: the change, None when nothing is written, and the paths that an update touched."""

    change: ItemChange | None
    old: Item | None
    new: Item | None
    touched: tuple[Path, ...] = ()


def put_action(body: dict[str, Any]) -> WriteAction:
    """Return the action of a put; Refusal for a bad item or condition, or an item that is too large."""
    # Most puts are a table and an item, and nothing that could hold a condition.
    is_plain = len(body) == 2
    legacy = not is_plain and has_legacy_parameters(body, "ConditionExpression")
    item = checked_item(body["Item"])
    condition = None if is_plain else _condition(body, legacy=legacy)
    size_bytes = item_size_bytes(item)
    if size_bytes > MAX_ITEM_BYTES:
        raise refused(messages.ITEM_TOO_LARGE)
    if is_plain:
        return WriteAction("put", body["TableName"], item, size_bytes)
    entered = entered_attributes(body, condition)
    return WriteAction("put", body["TableName"], item, size_bytes, condition, None, _shows_item(body), entered=entered)


def delete_action(body: dict[str, Any]) -> WriteAction:
    """Return the action of a delete; raises as `put_action`."""
    return _keyed("delete", body)


def check_action(body: dict[str, Any]) -> WriteAction:
    """Return the action of a transaction that only checks a condition; raises as `put_action`."""
    return _keyed("check", body)


def update_action(body: dict[str, Any], *, weighs_statement: bool = False) -> WriteAction:
    """Return the action of an update; raises as `put_action`."""
    legacy = has_legacy_parameters(body, "UpdateExpression", "ConditionExpression")
    expressions = RequestExpressions(body, "UpdateExpression", "ConditionExpression")
    update = expressions.update("UpdateExpression")
    condition = expressions.condition("ConditionExpression")
    expressions.finish()
    if legacy:
        update = attribute_updates(body)
        condition = expected_condition(body)
        weighs_statement = False
    key = checked_item(body["Key"])
    return WriteAction(
        "update",
        body["TableName"],
        key,
        0,
        condition,
        update,
        _shows_item(body),
        not legacy,
        weighs_statement,
        entered_attributes(body, update, condition),
    )


def target_key(action: WriteAction, table: Table) -> bytes:
    """Return the key that an action is about.

    Raises:
        Refusal: the key does not fit the schema, an index key cannot be one, or an update writes to a key attribute.
    """
    if action.kind == "put":
        key = key_of_item(table, action.item)
        check_key_paths(table, action.entered)
        if table.indexes:
            check_index_keys(table, action.item)
        return key
    key = key_of_lookup(table, action.item)
    if action.update is not None:
        _check_update_leaves_key(action.update, table)
    check_key_paths(table, action.entered)
    return key


def decide(action: WriteAction, table: Table, key: bytes, old: Item | None) -> Decision:
    """Return what an action does to the item that is there now.

    Raises:
        Refusal: the condition does not hold, with the item when the action asks for it, or an update does not fit the
            item.
    """
    if (
        action.weighs_statement
        and action.update is not None
        and statement_size_bytes(action.update, old or {}) > MAX_ITEM_BYTES
    ):
        raise refused(messages.ITEM_TOO_LARGE_TO_UPDATE)
    if action.condition is not None and not evaluate(action.condition, old):
        shown = {"item": old} if action.shows_item_on_failure else None
        raise Refusal(messages.CONDITION_FAILED, {}, shown)
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
        size_bytes = _checked_size_bytes(new)
    else:
        try:
            applied = apply_update(update, action.item if old is None else old)
        except UpdateNotApplicable as error:
            if error.is_of_type and not action.by_expression:
                raise refused(UPDATE_TYPE) from None
            raise refused(messages.UPDATE, text=error.message) from None
        # An update that only removes does not bring an item into being.
        if old is None and all(isinstance(change, (RemoveAction, DeleteAction)) for change in update.actions):
            return Decision(None, None, None)
        new, touched = applied.item, applied.paths
        # First, since what follows goes through all of the item, however large it is.
        size_bytes = _checked_size_bytes(new)
        _check_levels(new, touched)
        if table.indexes:
            names = frozenset(str(path.steps[0]) for path in touched)
            check_index_keys(table, new, touched=names, by_expression=action.by_expression)
    return Decision(ItemChange(table, key, old, new, size_bytes), old, new, touched)


def _keyed(kind: Literal["delete", "check"], body: dict[str, Any]) -> WriteAction:
    legacy = has_legacy_parameters(body, "ConditionExpression")
    condition = _condition(body, legacy=legacy)
    entered = entered_attributes(body, condition)
    key = checked_item(body["Key"])
    return WriteAction(kind, body["TableName"], key, 0, condition, None, _shows_item(body), entered=entered)


def _condition(body: dict[str, Any], *, legacy: bool) -> Condition | None:
    expressions = RequestExpressions(body, "ConditionExpression")
    condition = expressions.condition("ConditionExpression")
    expressions.finish()
    return expected_condition(body) if legacy else condition


def _checked_size_bytes(new: Item) -> int:
    size_bytes = item_size_bytes(new, enough_bytes=MAX_ITEM_BYTES)
    if size_bytes > MAX_ITEM_BYTES:
        raise refused(messages.ITEM_TOO_LARGE_TO_UPDATE)
    return size_bytes


def _check_levels(new: Item, touched: tuple[Path, ...]) -> None:
    # Operands and paths are within the limit, but an operand put at the end of a path may not be.
    for name in {str(path.steps[0]) for path in touched}:
        if name in new:
            check_levels(new[name])


def _check_update_leaves_key(update: Update, table: Table) -> None:
    names = {attribute.name for attribute in table.keys.attributes}
    for change in update.actions:
        if change.path.steps[0] in names:
            raise refused(messages.KEY_UPDATED, name=change.path.steps[0])


def _shows_item(body: dict[str, Any]) -> bool:
    return body.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD"
