"""BatchExecuteStatement: up to 25 statements, all reads or all writes, each of another item; each fails alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, TypeAlias, TypeVar

import orjson

from ddbmodel.engine.catalog import Catalog, Table
from ddbmodel.engine.context import RequestContext
from ddbmodel.engine.items.capacity import ConsumedCapacity, listed, read_units, wanted, write_units
from ddbmodel.engine.items.collection_limit import CollectionLimit
from ddbmodel.engine.items.targets import stored_item
from ddbmodel.engine.items.write_actions import WriteAction, target_key
from ddbmodel.engine.messages import partiql as messages
from ddbmodel.engine.messages.message import Refusal, Wording, refused
from ddbmodel.engine.named_tables import data_table
from ddbmodel.engine.outcome import ItemChange, Outcome
from ddbmodel.engine.partiql.prepare import checked_parameters, prepared
from ddbmodel.engine.partiql.select import check_paths, shown, source_of
from ddbmodel.engine.partiql.single_reads import key_of_read
from ddbmodel.engine.partiql.writes import (
    WriteStatement,
    check_key_values,
    decided,
    key_and_condition,
    returned,
    write_action,
)
from ddbmodel.engine.storage.view import ReadView
from ddbmodel.engine.validation.keys import key_of_lookup
from ddbmodel.errors import ServiceError
from ddbmodel.expressions.partiql.statements import Exists, Insert, Select, Statement
from ddbmodel.values.item_size import item_size_bytes

__all__ = ["batch_execute_statement"]

T = TypeVar("T")

_CODES: Final = {
    "ConditionalCheckFailedException": "ConditionalCheckFailed",
    "DuplicateItemException": "DuplicateItem",
    "ItemCollectionSizeLimitExceededException": "ItemCollectionSizeLimitExceeded",
    "ProvisionedThroughputExceededException": "ProvisionedThroughputExceeded",
    "ResourceNotFoundException": "ResourceNotFound",
    "ThrottlingException": "ThrottlingError",
    "TransactionConflictException": "TransactionConflict",
    "ValidationException": "ValidationError",
}
"""Errors of a request to errors of a statement; others are called the same."""


@dataclass(frozen=True, slots=True)
class _Read:
    """A SELECT and the one item that it is about."""

    select: Select
    table: Table
    key: bytes
    consistent: bool


@dataclass(frozen=True, slots=True)
class _Write:
    """A write and the one item that it is about."""

    statement: WriteStatement
    table: Table
    key: bytes
    action: WriteAction


_Member: TypeAlias = _Read | _Write


def batch_execute_statement(
    request: dict[str, Any], view: ReadView, catalog: Catalog, context: RequestContext
) -> Outcome:
    """Answer BatchExecuteStatement: one response for each statement, in their order."""
    bodies = request["Statements"]
    statements = [_attempt(partial(_statement, body), context.wording) for body in bodies]
    _check_kinds(statements)
    members = [
        statement
        if isinstance(statement, ServiceError)
        else _attempt(partial(_aimed, statement, body, catalog, context), context.wording)
        for statement, body in zip(statements, bodies, strict=True)
    ]
    _check_distinct(members)
    costs: dict[str, ConsumedCapacity] = {}
    changes: list[ItemChange] = []
    responses: list[dict[str, Any]] = []
    limit = CollectionLimit(view, context)
    for member in members:
        if isinstance(member, ServiceError):
            responses.append(_error(member))
            continue
        cost = costs.setdefault(member.table.name, ConsumedCapacity(member.table.name))
        done = _attempt(partial(_carried_out, member, view, cost, changes, limit), context.wording)
        # Only a statement that was tried names its table.
        named = {"TableName": member.table.name}
        responses.append({**_error(done), **named} if isinstance(done, ServiceError) else {**done, **named})
    response: dict[str, Any] = {"Responses": responses}
    asked = wanted(request)
    if asked:
        response["ConsumedCapacity"] = listed(costs.values(), asked)
    return Outcome(response, tuple(changes))


def _attempt(step: Callable[[], T], wording: Wording) -> T | ServiceError:
    try:
        return step()
    except Refusal as refusal:
        return refusal.error(wording)
    except ServiceError as error:
        return error


def _error(error: ServiceError) -> dict[str, Any]:
    told: dict[str, Any] = {"Code": _CODES.get(error.code, error.code), "Message": error.message}
    return {"Error": told if error.item is None else told | {"Item": error.item}}


def _statement(body: dict[str, Any]) -> Statement:
    return prepared(body, checked_parameters(body))


def _check_kinds(statements: list[Statement | ServiceError]) -> None:
    kinds = {isinstance(statement, Select) for statement in statements if not isinstance(statement, ServiceError)}
    if len(kinds) > 1:
        raise refused(messages.MIXED_BATCH)


def _aimed(statement: Statement, body: dict[str, Any], catalog: Catalog, context: RequestContext) -> _Member:
    assert not isinstance(statement, Exists), "only a transaction reads EXISTS"
    table = data_table(statement.table, catalog, context)
    if isinstance(statement, Select):
        return _read(statement, body, table, context.now_s)
    found = None if isinstance(statement, Insert) else key_and_condition(statement.where, table)
    check_key_values(statement, found, table)
    shows_item = body.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD"
    action = write_action(statement, found, shows_item=shows_item)
    return _Write(statement, table, target_key(action, table), action)


def _read(select: Select, body: dict[str, Any], table: Table, now_s: float) -> _Read:
    source = source_of(select, table, now_s)
    check_paths(select, table)
    key = None if source.index is not None else key_of_read(select, table)
    if key is None:
        raise refused(messages.BATCH_READ_NEEDS_KEY)
    for attribute in table.keys.attributes:
        if attribute.type not in key[attribute.name]:
            raise refused(messages.KEY_TYPE, name=attribute.name)
    return _Read(select, table, key_of_lookup(table, key), bool(body.get("ConsistentRead")))


def _check_distinct(members: list[_Member | ServiceError]) -> None:
    places = [(member.table.id, member.key) for member in members if not isinstance(member, ServiceError)]
    if len(set(places)) != len(places):
        raise refused(messages.DUPLICATE_TARGETS)


def _carried_out(
    member: _Member, view: ReadView, cost: ConsumedCapacity, changes: list[ItemChange], limit: CollectionLimit
) -> dict[str, Any]:
    if isinstance(member, _Read):
        entry = view.get(member.table.space, member.key)
        cost.add_table(read_units(0 if entry is None else entry.size_bytes, consistent=member.consistent))
        return {} if entry is None else {"Item": shown(member.select, orjson.loads(entry.item_json))}
    old = stored_item(view, member.table, member.key)
    try:
        decision = decided(member.action, member.table, member.key, old)
        limit.check(decision.change)
    except (Refusal, ServiceError):
        # A write that fails costs what it would have cost the table.
        sizes = [item_size_bytes(item) for item in (old, member.action.item) if item is not None]
        cost.add_table(write_units(*sizes))
        raise
    cost.add_write(member.table, member.key, decision.old, decision.new)
    if decision.change is not None:
        changes.append(decision.change)
    image = returned(member.statement, decision)
    return {} if image is None else {"Item": image}
