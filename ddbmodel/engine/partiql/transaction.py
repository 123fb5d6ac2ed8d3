"""ExecuteTransaction: up to 100 statements, all reads or all writes and EXISTS, all of them or none.

| fault | answer |
|---|---|
| a parameter | its own words |
| a statement | ``Validation failed in TransactStatements[n]: …`` |
| a table that is not there, a key that is not the table's | the transaction is cancelled |
| two statements on one item | its own words |
| a condition, an update that does not fit, an item that is there | the transaction is cancelled |
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final, TypeAlias

import orjson

from ddbmodel.engine.catalog import Catalog, Table
from ddbmodel.engine.context import RequestContext
from ddbmodel.engine.items.capacity import ConsumedCapacity, listed, read_units, wanted
from ddbmodel.engine.items.collection_limit import CollectionLimit
from ddbmodel.engine.items.targets import stored_item
from ddbmodel.engine.items.transactions import MAX_TRANSACTION_BYTES, TOKEN_LIFETIME_S
from ddbmodel.engine.items.write_actions import Decision, WriteAction, target_key
from ddbmodel.engine.messages import partiql as messages
from ddbmodel.engine.messages.keys import EMPTY_INDEX_KEY, EMPTY_KEY, NOT_THE_SCHEMA, UPDATED_EMPTY_INDEX_KEY
from ddbmodel.engine.messages.message import Refusal, Wording, refused
from ddbmodel.engine.messages.transactions import CANCELLED, ONE_ITEM_TWICE, OTHER_PARAMETERS, TOO_LARGE
from ddbmodel.engine.named_tables import data_table
from ddbmodel.engine.outcome import Outcome, TokenUse
from ddbmodel.engine.partiql.prepare import checked_parameters, prepared
from ddbmodel.engine.partiql.select import shown, source_of
from ddbmodel.engine.partiql.single_reads import key_of_read
from ddbmodel.engine.partiql.writes import KeyAndCondition, WriteStatement, decided, key_and_condition, write_action
from ddbmodel.engine.storage.view import ReadView
from ddbmodel.engine.validation.keys import key_of_lookup
from ddbmodel.errors import CancellationReason
from ddbmodel.expressions.partiql.statements import Exists, Insert, Select, Statement
from ddbmodel.values.item_size import item_size_bytes
from ddbmodel.values.wire import Item

__all__ = ["execute_transaction"]

_REASON_CODES: Final = {
    "ConditionalCheckFailedException": "ConditionalCheckFailed",
    "DuplicateItemException": "DuplicateItem",
    "ItemCollectionSizeLimitExceededException": "ItemCollectionSizeLimitExceeded",
    "ResourceNotFoundException": "ResourceNotFound",
    "ValidationException": "ValidationError",
}
_NO_REASON: Final = CancellationReason("None")
# Wherever they are found, these are faults of the request and no reasons to cancel.
_OF_THE_REQUEST: Final = (EMPTY_KEY, EMPTY_INDEX_KEY, UPDATED_EMPTY_INDEX_KEY)


@dataclass(frozen=True, slots=True)
class _Read:
    """A SELECT, the table and the key that it is about."""

    select: Select
    table: Table
    key: Item


@dataclass(frozen=True, slots=True)
class _Write:
    """A write or an EXISTS, and the action that it is; None when its WHERE clause gives no one item."""

    table: Table
    action: WriteAction | None


_Member: TypeAlias = _Read | _Write


class _Reasons:
    """Why the statements of a transaction stand in its way, one after the other."""

    def __init__(self, wording: Wording) -> None:
        self._wording = wording
        self._reasons: list[CancellationReason] = []

    def add(self, refusal: Refusal | None = None) -> None:
        """Note the reason of the next statement."""
        if refusal is None:
            self._reasons.append(_NO_REASON)
            return
        if refusal.message in _OF_THE_REQUEST:
            raise refusal
        code = _REASON_CODES[refusal.code]
        self._reasons.append(CancellationReason(code, refusal.text(self._wording), refusal.facts.get("item")))

    def cancel_if_any(self) -> None:
        """Raise unless there are none; forget them."""
        reasons, self._reasons = self._reasons, []
        if any(reason.code != "None" for reason in reasons):
            codes = ", ".join(reason.code for reason in reasons)
            raise Refusal(CANCELLED, {"codes": codes}, {"cancellation_reasons": tuple(reasons)})


def execute_transaction(request: dict[str, Any], view: ReadView, catalog: Catalog, context: RequestContext) -> Outcome:
    """Answer ExecuteTransaction: a response for each read, none for writes."""
    bodies: list[dict[str, Any]] = request["TransactStatements"]
    parameters = [checked_parameters(body) for body in bodies]
    statements: list[Statement] = []
    for position, (body, values) in enumerate(zip(bodies, parameters, strict=True)):
        with _in_statement(position, context.wording):
            statements.append(prepared(body, values, in_transaction=True))
    if len({isinstance(statement, Select) for statement in statements}) > 1:
        raise refused(messages.MIXED_TRANSACTION)
    reasons = _Reasons(context.wording)
    members = _members(statements, bodies, catalog, context, reasons)
    reads = [member for member in members if isinstance(member, _Read)]
    if reads:
        return _read_all(reads, request, view, reasons)
    return _write_all([member for member in members if isinstance(member, _Write)], request, view, context, reasons)


@contextmanager
def _in_statement(position: int, wording: Wording) -> Iterator[None]:
    try:
        yield
    except Refusal as refusal:
        raise refused(messages.TRANSACTION_STATEMENT, position=position, text=refusal.text(wording)) from None


def _members(
    statements: Sequence[Statement],
    bodies: Sequence[dict[str, Any]],
    catalog: Catalog,
    context: RequestContext,
    reasons: _Reasons,
) -> list[_Member]:
    members: list[_Member] = []
    for position, (statement, body) in enumerate(zip(statements, bodies, strict=True)):
        name = statement.select.table if isinstance(statement, Exists) else statement.table
        try:
            table = data_table(name, catalog, context)
        except Refusal as refusal:
            # Nothing more is asked of it; what is wrong with another statement comes first.
            reasons.add(refusal)
            continue
        reasons.add()
        with _in_statement(position, context.wording):
            if isinstance(statement, Select):
                members.append(_read(statement, table, context.now_s))
            else:
                shows_item = body.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD"
                members.append(_write(statement, table, context.now_s, shows_item=shows_item))
    reasons.cancel_if_any()
    return members


def _read(select: Select, table: Table, now_s: float) -> _Read:
    if select.index is not None:
        raise refused(messages.TRANSACTION_READ_OF_INDEX)
    source_of(select, table, now_s)
    key = key_of_read(select, table)
    if key is None:
        raise refused(messages.TRANSACTION_READ_NEEDS_KEY)
    return _Read(select, table, key)


def _write(statement: WriteStatement, table: Table, now_s: float, *, shows_item: bool) -> _Write:
    if isinstance(statement, Insert):
        return _Write(table, write_action(statement, None, shows_item=shows_item))
    if isinstance(statement, Exists):
        found = _existing(statement.select, table, now_s)
    else:
        if statement.returning is not None:
            raise refused(messages.RETURNING_IN_TRANSACTION)
        found = key_and_condition(statement.where, table)
        if found.twice is not None or len(found.key) != len(table.keys.attributes):
            return _Write(table, None)
    return _Write(table, write_action(statement, found, shows_item=shows_item))


def _existing(select: Select, table: Table, now_s: float) -> KeyAndCondition:
    if select.index is not None:
        raise refused(messages.EXISTS_ON_INDEX)
    source_of(select, table, now_s)
    found = key_and_condition(select.where, table)
    if found.condition is None or len(found.key) != len(table.keys.attributes):
        raise refused(messages.EXISTS_NEEDS_CONDITION)
    return found


def _read_all(reads: Sequence[_Read], request: dict[str, Any], view: ReadView, reasons: _Reasons) -> Outcome:
    keys: list[bytes] = []
    for read in reads:
        try:
            keys.append(key_of_lookup(read.table, read.key))
            reasons.add()
        except Refusal as refusal:
            reasons.add(refusal)
    reasons.cancel_if_any()
    _check_distinct([read.table for read in reads], keys)
    entries = [view.get(read.table.space, key) for read, key in zip(reads, keys, strict=True)]
    if sum(entry.size_bytes for entry in entries if entry is not None) > MAX_TRANSACTION_BYTES:
        raise refused(TOO_LARGE)
    responses: list[dict[str, Any]] = []
    costs: dict[str, ConsumedCapacity] = {}
    for read, entry in zip(reads, entries, strict=True):
        item = {} if entry is None else shown(read.select, orjson.loads(entry.item_json))
        responses.append({"Item": item} if item else {})
        cost = costs.setdefault(read.table.name, ConsumedCapacity(read.table.name, split="ReadCapacityUnits"))
        cost.add_table(2 * read_units(0 if entry is None else entry.size_bytes, consistent=True))
    return Outcome(_response(responses, costs, request))


def _write_all(
    writes: Sequence[_Write], request: dict[str, Any], view: ReadView, context: RequestContext, reasons: _Reasons
) -> Outcome:
    token, is_repetition = _token_use(request, view, context.now_s)
    targets: list[tuple[WriteAction, Table, bytes]] = []
    for write in writes:
        try:
            if write.action is None:
                raise refused(NOT_THE_SCHEMA)
            targets.append((write.action, write.table, target_key(write.action, write.table)))
            reasons.add()
        except Refusal as refusal:
            reasons.add(refusal)
    reasons.cancel_if_any()
    _check_distinct([table for _, table, _ in targets], [key for _, _, key in targets])
    if is_repetition:
        return Outcome(_response([], _repetition_costs(targets, view), request))
    decisions: list[Decision] = []
    limit = CollectionLimit(view, context)
    for action, table, key in targets:
        try:
            decisions.append(decided(action, table, key, stored_item(view, table, key)))
            limit.check(decisions[-1].change)
            reasons.add()
        except Refusal as refusal:
            reasons.add(refusal)
    reasons.cancel_if_any()
    changes = tuple(decision.change for decision in decisions if decision.change is not None)
    if sum(change.new_size_bytes for change in changes) > MAX_TRANSACTION_BYTES:
        raise refused(TOO_LARGE)
    costs: dict[str, ConsumedCapacity] = {}
    for (_, table, key), decision in zip(targets, decisions, strict=True):
        cost = costs.setdefault(table.name, ConsumedCapacity(table.name, split="WriteCapacityUnits"))
        cost.add_write(table, key, decision.old, decision.new, times=2)
    return Outcome(_response([], costs, request), changes, token=token)


def _check_distinct(tables: Sequence[Table], keys: Sequence[bytes]) -> None:
    if len({(table.id, key) for table, key in zip(tables, keys, strict=True)}) != len(keys):
        raise refused(ONE_ITEM_TWICE)


def _repetition_costs(
    targets: Sequence[tuple[WriteAction, Table, bytes]], view: ReadView
) -> dict[str, ConsumedCapacity]:
    """Return what a repetition under the same token costs: reads of the items that it is about."""
    costs: dict[str, ConsumedCapacity] = {}
    for _, table, key in targets:
        cost = costs.setdefault(table.name, ConsumedCapacity(table.name, split="ReadCapacityUnits"))
        item = stored_item(view, table, key)
        cost.add_table(2 * read_units(0 if item is None else item_size_bytes(item), consistent=True))
    return costs


def _response(
    responses: list[dict[str, Any]], costs: dict[str, ConsumedCapacity], request: dict[str, Any]
) -> dict[str, Any]:
    response: dict[str, Any] = {"Responses": responses}
    asked = wanted(request)
    if asked:
        response["ConsumedCapacity"] = listed(costs.values(), asked)
    return response


def _token_use(request: dict[str, Any], view: ReadView, now_s: float) -> tuple[TokenUse | None, bool]:
    """Return the use to be noted, and whether the statements were already carried out under this token."""
    token = request.get("ClientRequestToken")
    if token is None:
        return None, False
    digest = sha256(orjson.dumps(request["TransactStatements"], option=orjson.OPT_SORT_KEYS)).digest()
    earlier = view.token(token)
    if earlier is None or now_s - earlier.used_at_s >= TOKEN_LIFETIME_S:
        return TokenUse(token, digest, now_s), False
    if earlier.request_digest != digest:
        raise refused(OTHER_PARAMETERS)
    return None, True
