"""Requests against the API's shapes: what a handler may rely on before it reads a member.

Two things are found in one walk. A member of another JSON type makes the request unreadable, whatever else is wrong.
Members that break a constraint by themselves (required, length, range, pattern, enumeration) are collected, and
`constraints.py` words them. Members that are null are absent, and members that a shape does not have are ignored;
both are left out of what a handler sees. Attribute values are let through: `attribute_values.py` has their rules.

The walk goes no deeper than the shapes do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Final, TypeAlias

from ddbmodel.engine.messages import serialization
from ddbmodel.engine.messages.message import Refusal, Wording
from ddbmodel.engine.validation.api import ATTRIBUTE_VALUE, Shape, request_shape, shape_called
from ddbmodel.engine.validation.attribute_values import canonical_value, check_text
from ddbmodel.engine.validation.constraints import Fault, refusal_of
from ddbmodel.engine.validation.faults import not_convertible, not_the_kind, unreadable

__all__ = ["checked_request"]

Reader: TypeAlias = Callable[[Any, list[Fault]], Any]
"""Returns a value without what is left out of it, the same object where that is nothing, and appends faults."""

# Source: captured on the service, October 2026: at 40 levels its current words, at 63 its older ones.
_CURRENT_LEVELS: Final = 62
_LARGEST_INTEGER: Final = {"integer": (1 << 31) - 1, "long": (1 << 63) - 1}
_CLASSES: Final[Mapping[str, tuple[type, ...]]] = {
    "string": (str,),
    "blob": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "long": (int,),
    "double": (int, float),
    "timestamp": (int, float),
}
_JAVA_NAMES: Final = {
    "string": "String", "blob": "ByteBuffer", "boolean": "Boolean", "integer": "Integer", "long": "Long",
    "double": "Double", "timestamp": "Date",
}  # fmt: skip


def checked_request(operation: str, request: Any, wording: Wording) -> dict[str, Any]:
    """Return a request without nulls and without members that the operation does not have.

    Raises:
        ServiceError: ``SerializationException`` when a member has another JSON type.
        Refusal: constraints that its members break, as the operation words them.
    """
    faults: list[Fault] = []
    reader, shape = _request_reader(operation)
    read: dict[str, Any] = reader(request, faults)
    if faults:
        # What cannot be read at all is said first, also when it is inside an attribute value.
        if shape is not None:
            _require_readable_values(shape, read)
        if wording is Wording.ENVELOPED and _is_read_as_before(read):
            wording = Wording.OLDER
        refusal = refusal_of(operation, faults, wording)
        if refusal is not None:
            raise refusal
    return read


def _is_read_as_before(request: Any) -> bool:
    """Return whether a value is nested so deep that the service says what is wrong with members in its older words."""
    values: list[tuple[Any, int]] = [(request, 0)]
    while values:
        value, levels = values.pop()
        if levels > _CURRENT_LEVELS:
            return True
        if isinstance(value, dict):
            for name, inner in value.items():
                if isinstance(inner, (dict, list)):
                    values.append((inner, levels + (name in ("M", "L"))))
        elif isinstance(value, list):
            values += [(inner, levels) for inner in value]
    return False


@lru_cache(maxsize=128)
def _request_reader(operation: str) -> tuple[Reader, Shape | None]:
    shape = request_shape(operation)
    return (_anything, None) if shape is None else (_reader(shape.name), shape)


@lru_cache(maxsize=512)
def _reader(name: str) -> Reader:
    shape = shape_called(name)
    if shape.name == ATTRIBUTE_VALUE:
        return _attribute_value
    if shape.type == "structure":
        return _structure_reader(shape)
    if shape.type == "list":
        return _list_reader(shape)
    if shape.type == "map":
        return _map_reader(shape)
    return _scalar_reader(shape)


def _anything(value: Any, _faults: list[Fault]) -> Any:
    if value.__class__ is not dict:
        raise not_the_kind(value, "structure")
    return {}


def _attribute_value(value: Any, _faults: list[Fault]) -> Any:
    return value


def _structure_reader(shape: Shape) -> Reader:
    readers = {member: _reader(inner) for member, inner in shape.members.items()}
    places = {member: place for place, member in enumerate(shape.members)}
    required = tuple(member for member in shape.members if member in shape.required)

    def read(value: Any, faults: list[Fault]) -> Any:
        if value.__class__ is not dict:
            raise not_the_kind(value, "structure")
        kept = value
        first = len(faults)
        for member, inner in value.items():
            reader = readers.get(member)
            if reader is None or inner is None:
                if kept is value:
                    kept = dict(value)
                del kept[member]
                continue
            before = len(faults)
            taken = reader(inner, faults)
            if taken is not inner:
                if kept is value:
                    kept = dict(value)
                kept[member] = taken
            if len(faults) > before:
                _place(faults, before, member, places[member])
        for member in required:
            if member not in kept:
                faults.append(Fault("required", [member], None, shape_called(shape.members[member]), places[member]))
        if len(faults) > first + 1:
            faults[first:] = sorted(faults[first:], key=lambda fault: fault.rank)
        return kept

    return read


def _list_reader(shape: Shape) -> Reader:
    element = None if shape.element is None else shape_called(shape.element)
    reader = _attribute_value if element is None or element.name == ATTRIBUTE_VALUE else _reader(element.name)
    opaque = reader is _attribute_value

    def read(value: Any, faults: list[Fault]) -> Any:
        if value.__class__ is not list:
            raise not_the_kind(value, "list")
        _check_length(shape, value, faults)
        if opaque:
            if None in value:
                raise unreadable(serialization.UNEXPECTED_TOKEN)
            return value
        kept = value
        for position, inner in enumerate(value):
            if inner is None:
                raise unreadable(serialization.UNEXPECTED_TOKEN)
            before = len(faults)
            taken = reader(inner, faults)
            if taken is not inner:
                if kept is value:
                    kept = list(value)
                kept[position] = taken
            if len(faults) > before:
                for fault in faults[before:]:
                    fault.path[:0] = [str(position + 1), "member"]
        return kept

    return read


def _map_reader(shape: Shape) -> Reader:
    assert shape.element is not None
    assert shape.key is not None
    element, key_shape = shape_called(shape.element), shape_called(shape.key)
    names_tables = key_shape.name == "TableArn"
    opaque = element.name == ATTRIBUTE_VALUE
    reader = _attribute_value if opaque else _reader(element.name)
    bounded = element.type == "list" and names_tables

    def read(value: Any, faults: list[Fault]) -> Any:
        if value.__class__ is not dict:
            raise not_the_kind(value, "map")
        _check_length(shape, value, faults)
        if opaque:
            return value
        if names_tables and any(not _names_table(name) for name in value):
            faults.append(Fault("map_keys", [], value, key_shape))
        kept = value
        for name, inner in value.items():
            if inner is None:
                if kept is value:
                    kept = dict(value)
                del kept[name]
                continue
            if not name.isascii():
                check_text(name)
            before = len(faults)
            taken = reader(inner, faults)
            if taken is not inner:
                if kept is value:
                    kept = dict(value)
                kept[name] = taken
            if len(faults) > before:
                own = faults[before:]
                if bounded and any(fault.rule in ("minimum", "maximum") and not fault.path for fault in own):
                    # The length of a value of this map is a matter of the map as a whole.
                    faults[before:] = [fault for fault in own if fault.path]
                    if not any(fault.rule == "map_values" for fault in faults):
                        faults.append(Fault("map_values", [], value, element))
                    own = faults[before:]
                for fault in own:
                    if fault.rule != "map_values":
                        fault.path[:0] = [name, "member"]
        return kept

    return read


def _scalar_reader(shape: Shape) -> Reader:
    classes, kind = _CLASSES[shape.type], shape.type
    names_table = shape.name == "TableArn"
    checks_length = shape.type == "string" and (shape.minimum is not None or shape.maximum is not None)
    largest = _LARGEST_INTEGER.get(kind)

    def read(value: Any, faults: list[Fault]) -> Any:
        if value.__class__ not in classes:
            if kind == "blob" and not isinstance(value, (dict, list)):
                raise unreadable(serialization.NOT_BASE64_TEXT)
            raise not_convertible(value, _JAVA_NAMES[kind])
        if value.__class__ is str:
            if not value.isascii():
                check_text(value)
            if shape.enum and value not in shape.enum:
                faults.append(Fault("enum", [], value, shape))
            if names_table:
                _check_table_name(shape, value, faults)
                return value
            if checks_length:
                _check_length(shape, value, faults)
            if shape.pattern is not None and not _names_well(value):
                faults.append(Fault("pattern", [], value, shape))
        elif largest is not None and isinstance(value, int):
            if not -largest - 1 <= value <= largest:
                raise unreadable(serialization.OUT_OF_RANGE, type=_JAVA_NAMES[kind])
            if shape.minimum is not None and value < shape.minimum:
                faults.append(Fault("minimum", [], value, shape))
            elif shape.maximum is not None and value > shape.maximum:
                faults.append(Fault("maximum", [], value, shape))
        return value

    return read


def _check_length(shape: Shape, value: Any, faults: list[Fault]) -> None:
    if shape.minimum is not None and len(value) < shape.minimum:
        faults.append(Fault("minimum", [], value, shape))
    elif shape.maximum is not None and len(value) > shape.maximum:
        faults.append(Fault("maximum", [], value, shape))


_LONGEST_NAME: Final = 255


def _check_table_name(shape: Shape, value: str, faults: list[Fault]) -> None:
    # A table is called by its name or its ARN; the model has the length of an ARN, the service that of a name too.
    if value.startswith("arn:"):
        _check_length(shape, value, faults)
        return
    if not value:
        faults.append(Fault("minimum", [], value, shape))
        return
    if not _names_well(value):
        faults.append(Fault("pattern", [], value, shape))
    if len(value) > _LONGEST_NAME:
        faults.append(Fault("name_length", [], value, shape))
    elif len(value) < 3:
        faults.append(Fault("name_short", [], value, shape))


_NAME_CHARACTERS: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-")


def _names_well(value: str) -> bool:
    return _NAME_CHARACTERS.issuperset(value)


def _names_table(name: str) -> bool:
    return name.startswith("arn:") or (3 <= len(name) <= _LONGEST_NAME and _names_well(name))


def _place(faults: list[Fault], first: int, member: str, rank: int) -> None:
    for fault in faults[first:]:
        fault.path.insert(0, member)
        fault.rank = rank


def _require_readable_values(shape: Shape, value: Any) -> None:
    """Raise for an attribute value that cannot be read; one that breaks a rule is left for later."""
    if shape.name == ATTRIBUTE_VALUE:
        try:
            canonical_value(value)
        except Refusal:
            return
    elif shape.type == "structure":
        for member, inner in value.items():
            _require_readable_values(shape_called(shape.members[member]), inner)
    elif shape.element is not None:
        element = shape_called(shape.element)
        if element.type in ("structure", "list", "map"):
            for inner in value if shape.type == "list" else value.values():
                _require_readable_values(element, inner)
