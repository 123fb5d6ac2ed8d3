"""Texts of DynamoDB Local's own for what a query or a scan asks of an index."""

from __future__ import annotations

from differential.differences.difference import Difference, TextDifference

__all__ = ["QUERY_TEXT_DIFFERENCES"]

_INVALID = "One or more parameter values were invalid: "
_KEY_IN_FILTER = "Filter Expression can only contain non-primary key attributes: Primary key attribute: .*"

QUERY_TEXT_DIFFERENCES: tuple[Difference, ...] = (
    TextDifference(
        name="attributes that an index does not project are named in the order of the request",
        local="names them in an order of its own, and those of a filter first",
        service="names those that the request wants",
        source="not settled; the service's texts are captured, the order of their lists is not",
        takes="that of the request",
        texts=(
            (
                f"{_INVALID}(Global s|S)econdary index .* does not project .*",
                f"{_INVALID}(Global s|S)econdary index .*",
            ),
        ),
    ),
    TextDifference(
        name="of several key attributes in a filter the first is named",
        local="names one of them",
        service="names one",
        source="not settled; the service's text is captured, not for a filter on two key attributes",
        takes="the first in the order of the filter",
        texts=((_KEY_IN_FILTER, _KEY_IN_FILTER),),
    ),
)
