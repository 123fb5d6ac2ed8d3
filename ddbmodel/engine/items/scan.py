"""Scan: everything in a table or index, as one range or as one of several segments."""

from __future__ import annotations

from typing import Any, Final

from ddbmodel.engine.catalog import Catalog
from ddbmodel.engine.context import RequestContext
from ddbmodel.engine.items.key_paths import check_key_paths, entered_attributes
from ddbmodel.engine.items.key_ranges import KeyRange
from ddbmodel.engine.items.pages import (
    answer_page,
    check_select,
    check_select_of_source,
    source_of,
    start_item,
    start_key,
)
from ddbmodel.engine.key_bytes import segment_bounds
from ddbmodel.engine.messages import items as messages
from ddbmodel.engine.messages.message import refused
from ddbmodel.engine.named_tables import data_table
from ddbmodel.engine.outcome import Outcome
from ddbmodel.engine.storage.view import ReadView
from ddbmodel.engine.validation.expressions import RequestExpressions
from ddbmodel.engine.validation.legacy import attributes_to_get, filter_condition, has_legacy_parameters

__all__ = ["scan"]

_EXPRESSIONS: Final = ("ProjectionExpression", "FilterExpression")


def scan(request: dict[str, Any], view: ReadView, catalog: Catalog, context: RequestContext) -> Outcome:
    """Answer Scan."""
    legacy = has_legacy_parameters(request, *_EXPRESSIONS)
    bounds = _bounds(request)
    expressions = RequestExpressions(request, *_EXPRESSIONS)
    projection = expressions.projection("ProjectionExpression")
    condition = expressions.condition("FilterExpression")
    expressions.finish()
    start = start_item(request, context.wording)
    if legacy:
        condition = filter_condition(request, "ScanFilter")
        projection = attributes_to_get(request)
    check_select(request, projection)
    source = source_of(request, data_table(request["TableName"], catalog, context), context.now_s)
    check_key_paths(source.table, entered_attributes(request, projection, condition))
    check_select_of_source(request, source, projection)
    start_at = None if start is None else start_key(start, source, context.wording)
    if start_at is not None and not bounds.contains(start_at):
        raise refused(messages.START_KEY_OF_OTHER_SEGMENT, total=request["TotalSegments"], segment=request["Segment"])
    is_of_table = source.index is None and source.table.settings.get("BillingMode") == "PAY_PER_REQUEST"
    partitions = context.options.scan_partitions // request.get("TotalSegments", 1) if is_of_table else 1
    return Outcome(
        answer_page(
            request,
            view,
            source,
            bounds,
            context,
            start=start_at,
            reverse=False,
            condition=condition,
            projection=projection,
            partitions=max(1, partitions),
        )
    )


def _bounds(request: dict[str, Any]) -> KeyRange:
    segment, total_segments = request.get("Segment"), request.get("TotalSegments")
    if segment is None and total_segments is None:
        return KeyRange(b"", None)
    if total_segments is None:
        raise refused(messages.TOTAL_SEGMENTS_MISSING)
    if segment is None:
        raise refused(messages.SEGMENT_MISSING)
    if segment >= total_segments:
        raise refused(messages.SEGMENT_TOO_LARGE, segment=segment, total=total_segments)
    return KeyRange(*segment_bounds(segment, total_segments))
