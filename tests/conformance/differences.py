"""Where the engine and DynamoDB Local are known to answer differently, and why the engine is right.

A row names the operation, what both answered (a kind of success or an error type), a test on the request and the two
answers, and the source. The differential test takes such a case as agreed; anything else is a failure.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from canonical import canonical

__all__ = ["DIFFERENCES", "Answer", "Difference", "explained"]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a backend said: a response, or an error with its type, text, item and cancellation codes."""

    response: dict[str, Any] | None = None
    error: str | None = None
    message: str = ""
    item: dict[str, Any] | None = None
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Difference:
    """One known difference; `applies` gets the request, the engine's answer and DynamoDB Local's."""

    name: str
    operations: frozenset[str]
    applies: Callable[[dict[str, Any], Answer, Answer], bool]
    source: str


def explained(operation: str, request: dict[str, Any], ours: Answer, theirs: Answer) -> Difference | None:
    """Return the difference that explains two answers, or None."""
    for difference in DIFFERENCES:
        if operation in difference.operations and difference.applies(request, ours, theirs):
            return difference
    return None


def _says(answer: Answer, text: str) -> bool:
    return text in answer.message


DIFFERENCES: tuple[Difference, ...] = (
    Difference(
        "an update of an index key to another type is refused",
        frozenset({"UpdateItem", "TransactWriteItems"}),
        lambda _request, ours, theirs: (
            (_says(ours, "secondary index key to unsupported type") or "ValidationError" in ours.reasons)
            and theirs.error in (None, "ConditionalCheckFailedException")
        ),
        "The service answers ValidationException 'The update expression attempted to update the secondary index key "
        "to unsupported type' (AWS re:Post and captured answers); DynamoDB Local stores the item.",
    ),
    Difference(
        "an update that only removes does not create the item",
        frozenset({"UpdateItem", "TransactWriteItems"}),
        lambda request, ours, theirs: (
            ours.error is None and theirs.error is None and "REMOVE" in request.get("UpdateExpression", "")
        ),
        "Observed on the service by several emulators' authors; DynamoDB Local and moto create the item.",
    ),
    Difference(
        "UPDATED_OLD and UPDATED_NEW show only the nested paths that were touched",
        frozenset({"UpdateItem"}),
        lambda request, ours, theirs: (
            ours.error is None
            and theirs.error is None
            and not {"[", "."}.isdisjoint(request.get("UpdateExpression", ""))
            and str(request.get("ReturnValues")).startswith("UPDATED")
        ),
        "AWS API reference, UpdateItem ReturnValues: only the updated attributes, nested paths as touched; "
        "DynamoDB Local shows the whole top-level attribute.",
    ),
    Difference(
        "an update without an expression shows no updated attributes",
        frozenset({"UpdateItem"}),
        lambda request, ours, theirs: theirs.error == "InternalFailure" and "UpdateExpression" not in request,
        "DynamoDB Local fails with InternalFailure when it has no expression and UPDATED_NEW is asked for.",
    ),
    Difference(
        "a scan of an index refuses a filter on attributes that the index does not carry, as a query does",
        frozenset({"Scan"}),
        lambda _request, ours, theirs: _says(ours, "does not project one or more filter attributes"),
        "DynamoDB Local refuses it for Query with this text, and for Scan filters on the item of the table, which "
        "a global index of the service cannot see.",
    ),
    Difference(
        "a fault of an action cancels the transaction",
        frozenset({"TransactWriteItems", "TransactGetItems"}),
        lambda _request, ours, theirs: (
            ours.error == "TransactionCanceledException"
            and "ValidationError" in ours.reasons
            and theirs.error in ("ValidationException", "TransactionCanceledException")
        ),
        "The service answers TransactionCanceledException with the reason ValidationError for key shapes and "
        "updates that do not fit the item; DynamoDB Local answers ValidationException, or no reasons.",
    ),
    Difference(
        "an item of which nothing is projected is left out of TransactGetItems",
        frozenset({"TransactGetItems"}),
        lambda request, ours, theirs: (
            ours.error is None
            and theirs.error is None
            and canonical(ours.response)
            == canonical(
                {
                    **(theirs.response or {}),
                    "Responses": [
                        {} if read == {"Item": {}} else read for read in (theirs.response or {})["Responses"]
                    ],
                }
            )
        ),
        "Captured on the service; DynamoDB Local answers an empty Item.",
    ),
    Difference(
        "an update of a key attribute is refused before the condition is looked at",
        frozenset({"UpdateItem"}),
        lambda _request, ours, theirs: (
            _says(ours, "This attribute is part of the key") and theirs.error == "ConditionalCheckFailedException"
        ),
        "The service checks keys against the schema before it evaluates anything (order of checks, captured).",
    ),
    Difference(
        "a request that cannot be is refused before its table is looked up",
        frozenset({"GetItem"}),
        lambda _request, ours, theirs: (
            ours.error == "ValidationException" and theirs.error == "ResourceNotFoundException"
        ),
        "The service checks values and expressions before it looks up the table (order of checks, captured).",
    ),
    Difference(
        "two actions on one item are refused before any action is tried",
        frozenset({"TransactWriteItems"}),
        lambda _request, ours, theirs: _says(ours, "cannot include multiple operations on one item"),
        "The service looks for repeated targets before tables and items (order of checks, captured); DynamoDB Local "
        "tries the actions first, and forgets a ConditionCheck beside a write.",
    ),
    Difference(
        "a page can start at the bound of the sort key condition",
        frozenset({"Query"}),
        lambda request, ours, theirs: (
            ours.error is None
            and _says(theirs, "does not match the range key predicate")
            and not {"<=", ">=", "BETWEEN", " = :q"}.isdisjoint(
                word for word in ("<=", ">=", "BETWEEN", " = :q") if word in request["KeyConditionExpression"]
            )
        ),
        "A page with a Limit may end exactly at the bound and its LastEvaluatedKey must be usable; DynamoDB Local "
        "refuses it.",
    ),
    Difference(
        "a page that its limit ends at the bound of the sort key condition names where it ended",
        frozenset({"Query"}),
        lambda request, ours, theirs: (
            "Limit" in request
            and ours.error is None
            and theirs.error is None
            and canonical({**(ours.response or {}), "LastEvaluatedKey": None})
            == canonical({**(theirs.response or {}), "LastEvaluatedKey": None})
            and "LastEvaluatedKey" not in (theirs.response or {})
        ),
        "The counterpart: DynamoDB Local knows that nothing lies behind an inclusive bound and ends the pages there.",
    ),
    Difference(
        "a fault of the request comes before a fault of an action",
        frozenset({"TransactWriteItems", "TransactGetItems"}),
        lambda _request, ours, theirs: (
            ours.error == "ValidationException"
            and theirs.error == "TransactionCanceledException"
            and set(theirs.reasons) <= {"ValidationError", "None"}
        ),
        "The service checks every action's expressions and empty key values before it looks at any table (order of "
        "checks, captured); DynamoDB Local stops at the first action that it cannot carry out.",
    ),
    Difference(
        "size() of a text counts UTF-8 bytes",
        frozenset({"Query", "Scan", "PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems"}),
        lambda request, ours, theirs: "size(" in json.dumps(request) and "\u00e9" in repr((ours, theirs)),
        "DynamoDB Local counts UTF-16 units, as Java does; the developer guide only says 'the length of the string'. "
        "Not settled against the service.",
    ),
)
