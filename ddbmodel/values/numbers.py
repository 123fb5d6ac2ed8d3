"""Numbers as the service keeps them: exact decimals of up to 38 digits, in one canonical, expanded text.

| rule | value |
|---|---|
| significant digits | at most 38, leading and trailing zeros not counted |
| magnitude | 1E-130 to 9.9999999999999999999999999999999999999E+125, and zero |
| stored text | expanded, no exponent, no plus sign, no superfluous zero: ``1.5E+3`` is kept as ``1500`` |

Source: AWS Developer Guide, "Supported data types", section "Number"; observed answers for the accepted forms.
"""

from __future__ import annotations

import re
from decimal import Context, Decimal, Inexact
from typing import Final, Literal, TypeAlias

__all__ = [
    "MAX_DIGITS",
    "MAX_EXPONENT",
    "MIN_EXPONENT",
    "NumberError",
    "NumberFault",
    "add_numbers",
    "canonical_number",
    "subtract_numbers",
]

MAX_DIGITS: Final = 38
MAX_EXPONENT: Final = 125
MIN_EXPONENT: Final = -130

NumberFault: TypeAlias = Literal["syntax", "overflow", "underflow", "precision"]

# ASCII digits only: `\d` would take other scripts' digits, which the service refuses.
_NUMBER: Final = re.compile(r"([+-]?)(?:([0-9]+)(?:\.([0-9]*))?|\.([0-9]+))(?:[eE]([+-]?[0-9]+))?\Z")
_CANONICAL: Final = re.compile(r"(?:0|-?[1-9][0-9]{0,37}|-?(?:0|[1-9][0-9]{0,35})\.[0-9]{0,35}[1-9])\Z")

# The exponent is read into 64 bits; a longer one is no number at all.
_EXPONENT_BITS: Final = 63
_LONGEST_EXPONENT_TEXT: Final = 20

# Wide enough that the sum of any two numbers in range is exact: 125 + 130 digits and a carry.
_EXACT: Final = Context(prec=300, traps=[Inexact])


class NumberError(ValueError):
    """A text or a result is not a number the service can keep; `fault` says which rule it breaks."""

    def __init__(self, fault: NumberFault) -> None:
        super().__init__(f"not a storable number: {fault}")
        self.fault: NumberFault = fault


def canonical_number(text: str) -> str:
    """Return the stored text of a number: expanded, trimmed, without an exponent.

    Args:
        text: any decimal notation the service accepts (``+.5``, ``1.``, ``00042``, ``1.5E+3``).

    Raises:
        NumberError: ``syntax``, ``overflow``, ``underflow`` or ``precision``. A zero is range-checked by its
            written exponent, as the service does (``0e126`` overflows).
    """
    if len(text) <= MAX_DIGITS and _CANONICAL.match(text):
        return text
    match = _NUMBER.match(text)
    if match is None:
        raise NumberError("syntax")
    sign, whole, fraction, bare_fraction, exponent_text = match.groups()
    fraction = bare_fraction if whole is None else fraction or ""
    return _normalise(sign == "-", whole or "", fraction, _exponent_of(exponent_text))


def add_numbers(left: str, right: str) -> str:
    """Return the canonical sum of two canonical numbers.

    Raises:
        NumberError: when 38 digits or the range cannot hold the exact result.
    """
    return canonical_number(str(_EXACT.add(Decimal(left), Decimal(right))))


def subtract_numbers(left: str, right: str) -> str:
    """Return the canonical difference of two canonical numbers; raises as `add_numbers`."""
    return canonical_number(str(_EXACT.subtract(Decimal(left), Decimal(right))))


def _exponent_of(text: str | None) -> int:
    if text is None:
        return 0
    # Measured before int(): a megabyte of digits must not cost a megabyte of arithmetic.
    digits = text.lstrip("+-").lstrip("0")
    if len(digits) > _LONGEST_EXPONENT_TEXT:
        raise NumberError("syntax")
    # Without its zeros: int() refuses texts of thousands of digits, whatever they are.
    exponent = int(digits or "0")
    if text.startswith("-"):
        exponent = -exponent
    if not -(1 << _EXPONENT_BITS) <= exponent < 1 << _EXPONENT_BITS:
        raise NumberError("syntax")
    return exponent


def _normalise(negative: bool, whole: str, fraction: str, exponent: int) -> str:
    written = (whole + fraction).lstrip("0")
    if not written:
        _check_range(exponent)
        return "0"
    # `point` digits stand before the decimal point once leading zeros are gone.
    point = len(written) - len(fraction) + exponent
    digits = written.rstrip("0")
    _check_range(point - 1)
    if len(digits) > MAX_DIGITS:
        raise NumberError("precision")
    if point <= 0:
        text = "0." + "0" * -point + digits
    elif point >= len(digits):
        text = digits + "0" * (point - len(digits))
    else:
        text = digits[:point] + "." + digits[point:]
    return "-" + text if negative else text


def _check_range(exponent: int) -> None:
    if exponent > MAX_EXPONENT:
        raise NumberError("overflow")
    if exponent < MIN_EXPONENT:
        raise NumberError("underflow")
