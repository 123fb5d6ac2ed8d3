"""Attribute values are equal as the service compares them."""

from __future__ import annotations

from typing import Any

import pytest

from ddbmodel.values.equality import same_item, same_value
from ddbmodel.values.wire import copy_value, tag_of


@pytest.mark.parametrize(
    ("one", "two", "equal"),
    [
        ({"S": "a"}, {"S": "a"}, True),
        ({"S": "1"}, {"N": "1"}, False),
        ({"SS": ["a", "b"]}, {"SS": ["b", "a"]}, True),
        ({"L": [{"S": "a"}, {"S": "b"}]}, {"L": [{"S": "b"}, {"S": "a"}]}, False),
        ({"L": [{"S": "a"}]}, {"L": []}, False),
        ({"M": {"x": {"NS": ["1", "2"]}}}, {"M": {"x": {"NS": ["2", "1"]}}}, True),
        ({"M": {"x": {"N": "1"}}}, {"M": {"y": {"N": "1"}}}, False),
        ({"BOOL": True}, {"BOOL": False}, False),
    ],
)
def test_values_are_compared_by_type_and_content(one: dict[str, Any], two: dict[str, Any], equal: bool) -> None:
    assert same_value(one, two) is equal
    assert same_item({"a": one}, {"a": two}) is equal


def test_a_copy_shares_nothing() -> None:
    value = {"M": {"list": {"L": [{"SS": ["a"]}, {"M": {}}]}}}

    copied = copy_value(value)
    value["M"]["list"]["L"][0]["SS"].append("b")  # type: ignore[index]

    assert copied == {"M": {"list": {"L": [{"SS": ["a"]}, {"M": {}}]}}}


def test_a_value_has_one_tag() -> None:
    assert tag_of({"S": ""}) == "S"
    with pytest.raises(ValueError, match="exactly one type tag"):
        tag_of({})
