"""Which actions an update may have: checked before any I/O; messages say the way out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ddbmodel.errors import InvalidRequest
from ddbmodel.expressions.check import check_update
from ddbmodel.expressions.errors import InvalidExpression
from ddbmodel.expressions.tree import (
    AddAction,
    DeleteAction,
    RemoveAction,
    SetAction,
    Update,
    UpdateAction,
    Value,
)
from ddbmodel.model import Key, Model, schema_of
from ddbmodel.model.codec import codec_of
from ddbmodel.model.key import template_inputs, template_text
from ddbmodel.query.conditions import check_stored
from ddbmodel.values.wire import AttributeValue

__all__ = ["check_actions", "check_key_inputs", "fields_not_given"]


def check_actions(model: type[Model], actions: Sequence[UpdateAction]) -> None:
    """Raise `InvalidRequest` for actions of another model, on what users do not set, or in each other's way."""
    schema = schema_of(model)
    fixed = {schema.partition.attribute} | ({schema.sort.attribute} if schema.sort else set())
    derived = {each.attribute: tuple(field for field, _ in each.inputs) for each in schema.derived}
    times = {reference[1] for reference in (schema.created, schema.updated, schema.deleted) if reference is not None}
    for action in actions:
        if not isinstance(action, (SetAction, RemoveAction, AddAction, DeleteAction)):
            raise InvalidRequest(
                f"{model.__name__}: an update is made of actions, as in Score.points.add(1); got a "
                f"{type(action).__name__}"
            )
        name = str(action.path.steps[0])
        check_stored(model.__name__, model, name)
        if name not in schema.attributes.values():
            raise InvalidRequest(
                f"{model.__name__} has no attribute {name!r}, so the action is another model's; an update changes "
                f"attributes of {model.__name__}"
            )
        if name in fixed:
            raise InvalidRequest(
                f"{model.__name__}: the key attribute {name!r} cannot be updated; create the item under its new key "
                "and delete the old one, in one transaction"
            )
        if schema.version is not None and name == schema.version[1]:
            raise InvalidRequest(f"{model.__name__}: the version {name!r} is raised by every update and cannot be set")
        if name in derived:
            raise InvalidRequest(
                f"{model.__name__}: {name!r} is made from {', '.join(derived[name])}; update those, and it follows"
            )
        if name in times:
            raise InvalidRequest(
                f"{model.__name__}: the time {name!r} is set by the writes that it tells of, and not by hand; "
                "db.delete and db.restore set and remove the time of a soft delete"
            )
    try:
        check_update(Update(tuple(actions)))
    except InvalidExpression as error:
        raise InvalidRequest(f"{model.__name__}: {error.message}") from None


def check_key_inputs(key: Key[Any], actions: Sequence[UpdateAction]) -> None:
    """Refuse actions that would leave an item under a key that does not say what its inputs say."""
    model, schema = key.model, schema_of(key.model)
    written: dict[str, AttributeValue] = {
        str(action.path.steps[0]): action.operand.value
        for action in actions
        if isinstance(action, SetAction) and isinstance(action.operand, Value) and len(action.path.steps) == 1
    }
    for part in (schema.partition, schema.sort):
        if part is None or part.template is None:
            continue
        attributes = {field: schema.attributes[field] for field in template_inputs(model, part.field)}
        touched = {action.path.steps[0] for action in actions} & set(attributes.values())
        if not touched:
            continue
        # Setting them to what the key says is how an upsert completes the new item.
        known = {**codec_of(model).fields_in_key(key.item), **written}
        if touched <= written.keys() and known.keys() >= set(attributes.values()):
            values = {field: getattr(model, field).decode(known[name]) for field, name in attributes.items()}
            if key.item[part.attribute] == {"S": template_text(model, part.field, values)}:
                continue
        raise InvalidRequest(
            f"{model.__name__}: the key {part.field!r} is made from {', '.join(attributes)}, which an update can only "
            "set to what the key says; to change them create the item under its new key and delete the "
            "old one, in one transaction"
        )


def fields_not_given(key: Key[Any], actions: Sequence[UpdateAction]) -> list[str]:
    """Return the required fields that a new item made of a key and actions would lack."""
    schema = schema_of(key.model)
    given = {*key.item, *schema.not_stored}
    for action in actions:
        if isinstance(action, (SetAction, AddAction)) and len(action.path.steps) == 1:
            given.add(str(action.path.steps[0]))
    if schema.version is not None:
        given.add(schema.version[1])
    return [
        field
        for field, information in key.model.model_fields.items()
        if information.is_required() and schema.attributes.get(field, field) not in given
    ]
