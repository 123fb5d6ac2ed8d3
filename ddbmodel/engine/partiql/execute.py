"""ExecuteStatement: one statement, of a SELECT one page."""

from __future__ import annotations

from typing import Any

from ddbmodel.engine.catalog import Catalog
from ddbmodel.engine.context import RequestContext
from ddbmodel.engine.items.capacity import ConsumedCapacity, wanted
from ddbmodel.engine.items.collection_limit import CollectionLimit
from ddbmodel.engine.items.targets import stored_item
from ddbmodel.engine.items.write_actions import target_key
from ddbmodel.engine.named_tables import data_table
from ddbmodel.engine.outcome import Outcome
from ddbmodel.engine.partiql.next_token import key_of_token, next_token, request_digest
from ddbmodel.engine.partiql.prepare import checked_parameters, prepared
from ddbmodel.engine.partiql.select import read_page, source_of
from ddbmodel.engine.partiql.writes import (
    WriteStatement,
    check_key_values,
    decided,
    key_and_condition,
    returned,
    write_action,
)
from ddbmodel.engine.storage.view import ReadView
from ddbmodel.expressions.partiql.statements import Exists, Insert, Select
from ddbmodel.values.wire import AttributeValue

__all__ = ["execute_statement"]


def execute_statement(request: dict[str, Any], view: ReadView, catalog: Catalog, context: RequestContext) -> Outcome:
    """Answer ExecuteStatement; a write answers no items unless it asks for them."""
    parameters = checked_parameters(request)
    statement = prepared(request, parameters)
    if isinstance(statement, Select):
        return _select(statement, parameters, request, view, catalog, context)
    assert not isinstance(statement, Exists), "only a transaction reads EXISTS"
    return _write(statement, request, view, catalog, context)


def _select(
    select: Select,
    parameters: list[AttributeValue],
    request: dict[str, Any],
    view: ReadView,
    catalog: Catalog,
    context: RequestContext,
) -> Outcome:
    table = data_table(select.table, catalog, context)
    consistent = bool(request.get("ConsistentRead"))
    source = source_of(select, table, context.now_s, consistent=consistent)
    token, start = request.get("NextToken"), None
    digest = request_digest(table, request["Statement"], parameters)
    if token is not None:
        start = key_of_token(token, digest, table, source.index)
    page = read_page(
        select,
        source,
        view,
        start=start,
        limit=request.get("Limit"),
        consistent=consistent,
        scan_partitions=context.options.scan_partitions,
    )
    response: dict[str, Any] = {"Items": page.items}
    if page.last_key is not None:
        response["NextToken"] = next_token(digest, page.last_key)
        response["LastEvaluatedKey"] = page.last_key
    asked = wanted(request)
    if asked:
        response["ConsumedCapacity"] = page.cost.response(asked)
    return Outcome(response)


def _write(
    statement: WriteStatement, request: dict[str, Any], view: ReadView, catalog: Catalog, context: RequestContext
) -> Outcome:
    assert not isinstance(statement, Exists), "EXISTS writes nothing"
    table = data_table(statement.table, catalog, context)
    found = None if isinstance(statement, Insert) else key_and_condition(statement.where, table)
    check_key_values(statement, found, table)
    shows_item = request.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD"
    action = write_action(statement, found, shows_item=shows_item)
    key = target_key(action, table)
    decision = decided(action, table, key, stored_item(view, table, key))
    CollectionLimit(view, context).check(decision.change)
    image = returned(statement, decision)
    response: dict[str, Any] = {"Items": [] if image is None else [image]}
    asked = wanted(request)
    if asked:
        cost = ConsumedCapacity(table.name)
        cost.add_write(table, key, decision.old, decision.new)
        response["ConsumedCapacity"] = cost.response(asked)
    return Outcome(response, () if decision.change is None else (decision.change,))
