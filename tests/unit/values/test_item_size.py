"""An item's size is counted as the service counts it."""

from __future__ import annotations

from typing import Any

import pytest

from ddbmodel.values.item_size import item_size_bytes, number_size_bytes, value_size_bytes


@pytest.mark.parametrize(
    ("number", "size"),
    [
        ("0", 1),
        ("1", 2),
        ("123", 3),
        ("12345", 4),
        ("1" * 38, 20),
        ("1.5", 3),
        ("3.14159", 5),
        ("100.5", 4),
        ("0.15", 2),
        ("1" + "0" * 125, 2),
        ("-42", 3),
    ],
)
def test_a_number_takes_a_byte_for_two_digits(number: str, size: int) -> None:
    assert number_size_bytes(number) == size


@pytest.mark.parametrize(
    ("value", "size"),
    [
        ({"S": "é"}, 2),
        ({"B": "AAE="}, 2),
        ({"BOOL": True}, 1),
        ({"NULL": True}, 1),
        ({"SS": ["a", "bc"]}, 3),
        ({"NS": ["1", "-42"]}, 5),
        ({"BS": ["AA==", "AAE="]}, 3),
        ({"L": []}, 3),
        ({"L": [{"S": "ab"}, {"N": "1"}]}, 3 + 2 + 2 + 2),
        ({"M": {}}, 3),
        ({"M": {"ab": {"S": "c"}}}, 3 + 2 + 1 + 1),
    ],
)
def test_a_value_has_the_size_of_its_type(value: dict[str, Any], size: int) -> None:
    assert value_size_bytes(value) == size


def test_an_item_counts_its_names() -> None:
    assert item_size_bytes({"id": {"S": "a"}, "é": {"N": "1"}}) == 2 + 1 + 2 + 2


def test_depth_is_no_matter() -> None:
    deep: dict[str, Any] = {"S": "x"}
    for _ in range(50_000):
        deep = {"L": [deep]}

    assert value_size_bytes(deep) == 50_000 * 4 + 1
