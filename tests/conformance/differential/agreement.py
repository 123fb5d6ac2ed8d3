"""When two answers are the same: what has no order or is each backend's own is set aside."""

from __future__ import annotations

import re
from typing import Any

from canonical import canonical

from differential.backends import Answer

__all__ = ["agree", "levelled"]

# Of a clock or of chance: that they are there is compared, what they are is not.
_OWN = frozenset(
    {
        "CreationDateTime", "LastUpdateToPayPerRequestDateTime", "LastIncreaseDateTime", "LastDecreaseDateTime",
        "LatestStreamLabel", "StreamLabel", "CreationRequestDateTime", "ShardId", "StartingSequenceNumber",
        "EndingSequenceNumber", "SequenceNumber", "ShardIterator", "NextShardIterator", "eventID",
        "ApproximateCreationDateTime", "NextToken", "LastUpdateDateTime",
    }
)  # fmt: skip
_UNORDERED = ("AttributeDefinitions", "GlobalSecondaryIndexes", "LocalSecondaryIndexes", "NonKeyAttributes")
_LABEL = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}")


def agree(operation: str, request: dict[str, Any], ours: Answer, theirs: Answer, *, messages: bool = True) -> bool:
    """Return whether two answers to a request are the same."""
    if ours.error != theirs.error:
        return False
    if ours.error is not None:
        if messages and _LABEL.sub("<label>", ours.message) != _LABEL.sub("<label>", theirs.message):
            return False
        return canonical(ours.item) == canonical(theirs.item) and _reasons(ours, messages) == _reasons(theirs, messages)
    return levelled(operation, request, ours.response) == levelled(operation, request, theirs.response)


def levelled(operation: str, request: dict[str, Any], response: Any) -> Any:
    """Return a response without what has no meaning."""
    made = canonical(_without_own(response))
    if operation == "Scan" or "IndexName" in request or operation == "ExecuteStatement":
        # The order of a scan means nothing, of equal index keys neither.
        made = _sorted_items(made)
    if operation == "ListStreams":
        # Streams of tables that are gone are listed for a day.
        made.pop("LastEvaluatedStreamArn", None)
        made["Streams"] = sorted({repr(stream) for stream in made["Streams"]}) if "TableName" in request else []
    if operation == "BatchGetItem":
        made["Responses"] = {name: sorted(items, key=repr) for name, items in made.get("Responses", {}).items()}
    return made


def _reasons(answer: Answer, messages: bool) -> list[Any]:
    return [(code, message if messages else "", canonical(item)) for code, message, item in answer.reasons]


def _without_own(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_own(member) for member in value]
    if isinstance(value, str):
        return _LABEL.sub("<label>", value)
    if not isinstance(value, dict):
        return value
    made = {}
    for name, member in value.items():
        if name in _OWN and not isinstance(member, (dict, list)):
            made[name] = "<own>"
        elif name in _UNORDERED and isinstance(member, list):
            made[name] = sorted((_without_own(one) for one in member), key=repr)
        else:
            made[name] = _without_own(member)
    return made


def _sorted_items(response: Any) -> Any:
    if "Items" in response:
        response["Items"] = sorted(response["Items"], key=repr)
    return response
