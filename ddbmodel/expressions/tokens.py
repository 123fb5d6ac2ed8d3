"""Text to tokens, and the service's way of pointing at the one that does not fit."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from ddbmodel.expressions.errors import InvalidExpression

__all__ = ["Token", "TokenKind", "syntax_error", "tokenize"]

TokenKind: TypeAlias = Literal["word", "name_ref", "value_ref", "number", "symbol", "end"]


@dataclass(frozen=True, slots=True)
class Token:
    """One token and where it stands; `text` of the end is ``<EOF>``, as the service calls it."""

    kind: TokenKind
    text: str
    start: int
    end: int


# A number has no leading zero, so `01` is two tokens and a syntax error, as it is for the service.
_TOKEN: Final = re.compile(
    r"""\s*(?:
        (?P<word>[A-Za-z][A-Za-z0-9_]*)
      | (?P<name_ref>\#[A-Za-z0-9_]+)
      | (?P<value_ref>:[A-Za-z0-9_]+)
      | (?P<number>0|[1-9][0-9]*)
      | (?P<symbol><>|<=|>=|\S)
      | (?P<end>\Z)
    )""",
    re.VERBOSE,
)


def tokenize(text: str) -> list[Token]:
    """Return the tokens of a text, the end included; every text has tokens, whether they mean something or not."""
    tokens: list[Token] = []
    for match in _TOKEN.finditer(text):
        kind: TokenKind = match.lastgroup  # type: ignore[assignment]  # the pattern's groups are the kinds
        if kind == "end":
            break
        tokens.append(Token(kind, match[kind], match.start(kind), match.end(kind)))
    tokens.append(Token("end", "<EOF>", len(text), len(text)))
    return tokens


def syntax_error(text: str, tokens: Sequence[Token], position: int) -> InvalidExpression:
    """Return the error for the token at a position: it, and the text from the token before to the one after."""
    start = tokens[position - 1].start if position else 0
    end = tokens[min(position + 1, len(tokens) - 1)]
    if position and tokens[position].kind == "end":
        return InvalidExpression(f'Syntax error; token: "<EOF>", near: "{text[start:]}"')
    near = text[start : end.end if end.kind != "end" else tokens[position].end]
    return InvalidExpression(f'Syntax error; token: "{tokens[position].text}", near: "{near or text}"')
