"""Single-item writes and reads as requests: what `Database` sends and what a transaction carries are the same bodies.

Every write asks for the item that stood in its way, so that a failure can say what is there now (`failures.py`).
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, Literal, TypeAlias

from ddbmodel.errors import InvalidRequest
from ddbmodel.expressions.render import Renderer
from ddbmodel.expressions.tree import (
    Arithmetic,
    AttributeTest,
    Comparison,
    Condition,
    DeleteAction,
    IfNotExists,
    Path,
    RemoveAction,
    SetAction,
    Update,
    UpdateAction,
    Value,
    all_of,
)
from ddbmodel.model import Key, Model, next_version, schema_of, set_stored_version, stored_version
from ddbmodel.model.codec import codec_of
from ddbmodel.model.key import key_in_item
from ddbmodel.model.own_attributes import ENTITY
from ddbmodel.query.conditions import check_condition
from ddbmodel.query.derived_updates import known_derived_actions
from ddbmodel.query.stored_migrations import is_current
from ddbmodel.query.update_rules import check_actions, check_key_inputs, fields_not_given
from ddbmodel.query.visibility import entity_condition
from ddbmodel.transport.executor import Request
from ddbmodel.values.wire import Item

__all__ = [
    "MAX_ACTIONS",
    "MAX_TRANSACTION_BYTES",
    "ItemWrite",
    "Purpose",
    "check_write",
    "create_write",
    "default_actions",
    "delete_write",
    "get_request",
    "own_actions",
    "partition_path",
    "put_write",
    "raise_version",
    "restore_write",
    "update_write",
]

MAX_ACTIONS: Final = 100
"""How many actions one transaction takes. Source: API reference, TransactWriteItems."""

MAX_TRANSACTION_BYTES: Final = 4 * 1024 * 1024
"""How much the items of one transaction have together. Source: as above."""

Purpose: TypeAlias = Literal["create", "put", "update", "delete", "check"]

# Versions of new items start at a random number, so that a deleted and recreated item is not taken for the old one.
_VERSION_BASE_BITS: Final = 48

_OPERATIONS: Final = {
    "create": "PutItem",
    "put": "PutItem",
    "update": "UpdateItem",
    "delete": "DeleteItem",
    "check": "ConditionCheck",
}


@dataclass(slots=True)
class ItemWrite:
    """One write of one item, kept as trees until it is rendered, so that others can add to it.

    Never changed in place; it is not frozen because one is made for every write, and setting fields past a freeze takes
    longer than encoding a small item.

    Attributes:
        item: what a create or put stores.
        actions: what an update does, those of ours included.
        given: those of the caller alone.
        condition: the caller's.
        guard_condition: ours, beside the caller's.
        unchanged: that what was read for this write is still so; the write is made again where it is not.
        guard: why the write has a condition of ours: the item must be absent, must exist, or must have the version.
        expected_version: the stored version that the guard asks for.
        new_version: what the instance's version becomes when the write succeeded.
        hard: a delete that removes the item also where its model is deleted softly.
        may_create: an update that makes an item where there is none.
        names: what the caller of a transaction calls it, and those that were merged into it.
        rebuild: makes the write again from what its object is now.
        shown: fields that the instance shows when the write succeeded, beside its version.
    """

    purpose: Purpose
    key: Key[Any]
    item: Item | None = None
    actions: tuple[UpdateAction, ...] = ()
    given: tuple[UpdateAction, ...] = ()
    condition: Condition | None = None
    guard_condition: Condition | None = None
    unchanged: Condition | None = None
    guard: Literal["absent", "present", "version"] | None = None
    expected_version: int | None = None
    new_version: int | None = None
    instance: Model | None = None
    hard: bool = False
    may_create: bool = False
    names: tuple[str, ...] = ()
    rebuild: Callable[[], ItemWrite] | None = None
    shown: Mapping[str, Any] = field(default_factory=dict)

    @property
    def words(self) -> str:
        """How messages call it: ``update`` or ``update 'debit'``."""
        return f"{self.purpose} {' and '.join(map(repr, self.names))}" if self.names else self.purpose

    @property
    def operation(self) -> str:
        """The service's name of the operation: ``PutItem``, ``UpdateItem``, ``DeleteItem`` or ``ConditionCheck``."""
        # A soft delete is an update that marks the item.
        return "UpdateItem" if self.actions else _OPERATIONS[self.purpose]

    @property
    def body(self) -> Request:
        """What the single operation and the transaction have in common, rendered."""
        body: Request = {"TableName": schema_of(self.key.model).table}
        if self.item is None:
            body["Key"] = self.key.item
        else:
            body["Item"] = self.item
        ours, unchanged, theirs = self.guard_condition, self.unchanged, self.condition
        if ours is None and unchanged is None and theirs is None and not self.actions:
            return body
        terms = tuple(term for term in (ours, unchanged, theirs) if term is not None)
        renderer = Renderer()
        if self.actions:
            body["UpdateExpression"] = renderer.update(Update(self.actions))
        condition = all_of(terms)
        if condition is not None:
            body["ConditionExpression"] = renderer.condition(condition)
            body["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
        body.update(renderer.placeholders())
        return body

    def request(self) -> Request:
        """Return the request that does this write alone."""
        if self.purpose == "update":
            return {**self.body, "ReturnValues": "ALL_NEW"}
        return self.body

    def transact_item(self) -> Request:
        """Return the element of ``TransactItems`` that does this write."""
        return {self.operation.removesuffix("Item"): self.body}

    def succeeded(self) -> None:
        """Let the instance show what is stored now: its version, and what the write filled in."""
        if self.instance is None:
            return
        if self.shown:
            # Past the model's own assignment: a frozen model shows what is stored all the same.
            vars(self.instance).update(self.shown)
        if self.new_version is not None:
            set_stored_version(self.instance, self.new_version)


def get_request(key: Key[Any], *, consistent: bool) -> Request:
    """Return the ``GetItem`` request of a key."""
    request: Request = {"TableName": schema_of(key.model).table, "Key": key.item}
    if consistent:
        request["ConsistentRead"] = True
    return request


def create_write(instance: Model, *, condition: Condition | None = None) -> ItemWrite:
    """Return the write of a new item; there must be none with its key."""
    _check_instance("create", instance)
    model = type(instance)
    _check_condition(model, condition)
    new_version = _first_version() if schema_of(model).version else None
    key, item = _key_and_item(instance, new_version)
    return ItemWrite(
        "create",
        key,
        item,
        condition=condition,
        guard_condition=AttributeTest("attribute_not_exists", (partition_path(model),)),
        guard="absent",
        new_version=new_version,
        instance=instance,
        rebuild=partial(create_write, instance, condition=condition),
    )


def put_write(instance: Model, *, condition: Condition | None = None, check_version: bool = True) -> ItemWrite:
    """Return the write of a whole item; with a version only over the one that was read, or over nothing."""
    _check_instance("put", instance)
    model = type(instance)
    _check_condition(model, condition)
    rebuild = partial(put_write, instance, condition=condition, check_version=check_version)
    if schema_of(model).version is None:
        key, item = _key_and_item(instance, None)
        return ItemWrite("put", key, item, condition=condition, instance=instance, rebuild=rebuild)
    stored = stored_version(instance)
    # A blind put starts a new line of versions: whoever read the overwritten item must not match it.
    new_version = next_version(stored if check_version else None, _first_version())
    key, item = _key_and_item(instance, new_version)
    if not check_version:
        return ItemWrite(
            "put", key, item, condition=condition, new_version=new_version, instance=instance, rebuild=rebuild
        )
    if stored is None:
        guard: Condition = AttributeTest("attribute_not_exists", (partition_path(model),))
    else:
        guard = _has_version(model, stored)
    return ItemWrite(
        "put",
        key,
        item,
        condition=condition,
        guard_condition=guard,
        guard="version",
        expected_version=stored,
        new_version=new_version,
        instance=instance,
        rebuild=rebuild,
    )


def update_write(
    key: Key[Any], actions: Sequence[UpdateAction], *, condition: Condition | None = None, upsert: bool | None = None
) -> ItemWrite:
    """Return an update by key; it raises the stored version too.

    Args:
        upsert: whether a missing item is created; None creates it where the result would be a whole model, that is
            when every required field is in the key or set by the actions.

    Raises:
        InvalidRequest: there is no action, one on a key, the version, another model's attribute or a part of what
            another action changes, or `upsert` is True and the new item would lack required fields.
    """
    _check_key("update", key)
    model = key.model
    if not actions:
        raise InvalidRequest(
            f"an update of {model.__name__} needs at least one action, as in {model.__name__}.x.set(1)"
        )
    check_actions(model, actions)
    check_key_inputs(key, actions)
    _check_condition(model, condition)
    missing = fields_not_given(key, actions)
    if upsert and missing:
        raise InvalidRequest(
            f"upsert would create a {model.__name__} without {', '.join(missing)}; set these too, or create the item"
        )
    must_exist = bool(missing) if upsert is None else not upsert
    if all(isinstance(action, (RemoveAction, DeleteAction)) for action in actions):
        # The service makes no item out of removals alone; what is added here must not make one either.
        must_exist = True
    given, version = tuple(actions), schema_of(model).version
    if version is not None:
        actions = [*actions, raise_version(version[1])]
    if not must_exist:
        actions = [*actions, *own_actions(model), *default_actions(key, actions)]
    actions = [*actions, *known_derived_actions(key, actions)]
    return ItemWrite(
        "update",
        key,
        actions=tuple(actions),
        given=given,
        condition=condition,
        guard_condition=_is_there(model, must_exist=must_exist),
        may_create=not must_exist,
        # With a condition of the caller's own, a missing item is one of the ways in which that does not hold.
        guard="present" if must_exist and condition is None else None,
    )


def delete_write(
    target: Model | Key[Any],
    *,
    condition: Condition | None = None,
    hard: bool = False,
    check_version: bool = True,
) -> ItemWrite:
    """Return a delete; of a model with a version only if that version is stored.

    Args:
        check_version: False deletes whatever is there.
        hard: remove the item also where its model is deleted softly.

    Raises:
        InvalidRequest: the model has a version and was never read or written.
    """
    if isinstance(target, Key):
        _check_condition(target.model, condition)
        return ItemWrite("delete", target, condition=condition, hard=hard)
    _check_instance("delete", target)
    model = type(target)
    _check_condition(model, condition)
    key = target.item_key()
    if schema_of(model).version is None or not check_version:
        return ItemWrite("delete", key, condition=condition, hard=hard, instance=target)
    stored = stored_version(target)
    if stored is None:
        raise InvalidRequest(
            f"this {model.__name__} was never read or written, so its stored version is unknown; read it first, or "
            f"delete whatever is there with {model.__name__}.key(...)"
        )
    return ItemWrite(
        "delete",
        key,
        condition=condition,
        hard=hard,
        guard_condition=_has_version(model, stored),
        guard="version",
        expected_version=stored,
        instance=target,
    )


def restore_write(key: Key[Any]) -> ItemWrite:
    """Return the update that takes back a soft delete.

    Raises:
        InvalidRequest: the model is not deleted softly.
    """
    _check_key("update", key)
    schema = schema_of(key.model)
    if schema.deleted is None:
        raise InvalidRequest(f"{key.model.__name__} has no deleted_at() field, so its deletes cannot be taken back")
    actions: tuple[UpdateAction, ...] = (RemoveAction(Path((schema.deleted[1],))),)
    if schema.version is not None:
        actions = (*actions, raise_version(schema.version[1]))
    present = AttributeTest("attribute_exists", (partition_path(key.model),))
    return ItemWrite("update", key, actions=actions, guard_condition=present, guard="present")


def check_write(key: Key[Any], condition: Condition) -> ItemWrite:
    """Return the check of a condition, for transactions only; it changes nothing."""
    _check_key("check", key)
    _check_condition(key.model, condition)
    return ItemWrite("check", key, condition=condition)


def _key_and_item(instance: Model, new_version: int | None) -> tuple[Key[Any], Item]:
    model = type(instance)
    version = schema_of(model).version
    item = instance.to_item()
    key = key_in_item(model, item) or instance.item_key()
    if version is not None and new_version is not None:
        item = {**item, version[1]: {"N": str(new_version)}}
    return key, item


def _check_condition(model: type[Model], condition: Condition | None) -> None:
    if condition is not None:
        check_condition(model.__name__, condition, model)


def _first_version() -> int:
    return secrets.randbits(_VERSION_BASE_BITS) + 1


def partition_path(model: type[Model]) -> Path:
    """Return the path of the attribute that every item of a model has."""
    return Path((schema_of(model).partition.attribute,))


def _is_there(model: type[Model], *, must_exist: bool) -> Condition | None:
    """Return what an update asks of the item: that it exists, is not deleted softly, and is of the model's version."""
    schema = schema_of(model)
    terms: list[Condition] = [AttributeTest("attribute_exists", (partition_path(model),))] if must_exist else []
    of_model = entity_condition(model)
    if of_model is not None:
        # An item of another class has this key by mistake, or since its place was taken.
        absent = AttributeTest("attribute_not_exists", (partition_path(model),))
        terms.append(of_model if must_exist else absent | of_model)
    current = is_current(model)
    if current is not None:
        # A later migration would take what the update sets for attributes of the old version.
        absent = AttributeTest("attribute_not_exists", (partition_path(model),))
        terms.append(current if must_exist else absent | current)
    if schema.deleted is not None:
        terms.append(AttributeTest("attribute_not_exists", (Path((schema.deleted[1],)),)))
    return all_of(tuple(terms))


def _has_version(model: type[Model], stored: int) -> Condition:
    version = schema_of(model).version
    assert version is not None, f"{model.__name__} has no version"
    return Comparison("=", Path((version[1],)), Value({"N": str(stored)}))


def own_actions(model: type[Model]) -> tuple[UpdateAction, ...]:
    """Return what an update that may make an item sets of the attributes that items carry for the mapper."""
    actions: list[UpdateAction] = []
    for name, value in codec_of(model).own.items():
        path = Path((name,))
        # What is there may be of a subclass.
        actions.append(SetAction(path, IfNotExists(path, Value(value)) if name == ENTITY else Value(value)))
    return tuple(actions)


def default_actions(key: Key[Any], actions: Sequence[UpdateAction]) -> tuple[UpdateAction, ...]:
    """Return what an update that may make an item sets where nothing stands: defaults that others go by.

    Other defaults are filled in by whoever reads the item; an index, a unique constraint and a text that is made from
    a field see only what is stored.
    """
    model, schema = key.model, schema_of(key.model)
    parts = (part for index in schema.indexes.values() for part in (*index.partition, *index.sort))
    wanted = {part.field: part.attribute for part in parts}
    wanted.update(name for each in schema.derived for name in each.inputs)
    wanted.update(name for constraint in schema.unique for name in constraint.fields)
    settled = {str(action.path.steps[0]) for action in actions} | key.item.keys()
    settled |= {each.attribute for each in schema.derived} | codec_of(model).fields_in_key(key.item).keys()
    made: list[UpdateAction] = []
    for name, attribute in sorted(wanted.items()):
        information = model.model_fields[name]
        if attribute in settled or information.is_required():
            continue
        default = information.get_default(call_default_factory=True)
        if default is not None:
            path = Path((attribute,))
            made.append(SetAction(path, IfNotExists(path, Value(getattr(model, name).encode(default)))))
    return tuple(made)


def raise_version(attribute: str, base: int | None = None) -> UpdateAction:
    """Return the action that raises a stored version without knowing it.

    Args:
        base: where an item that was stored before its model had a version starts; random by default.
    """
    path = Path((attribute,))
    start = IfNotExists(path, Value({"N": str(base or _first_version())}))
    return SetAction(path, Arithmetic("+", start, Value({"N": "1"})))


def _check_key(purpose: Purpose, key: object) -> None:
    if not isinstance(key, Key):
        raise InvalidRequest(f"{purpose} takes the key of an item, as in Score.key(...); got a {type(key).__name__}")


def _check_instance(purpose: Purpose, instance: object) -> None:
    if not isinstance(instance, Model):
        also = " or a key" if purpose == "delete" else ""
        raise InvalidRequest(f"{purpose} takes a model{also}, got a {type(instance).__name__}")
