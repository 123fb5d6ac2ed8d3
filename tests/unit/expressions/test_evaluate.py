"""The truth of conditions, the answers as observed on DynamoDB Local, and the shape of projections."""

from __future__ import annotations

import time
from typing import Any, Final

import pytest

from ddbmodel.expressions.evaluate import evaluate, evaluate_change
from ddbmodel.expressions.parse import parse_condition, parse_projection
from ddbmodel.expressions.project import project
from ddbmodel.expressions.resolve import Resolver
from ddbmodel.expressions.tree import Absent, Changed, Path, Value

ITEM: Final[dict[str, Any]] = {
    "s": {"S": "abc"},
    "n": {"N": "10"},
    "b": {"B": "AAEC"},
    "l": {"L": [{"S": "a"}, {"N": "1"}, {"M": {"x": {"S": "y"}}}]},
    "m": {"M": {"deep": {"M": {"z": {"N": "2"}}}, "o": {"N": "3"}}},
    "ss": {"SS": ["a", "b"]},
    "ns": {"NS": ["1", "2"]},
}
VALUES: Final[dict[str, Any]] = {
    ":a": {"S": "a"},
    ":two": {"N": "2"},
    ":ten": {"N": "10"},
    ":b": {"B": "AAE="},
    ":ss": {"SS": ["b", "a"]},
    ":S": {"S": "S"},
}


@pytest.mark.parametrize(
    "text",
    [
        "zz <> :a",
        "zz <> yy",
        "NOT zz = yy",
        "NOT zz < :a",
        "s < :S OR s > :a",
        "n > :two",
        "b > :b",
        "ss = :ss",
        "size(ss) = :two",
        "contains(s, :a)",
        "contains(l, :a)",
        "contains(ss, :a)",
        "contains(ns, :two)",
        "contains(b, :b)",
        "begins_with(b, :b)",
        "begins_with(s, l[0])",
        "attribute_type(s, :S)",
        "attribute_exists(m.deep.z)",
        "attribute_not_exists(l[9])",
        "attribute_not_exists(s.x)",
        "n IN (:two, :ten)",
        "n BETWEEN :two AND :ten",
    ],
)
def test_these_hold(text: str) -> None:
    assert evaluate(Resolver(None, VALUES).condition(parse_condition(text)), ITEM)


@pytest.mark.parametrize(
    "text",
    [
        "zz = yy",
        "zz = :a",
        "zz < :a",
        "s < :ten",
        "size(n) = :two",
        "contains(ss, :ss)",
        "contains(s, zz)",
        "contains(m, :a)",
        "begins_with(ss, :a)",
        "zz IN (yy)",
        "attribute_type(zz, :S)",
        "n BETWEEN :two AND zz",
    ],
)
def test_these_do_not_hold(text: str) -> None:
    assert not evaluate(Resolver(None, VALUES).condition(parse_condition(text)), ITEM)


def test_a_list_contains_a_set_in_another_order_at_any_depth() -> None:
    item = {"l": {"L": [{"SS": ["a", "b"]}, {"M": {"deep": {"L": [{"NS": ["1", "2"]}]}}}]}}
    values: dict[str, Any] = {":set": {"SS": ["b", "a"]}, ":map": {"M": {"deep": {"L": [{"NS": ["2", "1"]}]}}}}
    assert evaluate(Resolver(None, values).condition(parse_condition("contains(l, :set)")), item)
    assert evaluate(Resolver(None, values).condition(parse_condition("contains(l, :map)")), item)


@pytest.mark.parametrize("absent", [{"N": "2"}, {"M": {"x": {"N": "2"}}}])
def test_a_hundred_looks_into_a_long_list_take_no_seconds(absent: dict[str, Any]) -> None:
    terms = " OR ".join(["contains(l, :absent)"] * 100)
    condition = Resolver(None, {":absent": absent}).condition(parse_condition(terms))
    item = {"l": {"L": [{"N": "1"}] * 50_000}}

    started = time.perf_counter()
    assert not evaluate(condition, item)
    assert time.perf_counter() - started < 1


def test_texts_are_ordered_by_their_utf8_bytes() -> None:
    # In UTF-16 the order of these two would be the other way round.
    values = {":v": {"S": "\U0001f600"}}
    assert evaluate(Resolver(None, values).condition(parse_condition("s < :v")), {"s": {"S": "\uff5e"}})


def test_a_change_is_seen_between_two_images() -> None:
    changed = Changed(Path(("n",)), before=Absent(), after=Value({"N": "1"}))
    assert evaluate_change(changed, None, {"n": {"N": "1"}})
    assert not evaluate_change(changed, {"n": {"N": "2"}}, {"n": {"N": "1"}})
    assert not evaluate_change(Changed(Path(("n",))), {"n": {"N": "1"}}, {"n": {"N": "1"}})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("m.deep.z", {"m": {"M": {"deep": {"M": {"z": {"N": "2"}}}}}}),
        ("l[2].x, l[0]", {"l": {"L": [{"S": "a"}, {"M": {"x": {"S": "y"}}}]}}),
        ("zz, l[9], s.x", {}),
    ],
)
def test_a_projection_keeps_the_shape_and_closes_lists_up(text: str, expected: dict[str, Any]) -> None:
    assert project(parse_projection(text), ITEM) == expected
