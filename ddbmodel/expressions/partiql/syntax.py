"""The syntax tree of a statement: what was written, before anyone asks what it means.

| kind | text | parts |
|---|---|---|
| name, text, number, word, parameter, ion | the token's; of a parameter its number | |
| path | | the root, then dot, index, wildcard and unpivot steps |
| list, bag, struct | | the members; of a struct key, value, key, value … |
| call | the function, in lower case | the arguments |
| unary, binary | the operator | the operands |
| between | | operand, low, high |
| is | the type | the operand |
| alias, all | | what is renamed; of ``*`` nothing |
| select, insert, update, delete, dml, other | see `parse.py` | |

A negated ``IN``, ``BETWEEN``, ``IS`` is the unary ``not`` of the plain one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from ddbmodel.expressions.partiql.tokens import Token

__all__ = ["Node", "fold"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """One node; `token` is the one that messages point at."""

    kind: str
    token: Token
    text: str = ""
    parts: tuple[Node, ...] = ()
    clauses: dict[str, Node] = field(default_factory=dict)
    """Of a statement: its clauses by name."""

    @property
    def at(self) -> str:
        """Where it stands, as messages end."""
        return self.token.at


def fold(root: Node, parts: Callable[[Node], Sequence[Node]], combine: Callable[[Node, list[T]], T]) -> T:
    """Return what `combine` makes of a node and of what it made of its parts, from left to right, without recursion."""
    done: list[T] = []
    pending: list[tuple[Node, int]] = [(root, -1)]
    while pending:
        node, count = pending.pop()
        if count < 0:
            inner = parts(node)
            pending.append((node, len(inner)))
            pending.extend((part, -1) for part in reversed(inner))
        else:
            first = len(done) - count
            made = done[first:]
            del done[first:]
            done.append(combine(node, made))
    return done[0]
