"""S1 and S9: how many tables an account has, how large a collection is, and what waits for tags."""

from __future__ import annotations

from typing import Any, Final

from facts.backends import HEADERS
from facts.form import API, CAPTURED, GUIDE, Backend, Check, Fact, N, S, Step, ask, delete, fact, put, update
from facts.matching import Pattern, Some
from facts.s9_streams import records_of
from facts.tables import HASH, INDEXED, RANGE, STREAMED, table

__all__ = ["FACTS"]

_QUOTAS: Final = GUIDE("Quotas in Amazon DynamoDB")
_TABLE_WORDS: Final = _QUOTAS + "; the words are quoted as the service's, 2014 to 2018"
_COLLECTIONS: Final = GUIDE("Item collections in local secondary indexes")
_LOCK: Final = "seen on the service in us-west-2 and us-east-1, October 2026"
_LIMIT: Final = "LimitExceededException"
_COLLECTION: Final = "ItemCollectionSizeLimitExceededException"
_TOO_LARGE: Final = "Collection size exceeded."
_16_MB: Final = 16 * 1024 * 1024


def _with(*steps: Step | float, tables: tuple[dict[str, Any], ...] = (), **options: Any) -> Check:
    """Return the check of steps under options; a number moves the clock on by so many seconds."""

    def check(backend: Backend) -> str | None:
        backend.configure(**options)
        for definition in tables:
            backend.ask("CreateTable", definition)
        for step in steps:
            if not isinstance(step, Step):
                backend.advance(step)
            elif (found := step.failure(backend)) is not None:
                return found
        return None

    return check


def _create(name: str) -> Step:
    return ask("CreateTable", **table(name, "pk:S"))


def _many(most: int) -> str:
    return f"Subscriber limit exceeded: There is a limit of {most} tables per subscriber"


def _at_once(most: int) -> str:
    return f"Subscriber limit exceeded: Only {most} tables can be created, updated, or deleted simultaneously"


def _2500_tables(backend: Backend) -> str | None:
    backend.configure()
    for number in range(2500):
        if (found := _create(f"table{number:04}").failure(backend)) is not None:
            return found
    return _create("one_more").refused(_many(2500), _LIMIT).failure(backend)


def _500_changes(backend: Backend) -> str | None:
    backend.configure(table_delay_s=10)
    for number in range(500):
        if (found := _create(f"table{number:03}").failure(backend)) is not None:
            return found
    return _create("one_more").refused(_at_once(500), _LIMIT).failure(backend)


def _filled(sort: str, size: int, **more: Any) -> dict[str, Any]:
    return {"pk": S("a"), "sk": S(sort), "fill": S("f" * size), **more}


def _limited(*steps: Step) -> Check:
    return _with(*steps, tables=(INDEXED, RANGE), collection_limit_bytes=1000)


def _arn(name: str = "plain") -> str:
    return f"arn:aws:dynamodb:us-east-1:000000000000:table/{name}"


def _tag(**tags: str) -> Step:
    return ask("TagResource", ResourceArn=_arn(), Tags=[{"Key": key, "Value": tags[key]} for key in tags])


def _untag(*keys: str) -> Step:
    return ask("UntagResource", ResourceArn=_arn(), TagKeys=list(keys))


def _listed(**tags: str) -> Step:
    return ask("ListTagsOfResource", ResourceArn=_arn()).gives(
        Tags=[{"Key": k, "Value": tags[k]} for k in sorted(tags)]
    )


def _locked(*steps: Step | float) -> Check:
    return _with(_tag(a="1"), *steps, tables=(HASH,), tag_delay_s=2)


_BUSY: Final = "Subscriber limit exceeded: Table tags are being updated: plain"


def _records_of_a_megabyte(backend: Backend) -> str | None:
    """Eight records with an old and a new image of 200 KB each are more than a page."""
    for number in range(8):
        if (found := put({"pk": S(str(number)), "d": S("d" * 200_000)}, "streamed").failure(backend)) is not None:
            return found
    first = records_of(backend, pages=1)
    whole = records_of(backend, pages=20)
    return None if len(first) < len(whole) == 8 else f"the first page has {len(first)} of {len(whole)} records"


def _batch_of_16_mb(backend: Backend) -> str | None:
    """A body of 16 MB is the most that is read, so a batch of more is refused before it is one."""
    body = b'{"RequestItems": {"plain": []}' + b" " * _16_MB + b"}"
    asked = backend.send("POST", "/", {**HEADERS, "X-Amz-Target": "DynamoDB_20120810.BatchWriteItem"}, body)
    return None if asked.status == 413 else f"status: expected 413, got {asked.status}"


FACTS: Final[tuple[Fact, ...]] = (
    fact("S1.tables.2500", "a region has 2,500 tables", _TABLE_WORDS, tables=(), check=_2500_tables),
    fact(
        "S1.tables.deleted",
        "a table that is deleted makes room for another",
        _TABLE_WORDS,
        tables=(),
        check=_with(
            _create("first"),
            _create("second").refused(_many(1), _LIMIT),
            ask("DeleteTable", TableName="first"),
            _create("second"),
            table_limit=1,
        ),
    ),
    fact("S1.tables.500", "500 tables are created at once", _TABLE_WORDS, tables=(), check=_500_changes),
    fact(
        "S1.tables.at_once",
        "a table that is created, updated or deleted keeps others from it until it is done",
        _TABLE_WORDS,
        tables=(),
        check=_with(
            _create("first"),
            _create("second").refused(_at_once(1), _LIMIT),
            10.0,
            _create("second"),
            ask("DeleteTable", TableName="first").refused(_at_once(1), _LIMIT),
            ask("UpdateTable", TableName="first", TableClass="STANDARD_INFREQUENT_ACCESS").refused(_at_once(1), _LIMIT),
            10.0,
            ask("UpdateTable", TableName="first", TableClass="STANDARD_INFREQUENT_ACCESS"),
            ask("DeleteTable", TableName="second").refused(_at_once(1), _LIMIT),
            changing_table_limit=1,
            table_delay_s=10,
        ),
    ),
    fact(
        "S1.collection.put",
        "a put that makes an item collection larger than its limit is refused",
        _COLLECTIONS,
        tables=(),
        check=_limited(
            put(_filled("1", 900), "indexed"), put(_filled("2", 100), "indexed").refused(_TOO_LARGE, _COLLECTION)
        ),
    ),
    fact(
        "S1.collection.entries",
        "entries of local indexes are part of it",
        _COLLECTIONS,
        tables=(),
        check=_limited(put(_filled("1", 600, c=S("c")), "indexed").refused(_TOO_LARGE, _COLLECTION)),
    ),
    fact(
        "S1.collection.update",
        "an update is refused too",
        API("UpdateItem"),
        tables=(),
        check=_limited(
            put(_filled("1", 900), "indexed"),
            update({"pk": S("a"), "sk": S("1")}, "SET more = :m", {":m": S("m" * 100)}, table="indexed").refused(
                _TOO_LARGE, _COLLECTION
            ),
        ),
    ),
    fact(
        "S1.collection.shrinking",
        "what makes it no larger is written, and deletes make room",
        _COLLECTIONS,
        tables=(),
        check=_limited(
            put(_filled("1", 900), "indexed"),
            put(_filled("1", 900), "indexed"),
            put(_filled("1", 800), "indexed"),
            delete({"pk": S("a"), "sk": S("1")}, "indexed"),
            put(_filled("2", 900), "indexed"),
        ),
    ),
    fact(
        "S1.collection.batch",
        "a batch is refused for it",
        API("BatchWriteItem"),
        tables=(),
        check=_limited(
            ask(
                "BatchWriteItem",
                RequestItems={"indexed": [{"PutRequest": {"Item": _filled(sort, 600)}} for sort in "12"]},
            ).refused(_TOO_LARGE, _COLLECTION)
        ),
    ),
    fact(
        "S7.reason.collection",
        "a transaction is cancelled for it, with a reason of its own",
        API("TransactWriteItems"),
        tables=(),
        check=_limited(
            ask(
                "TransactWriteItems",
                TransactItems=[{"Put": {"TableName": "indexed", "Item": _filled(sort, 600)}} for sort in "12"],
            ).refused(
                "Transaction cancelled, please refer cancellation reasons for specific reasons "
                "[None, ItemCollectionSizeLimitExceeded]",
                "TransactionCanceledException",
                CancellationReasons=[
                    Some({"Code": "None"}),
                    Some({"Code": "ItemCollectionSizeLimitExceeded", "Message": _TOO_LARGE}),
                ],
            )
        ),
    ),
    fact(
        "S1.collection.none",
        "a table without a local index has no such limit",
        _COLLECTIONS,
        tables=(),
        check=_limited(put(_filled("1", 2000), "ranged")),
    ),
    fact(
        "S1.batch_write.16mb",
        "a batch of more than 16 MB is a request that is too large",
        API("BatchWriteItem"),
        is_wire=True,
        check=_batch_of_16_mb,
    ),
    fact(
        "S1.records.1mb",
        "GetRecords answers at most 1 MB",
        API("GetRecords"),
        tables=(STREAMED,),
        check=_records_of_a_megabyte,
    ),
    fact(
        "S1.indexes.name",
        "an index's name has 3 to 255 characters",
        API("CreateTable"),
        ask("CreateTable", **table("made", "pk:S", indexes={"i" * 255: ("a:S", "ALL")})),
        ask("CreateTable", **table("other", "pk:S", indexes={"i" * 256: ("a:S", "ALL")})).refused(
            Pattern(r".*indexName.*Member must have length less than or equal to 255.*")
        ),
        tables=(),
    ),
    fact(
        "S1.names.index_key",
        "a name of an index's key attribute has at most 255 characters",
        _QUOTAS,
        ask("CreateTable", **table("made", "pk:S", indexes={"index": ("a" * 256 + ":S", "ALL")})).refused(
            Pattern(r".*Member must have length less than or equal to 255.*")
        ),
        tables=(),
    ),
    fact(
        "S7.token.empty",
        "a token has a character",
        API("TransactWriteItems"),
        ask(
            "TransactWriteItems",
            TransactItems=[{"Put": {"TableName": "plain", "Item": {"pk": S("a")}}}],
            ClientRequestToken="",
        ).refused(Pattern(r".*clientRequestToken.*Member must have length greater than or equal to 1.*")),
    ),
    fact(
        "S3.write.both_images",
        "a write that makes an item larger costs what it becomes",
        CAPTURED,
        put({"pk": S("a"), "n": N(1)}),
        put({"pk": S("a"), "d": S("d" * 3000)}, ReturnConsumedCapacity="TOTAL").gives(
            ConsumedCapacity={"TableName": "plain", "CapacityUnits": 3.0}
        ),
    ),
    # Tags that are on their way
    fact(
        "S9.tags.lock.change",
        "while tags are set no others are set or taken away",
        _LOCK,
        tables=(),
        check=_locked(
            _tag(b="2").refused(_BUSY, _LIMIT),
            _tag(a="2").refused(_BUSY, _LIMIT),
            _untag("nothing").refused(_BUSY, _LIMIT),
            2.0,
            _tag(b="2"),
        ),
    ),
    fact(
        "S9.tags.lock.delete",
        "nor is their table deleted",
        _LOCK,
        tables=(),
        check=_locked(
            ask("DeleteTable", TableName="plain").refused(
                "Attempt to change a resource which is still in use: Table tags are being updated: plain",
                "ResourceInUseException",
            ),
            2.0,
            ask("DeleteTable", TableName="plain"),
        ),
    ),
    fact(
        "S9.tags.lock.others",
        "everything else of the table can be changed",
        _LOCK,
        tables=(),
        check=_locked(ask("UpdateTable", TableName="plain", DeletionProtectionEnabled=True), put({"pk": S("a")})),
    ),
    fact(
        "S9.tags.lock.again",
        "the tags that are on their way can be set again, alone or among others",
        _LOCK,
        tables=(),
        check=_locked(_tag(a="1"), _tag(a="1", b="2"), 2.0, _listed(a="1", b="2")),
    ),
    fact(
        "S9.tags.lock.listed",
        "tags are listed as they were until they are set",
        _LOCK,
        tables=(),
        check=_locked(_listed(), 2.0, _listed(a="1")),
    ),
    fact(
        "S9.tags.lock.nothing",
        "tags that change nothing keep nobody waiting",
        _LOCK,
        tables=(),
        check=_locked(2.0, _tag(a="1"), _untag("nothing"), _tag(b="2")),
    ),
)
