"""S6: where pages of Query and Scan start and end, segments, and the order of items."""

from __future__ import annotations

from typing import Any, Final

from facts.form import API, GUIDE, KNOWN, QUOTED, Backend, Fact, N, S, Step, fact, put, query, scan
from facts.matching import ABSENT, Pattern
from facts.tables import INDEXED, RANGE, RANGE_N, table

__all__ = ["FACTS"]

_START: Final = "The provided starting key is invalid"
_P: Final = {":p": S("a")}
_BYTES: Final = table("bytes", "pk:S sk:B")


def _ranged(condition: str | None, values: dict[str, Any] | None = None, **more: Any) -> Step:
    return query(condition, {**_P, **(values or {})}, table="ranged", **more)


def _indexed(condition: str, values: dict[str, Any], index: str, **more: Any) -> Step:
    return query(condition, values, table="indexed", IndexName=index, **more)


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

FACTS: Final[tuple[Fact, ...]] = (
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
        KNOWN,
        _ranged("pk = :p", ExclusiveStartKey={"pk": S("a")}).refused(
            Pattern(_START + "(: The provided key element does not match the schema)?")
        ),
        tables=(RANGE,),
    ),
    fact(
        "S6.start.scan_shape",
        "so does that of a scan",
        KNOWN,
        scan(ExclusiveStartKey={"x": S("a")}).refused(f"{_START}: The provided key element does not match the schema"),
    ),
    fact(
        "S6.start.outside",
        "a starting key has the partition key of the query",
        KNOWN,
        _ranged("pk = :p", ExclusiveStartKey={"pk": S("other"), "sk": S("a")}).refused(
            "The provided starting key is outside query boundaries based on provided conditions"
        ),
        tables=(RANGE,),
    ),
    fact(
        "S6.start.range",
        "a starting key is within the sort key condition",
        KNOWN,
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
        KNOWN,
        scan(Segment=0).refused(
            "The TotalSegments parameter is required but was not present in the request when Segment parameter is "
            "present"
        ),
    ),
    fact(
        "S6.segments.no_segment",
        "their number needs a segment",
        KNOWN,
        scan(TotalSegments=2).refused(
            "The Segment parameter is required but was not present in the request when parameter TotalSegments is "
            "present"
        ),
    ),
    fact(
        "S6.segments.beyond",
        "segments are counted from zero",
        KNOWN,
        scan(Segment=5, TotalSegments=5).refused(
            "The Segment parameter is zero-based and must be less than parameter TotalSegments: Segment: 5 is not "
            "less than TotalSegments: 5"
        ),
    ),
    fact("S6.segments.whole", "segments have every item once", API("Scan"), check=_segments),
    fact("S6.segments.other", "a page goes on in its own segment", KNOWN, check=_wrong_segment),
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
)
