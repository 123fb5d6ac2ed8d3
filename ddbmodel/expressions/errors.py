"""What can be wrong with an expression, in the service's own words."""

from __future__ import annotations

__all__ = ["InvalidExpression", "UpdateNotApplicable"]


class InvalidExpression(Exception):
    """A fault that no item can mend: syntax, names, operand types, limits.

    Attributes:
        message: the service's text without the ``Invalid …Expression: `` in front, which only the request knows.
        is_whole: the service puts nothing in front of this text.
    """

    def __init__(self, message: str, *, is_whole: bool = False) -> None:
        super().__init__(message)
        self.message = message
        self.is_whole = is_whole


class UpdateNotApplicable(Exception):
    """An update is well formed and does not fit the item it met.

    Attributes:
        message: the service's whole text.
        is_of_type: an operand has the wrong type, of which an update without an expression says it otherwise.
    """

    def __init__(self, message: str, *, is_of_type: bool = False) -> None:
        super().__init__(message)
        self.message = message
        self.is_of_type = is_of_type
