"""S7: transactions: all or nothing, reasons of a cancellation, tokens."""

from __future__ import annotations

from typing import Any, Final

from facts.form import API, GUIDE, KNOWN, QUOTED, Backend, Check, Fact, N, S, Step, ask, fact, get, put, scan, update
from facts.matching import ABSENT, ANY, Some
from facts.tables import HASH, RANGE

__all__ = ["FACTS"]

_KEY: Final = {"pk": S("a")}
_CANCELLED: Final = "TransactionCanceledException"
_FAILED: Final = {"Code": "ConditionalCheckFailed", "Message": "The conditional request failed"}
_NONE: Final = {"Code": "None"}


def _write(*actions: dict[str, Any], **more: Any) -> Step:
    return ask("TransactWriteItems", TransactItems=list(actions), **more)


def _read(*keys: str, **more: Any) -> Step:
    return ask(
        "TransactGetItems",
        TransactItems=[{"Get": {"TableName": "plain", "Key": {"pk": S(key)}, **more}} for key in keys],
    )


def _put(key: str, *, n: int | None = None, **more: Any) -> dict[str, Any]:
    item = {"pk": S(key)} if n is None else {"pk": S(key), "n": N(n)}
    return {"Put": {"TableName": "plain", "Item": item, **more}}


def _check(key: str, condition: str, **more: Any) -> dict[str, Any]:
    return {"ConditionCheck": {"TableName": "plain", "Key": {"pk": S(key)}, "ConditionExpression": condition, **more}}


def _update(key: str, expression: str, values: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "Update": {
            "TableName": "plain",
            "Key": {"pk": S(key)},
            "UpdateExpression": expression,
            "ExpressionAttributeValues": values,
            **more,
        }
    }


def _delete(key: str, **more: Any) -> dict[str, Any]:
    return {"Delete": {"TableName": "plain", "Key": {"pk": S(key)}, **more}}


def _words(*codes: str) -> str:
    return f"Transaction cancelled, please refer cancellation reasons for specific reasons [{', '.join(codes)}]"


def _token_ends(backend: Backend) -> str | None:
    """A token is remembered for ten minutes: after that its transaction is a new one."""
    once = _write(_update("a", "ADD n :one", {":one": N(1)}), ClientRequestToken="token")
    for wait_s, n in ((0, 1), (590, 1), (20, 2)):
        backend.advance(wait_s)
        found = once.failure(backend) or get(_KEY).gives(Item={**_KEY, "n": N(n)}).failure(backend)
        if found is not None:
            return found
    return None


def _misbehaved(step: Step, **behaviours: Any) -> Check:
    """Return the check that a step goes as it says when other users are at work."""

    def check(backend: Backend) -> str | None:
        backend.behave(**behaviours)
        return step.failure(backend)

    return check


FACTS: Final[tuple[Fact, ...]] = (
    fact(
        "S7.conflict.transaction",
        "a transaction that meets another one is cancelled with a reason of its own",
        API("TransactWriteItems"),
        check=_misbehaved(
            _write(_put("a")).refused(
                _words("TransactionConflict"),
                _CANCELLED,
                CancellationReasons=[Some({"Code": "TransactionConflict"})],
            ),
            conflict_rate=1.0,
        ),
    ),
    fact(
        "S7.conflict.single",
        "a single write that meets a transaction is refused",
        API("PutItem"),
        check=_misbehaved(put(_KEY).refused(ANY, "TransactionConflictException"), conflict_rate=1.0),
    ),
    fact(
        "S7.token.in_progress",
        "a token whose transaction is still under way is refused",
        API("TransactWriteItems"),
        check=_misbehaved(
            _write(_put("a"), ClientRequestToken="token").refused(ANY, "TransactionInProgressException"),
            in_progress_rate=1.0,
        ),
    ),
    fact(
        "S7.throttled",
        "a transaction on a table on demand that is throttled is cancelled with ThrottlingError",
        API("TransactWriteItems"),
        check=_misbehaved(
            _write(_put("a")).refused(
                _words("ThrottlingError"), _CANCELLED, CancellationReasons=[Some({"Code": "ThrottlingError"})]
            ),
            throttled_write_rate=1.0,
        ),
    ),
    fact(
        "S7.throttled.provisioned",
        "and on a provisioned table with ProvisionedThroughputExceeded",
        API("TransactWriteItems"),
        tables=(
            {
                **{name: value for name, value in HASH.items() if name != "BillingMode"},
                "ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1},
            },
        ),
        check=_misbehaved(
            _write(_put("a")).refused(
                _words("ProvisionedThroughputExceeded"),
                _CANCELLED,
                CancellationReasons=[Some({"Code": "ProvisionedThroughputExceeded"})],
            ),
            throttled_write_rate=1.0,
        ),
    ),
    fact(
        "S7.write.all_kinds",
        "a transaction puts, updates, deletes and checks",
        API("TransactWriteItems"),
        put({"pk": S("b"), "n": N(1)}),
        put({"pk": S("c")}),
        put({"pk": S("d")}),
        _write(
            _put("a"),
            _update("b", "ADD n :one", {":one": N(1)}),
            _delete("c"),
            _check("d", "attribute_exists(pk)"),
        ).gives(ConsumedCapacity=ABSENT),
        _read("a", "b", "c", "d").gives(
            Responses=[
                {"Item": {"pk": S("a")}},
                {"Item": {"pk": S("b"), "n": N(2)}},
                {},
                {"Item": {"pk": S("d")}},
            ]
        ),
    ),
    fact(
        "S7.write.tables",
        "a transaction writes several tables",
        API("TransactWriteItems"),
        _write(_put("a"), {"Put": {"TableName": "ranged", "Item": {"pk": S("a"), "sk": S("b")}}}),
        scan().gives(Count=1),
        scan("ranged").gives(Count=1),
        tables=(HASH, RANGE),
    ),
    fact(
        "S7.cancelled.reasons",
        "a cancellation gives a reason for every action, in order",
        KNOWN,
        _write(_put("a"), _check("b", "attribute_exists(pk)")).refused(
            _words("None", "ConditionalCheckFailed"), _CANCELLED, CancellationReasons=[_NONE, _FAILED]
        ),
    ),
    fact(
        "S7.cancelled.nothing_written",
        "nothing of a cancelled transaction is written",
        API("TransactWriteItems"),
        _write(_put("a"), _check("b", "attribute_exists(pk)")).refused(
            _words("None", "ConditionalCheckFailed"), _CANCELLED
        ),
        scan().gives(Count=0),
    ),
    fact(
        "S7.cancelled.several",
        "all conditions that fail are told",
        KNOWN,
        _write(
            _check("a", "attribute_exists(pk)"), _put("b"), _put("c", ConditionExpression="attribute_exists(pk)")
        ).refused(
            _words("ConditionalCheckFailed", "None", "ConditionalCheckFailed"),
            _CANCELLED,
            CancellationReasons=[_FAILED, _NONE, _FAILED],
        ),
    ),
    fact(
        "S7.cancelled.item",
        "a reason has the item when it is asked for",
        API("TransactWriteItems"),
        put({"pk": S("a"), "n": N(1)}),
        _write(
            _put(
                "a",
                ConditionExpression="attribute_not_exists(pk)",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        ).refused(
            _words("ConditionalCheckFailed"),
            _CANCELLED,
            CancellationReasons=[{**_FAILED, "Item": {"pk": S("a"), "n": N(1)}}],
        ),
    ),
    fact(
        "S7.cancelled.not_asked",
        "and has none when it is not",
        API("TransactWriteItems"),
        put({"pk": S("a"), "n": N(1)}),
        _write(_put("a", ConditionExpression="attribute_not_exists(pk)")).refused(
            _words("ConditionalCheckFailed"), _CANCELLED, CancellationReasons=[_FAILED]
        ),
    ),
    fact(
        "S7.cancelled.validation",
        "an update that does not fit its item cancels",
        KNOWN,
        put({"pk": S("a"), "n": S("text")}),
        _write(_update("a", "SET n = n + :one", {":one": N(1)}), _put("b")).refused(
            _words("ValidationError", "None"),
            _CANCELLED,
            CancellationReasons=[
                {
                    "Code": "ValidationError",
                    "Message": "An operand in the update expression has an incorrect data type",
                },
                _NONE,
            ],
        ),
    ),
    fact(
        "S7.cancelled.partiql",
        "a statement that inserts what is there cancels with a reason of its own",
        KNOWN,
        put(_KEY),
        ask("ExecuteTransaction", TransactStatements=[{"Statement": "INSERT INTO plain VALUE {'pk': 'a'}"}]).refused(
            _words("DuplicateItem"),
            _CANCELLED,
            CancellationReasons=[Some({"Code": "DuplicateItem", "Message": "Duplicate primary key exists in table"})],
        ),
    ),
    fact(
        "S7.token.replay",
        "the same token and the same actions succeed again and do nothing",
        API("TransactWriteItems"),
        _write(_update("a", "ADD n :one", {":one": N(1)}), ClientRequestToken="token"),
        _write(_update("a", "ADD n :one", {":one": N(1)}), ClientRequestToken="token"),
        get(_KEY).gives(Item={**_KEY, "n": N(1)}),
    ),
    fact(
        "S7.token.mismatch",
        "the same token with other actions is refused",
        API("TransactWriteItems"),
        _write(_put("a"), ClientRequestToken="token"),
        _write(_put("b"), ClientRequestToken="token").refused(ANY, "IdempotentParameterMismatchException"),
    ),
    fact(
        "S7.token.cancelled",
        "a token of a cancelled transaction is not used up",
        GUIDE("Managing complex workflows with DynamoDB transactions"),
        _write(_check("a", "attribute_exists(pk)"), _put("b"), ClientRequestToken="token").refused(
            _words("ConditionalCheckFailed", "None"), _CANCELLED
        ),
        put(_KEY),
        _write(_check("a", "attribute_exists(pk)"), _put("b"), ClientRequestToken="token"),
        scan().gives(Count=2),
    ),
    fact(
        "S7.token.ten_minutes",
        "a token is remembered for ten minutes",
        API("TransactWriteItems"),
        check=_token_ends,
    ),
    fact(
        "S7.token.36",
        "a token may have 36 characters",
        API("TransactWriteItems"),
        _write(_put("a"), ClientRequestToken="t" * 36),
    ),
    fact(
        "S7.missing_table",
        "a missing table refuses a transaction as a whole",
        KNOWN,
        _write(_put("a"), {"Delete": {"TableName": "missing", "Key": _KEY}}).refused(
            "Requested resource not found", "ResourceNotFoundException", CancellationReasons=ABSENT
        ),
        scan().gives(Count=0),
    ),
    fact(
        "S7.get.projection",
        "a reading transaction projects each item",
        API("TransactGetItems"),
        put({"pk": S("a"), "x": N(1), "y": N(2)}),
        _read("a", ProjectionExpression="x").gives(Responses=[{"Item": {"x": N(1)}}]),
    ),
    fact(
        "S7.get.duplicates",
        "a reading transaction reads an item once",
        API("TransactGetItems"),
        _read("a", "a").refused("Transaction request cannot include multiple operations on one item"),
    ),
    fact(
        "S7.get.cancelled",
        "a reading transaction is cancelled for a key of another shape",
        KNOWN,
        ask(
            "TransactGetItems",
            TransactItems=[
                {"Get": {"TableName": "plain", "Key": _KEY}},
                {"Get": {"TableName": "plain", "Key": {"x": S("a")}}},
            ],
        ).refused(
            _words("None", "ValidationError"),
            _CANCELLED,
            CancellationReasons=[
                _NONE,
                {"Code": "ValidationError", "Message": "The provided key element does not match the schema"},
            ],
        ),
    ),
    fact(
        "S7.update.creates",
        "an update of a transaction makes the item",
        API("TransactWriteItems"),
        _write(_update("a", "SET n = :one", {":one": N(1)})),
        get(_KEY).gives(Item={**_KEY, "n": N(1)}),
    ),
    fact(
        "S7.one_kind",
        "an action is of one kind",
        QUOTED,
        _write({**_put("a"), **_delete("b")}).refused(
            "TransactItems can only contain one of Check, Put, Update or Delete"
        ),
    ),
    fact(
        "S7.plain_update",
        "single writes between transactions are seen by them",
        API("TransactWriteItems"),
        update(_KEY, "SET n = :one", {":one": N(1)}),
        _write(_update("a", "ADD n :one", {":one": N(1)}, ConditionExpression="n = :one")),
        get(_KEY).gives(Item={**_KEY, "n": N(2)}),
    ),
)
