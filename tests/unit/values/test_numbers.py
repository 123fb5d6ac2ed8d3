"""Numbers are kept exactly, in one canonical text, and what cannot be kept is refused for the right reason."""

from __future__ import annotations

import pytest

from ddbmodel.values.numbers import NumberError, add_numbers, canonical_number, subtract_numbers


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("+.5", "0.5"),
        ("+0", "0"),
        ("-0", "0"),
        (".5", "0.5"),
        ("1.", "1"),
        ("00042", "42"),
        ("1.5E+3", "1500"),
        ("1.e5", "100000"),
        ("+1e-2", "0.01"),
        ("0042.1200", "42.12"),
        ("-0.10", "-0.1"),
        ("0e125", "0"),
        ("1e-" + "0" * 5000 + "2", "0.01"),
        ("1E125", "1" + "0" * 125),
        ("1E-130", "0." + "0" * 129 + "1"),
        ("9.9999999999999999999999999999999999999E+125", "9" * 38 + "0" * 88),
        ("12345678901234567890123456789012345678", "12345678901234567890123456789012345678"),
        ("100000000000000000000000000000000000000000", "1" + "0" * 41),
    ],
)
def test_a_number_is_kept_in_canonical_form(written: str, kept: str) -> None:
    assert canonical_number(written) == kept
    assert canonical_number(kept) == kept


@pytest.mark.parametrize(
    ("written", "fault"),
    [
        ("abc", "syntax"),
        ("", "syntax"),
        (" 1", "syntax"),
        ("1 ", "syntax"),
        ("0x10", "syntax"),
        ("1e", "syntax"),
        ("NaN", "syntax"),
        ("Infinity", "syntax"),
        ("1.2.3", "syntax"),
        ("+", "syntax"),
        ("++5", "syntax"),
        ("1_000", "syntax"),
        (".", "syntax"),
        ("1\n", "syntax"),
        ("١", "syntax"),
        ("1e9223372036854775808", "syntax"),
        ("1e" + "9" * 100_000, "syntax"),
        ("1e126", "overflow"),
        ("1e2147483648", "overflow"),
        ("0e126", "overflow"),
        ("1e-131", "underflow"),
        ("0e-131", "underflow"),
        ("1" * 39, "precision"),
        ("1." + "1" * 38, "precision"),
    ],
)
def test_what_cannot_be_kept_is_refused(written: str, fault: str) -> None:
    with pytest.raises(NumberError) as refused:
        canonical_number(written)

    assert refused.value.fault == fault
    assert written not in str(refused.value) or not written


def test_arithmetic_is_exact_or_refused() -> None:
    assert add_numbers("0.1", "0.2") == "0.3"
    assert subtract_numbers("1", "1") == "0"
    assert add_numbers("1" + "0" * 37, "1") == "1" + "0" * 36 + "1"
    with pytest.raises(NumberError):
        add_numbers("1" + "0" * 50, "1")
