"""Keys as bytes whose plain byte order is the service's sort order.

| type | bytes | order |
|---|---|---|
| S | UTF-8 | by UTF-8 bytes, as the service sorts strings |
| B | the raw bytes | unsigned bytes |
| N | sign, exponent, digits | numeric |

A number is one sign byte (``0x40`` negative, ``0x80`` zero, ``0xC0`` positive), then for non-zero numbers one byte of
biased exponent and the significant digits; a negative number complements both and ends in ``0xFF`` so that a
longer, smaller number sorts before its own prefix. Several attributes in one key are joined by `encode_composite`.
"""

from __future__ import annotations

from binascii import a2b_base64
from collections.abc import Iterable
from typing import Final

from ddbmodel.values.numbers import MIN_EXPONENT
from ddbmodel.values.wire import AttributeValue

__all__ = ["encode_composite", "encode_key_value", "encode_number", "encode_part", "prefix_end"]

_NEGATIVE: Final = b"\x40"
_ZERO: Final = b"\x80"
_POSITIVE: Final = b"\xc0"
_COMPLEMENT: Final = bytes(255 - byte for byte in range(256))


def encode_key_value(value: AttributeValue) -> bytes:
    """Return order-preserving bytes for a key attribute value of type S, N (canonical) or B.

    Raises:
        ValueError: the value is of another type and cannot be a key.
    """
    if "S" in value:
        return value["S"].encode()  # type: ignore[no-any-return]  # the tag says it is text
    if "N" in value:
        return encode_number(value["N"])
    if "B" in value:
        return a2b_base64(value["B"])
    raise ValueError(f"a key attribute is of type S, N or B, got {'/'.join(value)}")


def encode_number(canonical: str) -> bytes:
    """Return bytes that sort as numbers do; `canonical` is what `canonical_number` returns."""
    if canonical == "0":
        return _ZERO
    negative = canonical[0] == "-"
    whole, _, fraction = canonical[negative:].partition(".")
    whole = whole.lstrip("0")
    exponent = len(whole) - 1 if whole else len(fraction.lstrip("0")) - len(fraction) - 1
    digits = (whole + fraction).strip("0").encode()
    magnitude = bytes((exponent - MIN_EXPONENT,)) + digits
    if negative:
        return _NEGATIVE + magnitude.translate(_COMPLEMENT) + b"\xff"
    return _POSITIVE + magnitude


def encode_composite(parts: Iterable[bytes]) -> bytes:
    """Return one key for several attributes, ordered by the first, then the second, and so on.

    Every part ends in ``00 00`` and keeps its own zero bytes as ``00 FF``, so no part can reach into the next
    and the composite of a left prefix of the parts is a byte prefix of the whole.
    """
    # Nearly always of one part, for which a generator to join costs more than the rest.
    composite = b""
    for part in parts:
        composite += encode_part(part)
    return composite


def encode_part(part: bytes) -> bytes:
    """Return the composite of a single part."""
    return part.replace(b"\x00", b"\x00\xff") + b"\x00\x00"


def prefix_end(prefix: bytes) -> bytes | None:
    """Return the smallest bytes greater than everything that starts with `prefix`, or None when there is none."""
    trimmed = prefix.rstrip(b"\xff")
    if not trimmed:
        return None
    return trimmed[:-1] + bytes((trimmed[-1] + 1,))
