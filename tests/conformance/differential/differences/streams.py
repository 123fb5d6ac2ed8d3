"""Differences in answers about streams."""

from __future__ import annotations

from differential.differences.difference import AnswerDifference, Difference

__all__ = ["STREAM_DIFFERENCES"]

STREAM_DIFFERENCES: tuple[Difference, ...] = (
    AnswerDifference(
        name="what is no ARN of a stream is refused as such",
        local="answers ResourceNotFoundException",
        service="answers ValidationException 'Invalid StreamArn'",
        source="each text has its source beside it, in `ddbmodel/engine/messages/`",
        operations=frozenset({"DescribeStream", "GetShardIterator"}),
        applies=lambda _request, ours, theirs: (
            ours.error == "ValidationException" and theirs.error == "ResourceNotFoundException"
        ),
    ),
)
