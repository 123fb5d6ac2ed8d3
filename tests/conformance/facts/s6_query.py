"""S6: key conditions, filters and indexes of Query, and index keys of many attributes."""

from __future__ import annotations

from typing import Any, Final

from facts.form import API, GUIDE, KNOWN, Fact, M, N, S, Step, fact, put, query
from facts.matching import Pattern, Where
from facts.tables import HASH, INDEXED, MULTI, RANGE, RANGE_N

__all__ = ["FACTS"]

_INVALID: Final = "One or more parameter values were invalid: "
_P: Final = {":p": S("a")}


def _ranged(condition: str | None, values: dict[str, Any] | None = None, **more: Any) -> Step:
    return query(condition, {**_P, **(values or {})}, table="ranged", **more)


def _indexed(condition: str, values: dict[str, Any], index: str, **more: Any) -> Step:
    return query(condition, values, table="indexed", IndexName=index, **more)


def _wide(condition: str, **more: Any) -> Step:
    words = condition.replace(",", " ").replace("(", " ").replace(")", " ").split()
    values = {word: N(word[2:]) if word.startswith(":n") else S(word[1:]) for word in words if word.startswith(":")}
    given = {**values, **more.pop("values", {})}
    return query(condition, given, table="multi", IndexName="wide", **more)


_FULL: Final = {"pk": S("a"), "sk": S("b")}
_WIDE: Final = [
    put({"pk": S("1"), "a": S("a"), "b": S("b"), "c": S("c"), "d": N(1), "e": S("e")}, "multi"),
    put({"pk": S("2"), "a": S("a"), "b": S("b"), "c": S("c"), "d": N(10), "e": S("e")}, "multi"),
    put({"pk": S("3"), "a": S("a"), "b": S("b"), "c": S("d"), "d": N(2), "e": S("e")}, "multi"),
    put({"pk": S("4"), "a": S("a"), "b": S("b"), "c": S("c"), "d": N(2)}, "multi"),
    put({"pk": S("5"), "a": S("a"), "b": S("x"), "c": S("c"), "d": N(2), "e": S("e")}, "multi"),
]

FACTS: Final[tuple[Fact, ...]] = (
    # Key conditions
    fact(
        "S6.key.missed",
        "a query names the partition key",
        KNOWN,
        _ranged("sk = :p").refused("Query condition missed key schema element: pk"),
        tables=(RANGE,),
    ),
    fact(
        "S6.key.missed_sort",
        "a query that names another attribute misses the sort key",
        KNOWN,
        _ranged("pk = :p AND x = :p").refused("Query condition missed key schema element: sk"),
        tables=(RANGE,),
    ),
    fact(
        "S6.key.not_supported",
        "the partition key takes an equality",
        KNOWN,
        _ranged("pk > :p").refused("Query key condition not supported"),
        tables=(RANGE,),
    ),
    fact(
        "S6.key.too_many",
        "three conditions are more than two keys",
        KNOWN,
        _ranged("pk = :p AND sk = :p AND x = :p").refused(
            "The number of query conditions (3) exceeds the number of key attributes defined in the schema (2)"
        ),
        tables=(RANGE,),
    ),
    fact(
        "S6.key.twice",
        "a key has one condition",
        KNOWN,
        _ranged("pk = :p AND sk > :p AND sk < :z", {":z": S("z")}).refused(
            "Invalid KeyConditionExpression: KeyConditionExpressions must only contain one condition per key"
        ),
        tables=(RANGE,),
    ),
    fact(
        "S6.key.type",
        "an equality of another type does not match the schema",
        KNOWN,
        query("pk = :b", {":b": {"BOOL": True}}, table="ranged").refused(
            _INVALID + "Condition parameter type does not match schema type"
        ),
        tables=(RANGE,),
    ),
    fact(
        "S6.key.type_begins",
        "begins_with of a text on a number key does not match the schema",
        KNOWN,
        query("pk = :p AND begins_with(sk, :s)", {**_P, ":s": S("x")}, table="numbered").refused(
            _INVALID + "Condition parameter type does not match schema type"
        ),
        tables=(RANGE_N,),
    ),
    fact(
        "S6.key.type_operator",
        "a type that no key can have is the operator's fault",
        KNOWN,
        _ranged("pk = :p AND sk > :b", {":b": {"BOOL": True}}).refused(
            Pattern("Invalid KeyConditionExpression: Incorrect operand type for operator or function; .*")
        ),
        tables=(RANGE,),
    ),
    fact(
        "S6.key.or",
        "OR is not for keys",
        "public tests run against the service, 2013 to 2020",
        _ranged("pk = :p OR sk = :p").refused("Invalid operator used in KeyConditionExpression: OR"),
        tables=(RANGE,),
    ),
    fact(
        "S6.key.none",
        "a query has a key condition",
        API("Query"),
        query(None, table="ranged").refused(
            "Either the KeyConditions or KeyConditionExpression parameter must be specified in the request."
        ),
        tables=(RANGE,),
    ),
    fact(
        "S6.key.legacy_count",
        "legacy conditions are one or two",
        "public tests run against the service, 2013 to 2020",
        query(
            None,
            table="ranged",
            KeyConditions={
                name: {"ComparisonOperator": "EQ", "AttributeValueList": [S("a")]} for name in ("pk", "sk", "x")
            },
        ).refused(
            Where(
                "the words for too many conditions",
                lambda words: (
                    words
                    in (
                        "Conditions can be of length 1 or 2 only",
                        "The number of query conditions (3) exceeds the number of key attributes defined in the "
                        "schema (2)",
                    )
                ),
            )
        ),
        tables=(RANGE,),
    ),
    fact(
        "S6.filter.key",
        "a filter is not on key attributes",
        KNOWN,
        _ranged("pk = :p", FilterExpression="pk = :p").refused(
            "Filter Expression can only contain non-primary key attributes: Primary key attribute: pk"
        ),
        tables=(RANGE,),
    ),
    # Indexes
    fact(
        "S6.index.consistent",
        "a global index is not read consistently",
        KNOWN,
        _indexed("a = :a", {":a": S("x")}, "gsi_all", ConsistentRead=True).refused(
            "Consistent reads are not supported on global secondary indexes"
        ),
        tables=(INDEXED,),
    ),
    fact(
        "S6.index.local_consistent",
        "a local index is read consistently",
        GUIDE("Local secondary indexes"),
        put({**_FULL, "c": S("x")}, "indexed"),
        _indexed("pk = :p AND c = :c", {**_P, ":c": S("x")}, "lsi_all", ConsistentRead=True).gives(Count=1),
        tables=(INDEXED,),
    ),
    fact(
        "S6.index.unknown",
        "an unknown index is named",
        KNOWN,
        _indexed("a = :a", {":a": S("x")}, "nowhere").refused("The table does not have the specified index: nowhere"),
        tables=(INDEXED,),
    ),
    fact(
        "S6.index.all_attributes",
        "ALL_ATTRIBUTES needs a global index that has them",
        KNOWN,
        _indexed("a = :a", {":a": S("x")}, "gsi_keys", Select="ALL_ATTRIBUTES").refused(
            _INVALID + "Select type ALL_ATTRIBUTES is not supported for global secondary index gsi_keys because its "
            "projection type is not ALL"
        ),
        tables=(INDEXED,),
    ),
    fact(
        "S6.index.projected",
        "a global index of keys shows its keys and the table's",
        GUIDE("Global secondary indexes"),
        put({**_FULL, "a": S("x"), "y": N(1)}, "indexed"),
        _indexed("a = :a", {":a": S("x")}, "gsi_keys").gives(Items=[{**_FULL, "a": S("x")}]),
        tables=(INDEXED,),
    ),
    fact(
        "S6.index.fetched",
        "a local index fetches other attributes from the table",
        GUIDE("Local secondary indexes"),
        put({**_FULL, "b": N(1), "x": N(1), "y": N(2)}, "indexed"),
        _indexed("pk = :p", _P, "lsi_some").gives(Items=[{**_FULL, "b": N(1), "x": N(1)}]),
        _indexed("pk = :p", _P, "lsi_some", Select="ALL_ATTRIBUTES").gives(
            Items=[{**_FULL, "b": N(1), "x": N(1), "y": N(2)}]
        ),
        tables=(INDEXED,),
    ),
    fact(
        "S6.legacy.query",
        "KeyConditions and QueryFilter do what expressions do",
        "AWS developer guide, Legacy conditional parameters",
        put({"pk": S("a"), "sk": S("1"), "m": M(x=N(1))}, "ranged"),
        put({"pk": S("a"), "sk": S("2"), "y": N(1)}, "ranged"),
        query(
            None,
            table="ranged",
            KeyConditions={"pk": {"ComparisonOperator": "EQ", "AttributeValueList": [S("a")]}},
            QueryFilter={"y": {"ComparisonOperator": "NOT_NULL"}},
        ).gives(Count=1, ScannedCount=2),
        tables=(RANGE,),
    ),
    # Keys of many attributes
    fact(
        "S6.multi.sorted",
        "an index of many attributes is sorted by each in turn, and has no item that lacks one",
        GUIDE("Multi-attribute keys pattern"),
        *_WIDE,
        _wide("a = :a AND b = :b", ProjectionExpression="pk").gives(
            Items=[{"pk": S("1")}, {"pk": S("2")}, {"pk": S("3")}]
        ),
        tables=(MULTI,),
    ),
    fact(
        "S6.multi.prefix",
        "equalities on the first sort attributes, then a range, in any order of writing",
        KNOWN,
        *_WIDE,
        _wide("d > :n5 AND b = :b AND c = :c AND a = :a", ProjectionExpression="pk").gives(Items=[{"pk": S("2")}]),
        tables=(MULTI,),
    ),
    fact(
        "S6.multi.all_hashes",
        "every partition attribute has an equality",
        KNOWN,
        _wide("a = :a").refused("Query condition missed key schema element: b"),
        tables=(MULTI,),
    ),
    fact(
        "S6.multi.gap",
        "sort attributes are conditioned without a gap",
        KNOWN,
        _wide("a = :a AND b = :b AND d = :n1").refused(
            "RANGE key attributes c must have equality conditions specified in the query because a condition is "
            "present on key attribute d"
        ),
        tables=(MULTI,),
    ),
    fact(
        "S6.multi.range_last",
        "only the last condition is a range",
        KNOWN,
        _wide("a = :a AND b = :b AND c > :c AND d = :n1").refused(
            "RANGE key attributes c must have equality conditions specified in the query because a condition is "
            "present on key attribute d"
        ),
        tables=(MULTI,),
    ),
    fact(
        "S6.multi.filter",
        "a filter is not on any of the key attributes",
        KNOWN,
        _wide("a = :a AND b = :b", FilterExpression="e = :a").refused(
            "Filter Expression can only contain non-primary key attributes: Primary key attribute: e"
        ),
        tables=(MULTI,),
    ),
    fact(
        "S6.tables",
        "a query of a table without a sort key finds its item",
        API("Query"),
        put({"pk": S("a")}),
        query("pk = :p", _P).gives(Count=1),
        tables=(HASH,),
    ),
)
