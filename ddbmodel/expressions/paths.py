"""The document paths that a condition names."""

from __future__ import annotations

from collections.abc import Iterator

from ddbmodel.expressions.tree import (
    And,
    AttributeTest,
    Between,
    Changed,
    Comparison,
    Condition,
    In,
    Not,
    Operand,
    Or,
    Path,
    Size,
)

__all__ = ["paths_of"]


def paths_of(condition: Condition) -> Iterator[Path]:
    """Yield every path in a condition, from left to right, as often as it is named."""
    pending: list[Condition | Operand] = [condition]
    while pending:
        match pending.pop():
            case Path() as path:
                yield path
            case And(terms) | Or(terms):
                pending.extend(reversed(terms))
            case Not(term):
                pending.append(term)
            case Comparison(_, left, right):
                pending += (right, left)
            case Between(operand, low, high):
                pending += (high, low, operand)
            case In(operand, options):
                pending += (*reversed(options), operand)
            case AttributeTest(_, arguments):
                pending.extend(reversed(arguments))
            case Size(operand):
                pending.append(operand)
            case Changed(path, _, _):
                yield path
