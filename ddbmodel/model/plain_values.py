"""Wire values to plain Python values, by declared shape; what the user's own schema then validates.

Models become dicts by stored name, so that this is also the input of ``model_validate``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final

from pydantic import BaseModel

from ddbmodel.model.field_codecs import AnyCodec, CorruptValue, WireCodec
from ddbmodel.model.own_attributes import OWN_ATTRIBUTES
from ddbmodel.model.scalars import PYTHON_OF, TAG_OF_KIND, binary_of
from ddbmodel.model.shapes import (
    AnyShape,
    Choice,
    Coded,
    DictOf,
    ListOf,
    Nested,
    Nullable,
    Reference,
    Scalar,
    SetOf,
    Shape,
    Tagged,
    TupleOf,
    bare,
    is_nullable,
    set_in,
)
from ddbmodel.values.wire import TYPE_TAGS, AttributeValue, Item, tag_of

__all__ = ["NotPlain", "decoded_by", "plain_map", "plain_value", "python_value", "uncoded"]

StoredFields = Callable[[type[BaseModel]], Mapping[str, tuple[str, Shape]]]

_SETS: Final[Mapping[str, Callable[[Any], Any]]] = {"SS": str, "NS": lambda text: _number(text), "BS": binary_of}


class NotPlain(ValueError):  # becomes a problem of ItemNotDecodable
    """A wire value that does not have the declared type; `path` is below the value that was asked for."""

    def __init__(self, path: str, rule: str) -> None:
        super().__init__(rule)
        self.path, self.rule = path, rule


def plain_map(stored_fields: StoredFields, model: type[BaseModel], values: Item) -> dict[str, Any]:
    """Return a model's map as a dict of Python values by stored name; None and empty sets stand for absent ones."""
    known = stored_fields(model)
    plain: dict[str, Any] = {}
    for attribute, shape in known.values():
        value = values.get(attribute)
        if value is not None:
            plain[attribute] = _below(f".{attribute}", plain_value, stored_fields, shape, value)
        elif is_nullable(shape):
            plain[attribute] = None
        elif (absent := set_in(shape)) is not None:
            plain[attribute] = absent.python()
    # What is the mapper's own is no extra of the user's.
    names = {attribute for attribute, _ in known.values()} | OWN_ATTRIBUTES
    if model.model_config.get("extra") == "allow":
        plain.update((name, python_value(value)) for name, value in values.items() if name not in names)
    return plain


def plain_value(stored_fields: StoredFields, shape: Shape, value: AttributeValue) -> Any:
    """Return the Python value of an attribute value.

    Raises:
        NotPlain: its type or form is not the declared one.
    """
    if not isinstance(value, dict) or len(value) != 1 or next(iter(value)) not in TYPE_TAGS:
        raise NotPlain("", "not an attribute value, a dict with one type tag")
    if "NULL" in value:
        return None
    match shape:
        case Nullable(inner):
            return plain_value(stored_fields, inner, value)
        case Scalar(kind):
            return _scalar(kind, _inner(value, TAG_OF_KIND[kind]))
        case Choice(enum):
            plain = python_value(value)
            return next((member for member in enum if member.value == plain), plain)
        case Nested(model):
            return plain_map(stored_fields, model, _inner(value, "M"))
        case Tagged(discriminator, choices):
            values = _inner(value, "M")
            chosen = choices.get(python_value(values[discriminator])) if discriminator in values else None
            return python_value(value) if chosen is None else plain_map(stored_fields, chosen.model, values)
        case ListOf(item, python):
            return python(_list(stored_fields, item, _inner(value, "L")))
        case TupleOf(items):
            parts = _inner(value, "L")
            shapes = [*items, *[AnyShape()] * (len(parts) - len(items))]
            return tuple(
                _below(f"[{at}]", plain_value, stored_fields, shape, part)
                for at, (shape, part) in enumerate(zip(shapes, parts, strict=False))
            )
        case SetOf(item, python, "L"):
            return python(_list(stored_fields, item, _inner(value, "L")))
        case SetOf(item, python, tag):
            return python(plain_value(stored_fields, bare(item), {tag[0]: member}) for member in _inner(value, tag))
        case DictOf(_, item):
            return {
                name: _below(f".{name}", plain_value, stored_fields, item, part)
                for name, part in _inner(value, "M").items()
            }
        case Coded(codec, inner):
            if isinstance(codec, WireCodec):
                return plain_value(stored_fields, inner, uncoded(codec, value))
            return decoded_by(codec, value)
        case Reference(build=build):
            try:
                return build(_inner(value, "M"))
            except ValueError as error:
                raise NotPlain("", str(error)) from None
        case AnyShape():
            return python_value(value)


def uncoded(codec: WireCodec, stored: AttributeValue) -> AttributeValue:
    """Return the attribute value that stands for a stored one; raises `NotPlain`."""
    try:
        return codec.decode_wire(stored)
    except CorruptValue as corrupt:
        raise NotPlain("", str(corrupt)) from None


def decoded_by(codec: AnyCodec, stored: AttributeValue) -> Any:
    """Return the Python value that a codec of users gives for a stored value; raises `NotPlain`."""
    assert not isinstance(codec, WireCodec), "this one needs the shape of the field"
    plain = python_value(stored)
    try:
        return codec.decode(plain)
    except Exception as error:
        # Its text may quote the value.
        raise NotPlain("", f"its codec {type(codec).__name__} cannot read it ({type(error).__name__})") from error


def python_value(value: AttributeValue) -> Any:
    """Return the Python value of an attribute value whose shape nobody declared; fractions are `Decimal`."""
    for tag, inner in value.items():
        if tag in ("S", "BOOL"):
            return inner
        if tag == "N":
            return _number(inner)
        if tag == "M":
            return {name: python_value(part) for name, part in inner.items()}
        if tag == "L":
            return [python_value(part) for part in inner]
        if tag == "NULL":
            return None
        if tag == "B":
            return binary_of(inner)
        if tag in _SETS:
            return {_SETS[tag](member) for member in inner}
    raise NotPlain("", "not an attribute value, a dict with one type tag")


def _list(stored_fields: StoredFields, item: Shape, parts: list[AttributeValue]) -> list[Any]:
    return [_below(f"[{at}]", plain_value, stored_fields, item, part) for at, part in enumerate(parts)]


def _scalar(kind: str, inner: Any) -> Any:
    try:
        return PYTHON_OF[kind](inner)
    except (ValueError, ArithmeticError, TypeError):
        raise NotPlain("", f"not a valid {kind}") from None


def _inner(value: AttributeValue, tag: str) -> Any:
    if tag not in value:
        raise NotPlain("", f"stored with type {tag_of(value)}, expected {tag}")
    return value[tag]


def _below(step: str, function: Callable[..., Any], *arguments: Any) -> Any:
    try:
        return function(*arguments)
    except NotPlain as problem:
        raise NotPlain(step + problem.path, problem.rule) from None


def _number(text: str) -> int | Decimal:
    try:
        return int(text)
    except ValueError:
        return Decimal(text)
