"""Statements have the trees of native expressions; what is no statement is named by its fault."""

from __future__ import annotations

from typing import Any

import pytest

from ddbmodel.expressions.parse import parse_condition, parse_update
from ddbmodel.expressions.partiql.errors import InvalidStatement
from ddbmodel.expressions.partiql.statements import (
    Column,
    Delete,
    Exists,
    Insert,
    OrderKey,
    Select,
    UpdateItem,
    statement_of,
)
from ddbmodel.expressions.partiql.tokens import KEYWORDS, tokenize
from ddbmodel.expressions.resolve import Resolver
from ddbmodel.expressions.tree import Path

VALUES: dict[str, dict[str, Any]] = {
    ":a": {"S": "a"},
    ":one": {"N": "1"},
    ":two": {"N": "2"},
    ":list": {"L": [{"N": "1"}]},
    ":set": {"SS": ["x"]},
    ":S": {"S": "S"},
    ":nothing": {"NULL": True},
    ":yes": {"BOOL": True},
}


def _where(condition: str) -> Any:
    statement = statement_of(f"SELECT * FROM things WHERE {condition}", ())
    assert isinstance(statement, Select)
    return statement.where


def _update(changes: str) -> Any:
    statement = statement_of(f"UPDATE things {changes} WHERE p = 1", ())
    assert isinstance(statement, UpdateItem)
    return statement.update


@pytest.mark.parametrize(
    ("written", "native"),
    [
        ("p = 'a'", "p = :a"),
        ("p != 'a'", "p <> :a"),
        ("a < 1 OR b >= 2 AND NOT c = 'a'", "a < :one OR b >= :two AND NOT c = :a"),
        ("(a < 1 OR b >= 2) AND c = 'a'", "(a < :one OR b >= :two) AND c = :a"),
        ("NOT a = 1 AND b = 2", "NOT a = :one AND b = :two"),
        ("NOT (a = 1 AND b = 2)", "NOT (a = :one AND b = :two)"),
        ("a BETWEEN 1 AND 2 AND b = 1", "a BETWEEN :one AND :two AND b = :one"),
        ("a NOT BETWEEN 1 AND 2", "NOT a BETWEEN :one AND :two"),
        ("a IN [1, 2]", "a IN (:one, :two)"),
        ("a IN (1, 2)", "a IN (:one, :two)"),
        ("a IN <<1, 2>>", "a IN (:one, :two)"),
        ("a NOT IN [1]", "NOT a IN (:one)"),
        ("a IS MISSING", "attribute_not_exists(a)"),
        ("a IS NOT MISSING", "NOT attribute_not_exists(a)"),
        ("a IS STRING", "attribute_type(a, :S)"),
        ("a IS NOT NULL", "NOT a = :nothing"),
        ("BEGINS_WITH(a, 'a') AND contains(b, 1)", "begins_with(a, :a) AND contains(b, :one)"),
        ("size(a) > 1", "size(a) > :one"),
        ("a.b[1].c = a['d']", "a.b[1].c = a.d"),
        ('"a"."b" = 1', "a.b = :one"),
        ("attribute_exists(a) = true", "attribute_exists(a)"),
        ("attribute_exists(a) = false", "NOT attribute_exists(a)"),
        ("true <> (a = 1)", "NOT a = :one"),
        ("a = [1] AND b = <<'x'>>", "a = :list AND b = :set"),
        ("a=+1", "a = :one"),
    ],
)
def test_a_condition_is_the_native_one(written: str, native: str) -> None:
    assert _where(written) == Resolver(None, VALUES).condition(parse_condition(native))


@pytest.mark.parametrize(
    ("written", "native"),
    [
        ("SET a = 1, b.c[0] = a + 2", "SET a = :one, b.c[0] = a + :two"),
        ("SET a = 1 REMOVE b SET c = 2 REMOVE d", "SET a = :one, c = :two REMOVE b, d"),
        ("SET a = list_append(if_not_exists(a, [1]), [1])", "SET a = list_append(if_not_exists(a, :list), :list)"),
        ("SET a = set_add(a, <<'x'>>)", "ADD a :set"),
        ("SET a = set_delete(a, <<'x'>>)", "DELETE a :set"),
        ("SET a = TRUE", "SET a = :yes"),
    ],
)
def test_an_update_is_the_native_one(written: str, native: str) -> None:
    assert _update(written) == Resolver(None, VALUES).update(parse_update(native))


def test_parameters_stand_for_values_in_their_order() -> None:
    statement = statement_of(
        "UPDATE things SET a = ?, s = set_add(s, ?) WHERE p = ? AND b IN [?, 2]",
        [{"S": "a"}, {"SS": ["x"]}, {"N": "1"}, {"N": "1"}],
    )

    native = Resolver(None, VALUES)
    assert isinstance(statement, UpdateItem)
    assert statement.update == native.update(parse_update("SET a = :a ADD s :set"))
    assert statement.where == native.condition(parse_condition("p = :one AND b IN (:one, :two)"))


def test_every_statement_has_its_parts() -> None:
    select = statement_of('SELECT a, b.c[0] FROM "things"."by_b" WHERE a = 1 ORDER BY a, b DESC;', ())
    insert = statement_of("INSERT INTO things VALUE {'p': ?, 'l': (1, 'x')}", [{"S": "a"}])
    delete = statement_of("delete from things where a = 1 returning all old *", ())
    exists = statement_of("EXISTS(SELECT * FROM things WHERE a = 1)", (), in_transaction=True)

    assert isinstance(select, Select)
    assert (select.table, select.index) == ("things", "by_b")
    assert select.columns == (Column("a", Path(("a",))), Column("c[0]", Path(("b", "c", 0))))
    assert select.order_by == (OrderKey("a", descending=False), OrderKey("b", descending=True))
    assert insert == Insert("things", {"p": {"S": "a"}, "l": {"L": [{"N": "1"}, {"S": "x"}]}})
    assert isinstance(delete, Delete)
    assert (delete.where, delete.returning) == (select.where, "ALL OLD")
    assert isinstance(exists, Exists)
    assert exists.select.columns is None


def test_the_table_may_come_first_in_an_update() -> None:
    assert statement_of("FROM things WHERE p = 1 SET a = 1 REMOVE b RETURNING ALL NEW *", ()) == statement_of(
        "UPDATE things SET a = 1 REMOVE b WHERE p = 1 RETURNING ALL NEW *", ()
    )


@pytest.mark.parametrize("keyword", sorted(KEYWORDS - {"true", "false", "null", "missing"}))
def test_a_keyword_is_no_name_unless_it_is_quoted(keyword: str) -> None:
    with pytest.raises(InvalidStatement):
        statement_of(f"SELECT m.{keyword} FROM things", ())

    assert isinstance(statement_of(f'SELECT m."{keyword}" FROM things', ()), Select)


def test_tokens_know_where_they_stand() -> None:
    tokens = tokenize("SELECT /* over\ntwo lines */ 'it''s',\n  \"a\"\"b\" -- end")

    assert [(token.kind, token.text, token.line, token.column, token.length) for token in tokens] == [
        ("keyword", "select", 1, 1, 6),
        ("text", "it's", 2, 14, 7),
        ("sign", ",", 2, 21, 1),
        ("quoted", 'a"b', 3, 3, 6),
        ("end", "", 3, 16, 0),
    ]


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("1.5.5", ["1.5", ".5"]),
        ("1e5a", ["1e5", "a"]),
        ("a>=-1", ["a", ">=", "-", "1"]),
        ("<<-1>>", ["<<", "-", "1", ">>"]),
        ("a!=b<>c||d", ["a", "!=", "b", "<>", "c", "||", "d"]),
        ("$a_1._b", ["$a_1", ".", "_b"]),
    ],
)
def test_a_text_is_cut_into_the_longest_tokens(text: str, kinds: list[str]) -> None:
    assert [token.text for token in tokenize(text)[:-1]] == kinds


@pytest.mark.parametrize("text", ["a ! b", "a & b", "a | b", "é", "1e", "1e+", "'a", '"a', "`a", "/* a", "a # b", "\\"])
def test_a_text_without_tokens_is_malformed(text: str) -> None:
    with pytest.raises(InvalidStatement) as caught:
        tokenize(text)

    assert (caught.value.fault, caught.value.values["detail"]) == ("syntax", "")
