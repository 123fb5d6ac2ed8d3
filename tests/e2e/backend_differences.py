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
)
