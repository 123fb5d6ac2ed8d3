"""Text to tokens: names, keywords, literals and signs, each with the place where it stands.

| token | written |
|---|---|
| name | ``a_b1``, ``$x``; any case, kept as written; a keyword is no name |
| quoted name | ``"any text"``, ``""`` for a quote in it |
| text | ``'any text'``, ``''`` for an apostrophe in it |
| number | ``1``, ``1.``, ``1.5``, ``.5``, ``15e-1`` |
| comment | ``-- to the end of the line``, ``/* … */``: as white space |

A text that has no tokens is refused without a word about where: the service says nothing after its colon.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal, NoReturn, TypeAlias

from ddbmodel.expressions.partiql.decimals import has_32_bit_scale
from ddbmodel.expressions.partiql.errors import InvalidStatement

__all__ = ["KEYWORDS", "Token", "TokenKind", "tokenize"]

TokenKind: TypeAlias = Literal["name", "quoted", "keyword", "text", "number", "ion", "sign", "end"]

# Which words are keywords was asked of DynamoDB Local, word by word, out of SQL-92's and the service's reserved words.
_KEYWORDS: Final = """
absolute action add all allocate alter and any are as asc assertion at authorization avg bag begin between bit
bit_length blob bool boolean by cascade cascaded case cast catalog char char_length character character_length
check clob close coalesce collate collation column commit conflict connect connection constraint constraints
continue convert corresponding count create cross current current_date current_time current_timestamp current_user
cursor date date_add date_diff deallocate dec decimal declare default deferrable deferred delete desc describe
descriptor diagnostics disconnect distinct do domain double drop else end escape except exception exec execute
exists external extract false fetch first float for foreign found from full get global go goto grant group having
identity immediate in index indicator initially inner input insensitive insert int int4 int8 integer intersect
interval into is isolation join key language last left let level like limit list local lower match max min missing
modified module names national natural nchar new next no not nothing null nullif numeric octet_length of old on
only open option or order outer output overlaps pad partial pivot position precision prepare preserve primary prior
privileges procedure public read real references relative remove restrict returning revoke right rollback rows
schema scroll section select session session_user set sexp size smallint some space sql sqlcode sqlerror sqlstate
string struct substring sum symbol system_user table temporary then time timestamp to transaction translate
translation trim true tuple union unique unknown unpivot update upper usage user using value values varchar varying
view when whenever where with work write zone
"""
KEYWORDS: Final = frozenset(_KEYWORDS.split())


@dataclass(frozen=True, slots=True)
class Token:
    """One token; `text` is its meaning: quotes are gone, a keyword is in lower case, a number has its sign."""

    kind: TokenKind
    text: str
    line: int
    column: int
    length: int

    @property
    def at(self) -> str:
        """Where it stands, as messages end: line and column count from 1."""
        return f" at {self.line}:{self.column}:{self.length}"


_TOKEN: Final = re.compile(
    r"""
      (?P<space>(?:\s|--[^\n\r]*|/\*.*?\*/)+)
    | (?P<word>[A-Za-z_$][A-Za-z0-9_$]*)
    | (?P<number>(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]*)?)
    | (?P<text>'(?:[^']|'')*')
    | (?P<quoted>"(?:[^"]|"")*")
    | (?P<ion>`[^`]*`)
    | (?P<sign><<|>>|<=|>=|<>|!=|\|\||[-+*%=<>@?.,()\[\]{}:;]|/(?!\*))
    """,
    re.VERBOSE | re.DOTALL,
)


def tokenize(text: str) -> list[Token]:
    """Return the tokens of a statement, the end included.

    Raises:
        InvalidStatement: a character, comment, quote or number that no token starts or ends with.
    """
    tokens: list[Token] = []
    position, line, line_start = 0, 1, 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            _unreadable()
        written = match[0]
        place = line, position - line_start + 1, len(written)
        match match.lastgroup:
            case "word":
                word = written.lower()
                tokens.append(Token("keyword", word, *place) if word in KEYWORDS else Token("name", written, *place))
            case "number":
                if not has_32_bit_scale(written):
                    _unreadable()
                tokens.append(Token("number", written, *place))
            case "text":
                tokens.append(Token("text", written[1:-1].replace("''", "'"), *place))
            case "quoted":
                tokens.append(Token("quoted", written[1:-1].replace('""', '"'), *place))
            case "ion":
                tokens.append(Token("ion", written[1:-1], *place))
            case "sign":
                tokens.append(Token("sign", written, *place))
        if "\n" in written:
            line += written.count("\n")
            line_start = position + written.rindex("\n") + 1
        position = match.end()
    tokens.append(Token("end", "", line, position - line_start + 1, 0))
    return tokens


def _unreadable() -> NoReturn:
    raise InvalidStatement("syntax", detail="")
