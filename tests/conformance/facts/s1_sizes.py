"""S1.item, S1.pages and S2: the size of an item by the byte, and what is limited by sizes.

A value's size is found with a text that fills the item to exactly 409,600 bytes: one byte more must be refused.
"""

from __future__ import annotations

from typing import Any, Final

from facts.form import (
    BS,
    CAPTURED,
    GUIDE,
    NS,
    SS,
    Backend,
    Check,
    Fact,
    L,
    M,
    N,
    S,
    Step,
    ask,
    fact,
    put,
    query,
    scan,
    statement,
    update,
)
from facts.matching import ABSENT, ANY, Some, Where
from facts.tables import HASH, RANGE_N

__all__ = ["FACTS"]

_LIMIT: Final = 409_600
_KEY: Final = {"pk": S("a")}
_KEY_BYTES: Final = len("pk") + len("a")
_TOO_LARGE: Final = "Item size has exceeded the maximum allowed size"
_TOO_LARGE_TO_UPDATE: Final = "Item size to update has exceeded the maximum allowed size"
_FILLED: Final = GUIDE("DynamoDB item sizes and formats") + "; the boundary " + CAPTURED


def _filled(value: dict[str, Any], size: int, total: int = _LIMIT) -> dict[str, Any]:
    """Return an item of so many bytes, if the value has the size that is said."""
    return {**_KEY, "v": value, "fill": S("f" * (total - _KEY_BYTES - len("v") - size - len("fill")))}


def _of(total: int) -> dict[str, Any]:
    return {**_KEY, "fill": S("f" * (total - _KEY_BYTES - len("fill")))}


# (mark, what, value, bytes)
_SIZES: Final[list[tuple[str, str, dict[str, Any], int]]] = [
    ("text", "a text of three characters", S("abc"), 3),
    ("utf8", "a text of UTF-8's longer characters", S("é€😀"), 9),
    ("empty", "an empty text", S(""), 0),
    ("binary", "three bytes", {"B": "AAEC"}, 3),
    ("true", "a boolean", {"BOOL": True}, 1),
    ("null", "a null", {"NULL": True}, 1),
    ("texts", "a set of texts", SS("ab", "c"), 3),
    ("binaries", "a set of binaries", BS("AAEC", "AA=="), 4),
    ("numbers", "a set of numbers", NS("1", "12345", "-42"), 2 + 4 + 3),
    ("list", "a list of three", L(S("a"), N(1), {"NULL": True}), 3 + 3 + 1 + 2 + 1),
    ("empty_list", "an empty list", L(), 3),
    ("map", "a map of two", M(k=S("a"), kk=N(1)), 3 + (1 + 1 + 1) + (2 + 1 + 2)),
    ("empty_map", "an empty map", M(), 3),
    ("nested", "a list in a map", M(l=L(L())), 3 + 1 + 1 + (3 + 1 + 3)),
    ("zero", "zero", N(0), 1),
    ("minus_zero", "zero with a sign", N("-0"), 1),
    ("one", "the number 1", N(1), 2),
    ("three_digits", "the number 123", N(123), 3),
    ("five_digits", "the number 12345", N(12345), 4),
    ("38_digits", "a number of 38 digits", N("1" * 38), 20),
    ("fraction", "the number 1.5", N("1.5"), 3),
    ("pi", "the number 3.14159", N("3.14159"), 5),
    ("mixed", "the number 100.5", N("100.5"), 4),
    ("small", "the number 0.15", N("0.15"), 2),
    ("huge", "the number 1E125", N("1E125"), 2),
    ("negative", "the number -42", N(-42), 3),
    ("trailing_zeros", "the number 1200", N(1200), 2),
]


def _pages(backend: Backend) -> str | None:
    """Twelve items of 100,016 bytes: a page ends around the eleventh, which crosses 1 MiB."""
    for number in range(12):
        item = {**_KEY, "sk": N(number + 1), "d": S("d" * 100_000)}
        if (found := put(item, "numbered").failure(backend)) is not None:
            return found
    request = {
        "TableName": "numbered",
        "KeyConditionExpression": "pk = :p",
        "ExpressionAttributeValues": {":p": S("a"), ":none": S("none")},
        "FilterExpression": "d = :none",
    }
    return (
        Step("Query", request)
        .gives(Count=0, ScannedCount=Where("10 or 11", lambda count: count in (10, 11)), Items=[], LastEvaluatedKey=ANY)
        .failure(backend)
    )


def _batch_pages(backend: Backend) -> str | None:
    """50 items of 400 KB are 20 MB, of which a response holds 16."""
    keys = [{**_KEY, "sk": N(number)} for number in range(1, 51)]
    for key in keys:
        if (found := put({**key, "d": S("d" * 400_000)}, "numbered").failure(backend)) is not None:
            return found
    answer = backend.ask("BatchGetItem", {"RequestItems": {"numbered": {"Keys": keys}}})
    left = answer.body.get("UnprocessedKeys", {}).get("numbered", {}).get("Keys", [])
    came = len(answer.body.get("Responses", {}).get("numbered", []))
    if came + len(left) != 50 or not 40 <= came <= 42:
        return f"of 50 items of 400 KB {came} came and {len(left)} were left"
    return None


def _boundary(at: Step, beyond: Step) -> Check:
    def check(backend: Backend) -> str | None:
        return at.failure(backend) or beyond.failure(backend)

    return check


def _batch(total: int) -> Step:
    return ask("BatchWriteItem", RequestItems={"plain": [{"PutRequest": {"Item": _of(total)}}]})


def _transact_put(total: int) -> Step:
    return ask("TransactWriteItems", TransactItems=[{"Put": {"TableName": "plain", "Item": _of(total)}}])


def _transact_update(total: int) -> Step:
    return ask(
        "TransactWriteItems",
        TransactItems=[
            {
                "Update": {
                    "TableName": "plain",
                    "Key": _KEY,
                    "UpdateExpression": "SET fill = :f",
                    "ExpressionAttributeValues": {":f": _of(total)["fill"]},
                }
            }
        ],
    )


def _statement_counts(backend: Backend) -> str | None:
    """SET name = value weighs 19 bytes and the statement 3, where an item weighs 3 for its key."""
    backend.configure(update_size="statement")
    backend.ask("CreateTable", HASH)

    def filled(size: int) -> Step:
        return update(_KEY, "SET fill = :f", {":f": S("f" * size)})

    most = _LIMIT - 3 - 19 - len("fill")
    return filled(most).failure(backend) or filled(most + 1).refused(_TOO_LARGE_TO_UPDATE).failure(backend)


FACTS: Final[tuple[Fact, ...]] = (
    *(
        fact(
            f"S2.size.{mark}",
            f"{what} is {size} byte{'' if size == 1 else 's'} of an item",
            _FILLED,
            put(_filled(value, size)),
            put(_filled(value, size, _LIMIT + 1)).refused(_TOO_LARGE),
        )
        for mark, what, value, size in _SIZES
    ),
    fact(
        "S1.item.put",
        "PutItem takes 409,600 bytes and not 409,601",
        CAPTURED,
        put(_of(_LIMIT)),
        put(_of(_LIMIT + 1)).refused(_TOO_LARGE),
    ),
    fact(
        "S1.item.update",
        "UpdateItem refuses an item that became too large, in other words",
        CAPTURED,
        update(_KEY, "SET fill = :f", {":f": _of(_LIMIT + 1)["fill"]}).refused(_TOO_LARGE_TO_UPDATE),
    ),
    fact(
        "S2.update.flat",
        "UpdateItem takes an item of 409,600 bytes, where regions measure the item alone",
        "captured on the service, 2026, ten regions such as eu-west-1",
        update(_KEY, "SET fill = :f", {":f": _of(_LIMIT)["fill"]}),
    ),
    fact(
        "S2.update.statement",
        "where the statement is measured too, UpdateItem takes less",
        "captured on the service, 2026, 22 of 33 regions such as us-east-1",
        tables=(),
        check=_statement_counts,
    ),
    fact(
        "S2.batch_write",
        "BatchWriteItem takes 409,600 bytes and not 409,601",
        CAPTURED,
        check=_boundary(_batch(_LIMIT), _batch(_LIMIT + 1).refused(_TOO_LARGE)),
    ),
    fact(
        "S2.transact_put",
        "a transaction's put that is too large is refused as a whole, not cancelled",
        CAPTURED,
        check=_boundary(_transact_put(_LIMIT), _transact_put(_LIMIT + 1).refused(_TOO_LARGE)),
    ),
    fact(
        "S2.transact_update",
        "a transaction's update that makes an item too large is cancelled with a reason",
        CAPTURED,
        check=_boundary(
            _transact_update(_LIMIT),
            _transact_update(_LIMIT + 1).refused(
                "Transaction cancelled, please refer cancellation reasons for specific reasons [ValidationError]",
                "TransactionCanceledException",
                CancellationReasons=[{"Code": "ValidationError", "Message": _TOO_LARGE_TO_UPDATE}],
            ),
        ),
    ),
    fact(
        "S2.partiql.insert",
        "INSERT takes 409,600 bytes and not 409,601",
        CAPTURED,
        statement("INSERT INTO plain VALUE {'pk': 'a', 'fill': ?}", _of(_LIMIT)["fill"]),
        statement("INSERT INTO plain VALUE {'pk': 'b', 'fill': ?}", _of(_LIMIT + 1)["fill"]).refused(_TOO_LARGE),
    ),
    fact(
        "S2.partiql.update",
        "UPDATE takes 409,600 bytes and not 409,601",
        CAPTURED,
        put(_KEY),
        statement("UPDATE plain SET fill = ? WHERE pk = 'a'", _of(_LIMIT)["fill"]),
        statement("UPDATE plain SET fill = ? WHERE pk = 'a'", _of(_LIMIT + 1)["fill"]).refused(_TOO_LARGE_TO_UPDATE),
    ),
    fact(
        "S1.pages.query",
        "a page of Query is 1 MB of items as they are kept, before the filter",
        GUIDE("Paginating table query results"),
        tables=(RANGE_N,),
        check=_pages,
    ),
    fact(
        "S1.batch_get.16mb",
        "BatchGetItem answers 16 MB and leaves the rest",
        GUIDE("Quotas in Amazon DynamoDB"),
        tables=(RANGE_N,),
        check=_batch_pages,
    ),
    fact(
        "S1.transact.4mb",
        "a transaction of more than 4 MB is refused",
        GUIDE("Managing complex workflows with DynamoDB transactions"),
        ask(
            "TransactWriteItems",
            TransactItems=[
                {"Put": {"TableName": "plain", "Item": {"pk": S(str(n)), "d": S("d" * 400_000)}}} for n in range(11)
            ],
        ).refused(
            Where(
                "words about a size that is exceeded",
                lambda words: "4MB limit" in words or "size cannot exceed" in words,
            )
        ),
        scan().gives(Count=0),
    ),
    fact(
        "S1.transact_get.4mb",
        "a reading transaction of more than 4 MB is refused",
        GUIDE("Managing complex workflows with DynamoDB transactions"),
        *(put({"pk": S(str(n)), "d": S("d" * 400_000)}) for n in range(11)),
        ask(
            "TransactGetItems",
            TransactItems=[{"Get": {"TableName": "plain", "Key": {"pk": S(str(n))}}} for n in range(11)],
        ).refused(ANY),
    ),
    fact(
        "S1.pages.scan",
        "a page of Scan ends with the item that its limit names",
        GUIDE("Scanning tables"),
        put({**_KEY, "sk": N(1)}, "numbered"),
        put({**_KEY, "sk": N(2)}, "numbered"),
        scan("numbered", Limit=1).gives(Count=1, LastEvaluatedKey=Some({"pk": S("a"), "sk": ANY})),
        scan("numbered", Limit=3).gives(Count=2, LastEvaluatedKey=ABSENT),
        tables=(RANGE_N,),
    ),
    fact(
        "S1.pages.limit_reached",
        "a page that its limit ends has a key to go on from, also when nothing follows",
        GUIDE("Paginating table query results"),
        put({**_KEY, "sk": N(1)}, "numbered"),
        query("pk = :p", {":p": S("a")}, table="numbered", Limit=1).gives(
            Count=1, LastEvaluatedKey={**_KEY, "sk": N(1)}
        ),
        query("pk = :p", {":p": S("a")}, table="numbered", Limit=1, ExclusiveStartKey={**_KEY, "sk": N(1)}).gives(
            Count=0, Items=[], LastEvaluatedKey=ABSENT
        ),
        tables=(RANGE_N,),
    ),
)
