"""Texts that are made from other fields, for those who change an item without having an instance of it; pure.

An instance makes its texts whenever it is encoded. An update by key does not: whoever plans one asks here which texts
its actions move, and what they become.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from ddbmodel.errors import ValueNotStorable
from ddbmodel.model.codec import codec_of
from ddbmodel.model.scalars import Refused
from ddbmodel.model.schema import DerivedField
from ddbmodel.values.wire import AttributeValue, Item

if TYPE_CHECKING:
    from ddbmodel.model.base import Model

__all__ = ["derived_fields", "derived_value", "derived_values", "moved_by"]


def derived_fields(model: type[Model]) -> tuple[DerivedField, ...]:
    """Return the fields of a model that are made from others."""
    return model.__ddb_schema__.derived


def moved_by(model: type[Model], attributes: Iterable[str]) -> tuple[DerivedField, ...]:
    """Return the derived fields that change when attributes, by stored name, do."""
    changed = set(attributes)
    return tuple(
        each for each in derived_fields(model) if not changed.isdisjoint(attribute for _, attribute in each.inputs)
    )


def derived_value(model: type[Model], field: str, values: Mapping[str, AttributeValue]) -> AttributeValue | None:
    """Return what a derived field is for attribute values; None where it is absent.

    Args:
        values: by stored name, as in an item; what is not among them is absent.

    Raises:
        ValueNotStorable: a value that cannot stand in the template.
    """
    codec = codec_of(model)
    template = codec.plan_of[field].template
    assert template is not None, f"{field} is not derived"
    by_field = {
        name: values[codec.plan_of[name].attribute]
        for name in template.fields
        if codec.plan_of[name].attribute in values
    }
    try:
        text = template.format_stored(by_field)
    except Refused as refusal:
        raise ValueNotStorable(model.__name__, field, refusal.rule) from None
    return None if text is None else {"S": text}


def derived_values(model: type[Model], item: Item) -> dict[str, AttributeValue | None]:
    """Return what every derived attribute of an item must be, by stored name; raises as `derived_value`.

    Args:
        item: whole, or at least its key and the attributes that they are made from; what the key says is known.
    """
    values = {**codec_of(model).fields_in_key(item), **item}
    return {each.attribute: derived_value(model, each.field, values) for each in derived_fields(model)}
