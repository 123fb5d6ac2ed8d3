"""Attribute values: what is refused, and what is kept of what is not."""

from __future__ import annotations

import time
from typing import Any

import pytest

from ddbmodel.engine.messages.message import Refusal, Wording
from ddbmodel.engine.validation.attribute_values import canonical_item, canonical_value
from ddbmodel.errors import ServiceError


def nested(wraps: int) -> dict[str, Any]:
    value: dict[str, Any] = {"S": "leaf"}
    for _ in range(wraps):
        value = {"M": {"m": value}}
    return value


def test_a_value_that_is_canonical_comes_back_as_the_same_object() -> None:
    item = {"a": {"S": "x"}, "b": {"L": [{"N": "1"}, {"M": {"c": {"NS": ["1", "2"]}}}]}}

    assert canonical_item(item) is item


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ({"N": "+.50"}, {"N": "0.5"}),
        ({"NS": ["1.0", "2"]}, {"NS": ["1", "2"]}),
        ({"L": [{"M": {"n": {"N": "1e2"}}}]}, {"L": [{"M": {"n": {"N": "100"}}}]}),
        ({"B": "YR=="}, {"B": "YQ=="}),
        ({"S": "a", "N": None}, {"S": "a"}),
    ],
)
def test_values_are_brought_to_the_form_in_which_they_are_kept(given: Any, kept: Any) -> None:
    assert canonical_value(given) == kept


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({}, "Supplied AttributeValue is empty"),
        ({"X": "a"}, "Supplied AttributeValue is empty"),
        ({"S": "a", "N": "1"}, "more than one datatypes set"),
        ({"N": "abc"}, "The parameter cannot be converted to a numeric value: abc"),
        ({"N": "1e126"}, "Number overflow"),
        ({"N": "1e-131"}, "Number underflow"),
        ({"N": "1" * 39}, "more than 38 significant digits"),
        ({"SS": []}, "An string set  may not be empty"),
        ({"SS": ["a", "a"]}, "Input collection [a, a] contains duplicates."),
        ({"NS": ["1", "1.0"]}, "Input collection contains duplicates"),
        ({"BS": []}, "Binary sets should not be empty"),
        ({"NULL": False}, "Null attribute value types must have the value of true"),
        ({"M": {"": {"S": "a"}}}, "Empty attribute name"),
        (nested(32), "Nesting Levels have exceeded supported limits"),
    ],
)
def test_a_value_that_breaks_a_rule_is_refused_with_the_services_words(given: Any, text: str) -> None:
    with pytest.raises(Refusal) as caught:
        canonical_value(given)

    assert text in caught.value.text(Wording.CLASSIC)


@pytest.mark.parametrize(
    ("given", "current", "older"),
    [
        ({"N": ""}, "The parameter cannot be converted to a numeric value: ",
         "The parameter cannot be converted to a numeric value"),
        ({"N": "1e2147483647"}, "Number overflow. Attempting to store a number with magnitude larger than supported "
         "range", "Number underflow. Attempting to store a number with magnitude smaller than supported range"),
        ({"SS": ["b", "a", "b"]},
         'One or more parameter values were invalid: Input collection ["a", "b", "b"] contains duplicates.',
         "One or more parameter values were invalid: Input collection [b, a, b] contains duplicates."),
        ({"BS": ["/w==", "AA==", "AA=="]},
         'One or more parameter values were invalid: Input collection ["AA==","/w==","AA=="]of type BS contains '
         "duplicates.",
         "One or more parameter values were invalid: Input collection [/w==, AA==, AA==]of type BS contains "
         "duplicates."),
        ({"NS": ["2", "1", "2"]},
         "One or more parameter values were invalid: Input collection contains duplicates.",
         "Input collection contains duplicates"),
    ],
)  # fmt: skip
def test_a_fault_of_a_value_has_words_of_before_and_since_2026(given: Any, current: str, older: str) -> None:
    with pytest.raises(Refusal) as caught:
        canonical_value(given)

    assert caught.value.text(Wording.CURRENT) == current
    assert caught.value.text(Wording.ENVELOPED) == f"1 validation error detected: {current}"
    assert caught.value.text(Wording.OLDER) == older


@pytest.mark.parametrize("tag", ["SS", "BS"])
def test_a_repetition_at_the_end_of_a_large_set_is_found_at_once(tag: str) -> None:
    members = [f"{number:08d}" for number in range(20_000)]

    started = time.perf_counter()
    with pytest.raises(Refusal):
        canonical_value({tag: [*members, members[-1]]})
    assert time.perf_counter() - started < 0.5


def test_thirty_one_maps_around_a_leaf_are_accepted() -> None:
    assert canonical_value(nested(31)) == nested(31)


@pytest.mark.parametrize(
    "given",
    [
        {"S": 1},
        {"N": 1},
        {"BOOL": "true"},
        {"L": {}},
        {"SS": "a"},
        {"B": "?"},
        "a",
        {"S": "\ud800"},
        {"M": {"\ud800": {"S": "a"}}},
    ],
)
def test_json_of_another_shape_is_no_value_at_all(given: Any) -> None:
    with pytest.raises(ServiceError) as caught:
        canonical_value(given)

    assert caught.value.code == "SerializationException"
