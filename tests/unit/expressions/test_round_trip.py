"""Text rendered from a tree parses and resolves to the same tree."""

from __future__ import annotations

import pytest

from ddbmodel.expressions.check import check_update
from ddbmodel.expressions.errors import InvalidExpression
from ddbmodel.expressions.evaluate import evaluate
from ddbmodel.expressions.parse import parse_condition, parse_update
from ddbmodel.expressions.render import Renderer
from ddbmodel.expressions.resolve import Resolver
from ddbmodel.expressions.tree import Comparison, Condition, Not, Path, RemoveAction, Update, Value


def test_nested_conditions_survive_a_round_trip() -> None:
    term: Condition = Comparison("=", Path(("a", 0, "b")), Value({"N": "1"}))
    tree = ~((term | ~term) & term) | term
    renderer = Renderer()
    text = renderer.condition(tree)
    made = renderer.placeholders()
    resolver = Resolver(made["ExpressionAttributeNames"], made["ExpressionAttributeValues"])
    assert resolver.condition(parse_condition(text)) == tree


def test_290_negations_are_rendered_parsed_and_evaluated() -> None:
    tree: Condition = Comparison("=", Path(("a",)), Value({"N": "1"}))
    for _ in range(290):
        tree = Not(tree)
    renderer = Renderer()
    text = renderer.condition(tree)
    made = renderer.placeholders()
    resolver = Resolver(made["ExpressionAttributeNames"], made["ExpressionAttributeValues"])
    assert evaluate(resolver.condition(parse_condition(text)), {"a": {"N": "1"}})


def test_overlapping_paths_are_refused() -> None:
    with pytest.raises(InvalidExpression, match="overlap"):
        check_update(Update((RemoveAction(Path(("a",))), RemoveAction(Path(("a", "b"))))))
    check_update(parse_update("REMOVE a.b, a.c"))
