"""Expectations: plain data stands for itself, and a few matchers for what may vary."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

__all__ = ["ABSENT", "ANY", "Pattern", "Some", "Unordered", "Where", "difference", "without_words"]


@dataclass(frozen=True, slots=True)
class Where:
    """Anything for which a test holds."""

    says: str
    holds: Callable[[Any], bool]


class _Absent:
    def __repr__(self) -> str:
        return "ABSENT"


ANY: Final = Where("anything", lambda value: True)
ABSENT: Final = _Absent()
"""In a `Some`: the member must not be there."""


@dataclass(frozen=True, slots=True)
class Some:
    """A map with at least these members."""

    members: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Unordered:
    """A list of these values in any order."""

    values: list[Any]


@dataclass(frozen=True, slots=True)
class Pattern:
    """A text that a regular expression matches as a whole."""

    expression: str


def difference(expected: Any, actual: Any, where: str = "") -> str | None:
    """Return in words where an answer is not what was expected, or None.

    Sets of attribute values have no order; maps are equal as a whole unless `Some` says otherwise.
    """
    match expected:
        case Where():
            return None if expected.holds(actual) else f"{where}: expected {expected.says}, got {actual!r}"
        case Pattern():
            if isinstance(actual, str) and re.fullmatch(expected.expression, actual, re.DOTALL):
                return None
            return f"{where}: expected text like {expected.expression!r}, got {actual!r}"
        case Some():
            return _of_some(expected.members, actual, where)
        case Unordered():
            return _of_unordered(expected.values, actual, where)
        case dict():
            if not isinstance(actual, dict) or expected.keys() != actual.keys():
                return f"{where}: expected {expected!r}, got {actual!r}"
            return _first(
                _of_set(expected[name], actual[name], f"{where}.{name}")
                if name in ("SS", "NS", "BS")
                else difference(expected[name], actual[name], f"{where}.{name}")
                for name in expected
            )
        case list():
            if not isinstance(actual, list) or len(expected) != len(actual):
                return f"{where}: expected {expected!r}, got {actual!r}"
            return _first(
                difference(one, other, f"{where}[{at}]")
                for at, (one, other) in enumerate(zip(expected, actual, strict=True))
            )
        case _:
            same = expected == actual and isinstance(expected, bool) is isinstance(actual, bool)
            return None if same else f"{where}: expected {expected!r}, got {actual!r}"


def without_words(expected: Any) -> Any:
    """Return an expectation for which the words of errors, and of reasons of cancellations, do not matter."""
    match expected:
        case Some():
            return Some(without_words(expected.members))
        case Unordered():
            return Unordered([without_words(value) for value in expected.values])
        case dict():
            return {name: ANY if name == "Message" else without_words(value) for name, value in expected.items()}
        case list():
            return [without_words(value) for value in expected]
        case _:
            return expected


def _first(differences: Any) -> str | None:
    return next((each for each in differences if each is not None), None)


def _of_some(members: dict[str, Any], actual: Any, where: str) -> str | None:
    if not isinstance(actual, dict):
        return f"{where}: expected a map, got {actual!r}"
    for name, value in members.items():
        if value is ABSENT:
            if name in actual:
                return f"{where}.{name}: expected nothing, got {actual[name]!r}"
        elif name not in actual:
            return f"{where}.{name}: expected {value!r}, got nothing"
        elif (found := difference(value, actual[name], f"{where}.{name}")) is not None:
            return found
    return None


def _of_unordered(values: list[Any], actual: Any, where: str) -> str | None:
    if not isinstance(actual, list) or len(actual) != len(values):
        return f"{where}: expected {values!r} in any order, got {actual!r}"
    left = list(actual)
    for value in values:
        at = next((at for at, other in enumerate(left) if difference(value, other) is None), None)
        if at is None:
            return f"{where}: expected {value!r} among {actual!r}"
        del left[at]
    return None


def _of_set(expected: Any, actual: Any, where: str) -> str | None:
    if isinstance(expected, list) and isinstance(actual, list):
        return difference(sorted(expected), sorted(actual), where)
    return difference(expected, actual, where)
