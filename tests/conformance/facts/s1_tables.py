"""S1: how many indexes, statements and names of tables there may be."""

from __future__ import annotations

from typing import Any, Final

from facts.form import (
    API,
    FILES_OF_THE_API,
    GUIDE,
    KNOWN,
    Backend,
    Fact,
    S,
    Step,
    ask,
    fact,
    statement,
)
from facts.matching import ABSENT, ANY, Pattern
from facts.s9_streams import records_of
from facts.tables import HASH, INDEXED, RANGE, STREAMED, table

__all__ = ["FACTS"]

_CONSTRAINTS: Final = GUIDE("Quotas in Amazon DynamoDB")
_LOCAL_WORDS: Final = _CONSTRAINTS + "; the words are those of DynamoDB Local 1.25.1"


def _create(name: str, keys: str, **more: Any) -> Step:
    return ask("CreateTable", **table(name, keys, **more))


_PROVISIONED: Final = {
    **{name: value for name, value in table("plain", "pk:S").items() if name != "BillingMode"},
    "ProvisionedThroughput": {"ReadCapacityUnits": 10, "WriteCapacityUnits": 10},
}


def _many_records(backend: Backend) -> str | None:
    for first in range(0, 1025, 25):
        items = [{"PutRequest": {"Item": {"pk": S(str(number))}}} for number in range(first, first + 25)]
        if (found := ask("BatchWriteItem", RequestItems={"streamed": items}).failure(backend)) is not None:
            return found
    first_page = records_of(backend, pages=1)
    return None if len(first_page) == 1000 else f"of 1,025 records the first page has {len(first_page)}"


def _pages_of_entries(backend: Backend) -> str | None:
    """Twelve items of 100 KB in an index of keys are one small page."""
    for number in range(12):
        item = {"pk": S("p"), "sk": S(str(number)), "a": S("x"), "d": S("d" * 100_000)}
        if (found := ask("PutItem", TableName="indexed", Item=item).failure(backend)) is not None:
            return found
    return (
        ask(
            "Query",
            TableName="indexed",
            IndexName="gsi_keys",
            KeyConditionExpression="a = :a",
            ExpressionAttributeValues={":a": S("x")},
        )
        .gives(Count=12, LastEvaluatedKey=ABSENT)
        .failure(backend)
    )


def _decreased(to: int) -> Step:
    units = {"ReadCapacityUnits": to, "WriteCapacityUnits": to}
    return ask("UpdateTable", TableName="plain", ProvisionedThroughput=units)


def _decreases(backend: Backend) -> str | None:
    for to in (9, 8, 7, 6):
        if (found := _decreased(to).failure(backend)) is not None:
            return found
    return _decreased(5).refused(ANY, "LimitExceededException").failure(backend)


def _decreases_an_hour_later(backend: Backend) -> str | None:
    if (found := _decreases(backend)) is not None:
        return found
    for to in (5, 4):
        backend.advance(3600)
        if (found := _decreased(to).failure(backend)) is not None:
            return found
    return _decreased(3).refused(ANY, "LimitExceededException").failure(backend)


FACTS: Final[tuple[Fact, ...]] = (
    fact(
        "S1.partiql.empty",
        "a statement has a character",
        FILES_OF_THE_API,
        statement("").refused(Pattern(r".*[Ss]tatement.*greater than or equal to 1.*")),
    ),
    fact(
        "S1.partiql.8192",
        "a statement has at most 8,192 characters",
        FILES_OF_THE_API,
        statement("SELECT * FROM plain" + " " * 8192).refused(Pattern(r".*less than or equal to 8192.*")),
    ),
    fact(
        "S1.partiql.batch",
        "a batch has at most 25 statements",
        FILES_OF_THE_API,
        ask(
            "BatchExecuteStatement",
            Statements=[{"Statement": f"SELECT * FROM plain WHERE pk = '{n}'"} for n in range(26)],
        ).refused(Pattern(r".*less than or equal to 25.*")),
    ),
    fact(
        "S1.partiql.transaction",
        "a transaction has at most 100 statements",
        FILES_OF_THE_API,
        ask(
            "ExecuteTransaction",
            TransactStatements=[{"Statement": f"SELECT * FROM plain WHERE pk = '{n}'"} for n in range(101)],
        ).refused(Pattern(r".*less than or equal to 100.*")),
    ),
    fact(
        "S1.list_tables.0",
        "ListTables has a Limit of 1 at least",
        API("ListTables"),
        ask("ListTables", Limit=0).refused(Pattern(r".*greater than or equal to 1.*")),
        tables=(),
    ),
    fact(
        "S1.list_tables.101",
        "ListTables has a Limit of 100 at most",
        API("ListTables"),
        ask("ListTables", Limit=101).refused(Pattern(r".*less than or equal to 100.*")),
        tables=(),
    ),
    fact(
        "S1.list_tables.page",
        "a page of ListTables says where it ended",
        API("ListTables"),
        ask("ListTables", Limit=1).gives(TableNames=["plain"], LastEvaluatedTableName="plain"),
        ask("ListTables", Limit=1, ExclusiveStartTableName="plain").gives(TableNames=["ranged"]),
        tables=(HASH, RANGE),
    ),
    fact(
        "S1.indexes.global.20",
        "a table may have 20 global indexes",
        _CONSTRAINTS,
        _create("made", "pk:S", indexes={f"gsi{n}": ("a:S", "KEYS_ONLY") for n in range(20)}),
        tables=(),
    ),
    fact(
        "S1.indexes.global.21",
        "a table may not have 21 global indexes",
        _CONSTRAINTS,
        _create("made", "pk:S", indexes={f"gsi{n}": ("a:S", "KEYS_ONLY") for n in range(21)}).refused(
            Pattern(r".*20.*"), code="ValidationException"
        ),
        tables=(),
    ),
    fact(
        "S1.indexes.local.5",
        "a table may have five local indexes",
        _CONSTRAINTS,
        _create("made", "pk:S sk:S", local={f"lsi{n}": (f"pk:S a{n}:S", "KEYS_ONLY") for n in range(5)}),
        tables=(),
    ),
    fact(
        "S1.indexes.local.6",
        "a table may not have six local indexes",
        _CONSTRAINTS,
        _create("made", "pk:S sk:S", local={f"lsi{n}": (f"pk:S a{n}:S", "KEYS_ONLY") for n in range(6)}).refused(
            Pattern(r".*5.*")
        ),
        tables=(),
    ),
    fact(
        "S1.indexes.multi.4",
        "a global index may have four partition and four sort key attributes",
        GUIDE("Multi-attribute keys pattern"),
        _create("made", "pk:S", indexes={"wide": ("a:S b:S c:S d:S / e:S f:S g:S h:S", "ALL")}),
        tables=(),
    ),
    fact(
        "S1.indexes.multi.5",
        "a global index may not have five partition key attributes",
        GUIDE("Multi-attribute keys pattern"),
        _create("made", "pk:S", indexes={"wide": ("a:S b:S c:S d:S e:S /", "ALL")}).refused(Pattern(r".*")),
        tables=(),
    ),
    fact(
        "S1.indexes.projected",
        "all indexes together may project 100 attributes by name",
        _CONSTRAINTS,
        _create(
            "made",
            "pk:S",
            indexes={f"gsi{i}": ("a:S", [f"p{i}_{n}" for n in range(20)]) for i in range(5)},
        ),
        _create(
            "made_more",
            "pk:S",
            indexes={f"gsi{i}": ("a:S", [f"p{i}_{n}" for n in range(20)]) for i in range(6)},
        ).refused(Pattern(r".*100.*")),
        tables=(),
    ),
    fact(
        "S1.indexes.projected_by_one",
        "an index projects at most 20 attributes by name",
        FILES_OF_THE_API,
        _create("made", "pk:S", indexes={"gsi_a": ("a:S", [f"p{n}" for n in range(21)])}).refused(
            Pattern(
                r"1 validation error detected: Value '\[p0, .*\]' at "
                r"'globalSecondaryIndexes\.1\.member\.projection\.nonKeyAttributes' failed to satisfy constraint: "
                r"Member must have length less than or equal to 20"
            )
        ),
        tables=(),
    ),
    fact(
        "S1.indexes.one_at_a_time",
        "one request makes or deletes one index",
        KNOWN,
        ask(
            "UpdateTable",
            TableName="indexed",
            GlobalSecondaryIndexUpdates=[
                {"Delete": {"IndexName": "gsi_all"}},
                {"Delete": {"IndexName": "gsi_keys"}},
            ],
        ).refused(
            "Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table",
            "LimitExceededException",
        ),
        tables=(INDEXED,),
    ),
    fact(
        "S1.records.0",
        "GetRecords has a Limit of 1 at least",
        API("GetRecords"),
        ask("GetRecords", ShardIterator="x", Limit=0).refused(Pattern(r".*greater than or equal to 1.*")),
        tables=(STREAMED,),
    ),
    fact(
        "S1.records.1000",
        "GetRecords answers at most 1,000 records",
        API("GetRecords"),
        tables=(STREAMED,),
        check=_many_records,
    ),
    fact(
        "S1.indexes.pages",
        "a page of an index counts what the index carries, not the items of the table",
        GUIDE("Global secondary indexes, capacity"),
        tables=(INDEXED,),
        check=_pages_of_entries,
    ),
    fact(
        "S1.capacity.decreases",
        "provisioned capacity is decreased four times at once, and then no more",
        _CONSTRAINTS,
        tables=(_PROVISIONED,),
        check=_decreases,
    ),
    fact(
        "S1.capacity.hour",
        "an hour after the last decrease there may be one more",
        _CONSTRAINTS,
        tables=(_PROVISIONED,),
        check=_decreases_an_hour_later,
    ),
    fact(
        "S1.names.placeholder",
        "a placeholder has at most 255 characters",
        _LOCAL_WORDS,
        ask(
            "GetItem",
            TableName="plain",
            Key={"pk": S("a")},
            ProjectionExpression="#" + "n" * 255,
            ExpressionAttributeNames={"#" + "n" * 255: "x"},
        ).refused(
            "ExpressionAttributeNames contains invalid key: The expression attribute map contains a key that is too "
            "long; size of key: 256"
        ),
    ),
    fact(
        "S1.names.65536",
        "a name of an attribute has at most 65,535 bytes",
        _LOCAL_WORDS,
        ask("PutItem", TableName="plain", Item={"pk": S("a"), "n" * 65536: S("x")}).refused(
            "1 validation error detected: Attribute name is too large, must be less than 65536 bytes"
        ),
    ),
    fact(
        "S1.names.together",
        "the names and values of expressions have at most 2 MB",
        _LOCAL_WORDS,
        ask(
            "Scan",
            TableName="plain",
            FilterExpression=" OR ".join(f"x = :v{n}" for n in range(6)),
            ExpressionAttributeValues={f":v{n}": S("x" * 400_000) for n in range(6)},
        ).refused("ExpressionAttributeValues exceeds max size"),
    ),
)
