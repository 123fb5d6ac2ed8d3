"""What the facts expect is held against answers to the letter."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from facts.form import VALIDATION, Answer, get, put
from facts.matching import ABSENT, ANY, Pattern, Some, Unordered, Where, difference

_EVEN = Where("an even number", lambda value: value % 2 == 0)


@pytest.mark.parametrize(
    ("expected", "actual"),
    [
        ({"SS": ["a", "b"]}, {"SS": ["b", "a"]}),
        (Some({"a": 1, "b": ABSENT}), {"a": 1, "c": 2}),
        (Unordered([{"a": 1}, {"b": ANY}]), [{"b": 2}, {"a": 1}]),
        (Pattern(r"arn:\d+"), "arn:12"),
        ([_EVEN, "x"], [2, "x"]),
    ],
)
def test_an_answer_that_is_as_expected_has_no_difference(expected: Any, actual: Any) -> None:
    assert difference(expected, actual) is None


@pytest.mark.parametrize(
    ("expected", "actual"),
    [
        ({"N": "1"}, {"N": "1.0"}),
        ({"SS": ["a", "b"]}, {"SS": ["a"]}),
        ({"L": ["a", "b"]}, {"L": ["b", "a"]}),
        ({"a": 1}, {"a": 1, "b": 2}),
        (Some({"a": 1}), {"b": 1}),
        (Some({"a": ABSENT}), {"a": None}),
        (Some({}), None),
        (Unordered([1, 1]), [1, 2]),
        (Unordered([1]), [1, 1]),
        (Pattern(r"arn:\d+"), "arn:12x"),
        (_EVEN, 3),
        (True, 1),
        ([1], [1, 2]),
    ],
)
def test_an_answer_that_is_not_as_expected_is_told_apart(expected: Any, actual: Any) -> None:
    assert difference(expected, actual, "answer") is not None


class _Answering:
    """A backend that always says the same."""

    def __init__(self, answer: Answer, *, words_count: bool = True) -> None:
        self.answer, self.words_count = answer, words_count

    def ask(self, operation: str, request: dict[str, Any]) -> Answer:
        return self.answer


_REFUSED = Answer({}, VALIDATION, "other words")


def test_a_request_that_nothing_is_said_about_must_succeed() -> None:
    assert put({}).failure(_Answering(Answer({}))) is None  # type: ignore[arg-type]
    assert "other words" in str(put({}).failure(_Answering(_REFUSED)))  # type: ignore[arg-type]


def test_a_refusal_must_have_the_code_and_the_words() -> None:
    step = get({}).refused("words")

    assert step.failure(_Answering(Answer({}, VALIDATION, "words"))) is None  # type: ignore[arg-type]
    assert step.failure(_Answering(_REFUSED)) is not None  # type: ignore[arg-type]
    assert step.failure(_Answering(_REFUSED, words_count=False)) is None  # type: ignore[arg-type]
    assert step.failure(_Answering(Answer({}, "Other", "words"))) is not None  # type: ignore[arg-type]
    assert step.failure(_Answering(Answer({}))) is not None  # type: ignore[arg-type]
