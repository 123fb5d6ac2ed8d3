"""What every condition of a request must be, checked before any I/O."""

from __future__ import annotations

from ddbmodel.errors import InvalidRequest
from ddbmodel.expressions.check import check_condition as check_tree
from ddbmodel.expressions.errors import InvalidExpression
from ddbmodel.expressions.paths import paths_of
from ddbmodel.expressions.tree import And, Changed, Condition, Not, Or
from ddbmodel.model import Model, schema_of

__all__ = ["check_condition", "check_stored"]


def check_condition(where: str, condition: object, model: type[Model] | None = None) -> None:
    """Raise `InvalidRequest` for what is no condition, or one that no request can carry.

    Args:
        where: what messages start with, the name of a model or index.
        model: whose items the service looks at; None where it is not the service that does.
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
    if model is not None and schema_of(model).not_stored:
        for path in paths_of(condition):
            check_stored(where, model, str(path.steps[0]))


def check_stored(where: str, model: type[Model], attribute: str) -> None:
    """Raise `InvalidRequest` for what the service cannot look at, since it stands only in the text of a key."""
    key = schema_of(model).not_stored.get(attribute)
    if key is not None:
        raise InvalidRequest(
            f"{where}: {attribute!r} is not stored by itself (stored=False) but read from the key {key!r}; give it to "
            "db.query or to the key, or look at it in the results"
        )
