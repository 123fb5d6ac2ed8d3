"""Other names for the tables of a statement; everything else stays as it is written, white space included."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Final

from ddbmodel.expressions.partiql.errors import InvalidStatement
from ddbmodel.expressions.partiql.tokens import Token, tokenize

__all__ = ["with_table_names"]

# A table stands behind these words and nowhere else: FROM t, INSERT INTO t, UPDATE t.
_BEFORE_A_TABLE: Final = frozenset({"from", "into", "update"})


def with_table_names(statement: str, rename: Callable[[str], str]) -> str:
    """Return a statement with its tables renamed, each in double quotes, so that any name will do.

    A statement that has no tokens is returned as it is: whoever reads it refuses it.
    """
    try:
        tokens = tokenize(statement)
    except InvalidStatement:
        return statement
    starts = _line_starts(statement)
    parts: list[str] = []
    end = 0
    for before, token in pairwise(tokens):
        if _is_word(before, _BEFORE_A_TABLE) and token.kind in ("name", "quoted"):
            start = starts[token.line - 1] + token.column - 1
            parts += [statement[end:start], _quoted(rename(token.text))]
            end = start + token.length
    return "".join([*parts, statement[end:]])


def _is_word(token: Token, words: frozenset[str]) -> bool:
    return token.kind == "keyword" and token.text in words


def _line_starts(text: str) -> list[int]:
    return [0, *(position + 1 for position, sign in enumerate(text) if sign == "\n")]


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
