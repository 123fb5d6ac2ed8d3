"""What every condition of a request must be, checked before any I/O."""

from __future__ import annotations

from ddbmodel.errors import InvalidRequest
from ddbmodel.expressions.check import check_condition as check_tree
from ddbmodel.expressions.errors import InvalidExpression
from ddbmodel.expressions.tree import And, Changed, Condition, Not, Or

__all__ = ["check_condition"]


def check_condition(where: str, condition: object) -> None:
    """Raise `InvalidRequest` for what is no condition, or one that no request can carry.

    Args:
        where: what messages start with, the name of a model or index.
    """
    if not isinstance(condition, Condition):
        # A comparison whose left side is no attribute of a class is Python's own, a bool.
        raise InvalidRequest(
            f"{where}: a condition is built from attributes of a model, as in Score.points > 100; got a "
            f"{type(condition).__name__}"
        )
    pending = [condition]
    while pending:
        match pending.pop():
            case And(terms) | Or(terms):
                pending.extend(terms)
            case Not(term):
                pending.append(term)
            case Changed():
                raise InvalidRequest(
                    f"{where}: changed() compares two images of an item, so it is for stream filters only"
                )
    try:
        check_tree(condition)
    except InvalidExpression as error:
        raise InvalidRequest(f"{where}: {error.message}") from None
