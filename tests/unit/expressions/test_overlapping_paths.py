"""Paths that overlap or conflict are found in one walk, and are those that comparing every two would find."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ddbmodel.expressions.check import check_projection
from ddbmodel.expressions.errors import InvalidExpression
from ddbmodel.expressions.tree import Path, Projection

_steps = st.lists(st.sampled_from(["x", "y", 0, 1]), max_size=3)
_paths = st.lists(_steps.map(lambda steps: Path(("a", *steps))), min_size=1, max_size=5)


def _slowly(paths: list[Path]) -> tuple[str, Path, Path] | None:
    for index, two in enumerate(paths):
        for one in paths[:index]:
            for left, right in zip(one.steps, two.steps, strict=False):
                if left != right:
                    if isinstance(left, int) is not isinstance(right, int):
                        return "conflict", one, two
                    break
            else:
                return "overlap", one, two
    return None


def _shown(path: Path) -> str:
    return "[" + ", ".join(f"[{step}]" if isinstance(step, int) else str(step) for step in path.steps) + "]"


@given(_paths)
def test_the_first_two_paths_that_meet_are_named(paths: list[Path]) -> None:
    expected = _slowly(paths)
    if expected is None:
        check_projection(Projection(tuple(paths)))
        return
    with pytest.raises(InvalidExpression) as caught:
        check_projection(Projection(tuple(paths)))
    fault, one, two = expected
    assert caught.value.message == (
        f"Two document paths {fault} with each other; must remove or rewrite one of these paths; "
        f"path one: {_shown(one)}, path two: {_shown(two)}"
    )


def test_thousands_of_paths_are_checked_at_once() -> None:
    paths = tuple(Path(("a", f"b{number}")) for number in range(3000))
    started = time.perf_counter()

    check_projection(Projection(paths))

    assert time.perf_counter() - started < 1
