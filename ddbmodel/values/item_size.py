"""Item size as the service counts it, byte-exact.

| type | bytes |
|---|---|
| S | UTF-8 bytes |
| B | raw bytes |
| BOOL, NULL | 1 |
| N | 1 + one per two digits before the point + one per two digits after it (each rounded up), + 1 if negative; 0 is 1 |
| SS, NS, BS | sum of the members |
| L | 3 + one per element + the elements |
| M | 3 + per entry: one + the name's UTF-8 bytes + the value |

An item is the sum over its attributes of the name's UTF-8 bytes and the value. Source: observed on the service
(the developer guide's rule for numbers is wrong in two ways); DynamoDB Local agrees.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from ddbmodel.values.wire import AttributeValue, Item

__all__ = ["MAX_ITEM_BYTES", "item_size_bytes", "number_size_bytes", "value_size_bytes"]

MAX_ITEM_BYTES: Final = 409_600
"""400 KB, names and values together; exactly this many bytes are still accepted."""

_ALL: Final = 1 << 62


def item_size_bytes(item: Item, *, enough_bytes: int = _ALL) -> int:
    """Return the size of an item: its attribute names and values.

    Args:
        enough_bytes: what is larger than this is not measured to its end, since an update of a few bytes can make an
            item of gigabytes, which are many references to one list.
    """
    total = 0
    for name, value in item.items():
        total += len(name) if name.isascii() else len(name.encode())
        for tag, inner in value.items():
            # Most attributes are texts; every write measures its item, so they are spared two calls.
            if tag == "S":
                total += len(inner) if inner.isascii() else len(inner.encode())
            elif tag == "N":
                total += number_size_bytes(inner)
            else:
                total += value_size_bytes(value, enough_bytes=enough_bytes)
                if total > enough_bytes:
                    return total
    return total


def value_size_bytes(value: AttributeValue, *, enough_bytes: int = _ALL) -> int:
    """Return the size of one attribute value, without its name; numbers must be canonical. See `item_size_bytes`."""
    total = 0
    # Grows while it is gone through; documents may be deep, so nothing recurses.
    pending: list[AttributeValue] = [value]
    for current in pending:
        if total > enough_bytes:
            break
        for tag, inner in current.items():
            if tag == "S":
                total += len(inner) if inner.isascii() else len(inner.encode())
            elif tag == "N":
                total += number_size_bytes(inner)
            elif tag == "L":
                total += 3 + len(inner)
                pending.extend(inner)
            elif tag == "M":
                total += 3 + len(inner)
                for name in inner:
                    total += len(name) if name.isascii() else len(name.encode())
                pending.extend(inner.values())
            elif tag in _MEMBER_SIZES:
                total += sum(map(_MEMBER_SIZES[tag], inner))
            else:
                total += base64_length(inner) if tag == "B" else 1
    return total


def number_size_bytes(canonical: str) -> int:
    """Return the size of a number in its canonical text."""
    if canonical == "0":
        return 1
    if canonical.isdigit():
        return 1 + (len(canonical.rstrip("0")) + 1) // 2
    negative = canonical[0] == "-"
    whole, _, fraction = canonical[negative:].partition(".")
    whole, fraction = whole.lstrip("0"), fraction.rstrip("0")
    # Zeros at either end of the whole number are not stored, on whichever side of the point they are.
    if not fraction:
        whole = whole.rstrip("0")
    if not whole:
        fraction = fraction.lstrip("0")
    return 1 + (len(whole) + 1) // 2 + (len(fraction) + 1) // 2 + negative


def utf8_length(text: str) -> int:
    """Return the number of UTF-8 bytes of a text."""
    return len(text) if text.isascii() else len(text.encode())


def base64_length(text: str) -> int:
    """Return the number of raw bytes that valid, padded base64 text stands for."""
    return len(text) // 4 * 3 - text.count("=", -2)


_MEMBER_SIZES: Final[Mapping[str, Callable[[str], int]]] = {
    "SS": utf8_length,
    "NS": number_size_bytes,
    "BS": base64_length,
}
