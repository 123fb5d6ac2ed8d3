"""When a request may be sent again, and how long to wait before: pure, the caller sleeps.

| what happened | a read | a write | a transaction with a token |
|---|---|---|---|
| throttled: nothing was done | again | again | again |
| no connection: nothing was sent | again | again | again |
| no answer, or a failure inside the service | again | never: it may have happened | again, the token makes it one |
"""

from __future__ import annotations

from typing import Final

from ddbmodel.errors import DdbModelError, OutcomeUnknown, service_error
from ddbmodel.transport.executor import Request

__all__ = ["MAX_ATTEMPTS", "full_jitter_delay_s", "is_read", "is_repeatable", "unanswered"]

MAX_ATTEMPTS: Final = 8

_READS: Final = frozenset(
    {
        "BatchGetItem",
        "GetItem",
        "GetRecords",
        "GetShardIterator",
        "Query",
        "Scan",
        "SearchVectors",
        "TransactGetItems",
    }
)

_TRANSACTIONS: Final = frozenset({"TransactWriteItems", "ExecuteTransaction"})
_STATEMENTS: Final = frozenset({"ExecuteStatement", "BatchExecuteStatement"})


def is_read(operation: str) -> bool:
    """Return whether an operation changes nothing; an unknown one is taken for a write."""
    return operation in _READS or operation.startswith(("Describe", "List"))


def is_repeatable(operation: str, request: Request) -> bool:
    """Return whether a request can be sent again although the first may have been carried out."""
    if operation in _TRANSACTIONS:
        return "ClientRequestToken" in request
    return is_read(operation) or (operation in _STATEMENTS and _only_selects(request))


def full_jitter_delay_s(attempt: int, unit_random: float, *, first_s: float = 0.025, longest_s: float = 5.0) -> float:
    """Return the pause before the next attempt: anything up to a limit that doubles each time.

    Args:
        attempt: how many attempts failed so far, 1 or more.
        unit_random: a random number in [0, 1).
    """
    limit_s: float = min(longest_s, first_s * 2.0 ** min(attempt - 1, 20))
    return limit_s * unit_random


def unanswered(operation: str, cause: Exception, *, nothing_was_sent: bool = False) -> DdbModelError:
    """Return the error of a request that got no answer and is not sent again."""
    if nothing_was_sent or is_read(operation):
        return service_error("ServiceUnavailable", f"{operation} got no answer: {cause}")
    return OutcomeUnknown(
        f"{operation} was sent and no answer came ({type(cause).__name__}); it may or may not have happened: "
        "read the item before writing again"
    )


def _only_selects(request: Request) -> bool:
    statements = request.get("Statements", [request])
    return all(str(each.get("Statement", "")).lstrip()[:6].lower() == "select" for each in statements)
