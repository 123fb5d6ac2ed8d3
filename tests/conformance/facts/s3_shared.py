"""S3: what transactions, batches and statements consume, and the sizes of item collections."""

from __future__ import annotations

from typing import Any, Final

from facts.form import (
    API,
    KNOWN,
    Fact,
    N,
    S,
    ask,
    fact,
    put,
    statement,
)
from facts.matching import ABSENT, Some, Unordered
from facts.tables import HASH, INDEXED, RANGE

__all__ = ["FACTS"]

_KEY: Final = {"pk": S("a")}
_FULL: Final = {"pk": S("a"), "sk": S("b")}
_TOTAL: Final = {"ReturnConsumedCapacity": "TOTAL"}
_BY_INDEX: Final = {"ReturnConsumedCapacity": "INDEXES"}


def _units(count: float, table: str = "plain") -> dict[str, Any]:
    return {"TableName": table, "CapacityUnits": count}


def _filled(size: int, **more: Any) -> dict[str, Any]:
    """Return an item of the plain table of so many bytes."""
    return {**_KEY, "f": S("f" * (size - 4)), **more}


def _transact(*actions: dict[str, Any], **more: Any) -> Any:
    return ask("TransactWriteItems", TransactItems=list(actions), **more)


def _put_action(item: dict[str, Any], table: str = "plain") -> dict[str, Any]:
    return {"Put": {"TableName": table, "Item": item}}


def _get_action(key: dict[str, Any]) -> dict[str, Any]:
    return {"Get": {"TableName": "plain", "Key": key}}


FACTS: Final[tuple[Fact, ...]] = (
    # Transactions
    fact(
        "S3.transact.doubled",
        "a transactional write is rounded up, then doubled",
        KNOWN,
        _transact(_put_action(_filled(1536)), **_TOTAL).gives(
            ConsumedCapacity=[{**_units(4.0), "WriteCapacityUnits": 4.0}]
        ),
    ),
    fact(
        "S3.transact.each_item",
        "each item of a transaction is rounded up for itself",
        KNOWN,
        _transact(_put_action(_filled(100)), _put_action({"pk": S("b")}), **_TOTAL).gives(
            ConsumedCapacity=[{**_units(4.0), "WriteCapacityUnits": 4.0}]
        ),
    ),
    fact(
        "S3.transact.table_part",
        "a transaction tells reads and writes apart, also in the table's part",
        KNOWN,
        _transact(_put_action(_KEY), **_BY_INDEX).gives(
            ConsumedCapacity=[
                {
                    **_units(2.0),
                    "WriteCapacityUnits": 2.0,
                    "Table": {"CapacityUnits": 2.0, "WriteCapacityUnits": 2.0},
                }
            ]
        ),
    ),
    fact(
        "S3.transact.index_not_doubled",
        "the parts of indexes are not doubled in a transaction",
        KNOWN,
        _transact(_put_action({**_FULL, "a": S("x")}, "indexed"), **_BY_INDEX).gives(
            ConsumedCapacity=[
                Some(
                    {
                        "CapacityUnits": 3.0,
                        "Table": Some({"CapacityUnits": 2.0}),
                        "GlobalSecondaryIndexes": {"gsi_keys": Some({"CapacityUnits": 1.0})},
                    }
                )
            ]
        ),
        tables=(INDEXED,),
    ),
    fact(
        "S3.transact.get",
        "a transactional read of up to 4 KB is two units, of no item too",
        KNOWN,
        put(_KEY),
        ask("TransactGetItems", TransactItems=[_get_action(_KEY)], **_TOTAL).gives(
            ConsumedCapacity=[{**_units(2.0), "ReadCapacityUnits": 2.0}]
        ),
        ask("TransactGetItems", TransactItems=[_get_action({"pk": S("none")})], **_TOTAL).gives(
            ConsumedCapacity=[{**_units(2.0), "ReadCapacityUnits": 2.0}]
        ),
    ),
    fact(
        "S3.transact.check",
        "a condition check costs the item that it read",
        KNOWN,
        put(_filled(3000)),
        _transact(
            {
                "ConditionCheck": {
                    "TableName": "plain",
                    "Key": _KEY,
                    "ConditionExpression": "attribute_exists(pk)",
                }
            },
            **_TOTAL,
        ).gives(ConsumedCapacity=[{**_units(6.0), "WriteCapacityUnits": 6.0}]),
    ),
    fact(
        "S3.transact.replay",
        "a repetition by the same token costs reads of the same items",
        KNOWN,
        _transact(_put_action(_filled(3000)), ClientRequestToken="token", **_TOTAL).gives(
            ConsumedCapacity=[{**_units(6.0), "WriteCapacityUnits": 6.0}]
        ),
        _transact(_put_action(_filled(3000)), ClientRequestToken="token", **_TOTAL).gives(
            ConsumedCapacity=[{**_units(2.0), "ReadCapacityUnits": 2.0}]
        ),
    ),
    # Batches
    fact(
        "S3.batch.list",
        "a batch tells a list, one of each table, with what its items cost together",
        API("BatchWriteItem"),
        ask(
            "BatchWriteItem",
            RequestItems={
                "plain": [
                    {"PutRequest": {"Item": _filled(1500)}},
                    {"PutRequest": {"Item": {"pk": S("b")}}},
                ]
            },
            **_TOTAL,
        ).gives(ConsumedCapacity=[_units(3.0)]),
        ask("BatchGetItem", RequestItems={"plain": {"Keys": [_KEY, {"pk": S("b")}, {"pk": S("c")}]}}, **_TOTAL).gives(
            ConsumedCapacity=[_units(1.5)]
        ),
    ),
    # PartiQL
    fact(
        "S3.partiql.index",
        "a statement on an index is told as the index's part, the table's is nothing",
        KNOWN,
        put({**_FULL, "a": S("x")}, "indexed"),
        statement('SELECT pk FROM "indexed"."gsi_keys" WHERE a = \'x\'', **_BY_INDEX).gives(
            ConsumedCapacity=Some(
                {
                    "Table": Some({"CapacityUnits": 0.0}),
                    "GlobalSecondaryIndexes": {"gsi_keys": Some({"CapacityUnits": 0.5})},
                }
            )
        ),
        tables=(INDEXED,),
    ),
    fact(
        "S3.partiql.reach_back",
        "attributes that a local index does not carry are fetched from the table, at the table's cost",
        KNOWN,
        put({**_FULL, "b": N(1), "y": N(2)}, "indexed"),
        statement('SELECT y FROM "indexed"."lsi_some" WHERE pk = \'a\'', **_BY_INDEX).gives(
            Items=[{"y": N(2)}],
            ConsumedCapacity=Some(
                {
                    "Table": Some({"CapacityUnits": 0.5}),
                    "LocalSecondaryIndexes": {"lsi_some": Some({"CapacityUnits": 0.5})},
                }
            ),
        ),
        tables=(INDEXED,),
    ),
    fact(
        "S3.partiql.batch",
        "a batch of statements tells a list, one of each table",
        KNOWN,
        ask(
            "BatchExecuteStatement",
            Statements=[
                {"Statement": "INSERT INTO plain VALUE {'pk': 'a'}"},
                {"Statement": "INSERT INTO plain VALUE {'pk': 'b'}"},
            ],
            **_TOTAL,
        ).gives(ConsumedCapacity=[Some({"TableName": "plain", "CapacityUnits": 2.0})]),
    ),
    fact(
        "S3.partiql.failed",
        "a statement of a batch that fails costs the write that it tried",
        KNOWN,
        put(_KEY),
        ask(
            "BatchExecuteStatement",
            Statements=[
                {"Statement": "INSERT INTO plain VALUE {'pk': 'a'}"},
                {"Statement": "INSERT INTO plain VALUE {'pk': 'b'}"},
            ],
            **_TOTAL,
        ).gives(ConsumedCapacity=[Some({"TableName": "plain", "CapacityUnits": 2.0})]),
    ),
    # Item collections
    fact(
        "S3.metrics.local",
        "a table with a local index tells the size of the item collection",
        API("PutItem"),
        put(_FULL, "indexed", ReturnItemCollectionMetrics="SIZE").gives(
            ItemCollectionMetrics={"ItemCollectionKey": {"pk": S("a")}, "SizeEstimateRangeGB": [0.0, 1.0]}
        ),
        tables=(INDEXED,),
    ),
    fact(
        "S3.metrics.none",
        "a table without a local index tells nothing",
        API("PutItem"),
        put(_KEY, ReturnItemCollectionMetrics="SIZE").gives(ItemCollectionMetrics=ABSENT),
    ),
    fact(
        "S3.metrics.batch",
        "batches and transactions tell a map with a list of each table",
        API("BatchWriteItem"),
        ask(
            "BatchWriteItem",
            RequestItems={"indexed": [{"PutRequest": {"Item": _FULL}}]},
            ReturnItemCollectionMetrics="SIZE",
        ).gives(
            ItemCollectionMetrics={
                "indexed": [{"ItemCollectionKey": {"pk": S("a")}, "SizeEstimateRangeGB": [0.0, 1.0]}]
            }
        ),
        _transact(_put_action(_FULL, "indexed"), ReturnItemCollectionMetrics="SIZE").gives(
            ItemCollectionMetrics={
                "indexed": [{"ItemCollectionKey": {"pk": S("a")}, "SizeEstimateRangeGB": [0.0, 1.0]}]
            }
        ),
        tables=(INDEXED,),
    ),
    fact(
        "S3.batch.tables",
        "a batch over two tables tells both",
        API("BatchWriteItem"),
        ask(
            "BatchGetItem",
            RequestItems={"plain": {"Keys": [_KEY]}, "ranged": {"Keys": [_FULL]}},
            **_TOTAL,
        ).gives(ConsumedCapacity=Unordered([_units(0.5), _units(0.5, "ranged")])),
        tables=(HASH, RANGE),
    ),
)
