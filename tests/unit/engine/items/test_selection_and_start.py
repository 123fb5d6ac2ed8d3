"""``Select``, ``ExclusiveStartKey`` and the count of key conditions."""

from __future__ import annotations

from typing import Any

import pytest

OF_A = {"KeyConditionExpression": "p = :p", "ExpressionAttributeValues": {":p": {"S": "a"}}}
OF_G = {
    "IndexName": "by_group",
    "KeyConditionExpression": "#g = :g",
    "ExpressionAttributeNames": {"#g": "group"},
    "ExpressionAttributeValues": {":g": {"S": "g"}},
}
OF_ID = {"KeyConditionExpression": "id = :id", "ExpressionAttributeValues": {":id": {"S": "a"}}}
INVALID_START = "The provided starting key is invalid"


def refused(desk: Any, operation: str, table: str = "things", **request: Any) -> str:
    return str(desk.refused(operation, TableName=table, **request).message)


@pytest.mark.parametrize(
    ("select", "what"),
    [
        ("COUNT", "only the Count"),
        ("ALL_ATTRIBUTES", "ALL_ATTRIBUTES"),
        ("ALL_PROJECTED_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES"),
    ],
)
def test_a_projection_is_a_selection_of_its_own(desk: Any, select: str, what: str) -> None:
    request = {"Select": select, "ProjectionExpression": "x"}
    text = f"Cannot specify the ProjectionExpression when choosing to get {what}"

    assert refused(desk, "Query", **OF_A, **request) == "1 validation error detected: " + text
    assert refused(desk, "Scan", **request) == text
    assert refused(desk, "Scan", Select=select, AttributesToGet=["x"]) == text.replace(
        "ProjectionExpression", "AttributesToGet"
    )
    # It is found before the table is.
    assert refused(desk, "Scan", "nowhere", **request) == text


def test_a_selection_fits_what_is_read(desk: Any) -> None:
    specific = "Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES"
    projected = "ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName"
    whole = (
        "One or more parameter values were invalid: Select type ALL_ATTRIBUTES is not supported for global secondary "
        "index by_group because its projection type is not ALL"
    )

    assert refused(desk, "Query", **OF_A, Select="SPECIFIC_ATTRIBUTES") == specific
    assert refused(desk, "Scan", Select="ALL_PROJECTED_ATTRIBUTES") == projected
    assert refused(desk, "Query", **OF_G, Select="ALL_ATTRIBUTES") == whole
    assert refused(desk, "Scan", IndexName="by_group", Select="ALL_ATTRIBUTES") == whole
    assert refused(desk, "Scan", IndexName="by_none", Select="SPECIFIC_ATTRIBUTES").endswith("index: by_none")
    assert refused(desk, "Scan", IndexName="by_none", ConsistentRead=True).endswith("index: by_none")


def test_every_selection_shows_its_attributes(desk: Any, key: Any) -> None:
    desk.put("a", 1, label={"S": "l"}, x={"S": "v"})
    local = {"IndexName": "by_label", **OF_A}

    def items(**request: Any) -> Any:
        return desk.ask("Query", TableName="things", **request).get("Items")

    assert items(**OF_A, Select="ALL_ATTRIBUTES") == [{**key("a", 1), "label": {"S": "l"}, "x": {"S": "v"}}]
    assert items(**OF_A, Select="SPECIFIC_ATTRIBUTES", ProjectionExpression="x") == [{"x": {"S": "v"}}]
    assert items(**local, Select="ALL_PROJECTED_ATTRIBUTES") == [{**key("a", 1), "label": {"S": "l"}}]
    assert items(**local, Select="COUNT") is None


def test_a_scans_filter_finds_absent_what_its_index_does_not_carry(desk: Any) -> None:
    desk.put("a", 1, group={"S": "g"}, points={"N": "1"}, x={"S": "v"})

    page = desk.ask(
        "Scan",
        TableName="things",
        IndexName="by_group",
        FilterExpression="attribute_exists(x)",
    )

    assert (page["Count"], page["ScannedCount"]) == (0, 1)


@pytest.mark.parametrize("operation", ["Query", "Scan"])
@pytest.mark.parametrize(
    ("start", "text"),
    [
        ({"p": {"S": "a"}}, f"{INVALID_START}: The provided key element does not match the schema"),
        ({"p": {"S": "a"}, "s": {"S": "1"}}, f"{INVALID_START}: The provided key element does not match the schema"),
        (
            {"p": {"S": "a"}, "s": {"N": "1"}, "x": {"N": "1"}},
            f"{INVALID_START}: The provided key element does not match the schema",
        ),
        (
            {"p": {"S": ""}, "s": {"N": "1"}},
            f"{INVALID_START}: One or more parameter values are not valid. The AttributeValue for a key attribute "
            "cannot contain an empty string value. Key: p",
        ),
        (
            {"p": {"S": "a"}, "s": {"N": "x"}},
            f"{INVALID_START}: The parameter cannot be converted to a numeric value: x",
        ),
    ],
)
def test_a_start_key_is_a_key_of_the_table(desk: Any, operation: str, start: dict[str, Any], text: str) -> None:
    request = OF_A if operation == "Query" else {}

    assert refused(desk, operation, **request, ExclusiveStartKey=start) == text


def test_a_start_key_of_an_index_has_the_keys_of_both(desk: Any, key: Any) -> None:
    assert refused(desk, "Query", **OF_G, ExclusiveStartKey=key("a", 1)) == INVALID_START
    assert refused(desk, "Scan", IndexName="by_group", ExclusiveStartKey=key("a", 1)) == INVALID_START


def test_a_query_of_one_item_is_not_restarted(desk: Any, desk_with: Any) -> None:
    other = refused(desk, "Query", "plain", **OF_ID, ExclusiveStartKey={"id": {"S": "b"}})
    same = refused(desk, "Query", "plain", **OF_ID, ExclusiveStartKey={"id": {"S": "a"}})
    classic = refused(desk_with(wording="classic"), "Query", "plain", **OF_ID, ExclusiveStartKey={"id": {"S": "a"}})

    assert other == "The provided starting key is outside query boundaries based on provided conditions"
    assert same == "The provided exclusive start key is invalid: ExclusiveStartKey: {id=AttributeValue: {S:a}}"
    assert classic == "The query can return at most one row and cannot be restarted"


def test_a_start_key_lies_in_its_segment(desk: Any, key: Any) -> None:
    texts = set()
    for segment in (0, 1):
        try:
            desk.ask("Scan", TableName="things", Segment=segment, TotalSegments=2, ExclusiveStartKey=key("a", 1))
            texts.add(None)
        except Exception as error:
            texts.add(str(error).partition("TotalSegments")[0])

    assert texts == {
        None,
        f"ValidationException: {INVALID_START}: Invalid ExclusiveStartKey. Please use ExclusiveStartKey with correct "
        "Segment. ",
    }


def test_key_conditions_are_counted_before_they_are_looked_at(desk: Any, desk_with: Any) -> None:
    three = {
        "KeyConditionExpression": "p = :p AND s > :s AND x = :p",
        "ExpressionAttributeValues": {":p": {"S": "a"}, ":s": {"N": "1"}},
    }
    two_ranges = {**three, "KeyConditionExpression": "p = :p AND s > :s AND x > :p"}
    two_of_hash = {"KeyConditionExpression": "id = :id AND x = :id", "ExpressionAttributeValues": {":id": {"S": "a"}}}
    classic = desk_with(wording="classic")

    assert refused(desk, "Query", **three) == (
        "The number of query conditions (3) exceeds the number of key attributes defined in the schema (2)"
    )
    assert refused(desk, "Query", **two_ranges) == refused(desk, "Query", **three)
    assert refused(desk, "Query", "plain", **two_of_hash) == (
        "The number of query conditions (2) exceeds the number of key attributes defined in the schema (1)"
    )
    assert refused(classic, "Query", **three) == "Conditions can be of length 1 or 2 only"
    assert refused(classic, "Query", "plain", **two_of_hash) == "Query key condition not supported"


def test_a_partition_is_asked_for_by_equality(desk: Any) -> None:
    values = {":p": {"S": "a"}, ":s": {"N": "1"}}

    for condition in ("p > :p", "p > :p AND s > :s", "s > :s AND p > :p", "begins_with(p, :p) AND s = :s"):
        used = {name: value for name, value in values.items() if name in condition}
        assert refused(desk, "Query", KeyConditionExpression=condition, ExpressionAttributeValues=used) == (
            "Query key condition not supported"
        )


def test_a_filter_is_on_no_key_of_what_is_queried(desk: Any) -> None:
    text = "Filter Expression can only contain non-primary key attributes: Primary key attribute: points"
    names = {"#g": "group"}

    assert refused(desk, "Query", **{**OF_G, "ExpressionAttributeNames": names}, FilterExpression="points > p") == text


@pytest.mark.parametrize(
    ("condition", "text"),
    [
        ("#g = :g AND points = :n", "Query condition missed key schema element: city"),
        ("#g = :g AND city > :g", "Query key condition not supported"),
        (
            "#g = :g AND city = :g AND label = :g",
            "RANGE key attributes points must have equality conditions specified in the query because a condition is "
            "present on key attribute label",
        ),
        (
            "#g = :g AND city = :g AND points > :n AND label > :g",
            "RANGE key attributes points must have equality conditions specified in the query because a condition is "
            "present on key attribute label",
        ),
        (
            "#g = :g AND city = :g AND points > :n AND label = :g",
            "RANGE key attributes points must have equality conditions specified in the query because a condition is "
            "present on key attribute label",
        ),
    ],
)
def test_keys_of_several_attributes_are_queried_without_a_gap(desk: Any, condition: str, text: str) -> None:
    values = {name: value for name, value in ((":g", {"S": "g"}), (":n", {"N": "1"})) if name in condition}

    assert (
        refused(
            desk,
            "Query",
            IndexName="by_place",
            KeyConditionExpression=condition,
            ExpressionAttributeNames={"#g": "group"},
            ExpressionAttributeValues=values,
        )
        == text
    )


def test_a_query_of_one_item_has_no_key_to_go_on_from(desk: Any) -> None:
    desk.ask("PutItem", TableName="plain", Item={"id": {"S": "a"}})

    query = desk.ask("Query", TableName="plain", Limit=1, **OF_ID)
    scan = desk.ask("Scan", TableName="plain", Limit=1)

    assert query == {"Items": [{"id": {"S": "a"}}], "Count": 1, "ScannedCount": 1}
    assert scan["LastEvaluatedKey"] == {"id": {"S": "a"}}


def test_values_that_nothing_uses_come_before_what_no_key_condition_is(desk: Any) -> None:
    request = {"KeyConditionExpression": "p <> :p", "ExpressionAttributeValues": {":p": {"S": "a"}}}
    unused = {"ExpressionAttributeValues": {":p": {"S": "a"}, ":q": {"S": "b"}}}

    assert refused(desk, "Query", **{**request, **unused}).endswith("unused in expressions: keys: {:q}")
    assert refused(desk, "Query", **request) == "Invalid operator used in KeyConditionExpression: <>"
