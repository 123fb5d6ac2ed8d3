"""S0.numbers: which texts are numbers, what is said of those that are not, and in which form they are kept."""

from __future__ import annotations

from typing import Final

from facts.form import CAPTURED, NS, QUOTED, Fact, N, S, ask, fact, get, put, update

__all__ = ["FACTS"]

_ENVELOPE: Final = "1 validation error detected: "
_OVER: Final = "Number overflow. Attempting to store a number with magnitude larger than supported range"
_UNDER: Final = "Number underflow. Attempting to store a number with magnitude smaller than supported range"
_DIGITS: Final = "Attempting to store more than 38 significant digits in a Number"
_NO_NUMBER: Final = "The parameter cannot be converted to a numeric value"

# Put in the current layer; (mark, the number, the words without the envelope).
_REFUSED: Final = [
    ("01", "abc", f"{_NO_NUMBER}: abc"),
    ("02", "", f"{_NO_NUMBER}: "),
    ("03", "1e126", _OVER),
    ("04", "-1e126", _OVER),
    ("05", "1e-131", _UNDER),
    ("06", "1e2147483647", _OVER),
    ("07", "1e2147483648", _OVER),
    ("08", "1e99999999999", _OVER),
    ("09", "1e9223372036854775808", f"{_NO_NUMBER}: 1e9223372036854775808"),
    ("10", "0e126", _OVER),
    ("11", "0e-131", _UNDER),
    ("12", "1" * 39, _DIGITS),
    ("13", "1." + "1" * 38, _DIGITS),
    ("14", " 1", f"{_NO_NUMBER}:  1"),
    ("15", "1 ", f"{_NO_NUMBER}: 1 "),
    ("16", "0x10", f"{_NO_NUMBER}: 0x10"),
    ("17", "1e", f"{_NO_NUMBER}: 1e"),
    ("18", "NaN", f"{_NO_NUMBER}: NaN"),
    ("19", "Infinity", f"{_NO_NUMBER}: Infinity"),
    ("20", "1.2.3", f"{_NO_NUMBER}: 1.2.3"),
    ("21", "+", f"{_NO_NUMBER}: +"),
    ("22", "++5", f"{_NO_NUMBER}: ++5"),
    ("23", "1_000", f"{_NO_NUMBER}: 1_000"),
    ("24", ".", f"{_NO_NUMBER}: ."),
]
# (mark, as sent, as kept)
_KEPT: Final = [
    ("01", "+.5", "0.5"),
    ("02", "+0", "0"),
    ("03", "-0", "0"),
    ("04", ".5", "0.5"),
    ("05", "1.", "1"),
    ("06", "00042", "42"),
    ("07", "1.5E+3", "1500"),
    ("08", "1.e5", "100000"),
    ("09", "+1e-2", "0.01"),
    ("10", "0042.1200", "42.12"),
    ("11", "1E125", "1" + "0" * 125),
    ("12", "0e125", "0"),
    ("13", "1E-130", "0." + "0" * 129 + "1"),
    ("14", "9." + "9" * 37 + "E+125", "9" * 38 + "0" * 88),
    ("15", "-9." + "9" * 37 + "E+125", "-" + "9" * 38 + "0" * 88),
    ("16", "1" * 38, "1" * 38),
    ("17", "1" * 38 + "000", "1" * 38 + "000"),
    ("18", "0." + "0" * 20 + "1" * 38, "0." + "0" * 20 + "1" * 38),
]
# BatchWriteItem and TransactWriteItems stay in the older layer; (mark, the number, the words).
_OLDER: Final = [
    ("01", "abc", f"{_NO_NUMBER}: abc"),
    ("02", "", _NO_NUMBER),
    ("03", "1e126", _OVER),
    ("04", "1e-131", _UNDER),
    ("05", "1e2147483647", _UNDER),
    ("06", "1" * 39, _DIGITS),
]


def _shown(number: str) -> str:
    return number if len(number) < 24 else f"{number[:8]}... ({len(number)} characters)"


FACTS: Final[tuple[Fact, ...]] = (
    *(
        fact(
            f"S0.numbers.refused.{mark}",
            f"PutItem refuses the number '{_shown(number)}' in an envelope",
            CAPTURED,
            put({"pk": S("a"), "n": N(number)}).refused(_ENVELOPE + words),
        )
        for mark, number, words in _REFUSED
    ),
    *(
        fact(
            f"S0.numbers.kept.{mark}",
            f"the number '{_shown(number)}' is kept as '{_shown(kept)}'",
            CAPTURED,
            put({"pk": S("a"), "n": N(number), "l": {"L": [N(number)]}, "s": NS(number)}),
            get({"pk": S("a")}).gives(Item={"pk": S("a"), "n": N(kept), "l": {"L": [N(kept)]}, "s": NS(kept)}),
        )
        for mark, number, kept in _KEPT
    ),
    *(
        fact(
            f"S0.numbers.older.batch.{mark}",
            f"BatchWriteItem refuses the number '{_shown(number)}' in the older words",
            CAPTURED,
            ask(
                "BatchWriteItem", RequestItems={"plain": [{"PutRequest": {"Item": {"pk": S("a"), "n": N(number)}}}]}
            ).refused(words),
        )
        for mark, number, words in _OLDER
    ),
    *(
        fact(
            f"S0.numbers.older.transaction.{mark}",
            f"TransactWriteItems refuses the number '{_shown(number)}' in the older words",
            CAPTURED,
            ask(
                "TransactWriteItems",
                TransactItems=[{"Put": {"TableName": "plain", "Item": {"pk": S("a"), "n": N(number)}}}],
            ).refused(words),
        )
        for mark, number, words in _OLDER
    ),
    fact(
        "S0.numbers.set",
        "an empty text in a number set is the fault of an empty number",
        CAPTURED,
        put({"pk": S("a"), "n": NS("1", "")}).refused(f"{_ENVELOPE}{_NO_NUMBER}: "),
    ),
    fact(
        "S0.numbers.nested",
        "a number inside a document is checked as one at its top",
        CAPTURED,
        put({"pk": S("a"), "m": {"M": {"l": {"L": [N("x1")]}}}}).refused(f"{_ENVELOPE}{_NO_NUMBER}: x1"),
    ),
    fact(
        "S0.numbers.arithmetic.01",
        "a sum that takes more than 38 digits overflows",
        QUOTED,
        put({"pk": S("a"), "n": N("1e50")}),
        update({"pk": S("a")}, "SET n = n + :one", {":one": N(1)}).refused(_OVER),
    ),
    fact(
        "S0.numbers.arithmetic.02",
        "a sum of 38 digits is exact",
        QUOTED,
        put({"pk": S("a"), "n": N("1" * 38)}),
        update({"pk": S("a")}, "SET n = n + :one", {":one": N(1)}, ReturnValues="UPDATED_NEW").gives(
            Attributes={"n": N("1" * 37 + "2")}
        ),
    ),
    fact(
        "S0.numbers.arithmetic.03",
        "decimal fractions add exactly",
        QUOTED,
        put({"pk": S("a"), "n": N("0.1")}),
        update({"pk": S("a")}, "ADD n :more", {":more": N("0.2")}, ReturnValues="UPDATED_NEW").gives(
            Attributes={"n": N("0.3")}
        ),
    ),
)
