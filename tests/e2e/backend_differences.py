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
        frozenset({"moto", "dynamodb-local"}),
        "The service has keys of up to four attributes since November 2025; DynamoDB Local 1.25 and moto 5.1 refuse "
        "an index whose key schema has more than one HASH or RANGE attribute.",
    ),
)
