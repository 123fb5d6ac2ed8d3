"""S6: Query and Scan: key conditions, pages, segments, and indexes of many attributes."""

from __future__ import annotations

from typing import Any, Final

from facts.form import API, CAPTURED, GUIDE, QUOTED, Backend, Fact, M, N, S, Step, fact, put, query, scan
from facts.matching import ABSENT, Pattern, Where
from facts.tables import HASH, INDEXED, MULTI, RANGE, RANGE_N, table

__all__ = ["FACTS"]

_INVALID: Final = "One or more parameter values were invalid: "
_START: Final = "The provided starting key is invalid"
_P: Final = {":p": S("a")}
_BYTES: Final = table("bytes", "pk:S sk:B")


def _ranged(condition: str | None, values: dict[str, Any] | None = None, **more: Any) -> Step:
    return query(condition, {**_P, **(values or {})}, table="ranged", **more)


def _indexed(condition: str, values: dict[str, Any], index: str, **more: Any) -> Step:
    return query(condition, values, table="indexed", IndexName=index, **more)


def _wide(condition: str, **more: Any) -> Step:
    words = condition.replace(",", " ").replace("(", " ").replace(")", " ").split()
    values = {word: N(word[2:]) if word.startswith(":n") else S(word[1:]) for word in words if word.startswith(":")}
    given = {**values, **more.pop("values", {})}
    return query(condition, given, table="multi", IndexName="wide", **more)


def _sorted(*keys: str) -> list[dict[str, Any]]:
    return [{"pk": S("a"), "sk": S(key)} for key in keys]


def _all_pages(operation: str, request: dict[str, Any], backend: Backend) -> list[Any]:
    found: list[Any] = []
    start: dict[str, Any] = {}
    for _ in range(100):
        body = backend.ask(operation, {**request, **start}).body
        found += body.get("Items", [])
        if "LastEvaluatedKey" not in body:
            break
        start = {"ExclusiveStartKey": body["LastEvaluatedKey"]}
    return found


def _pages_of_index(backend: Backend) -> str | None:
    """Every page size shows all entries of an index once, in order."""
    for number in range(7):
        item = {"pk": S("a"), "sk": S(str(number)), "a": S("x"), "b": N(number // 2)}
        if (found := put(item, "indexed").failure(backend)) is not None:
            return found
    for limit in (1, 2, 3, 7, 8):
        request = {
            "TableName": "indexed",
            "IndexName": "gsi_all",
            "KeyConditionExpression": "a = :a",
            "ExpressionAttributeValues": {":a": S("x")},
            "Limit": limit,
        }
        items = _all_pages("Query", request, backend)
        if len(items) != 7 or [int(item["b"]["N"]) for item in items] != [0, 0, 1, 1, 2, 2, 3]:
            return f"by pages of {limit}: {items}"
    return None


def _segments(backend: Backend) -> str | None:
    """The segments of a scan have every item once."""
    for number in range(20):
        if (found := put({"pk": S(str(number))}).failure(backend)) is not None:
            return found
    names = [
        item["pk"]["S"]
        for segment in range(4)
        for item in _all_pages(
            "Scan", {"TableName": "plain", "Segment": segment, "TotalSegments": 4, "Limit": 2}, backend
        )
    ]
    return None if sorted(names, key=int) == [str(n) for n in range(20)] else f"the segments have {names}"


def _wrong_segment(backend: Backend) -> str | None:
    for number in range(20):
        put({"pk": S(str(number))}).failure(backend)
    first = backend.ask("Scan", {"TableName": "plain", "Segment": 1, "TotalSegments": 2, "Limit": 1})
    key = first.body.get("LastEvaluatedKey")
    if key is None:
        return f"a first page of one item has no LastEvaluatedKey: {first}"
    return (
        scan(Segment=0, TotalSegments=2, ExclusiveStartKey=key)
        .refused(
            f"{_START}: Invalid ExclusiveStartKey. Please use ExclusiveStartKey with correct Segment. "
            "TotalSegments: 2 Segment: 0"
        )
        .failure(backend)
    )


_THREE: Final = [put(key, "ranged") for key in _sorted("a", "b", "c")]
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
        CAPTURED,
        _ranged("sk = :p").refused("Query condition missed key schema element: pk"),
        tables=(RANGE,),
    ),
    fact(
        "S6.key.missed_sort",
        "a query that names another attribute misses the sort key",
        CAPTURED,
        _ranged("pk = :p AND x = :p").refused("Query condition missed key schema element: sk"),
        tables=(RANGE,),
    ),
    fact(
        "S6.key.not_supported",
        "the partition key takes an equality",
        CAPTURED,
        _ranged("pk > :p").refused("Query key condition not supported"),
        tables=(RANGE,),
    ),
    fact(
        "S6.key.too_many",
        "three conditions are more than two keys",
        CAPTURED,
        _ranged("pk = :p AND sk = :p AND x = :p").refused(
            "The number of query conditions (3) exceeds the number of key attributes defined in the schema (2)"
        ),
        tables=(RANGE,),
    ),
    fact(
        "S6.key.twice",
        "a key has one condition",
        CAPTURED,
        _ranged("pk = :p AND sk > :p AND sk < :z", {":z": S("z")}).refused(
            "Invalid KeyConditionExpression: KeyConditionExpressions must only contain one condition per key"
        ),
        tables=(RANGE,),
    ),
    fact(
        "S6.key.type",
        "an equality of another type does not match the schema",
        CAPTURED,
        query("pk = :b", {":b": {"BOOL": True}}, table="ranged").refused(
            _INVALID + "Condition parameter type does not match schema type"
        ),
        tables=(RANGE,),
    ),
    fact(
        "S6.key.type_begins",
        "begins_with of a text on a number key does not match the schema",
        CAPTURED,
        query("pk = :p AND begins_with(sk, :s)", {**_P, ":s": S("x")}, table="numbered").refused(
            _INVALID + "Condition parameter type does not match schema type"
        ),
        tables=(RANGE_N,),
    ),
    fact(
        "S6.key.type_operator",
        "a type that no key can have is the operator's fault",
        CAPTURED,
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
                        "The number of query conditions (3) exceeds the number of key attributes defined in the schema (2)",
                    )
                ),
            )
        ),
        tables=(RANGE,),
    ),
    fact(
        "S6.filter.key",
        "a filter is not on key attributes",
        CAPTURED,
        _ranged("pk = :p", FilterExpression="pk = :p").refused(
            "Filter Expression can only contain non-primary key attributes: Primary key attribute: pk"
        ),
        tables=(RANGE,),
    ),
    # Indexes
    fact(
        "S6.index.consistent",
        "a global index is not read consistently",
        CAPTURED,
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
        CAPTURED,
        _indexed("a = :a", {":a": S("x")}, "nowhere").refused("The table does not have the specified index: nowhere"),
        tables=(INDEXED,),
    ),
    fact(
        "S6.index.all_attributes",
        "ALL_ATTRIBUTES needs a global index that has them",
        CAPTURED,
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
        "S6.index.last_key",
        "the key of a page of an index is the index's and the table's together",
        GUIDE("Paginating table query results"),
        put({**_FULL, "a": S("x"), "b": N(1)}, "indexed"),
        _indexed("a = :a", {":a": S("x")}, "gsi_all", Limit=1).gives(
            LastEvaluatedKey={**_FULL, "a": S("x"), "b": N(1)}
        ),
        tables=(INDEXED,),
    ),
    fact(
        "S6.index.pages",
        "pages of an index are whole",
        GUIDE("Querying an index"),
        tables=(INDEXED,),
        check=_pages_of_index,
    ),
    # Where pages start
    fact(
        "S6.start.shape",
        "a starting key has the shape of the key",
        CAPTURED,
        _ranged("pk = :p", ExclusiveStartKey={"pk": S("a")}).refused(
            Pattern(_START + "(: The provided key element does not match the schema)?")
        ),
        tables=(RANGE,),
    ),
    fact(
        "S6.start.scan_shape",
        "so does that of a scan",
        CAPTURED,
        scan(ExclusiveStartKey={"x": S("a")}).refused(f"{_START}: The provided key element does not match the schema"),
    ),
    fact(
        "S6.start.outside",
        "a starting key has the partition key of the query",
        CAPTURED,
        _ranged("pk = :p", ExclusiveStartKey={"pk": S("other"), "sk": S("a")}).refused(
            "The provided starting key is outside query boundaries based on provided conditions"
        ),
        tables=(RANGE,),
    ),
    fact(
        "S6.start.range",
        "a starting key is within the sort key condition",
        CAPTURED,
        _ranged("pk = :p AND sk > :m", {":m": S("m")}, ExclusiveStartKey={"pk": S("a"), "sk": S("a")}).refused(
            "The provided starting key does not match the range key predicate"
        ),
        tables=(RANGE,),
    ),
    fact(
        "S6.start.hash_table",
        "a query of a table without a sort key has no second page",
        QUOTED,
        query("pk = :p", _P, ExclusiveStartKey={"pk": S("a")}).refused(
            "The provided exclusive start key is invalid: ExclusiveStartKey: {pk=AttributeValue: {S:a}}"
        ),
    ),
    # Segments
    fact(
        "S6.segments.no_total",
        "a segment needs their number",
        CAPTURED,
        scan(Segment=0).refused(
            "The TotalSegments parameter is required but was not present in the request when Segment parameter is "
            "present"
        ),
    ),
    fact(
        "S6.segments.no_segment",
        "their number needs a segment",
        CAPTURED,
        scan(TotalSegments=2).refused(
            "The Segment parameter is required but was not present in the request when parameter TotalSegments is "
            "present"
        ),
    ),
    fact(
        "S6.segments.beyond",
        "segments are counted from zero",
        CAPTURED,
        scan(Segment=5, TotalSegments=5).refused(
            "The Segment parameter is zero-based and must be less than parameter TotalSegments: Segment: 5 is not "
            "less than TotalSegments: 5"
        ),
    ),
    fact("S6.segments.whole", "segments have every item once", API("Scan"), check=_segments),
    fact("S6.segments.other", "a page goes on in its own segment", CAPTURED, check=_wrong_segment),
    # Pages and order
    fact(
        "S6.pages.evaluated",
        "Limit counts what is evaluated; a page may be empty and not the last",
        GUIDE("Query operations, filter expressions"),
        *_THREE,
        _ranged("pk = :p", {":n": N(1)}, Limit=2, FilterExpression="x = :n").gives(
            Items=[], Count=0, ScannedCount=2, LastEvaluatedKey={"pk": S("a"), "sk": S("b")}
        ),
        tables=(RANGE,),
    ),
    fact(
        "S6.pages.count",
        "COUNT counts and shows no items",
        API("Query"),
        *_THREE,
        _ranged("pk = :p", Select="COUNT").gives(Count=3, ScannedCount=3, Items=ABSENT),
        tables=(RANGE,),
    ),
    fact(
        "S6.order.texts",
        "texts are in the order of their UTF-8 bytes",
        GUIDE("Query operations"),
        *(put(key, "ranged") for key in _sorted("b", "ä", "B", "a", "\U0001f600", "\uffee", "aa")),
        _ranged("pk = :p").gives(Items=_sorted("B", "a", "aa", "b", "ä", "\uffee", "\U0001f600")),
        tables=(RANGE,),
    ),
    fact(
        "S6.order.numbers",
        "numbers are in the order of their values",
        GUIDE("Query operations"),
        *(put({"pk": S("a"), "sk": N(n)}, "numbered") for n in ("10", "9", "-1", "0", "-10", "0.5", "1e3", "-0.5")),
        query("pk = :p", _P, table="numbered").gives(
            Items=[{"pk": S("a"), "sk": N(n)} for n in ("-10", "-1", "-0.5", "0", "0.5", "9", "10", "1000")]
        ),
        tables=(RANGE_N,),
    ),
    fact(
        "S6.order.binaries",
        "binaries are in the order of unsigned bytes",
        GUIDE("Query operations"),
        *(put({"pk": S("a"), "sk": {"B": b}}, "bytes") for b in ("/w==", "AA==", "fw==", "gA==", "AAA=")),
        query("pk = :p", _P, table="bytes").gives(
            Items=[{"pk": S("a"), "sk": {"B": b}} for b in ("AA==", "AAA=", "fw==", "gA==", "/w==")]
        ),
        tables=(_BYTES,),
    ),
    fact(
        "S6.order.backward",
        "ScanIndexForward false turns the order round",
        API("Query"),
        *_THREE,
        _ranged("pk = :p", ScanIndexForward=False, Limit=2).gives(
            Items=_sorted("c", "b"), LastEvaluatedKey=_sorted("b")[0]
        ),
        tables=(RANGE,),
    ),
    fact(
        "S6.range.conditions",
        "the sort key takes comparisons, BETWEEN and begins_with",
        API("Query"),
        *(put(key, "ranged") for key in _sorted("a", "ab", "b", "c")),
        _ranged("pk = :p AND sk BETWEEN :x AND :y", {":x": S("ab"), ":y": S("b")}).gives(Items=_sorted("ab", "b")),
        _ranged("pk = :p AND begins_with(sk, :x)", {":x": S("a")}).gives(Items=_sorted("a", "ab")),
        _ranged("pk = :p AND sk >= :x", {":x": S("b")}).gives(Items=_sorted("b", "c")),
        _ranged("sk < :x AND pk = :p", {":x": S("ab")}).gives(Items=_sorted("a")),
        tables=(RANGE,),
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
        CAPTURED,
        *_WIDE,
        _wide("d > :n5 AND b = :b AND c = :c AND a = :a", ProjectionExpression="pk").gives(Items=[{"pk": S("2")}]),
        tables=(MULTI,),
    ),
    fact(
        "S6.multi.all_hashes",
        "every partition attribute has an equality",
        CAPTURED,
        _wide("a = :a").refused("Query condition missed key schema element: b"),
        tables=(MULTI,),
    ),
    fact(
        "S6.multi.gap",
        "sort attributes are conditioned without a gap",
        CAPTURED,
        _wide("a = :a AND b = :b AND d = :n1").refused(
            "RANGE key attributes c must have equality conditions specified in the query because a condition is "
            "present on key attribute d"
        ),
        tables=(MULTI,),
    ),
    fact(
        "S6.multi.range_last",
        "only the last condition is a range",
        CAPTURED,
        _wide("a = :a AND b = :b AND c > :c AND d = :n1").refused(
            "RANGE key attributes c must have equality conditions specified in the query because a condition is "
            "present on key attribute d"
        ),
        tables=(MULTI,),
    ),
    fact(
        "S6.multi.filter",
        "a filter is not on any of the key attributes",
        CAPTURED,
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
