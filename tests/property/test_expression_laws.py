"""Laws of expressions: text and tree are one, evaluation agrees with a slow and plain one, updates see the old item."""

from __future__ import annotations

import copy
import sys
from binascii import a2b_base64
from decimal import Decimal
from pathlib import Path as FilePath
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

sys.path.insert(0, str(FilePath(__file__).parent))

from expression_strategies import conditions, items, paths, projections, updates, values

from ddbmodel.expressions.apply import apply_update
from ddbmodel.expressions.check import check_projection, check_update
from ddbmodel.expressions.compile_condition import compile_condition
from ddbmodel.expressions.errors import InvalidExpression, UpdateNotApplicable
from ddbmodel.expressions.evaluate import evaluate, value_at
from ddbmodel.expressions.parse import parse_condition, parse_projection, parse_update
from ddbmodel.expressions.project import project
from ddbmodel.expressions.render import Renderer
from ddbmodel.expressions.resolve import Resolver
from ddbmodel.expressions.tree import (
    And,
    AttributeTest,
    Between,
    Comparison,
    Condition,
    In,
    Not,
    Operand,
    Or,
    Path,
    Projection,
    Size,
    Update,
    Value,
)
from ddbmodel.values.equality import same_item


def resolver_of(renderer: Renderer) -> Resolver:
    made = renderer.placeholders()
    return Resolver(made.get("ExpressionAttributeNames"), made.get("ExpressionAttributeValues"))


@given(conditions)
def test_a_rendered_condition_parses_to_itself(tree: Condition) -> None:
    renderer = Renderer()
    text = renderer.condition(tree)
    resolver = resolver_of(renderer)
    try:
        parsed = parse_condition(text)
    except InvalidExpression as refused:
        # What the grammar itself refuses, whoever writes it.
        assume(not refused.message.startswith(("Operator or function requires", "Incorrect operand type")))
        raise

    assert resolver.condition(parsed) == tree
    assert resolver.unused_names() == []
    assert resolver.unused_values() == []


@given(conditions, st.lists(items, max_size=5))
def test_a_compiled_condition_is_as_true_as_the_tree(tree: Condition, found: list[dict[str, Any]]) -> None:
    compiled = compile_condition(tree)

    assert [compiled.holds(item) for item in found] == [evaluate(tree, item) for item in found]


@given(updates)
def test_a_rendered_update_parses_to_itself(tree: Update) -> None:
    renderer = Renderer()
    text = renderer.update(tree)

    assert resolver_of(renderer).update(parse_update(text)) == tree


@given(projections)
def test_a_rendered_projection_parses_to_itself(tree: Projection) -> None:
    renderer = Renderer()
    text = renderer.projection(tree)

    assert resolver_of(renderer).projection(parse_projection(text)) == tree


# The slow evaluator: Python values, recursion, nothing shared with the real one.

MISSING = object()
ORDERED = (str, Decimal, bytes)


def plain(value: dict[str, Any]) -> Any:
    ((tag, inner),) = value.items()
    match tag:
        case "N":
            return Decimal(inner)
        case "B":
            return a2b_base64(inner)
        case "SS":
            return ("SS", frozenset(inner))
        case "NS":
            return ("NS", frozenset(map(Decimal, inner)))
        case "BS":
            return ("BS", frozenset(map(a2b_base64, inner)))
        case "L":
            return [plain(each) for each in inner]
        case "M":
            return {name: plain(each) for name, each in inner.items()}
        case "NULL":
            return None
        case _:
            return inner


def found(operand: Operand, item: dict[str, Any]) -> Any:
    match operand:
        case Value(value):
            return plain(value)
        case Size(inner):
            value = found(inner, item)
            if isinstance(value, str):
                return Decimal(len(value.encode()))
            if isinstance(value, tuple):
                return Decimal(len(value[1]))
            return Decimal(len(value)) if isinstance(value, (bytes, list, dict)) else MISSING
        case Path(steps):
            here: Any = {name: plain(value) for name, value in item.items()}
            for step in steps:
                if isinstance(step, int):
                    here = here[step] if isinstance(here, list) and step < len(here) else MISSING
                else:
                    here = here.get(step, MISSING) if isinstance(here, dict) else MISSING
            return here
    raise AssertionError(operand)


def same(one: Any, two: Any) -> bool:
    return type(one) is type(two) and bool(one == two) and _same_types(one, two)


def _same_types(one: Any, two: Any) -> bool:
    if isinstance(one, list):
        return all(same(left, right) for left, right in zip(one, two, strict=True))
    if isinstance(one, dict):
        return all(same(one[name], two[name]) for name in one)
    return True


def less(one: Any, two: Any, *, or_same: bool) -> bool:
    if type(one) is not type(two) or not isinstance(one, ORDERED):
        return False
    left, right = (one.encode(), two.encode()) if isinstance(one, str) else (one, two)
    return bool(left < right or (or_same and left == right))


def slowly(tree: Condition, item: dict[str, Any]) -> bool:
    match tree:
        case And(terms):
            return all(slowly(term, item) for term in terms)
        case Or(terms):
            return any(slowly(term, item) for term in terms)
        case Not(term):
            return not slowly(term, item)
        case Comparison("=", left, right):
            one, two = found(left, item), found(right, item)
            return one is not MISSING and two is not MISSING and same(one, two)
        case Comparison("<>", left, right):
            one, two = found(left, item), found(right, item)
            return one is MISSING or two is MISSING or not same(one, two)
        case Comparison(comparator, left, right):
            one, two = found(left, item), found(right, item)
            if comparator[0] == ">":
                one, two = two, one
            return less(one, two, or_same=comparator.endswith("="))
        case Between(operand, low, high):
            value = found(operand, item)
            return less(found(low, item), value, or_same=True) and less(value, found(high, item), or_same=True)
        case In(operand, options):
            value = found(operand, item)
            return value is not MISSING and any(same(value, found(option, item)) for option in options)
        case AttributeTest("attribute_exists", (path,)):
            return found(path, item) is not MISSING
        case AttributeTest("attribute_not_exists", (path,)):
            return found(path, item) is MISSING
        case AttributeTest("attribute_type", (Path() as path, Value({"S": tag}))):
            value = value_at(path, item)
            return value is not None and tag in value
        case AttributeTest("begins_with", (one_operand, two_operand)):
            one, two = found(one_operand, item), found(two_operand, item)
            return type(one) is type(two) and isinstance(one, (str, bytes)) and one.startswith(two)
        case AttributeTest("contains", (one_operand, two_operand)):
            one, two = found(one_operand, item), found(two_operand, item)
            if isinstance(one, (str, bytes)):
                return type(one) is type(two) and two in one
            if isinstance(one, tuple):
                member = {"SS": str, "NS": Decimal, "BS": bytes}[one[0]]
                return isinstance(two, member) and two in one[1]
            return isinstance(one, list) and any(same(each, two) for each in one)
    raise AssertionError(tree)


@given(conditions, items)
def test_evaluation_agrees_with_a_slow_one(tree: Condition, item: dict[str, Any]) -> None:
    assert evaluate(tree, item) == slowly(tree, item)


@given(conditions, items)
def test_evaluation_changes_nothing(tree: Condition, item: dict[str, Any]) -> None:
    before = copy.deepcopy(item)

    evaluate(tree, item)

    assert item == before


@given(updates, items)
def test_an_update_leaves_the_old_item_alone(tree: Update, item: dict[str, Any]) -> None:
    before = copy.deepcopy(item)

    new = applied(tree, item)

    assert item == before
    if new is not None:
        assert before == item


@given(updates, items, st.randoms(use_true_random=False))
def test_the_order_of_actions_does_not_matter(tree: Update, item: dict[str, Any], random: Any) -> None:
    shuffled = list(tree.actions)
    random.shuffle(shuffled)
    # Several appends past the end of a list land in the order in which they are written.
    assume(not any(isinstance(step, int) for action in tree.actions for step in action.path.steps))

    one, two = applied(tree, item), applied(Update(tuple(shuffled)), item)

    assert (one is None) == (two is None)
    if one is not None and two is not None:
        assert same_item(one, two)


@given(items, paths, values)
def test_what_is_set_is_there(item: dict[str, Any], path: Path, value: dict[str, Any]) -> None:
    from ddbmodel.expressions.tree import SetAction

    new = applied(Update((SetAction(path, Value(value)),)), item)
    assume(new is not None)
    assume(not any(isinstance(step, int) for step in path.steps))
    assert new is not None

    assert value_at(path, new) == value


@given(projections, items)
def test_a_projection_of_names_shows_what_is_there(tree: Projection, item: dict[str, Any]) -> None:
    try:
        check_projection(tree)
    except InvalidExpression:
        assume(False)
    shown = project(tree, item)

    for path in tree.paths:
        if not any(isinstance(step, int) for step in path.steps):
            assert value_at(path, shown) == value_at(path, item)


def applied(tree: Update, item: dict[str, Any]) -> dict[str, Any] | None:
    try:
        check_update(tree)
    except InvalidExpression:
        return None
    try:
        return apply_update(tree, item).item
    except UpdateNotApplicable:
        return None


def test_deep_trees_need_no_deep_stack() -> None:
    tree: Condition = Comparison("=", Path(("a",)), Value({"N": "1"}))
    for depth in range(140):
        tree = Not(tree) if depth % 2 else Or((tree, AttributeTest("attribute_exists", (Path(("b",)),))))
    limit = sys.getrecursionlimit()
    frames = len(__import__("inspect").stack())
    sys.setrecursionlimit(frames + 60)
    try:
        renderer = Renderer()
        text = renderer.condition(tree)
        resolved = resolver_of(renderer).condition(parse_condition(text))
        held = evaluate(resolved, {"a": {"N": "1"}})
    finally:
        sys.setrecursionlimit(limit)

    assert held is evaluate(tree, {"a": {"N": "1"}})


@pytest.mark.parametrize("text", ["(" * 2000 + "a", "NOT " * 1000 + "a = b", "size(" * 800 + "a"])
def test_hostile_depth_is_a_fault_not_a_crash(text: str) -> None:
    with pytest.raises(InvalidExpression):
        parse_condition(text)
