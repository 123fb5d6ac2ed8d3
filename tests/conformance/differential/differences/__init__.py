"""Where the engine and DynamoDB Local are known to answer differently, and what the service does there.

| kind | what it explains |
|---|---|
| `TextDifference` | one fault in two texts |
| `MemberDifference` | one member of a response |
| `AnswerDifference` | a whole answer: refused or not, and how |

Two refusals of different faults are explained when the engine, asked about the request without one of its parts,
refuses it as DynamoDB Local did: the request has both faults, and the two check in another order.
"""

from __future__ import annotations

from typing import Any

from canonical import canonical

from differential.agreement import levelled
from differential.backends import Answer
from differential.differences.difference import (
    AnswerDifference,
    Difference,
    MemberDifference,
    Probe,
    TextDifference,
)
from differential.differences.items import ITEM_DIFFERENCES
from differential.differences.members import MEMBER_DIFFERENCES
from differential.differences.query_texts import QUERY_TEXT_DIFFERENCES
from differential.differences.requests import REQUEST_DIFFERENCES, SEVERAL_FAULTS
from differential.differences.simpler import simpler
from differential.differences.statements import STATEMENT_DIFFERENCES
from differential.differences.streams import STREAM_DIFFERENCES
from differential.differences.table_texts import TABLE_TEXT_DIFFERENCES
from differential.differences.tables import TABLE_DIFFERENCES
from differential.differences.texts import TEXT_DIFFERENCES

__all__ = ["DIFFERENCES", "Difference", "explained", "known", "parted"]

DIFFERENCES: tuple[Difference, ...] = (
    SEVERAL_FAULTS,
    *REQUEST_DIFFERENCES,
    *ITEM_DIFFERENCES,
    *STATEMENT_DIFFERENCES,
    *TABLE_DIFFERENCES,
    *STREAM_DIFFERENCES,
    *MEMBER_DIFFERENCES,
    *TEXT_DIFFERENCES,
    *QUERY_TEXT_DIFFERENCES,
    *TABLE_TEXT_DIFFERENCES,
)
_ANSWERS = tuple(difference for difference in DIFFERENCES if isinstance(difference, AnswerDifference))
_MEMBERS = tuple(difference for difference in DIFFERENCES if isinstance(difference, MemberDifference))
_TEXTS = tuple(difference for difference in DIFFERENCES if isinstance(difference, TextDifference))
_PROBES = 1500


def explained(
    operation: str, request: dict[str, Any], ours: Answer, theirs: Answer, probe: Probe, *, messages: bool = True
) -> tuple[Difference, ...]:
    """Return the differences that explain two answers, or none."""
    if ours.error is None and theirs.error is None:
        found = _of_members(operation, request, ours, theirs)
    elif ours.error is not None and theirs.error is not None:
        found = _of_texts(ours, theirs, messages=messages) or _of_order(operation, request, theirs, probe, messages)
    else:
        found = ()
    if not found:
        found = tuple(d for d in _ANSWERS if d.explains(operation, request, ours, theirs))[:1]
    return found


def known(operation: str, path: str, ours: Any, theirs: Any) -> bool:
    """Return whether a row explains a member that differs."""
    return any(row.explains(operation, path, ours, theirs) for row in _MEMBERS)


def _of_members(operation: str, request: dict[str, Any], ours: Answer, theirs: Answer) -> tuple[Difference, ...]:
    parts = parted(*(levelled(operation, request, answer.response) for answer in (ours, theirs)))
    found: list[Difference] = []
    for path, one, other in parts:
        row = next((row for row in _MEMBERS if row.explains(operation, path, one, other)), None)
        if row is None:
            return ()
        found.append(row)
    return tuple(dict.fromkeys(found))


def _of_texts(ours: Answer, theirs: Answer, *, messages: bool) -> tuple[Difference, ...]:
    """Return the rows by which two refusals are the same but for their texts."""
    if ours.error != theirs.error or canonical(ours.item) != canonical(theirs.item):
        return ()
    if [code for code, _, _ in ours.reasons] != [code for code, _, _ in theirs.reasons]:
        return ()
    if [canonical(item) for _, _, item in ours.reasons] != [canonical(item) for _, _, item in theirs.reasons]:
        return ()
    texts = [(ours.message, theirs.message)]
    texts += [(one[1], other[1]) for one, other in zip(ours.reasons, theirs.reasons, strict=True)]
    found: list[Difference] = []
    for one, other in texts:
        if one != other and messages:
            row = next((row for row in _TEXTS if row.says_the_same(one, other)), None)
            if row is None:
                return ()
            found.append(row)
    return tuple(dict.fromkeys(found)) or ((SEVERAL_FAULTS,) if not messages else ())


def _of_order(
    operation: str, request: dict[str, Any], theirs: Answer, probe: Probe, messages: bool
) -> tuple[Difference, ...]:
    """Return the row of several faults if the engine finds DynamoDB Local's in some part of the request."""
    if theirs.error == "ResourceNotFoundException":
        # The table is looked up last, so a request of many faults may not come to it.
        for name in _table_names(request):
            if probe("DescribeTable", {"TableName": name}).error is not None:
                return (SEVERAL_FAULTS,)
    seen: set[str] = set()
    waiting = [request]
    while waiting and len(seen) < _PROBES:
        for tried in simpler(waiting.pop(0)):
            known = repr(tried)
            if known in seen or len(seen) >= _PROBES:
                continue
            seen.add(known)
            answer = probe(operation, tried)
            if _same_refusal(answer, theirs, messages):
                return (SEVERAL_FAULTS,)
            if answer.error is None:
                rows = [row for row in _ANSWERS if row.explains(operation, tried, answer, theirs)]
                if rows:
                    return (SEVERAL_FAULTS, rows[0])
            if answer.error is not None:
                waiting.append(tried)
    return ()


def _same_refusal(ours: Answer, theirs: Answer, messages: bool) -> bool:
    if ours.error == theirs.error:
        return ours.message == theirs.message or bool(_of_texts(ours, theirs, messages=messages))
    # A fault of one action of a transaction is a reason here and may be the answer there.
    return ours.error == "TransactionCanceledException" and any(
        message == theirs.message or any(row.says_the_same(message, theirs.message) for row in _TEXTS)
        for code, message, _ in ours.reasons
        if code == "ValidationError"
    )


def _table_names(value: Any) -> list[str]:
    if isinstance(value, list):
        return [name for member in value for name in _table_names(member)]
    if not isinstance(value, dict):
        return []
    found = [value["TableName"]] if isinstance(value.get("TableName"), str) else []
    if isinstance(value.get("RequestItems"), dict):
        found += value["RequestItems"]
    return found + [name for member in value.values() for name in _table_names(member)]


def parted(one: Any, other: Any, path: str = "") -> list[tuple[str, Any, Any]]:
    """Return where two responses part: the path, and what each has there, "-" for nothing."""
    if isinstance(one, dict) and isinstance(other, dict):
        parts: list[tuple[str, Any, Any]] = []
        for name in sorted({*one, *other}):
            parts += parted(one.get(name, "-"), other.get(name, "-"), f"{path}.{name}")
        return parts
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        return [part for a, b in zip(one, other, strict=True) for part in parted(a, b, f"{path}[]")]
    return [] if one == other else [(path, one, other)]
