"""Encoding: one generated function per model, and the slow walk that finds out which value was refused.

The generated source reads the instance's ``__dict__`` and tests the exact class of every value, since instances are
changed in place after pydantic has validated them. It is kept in `Encoder.source`, so that one can print it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from itertools import count
from typing import Any, Final, Protocol, TypeAlias
from uuid import UUID

from pydantic import BaseModel

from ddbmodel.model.field_codecs import AnyCodec, WireCodec
from ddbmodel.model.instance_state import UNKNOWN
from ddbmodel.model.key_template import KeyTemplate
from ddbmodel.model.scalars import INTEGER_BOUND, TAG_OF_KIND, TEXT_OF, Refused, kind_of_class
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
from ddbmodel.values.item_size import value_size_bytes
from ddbmodel.values.wire import AttributeValue, Item

__all__ = [
    "EncoderOf",
    "FieldPlan",
    "ModelEncoder",
    "compile_model",
    "compile_value",
    "dynamic_value",
    "locate_in_model",
    "locate_refusal",
]


@dataclass(frozen=True, slots=True)
class FieldPlan:
    """How one field is stored.

    Attributes:
        template: of a text that is made from other fields whenever the instance is encoded.
        is_derived: there is no attribute while a field of the template is None.
        is_stored: the item has an attribute for it; else it is read from a key.
    """

    field: str
    attribute: str
    shape: Shape
    is_key: bool = False
    template: KeyTemplate | None = None
    key_limit_bytes: int | None = None
    is_derived: bool = False
    is_stored: bool = True


class ModelEncoder(Protocol):
    """What the encoding of one model needs from the codec of another."""

    plans: tuple[FieldPlan, ...]
    encode_map: Callable[[Any], Item]


EncoderOf: TypeAlias = Callable[[type[BaseModel]], ModelEncoder]
"""Looked up when it is first needed: models may contain each other."""


def compile_model(
    name: str, plans: tuple[FieldPlan, ...], *, has_extras: bool, encoder_of: EncoderOf
) -> tuple[Callable[[Any], Item], str]:
    """Return a function from an instance to its item, and the source of the function."""
    writer = _Writer(encoder_of)
    always, sometimes = [], []
    lines = ["def encode(instance):", "    values = instance.__dict__"]
    for number, plan in enumerate(plans):
        variable = f"v{number}"
        if not plan.is_stored:
            continue
        if plan.template is not None:
            # The instance shows what was made from its other fields.
            format_ = plan.template.format_known if plan.is_derived else plan.template.format
            lines.append(f"    {variable} = values[{plan.field!r}] = {writer.constant(format_)}(values)")
            expression = f"key_value({{'S': {variable}}}, {plan.key_limit_bytes})"
            if plan.is_derived:
                sometimes.append(f"    if {variable} is not None: item[{plan.attribute!r}] = {expression}")
            else:
                always.append(f"{plan.attribute!r}: {expression}")
            continue
        lines.append(f"    {variable} = values[{plan.field!r}]")
        inner = plan.shape.inner if isinstance(plan.shape, Nullable) else plan.shape
        expression = writer.tagged(inner, variable)
        if plan.is_key:
            expression = f"key_value({expression}, {plan.key_limit_bytes})"
        if set_in(inner) is not None:
            sometimes.append(f"    if {variable}: item[{plan.attribute!r}] = {expression}")
            sometimes.append(f"    elif {variable} is not None: empty_set({variable})")
        elif is_nullable(plan.shape):
            sometimes.append(f"    if {variable} is not None: item[{plan.attribute!r}] = {expression}")
        else:
            always.append(f"{plan.attribute!r}: {expression}")
    lines.append("    item = {" + ", ".join(always) + "}")
    lines += sometimes
    if has_extras:
        lines.append("    if instance.__pydantic_extra__: item.update(dynamic_map(instance.__pydantic_extra__))")
    lines.append(f"    if {UNKNOWN!r} in values: item = {{**values[{UNKNOWN!r}], **item}}")
    lines.append("    return item")
    return writer.compiled(name, lines)


def compile_value(shape: Shape, encoder_of: EncoderOf) -> Callable[[Any], AttributeValue]:
    """Return a function from one value of a shape to its attribute value; None is NULL where it is declared."""
    writer = _Writer(encoder_of)
    encode, _ = writer.compiled("value", ["def encode(value):", f"    return {writer.tagged(shape, 'value')}"])
    return encode


def dynamic_value(value: Any, encoder_of: EncoderOf) -> AttributeValue:
    """Return the attribute value of a value whose shape nobody declared, by its class at run time."""
    if value is None:
        return {"NULL": True}
    if isinstance(value, Enum):
        return dynamic_value(value.value, encoder_of)
    kind = kind_of_class(type(value))
    if kind is not None:
        return {TAG_OF_KIND[kind]: TEXT_OF[kind](value)}
    if isinstance(value, dict):
        return {"M": {_map_name(name): dynamic_value(inner, encoder_of) for name, inner in value.items()}}
    if isinstance(value, (list, tuple)):
        return {"L": [dynamic_value(inner, encoder_of) for inner in value]}
    if isinstance(value, (set, frozenset)):
        return _dynamic_set(value, encoder_of)
    if isinstance(value, BaseModel):
        if getattr(type(value), "__pydantic_root_model__", False):
            return dynamic_value(value.root, encoder_of)  # type: ignore[attr-defined]  # every root model has it
        return {"M": encoder_of(type(value)).encode_map(value)}
    if is_dataclass(value) and not isinstance(value, type):
        return {"M": {part.name: dynamic_value(getattr(value, part.name), encoder_of) for part in fields(value)}}
    raise Refused(
        f"values of class {type(value).__name__} have no form on the wire; give the field a serialisable type"
    )


def locate_in_model(plans: tuple[FieldPlan, ...], instance: BaseModel, encoder_of: EncoderOf) -> tuple[str, str]:
    """Return the path and the rule of the first value of an instance that cannot be stored."""
    values = instance.__dict__
    for plan in plans:
        try:
            if plan.template is not None:
                text = (plan.template.format_known if plan.is_derived else plan.template.format)(values)
                if text is not None:
                    key_value({"S": text}, plan.key_limit_bytes)
                continue
            if plan.field not in values:
                return plan.field, "the instance has no value for this field; build it with all of them"
            value = values[plan.field]
            holds_set = set_in(plan.shape) is not None
            if value is None and (holds_set or is_nullable(plan.shape)):
                continue
            if holds_set and isinstance(value, (set, frozenset)) and not value:
                continue
            encoded = compile_value(plan.shape, encoder_of)(value)
            if plan.is_key:
                key_value(encoded, plan.key_limit_bytes)
        except (Refused, KeyError) as error:
            rule = error.rule if isinstance(error, Refused) else "the value cannot be stored"
            located = locate_refusal(plan.shape, values.get(plan.field), encoder_of) if plan.template is None else None
            path, rule = located or ("", rule)
            return plan.field + path, rule
    return "", "the instance cannot be stored"  # never for an instance that `encode_map` refused


def locate_refusal(shape: Shape, value: Any, encoder_of: EncoderOf) -> tuple[str, str] | None:
    """Return the path below a value, and the rule, of the first part that is refused; None when none is."""
    try:
        compile_value(shape, encoder_of)(value)
    except Refused as refusal:
        if isinstance(value, BaseModel) and isinstance(bare(shape), (Nested, Tagged, AnyShape)):
            path, rule = locate_in_model(encoder_of(type(value)).plans, value, encoder_of)
            return (f".{path}", rule) if path else ("", refusal.rule)
        for step, part_shape, part in _parts(shape, value):
            found = locate_refusal(part_shape, part, encoder_of)
            if found is not None:
                return step + found[0], found[1]
        return "", refusal.rule
    except KeyError:
        pass  # An instance built without all of its fields; the walk below names the one.
    else:
        return None
    if isinstance(value, BaseModel):
        path, rule = locate_in_model(encoder_of(type(value)).plans, value, encoder_of)
        return f".{path}", rule
    for step, part_shape, part in _parts(shape, value):
        found = locate_refusal(part_shape, part, encoder_of)
        if found is not None:
            return step + found[0], found[1]
    return "", "the value cannot be stored"


def key_value(value: AttributeValue, limit_bytes: int | None) -> AttributeValue:
    """Return the attribute value of a key attribute, which is neither empty nor too large."""
    for inner in value.values():
        if inner == "":
            raise Refused("a key attribute must not be empty")
        # A character has at most four bytes; base64 is longer than what it stands for.
        if limit_bytes is not None and len(inner) * 4 > limit_bytes and value_size_bytes(value) > limit_bytes:
            raise Refused(f"a key attribute has at most {limit_bytes} bytes, got {value_size_bytes(value)}")
    return value


_RAW: Final = {
    "text": "{0} if {0}.__class__ is str else text_of({0})",
    "boolean": "{0} if {0}.__class__ is bool else boolean_of({0})",
    "integer": "str({0}) if {0}.__class__ is int and -INTEGER_BOUND < {0} < INTEGER_BOUND else integer_text({0})",
    "uuid": "str({0}) if {0}.__class__ is UUID else uuid_text({0})",
}


class _Writer:
    """Writes expressions, and keeps the constants that they use."""

    def __init__(self, encoder_of: EncoderOf) -> None:
        self._encoder_of = encoder_of
        self._numbers = count()
        self._namespace: dict[str, Any] = {
            **{function.__name__: function for kind, function in TEXT_OF.items()},
            "INTEGER_BOUND": INTEGER_BOUND,
            "UUID": UUID,
            "key_value": key_value,
            "items_of": _items_of,
            "empty_set": _empty_set,
            "members_of": _members_of,
            "entries_of": _entries_of,
            "same_length": _same_length,
            "dynamic": lambda value: dynamic_value(value, encoder_of),
            "dynamic_map": lambda values: dynamic_value(values, encoder_of)["M"],
        }

    def constant(self, value: Any) -> str:
        """Return a name that stands for a value in the source."""
        name = f"c{next(self._numbers)}"
        self._namespace[name] = value
        return name

    def tagged(self, shape: Shape, variable: str) -> str:
        """Return an expression for the attribute value of a variable."""
        match shape:
            case Scalar(kind):
                return f"{{{TAG_OF_KIND[kind]!r}: {self._raw(shape, variable)}}}"
            case Choice():
                return f"{self.constant(_choice_encoder(shape, self._encoder_of))}({variable})"
            case Nested(model):
                return f"{{'M': {self.constant(_nested_encoder(model, self._encoder_of))}({variable})}}"
            case ListOf(item, python):
                each = self._variable()
                return f"{{'L': [{self.tagged(item, each)} for {each} in items_of({variable}, {python.__name__})]}}"
            case TupleOf(items):
                row = self._variable()
                parts = ", ".join(self.tagged(item, f"{row}_{at}") for at, item in enumerate(items))
                names = ", ".join(f"{row}_{at}" for at in range(len(items)))
                if not items:
                    return f"{{'L': same_length({variable}, 0)}}"
                return f"{{'L': [part for {names}, in (same_length({variable}, {len(items)}),) for part in [{parts}]]}}"
            case SetOf(item, _, tag):
                each = self._variable()
                if tag == "L":
                    return f"{{'L': [{self.tagged(item, each)} for {each} in members_of({variable})]}}"
                return f"{{{tag!r}: sorted([{self._raw(item, each)} for {each} in members_of({variable})])}}"
            case DictOf(key, value):
                name, each = self._variable(), self._variable()
                return (
                    f"{{'M': {{{self._name(key, name)}: {self.tagged(value, each)}"
                    f" for {name}, {each} in entries_of({variable})}}}}"
                )
            case Nullable(inner):
                return f"({{'NULL': True}} if {variable} is None else {self.tagged(inner, variable)})"
            case Coded(codec, inner):
                return f"{self.constant(_coded_encoder(codec, inner, self._encoder_of))}({variable})"
            case Reference(model):
                return f"{{'M': {self.constant(_reference_encoder(model))}({variable})}}"
            case Tagged() | AnyShape():
                return f"dynamic({variable})"

    def compiled(self, name: str, lines: list[str]) -> tuple[Callable[[Any], Any], str]:
        """Return the function of the source, and the source."""
        source = "\n".join(lines) + "\n"
        exec(compile(source, f"<encoder of {name}>", "exec"), self._namespace)  # noqa: S102  # our own source
        return self._namespace["encode"], source

    def _raw(self, shape: Shape, variable: str) -> str:
        if isinstance(shape, Scalar):
            written = _RAW.get(shape.kind)
            return written.format(variable) if written else f"{TEXT_OF[shape.kind].__name__}({variable})"
        return f"next(iter({self.tagged(shape, variable)}.values()))"

    def _name(self, key: Shape, variable: str) -> str:
        if key == Scalar("text"):
            return f"({self._raw(key, variable)})"
        if isinstance(key, (Scalar, Choice)) and key not in (Scalar("boolean"), Scalar("binary")):
            return f"({self._raw(key, variable)})"
        return f"{self.constant(_map_name)}({variable})"

    def _variable(self) -> str:
        return f"i{next(self._numbers)}"


def _nested_encoder(model: type[BaseModel], encoder_of: EncoderOf) -> Callable[[Any], Item]:
    encode: Callable[[Any], Item] | None = None

    def nested(value: Any) -> Item:
        nonlocal encode
        if value.__class__ is not model:
            if not isinstance(value, model):
                raise Refused(f"declared as {model.__name__}, holds {type(value).__name__}")
            return encoder_of(value.__class__).encode_map(value)
        if encode is None:
            encode = encoder_of(model).encode_map
        return encode(value)

    return nested


def _reference_encoder(model: type[Any]) -> Callable[[Any], Item]:
    def reference(value: Any) -> Item:
        key: Any = getattr(value, "key", None)
        if not isinstance(getattr(key, "model", None), type) or not issubclass(key.model, model):
            raise Refused(f"declared as a reference to {model.__name__}, holds {type(value).__name__}")
        return {name: dict(part) for name, part in key.item.items()}

    return reference


def _choice_encoder(shape: Choice, encoder_of: EncoderOf) -> Callable[[Any], AttributeValue]:
    enum = shape.enum
    stored = {member: dynamic_value(member.value, encoder_of) for member in enum}

    def choice(value: Any) -> AttributeValue:
        if value.__class__ is not enum:
            # With `use_enum_values` the field holds the value; anything else is no member.
            try:
                value = enum(value)
            except ValueError:
                raise Refused(f"declared as {enum.__name__}, holds no member of it") from None
        found = stored.get(value)
        return dynamic_value(value.value, encoder_of) if found is None else dict(found)

    return choice


def _coded_encoder(codec: AnyCodec, inner: Shape, encoder_of: EncoderOf) -> Callable[[Any], AttributeValue]:
    if isinstance(codec, WireCodec):
        plain, encode_wire = compile_value(inner, encoder_of), codec.encode_wire
        return lambda value: encode_wire(plain(value))
    name, encode = type(codec).__name__, codec.encode

    def coded(value: Any) -> AttributeValue:
        try:
            stored = encode(value)
        except Exception as error:
            # Its text may quote the value.
            raise Refused(f"its codec {name} refuses it ({type(error).__name__})") from error
        if stored is None:
            raise Refused(f"its codec {name} gives None, which is no stored value")
        return dynamic_value(stored, encoder_of)

    return coded


def _items_of(value: Any, declared: type) -> Any:
    if value.__class__ is not declared and not isinstance(value, (list, tuple)):
        raise Refused(f"declared as {declared.__name__}, holds {type(value).__name__}")
    return value


def _empty_set(value: Any) -> None:
    # Other falsy values, such as "" or 0, are not an absent set but a mistake.
    if not isinstance(value, (set, frozenset)):
        raise Refused(f"declared as set, holds {type(value).__name__}")


def _members_of(value: Any) -> Any:
    if not isinstance(value, (set, frozenset)):
        raise Refused(f"declared as set, holds {type(value).__name__}")
    if not value:
        raise Refused("an empty set has no form on the wire inside a list or a dict; leave it out, or use None")
    return value


def _entries_of(value: Any) -> Any:
    if not isinstance(value, dict):
        raise Refused(f"declared as dict, holds {type(value).__name__}")
    return value.items()


def _same_length(value: Any, length: int) -> Any:
    if not isinstance(value, (list, tuple)) or len(value) != length:
        raise Refused(f"declared as a tuple of {length}, holds {type(value).__name__}")
    return list(value)


def _map_name(name: Any) -> str:
    if not isinstance(name, str):
        raise Refused(f"the keys of a map are text, got {type(name).__name__}")
    return str.__str__(name)


def _dynamic_set(value: Any, encoder_of: EncoderOf) -> AttributeValue:
    encoded = [dynamic_value(member, encoder_of) for member in _members_of(value)]
    tags = {tag for member in encoded for tag in member}
    if len(tags) == 1 and (tag := tags.pop()) in ("S", "N", "B"):
        return {tag + "S": sorted({member[tag] for member in encoded})}
    raise Refused("a set on the wire holds only texts, only numbers or only binaries")


def _parts(shape: Shape, value: Any) -> list[tuple[str, Shape, Any]]:
    match shape:
        case Nullable(inner):
            return [] if value is None else _parts(inner, value)
        case Coded(WireCodec(), inner):
            return [("", inner, value)]
        case ListOf(item) if isinstance(value, (list, tuple)):
            return [(f"[{at}]", item, part) for at, part in enumerate(value)]
        case TupleOf(items) if isinstance(value, (list, tuple)) and len(value) == len(items):
            return [(f"[{at}]", item, part) for at, (item, part) in enumerate(zip(items, value, strict=True))]
        case DictOf(_, item) if isinstance(value, dict):
            return [(f".{name}", item, part) for name, part in value.items()]
        case AnyShape() if isinstance(value, dict):
            return [(f".{name}", shape, part) for name, part in value.items()]
        case AnyShape() if isinstance(value, (list, tuple)):
            return [(f"[{at}]", shape, part) for at, part in enumerate(value)]
        case _:
            return []
