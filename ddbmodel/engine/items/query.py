"""Query: the items of one partition of a table or index, in the order of the sort key."""

from __future__ import annotations

from typing import Any, Final

from ddbmodel.engine.catalog import Catalog
from ddbmodel.engine.context import RequestContext
from ddbmodel.engine.items.key_paths import check_key_paths, entered_attributes
from ddbmodel.engine.items.key_ranges import KeyRange, check_key_condition, legacy_key_condition, range_of
from ddbmodel.engine.items.pages import (
    Source,
    answer_page,
    check_filter_is_carried,
    check_select,
    check_select_of_source,
    source_of,
    start_item,
    start_key,
)
from ddbmodel.engine.key_bytes import item_key, partition_prefix
from ddbmodel.engine.messages import items as messages
from ddbmodel.engine.messages.legacy import KEY_IN_QUERY_FILTER
from ddbmodel.engine.messages.message import refused
from ddbmodel.engine.named_tables import data_table
from ddbmodel.engine.outcome import Outcome
from ddbmodel.engine.storage.view import ReadView
from ddbmodel.engine.validation.expressions import RequestExpressions
from ddbmodel.engine.validation.legacy import (
    LegacyConditions,
    attributes_to_get,
    filter_condition,
    has_legacy_parameters,
    key_conditions,
)
from ddbmodel.expressions.errors import InvalidExpression
from ddbmodel.expressions.key_condition import KeyCondition, key_condition
from ddbmodel.expressions.paths import paths_of
from ddbmodel.expressions.tree import Condition
from ddbmodel.values.wire import Item, tag_of

__all__ = ["query"]

_EXPRESSIONS: Final = ("ProjectionExpression", "FilterExpression", "KeyConditionExpression")


def query(request: dict[str, Any], view: ReadView, catalog: Catalog, context: RequestContext) -> Outcome:
    """Answer Query."""
    legacy = has_legacy_parameters(request, *_EXPRESSIONS)
    expressions = RequestExpressions(request, *_EXPRESSIONS)
    projection = expressions.projection("ProjectionExpression")
    condition = expressions.condition("FilterExpression")
    keys_tree = expressions.condition("KeyConditionExpression")
    expressions.finish()
    keys_wanted: KeyCondition | LegacyConditions | None = None if keys_tree is None else _key_condition(keys_tree)
    start = start_item(request, context.wording)
    if legacy:
        # Key conditions of before expressions go with a filter or a projection of either kind.
        condition = filter_condition(request, "QueryFilter") if condition is None else condition
        projection = attributes_to_get(request) if projection is None else projection
        keys_wanted = key_conditions(request) if keys_wanted is None else keys_wanted
    if keys_wanted is None:
        raise refused(messages.EITHER_KEY_CONDITION)
    check_select(request, projection)
    source = source_of(request, data_table(request["TableName"], catalog, context), context.now_s)
    check_key_paths(source.table, entered_attributes(request, projection, condition))
    check_select_of_source(request, source, projection)
    if condition is not None:
        _check_filter(condition, source, by_expression="QueryFilter" not in request)
        check_filter_is_carried(condition, source)
    if not isinstance(keys_wanted, KeyCondition):
        keys_wanted = legacy_key_condition(source.keys, keys_wanted)
    check_key_condition(source.keys, keys_wanted)
    bounds = range_of(source.keys, keys_wanted)
    is_of_one_item = source.index is None and not source.keys.sort
    start_at = None if start is None else start_key(start, source, context.wording)
    if start is not None and start_at is not None:
        _check_start(start, start_at, source, keys_wanted, bounds)
        if is_of_one_item:
            raise refused(messages.START_KEY_OF_HASH_TABLE, key=_shown(start))
    reverse = request.get("ScanIndexForward") is False
    return Outcome(
        answer_page(
            request,
            view,
            source,
            bounds,
            context,
            start=start_at,
            reverse=reverse,
            condition=condition,
            projection=projection,
            goes_on=not is_of_one_item,
        )
    )


def _key_condition(tree: Condition) -> KeyCondition:
    try:
        return key_condition(tree)
    except InvalidExpression as error:
        prefix = "" if error.is_whole else "Invalid KeyConditionExpression: "
        raise refused(messages.EXPRESSION_PART, text=prefix + error.message) from None


def _check_filter(condition: Condition, source: Source, *, by_expression: bool) -> None:
    names = {key.name for key in source.keys.attributes}
    for path in paths_of(condition):
        if path.steps[0] in names:
            raise refused(messages.KEY_IN_FILTER if by_expression else KEY_IN_QUERY_FILTER, name=path.steps[0])


def _check_start(start: Item, start_at: bytes, source: Source, condition: KeyCondition, bounds: KeyRange) -> None:
    keys = source.keys
    partition = {key.name: condition.equal[key.name] for key in keys.partition}
    in_partition = start_at.startswith(partition_prefix(list(partition.values())))
    if len(condition.equal) == len(partition) and condition.range is None:
        if not in_partition:
            raise refused(messages.START_KEY_OUTSIDE_QUERY)
        return
    # The condition on the sort key is held against the start key's sort key alone, and first.
    if not bounds.contains(item_key(keys, {**start, **partition})):
        raise refused(messages.START_KEY_OUTSIDE_RANGE)
    if not in_partition:
        raise refused(messages.START_KEY_OF_OTHER_PARTITION)


def _shown(key: Item) -> str:
    return ", ".join(
        f"{name}=AttributeValue: {{{tag_of(value)}:{value[tag_of(value)]}}}" for name, value in key.items()
    )
