"""Differences in answers about tables."""

from __future__ import annotations

from differential.differences.difference import AnswerDifference, Difference

__all__ = ["TABLE_DIFFERENCES"]

_IN_THE_TABLE = "each text has its source beside it, in `ddbmodel/engine/messages/`"
_DEFINITIONS = frozenset({"CreateTable", "UpdateTable"})

TABLE_DIFFERENCES: tuple[Difference, ...] = (
    AnswerDifference(
        name="throughput is for provisioned tables only",
        local="takes throughput of tables and indexes that are billed on demand, and none for indexes that need it",
        service="refuses it: 'Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when …'",
        source=_IN_THE_TABLE,
        operations=_DEFINITIONS,
        applies=lambda _request, ours, theirs: (
            ours.error == "ValidationException"
            and any(word in ours.message for word in ("CapacityUnits", "ProvisionedThroughput", "Throughput"))
        ),
    ),
    AnswerDifference(
        name="throughput above the limit of a table is a LimitExceededException",
        local="answers ValidationException",
        service="answers LimitExceededException with the limit",
        source="answers quoted by others; API reference, CreateTable, errors",
        operations=_DEFINITIONS,
        applies=lambda _request, ours, theirs: "above the per table maximum" in ours.message,
    ),
    AnswerDifference(
        name="time to live is not changed twice in a while",
        local="changes it as often as it is asked to",
        service="answers 'Time to live has been modified multiple times within a fixed interval'",
        source="API reference, UpdateTimeToLive: up to an hour; the text has its source in `ddbmodel/engine/messages/`",
        operations=frozenset({"UpdateTimeToLive"}),
        applies=lambda _request, ours, theirs: "modified multiple times" in ours.message,
    ),
    AnswerDifference(
        name="an UpdateTable changes one thing",
        local="changes several at once",
        service="refuses changes of indexes, streams, throughput or deletion protection in one request",
        source=_IN_THE_TABLE,
        operations=frozenset({"UpdateTable"}),
        applies=lambda _request, ours, theirs: (
            ours.error == "ValidationException"
            and any(text in ours.message for text in ("only operation in the request", "You cannot"))
        ),
    ),
    AnswerDifference(
        name="a request is checked before its table is looked up",
        local="looks for the table first",
        service="refuses an UpdateTable that changes nothing or wrongly, whatever its table",
        source="answers captured on the service (order of checks)",
        operations=frozenset({"UpdateTable", "UpdateTimeToLive"}),
        applies=lambda _request, ours, theirs: (
            ours.error == "ValidationException" and theirs.error == "ResourceNotFoundException"
        ),
    ),
    AnswerDifference(
        name="an index that is not there is a ResourceNotFoundException",
        local="answers ValidationException 'Invalid global secondary index name'",
        service="answers 'Requested resource not found: Index I for table T'",
        source=_IN_THE_TABLE,
        operations=frozenset({"UpdateTable"}),
        applies=lambda _request, ours, theirs: ours.error == "ResourceNotFoundException" and "Index" in ours.message,
    ),
    AnswerDifference(
        name="one index is created or deleted at a time",
        local="answers ResourceInUseException or LimitExceededException by the state of its own creations",
        service="answers LimitExceededException while one is under way; here they are done when the call returns",
        source=_IN_THE_TABLE,
        operations=frozenset({"UpdateTable"}),
        applies=lambda _request, ours, theirs: (
            theirs.error in ("LimitExceededException", "ResourceInUseException")
            or ours.error in ("LimitExceededException",)
        ),
    ),
    AnswerDifference(
        name="the definitions of an index's attributes may be those of the table",
        local="wants some in every request that creates an index",
        service="takes those that the table has",
        source="API reference, UpdateTable, AttributeDefinitions",
        operations=frozenset({"UpdateTable"}),
        applies=lambda _request, ours, theirs: ours.error is None and "No Attribute Schema Defined" in theirs.message,
    ),
    AnswerDifference(
        name="every definition of an attribute is used",
        local="takes an unused one when a table has local indexes",
        service="refuses it",
        source=_IN_THE_TABLE,
        operations=_DEFINITIONS,
        applies=lambda _request, ours, theirs: "AttributeDefinitions" in ours.message and theirs.error is None,
    ),
    AnswerDifference(
        name="an empty list of indexes is refused",
        local="takes it",
        service="refuses it: 'List of LocalSecondaryIndexes is empty'",
        source=_IN_THE_TABLE,
        operations=frozenset({"CreateTable"}),
        applies=lambda _request, ours, theirs: "SecondaryIndexes is empty" in ours.message,
    ),
)
