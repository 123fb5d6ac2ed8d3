"""S3: what single requests and pages consume, in which shape it is told, and what indexes add."""

from __future__ import annotations

from typing import Any, Final

from facts.form import (
    API,
    GUIDE,
    KNOWN,
    QUOTED,
    SS,
    Fact,
    N,
    S,
    ask,
    delete,
    fact,
    get,
    put,
    query,
    scan,
    update,
)
from facts.matching import ABSENT, Some
from facts.tables import INDEXED, RANGE, table

__all__ = ["FACTS"]

_KEY: Final = {"pk": S("a")}
_FULL: Final = {"pk": S("a"), "sk": S("b")}
_TOTAL: Final = {"ReturnConsumedCapacity": "TOTAL"}
_BY_INDEX: Final = {"ReturnConsumedCapacity": "INDEXES"}
_UNITS: Final = GUIDE("DynamoDB read and write operations")
_LADDER: Final = table("ladder", "pk:S", indexes={"by_a": ("a:S", ["p"])})


def _units(count: float, table: str = "plain") -> dict[str, Any]:
    return {"TableName": table, "CapacityUnits": count}


def _filled(size: int, **more: Any) -> dict[str, Any]:
    """Return an item of the plain table of so many bytes."""
    return {**_KEY, "f": S("f" * (size - 4)), **more}


def _arm(count: float) -> dict[str, Any]:
    return {"CapacityUnits": count}


def _ladder(count: float | None) -> Any:
    arms = ABSENT if count is None else {"by_a": _arm(count)}
    return Some({"Table": _arm(1.0), "GlobalSecondaryIndexes": arms})


# (mark, what happens to an item with a=x, p=1, u=1, the update, units of the index)
_RUNGS: Final = [
    ("projected", "a change of a projected attribute", update(_KEY, "SET p = :v", {":v": N(2)}), 1.0),
    ("unprojected", "a change of an attribute that is not projected", update(_KEY, "SET u = :v", {":v": N(2)}), None),
    ("same", "an update to the same value", update(_KEY, "SET p = :v", {":v": N(1)}), None),
    ("moved", "a change of the index key", update(_KEY, "SET a = :v", {":v": S("y")}), 2.0),
    ("left", "an update that takes the item out of the index", update(_KEY, "REMOVE a"), 1.0),
]

FACTS: Final[tuple[Fact, ...]] = (
    # Single items
    fact(
        "S3.read.eventual",
        "an eventually consistent read of up to 4 KB is half a unit",
        _UNITS,
        put(_filled(4096)),
        get(_KEY, **_TOTAL).gives(ConsumedCapacity=_units(0.5)),
    ),
    fact(
        "S3.read.strong",
        "a strongly consistent read of up to 4 KB is a unit",
        _UNITS,
        put(_filled(4096)),
        get(_KEY, ConsistentRead=True, **_TOTAL).gives(ConsumedCapacity=_units(1.0)),
    ),
    fact(
        "S3.read.beyond",
        "a byte beyond 4 KB is another unit",
        _UNITS,
        put(_filled(4097)),
        get(_KEY, ConsistentRead=True, **_TOTAL).gives(ConsumedCapacity=_units(2.0)),
        get(_KEY, **_TOTAL).gives(ConsumedCapacity=_units(1.0)),
    ),
    fact(
        "S3.read.missing",
        "a read of no item is half a unit, or one",
        _UNITS,
        get(_KEY, **_TOTAL).gives(Item=ABSENT, ConsumedCapacity=_units(0.5)),
        get(_KEY, ConsistentRead=True, **_TOTAL).gives(ConsumedCapacity=_units(1.0)),
    ),
    fact(
        "S3.read.projected",
        "a projection costs as much as the whole item",
        _UNITS,
        put(_filled(8000)),
        get(_KEY, ProjectionExpression="pk", **_TOTAL).gives(ConsumedCapacity=_units(1.0)),
    ),
    fact(
        "S3.write.1024",
        "a write of up to 1 KB is a unit",
        _UNITS,
        put(_filled(1024), **_TOTAL).gives(ConsumedCapacity=_units(1.0)),
    ),
    fact(
        "S3.write.1025",
        "a byte beyond 1 KB is another unit",
        _UNITS,
        put(_filled(1025), **_TOTAL).gives(ConsumedCapacity=_units(2.0)),
    ),
    fact(
        "S3.write.shrinking",
        "a write that makes an item smaller costs what it was",
        KNOWN,
        put(_filled(3000)),
        put(_filled(100), **_TOTAL).gives(ConsumedCapacity=_units(3.0)),
    ),
    fact(
        "S3.write.update",
        "an update costs the larger of the item before and after it",
        KNOWN,
        put(_filled(1500)),
        update(_KEY, "SET g = :g", {":g": S("g" * 1000)}, **_TOTAL).gives(ConsumedCapacity=_units(3.0)),
        update(_KEY, "REMOVE g", **_TOTAL).gives(ConsumedCapacity=_units(3.0)),
    ),
    fact(
        "S3.write.delete",
        "a delete costs the item",
        KNOWN,
        put(_filled(2500)),
        delete(_KEY, **_TOTAL).gives(ConsumedCapacity=_units(3.0)),
    ),
    fact(
        "S3.write.delete_missing",
        "a delete of no item is a unit",
        KNOWN,
        delete(_KEY, **_TOTAL).gives(ConsumedCapacity=_units(1.0)),
    ),
    fact(
        "S3.shape.none",
        "nothing is told that was not asked for",
        API("PutItem"),
        put(_KEY).gives(ConsumedCapacity=ABSENT),
        put(_KEY, ReturnConsumedCapacity="NONE").gives(ConsumedCapacity=ABSENT),
        delete(_KEY).gives(ConsumedCapacity=ABSENT),
    ),
    fact(
        "S3.shape.indexes",
        "INDEXES adds the table's part",
        API("GetItem"),
        get(_KEY, **_BY_INDEX).gives(ConsumedCapacity={**_units(0.5), "Table": _arm(0.5)}),
    ),
    fact(
        "S3.shape.written_indexes",
        "INDEXES adds the parts of the indexes that were written",
        KNOWN,
        put({**_FULL, "a": S("x"), "b": N(1), "c": S("c"), "x": N(1)}, "indexed", **_BY_INDEX).gives(
            ConsumedCapacity={
                **_units(5.0, "indexed"),
                "Table": _arm(1.0),
                "GlobalSecondaryIndexes": {"gsi_all": _arm(1.0), "gsi_keys": _arm(1.0)},
                "LocalSecondaryIndexes": {"lsi_all": _arm(1.0), "lsi_some": _arm(1.0)},
            }
        ),
        tables=(INDEXED,),
    ),
    fact(
        "S3.shape.total_of_indexes",
        "TOTAL adds up table and indexes",
        KNOWN,
        put({**_FULL, "a": S("x")}, "indexed", **_TOTAL).gives(ConsumedCapacity=_units(2.0, "indexed")),
        tables=(INDEXED,),
    ),
    fact(
        "S3.shape.no_split",
        "a single write does not tell reads and writes apart",
        KNOWN,
        put(_KEY, **_BY_INDEX).gives(
            ConsumedCapacity={"TableName": "plain", "CapacityUnits": 1.0, "Table": {"CapacityUnits": 1.0}}
        ),
    ),
    # Query and Scan
    fact(
        "S3.query.sum",
        "a page of Query is rounded up once",
        GUIDE("Query operations, capacity"),
        *(put({**_KEY, "sk": S(str(n)), "f": S("f" * 1000)}, "ranged") for n in range(5)),
        query("pk = :p", {":p": S("a")}, table="ranged", ConsistentRead=True, **_TOTAL).gives(
            ConsumedCapacity=_units(2.0, "ranged")
        ),
        query("pk = :p", {":p": S("a")}, table="ranged", **_TOTAL).gives(ConsumedCapacity=_units(1.0, "ranged")),
        tables=(RANGE,),
    ),
    fact(
        "S3.query.filtered",
        "what a filter leaves out is paid for",
        GUIDE("Query operations, filter expressions"),
        *(put({**_KEY, "sk": S(str(n)), "f": S("f" * 1000)}, "ranged") for n in range(5)),
        query(
            "pk = :p",
            {":p": S("a")},
            table="ranged",
            FilterExpression="attribute_exists(nope)",
            Select="COUNT",
            **_TOTAL,
        ).gives(Count=0, ScannedCount=5, ConsumedCapacity=_units(1.0, "ranged"), Items=ABSENT),
        tables=(RANGE,),
    ),
    fact(
        "S3.query.empty",
        "a query that finds nothing is half a unit",
        _UNITS,
        query("pk = :p", {":p": S("a")}, table="ranged", **_TOTAL).gives(ConsumedCapacity=_units(0.5, "ranged")),
        tables=(RANGE,),
    ),
    fact(
        "S3.query.index",
        "a query of an index is told as the index's part",
        API("Query"),
        put({**_FULL, "a": S("x")}, "indexed"),
        query("a = :a", {":a": S("x")}, table="indexed", IndexName="gsi_keys", **_BY_INDEX).gives(
            ConsumedCapacity={
                **_units(0.5, "indexed"),
                "Table": _arm(0.0),
                "GlobalSecondaryIndexes": {"gsi_keys": _arm(0.5)},
            }
        ),
        tables=(INDEXED,),
    ),
    fact(
        "S3.scan.partitions",
        "a scan of a small table on demand reads four partitions",
        QUOTED,
        put(_KEY),
        scan(ConsistentRead=True, **_TOTAL).gives(ConsumedCapacity=_units(4.0)),
        scan(**_TOTAL).gives(ConsumedCapacity=_units(2.0)),
    ),
    # The ladder of an index
    fact(
        "S3.ladder.insert",
        "an item that enters an index costs it a unit",
        KNOWN,
        put({**_KEY, "a": S("x")}, "ladder", **_BY_INDEX).gives(ConsumedCapacity=_ladder(1.0)),
        tables=(_LADDER,),
    ),
    fact(
        "S3.ladder.overwrite",
        "an item that is put again as it is costs the index nothing",
        KNOWN,
        put({**_KEY, "a": S("x")}, "ladder"),
        put({**_KEY, "a": S("x")}, "ladder", **_BY_INDEX).gives(ConsumedCapacity=_ladder(None)),
        tables=(_LADDER,),
    ),
    fact(
        "S3.ladder.delete",
        "an item that is deleted costs the index a unit",
        KNOWN,
        put({**_KEY, "a": S("x")}, "ladder"),
        delete(_KEY, "ladder", **_BY_INDEX).gives(ConsumedCapacity=_ladder(1.0)),
        tables=(_LADDER,),
    ),
    *(
        fact(
            f"S3.ladder.{mark}",
            f"{what} costs the index {units or 'nothing'}",
            KNOWN,
            put({**_KEY, "a": S("x"), "p": N(1), "u": N(1)}, "ladder"),
            ask(step.operation, **{**step.request, "TableName": "ladder", **_BY_INDEX}).gives(
                ConsumedCapacity=_ladder(units)
            ),
            tables=(_LADDER,),
        )
        for mark, what, step, units in _RUNGS
    ),
    fact(
        "S3.ladder.reordered",
        "the members of a set in another order are no change",
        KNOWN,
        put({**_KEY, "a": S("x"), "p": SS("m", "n")}, "ladder"),
        put({**_KEY, "a": S("x"), "p": SS("n", "m")}, "ladder", **_BY_INDEX).gives(ConsumedCapacity=_ladder(None)),
        tables=(_LADDER,),
    ),
)
