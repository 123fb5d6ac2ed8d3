"""Python scalars to and from the text that stands under a type tag: one pair of functions per kind.

| kind | tag | text |
|---|---|---|
| text, uuid, date, time | S | as printed |
| moment (an aware datetime) | S | UTC, ``2024-01-31T09:30:00.000000Z``: fixed width, so that text sorts as time does |
| integer, decimal, real | N | exact; a float by its shortest exact text |
| duration | N | seconds |
| epoch | N | whole seconds since 1970 |
| binary | B | base64 |
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

from ddbmodel.values.binary import from_base64, to_base64
from ddbmodel.values.numbers import MAX_DIGITS, NumberError, canonical_number

__all__ = ["INTEGER_BOUND", "PYTHON_OF", "TAG_OF_KIND", "TEXT_OF", "Refused", "kind_of_class"]

INTEGER_BOUND: Final = 10**MAX_DIGITS
"""Whole numbers below this are canonical as Python prints them."""

# No number in range has more bits; printing a longer one would cost quadratic time before it is refused.
_LONGEST_INTEGER_BITS: Final = 420

_RULE_OF_FAULT: Final = {
    "syntax": "a number must be finite; NaN and infinity have no form on the wire",
    "overflow": "a number must be below 1E+126",
    "underflow": "a number other than zero must be at least 1E-130",
    "precision": f"a number has at most {MAX_DIGITS} significant digits; round it, or store it as text",
}


class Refused(Exception):  # an answer inside the codec, turned into ValueNotStorable with the path
    """A value the wire cannot carry; `rule` says why, without the value."""

    def __init__(self, rule: str) -> None:
        super().__init__(rule)
        self.rule = rule


def text_of(value: Any) -> str:
    if not isinstance(value, str):
        raise _wrong_type("str", value)
    return str.__str__(value)


def boolean_of(value: Any) -> bool:
    if value.__class__ is not bool:
        raise _wrong_type("bool", value)
    return value


def integer_text(value: Any) -> str:
    if not isinstance(value, int) or value.__class__ is bool:
        raise _wrong_type("int", value)
    if value.bit_length() > _LONGEST_INTEGER_BITS:
        raise Refused(_RULE_OF_FAULT["overflow"])
    return _canonical(int.__repr__(value))


def real_text(value: Any) -> str:
    if not isinstance(value, float):
        if isinstance(value, int):
            return integer_text(value)
        raise _wrong_type("float", value)
    text = float.__repr__(value)
    if "e" in text or "n" in text:
        return _canonical(text)
    return text if text[-2:] != ".0" else _canonical(text[:-2])


def decimal_text(value: Any) -> str:
    if not isinstance(value, Decimal):
        if isinstance(value, int):
            return integer_text(value)
        raise _wrong_type("Decimal", value)
    text = Decimal.__str__(value)
    # The common price, 12.34, is canonical as it stands.
    if len(text) < MAX_DIGITS and "1" <= text[0] <= "9" and "." in text and text[-1] != "0" and "E" not in text:
        return text
    return _canonical(text)


def binary_text(value: Any) -> str:
    if not isinstance(value, (bytes, bytearray)):
        raise _wrong_type("bytes", value)
    return to_base64(bytes(value))


def uuid_text(value: Any) -> str:
    if not isinstance(value, UUID):
        raise _wrong_type("UUID", value)
    return str(value)


def moment_text(value: Any) -> str:
    if not isinstance(value, datetime):
        raise _wrong_type("datetime", value)
    return _in_utc(value).isoformat("T", "microseconds")[:26] + "Z"


def epoch_text(value: Any) -> str:
    if not isinstance(value, datetime):
        raise _wrong_type("datetime", value)
    return str((_in_utc(value) - _EPOCH) // timedelta(seconds=1))


def day_text(value: Any) -> str:
    if not isinstance(value, date) or isinstance(value, datetime):
        raise _wrong_type("date", value)
    return value.isoformat()


def time_text(value: Any) -> str:
    if not isinstance(value, time):
        raise _wrong_type("time", value)
    return value.isoformat("microseconds")


def duration_text(value: Any) -> str:
    if not isinstance(value, timedelta):
        raise _wrong_type("timedelta", value)
    microseconds = value // timedelta(microseconds=1)
    return _canonical(f"{microseconds}E-6")


def moment_of(text: str) -> datetime:
    value = datetime.fromisoformat(text)
    if value.tzinfo is None:
        raise ValueError("not an aware datetime")
    return value


def epoch_of(text: str) -> datetime:
    return _EPOCH + timedelta(seconds=int(Decimal(text)))


def duration_of(text: str) -> timedelta:
    return timedelta(microseconds=int(Decimal(text).scaleb(6)))


def binary_of(raw: str | bytes) -> bytes:
    return from_base64(raw) if raw.__class__ is str else bytes(raw)  # type: ignore[arg-type]  # boto3 gives bytes


def integer_of(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        number = Decimal(text)
        if number != number.to_integral_value():
            raise ValueError("not a whole number") from None
        return int(number)


_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

TAG_OF_KIND: Final[Mapping[str, str]] = MappingProxyType(
    {
        "text": "S",
        "boolean": "BOOL",
        "integer": "N",
        "real": "N",
        "decimal": "N",
        "binary": "B",
        "uuid": "S",
        "moment": "S",
        "epoch": "N",
        "day": "S",
        "time": "S",
        "duration": "N",
    }
)

TEXT_OF: Final[Mapping[str, Callable[[Any], Any]]] = MappingProxyType(
    {
        "text": text_of,
        "boolean": boolean_of,
        "integer": integer_text,
        "real": real_text,
        "decimal": decimal_text,
        "binary": binary_text,
        "uuid": uuid_text,
        "moment": moment_text,
        "epoch": epoch_text,
        "day": day_text,
        "time": time_text,
        "duration": duration_text,
    }
)

PYTHON_OF: Final[Mapping[str, Callable[[Any], Any]]] = MappingProxyType(
    {
        "text": lambda text: text,
        "boolean": lambda flag: flag,
        "integer": integer_of,
        "real": float,
        "decimal": Decimal,
        "binary": binary_of,
        "uuid": UUID,
        "moment": moment_of,
        "epoch": epoch_of,
        "day": date.fromisoformat,
        "time": time.fromisoformat,
        "duration": duration_of,
    }
)

_KINDS: Final = (
    (str, "text"),
    (bool, "boolean"),
    (int, "integer"),
    (float, "real"),
    (Decimal, "decimal"),
    ((bytes, bytearray), "binary"),
    (UUID, "uuid"),
    (datetime, "moment"),
    (date, "day"),
    (time, "time"),
    (timedelta, "duration"),
)


def kind_of_class(class_: type) -> str | None:
    """Return the kind that values of a class have where nothing is declared; None for everything but scalars."""
    for base, kind in _KINDS:
        if issubclass(class_, base):
            return kind
    return None


def _canonical(text: str) -> str:
    try:
        return canonical_number(text)
    except NumberError as error:
        raise Refused(_RULE_OF_FAULT[error.fault]) from None


def _in_utc(value: datetime) -> datetime:
    if value.tzinfo is UTC:
        return value
    if value.utcoffset() is None:
        raise Refused("a datetime must be aware; add a time zone, as in datetime.now(UTC)")
    try:
        return value.astimezone(UTC)
    except OverflowError:
        raise Refused("a datetime must be within the years 1 to 9999 in UTC") from None


def _wrong_type(declared: str, value: Any) -> Refused:
    return Refused(f"declared as {declared}, holds {type(value).__name__}")
