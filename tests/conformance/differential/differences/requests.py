"""Differences in what is refused before any item is looked at."""

from __future__ import annotations

from differential.differences.difference import AnswerDifference, Difference

__all__ = ["REQUEST_DIFFERENCES", "SEVERAL_FAULTS"]

SEVERAL_FAULTS = Difference(
    name="a request of several faults is refused for the first that the service finds",
    local="checks in an order of its own, which differs between operations",
    service="checks members, then each action's values and expressions, then repeated targets, the table, the keys, "
    "and evaluates last",
    source="answers captured on the service, 2026 (order of checks)",
)

REQUEST_DIFFERENCES: tuple[Difference, ...] = (
    AnswerDifference(
        name="JSON of another type than a member's is a SerializationException",
        local="fails with InternalFailure, status 500, or reads the value as if it had the type",
        service="answers SerializationException, status 400",
        source="answers captured on the service (wire protocol)",
        applies=lambda _request, ours, theirs: ours.error == "SerializationException",
    ),
    AnswerDifference(
        name="no request ends in an internal failure",
        local="fails with InternalFailure on some requests",
        service="answers or refuses",
        source="the service's API reference: InternalServerError is for faults of the service",
        applies=lambda _request, ours, theirs: theirs.error == "InternalFailure",
    ),
)
