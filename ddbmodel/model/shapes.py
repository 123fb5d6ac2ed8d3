"""The shape of a value as its model declares it, read from pydantic's own core schema.

A core schema has every alias, generic parameter and forward reference resolved already, so this is the one place
that knows pydantic's schema types; the encoder, the decoder and the expressions on fields read shapes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final, Literal, TypeAlias

from pydantic import BaseModel

from ddbmodel.model.field_codecs import AnyCodec
from ddbmodel.model.scalars import TAG_OF_KIND, kind_of_class

__all__ = [
    "REFERENCE",
    "AmbiguousUnion",
    "AnyShape",
    "Choice",
    "Coded",
    "DictOf",
    "ListOf",
    "Nested",
    "Nullable",
    "Reference",
    "Scalar",
    "SetOf",
    "Shape",
    "Tagged",
    "TupleOf",
    "bare",
    "is_nullable",
    "key_type_of",
    "resolved",
    "set_in",
    "shape_of",
    "tag_of_shape",
]


@dataclass(frozen=True, slots=True)
class Scalar:
    """A value of one kind of `scalars`."""

    kind: str


@dataclass(frozen=True, slots=True)
class Choice:
    """A member of an Enum, stored by its value; `tag` is None where the members differ in type."""

    enum: type[Enum]
    tag: Literal["S", "N"] | None


@dataclass(frozen=True, slots=True)
class Nested:
    """A pydantic model, stored as a map."""

    model: type[BaseModel]


@dataclass(frozen=True, slots=True)
class Tagged:
    """One of several models, told apart by the value stored under `discriminator`."""

    discriminator: str
    choices: Mapping[Any, Nested] = field(hash=False)


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list, or a tuple of any length."""

    item: Shape
    python: type = list


@dataclass(frozen=True, slots=True)
class TupleOf:
    """A tuple with a declared shape at each position."""

    items: tuple[Shape, ...]


@dataclass(frozen=True, slots=True)
class SetOf:
    """A set; of scalars it is a set on the wire, of anything else a list."""

    item: Shape
    python: type
    tag: Literal["SS", "NS", "BS", "L"]


@dataclass(frozen=True, slots=True)
class DictOf:
    """A dict, stored as a map."""

    key: Shape
    value: Shape


@dataclass(frozen=True, slots=True)
class Reference:
    """The key of an item of a model, stored as a map; `build` makes the reference of such a map, or a ValueError."""

    model: type[Any]
    build: Callable[[dict[str, Any]], Any] = field(compare=False)


@dataclass(frozen=True, slots=True)
class Nullable:
    """The shape inside, or None."""

    inner: Shape


@dataclass(frozen=True, slots=True)
class AnyShape:
    """Whatever the value is at run time; `nullable` where None is declared to be allowed."""

    nullable: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class Coded:
    """A value that a field codec stores; `inner` is its shape without the codec. Only of whole fields."""

    codec: AnyCodec
    inner: Shape


class AmbiguousUnion(Exception):  # becomes a ModelDefinitionError that names the field
    """Two members of a union look the same on the wire."""


Shape: TypeAlias = (
    "Scalar | Choice | Nested | Tagged | ListOf | TupleOf | SetOf | DictOf | Nullable | AnyShape | Coded | Reference"
)

REFERENCE: Final = "ddbmodel reference"
"""Where the metadata of a core schema has the `Reference`."""

_KIND_OF_SCHEMA: Final = {
    "str": "text",
    "bool": "boolean",
    "int": "integer",
    "float": "real",
    "decimal": "decimal",
    "bytes": "binary",
    "uuid": "uuid",
    "datetime": "moment",
    "date": "day",
    "time": "time",
    "timedelta": "duration",
}
_PYTHON_NAME: Final = {kind: name for name, kind in _KIND_OF_SCHEMA.items()}
_TRANSPARENT: Final = {"function-after", "function-before", "function-wrap", "default"}


def shape_of(schema: Any, definitions: Mapping[str, Any], _open: frozenset[str] = frozenset()) -> Shape:
    """Return the shape that a core schema describes; what it cannot tell for certain is `AnyShape`."""
    kind = schema["type"]
    declared = (schema.get("metadata") or {}).get(REFERENCE)
    if isinstance(declared, Reference):
        return declared
    if kind == "definition-ref":
        reference = schema["schema_ref"]
        target = resolved(schema, definitions)
        if target["type"] == "model":
            return Nested(target["cls"])
        return AnyShape() if reference in _open else shape_of(definitions[reference], definitions, _open | {reference})
    if kind in _KIND_OF_SCHEMA:
        return Scalar(_KIND_OF_SCHEMA[kind])
    if kind in _TRANSPARENT:
        return shape_of(schema["schema"], definitions, _open)
    if kind == "nullable":
        inner = shape_of(schema["schema"], definitions, _open)
        return inner if isinstance(inner, (Nullable, AnyShape)) and is_nullable(inner) else Nullable(inner)
    if kind == "lax-or-strict":
        return shape_of(schema["strict_schema"], definitions, _open)
    if kind == "model":
        return AnyShape(nullable=False) if schema.get("root_model") else Nested(schema["cls"])
    if kind == "enum":
        return _choice(schema["cls"])
    if kind == "literal":
        return _literal(schema["expected"])
    if kind == "list":
        return ListOf(shape_of(schema.get("items_schema", _ANY), definitions, _open))
    if kind in ("set", "frozenset"):
        item = shape_of(schema.get("items_schema", _ANY), definitions, _open)
        return SetOf(item, set if kind == "set" else frozenset, _set_tag(item))
    if kind == "tuple":
        items = tuple(shape_of(item, definitions, _open) for item in schema["items_schema"])
        if "variadic_item_index" not in schema:
            return TupleOf(items)
        return ListOf(items[0] if len(items) == 1 else AnyShape(), tuple)
    if kind == "dict":
        return DictOf(
            shape_of(schema.get("keys_schema", _TEXT), definitions, _open),
            shape_of(schema.get("values_schema", _ANY), definitions, _open),
        )
    if kind == "tagged-union":
        return _tagged(schema, definitions)
    if kind == "union":
        choices = [choice[0] if isinstance(choice, tuple) else choice for choice in schema["choices"]]
        shapes = [shape_of(choice, definitions, _open) for choice in choices]
        for at, first in enumerate(shapes):
            for second in shapes[at + 1 :]:
                if _collide(bare(first), bare(second)):
                    raise AmbiguousUnion(_words(first), _words(second))
        return AnyShape(nullable=any(is_nullable(shape) for shape in shapes))
    return AnyShape(nullable=kind in ("any", "none"))


def resolved(schema: Any, definitions: Mapping[str, Any]) -> Any:
    """Return the schema that a chain of references ends at."""
    while schema["type"] == "definition-ref":
        schema = definitions[schema["schema_ref"]]
    return schema


def bare(shape: Shape) -> Shape:
    """Return the shape of a value that is there."""
    return shape.inner if isinstance(shape, Nullable) else shape


def is_nullable(shape: Shape) -> bool:
    """Return whether None is a declared value."""
    return isinstance(shape, Nullable) or (isinstance(shape, AnyShape) and shape.nullable)


def set_in(shape: Shape) -> SetOf | None:
    """Return the shape of a field that is a set, which is absent when it is empty."""
    inner = bare(shape)
    if isinstance(inner, Coded):
        inner = inner.inner
    return inner if isinstance(inner, SetOf) else None


def tag_of_shape(shape: Shape) -> str | None:
    """Return the one type tag that values of this shape have, or None where it depends on the value."""
    match bare(shape):
        case Scalar(kind):
            return TAG_OF_KIND[kind]
        case Choice(tag=tag):
            return tag
        case SetOf(tag=set_tag):
            return set_tag
        case ListOf() | TupleOf():
            return "L"
        case DictOf() | Nested() | Tagged() | Reference():
            return "M"
        case _:
            return None


def key_type_of(shape: Shape) -> Literal["S", "N", "B"] | None:
    """Return the key type of values of this shape, or None when they cannot be a key."""
    tag = tag_of_shape(shape)
    return tag if tag in ("S", "N", "B") else None  # type: ignore[return-value]  # one of the three


_ANY: Final = {"type": "any"}
_TEXT: Final = {"type": "str"}


# Equal numbers are equal whichever of the two classes they have, so nothing is lost.
_INTERCHANGEABLE: Final = ({Scalar("integer"), Scalar("real")}, {Scalar("integer"), Scalar("decimal")})


def _collide(first: Shape, second: Shape) -> bool:
    if first == second and not isinstance(first, Nested):
        return False
    match first, second:
        case ListOf(item, python), ListOf(other, other_python) if python is other_python:
            return _collide(bare(item), bare(other))
        case DictOf(_, value), DictOf(_, other):
            return _collide(bare(value), bare(other))
    tag = tag_of_shape(first)
    return tag is not None and tag == tag_of_shape(second) and {first, second} not in _INTERCHANGEABLE


def _words(shape: Shape) -> str:
    match bare(shape):
        case Scalar(kind):
            return _PYTHON_NAME.get(kind, kind)
        case Choice(enum):
            return enum.__name__
        case Nested(model):
            return model.__name__
        case SetOf(_, python) | ListOf(_, python):
            return python.__name__
        case _:
            return type(bare(shape)).__name__.removesuffix("Of").lower()


def _choice(enum: type[Enum]) -> Choice:
    kinds = {kind_of_class(type(member.value)) for member in enum}
    if kinds == {"text"}:
        return Choice(enum, "S")
    return Choice(enum, "N" if kinds == {"integer"} else None)


def _literal(expected: list[Any]) -> Shape:
    kinds = {kind_of_class(type(value)) if not isinstance(value, Enum) else None for value in expected}
    if kinds == {"text"}:
        return Scalar("text")
    if kinds == {"integer"}:
        return Scalar("integer")
    return AnyShape(nullable=None in expected)


def _set_tag(item: Shape) -> Literal["SS", "NS", "BS", "L"]:
    tag = None if isinstance(item, Nullable) else tag_of_shape(item)
    return {"S": "SS", "N": "NS", "B": "BS"}.get(tag or "", "L")  # type: ignore[return-value]  # one of the four


def _tagged(schema: Any, definitions: Mapping[str, Any]) -> Shape:
    choices = {tag: shape_of(choice, definitions) for tag, choice in schema["choices"].items()}
    discriminator = schema["discriminator"]
    nested = {tag: choice for tag, choice in choices.items() if isinstance(choice, Nested)}
    if isinstance(discriminator, str) and len(nested) == len(choices):
        return Tagged(discriminator, nested)
    return AnyShape(nullable=False)
