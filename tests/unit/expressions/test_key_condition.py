"""Key conditions taken out of a condition, and what is none."""

from __future__ import annotations

import pytest

from ddbmodel.expressions.errors import InvalidExpression
from ddbmodel.expressions.key_condition import KeyCondition, SortCondition, key_condition
from ddbmodel.expressions.parse import parse_condition
from ddbmodel.expressions.resolve import Resolver


def taken(text: str) -> KeyCondition:
    values = {":a": {"S": "a"}, ":b": {"S": "b"}}
    return key_condition(Resolver(None, values).condition(parse_condition(text)))


def test_equalities_and_one_range_are_taken_apart() -> None:
    found = taken("p = :a AND r BETWEEN :a AND :b")
    assert found == KeyCondition({"p": {"S": "a"}}, SortCondition("r", "BETWEEN", ({"S": "a"}, {"S": "b"})))


def test_further_ranges_are_kept_for_the_schema_to_refuse() -> None:
    found = taken("p < :a AND r > :b")

    assert found.range == SortCondition("p", "<", ({"S": "a"},))
    assert found.excess == (SortCondition("r", ">", ({"S": "b"},)),)


def test_a_literal_on_the_left_turns_the_comparator_round() -> None:
    assert taken("p = :a AND :b > r").range == SortCondition("r", "<", ({"S": "b"},))


@pytest.mark.parametrize(
    ("text", "operator"),
    [
        ("p <> :a", "<>"),
        ("p = :a OR p = :b", "OR"),
        ("NOT p = :a", "NOT"),
        ("p IN (:a)", "IN"),
        ("p = :a AND contains(r, :a)", "contains"),
    ],
)
def test_other_operators_are_refused_by_name(text: str, operator: str) -> None:
    with pytest.raises(InvalidExpression) as caught:
        taken(text)
    assert caught.value.message == f"Invalid operator used in KeyConditionExpression: {operator}"
    assert caught.value.is_whole


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("p = r", "Invalid condition in KeyConditionExpression: Multiple attribute names used in one condition"),
        (":a = :b", "Invalid condition in KeyConditionExpression: No key attribute specified"),
        ("size(p) = :a", "KeyConditionExpressions cannot contain nested operations"),
        ("p = :a AND p = :b", "KeyConditionExpressions must only contain one condition per key"),
        (
            "begins_with(:a, r)",
            "Invalid condition in KeyConditionExpression: "
            "begins_with operator must have the key attribute as its first operand",
        ),
        (
            "p.x = :a",
            "Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: Key: p",
        ),
    ],
)
def test_what_names_no_key_is_refused(text: str, fault: str) -> None:
    with pytest.raises(InvalidExpression) as caught:
        taken(text)
    assert caught.value.message == fault
