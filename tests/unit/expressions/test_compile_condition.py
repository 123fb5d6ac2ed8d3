"""What a compiled condition promises beside its truth, which `tests/property/test_expression_laws.py` holds it to."""

from __future__ import annotations

from ddbmodel.expressions.compile_condition import compile_condition
from ddbmodel.expressions.tree import And, AttributeTest, Comparison, Condition, In, Not, Or, Path, Value

A = Path(("a",))
IS_THERE = AttributeTest("attribute_exists", (A,))


def test_a_tree_deeper_than_python_recurses_is_compiled_and_evaluated() -> None:
    tree: Condition = IS_THERE
    for _ in range(20_000):
        tree = Or((And((Not(tree), IS_THERE)), Not(IS_THERE)))
    holds = compile_condition(tree).holds

    assert [holds({"a": {"S": "x"}}), holds({})] == [True, True]


def test_every_term_counts_and_so_does_every_option() -> None:
    options = tuple(Value({"N": str(n)}) for n in range(100))
    tree = And((In(A, options), Or((IS_THERE, Not(Comparison("=", A, options[0]))))))

    assert compile_condition(tree).term_count == 102


def test_terms_behind_the_one_that_decides_are_not_looked_at() -> None:
    # An item that no term may look into.
    class Closed(dict[str, dict[str, str]]):
        def get(self, name: str, default: object = None) -> None:  # type: ignore[override]
            raise AssertionError(name)

    holds = compile_condition(Or((Comparison("=", Value({"N": "1"}), Value({"N": "1"})), IS_THERE))).holds

    assert holds(Closed())
