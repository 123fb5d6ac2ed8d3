"""The tree that each operator of a bound attribute builds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ddbmodel.errors import InvalidRequest, ValueNotStorable
from ddbmodel.expressions.tree import (
    Absent,
    AddAction,
    And,
    AttributeTest,
    Between,
    Changed,
    Comparison,
    DeleteAction,
    IfNotExists,
    In,
    ListAppend,
    Not,
    Or,
    Path,
    RemoveAction,
    SetAction,
    Size,
    Value,
)
from ddbmodel.model import Attr, Document, Model, attr, partition_key


class Home(Document):
    city: Attr[str] = attr(alias="c")


class User(Model, table="users"):
    id: Attr[str] = partition_key()
    age: Attr[int] = attr(default=0, alias="a")
    nick: Attr[str | None] = attr(default=None)
    tags: Attr[set[str]] = attr(default_factory=set)
    words: Attr[list[str]] = attr(default_factory=list)
    home: Attr[Home | None] = attr(default=None)
    homes: Attr[list[Home]] = attr(default_factory=list)
    notes: Attr[dict[str, int]] = attr(default_factory=dict)


AGE, TAGS, WORDS, NICK = Path(("a",)), Path(("tags",)), Path(("words",)), Path(("nick",))


def n(value: int) -> Value:
    return Value({"N": str(value)})


def s(value: str) -> Value:
    return Value({"S": value})


@pytest.mark.parametrize(
    ("built", "tree"),
    [
        (lambda: User.age == 1, Comparison("=", AGE, n(1))),
        (lambda: User.age != 1, Comparison("<>", AGE, n(1))),
        (lambda: User.age < 1, Comparison("<", AGE, n(1))),
        (lambda: User.age <= 1, Comparison("<=", AGE, n(1))),
        (lambda: User.age > 1, Comparison(">", AGE, n(1))),
        (lambda: User.age >= 1, Comparison(">=", AGE, n(1))),
        (lambda: User.id == User.nick, Comparison("=", Path(("id",)), NICK)),
        (lambda: User.age.between(1, 2), Between(AGE, n(1), n(2))),
        (lambda: User.age.is_in([1, 2]), In(AGE, (n(1), n(2)))),
        (lambda: User.nick.exists(), AttributeTest("attribute_exists", (NICK,))),
        (lambda: User.nick.not_exists(), AttributeTest("attribute_not_exists", (NICK,))),
        (lambda: User.nick == None, AttributeTest("attribute_not_exists", (NICK,))),  # noqa: E711  # builds a condition
        (lambda: User.nick != None, AttributeTest("attribute_exists", (NICK,))),  # noqa: E711  # builds a condition
        (lambda: User.nick.begins_with("x"), AttributeTest("begins_with", (NICK, s("x")))),
        (lambda: User.nick.contains("x"), AttributeTest("contains", (NICK, s("x")))),
        (lambda: User.tags.contains("x"), AttributeTest("contains", (TAGS, s("x")))),
        (lambda: User.words.contains("x"), AttributeTest("contains", (WORDS, s("x")))),
        (lambda: User.age.attribute_type("N"), AttributeTest("attribute_type", (AGE, s("N")))),
        (lambda: User.tags.size() > 2, Comparison(">", Size(TAGS), n(2))),
        (lambda: User.tags.size().between(1, 2), Between(Size(TAGS), n(1), n(2))),
        (lambda: User.tags.size() == User.words.size(), Comparison("=", Size(TAGS), Size(WORDS))),
        (lambda: User.home[Home.city] == "x", Comparison("=", Path(("home", "c")), s("x"))),
        (lambda: User.home["city"] == "x", Comparison("=", Path(("home", "c")), s("x"))),
        (lambda: User.homes[1][Home.city] == "x", Comparison("=", Path(("homes", 1, "c")), s("x"))),
        (lambda: User.notes["k"] < 3, Comparison("<", Path(("notes", "k")), n(3))),
        (lambda: User.words[0] == "x", Comparison("=", Path(("words", 0)), s("x"))),
        (
            lambda: (User.age == 1) & (User.age == 2) & (User.age == 3),
            And(tuple(Comparison("=", AGE, n(value)) for value in (1, 2, 3))),
        ),
        (lambda: (User.age == 1) | ~(User.age == 2), Or((Comparison("=", AGE, n(1)), Not(Comparison("=", AGE, n(2)))))),
        (lambda: User.nick.changed(to="x", from_=None), Changed(NICK, Absent(), s("x"))),
        (lambda: User.nick.changed(), Changed(NICK)),
    ],
)
def test_a_condition_operator_builds_its_tree(built: Callable[[], Any], tree: object) -> None:
    assert built() == tree


@pytest.mark.parametrize(
    ("built", "tree"),
    [
        (lambda: User.age.set(1), SetAction(AGE, n(1))),
        (lambda: User.nick.set(User.id), SetAction(NICK, Path(("id",)))),
        (lambda: User.nick.set(None), RemoveAction(NICK)),
        (lambda: User.tags.set(set()), RemoveAction(TAGS)),
        (lambda: User.tags.set({"b", "a"}), SetAction(TAGS, Value({"SS": ["a", "b"]}))),
        (lambda: User.nick.remove(), RemoveAction(NICK)),
        (lambda: User.age.add(2), AddAction(AGE, n(2))),
        (lambda: User.age.add(-2), AddAction(AGE, n(-2))),
        (lambda: User.tags.union({"a"}), AddAction(TAGS, Value({"SS": ["a"]}))),
        (lambda: User.tags.difference({"a"}), DeleteAction(TAGS, Value({"SS": ["a"]}))),
        (lambda: User.age.set_if_absent(1), SetAction(AGE, IfNotExists(AGE, n(1)))),
        (
            lambda: User.words.append("x"),
            SetAction(WORDS, ListAppend(IfNotExists(WORDS, Value({"L": []})), Value({"L": [{"S": "x"}]}))),
        ),
        (
            lambda: User.words.prepend("x"),
            SetAction(WORDS, ListAppend(Value({"L": [{"S": "x"}]}), IfNotExists(WORDS, Value({"L": []})))),
        ),
        (lambda: User.home[Home.city].set("x"), SetAction(Path(("home", "c")), s("x"))),
    ],
)
def test_an_update_operator_builds_its_action(built: Callable[[], Any], tree: object) -> None:
    assert built() == tree


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: User.home < 3,
        lambda: User.age.begins_with("x"),
        lambda: User.age.contains(1),
        lambda: User.nick.add("x"),
        lambda: User.words.union({"x"}),
        lambda: User.tags.append("x"),
        lambda: User.age.is_in([]),
        lambda: User.age.is_in(range(101)),
        lambda: User.age["below"],
        lambda: User.tags.size() == "x",
    ],
)
def test_an_operator_that_does_not_fit_the_type_is_refused(wrong: Callable[[], Any]) -> None:
    with pytest.raises(InvalidRequest):
        wrong()


@pytest.mark.parametrize(
    "wrong", [lambda: User.age == "secret", lambda: User.age.set("secret"), lambda: User.tags.union(set())]
)
def test_a_value_of_the_wrong_type_is_refused_without_being_quoted(wrong: Callable[[], Any]) -> None:
    with pytest.raises(ValueNotStorable) as caught:
        wrong()

    assert "secret" not in str(caught.value)


def test_a_condition_has_no_truth_value() -> None:
    with pytest.raises(TypeError, match="combine conditions"):
        bool(User.age == 1)


class Anything(Model, table="anything"):
    id: Attr[str] = partition_key()
    data: Attr[Any] = attr(default=None)


def test_a_value_nested_without_end_is_refused_not_a_crash() -> None:
    deep: Any = 1
    for _ in range(5000):
        deep = [deep]

    for use in (Anything.data.set, Anything.data.__eq__, Anything.data.contains):
        with pytest.raises(ValueNotStorable, match="nested deeper than 32 levels"):
            use(deep)
