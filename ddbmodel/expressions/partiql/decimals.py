"""Numbers as the service's PartiQL reads them: as Java's BigDecimal, whose scale and exponent are 32-bit integers."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["has_32_bit_scale", "is_taken_for_tiny"]

_NUMBER: Final = re.compile(r"[+-]?([0-9]*)\.?([0-9]*)(?:[eE]([+-]?)0*([0-9]*))?\Z")
_MAX_INT: Final = 2**31 - 1
_INT_DIGITS: Final = 10


def has_32_bit_scale(text: str) -> bool:
    """Return whether a number has an exponent, where it has one, and a scale that the service can hold."""
    match = _NUMBER.match(text)
    if match is None or match[4] is None:
        return True
    if len(match[4]) > _INT_DIGITS or (not match[4] and text[-1] != "0"):
        return False
    exponent = int(match[3] + (match[4] or "0"))
    return all(-_MAX_INT - 1 <= number <= _MAX_INT for number in (exponent, len(match[2]) - exponent))


def is_taken_for_tiny(text: str) -> bool:
    """Return whether a huge number has more digits before its point than the service can count, so that it wraps."""
    match = _NUMBER.match(text)
    if match is None or not match[4] or not has_32_bit_scale(text):
        return False
    precision = max(1, len((match[1] + match[2]).lstrip("0")))
    return precision - len(match[2]) + int(match[3] + match[4]) > _MAX_INT
