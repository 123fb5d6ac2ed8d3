"""TransactGetItems and TransactWriteItems: all actions or none, each on another item.

A fault of the request itself is a ``ValidationException``, in the order of the actions. A fault that needs a table or
an item cancels the transaction: every action gets a reason, in request order.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any, Final

import orjson

from ddbmodel.engine.catalog import Catalog, Table
from ddbmodel.engine.context import RequestContext
from ddbmodel.engine.items.capacity import ConsumedCapacity, listed, read_units, wanted
from ddbmodel.engine.items.targets import checked_item, stored_item, table_called
from ddbmodel.engine.items.write_actions import (
    Decision,
    WriteAction,
    check_action,
    decide,
    delete_action,
    put_action,
    target_key,
    update_action,
)
from ddbmodel.engine.messages.keys import NOT_THE_SCHEMA
from ddbmodel.engine.messages.message import Refusal, Wording
from ddbmodel.engine.outcome import Outcome, TokenUse
from ddbmodel.engine.storage.view import Entry, ReadView
from ddbmodel.engine.validation.attribute_values import check_text
from ddbmodel.engine.validation.expressions import RequestExpressions
from ddbmodel.engine.validation.faults import invalid, unreadable
from ddbmodel.engine.validation.keys import check_not_empty, key_of_lookup, matches_schema
from ddbmodel.errors import CancellationReason, ServiceError, service_error
from ddbmodel.expressions.project import project
from ddbmodel.expressions.tree import Projection
from ddbmodel.values.item_size import item_size_bytes
from ddbmodel.values.wire import Item

__all__ = ["TOKEN_LIFETIME_S", "transact_get_items", "transact_write_items"]

TOKEN_LIFETIME_S: Final = 600.0
"""A request token protects a transaction against its repetition for ten minutes."""

MAX_TRANSACTION_BYTES: Final = 4 * 1024 * 1024

_ACTIONS: Final[Mapping[str, Callable[[dict[str, Any]], WriteAction]]] = {
    "ConditionCheck": check_action,
    "Put": put_action,
    "Delete": delete_action,
    "Update": update_action,
}
_REASON_CODES: Final = {
    "ConditionalCheckFailedException": "ConditionalCheckFailed",
    "ValidationException": "ValidationError",
}
_NO_REASON: Final = CancellationReason("None")
_ONE_ITEM_TWICE: Final = "Transaction request cannot include multiple operations on one item"
_TOO_LARGE: Final = (
    "Collection size of items exceeded, which can also be caused by the aggregate size of the items in the "
    "transaction exceeding the 4MB limit"
)


def transact_get_items(request: dict[str, Any], view: ReadView, catalog: Catalog, _context: RequestContext) -> Outcome:
    """Answer TransactGetItems: one response for each action, without `Item` where there is none."""
    reads = [_read_action(action) for action in request["TransactItems"]]
    targets = [(key, table_called(name, catalog), projection) for name, key, projection in reads]
    reasons = [_key_fault(table, key) for key, table, _ in targets]
    _cancel_if_any(reasons)
    places = [(table, key_of_lookup(table, key)) for key, table, _ in targets]
    _check_distinct(places)
    entries = [view.get(table.space, key) for table, key in places]
    if sum(entry.size_bytes for entry in entries if entry is not None) > MAX_TRANSACTION_BYTES:
        raise invalid(_TOO_LARGE)
    response: dict[str, Any] = {
        "Responses": [_read_response(entry, target[2]) for entry, target in zip(entries, targets, strict=True)]
    }
    asked = wanted(request)
    if asked:
        costs: dict[str, ConsumedCapacity] = {}
        for (table, _), entry in zip(places, entries, strict=True):
            cost = costs.setdefault(table.name, ConsumedCapacity(table.name, split="ReadCapacityUnits"))
            cost.add_table(2 * read_units(0 if entry is None else entry.size_bytes, consistent=True))
        response["ConsumedCapacity"] = listed(costs.values(), asked)
    return Outcome(response)


def transact_write_items(request: dict[str, Any], view: ReadView, catalog: Catalog, context: RequestContext) -> Outcome:
    """Answer TransactWriteItems; a repetition with the same request token succeeds and changes nothing."""
    actions = [_write_action(action) for action in request["TransactItems"]]
    token, is_repetition = _token_use(request, view, context.now_s)
    targets = [(action, table_called(action.table_name, catalog)) for action in actions]
    if is_repetition:
        return Outcome(_response(request, view, targets, None))
    keys, faults = _keys_of(targets, context.wording)
    _cancel_if_any(faults)
    _check_distinct([(table, key) for (_, table), key in zip(targets, keys, strict=True)])
    decisions: list[Decision] = []
    reasons: list[CancellationReason] = []
    for (action, table), key in zip(targets, keys, strict=True):
        try:
            decisions.append(decide(action, table, key, stored_item(view, table, key)))
            reasons.append(_NO_REASON)
        except (Refusal, ServiceError) as error:
            reasons.append(_reason(error, context.wording))
    _cancel_if_any(reasons)
    changes = tuple(decision.change for decision in decisions if decision.change is not None)
    if sum(change.new_size_bytes for change in changes) > MAX_TRANSACTION_BYTES:
        raise invalid(_TOO_LARGE)
    return Outcome(_response(request, view, targets, decisions), changes, token=token)


def _read_action(action: Any) -> tuple[str, Item, Projection | None]:
    body = action["Get"]
    expressions = RequestExpressions(body, "ProjectionExpression")
    projection = expressions.projection("ProjectionExpression")
    expressions.finish()
    return body["TableName"], checked_item(body["Key"]), projection


def _read_response(entry: Entry | None, projection: Projection | None) -> dict[str, Any]:
    if entry is None:
        return {}
    item = orjson.loads(entry.item_json)
    if projection is None:
        return {"Item": item}
    projected = project(projection, item)
    return {"Item": projected} if projected else {}


def _write_action(action: Any) -> WriteAction:
    kinds = [kind for kind in _ACTIONS if action.get(kind) is not None]
    if len(kinds) != 1:
        raise invalid(
            "TransactItems can only contain one of Check, Put, Update or Delete"
            if kinds
            else "Invalid Request: TransactWriteRequest should contain Delete or Put or Update request"
        )
    (kind,) = kinds
    return _ACTIONS[kind](action[kind])


def _token_use(request: dict[str, Any], view: ReadView, now_s: float) -> tuple[TokenUse | None, bool]:
    """Return the use to be noted, and whether the request was already carried out under this token."""
    token = request.get("ClientRequestToken")
    if token is None:
        return None, False
    check_text(token)
    try:
        text = orjson.dumps(request["TransactItems"], option=orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError:
        # Only members that no action has were not looked at yet: too deep, or a number of more than 64 bits.
        raise unreadable("Unexpected token received from parser") from None
    digest = sha256(text).digest()
    earlier = view.token(token)
    if earlier is None or now_s - earlier.used_at_s >= TOKEN_LIFETIME_S:
        return TokenUse(token, digest, now_s), False
    if earlier.request_digest != digest:
        raise service_error(
            "IdempotentParameterMismatchException",
            "Failed to satisfy constraint: A request with the same client request token but different parameters "
            "was already carried out",
        )
    return None, True


def _keys_of(
    targets: list[tuple[WriteAction, Table]], wording: Wording
) -> tuple[list[bytes], list[CancellationReason]]:
    keys: list[bytes] = []
    reasons: list[CancellationReason] = []
    for action, table in targets:
        # An empty key value is a fault of the request, any other key fault one of the action.
        check_not_empty(
            [key for key in table.keys.attributes if key.type in action.item.get(key.name, ())], action.item
        )
        try:
            keys.append(target_key(action, table))
            reasons.append(_NO_REASON)
        except (Refusal, ServiceError) as error:
            reasons.append(_reason(error, wording))
    return keys, reasons


def _key_fault(table: Table, key: Item) -> CancellationReason:
    if matches_schema(table.keys, key):
        return _NO_REASON
    return CancellationReason("ValidationError", NOT_THE_SCHEMA.text)


def _check_distinct(places: list[tuple[Table, bytes]]) -> None:
    if len({(table.id, key) for table, key in places}) != len(places):
        raise invalid(_ONE_ITEM_TWICE)


def _reason(error: Refusal | ServiceError, wording: Wording) -> CancellationReason:
    worded = error.error(wording) if isinstance(error, Refusal) else error
    return CancellationReason(_REASON_CODES[worded.code], worded.message, worded.item)


def _cancel_if_any(reasons: list[CancellationReason]) -> None:
    if all(reason.code == "None" for reason in reasons):
        return
    codes = ", ".join(reason.code for reason in reasons)
    raise service_error(
        "TransactionCanceledException",
        f"Transaction cancelled, please refer cancellation reasons for specific reasons [{codes}]",
        cancellation_reasons=reasons,
    )


def _response(
    request: dict[str, Any],
    view: ReadView,
    targets: list[tuple[WriteAction, Table]],
    decisions: list[Decision] | None,
) -> dict[str, Any]:
    response: dict[str, Any] = {}
    asked = wanted(request)
    if not asked:
        return response
    costs: dict[str, ConsumedCapacity] = {}
    split = "ReadCapacityUnits" if decisions is None else "WriteCapacityUnits"
    for position, (action, table) in enumerate(targets):
        cost = costs.setdefault(table.name, ConsumedCapacity(table.name, split=split))
        key = target_key(action, table)
        if decisions is None:
            # A repetition is charged as reads of the items that it is about.
            item = stored_item(view, table, key)
            size_bytes = 0 if item is None else item_size_bytes(item)
            cost.add_table(2 * read_units(size_bytes, consistent=True))
        else:
            decision = decisions[position]
            cost.add_write(table, key, decision.old, decision.new, times=2)
    response["ConsumedCapacity"] = listed(costs.values(), asked)
    return response
