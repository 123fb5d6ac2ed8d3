"""Query: the items of one partition of a table or index, in the order of the sort key."""

from __future__ import annotations

from typing import Any

from ddbmodel.engine.catalog import Catalog
from ddbmodel.engine.context import RequestContext
from ddbmodel.engine.items.key_ranges import check_key_condition, range_of
from ddbmodel.engine.items.pages import Source, answer_page, check_filter_is_carried, check_select, source_of, start_key
from ddbmodel.engine.items.targets import table_called
from ddbmodel.engine.key_bytes import partition_prefix
from ddbmodel.engine.outcome import Outcome
from ddbmodel.engine.storage.view import ReadView
from ddbmodel.engine.validation.expressions import RequestExpressions
from ddbmodel.engine.validation.faults import invalid
from ddbmodel.expressions.errors import InvalidExpression
from ddbmodel.expressions.key_condition import KeyCondition, key_condition
from ddbmodel.expressions.paths import paths_of
from ddbmodel.expressions.tree import Condition

__all__ = ["query"]


def query(request: dict[str, Any], view: ReadView, catalog: Catalog, _context: RequestContext) -> Outcome:
    """Answer Query."""
    expressions = RequestExpressions(request, "ProjectionExpression", "FilterExpression", "KeyConditionExpression")
    projection = expressions.projection("ProjectionExpression")
    condition = expressions.condition("FilterExpression")
    keys_wanted = _key_condition(expressions)
    expressions.finish()
    source = source_of(request, table_called(request["TableName"], catalog))
    check_select(request, source, projection)
    if condition is not None:
        _check_filter(condition, source)
        check_filter_is_carried(condition, source)
    check_key_condition(source.keys, keys_wanted)
    bounds = range_of(source.keys, keys_wanted)
    start = start_key(request, source)
    if start is not None and not bounds.contains(start):
        partition = partition_prefix([keys_wanted.equal[key.name] for key in source.keys.partition])
        if start.startswith(partition):
            raise invalid("The provided starting key does not match the range key predicate")
        raise invalid("The provided starting key is outside query boundaries based on provided conditions")
    reverse = request.get("ScanIndexForward") is False
    return Outcome(
        answer_page(
            request, view, source, bounds, start=start, reverse=reverse, condition=condition, projection=projection
        )
    )


def _key_condition(expressions: RequestExpressions) -> KeyCondition:
    tree = expressions.condition("KeyConditionExpression")
    if tree is None:
        raise invalid("Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.")
    try:
        return key_condition(tree)
    except InvalidExpression as error:
        prefix = "" if error.is_whole else "Invalid KeyConditionExpression: "
        raise invalid(prefix + error.message) from None


def _check_filter(condition: Condition, source: Source) -> None:
    names = {key.name for key in source.keys.attributes}
    for path in paths_of(condition):
        if path.steps[0] in names:
            raise invalid(
                f"Filter Expression can only contain non-primary key attributes: Primary key attribute: {path.steps[0]}"
            )
