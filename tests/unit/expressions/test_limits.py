"""An expression has at most 4,096 bytes, 300 operators and 32 levels of a path; the last one allowed is allowed."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ddbmodel.expressions.errors import InvalidExpression
from ddbmodel.expressions.parse import parse_condition, parse_projection, parse_update


def _padded(text: str, size_bytes: int) -> str:
    return text + " " * (size_bytes - len(text.encode()))


@pytest.mark.parametrize(
    ("parse", "text"), [(parse_condition, "a = :v"), (parse_update, "SET a = :v"), (parse_projection, "a, b")]
)
def test_an_expression_has_at_most_4096_bytes(parse: Callable[[str], object], text: str) -> None:
    parse(_padded(text, 4096))

    with pytest.raises(InvalidExpression, match="exceeded the maximum allowed size"):
        parse(_padded(text, 4097))


def test_a_condition_has_at_most_300_operators() -> None:
    # Each comparison is one operator, and so is each AND between two.
    parse_condition(" AND ".join(["a=:v"] * 150))

    with pytest.raises(InvalidExpression, match=r"too many operators; operator count: 301"):
        parse_condition("NOT NOT " + " AND ".join(["a=:v"] * 150))


@pytest.mark.parametrize("parse", [parse_projection, lambda text: parse_condition(f"attribute_exists({text})")])
def test_a_path_has_at_most_32_levels(parse: Callable[[str], object]) -> None:
    parse(".".join(["a"] * 32))

    with pytest.raises(InvalidExpression, match="nesting levels: 33"):
        parse(".".join(["a"] * 33))


def test_of_an_update_that_is_too_long_the_service_does_not_say_how_long() -> None:
    with pytest.raises(InvalidExpression) as caught:
        parse_update("SET a = :v" + " " * 4096)

    assert caught.value.message == "Expression size has exceeded the maximum allowed size;"
