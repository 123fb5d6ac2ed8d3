"""Keys of items: the model and the key attributes on the wire."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from ddbmodel.errors import InvalidRequest, ValueNotStorable
from ddbmodel.model.codec import codec_of
from ddbmodel.model.field_options import KEY_LIMIT_BYTES
from ddbmodel.model.scalars import Refused
from ddbmodel.model.schema import schema_of
from ddbmodel.values.item_size import value_size_bytes
from ddbmodel.values.wire import Item

if TYPE_CHECKING:
    from ddbmodel.model.base import Model

__all__ = ["Key", "key_from_names", "template_inputs", "template_text"]

M_co = TypeVar("M_co", bound="Model", covariant=True)


class Key(Generic[M_co]):
    """The key of one item; equal to every other key of the same table and values."""

    __slots__ = ("_identity", "item", "model")

    model: type[M_co]
    item: Item
    _identity: tuple[object, ...] | None

    def __init__(self, model: type[M_co], item: Item) -> None:
        object.__setattr__(self, "model", model)
        object.__setattr__(self, "item", item)
        object.__setattr__(self, "_identity", None)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"a key is never changed, so {name!r} cannot be set")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Key) and self._known_by() == other._known_by()

    def __hash__(self) -> int:
        return hash(self._known_by())

    def __repr__(self) -> str:
        return f"Key({self.model.__name__}, {', '.join(self.item)})"

    def __reduce__(self) -> tuple[Any, ...]:
        return Key, (self.model, self.item)

    def _known_by(self) -> tuple[object, ...]:
        # Most keys are only sent; those that are compared are compared often.
        if self._identity is None:
            values = tuple(sorted((name, *pair) for name, value in self.item.items() for pair in value.items()))
            object.__setattr__(self, "_identity", (schema_of(self.model).table, values))
        assert self._identity is not None
        return self._identity


def key_from_names(model: type[M_co], names: Mapping[str, Any]) -> Key[M_co]:
    """Return the key made from field values; a key with a template also takes the fields it is made from.

    Raises:
        InvalidRequest: a name is missing or is none of the key's.
        ValueNotStorable: a value that cannot be a key.
    """
    schema, codec = model.__ddb_schema__, codec_of(model)
    item: Item = {}
    used: set[str] = set()
    expected: list[str] = []
    for key, limit in (
        (schema.partition, KEY_LIMIT_BYTES["partition_key"]),
        (schema.sort, KEY_LIMIT_BYTES["sort_key"]),
    ):
        if key is None:
            continue
        plan = codec.plan_of[key.field]
        inputs = plan.template.fields if plan.template else ()
        expected.extend(inputs or (key.field,))
        given = next((name for name in (key.field, key.attribute) if name in names), None)
        if given is not None:
            used.add(given)
            value = codec.encode_value(key.field, plan.shape, names[given])
        elif plan.template is not None and all(name in names for name in inputs):
            used.update(inputs)
            try:
                value = {"S": plan.template.format(names)}
            except Refused as refusal:
                raise ValueNotStorable(model.__name__, key.field, refusal.rule) from None
        else:
            continue
        _check_key_value(model, key.field, key.type, value, limit)
        item[key.attribute] = value
    complete = len(item) == (1 if schema.sort is None else 2)
    if not complete or used != set(names):
        raise InvalidRequest(
            f"the key of {model.__name__} is made of {', '.join(dict.fromkeys(expected))}; "
            f"got {', '.join(names) or 'nothing'}"
        )
    return Key(model, item)


def key_in_item(model: type[M_co], item: Item) -> Key[M_co] | None:
    """Return the key of an item that was just encoded, checked as `key_from_names` does; None when it has none."""
    schema = schema_of(model)
    partition, sort = schema.partition, schema.sort
    value = item.get(partition.attribute)
    if value is None:
        return None
    _check_key_value(model, partition.field, partition.type, value, KEY_LIMIT_BYTES["partition_key"])
    own: Item = {partition.attribute: value}
    if sort is not None:
        value = item.get(sort.attribute)
        if value is None:
            return None
        _check_key_value(model, sort.field, sort.type, value, KEY_LIMIT_BYTES["sort_key"])
        own[sort.attribute] = value
    return Key(model, own)


def template_inputs(model: type[Model], field: str) -> tuple[str, ...]:
    """Return the fields that a key field is made from; none for a key that stands for itself."""
    template = next(plan.template for plan in codec_of(model).plans if plan.field == field)
    return () if template is None else template.fields


def template_text(model: type[Model], field: str, values: Mapping[str, Any]) -> str:
    """Return the text that a key field with a template has for the values of its inputs; ValueNotStorable for none."""
    template = next(plan.template for plan in codec_of(model).plans if plan.field == field)
    assert template is not None, f"{field} has no template"
    try:
        return template.format(values)
    except Refused as refusal:
        raise ValueNotStorable(model.__name__, field, refusal.rule) from None


def _check_key_value(model: type[Model], field: str, type_: str, value: dict[str, Any], limit: int) -> None:
    if type_ not in value or value[type_] == "":
        raise ValueNotStorable(model.__name__, field, "a key attribute must not be empty")
    # A character has at most four bytes, so most keys need no measuring.
    if 4 * len(value[type_]) <= limit:
        return
    size_bytes = value_size_bytes(value)
    if size_bytes > limit:
        raise ValueNotStorable(model.__name__, field, f"a key attribute has at most {limit} bytes, got {size_bytes}")
