"""Random paths, values, conditions, updates and items over a few names, so that they meet each other."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from ddbmodel.expressions.tree import (
    AddAction,
    And,
    Arithmetic,
    AttributeTest,
    Between,
    Comparison,
    Condition,
    DeleteAction,
    IfNotExists,
    In,
    ListAppend,
    Not,
    Or,
    Path,
    Projection,
    RemoveAction,
    SetAction,
    Size,
    Update,
    Value,
)

__all__ = ["conditions", "items", "paths", "projections", "updates", "values"]

NAMES = ["a", "b", "name", "with-dash", "é", "size"]

names = st.sampled_from(NAMES)
numbers = st.integers(-20, 20).map(str)
texts = st.text("xyé", max_size=3)
binaries = st.sampled_from(["", "AA==", "AAE=", "/w=="])


def sets_of(tag: str, members: st.SearchStrategy[str]) -> st.SearchStrategy[dict[str, Any]]:
    return st.sets(members, min_size=1, max_size=3).map(lambda found: {tag: sorted(found)})


scalars: st.SearchStrategy[dict[str, Any]] = st.one_of(
    numbers.map(lambda n: {"N": n}),
    texts.map(lambda s: {"S": s}),
    binaries.map(lambda b: {"B": b}),
    st.booleans().map(lambda b: {"BOOL": b}),
    st.just({"NULL": True}),
    sets_of("SS", texts),
    sets_of("NS", numbers),
    sets_of("BS", binaries),
)
values: st.SearchStrategy[dict[str, Any]] = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda found: {"L": found}),
        st.dictionaries(names, inner, max_size=3).map(lambda found: {"M": found}),
    ),
    max_leaves=6,
)
items: st.SearchStrategy[dict[str, Any]] = st.dictionaries(names, values, max_size=5)

paths = st.builds(
    lambda first, rest: Path((first, *rest)), names, st.lists(st.one_of(names, st.integers(0, 3)), max_size=3)
)
literals = values.map(Value)
operands: st.SearchStrategy[Any] = st.one_of(paths, literals, st.one_of(paths, literals).map(Size))

tests: st.SearchStrategy[Condition] = st.one_of(
    st.builds(Comparison, st.sampled_from(["=", "<>", "<", "<=", ">", ">="]), operands, operands),
    st.builds(Between, operands, operands, operands),
    st.builds(In, operands, st.lists(operands, min_size=1, max_size=4).map(tuple)),
    paths.map(lambda path: AttributeTest("attribute_exists", (path,))),
    paths.map(lambda path: AttributeTest("attribute_not_exists", (path,))),
    st.builds(
        lambda path, tag: AttributeTest("attribute_type", (path, Value({"S": tag}))), paths, st.sampled_from(["S", "L"])
    ),
    st.builds(
        lambda name, one, two: AttributeTest(name, (one, two)),
        st.sampled_from(["begins_with", "contains"]),
        operands,
        operands,
    ),
)
conditions: st.SearchStrategy[Condition] = st.recursive(
    tests,
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map(lambda terms: And(tuple(terms))),
        st.lists(inner, min_size=2, max_size=3).map(lambda terms: Or(tuple(terms))),
        inner.map(Not),
    ),
    max_leaves=8,
)

set_leaves: st.SearchStrategy[Any] = st.one_of(paths, literals)
set_terms: st.SearchStrategy[Any] = st.one_of(
    set_leaves, st.builds(IfNotExists, paths, set_leaves), st.builds(IfNotExists, paths, set_leaves)
)
set_operands: st.SearchStrategy[Any] = st.one_of(
    set_terms,
    st.builds(ListAppend, set_terms, set_terms),
    st.builds(Arithmetic, st.sampled_from(["+", "-"]), set_terms, set_terms),
)
actions: st.SearchStrategy[Any] = st.one_of(
    st.builds(SetAction, paths, set_operands),
    st.builds(RemoveAction, paths),
    st.builds(AddAction, paths, literals),
    st.builds(DeleteAction, paths, literals),
)
updates = st.lists(actions, min_size=1, max_size=5).map(lambda found: Update(tuple(found)))
projections = st.lists(paths, min_size=1, max_size=5).map(lambda found: Projection(tuple(found)))
