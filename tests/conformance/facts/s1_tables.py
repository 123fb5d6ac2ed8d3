"""S1: how many indexes, statements and names of tables there may be."""

from __future__ import annotations

from typing import Any, Final

from facts.form import (
    API,
    CAPTURED,
    FILES_OF_THE_API,
    GUIDE,
    Fact,
    Step,
    ask,
    fact,
    statement,
)
from facts.matching import Pattern
from facts.tables import HASH, INDEXED, RANGE, STREAMED, table

__all__ = ["FACTS"]

_CONSTRAINTS: Final = GUIDE("Quotas in Amazon DynamoDB")


def _create(name: str, keys: str, **more: Any) -> Step:
    return ask("CreateTable", **table(name, keys, **more))


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
        "S1.indexes.one_at_a_time",
        "one request makes or deletes one index",
        CAPTURED,
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
)
