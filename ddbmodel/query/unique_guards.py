"""Guard items: what holds a unique value, in the same table as the items, and moves in the same transaction; pure.

A guard's partition key is ``unique#<entity>#<constraint>#<values>``, values with ``%`` and ``#`` escaped and their type
in front; a long one is replaced by its SHA-256. Its sort key, where the table has one, is always the same. It carries
``_guard`` (the constraint) and ``_owner`` (the key of the item that has the value). An item of which a value is absent
has no guard. Indexes never see guards, since these have no other attributes.

| the value | the action |
|---|---|
| is new | ``Put`` of the guard, which must not be there, or be the item's own |
| is no longer the item's | ``Delete`` of the guard, unless it is another item's |
| moves from one item to another in one transaction | ``Put`` over the guard of the first |
| stays | none, unless the time to live of the item changes: the guard ends with the item |
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from ddbmodel.errors import ConditionFailed, UniqueViolation
from ddbmodel.expressions.render import Renderer
from ddbmodel.expressions.tree import AttributeTest, Comparison, Condition, Path, Value
from ddbmodel.model import Key, Model, UniqueConstraint, schema_of
from ddbmodel.model.migrations import stored_schema_version
from ddbmodel.model.own_attributes import GUARD
from ddbmodel.values.binary import to_base64
from ddbmodel.values.wire import AttributeValue, Item

__all__ = ["GuardAction", "GuardChange", "guard_actions", "guard_changes", "unique_attributes"]

_OWNER: Final = "_owner"
_SORT_KEY: Final = "unique"
_NONE: Final[frozenset[str]] = frozenset()
_LONGEST_VALUES: Final = 512
"""Characters of values that are kept readable; a partition key has at most 2,048 bytes."""


@dataclass(frozen=True, slots=True)
class GuardChange:
    """A unique value that an item takes or gives up.

    Attributes:
        identity: the same for the same value of the same constraint in the same table.
        guard: the key attributes of the guard item.
        ends: the time to live of the item, which the guard that is taken has too.
    """

    constraint: UniqueConstraint
    key: Key[Any]
    guard: Item
    takes: bool
    ends: Item = field(default_factory=dict)

    @property
    def identity(self) -> tuple[str, tuple[tuple[str, str], ...]]:
        schema = schema_of(self.key.model)
        return schema.table, tuple(sorted(self.guard[schema.partition.attribute].items()))


@dataclass(frozen=True, slots=True)
class GuardAction:
    """One action on a guard item, as an element of ``TransactItems``, and the item whose value it is about."""

    constraint: UniqueConstraint
    key: Key[Any]
    identity: object
    request: dict[str, Any]
    takes: bool

    def violation(self) -> ConditionFailed:
        """Return the error of an action that found the guard to be another item's."""
        model, fields = self.key.model.__name__, tuple(field for field, _ in self.constraint.fields)
        if self.takes:
            return UniqueViolation(model, fields)
        return ConditionFailed(
            f"{model}: this item and another were stored with one value in {' and '.join(map(repr, fields))}, which is "
            "unique, and the other has its guard; write this one outside a unit of work, which leaves the guard alone"
        )


def unique_attributes(model: type[Model]) -> frozenset[str]:
    """Return the attributes that the guards of the model's unique values are made from."""
    schema = schema_of(model)
    if not schema.unique:
        return _NONE
    own = () if schema.ttl is None else (schema.ttl[1],)
    return frozenset((*own, *(attribute for constraint in schema.unique for _, attribute in constraint.fields)))


def guard_changes(key: Key[Any], before: Item | None, after: Item | None) -> list[GuardChange]:
    """Return what an item takes and gives up when it becomes another; None is no item.

    An item of an earlier schema version may be older than the constraint and have no guard, so it takes all it needs.
    """
    version = schema_of(key.model).settings.schema_version
    if before is None or after is None or version is None or stored_schema_version(before) >= version:
        return _changes(key, before, after)
    taken = _changes(key, None, after)
    kept = {change.identity for change in taken}
    return [*taken, *(change for change in _changes(key, before, None) if change.identity not in kept)]


def _changes(key: Key[Any], before: Item | None, after: Item | None) -> list[GuardChange]:
    changes: list[GuardChange] = []
    ends = _ends(key.model, after)
    for constraint in schema_of(key.model).unique:
        old, new = _guard_of(key.model, constraint, before), _guard_of(key.model, constraint, after)
        if old == new and ends == _ends(key.model, before):
            continue
        if old is not None and old != new:
            changes.append(GuardChange(constraint, key, old, takes=False))
        if new is not None:
            changes.append(GuardChange(constraint, key, new, takes=True, ends=ends))
    return changes


def _ends(model: type[Model], item: Item | None) -> Item:
    """Return the attribute by which the service deletes an item, and is to delete its guards as well."""
    ttl = schema_of(model).ttl
    return {} if ttl is None or item is None or ttl[1] not in item else {ttl[1]: item[ttl[1]]}


def guard_actions(changes: Iterable[GuardChange]) -> list[GuardAction]:
    """Return one action for each guard item that the changes of one transaction touch.

    Raises:
        UniqueViolation: two items of the transaction take one value.
    """
    takes: dict[object, GuardChange] = {}
    gives: dict[object, GuardChange] = {}
    for change in changes:
        side = takes if change.takes else gives
        if change.takes and change.identity in takes:
            raise UniqueViolation(change.key.model.__name__, tuple(field for field, _ in change.constraint.fields))
        side[change.identity] = change
    actions = [_take(change, gives.get(identity)) for identity, change in takes.items()]
    return actions + [_give_up(change) for identity, change in gives.items() if identity not in takes]


def _take(change: GuardChange, given_up: GuardChange | None) -> GuardAction:
    model = change.key.model
    item = {**change.guard, **change.ends, GUARD: {"S": change.constraint.name}, _OWNER: {"M": change.key.item}}
    # Its own guard may be there from a write whose item was removed by other means.
    free = AttributeTest("attribute_not_exists", (_partition(model),)) | _owned_by(change.key)
    condition = free if given_up is None else free | _owned_by(given_up.key)
    return GuardAction(
        change.constraint,
        change.key,
        change.identity,
        {"Put": {"TableName": schema_of(model).table, "Item": item, **_conditional(condition)}},
        takes=True,
    )


def _give_up(change: GuardChange) -> GuardAction:
    model = change.key.model
    # An item that was stored before its model had the constraint has no guard.
    condition = AttributeTest("attribute_not_exists", (_partition(model),)) | _owned_by(change.key)
    return GuardAction(
        change.constraint,
        change.key,
        change.identity,
        {"Delete": {"TableName": schema_of(model).table, "Key": change.guard, **_conditional(condition)}},
        takes=False,
    )


def _guard_of(model: type[Model], constraint: UniqueConstraint, item: Item | None) -> Item | None:
    values = [] if item is None else [item.get(attribute) for _, attribute in constraint.fields]
    present = [value for value in values if value is not None and "NULL" not in value]
    if len(present) < len(constraint.fields):
        return None
    schema = schema_of(model)
    text = "unique#" + "#".join(map(_escaped, (constraint.scope, constraint.name))) + "#" + _text_of(present)
    guard = {schema.partition.attribute: _key_value(schema.partition.type, text)}
    if schema.sort is not None:
        guard[schema.sort.attribute] = _key_value(schema.sort.type, _SORT_KEY)
    return guard


def _text_of(values: Sequence[AttributeValue]) -> str:
    text = "#".join(f"{tag}:{_escaped(inner)}" for value in values for tag, inner in value.items())
    if len(text) <= _LONGEST_VALUES:
        return text
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("#", "%23")


def _key_value(type_: str, text: str) -> AttributeValue:
    if type_ == "N":
        # Only a sort key: a model whose partition key is a number may not have constraints.
        return {"N": "0"}
    return {"S": text} if type_ == "S" else {"B": to_base64(text.encode())}


def _owned_by(key: Key[Any]) -> Condition:
    return Comparison("=", Path((_OWNER,)), Value({"M": key.item}))


def _partition(model: type[Model]) -> Path:
    return Path((schema_of(model).partition.attribute,))


def _conditional(condition: Condition) -> dict[str, Any]:
    renderer = Renderer()
    return {"ConditionExpression": renderer.condition(condition), **renderer.placeholders()}
