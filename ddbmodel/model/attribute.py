"""`Attr[T]`: what a field is to a type checker, and what it is on the class: a path that conditions are built from.

In an annotation, at run time, ``Attr[T]`` is ``Annotated[T, …]``, so pydantic sees ``T``. On the class, `Score.points`
is an instance of `Attr` with the operators of a condition or an update.
"""

from __future__ import annotations

import builtins
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, Final, Generic, Literal, TypeAlias, TypeVar, overload
from uuid import UUID

from pydantic import BaseModel

from ddbmodel.errors import InvalidRequest
from ddbmodel.expressions.tree import (
    Absent,
    AddAction,
    AttributeTest,
    Between,
    Changed,
    Comparator,
    Comparison,
    Condition,
    DeleteAction,
    IfNotExists,
    In,
    ListAppend,
    Operand,
    Path,
    RemoveAction,
    SetAction,
    Size,
    Value,
)
from ddbmodel.model.codec import codec_of
from ddbmodel.model.shapes import (
    AnyShape,
    Coded,
    DictOf,
    ListOf,
    Nested,
    Scalar,
    SetOf,
    Shape,
    TupleOf,
    bare,
    tag_of_shape,
)
from ddbmodel.values.wire import AttributeValue

__all__ = ["Attr", "SizeOf"]

T = TypeVar("T")
U = TypeVar("U")
E = TypeVar("E")
Text = TypeVar("Text", bound="str | None")
Ordered = TypeVar("Ordered", bound="str | bytes | int | float | Decimal | date | datetime | timedelta | UUID")

TypeTag: TypeAlias = Literal["S", "N", "B", "BOOL", "NULL", "M", "L", "SS", "NS", "BS"]
_UNSET: Final[Any] = object()


class Attr(Generic[T]):
    """A field of a model, or a place below one.

    Attributes:
        path: by stored names.
        model: the class whose field the path starts at.
    """

    __slots__ = ("model", "path", "shape")

    def __init__(self, model: type[BaseModel], path: Path, shape: Shape) -> None:
        self.model, self.path, self.shape = model, path, shape

    if TYPE_CHECKING:

        @overload
        def __get__(self, instance: None, owner: Any) -> Attr[T]: ...
        @overload
        def __get__(self, instance: object, owner: Any) -> T: ...
        def __get__(self, instance: Any, owner: Any) -> Any: ...
        def __set__(self, instance: Any, value: T) -> None: ...
    else:

        def __class_getitem__(cls, declared):
            return Annotated[declared, _MAPPED]

    def encode(self, value: Any) -> AttributeValue:
        """Return the attribute value that `value` has at this place.

        Raises:
            ValueNotStorable: it is not of the declared type, or the wire cannot carry it.
        """
        return codec_of(self.model).encode_value(self._words(), self.shape, value)

    def decode(self, value: AttributeValue | None) -> Any:
        """Return the Python value of an attribute value at this place; None where it is absent."""
        if value is None or "NULL" in value:
            return None
        return codec_of(self.model).decode_value(self._words(), self.shape, value)

    def __eq__(self, other: T | Attr[T]) -> Condition:  # type: ignore[override]  # == builds a condition
        return self.not_exists() if other is None else self._compared("=", other)

    def __ne__(self, other: T | Attr[T]) -> Condition:  # type: ignore[override]  # != builds a condition
        return self.exists() if other is None else self._compared("<>", other)

    __hash__ = object.__hash__

    @overload
    def __lt__(self: Attr[Decimal] | Attr[Decimal | None], other: Decimal | int | Attr[Decimal]) -> Condition: ...
    @overload
    def __lt__(self: Attr[Ordered], other: Ordered | Attr[Ordered]) -> Condition: ...
    @overload
    def __lt__(self: Attr[Ordered | None], other: Ordered | Attr[Ordered]) -> Condition: ...
    def __lt__(self, other: Any) -> Condition:
        return self._compared("<", other)

    @overload
    def __le__(self: Attr[Decimal] | Attr[Decimal | None], other: Decimal | int | Attr[Decimal]) -> Condition: ...
    @overload
    def __le__(self: Attr[Ordered], other: Ordered | Attr[Ordered]) -> Condition: ...
    @overload
    def __le__(self: Attr[Ordered | None], other: Ordered | Attr[Ordered]) -> Condition: ...
    def __le__(self, other: Any) -> Condition:
        return self._compared("<=", other)

    @overload
    def __gt__(self: Attr[Decimal] | Attr[Decimal | None], other: Decimal | int | Attr[Decimal]) -> Condition: ...
    @overload
    def __gt__(self: Attr[Ordered], other: Ordered | Attr[Ordered]) -> Condition: ...
    @overload
    def __gt__(self: Attr[Ordered | None], other: Ordered | Attr[Ordered]) -> Condition: ...
    def __gt__(self, other: Any) -> Condition:
        return self._compared(">", other)

    @overload
    def __ge__(self: Attr[Decimal] | Attr[Decimal | None], other: Decimal | int | Attr[Decimal]) -> Condition: ...
    @overload
    def __ge__(self: Attr[Ordered], other: Ordered | Attr[Ordered]) -> Condition: ...
    @overload
    def __ge__(self: Attr[Ordered | None], other: Ordered | Attr[Ordered]) -> Condition: ...
    def __ge__(self, other: Any) -> Condition:
        return self._compared(">=", other)

    @overload
    def between(self: Attr[Decimal] | Attr[Decimal | None], low: Decimal | int, high: Decimal | int) -> Condition: ...
    @overload
    def between(self: Attr[Ordered], low: Ordered, high: Ordered) -> Condition: ...
    @overload
    def between(self: Attr[Ordered | None], low: Ordered, high: Ordered) -> Condition: ...
    def between(self, low: Any, high: Any) -> Condition:
        """Return that the value lies between two others, both included."""
        self._check_readable("between")
        return Between(self.path, self._operand(low), self._operand(high))

    def is_in(self, values: Iterable[T]) -> Condition:
        """Return that the value is one of 1 to 100 others."""
        options = [self._operand(value) for value in values]
        if not 1 <= len(options) <= 100:
            raise InvalidRequest(f"{self._words()}.is_in() takes 1 to 100 values, got {len(options)}")
        if isinstance(values, (builtins.set, frozenset)):
            # A set has another order in each process, and page cursors are bound to the text of a condition.
            options.sort(key=repr)
        return In(self.path, tuple(options))

    def exists(self) -> Condition:
        """Return that the attribute is there."""
        return AttributeTest("attribute_exists", (self.path,))

    def not_exists(self) -> Condition:
        """Return that the attribute is absent, as None is."""
        return AttributeTest("attribute_not_exists", (self.path,))

    def attribute_type(self, tag: TypeTag) -> Condition:
        """Return that the stored value has a type tag."""
        return AttributeTest("attribute_type", (self.path, Value({"S": tag})))

    @overload
    def begins_with(self: Attr[Text], prefix: str) -> Condition: ...
    @overload
    def begins_with(self: Attr[bytes] | Attr[bytes | None], prefix: bytes) -> Condition: ...
    def begins_with(self, prefix: Any) -> Condition:
        """Return that a text or binary starts with another."""
        self._check("begins_with", "S", "B")
        return AttributeTest("begins_with", (self.path, Value(self._encoded(AnyShape(), prefix))))

    @overload
    def contains(self: Attr[Text], part: str) -> Condition: ...
    @overload
    def contains(self: Attr[set[E]], part: E) -> Condition: ...
    @overload
    def contains(self: Attr[set[E] | None], part: E) -> Condition: ...
    @overload
    def contains(self: Attr[frozenset[E]], part: E) -> Condition: ...
    @overload
    def contains(self: Attr[frozenset[E] | None], part: E) -> Condition: ...
    @overload
    def contains(self: Attr[list[E]], part: E) -> Condition: ...
    @overload
    def contains(self: Attr[list[E] | None], part: E) -> Condition: ...
    def contains(self, part: Any) -> Condition:
        """Return that a text has a part, or a set or list a member."""
        self._check("contains", "S", "B", "L", "SS", "NS", "BS")
        shape = bare(self.shape)
        inner = shape.item if isinstance(shape, (ListOf, SetOf)) else AnyShape()
        return AttributeTest("contains", (self.path, Value(self._encoded(inner, part))))

    def size(self) -> SizeOf:
        """Return the size of the value: characters, bytes or members."""
        self._check_readable("size")
        return SizeOf(self.path)

    def changed(self, *, to: Any = _UNSET, from_: Any = _UNSET) -> Condition:
        """Return, for stream filters, that the value is not what it was."""
        return Changed(self.path, self._image(from_), self._image(to))

    def set(self, value: T | Attr[T]) -> SetAction | RemoveAction:
        """Return the action that gives the attribute a value; None and an empty set remove it."""
        if value is None or (isinstance(value, (builtins.set, frozenset)) and not value):
            return self.remove()
        if isinstance(value, Attr):
            self._check_same_form("set", value)
            return SetAction(self.path, value.path)
        return SetAction(self.path, Value(self.encode(value)))

    def set_if_absent(self, value: T) -> SetAction:
        """Return the action that gives the attribute a value where it has none."""
        return SetAction(self.path, IfNotExists(self.path, Value(self.encode(value))))

    def remove(self) -> RemoveAction:
        """Return the action that removes the attribute."""
        return RemoveAction(self.path)

    @overload
    def add(self: Attr[int] | Attr[int | None], amount: int) -> AddAction: ...
    @overload
    def add(self: Attr[float] | Attr[float | None], amount: float) -> AddAction: ...
    @overload
    def add(self: Attr[Decimal] | Attr[Decimal | None], amount: Decimal | int) -> AddAction: ...
    def add(self, amount: Any) -> AddAction:
        """Return the action that adds a number, to zero where the attribute is absent."""
        self._check("add", "N")
        return AddAction(self.path, Value(self.encode(amount)))

    @overload
    def append(self: Attr[list[E]], *values: E) -> SetAction: ...
    @overload
    def append(self: Attr[list[E] | None], *values: E) -> SetAction: ...
    def append(self, *values: Any) -> SetAction:
        """Return the action that puts values at the end of a list, which is made where it is absent."""
        self._check("append", "L")
        return SetAction(self.path, ListAppend(self._list_or_empty(), Value(self.encode(list(values)))))

    @overload
    def prepend(self: Attr[list[E]], *values: E) -> SetAction: ...
    @overload
    def prepend(self: Attr[list[E] | None], *values: E) -> SetAction: ...
    def prepend(self, *values: Any) -> SetAction:
        """Return the action that puts values at the start of a list, which is made where it is absent."""
        self._check("prepend", "L")
        return SetAction(self.path, ListAppend(Value(self.encode(list(values))), self._list_or_empty()))

    @overload
    def union(self: Attr[builtins.set[E]], members: builtins.set[E]) -> AddAction: ...
    @overload
    def union(self: Attr[builtins.set[E] | None], members: builtins.set[E]) -> AddAction: ...
    @overload
    def union(self: Attr[frozenset[E]], members: frozenset[E]) -> AddAction: ...
    @overload
    def union(self: Attr[frozenset[E] | None], members: frozenset[E]) -> AddAction: ...
    def union(self, members: Any) -> AddAction:
        """Return the action that puts members into a set, which is made where it is absent."""
        self._check("union", "SS", "NS", "BS")
        return AddAction(self.path, Value(self.encode(members)))

    @overload
    def difference(self: Attr[builtins.set[E]], members: builtins.set[E]) -> DeleteAction: ...
    @overload
    def difference(self: Attr[builtins.set[E] | None], members: builtins.set[E]) -> DeleteAction: ...
    @overload
    def difference(self: Attr[frozenset[E]], members: frozenset[E]) -> DeleteAction: ...
    @overload
    def difference(self: Attr[frozenset[E] | None], members: frozenset[E]) -> DeleteAction: ...
    def difference(self, members: Any) -> DeleteAction:
        """Return the action that takes members out of a set."""
        self._check("difference", "SS", "NS", "BS")
        return DeleteAction(self.path, Value(self.encode(members)))

    @overload
    def __getitem__(self: Attr[list[E]], step: int) -> Attr[E]: ...
    @overload
    def __getitem__(self: Attr[list[E] | None], step: int) -> Attr[E]: ...
    @overload
    def __getitem__(self: Attr[dict[str, E]], step: str) -> Attr[E]: ...
    @overload
    def __getitem__(self: Attr[dict[str, E] | None], step: str) -> Attr[E]: ...
    @overload
    def __getitem__(self, step: Attr[U]) -> Attr[U]: ...
    @overload
    def __getitem__(self, step: str) -> Attr[Any]: ...
    def __getitem__(self, step: Any) -> Any:
        """Return a place below this one: a list position, a map entry, or a field of a nested model."""
        if isinstance(step, Attr):
            return Attr(self.model, Path(self.path.steps + step.path.steps), step.shape)
        name, shape = _below(bare(self.shape), step)
        return Attr(self.model, Path((*self.path.steps, name)), shape)

    def __iter__(self) -> Any:
        raise TypeError(f"{self._words()} is a place in an item, not a list; iterate over the value of an instance")

    def __repr__(self) -> str:
        return f"<attribute {self._words()} of {self.model.__name__}>"

    def _compared(self, comparator: Comparator, other: Any) -> Condition:
        if comparator not in ("=", "<>"):
            self._check(comparator, "S", "N", "B")
        if isinstance(other, Attr):
            self._check_same_form(comparator, other)
        return Comparison(comparator, self.path, self._operand(other))

    def _operand(self, other: Any) -> Operand:
        self._check_equal_form()
        if isinstance(other, (Attr, SizeOf)):
            return other.path if isinstance(other, Attr) else other.operand
        return Value(self._encoded(bare(self.shape), other))

    def _encoded(self, shape: Shape, value: Any) -> AttributeValue:
        return codec_of(self.model).encode_value(self._words(), shape, value)

    def _image(self, value: Any) -> Value | Absent | None:
        if value is _UNSET:
            return None
        if value is not None:
            self._check_equal_form()
        return Absent() if value is None else Value(self.encode(value))

    def _list_or_empty(self) -> IfNotExists:
        return IfNotExists(self.path, Value({"L": []}))

    def _check(self, operator: str, *tags: str) -> None:
        self._check_readable(operator)
        tag = tag_of_shape(self.shape)
        if tag is not None and tag not in tags:
            raise InvalidRequest(
                f"{self.model.__name__}.{self._words()} is stored with type {tag}; {operator} takes {', '.join(tags)}"
            )

    def _check_readable(self, operator: str) -> None:
        """Refuse an operator for which the service would have to understand what a codec wrote."""
        shape = bare(self.shape)
        if isinstance(shape, Coded):
            raise InvalidRequest(
                f"{self.model.__name__}.{self._words()} is stored by {_codec_words(shape)}, and the service cannot "
                f"look into that, so {operator} would be of the stored form; read the value and decide in Python, or "
                "keep what the service is to see in a field of its own"
            )

    def _check_equal_form(self) -> None:
        """Refuse to compare with what a codec may write in several ways."""
        shape = bare(self.shape)
        if isinstance(shape, Coded) and not shape.codec.deterministic:
            raise InvalidRequest(
                f"{self.model.__name__}.{self._words()} is stored by {_codec_words(shape)}, which may store equal "
                "values differently, so they cannot be compared for equality; ask for exists() or not_exists(), or "
                "keep what is compared in a field of its own"
            )

    def _check_same_form(self, operator: str, other: Attr[Any]) -> None:
        """Refuse to put two attributes together that are not stored in the same way."""
        mine, its = bare(self.shape), bare(other.shape)
        codecs = [shape.codec for shape in (mine, its) if isinstance(shape, Coded)]
        if codecs and not (len(codecs) == 2 and codecs[0] is codecs[1]):
            raise InvalidRequest(
                f"{operator} takes {self._words()} and {other._words()} as they are stored, and a codec stores one of "
                "them in another form than the other; give both the same codec object, or use a value"
            )

    def _words(self) -> str:
        return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in self.path.steps).removeprefix(
            "."
        )


class SizeOf:
    """The size of an attribute, to be compared with a number."""

    __slots__ = ("operand",)

    def __init__(self, path: Path) -> None:
        self.operand = Size(path)

    def __eq__(self, other: int | SizeOf) -> Condition:  # type: ignore[override]  # == builds a condition
        return self._compared("=", other)

    def __ne__(self, other: int | SizeOf) -> Condition:  # type: ignore[override]  # != builds a condition
        return self._compared("<>", other)

    __hash__ = object.__hash__

    def __lt__(self, other: int | SizeOf) -> Condition:
        return self._compared("<", other)

    def __le__(self, other: int | SizeOf) -> Condition:
        return self._compared("<=", other)

    def __gt__(self, other: int | SizeOf) -> Condition:
        return self._compared(">", other)

    def __ge__(self, other: int | SizeOf) -> Condition:
        return self._compared(">=", other)

    def between(self, low: int, high: int) -> Condition:
        """Return that the size lies between two numbers, both included."""
        return Between(self.operand, _number(low), _number(high))

    def _compared(self, comparator: Comparator, other: int | SizeOf) -> Condition:
        return Comparison(comparator, self.operand, other.operand if isinstance(other, SizeOf) else _number(other))


class _Mapped:
    """Marks a mapped field in its annotation; pydantic passes over it."""


_MAPPED: Final = _Mapped()


def _codec_words(shape: Coded) -> str:
    return f"its codec {type(shape.codec).__name__}"


def _number(value: int) -> Value:
    if not isinstance(value, int) or isinstance(value, bool):
        raise InvalidRequest(f"a size is compared with a whole number, got {type(value).__name__}")
    return Value({"N": str(value)})


def _below(shape: Shape, step: Any) -> tuple[str | int, Shape]:
    if not isinstance(step, (str, int)) or isinstance(step, bool):
        raise InvalidRequest(f"a path goes on with a name, a position or a field, got {type(step).__name__}")
    match shape:
        case Nested(model) if isinstance(step, str):
            fields = codec_of(model).fields
            if step in fields:
                return fields[step]
            return step, next((part for name, part in fields.values() if name == step), AnyShape())
        case ListOf(item) if isinstance(step, int):
            return step, item
        case TupleOf(items) if isinstance(step, int) and step < len(items):
            return step, items[step]
        case DictOf(_, value):
            return step, value
        case Coded():
            raise InvalidRequest(
                f"nothing lies below a value that {_codec_words(shape)} stores; set or read the field as a whole"
            )
        case Scalar() | SetOf():
            raise InvalidRequest(f"nothing lies below a {type(shape).__name__.lower()} value, asked for a path step")
        case _:
            return step, AnyShape()
