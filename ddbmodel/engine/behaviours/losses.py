"""Requests and answers that get lost, as the errors that stand in the place of an answer.

In the process the connection (`transport.embedded`) makes of them what it makes of a broken connection: reads and
transactions with a token are sent again, another write is `OutcomeUnknown`. A server closes the connection without a
word. The caller must not learn which of the two it was, since on a network nobody could tell.
"""

from __future__ import annotations

from ddbmodel.errors import DdbModelError

__all__ = ["AnswerLost", "RequestLost", "Unanswered"]


class Unanswered(DdbModelError):
    """No answer comes to a request; whoever stands between engine and caller lets the connection break."""

    retryable = True


class RequestLost(Unanswered):
    """The request never arrived: nothing was decided, nothing changed."""

    def __init__(self, operation: str) -> None:
        super().__init__(f"{operation}: the request got lost on its way, as this engine was told")


class AnswerLost(Unanswered):
    """The request was decided, and what it wrote is durable; the answer never comes."""

    def __init__(self, operation: str) -> None:
        super().__init__(f"{operation}: the answer got lost on its way, as this engine was told")
