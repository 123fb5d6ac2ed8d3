"""TransactGetItems and TransactWriteItems: all actions or none, each on another item.

A fault of the request itself is a ``ValidationException``, in the order of the actions. A fault that needs a table or
an item cancels the transaction: every action gets a reason, in request order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from hashlib import sha256
from typing import Any, Final

import orjson

from ddbmodel.engine.catalog import Catalog, Table
from ddbmodel.engine.context import RequestContext
from ddbmodel.engine.items.capacity import ConsumedCapacity, listed, read_units, wanted
from ddbmodel.engine.items.collection_limit import CollectionLimit
from ddbmodel.engine.items.item_collections import CollectionMetrics
from ddbmodel.engine.items.key_paths import check_key_paths, entered_attributes
from ddbmodel.engine.items.projections import requested_projection
from ddbmodel.engine.items.targets import (
    check_distinct,
    checked_item,
    place_in,
    place_of_key,
    stored_item,
)
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
from ddbmodel.engine.messages import transactions as messages
from ddbmodel.engine.messages.items import PATH_INTO_INDEX_KEY, PATH_INTO_KEY
from ddbmodel.engine.messages.keys import EMPTY_INDEX_KEY, EMPTY_KEY, UPDATED_EMPTY_INDEX_KEY
from ddbmodel.engine.messages.message import Refusal, Wording, refused
from ddbmodel.engine.named_tables import data_table
from ddbmodel.engine.outcome import Outcome, TokenUse
from ddbmodel.engine.storage.view import Entry, ReadView
from ddbmodel.engine.validation.keys import key_of_lookup
from ddbmodel.errors import CancellationReason
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
    "ItemCollectionSizeLimitExceededException": "ItemCollectionSizeLimitExceeded",
    "ValidationException": "ValidationError",
}
_NO_REASON: Final = CancellationReason("None")
# Wherever they are found, these are faults of the request and no reasons to cancel.
_OF_THE_REQUEST: Final = (
    EMPTY_KEY,
    EMPTY_INDEX_KEY,
    PATH_INTO_INDEX_KEY,
    PATH_INTO_KEY,
    UPDATED_EMPTY_INDEX_KEY,
)


def transact_get_items(request: dict[str, Any], view: ReadView, catalog: Catalog, context: RequestContext) -> Outcome:
    """Answer TransactGetItems: one response for each action, without `Item` where there is none."""
    reads = [_read_action(action) for action in request["TransactItems"]]
    check_distinct((place_of_key(name, key) for name, key, _ in reads), messages.ONE_ITEM_TWICE)
    targets = [(key, data_table(name, catalog, context), projection) for name, key, projection in reads]
    check_distinct((place_in(table, key) for key, table, _ in targets), messages.ONE_ITEM_TWICE)
    for (_, table, projection), action in zip(targets, request["TransactItems"], strict=True):
        check_key_paths(table, entered_attributes(action["Get"], projection))
    keys: list[bytes] = []
    reasons: list[CancellationReason] = []
    for key, table, _ in targets:
        try:
            keys.append(key_of_lookup(table, key))
            reasons.append(_NO_REASON)
        except Refusal as refusal:
            reasons.append(_reason(refusal, context.wording))
    _cancel_if_any(reasons)
    entries = [view.get(table.space, key) for (_, table, _), key in zip(targets, keys, strict=True)]
    if sum(entry.size_bytes for entry in entries if entry is not None) > MAX_TRANSACTION_BYTES:
        raise refused(messages.TOO_LARGE)
    response: dict[str, Any] = {
        "Responses": [_read_response(entry, target[2]) for entry, target in zip(entries, targets, strict=True)]
    }
    asked = wanted(request)
    if asked:
        costs: dict[str, ConsumedCapacity] = {}
        for (_, table, _), entry in zip(targets, entries, strict=True):
            cost = costs.setdefault(table.name, ConsumedCapacity(table.name, split="ReadCapacityUnits"))
            cost.add_table(2 * read_units(0 if entry is None else entry.size_bytes, consistent=True))
        response["ConsumedCapacity"] = listed(costs.values(), asked)
    return Outcome(response)


def transact_write_items(request: dict[str, Any], view: ReadView, catalog: Catalog, context: RequestContext) -> Outcome:
    """Answer TransactWriteItems; a repetition with the same request token succeeds and changes nothing."""
    actions = [_write_action(action) for action in request["TransactItems"]]
    token, is_repetition = _token_use(request, view, context.now_s)
    # What names its key alone is compared before any table is looked up; which part of a put is key, its table says.
    keyed = (place_of_key(action.table_name, action.item) for action in actions if action.kind != "put")
    check_distinct(keyed, messages.ONE_ITEM_TWICE)
    targets = _with_tables(actions, catalog, context)
    if is_repetition:
        return Outcome(_response(request, view, targets, None))
    check_distinct((place_in(table, action.item) for action, table in targets), messages.ONE_ITEM_TWICE)
    keys: list[bytes] = []
    reasons: list[CancellationReason] = []
    for action, table in targets:
        try:
            keys.append(target_key(action, table))
            reasons.append(_NO_REASON)
        except Refusal as refusal:
            reasons.append(_reason(refusal, context.wording))
    _cancel_if_any(reasons)
    decisions: list[Decision] = []
    limit = CollectionLimit(view, context)
    reasons.clear()
    for (action, table), key in zip(targets, keys, strict=True):
        try:
            decisions.append(decide(action, table, key, stored_item(view, table, key)))
            limit.check(decisions[-1].change)
            reasons.append(_NO_REASON)
        except Refusal as refusal:
            reasons.append(_reason(refusal, context.wording))
    _cancel_if_any(reasons)
    changes = tuple(decision.change for decision in decisions if decision.change is not None)
    if sum(change.new_size_bytes for change in changes) > MAX_TRANSACTION_BYTES:
        raise refused(messages.TOO_LARGE)
    return Outcome(_response(request, view, targets, decisions), changes, token=token)


def _read_action(action: Any) -> tuple[str, Item, Projection | None]:
    body = action["Get"]
    projection = requested_projection(body)
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
        raise refused(messages.MANY_KINDS if kinds else messages.NO_KIND)
    (kind,) = kinds
    return _ACTIONS[kind](action[kind])


def _token_use(request: dict[str, Any], view: ReadView, now_s: float) -> tuple[TokenUse | None, bool]:
    """Return the use to be noted, and whether the request was already carried out under this token."""
    token = request.get("ClientRequestToken")
    if token is None:
        return None, False
    digest = sha256(orjson.dumps(request["TransactItems"], option=orjson.OPT_SORT_KEYS)).digest()
    earlier = view.token(token)
    if earlier is None or now_s - earlier.used_at_s >= TOKEN_LIFETIME_S:
        return TokenUse(token, digest, now_s), False
    if earlier.request_digest != digest:
        raise refused(messages.OTHER_PARAMETERS)
    return None, True


def _with_tables(
    actions: list[WriteAction], catalog: Catalog, context: RequestContext
) -> list[tuple[WriteAction, Table]]:
    try:
        return [(action, data_table(action.table_name, catalog, context)) for action in actions]
    except Refusal:
        # A key that is there twice comes before a table that is not; of a put, only its table knows the key.
        keyed = (place_of_key(action.table_name, action.item) for action in actions if action.kind != "put")
        check_distinct(keyed, messages.ONE_ITEM_TWICE)
        raise


def _reason(refusal: Refusal, wording: Wording) -> CancellationReason:
    """Return the reason that a refused action is to cancel; raise the refusal when it is none."""
    if refusal.message in _OF_THE_REQUEST:
        raise refusal
    return CancellationReason(_REASON_CODES[refusal.code], refusal.text(wording), refusal.facts.get("item"))


def _cancel_if_any(reasons: list[CancellationReason]) -> None:
    if all(reason.code == "None" for reason in reasons):
        return
    codes = ", ".join(reason.code for reason in reasons)
    raise Refusal(messages.CANCELLED, {"codes": codes}, {"cancellation_reasons": tuple(reasons)})


def _response(
    request: dict[str, Any],
    view: ReadView,
    targets: list[tuple[WriteAction, Table]],
    decisions: list[Decision] | None,
) -> dict[str, Any]:
    response: dict[str, Any] = {}
    if request.get("ReturnItemCollectionMetrics") == "SIZE":
        collections = CollectionMetrics(request, view)
        for action, table in targets:
            if action.kind != "check":
                collections.add(action.table_name, table, action.item)
        if collections.by_table:
            response["ItemCollectionMetrics"] = collections.by_table
    asked = wanted(request)
    if asked:
        response["ConsumedCapacity"] = listed(_costs(view, targets, decisions), asked)
    return response


def _costs(
    view: ReadView, targets: list[tuple[WriteAction, Table]], decisions: list[Decision] | None
) -> Iterable[ConsumedCapacity]:
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
    return costs.values()
