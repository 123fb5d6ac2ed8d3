"""Where a backend does not do what a user story tells, and why; a test names the row with `@pytest.mark.differs`.

The story is an expected failure there, strictly: when the backend comes to do it, the row has to go.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["DIFFERENCES", "Difference"]


@dataclass(frozen=True, slots=True)
class Difference:
    """One known difference; `backends` are the ids of the fixture `backend`."""

    name: str
    backends: frozenset[str]
    reason: str


DIFFERENCES: tuple[Difference, ...] = (
    Difference(
        "multi-attribute index keys",
        frozenset({"dynamodb-local"}),
        "The service has keys of up to four attributes since November 2025; DynamoDB Local 1.25 refuses an index "
        "whose key schema has more than one HASH or RANGE attribute.",
    ),
    Difference(
        "list positions in projections",
        frozenset({"moto"}),
        "moto 5.1 takes a name placeholder that a list position follows, as in #l[1], for one that is not used, and "
        "refuses the request.",
    ),
    Difference(
        "whole items from a local index",
        frozenset({"moto"}),
        "moto 5.1 answers a query of a local index with what its entries hold, also where Select asks for "
        "ALL_ATTRIBUTES; the service fetches the rest from the table.",
    ),
    Difference(
        "statements",
        frozenset({"moto"}),
        "moto 5.1 knows a part of PartiQL: it answers transactions of statements and a duplicate key with an internal "
        "error, does not compare with >=, and gives no items in batches.",
    ),
    Difference(
        "begins_with on binary",
        frozenset({"moto"}),
        "moto 5.1 compares the base64 texts, whose letters do not line up with the bytes of a prefix.",
    ),
    Difference(
        "SET from a key attribute",
        frozenset({"moto"}),
        "moto 5.1 refuses SET a = k, where k is a key attribute that is only read, as an update of the key.",
    ),
    Difference(
        "records of writes that change nothing",
        frozenset({"moto"}),
        "moto 5.1 appends a stream record for a write that leaves the item as it was; the service does not.",
    ),
    Difference(
        "limits on demand",
        frozenset({"dynamodb-local", "moto"}),
        "Both take OnDemandThroughput and keep nothing of it.",
    ),
    Difference("table classes", frozenset({"dynamodb-local", "moto"}), "Both take TableClass and keep nothing of it."),
    Difference("tags", frozenset({"dynamodb-local"}), "DynamoDB Local says that tagging is not supported."),
    Difference(
        "capacity that follows the load",
        frozenset({"dynamodb-local"}),
        "DynamoDB Local is no Application Auto Scaling; moto's server is.",
    ),
    Difference(
        "streams that end",
        frozenset({"moto"}),
        "moto 5.1 takes a request that disables a stream for one that enables it again, and refuses it.",
    ),
    Difference(
        "cost of transactions",
        frozenset({"moto"}),
        "moto 5.1 does not say what a transaction costs.",
    ),
    Difference(
        "cost of indexes and batches",
        frozenset({"moto"}),
        "moto 5.1 answers a constant for the cost of a write, and none for its indexes or for a batch.",
    ),
)
