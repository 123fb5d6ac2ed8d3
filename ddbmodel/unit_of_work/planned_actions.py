"""What leaving a unit of work would send: its actions, their size and their cost; pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeAlias

from ddbmodel.errors import TransactionTooLarge
from ddbmodel.expressions.render import Renderer
from ddbmodel.expressions.tree import Condition, Update, all_of
from ddbmodel.model import schema_of
from ddbmodel.query.item_requests import MAX_ACTIONS, MAX_TRANSACTION_BYTES
from ddbmodel.query.unique_guards import GuardAction
from ddbmodel.unit_of_work.identity_map import Tracked
from ddbmodel.values.item_size import item_size_bytes
from ddbmodel.values.wire import Item

__all__ = ["ActionKind", "Plan", "PlannedAction", "planned_action"]

ActionKind: TypeAlias = Literal["Put", "Update", "Delete", "ConditionCheck"]

# Source: AWS Developer Guide, "Amazon DynamoDB Transactions": an action of a transaction costs twice its write units.
_UNITS_OF_ACTION: Final = 2
_UNIT_BYTES: Final = 1024


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

    @property
    def size_bytes(self) -> int:
        """How large its item is, as far as the unit knows: before or after, whichever is larger."""
        if self.kind == "Put":
            return item_size_bytes(self.request["Put"]["Item"])
        snapshot, instance = self.tracked.snapshot, self.tracked.instance
        sizes = [0] if snapshot is None else [item_size_bytes(snapshot.stored)]
        if self.kind == "Update" and self.unique is None and instance is not None and snapshot is not None:
            sizes.append(item_size_bytes(instance.to_item()))
        return max(sizes)


@dataclass(frozen=True, slots=True)
class Plan:
    """What leaving the unit of work would send now."""

    actions: tuple[PlannedAction, ...]

    @property
    def requests(self) -> list[dict[str, Any]]:
        """The bodies of the requests, at most one, without the token that the commit adds."""
        return [{"TransactItems": [action.request for action in self.actions]}] if self.actions else []

    @property
    def write_units(self) -> int:
        """About how many write units the commit costs its tables: those of indexes, which depend on what is projected
        and changed, come on top, and so does the size of items that the unit never read."""
        return sum(_UNITS_OF_ACTION * max(1, -(-action.size_bytes // _UNIT_BYTES)) for action in self.actions)

    def check_size(self) -> None:
        """Raise `TransactionTooLarge` when one transaction cannot carry the plan."""
        if len(self.actions) > MAX_ACTIONS:
            raise TransactionTooLarge(len(self.actions), MAX_ACTIONS)
        # What updates and deletes count for is the size of items that only the service knows for sure.
        put_bytes = sum(action.size_bytes for action in self.actions if action.kind == "Put")
        if put_bytes > MAX_TRANSACTION_BYTES:
            raise TransactionTooLarge(put_bytes, MAX_TRANSACTION_BYTES, "bytes")


def planned_action(
    tracked: Tracked,
    kind: ActionKind,
    *,
    item: Item | None = None,
    update: Update | None = None,
    guard: Condition | None = None,
    version: int | None = None,
) -> PlannedAction:
    """Return an action with its request: the guard and the user's conditions on the item in one condition."""
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
