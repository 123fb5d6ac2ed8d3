"""From the body of a statement to the statement: its parameters first, then its text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ddbmodel.engine.messages import partiql as messages
from ddbmodel.engine.messages import values
from ddbmodel.engine.messages.message import Refusal, refused
from ddbmodel.engine.validation.attribute_values import canonical_value
from ddbmodel.expressions.errors import InvalidExpression
from ddbmodel.expressions.partiql.decimals import has_32_bit_scale
from ddbmodel.expressions.partiql.errors import InvalidStatement
from ddbmodel.expressions.partiql.statements import Statement, statement_of
from ddbmodel.values.numbers import NumberError, canonical_number
from ddbmodel.values.wire import AttributeValue

__all__ = ["checked_parameters", "prepared", "refusal_of"]


def checked_parameters(body: Mapping[str, Any]) -> list[AttributeValue]:
    """Return the parameters of a statement as they would be kept; a `Refusal` when one cannot be."""
    return [_checked(value) for value in body.get("Parameters") or ()]


def prepared(body: Mapping[str, Any], parameters: list[AttributeValue], *, in_transaction: bool = False) -> Statement:
    """Return the statement of a body.

    Raises:
        Refusal: its text is no statement, or one that cannot be whatever is stored.
    """
    text = body["Statement"]
    try:
        return statement_of(text, parameters, in_transaction=in_transaction)
    except (InvalidStatement, InvalidExpression) as error:
        raise refusal_of(error, text) from None


def refusal_of(error: InvalidStatement | InvalidExpression, text: str) -> Refusal:
    """Return the refusal of a statement for what is wrong with its text."""
    if isinstance(error, InvalidStatement):
        return Refusal(messages.STATEMENT_FAULTS[error.fault], {**error.values, "statement": text})
    return refused(messages.EXPRESSION, text=error.message)


def _checked(value: Any) -> AttributeValue:
    try:
        return canonical_value(value)
    except Refusal as refusal:
        if refusal.message in (values.NUMBER_OVERFLOW, values.NUMBER_UNDERFLOW, values.NUMBER_WRAPS):
            number = next(text for text in _numbers(value) if _is_out_of_range(text))
            if not has_32_bit_scale(number):
                # Here the service reads numbers as Java does, whose exponents have 32 bits.
                raise refused(values.NOT_A_NUMBER, text=number) from None
        raise


def _numbers(value: Any) -> Iterator[str]:
    """Every number in a value, in the order in which they are written."""
    pending = [value]
    while pending:
        outer = pending.pop()
        for tag, inner in outer.items():
            if tag == "N":
                yield inner
            elif tag == "NS":
                yield from inner
            elif tag in ("L", "M"):
                pending.extend(reversed(inner if tag == "L" else list(inner.values())))


def _is_out_of_range(text: str) -> bool:
    try:
        canonical_number(text)
    except NumberError as error:
        return error.fault != "precision"
    return False
