"""Scan: everything in a table or index, as one range or as one of several segments."""

from __future__ import annotations

from typing import Any

from ddbmodel.engine.catalog import Catalog
from ddbmodel.engine.context import RequestContext
from ddbmodel.engine.items.key_ranges import KeyRange
from ddbmodel.engine.items.pages import answer_page, check_filter_is_carried, check_select, source_of, start_key
from ddbmodel.engine.items.targets import table_called
from ddbmodel.engine.key_bytes import segment_bounds
from ddbmodel.engine.outcome import Outcome
from ddbmodel.engine.storage.view import ReadView
from ddbmodel.engine.validation.expressions import RequestExpressions
from ddbmodel.engine.validation.faults import invalid

__all__ = ["scan"]


def scan(request: dict[str, Any], view: ReadView, catalog: Catalog, _context: RequestContext) -> Outcome:
    """Answer Scan."""
    bounds = _bounds(request)
    expressions = RequestExpressions(request, "ProjectionExpression", "FilterExpression")
    projection = expressions.projection("ProjectionExpression")
    condition = expressions.condition("FilterExpression")
    expressions.finish()
    source = source_of(request, table_called(request["TableName"], catalog))
    check_select(request, source, projection)
    if condition is not None:
        check_filter_is_carried(condition, source)
    start = start_key(request, source)
    if start is not None and not bounds.contains(start):
        raise invalid(
            "The provided starting key is invalid: Invalid ExclusiveStartKey. Please use ExclusiveStartKey with "
            f"correct Segment. TotalSegments: {request['TotalSegments']} Segment: {request['Segment']}"
        )
    return Outcome(
        answer_page(
            request, view, source, bounds, start=start, reverse=False, condition=condition, projection=projection
        )
    )


def _bounds(request: dict[str, Any]) -> KeyRange:
    segment, total_segments = request.get("Segment"), request.get("TotalSegments")
    if segment is None and total_segments is None:
        return KeyRange(b"", None)
    if total_segments is None:
        raise invalid(
            "The TotalSegments parameter is required but was not present in the request when Segment parameter "
            "is present"
        )
    if segment is None:
        raise invalid(
            "The Segment parameter is required but was not present in the request when parameter TotalSegments "
            "is present"
        )
    if segment >= total_segments:
        raise invalid(
            "The Segment parameter is zero-based and must be less than parameter TotalSegments: "
            f"Segment: {segment} is not less than TotalSegments: {total_segments}"
        )
    return KeyRange(*segment_bounds(segment, total_segments))
