"""Attribute values of requests: each rule of the service, and numbers brought to the form in which they are kept.

| rule | fault |
|---|---|
| exactly one type tag | ``Supplied AttributeValue is empty``, ``… has more than one datatypes set`` |
| numbers in range, at most 38 digits | see `values.numbers` |
| sets not empty | ``An string set  may not be empty`` |
| sets without repeated members | ``Input collection … contains duplicates`` |
| ``NULL`` is true | ``Null attribute value types must have the value of true`` |
| at most 32 levels | ``Nesting Levels have exceeded supported limits`` |
| names of at most 65,535 bytes | ``Attribute name is too large`` |

Values that are already as they are kept come back as the same objects; nothing is ever changed in place.
"""

from __future__ import annotations

import json
import re
from binascii import Error as Base64Error
from collections.abc import Callable
from typing import Any, Final

from ddbmodel.engine.messages import serialization, values
from ddbmodel.engine.messages.message import Refusal, refused
from ddbmodel.engine.validation.faults import not_convertible, not_the_kind, unreadable
from ddbmodel.values.binary import from_base64, to_base64
from ddbmodel.values.item_size import utf8_length
from ddbmodel.values.numbers import NumberError, canonical_number
from ddbmodel.values.wire import TYPE_TAGS, AttributeValue, Item

__all__ = ["MAX_LEVELS", "MAX_NAME_BYTES", "canonical_item", "canonical_value", "check_levels", "check_text"]

MAX_LEVELS: Final = 32
"""Levels of a document, the attribute itself included: 31 maps or lists around a scalar."""

MAX_NAME_BYTES: Final = 65_535
"""Of the name of an attribute, and of a key in a map."""
_LONG_NAME: Final = MAX_NAME_BYTES // 4  # a character has four bytes at most

_NUMBER_FAULTS: Final = {
    "overflow": values.NUMBER_OVERFLOW,
    "underflow": values.NUMBER_UNDERFLOW,
    "precision": values.NUMBER_PRECISION,
}
_WRAPPING_EXPONENT: Final = re.compile(r"[eE]\+?0*2147483647\Z")


def canonical_item(item: Any) -> Item:
    """Return an item, or a key, as it is kept.

    Raises:
        Refusal: an attribute breaks a rule.
        ServiceError: ``SerializationException`` when it is no item at all.
    """
    if item.__class__ is not dict:
        raise not_the_kind(item, "map")
    if "" in item:
        raise refused(values.EMPTY_ATTRIBUTE_NAME)
    return _canonical_entries(item, 1)


def canonical_value(value: Any) -> AttributeValue:
    """Return one attribute value as it is kept; raises as `canonical_item`."""
    return _canonical(value, 1)


def check_levels(value: AttributeValue) -> None:
    """Refuse an attribute that an update made of valid parts, but deeper than any may be.

    Raises:
        Refusal: it has more than `MAX_LEVELS` levels.
    """
    level: list[AttributeValue] = [value]
    for _ in range(MAX_LEVELS):
        level = [
            inner
            for outer in level
            for tag in ("M", "L")
            if tag in outer
            for inner in (outer[tag].values() if tag == "M" else outer[tag])
        ]
        if not level:
            return
    raise refused(values.TOO_DEEP)


def check_text(text: str) -> None:
    """Refuse a text that UTF-8 cannot carry: half of a surrogate pair."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise unreadable(serialization.BAD_UTF8) from None


def _check_long_name(name: str) -> None:
    if utf8_length(name) > MAX_NAME_BYTES:
        raise refused(values.NAME_TOO_LARGE)


def _canonical_entries(entries: dict[str, Any], level: int) -> dict[str, Any]:
    changed: dict[str, Any] | None = None
    for name, value in entries.items():
        if not name.isascii():
            check_text(name)
        if len(name) > _LONG_NAME:
            _check_long_name(name)
        # Most attributes are plain texts, and these are as they are kept.
        if value.__class__ is dict and len(value) == 1 and "S" in value and level <= MAX_LEVELS:
            text = value["S"]
            if text.__class__ is str and text.isascii():
                continue
        kept = _canonical(value, level)
        if kept is not value:
            if changed is None:
                changed = dict(entries)
            changed[name] = kept
    return entries if changed is None else changed


def _canonical(value: Any, level: int) -> AttributeValue:
    # The recursion goes no deeper than MAX_LEVELS.
    if value.__class__ is not dict:
        raise not_the_kind(value, "structure")
    if level > MAX_LEVELS:
        raise refused(values.TOO_DEEP)
    if len(value) != 1:
        value = _with_one_tag(value)
    for tag, inner in value.items():
        rule = _RULES.get(tag)
        if rule is None:
            raise refused(values.NO_TYPE)
        kept = rule(inner, level)
        return value if kept is inner else {tag: kept}
    raise AssertionError("the value has one tag")


def _with_one_tag(value: dict[str, Any]) -> dict[str, Any]:
    known = {tag: inner for tag, inner in value.items() if tag in TYPE_TAGS and inner is not None}
    if len(known) != 1:
        raise refused(values.MANY_TYPES if known else values.NO_TYPE)
    return known


def _string(text: Any, _level: int) -> str:
    if text.__class__ is not str:
        raise not_convertible(text, "String")
    if not text.isascii():
        check_text(text)
    return text


def _number(text: Any, _level: int) -> str:
    if text.__class__ is not str:
        raise not_convertible(text, "String")
    try:
        return canonical_number(text)
    except NumberError as error:
        if error.fault == "syntax":
            raise (refused(values.NOT_A_NUMBER, text=text) if text else refused(values.NO_NUMBER)) from None
        if error.fault == "overflow" and _WRAPPING_EXPONENT.search(text):
            raise refused(values.NUMBER_WRAPS) from None
        raise refused(_NUMBER_FAULTS[error.fault]) from None


def _binary(text: Any, _level: int) -> str:
    if text.__class__ is not str:
        raise unreadable(serialization.NOT_BASE64_TEXT)
    try:
        raw = from_base64(text)
    except (Base64Error, ValueError):
        raise unreadable(serialization.BAD_BASE64) from None
    # Spare bits in the last character would make two texts of the same bytes.
    kept = to_base64(raw)
    return text if kept == text else kept


def _boolean(value: Any, _level: int) -> bool:
    if value is True or value is False:
        return value
    raise not_convertible(value, "Boolean")


def _null(value: Any, level: int) -> bool:
    if not _boolean(value, level):
        raise refused(values.NULL_IS_TRUE)
    return True


def _map(entries: Any, level: int) -> dict[str, Any]:
    if entries.__class__ is not dict:
        raise not_the_kind(entries, "map")
    kept = _canonical_entries(entries, level + 1)
    # Inside a map the service looks at names after values and depth.
    if "" in entries:
        raise refused(values.EMPTY_ATTRIBUTE_NAME)
    return kept


def _list(elements: Any, level: int) -> list[Any]:
    if elements.__class__ is not list:
        raise not_the_kind(elements, "list")
    kept = [_canonical(element, level + 1) for element in elements]
    same = all(one is other for one, other in zip(kept, elements, strict=True))
    return elements if same else kept


def _set_of(tag: str, member_rule: Callable[[Any, int], str]) -> Callable[[Any, int], list[str]]:
    def rule(members: Any, level: int) -> list[str]:
        if members.__class__ is not list:
            raise not_the_kind(members, "list")
        if not members:
            raise refused(values.EMPTY_SETS[tag])
        kept = [member_rule(member, level) for member in members]
        if len(set(kept)) != len(kept):
            raise _duplicates(tag, members, kept)
        return members if kept == members else kept

    return rule


def _duplicates(tag: str, members: list[str], kept: list[str]) -> Refusal:
    if tag == "NS":
        return refused(values.DUPLICATE_NUMBERS)
    first = _first_repeated(kept)
    shown = [*sorted(members[:first], key=from_base64 if tag == "BS" else str.encode), *members[first:]]
    quoted = (json.dumps(member, ensure_ascii=False) for member in shown)
    return refused(
        values.DUPLICATE_BINARIES if tag == "BS" else values.DUPLICATE_TEXTS,
        members=", ".join(members),
        sorted_members=("," if tag == "BS" else ", ").join(quoted),
    )


def _first_repeated(members: list[str]) -> int:
    seen: set[str] = set()
    for position, member in enumerate(members):
        if member in seen:
            return position
        seen.add(member)
    raise AssertionError("a member is there twice")


_RULES: Final[dict[str, Callable[[Any, int], Any]]] = {
    "S": _string,
    "N": _number,
    "B": _binary,
    "BOOL": _boolean,
    "NULL": _null,
    "M": _map,
    "L": _list,
    "SS": _set_of("SS", _string),
    "NS": _set_of("NS", _number),
    "BS": _set_of("BS", _binary),
}
