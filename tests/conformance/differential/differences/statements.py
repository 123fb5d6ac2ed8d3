"""Differences in answers to PartiQL."""

from __future__ import annotations

import json
from typing import Any

from differential.agreement import levelled
from differential.backends import Answer
from differential.differences.difference import AnswerDifference, Difference

__all__ = ["STATEMENT_DIFFERENCES"]

_ALL = frozenset({"ExecuteStatement", "BatchExecuteStatement", "ExecuteTransaction"})


def _deletes(request: dict[str, Any]) -> bool:
    return "DELETE FROM" in json.dumps(request)


def _codes(answer: Answer) -> list[str]:
    return [code for code, _, _ in answer.reasons]


STATEMENT_DIFFERENCES: tuple[Difference, ...] = (
    AnswerDifference(
        name="an INSERT of a key that is there is a DuplicateItemException",
        local="answers an error of the type DuplicateItem, or ConditionalCheckFailedException with the item",
        service="answers DuplicateItemException",
        source="API reference, ExecuteStatement, errors",
        operations=_ALL,
        applies=lambda _request, ours, theirs: ours.error == "DuplicateItemException",
    ),
    AnswerDifference(
        name="an INSERT of a key that is there is the reason DuplicateItem of a transaction",
        local="gives the reason ValidationError",
        service="gives the reason DuplicateItem",
        source="API reference, TransactionCanceledException, codes",
        operations=frozenset({"ExecuteTransaction"}),
        applies=lambda _request, ours, theirs: (
            ours.error == theirs.error == "TransactionCanceledException" and "DuplicateItem" in _codes(ours)
        ),
    ),
    AnswerDifference(
        name="a condition on a key of another type finds nothing",
        local="refuses the statement when a key of the table or of an index is compared with another type",
        service="refuses it for the keys of what is read; for others not settled",
        source="each text has its source beside it, in `ddbmodel/engine/messages/`",
        takes="that other attributes can be of any type",
        operations=frozenset({"ExecuteStatement"}),
        applies=lambda _request, ours, theirs: (
            "Condition parameter type does not match" in theirs.message and ours.error in (None, "ValidationException")
        ),
    ),
    AnswerDifference(
        name="an empty text is no key, but may begin one",
        local="refuses begins_with with an empty text on a key",
        service="not settled for statements",
        source="every text begins with the empty text",
        takes="that it is a filter",
        operations=frozenset({"ExecuteStatement"}),
        applies=lambda _request, ours, theirs: ours.error is None and "cannot contain an empty" in theirs.message,
    ),
    AnswerDifference(
        name="a batch that is refused does nothing",
        local="has carried out some of its statements when it finds a key repeated",
        service="refuses the batch before it carries out any",
        source="API reference, BatchExecuteStatement",
        operations=frozenset({"BatchExecuteStatement"}),
        applies=lambda _request, ours, theirs: "contains duplicates" in theirs.message,
    ),
    AnswerDifference(
        name="a statement that changes a key is refused whatever the item is",
        local="evaluates the condition first",
        service="answers 'Cannot update attribute sk. This attribute is part of the key'",
        source="answers captured on the service (order of checks)",
        operations=_ALL,
        applies=lambda _request, ours, theirs: "part of the key" in ours.message,
    ),
    AnswerDifference(
        name="literals of a statement are read before it is understood",
        local="counts parameters and looks at conditions first",
        service="not settled for statements with several faults",
        source="no capture of such a statement",
        takes="the literals",
        operations=_ALL,
        applies=lambda _request, ours, theirs: (
            theirs.error == "ValidationException"
            and any(text in ours.message for text in ("Unsupported data type: ", "Path component cannot be"))
        ),
    ),
    AnswerDifference(
        name="a statement that cannot be is refused in a batch too",
        local="ignores parameters that are too many, and reads the table when the index is not there",
        service="answers an error for the statement, as ExecuteStatement does for it alone",
        source="each text has its source beside it, in `ddbmodel/engine/messages/`",
        operations=frozenset({"BatchExecuteStatement"}),
        applies=lambda _request, ours, theirs: (
            ours.error is None
            and theirs.error is None
            and all(
                levelled("", {}, one) == levelled("", {}, other)
                or any(text in str(one.get("Error")) for text in ("Number of parameters", "specified index"))
                for one, other in zip(
                    (ours.response or {})["Responses"], (theirs.response or {})["Responses"], strict=True
                )
            )
        ),
    ),
    AnswerDifference(
        name="an order needs the partition",
        local="orders what it finds in all partitions",
        service="answers 'Must have at least one non-optional hash key condition in WHERE clause when …'",
        source="developer guide, 'PartiQL select statements'; captured",
        operations=frozenset({"ExecuteStatement"}),
        applies=lambda _request, ours, theirs: "ORDER BY clause" in ours.message and theirs.error is None,
    ),
    AnswerDifference(
        name="a table that is not there cancels a transaction of statements",
        local="answers ResourceNotFoundException for the whole",
        service="not settled for statements; TransactWriteItems answers ResourceNotFoundException",
        source="API reference, ExecuteTransaction, errors",
        takes="a reason for the statement",
        operations=frozenset({"ExecuteTransaction"}),
        applies=lambda _request, ours, theirs: (
            "ResourceNotFound" in _codes(ours) and theirs.error == "ResourceNotFoundException"
        ),
    ),
    AnswerDifference(
        name="a DELETE whose condition does not hold deletes nothing",
        local="answers ConditionalCheckFailedException",
        service="succeeds with nothing deleted",
        source="developer guide, 'PartiQL delete statements': SUCCESS is returned with 0 items deleted",
        operations=_ALL,
        applies=lambda request, ours, theirs: (
            _deletes(request)
            and (theirs.error == "ConditionalCheckFailedException" or "ConditionalCheckFailed" in _codes(theirs))
        ),
    ),
    AnswerDifference(
        name="a statement of an ExecuteTransaction is refused before any is carried out",
        local="cancels the transaction",
        service="answers ValidationException 'Validation failed in TransactStatements[n]: …'",
        source="each text has its source beside it, in `ddbmodel/engine/messages/`",
        operations=frozenset({"ExecuteTransaction"}),
        applies=lambda _request, ours, theirs: ours.message.startswith("Validation failed in TransactStatements"),
    ),
    AnswerDifference(
        name="an UPDATE of an item that is not there fails",
        local="succeeds when the update only removes from a set",
        service="answers ConditionalCheckFailedException",
        source="developer guide, 'PartiQL update statements'",
        operations=_ALL,
        applies=lambda _request, ours, theirs: (
            ours.error in ("ConditionalCheckFailedException", "TransactionCanceledException") and theirs.error is None
        ),
    ),
    AnswerDifference(
        name="a member of a BatchExecuteStatement fails alone",
        local="refuses the whole batch when a value of one statement cannot be",
        service="answers an error for that statement",
        source="developer guide, 'Running batch operations with PartiQL'",
        operations=frozenset({"BatchExecuteStatement"}),
        applies=lambda _request, ours, theirs: ours.error is None and theirs.error == "ValidationException",
    ),
    AnswerDifference(
        name="a token that pages a statement is held against the statement",
        local="takes a token with another statement",
        service="answers 'NextToken does not match request'",
        source="each text has its source beside it, in `ddbmodel/engine/messages/`",
        operations=frozenset({"ExecuteStatement"}),
        applies=lambda _request, ours, theirs: "NextToken" in ours.message,
    ),
    AnswerDifference(
        name="the number of parameters is that of the question marks",
        local="ignores parameters of a statement without question marks",
        service="answers 'Number of parameters in request and statement don't match.'",
        source="each text has its source beside it, in `ddbmodel/engine/messages/`",
        operations=_ALL,
        applies=lambda _request, ours, theirs: "Number of parameters" in ours.message,
    ),
)
