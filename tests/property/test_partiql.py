"""Whatever text comes as a statement, it is read in no time, and refused with a fault of its own or not at all."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ddbmodel.engine.messages.message import Wording
from ddbmodel.engine.partiql.prepare import refusal_of
from ddbmodel.expressions.errors import InvalidExpression
from ddbmodel.expressions.partiql.errors import InvalidStatement
from ddbmodel.expressions.partiql.statements import statement_of

MAX_CHARACTERS = 8192

_TEXT = """
SELECT FROM WHERE INSERT INTO VALUE UPDATE SET REMOVE DELETE RETURNING ALL OLD NEW MODIFIED * ORDER BY DESC EXISTS
AND OR NOT IN BETWEEN IS NULL MISSING TRUE STRING LIKE LIMIT things "things" a b.c a[0] size( set_add( list_append(
contains( attribute_exists( ( ) [ ] { } << >> , : ; . ? = <> != < <= > >= + - 'x' 1 2.5e3 -- /* */ 'p': AS AT
"""
_WORDS = _TEXT.split()

_statements = st.one_of(
    st.text(max_size=80),
    st.lists(st.sampled_from(_WORDS), max_size=25).map(" ".join),
    st.lists(st.sampled_from(_WORDS), max_size=12).map(lambda words: "SELECT * FROM things WHERE " + " ".join(words)),
    st.lists(st.sampled_from(_WORDS), max_size=12).map(
        lambda words: "UPDATE things SET a = " + " ".join(words) + " WHERE p = 1"
    ),
)
_parameters = st.lists(st.sampled_from([{"S": "x"}, {"N": "1"}, {"SS": ["a"]}, {"L": []}, {"BOOL": True}]), max_size=3)


def _read(text: str, parameters: Any = ()) -> None:
    try:
        statement_of(text, parameters, in_transaction=True)
    except (InvalidStatement, InvalidExpression) as error:
        refusal = refusal_of(error, text)
    else:
        return
    for wording in Wording:
        assert refusal.text(wording)


@given(_statements, _parameters)
def test_a_text_is_a_statement_or_has_a_fault(text: str, parameters: list[dict[str, Any]]) -> None:
    _read(text, parameters)


_SELECT = "SELECT * FROM things WHERE "
_DEEP = {
    "parentheses": (_SELECT, "(", "a = 1", ")"),
    "negations": (_SELECT, "NOT ", "a = 1", ""),
    "signs": (f"{_SELECT}a = ", "- ", "1", ""),
    "conjunctions": (f"{_SELECT}a = 1", " AND a = 1", "", ""),
    "comparisons": (_SELECT, "(", "a = 1", " = b)"),
    "lists": (f"{_SELECT}a = ", "[", "1", "]"),
    "tuples": (f"{_SELECT}a = ", "{'a': ", "1", "}"),
    "bags": (f"{_SELECT}a = ", "<<", "1", ">>"),
    "calls": (_SELECT, "size(", "a", ")"),
    "paths": (f"{_SELECT}a = b", ".c", "", ""),
    "positions": (f"{_SELECT}a = b", "[c", "", "]"),
    "options": (f"{_SELECT}a IN [1", ", 1", "]", ""),
    "columns": ("SELECT b", ", a.b", " FROM things", ""),
    "sums": ("UPDATE things SET a = 1", " + 1", " WHERE p = 1", ""),
    "assignments": ("UPDATE things SET a = 1", ", a.b = 1", " WHERE p = 1", ""),
    "removals": ("UPDATE things", " REMOVE a.b", " WHERE p = 1", ""),
    "selects": ("", "SELECT * FROM (", "a", ")"),
    "quotes": (f"{_SELECT}a = '", "''", "'", ""),
    "comments": (_SELECT, "/**/", "a = 1", ""),
    "unclosed comments": (_SELECT, "/*", "", ""),
    "digits": (f"{_SELECT}a = ", "9", "", ""),
    "zeros": (f"{_SELECT}a = 1e", "0", "", ""),
}


@pytest.mark.parametrize("kind", _DEEP)
def test_the_longest_statement_is_read_in_no_time(kind: str) -> None:
    start, opening, middle, closing = _DEEP[kind]
    count = (MAX_CHARACTERS - len(start) - len(middle)) // len(opening + closing)
    text = start + opening * count + middle + closing * count
    # Of this thread's own work: other tests and programs may hold the machine.
    started = time.thread_time()

    _read(text)

    # A tenth of it is usual; a text that takes more than linear time takes many seconds.
    assert time.thread_time() - started < 2


def test_a_thousand_parentheses_are_a_statement() -> None:
    text = f"{_SELECT}{'(' * 1000}a = 1{')' * 1000}"

    assert statement_of(text, ()) == statement_of(f"{_SELECT}a = 1", ())
