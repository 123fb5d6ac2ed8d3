"""TransactGetItems and TransactWriteItems as wholes; what is wrong with one action has the texts of that action."""

from __future__ import annotations

from typing import Final

from ddbmodel.engine.messages.message import Message

__all__ = ["CANCELLED", "MANY_KINDS", "NO_KIND", "ONE_ITEM_TWICE", "OTHER_PARAMETERS", "TOO_LARGE"]

_CAPTURED: Final = "captured on the service, 2026, us-east-1"

CANCELLED: Final = Message(
    "Transaction cancelled, please refer cancellation reasons for specific reasons [{codes}]",
    _CAPTURED,
    code="TransactionCanceledException",
)
ONE_ITEM_TWICE: Final = Message("Transaction request cannot include multiple operations on one item", _CAPTURED)
OTHER_PARAMETERS: Final = Message(
    "Failed to satisfy constraint: A request with the same client request token but different parameters was already "
    "carried out",
    "the code is captured on the service, 2026; the text is ours",
    code="IdempotentParameterMismatchException",
)
MANY_KINDS: Final = Message(
    "TransactItems can only contain one of Check, Put, Update or Delete", "tests of moto; DynamoDB Local 1.25.1"
)
NO_KIND: Final = Message(
    "Invalid Request: TransactWriteRequest should contain Delete or Put or Update request", "DynamoDB Local 1.25.1"
)
TOO_LARGE: Final = Message(
    "Collection size of items exceeded, which can also be caused by the aggregate size of the items in the "
    "transaction exceeding the 4MB limit",
    "quoted as the service's answer",
)
