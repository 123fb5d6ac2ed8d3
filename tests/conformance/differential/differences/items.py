"""Differences in what becomes of items: one side refuses, or does, what the other does not."""

from __future__ import annotations

import json

from differential.backends import Answer
from differential.differences.difference import AnswerDifference, Difference

__all__ = ["ITEM_DIFFERENCES"]

_TRANSACTIONS = frozenset({"TransactWriteItems", "TransactGetItems", "ExecuteTransaction"})
_IN_THE_TABLE = "each text has its source beside it, in `ddbmodel/engine/messages/`"

_EVALUATIONS = (
    "The provided expression refers to an attribute",
    "The document path provided in the update",
    "An operand in the update expression",
)


def _says(answer: Answer, *texts: str) -> bool:
    said = " ".join([answer.message, *(message for _, message, _ in answer.reasons)])
    return any(text in said for text in texts)


def _codes(answer: Answer) -> set[str]:
    return {code for code, _, _ in answer.reasons}


ITEM_DIFFERENCES: tuple[Difference, ...] = (
    AnswerDifference(
        name="an update of an index key to another type is refused",
        local="stores the item, without an entry in the index",
        service="answers 'The update expression attempted to update the secondary index key to unsupported type'",
        source="AWS re:Post, and answers captured on the service",
        operations=frozenset({"UpdateItem", "TransactWriteItems", "ExecuteStatement", "ExecuteTransaction"}),
        applies=lambda _request, ours, theirs: (
            _says(ours, "secondary index key to unsupported type", "Type mismatch for Index Key")
            and theirs.error in (None, "ConditionalCheckFailedException", "TransactionCanceledException")
        ),
    ),
    AnswerDifference(
        name="an update that removes the key of an index from an item that has none is taken",
        local="refuses a legacy DELETE of a set from an index key by the type of the set",
        service="not settled; nothing is written to the key",
        source="API reference, AttributeUpdates: DELETE of an attribute that is not there does nothing",
        takes="that nothing is written",
        operations=frozenset({"UpdateItem"}),
        applies=lambda request, ours, theirs: (
            ours.error is None
            and "AttributeUpdates" in request
            and _says(theirs, "Updates on index keys", "Invalid attribute value type")
        ),
    ),
    AnswerDifference(
        name="an enumeration is checked everywhere",
        local="takes any value for some enumerations, and reads what it does not know as none",
        service="refuses what is not in it, before all else",
        source=_IN_THE_TABLE,
        applies=lambda _request, ours, theirs: _says(ours, "satisfy enum value set"),
    ),
    AnswerDifference(
        name="constraints of members are checked everywhere",
        local="takes empty lists, names, tokens and limits where it has no use for them",
        service="refuses what is too short, too long, too small or missing, before all else",
        source=_IN_THE_TABLE,
        applies=lambda _request, ours, theirs: (
            ours.error == "ValidationException" and "validation error" in ours.message and "constraint" in ours.message
        ),
    ),
    AnswerDifference(
        name="a fault of an action cancels the transaction",
        local="answers ValidationException for the whole, or TransactionCanceledException without reasons",
        service="answers TransactionCanceledException with the reason ValidationError at the action",
        source=_IN_THE_TABLE,
        operations=_TRANSACTIONS,
        applies=lambda _request, ours, theirs: (
            ours.error == "TransactionCanceledException"
            and "ValidationError" in _codes(ours)
            and (theirs.error == "ValidationException" or not theirs.reasons)
        ),
    ),
    AnswerDifference(
        name="keys are checked before conditions",
        local="evaluates the conditions of all actions although the key of one does not fit",
        service="checks keys against the schema before it evaluates anything",
        source="answers captured on the service (order of checks)",
        operations=_TRANSACTIONS,
        applies=lambda _request, ours, theirs: (
            ours.error == theirs.error == "TransactionCanceledException" and "ValidationError" in _codes(ours)
        ),
    ),
    AnswerDifference(
        name="a fault of the request comes before a fault of an action",
        local="stops at the first action that it cannot carry out",
        service="checks values, names and expressions of every action, then repeated targets, tables and items",
        source="answers captured on the service (order of checks)",
        operations=_TRANSACTIONS,
        applies=lambda _request, ours, theirs: (
            ours.error in ("ValidationException", "ResourceNotFoundException")
            and theirs.error in ("TransactionCanceledException", "ResourceNotFoundException", "ValidationException")
            and (ours.error != theirs.error or _says(theirs, *_EVALUATIONS))
        ),
    ),
    AnswerDifference(
        name="two actions of a transaction may not be on one item",
        local="forgets a ConditionCheck beside a write, and compares numbers as they are written",
        service="refuses the transaction",
        source="API reference, TransactWriteItems: cannot target the same item",
        operations=_TRANSACTIONS,
        applies=lambda _request, ours, theirs: _says(ours, "cannot include multiple operations on one item"),
    ),
    AnswerDifference(
        name="keys that are equal as numbers are repeated keys",
        local="compares numbers as they are written: 1 and 1.0 are two keys to it",
        service="keys are values: 1.0 is 1",
        source="developer guide, Number: 1 and 1.0 are one number; captured for the items of a table",
        operations=frozenset({"BatchGetItem", "BatchWriteItem", "BatchExecuteStatement"}),
        applies=lambda _request, ours, theirs: _says(ours, "contains duplicates") and theirs.error is None,
    ),
    AnswerDifference(
        name="a scan of an index refuses a filter on attributes that the index does not carry, as a query does",
        local="filters on the item of the table, which a global index cannot see",
        service="refuses it",
        source="answers captured on the service for Query; for Scan not settled",
        takes="that of Query",
        operations=frozenset({"Scan", "ExecuteStatement"}),
        applies=lambda _request, ours, theirs: _says(ours, "does not project one or more filter attributes"),
    ),
    AnswerDifference(
        name="a query of one item cannot be restarted",
        local="takes the start key and finds nothing",
        service="refuses it: 'The query can return at most one row and cannot be restarted'",
        source="each text has its source beside it, in `ddbmodel/engine/messages/`",
        operations=frozenset({"Query"}),
        applies=lambda _request, ours, theirs: _says(ours, "cannot be restarted", "starting key is invalid"),
    ),
    AnswerDifference(
        name="a page can start at the bound of the sort key condition",
        local="refuses the start key, although a page with a limit may end there",
        service="takes what it answered as LastEvaluatedKey",
        source="developer guide, 'Paginating table query results'",
        operations=frozenset({"Query"}),
        applies=lambda _request, ours, theirs: (
            ours.error is None and _says(theirs, "does not match the range key predicate")
        ),
    ),
    AnswerDifference(
        name="a partition key that is too long is refused in a key condition",
        local="finds nothing by it, but refuses a sort key that is too long",
        service="refuses the partition key; the sort key is not settled",
        source=_IN_THE_TABLE,
        takes="that a sort key of any length can be asked for",
        operations=frozenset({"Query", "ExecuteStatement"}),
        applies=lambda _request, ours, theirs: (
            _says(ours, "Size of hashkey has exceeded the") or _says(theirs, "Aggregated size of all range keys")
        ),
    ),
    AnswerDifference(
        name="an update makes no key of an index too long",
        local="holds the keys of indexes against their limits in puts only",
        service="refuses it in a put: 'Size limit exceeded for Index Key'; of an update not settled",
        source="errors of the service quoted in public issues; see messages/keys.py",
        takes="that of a put",
        operations=frozenset({"UpdateItem", "TransactWriteItems"}),
        applies=lambda _request, ours, theirs: (
            _says(ours, "Size limit exceeded for Index Key")
            and theirs.error in (None, "ConditionalCheckFailedException")
        ),
    ),
    AnswerDifference(
        name="entries of an index with equal keys are in the order of their table keys",
        local="orders them otherwise, and starts pages there",
        service="not settled; every entry is in exactly one page",
        source="developer guide, Query: items with the same partition key are in the order of the sort key",
        takes="table keys",
        operations=frozenset({"Query", "Scan"}),
        applies=lambda request, ours, theirs: (
            ours.error is None and theirs.error is None and "IndexName" in request and "ExclusiveStartKey" in request
        ),
    ),
    AnswerDifference(
        name="a scan of an index filters what the index carries",
        local="filters on the item of the table",
        service="a global index carries what is projected into it",
        source="developer guide, 'Attribute projections'",
        operations=frozenset({"Scan"}),
        applies=lambda request, ours, theirs: (
            ours.error is None
            and theirs.error is None
            and "IndexName" in request
            and not {"FilterExpression", "ScanFilter"}.isdisjoint(request)
        ),
    ),
    AnswerDifference(
        name="a word that is reserved is refused, whatever it means to the grammar",
        local="takes SIZE as a name in an update",
        service="lists SIZE among the reserved words",
        source="developer guide, 'Reserved words in DynamoDB'",
        applies=lambda _request, ours, theirs: _says(ours, "reserved keyword: size"),
    ),
    AnswerDifference(
        name="size() of a text counts UTF-8 bytes",
        local="counts UTF-16 units, as Java does",
        service="not settled; the developer guide says 'the length of the string'",
        source="developer guide, 'Comparison operator and function reference'",
        takes="bytes, as items are measured",
        applies=lambda request, ours, theirs: (
            "size(" in json.dumps(request)
            and any(letter in repr((request, ours, theirs)) for letter in "\u00e9\U0001f600")
        ),
    ),
    AnswerDifference(
        name="updated attributes are shown as they were touched",
        local="shows the whole attribute when a nested path was updated",
        service="shows only the updated attributes, nested paths as touched",
        source="API reference, UpdateItem, ReturnValues",
        operations=frozenset({"UpdateItem"}),
        applies=lambda request, ours, theirs: (
            ours.error is None
            and theirs.error is None
            and str(request.get("ReturnValues")).startswith("UPDATED")
            and not {".", "["}.isdisjoint(request.get("UpdateExpression", ""))
        ),
    ),
)
