"""Query and Scan: ranges, pages, indexes, filters, projections."""

from __future__ import annotations

from typing import Any

import pytest


def numbers(page: dict[str, Any]) -> list[int]:
    return [int(item["s"]["N"]) for item in page["Items"]]


def query(desk: Any, condition: str = "p = :p", **more: Any) -> Any:
    values = {":p": {"S": "a"}, **more.pop("values", {})}
    return desk.ask(
        "Query", TableName="things", KeyConditionExpression=condition, ExpressionAttributeValues=values, **more
    )


def refused(desk: Any, condition: str, values: dict[str, Any], **more: Any) -> str:
    error = desk.refused(
        "Query", TableName="things", KeyConditionExpression=condition, ExpressionAttributeValues=values, **more
    )
    assert error.code == "ValidationException"
    return str(error.message)


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ("s = :v", [2]),
        ("s < :v", [-3, 1]),
        ("s <= :v", [-3, 1, 2]),
        ("s > :v", [10]),
        ("s >= :v", [2, 10]),
        ("s BETWEEN :v AND :w", [2, 10]),
    ],
)
def test_a_sort_key_condition_reads_its_range_in_numeric_order(desk: Any, condition: str, found: list[int]) -> None:
    for s in (10, 2, -3, 1):
        desk.put("a", s)
    desk.put("b", 2)
    values = {":v": {"N": "2.0"}} | ({":w": {"N": "10"}} if ":w" in condition else {})

    assert numbers(query(desk, f"p = :p AND {condition}", values=values)) == found
    assert numbers(query(desk, f"p = :p AND {condition}", values=values, ScanIndexForward=False)) == found[::-1]


def test_begins_with_reads_the_prefix_and_not_beyond(desk: Any) -> None:
    for s, label in enumerate(["ab", "a", "abc", "ac", "ab\x00", "b"]):
        desk.put("a", s, label={"S": label})

    page = query(desk, "p = :p AND begins_with(label, :l)", values={":l": {"S": "ab"}}, IndexName="by_label")

    assert [item["label"]["S"] for item in page["Items"]] == ["ab", "ab\x00", "abc"]


def test_pages_go_on_behind_a_start_item_that_is_gone(desk: Any, key: Any) -> None:
    for s in range(5):
        desk.put("a", s)
    first = query(desk, Limit=2)
    desk.ask("DeleteItem", TableName="things", Key=key("a", 1))

    second = query(desk, ExclusiveStartKey=first["LastEvaluatedKey"])
    backward = query(desk, ExclusiveStartKey=key("a", 1), ScanIndexForward=False)

    assert first["LastEvaluatedKey"] == key("a", 1)
    assert (numbers(second), "LastEvaluatedKey" in second) == ([2, 3, 4], False)
    assert numbers(backward) == [0]


def test_limit_counts_items_before_the_filter(desk: Any) -> None:
    for s in range(4):
        desk.put("a", s, x={"BOOL": s > 2})

    page = query(desk, Limit=2, FilterExpression="x = :t", values={":t": {"BOOL": True}})

    assert (page["Items"], page["Count"], page["ScannedCount"]) == ([], 0, 2)
    assert "LastEvaluatedKey" in page


def test_a_page_ends_with_the_item_that_fills_one_megabyte(desk: Any) -> None:
    for s in range(5):
        desk.put("a", s, x={"S": "x" * 300_000})

    page = query(desk, Select="COUNT")

    assert "Items" not in page
    assert (page["Count"], page["LastEvaluatedKey"]["s"]) == (4, {"N": "3"})


def test_an_index_is_sparse_and_its_last_key_holds_both_keys(desk: Any, key: Any) -> None:
    desk.put("a", 1, group={"S": "g"}, points={"N": "2"}, note={"S": "n"}, x={"S": "x"})
    desk.put("a", 2, group={"S": "g"}, points={"N": "1"})
    desk.put("a", 3, group={"S": "g"})
    request = {
        "TableName": "things",
        "IndexName": "by_group",
        "KeyConditionExpression": "#g = :g",
        "ExpressionAttributeNames": {"#g": "group"},
        "ExpressionAttributeValues": {":g": {"S": "g"}},
    }

    first = desk.ask("Query", **request, Limit=1)
    rest = desk.ask("Query", **request, ExclusiveStartKey=first["LastEvaluatedKey"])

    assert first["LastEvaluatedKey"] == {**key("a", 2), "group": {"S": "g"}, "points": {"N": "1"}}
    assert rest["Items"] == [{**key("a", 1), "group": {"S": "g"}, "points": {"N": "2"}, "note": {"S": "n"}}]


def test_an_index_with_several_keys_takes_a_gap_free_prefix_of_them(desk: Any) -> None:
    for s, (points, label) in enumerate([("1", "a"), ("1", "b"), ("2", "a")]):
        desk.put("a", s, group={"S": "g"}, city={"S": "c"}, points={"N": points}, label={"S": label})
    request = {
        "TableName": "things",
        "IndexName": "by_place",
        "ExpressionAttributeNames": {"#g": "group"},
    }
    values = {":g": {"S": "g"}, ":c": {"S": "c"}}

    def found(text: str, more: dict[str, Any]) -> list[int]:
        return numbers(
            desk.ask("Query", **request, KeyConditionExpression=text, ExpressionAttributeValues={**values, **more})
        )

    assert found("#g = :g AND city = :c", {}) == [0, 1, 2]
    assert found("points = :r AND city = :c AND #g = :g", {":r": {"N": "1"}}) == [0, 1]
    assert found("#g = :g AND city = :c AND points = :r AND label > :l", {":r": {"N": "1"}, ":l": {"S": "a"}}) == [1]
    error = desk.refused(
        "Query",
        **request,
        KeyConditionExpression="#g = :g AND city = :c AND label = :l",
        ExpressionAttributeValues={**values, ":l": {"S": "a"}},
    )
    assert error.message.startswith("RANGE key attributes points must have equality conditions")


def test_a_local_index_gets_what_it_does_not_carry_from_the_table(desk: Any, key: Any) -> None:
    desk.put("a", 1, label={"S": "l"}, x={"S": "v"})

    plain = query(desk, IndexName="by_label")
    whole = query(desk, IndexName="by_label", Select="ALL_ATTRIBUTES")
    some = query(desk, IndexName="by_label", ProjectionExpression="x")

    assert plain["Items"] == [{**key("a", 1), "label": {"S": "l"}}]
    assert whole["Items"] == [{**key("a", 1), "label": {"S": "l"}, "x": {"S": "v"}}]
    assert some["Items"] == [{"x": {"S": "v"}}]


@pytest.mark.parametrize(
    ("condition", "values", "text"),
    [
        ("s = :v", {":v": {"N": "1"}}, "Query condition missed key schema element: p"),
        ("p = :v AND x = :v", {":v": {"S": "a"}}, "Query condition missed key schema element: s"),
        ("p > :v", {":v": {"S": "a"}}, "Query key condition not supported"),
        ("p = :v AND s = :v", {":v": {"S": "a"}}, "Condition parameter type does not match schema type"),
        ("p = :v", {":v": {"S": ""}}, "cannot contain an empty string value. Key: p"),
        ("p = :v AND s BETWEEN :w AND :x", {":v": {"S": "a"}, ":w": {"N": "2"}, ":x": {"N": "1"}}, "BETWEEN operator"),
    ],
)
def test_a_key_condition_that_does_not_fit_is_refused(desk: Any, condition: str, values: Any, text: str) -> None:
    assert text in refused(desk, condition, values)


def test_what_an_index_cannot_answer_is_refused(desk: Any) -> None:
    by_group = {
        "condition": "#g = :g",
        "values": {":g": {"S": "g"}},
        "IndexName": "by_group",
    }
    names = {"#g": "group"}

    assert "Consistent reads are not supported" in refused(
        desk, **by_group, ExpressionAttributeNames=names, ConsistentRead=True
    )
    assert "ALL_ATTRIBUTES is not supported" in refused(
        desk, **by_group, ExpressionAttributeNames=names, Select="ALL_ATTRIBUTES"
    )
    assert "does not project [x]" in refused(
        desk, **by_group, ExpressionAttributeNames=names, ProjectionExpression="note, x"
    )
    assert "does not have the specified index: by_none" in refused(
        desk, "p = :p", {":p": {"S": "a"}}, IndexName="by_none"
    )


def test_a_start_key_outside_the_query_is_refused(desk: Any, key: Any) -> None:
    values = {":p": {"S": "a"}, ":v": {"N": "5"}}

    of_partition = {":p": {"S": "a"}}
    assert "outside query boundaries" in refused(desk, "p = :p", of_partition, ExclusiveStartKey=key("b", 6))
    assert "cannot be restarted" in refused(desk, "p = :p AND s > :v", values, ExclusiveStartKey=key("b", 6))
    assert "range key predicate" in refused(desk, "p = :p AND s > :v", values, ExclusiveStartKey=key("b", 1))
    assert "range key predicate" in refused(desk, "p = :p AND s > :v", values, ExclusiveStartKey=key("a", 1))
    assert "starting key is invalid" in refused(desk, "p = :p AND s > :v", values, ExclusiveStartKey={"p": {"S": "a"}})


def test_the_segments_of_a_scan_are_the_whole_table_once(desk: Any) -> None:
    for number in range(40):
        desk.put(f"partition {number}", number)

    found = [
        number
        for segment in range(3)
        for number in numbers(desk.ask("Scan", TableName="things", Segment=segment, TotalSegments=3))
    ]

    assert sorted(found) == list(range(40))


def test_a_scan_takes_both_segment_parameters_or_none(desk: Any) -> None:
    assert "TotalSegments" in desk.refused("Scan", TableName="things", Segment=0).message
    assert "zero-based" in desk.refused("Scan", TableName="things", Segment=2, TotalSegments=2).message
