"""Whether a value changed, where a codec may store equal values differently; for those who compare items."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from ddbmodel.model.codec import codec_of
from ddbmodel.model.field_codecs import WireCodec
from ddbmodel.model.plain_values import NotPlain, decoded_by, uncoded
from ddbmodel.model.shapes import Coded, bare
from ddbmodel.values.equality import same_value
from ddbmodel.values.wire import AttributeValue, Item

__all__ = ["with_stored_forms"]


def with_stored_forms(instance: BaseModel, stored: Item, encoded: Item) -> Item:
    """Return the encoding of an instance in which every value that did not change stands as it is stored.

    Args:
        stored: an earlier form of the item.
        encoded: what the instance is now; it is not changed, and the answer shares its values.
    """
    codec = codec_of(type(instance))
    kept: Item = {}
    for field, attribute, shape in codec.recoded:
        if attribute in stored and attribute in encoded and stored[attribute] != encoded[attribute]:
            value, inner = instance.__dict__.get(field), bare(shape)
            if isinstance(inner, Coded):
                if _is_same(inner, value, stored[attribute], encoded[attribute]):
                    kept[attribute] = stored[attribute]
            else:
                kept[attribute] = _with_stored_parts(value, stored[attribute], encoded[attribute])
    return {**encoded, **kept} if kept else encoded


def _is_same(shape: Coded, value: Any, stored: AttributeValue, encoded: AttributeValue) -> bool:
    codec = shape.codec
    try:
        if isinstance(codec, WireCodec):
            before = uncoded(codec, stored)
            return same_value(before, _with_stored_parts(value, before, uncoded(codec, encoded)))
        was, is_now = decoded_by(codec, stored), decoded_by(codec, encoded)
    except NotPlain:
        return False
    return type(was) is type(is_now) and bool(was == is_now)


def _with_stored_parts(value: Any, stored: AttributeValue, encoded: AttributeValue) -> AttributeValue:
    """Return the encoding of a value in which the models in it keep the stored forms."""
    if isinstance(value, BaseModel) and "M" in stored and "M" in encoded:
        return {"M": with_stored_forms(value, stored["M"], encoded["M"])}
    if isinstance(value, (list, tuple)) and "L" in stored and "L" in encoded:
        before = [*stored["L"], *encoded["L"][len(stored["L"]) :]]
        return {"L": [_with_stored_parts(*each) for each in zip(value, before, encoded["L"], strict=False)]}
    if isinstance(value, dict) and "M" in stored and "M" in encoded:
        before, parts = stored["M"], {str(name): part for name, part in value.items()}
        return {
            "M": {
                name: _with_stored_parts(parts.get(name), before.get(name, part), part)
                for name, part in encoded["M"].items()
            }
        }
    return encoded
