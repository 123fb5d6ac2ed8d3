"""GetItem, PutItem, UpdateItem and DeleteItem."""

from __future__ import annotations

import time
from typing import Any

import pytest

N1 = {":one": {"N": "1"}}


def test_a_put_item_comes_back_with_canonical_numbers(desk: Any, key: Any) -> None:
    desk.ask("PutItem", TableName="things", Item={"p": {"S": "a"}, "s": {"N": "01.0"}, "n": {"L": [{"N": "1.50e1"}]}})

    found = desk.ask("GetItem", TableName="things", Key=key("a", 1))

    assert found == {"Item": {"p": {"S": "a"}, "s": {"N": "1"}, "n": {"L": [{"N": "15"}]}}}


def test_a_request_is_never_changed(desk: Any) -> None:
    item = {"p": {"S": "a"}, "s": {"N": "1.0"}, "m": {"M": {"n": {"N": "2.0"}}}}

    desk.ask("PutItem", TableName="things", Item=item)

    assert item == {"p": {"S": "a"}, "s": {"N": "1.0"}, "m": {"M": {"n": {"N": "2.0"}}}}


def test_no_item_is_an_empty_response_and_nothing_projected_an_empty_item(desk: Any, key: Any) -> None:
    desk.put("a", 1)

    assert desk.ask("GetItem", TableName="things", Key=key("a", 2)) == {}
    assert desk.ask("GetItem", TableName="things", Key=key("a", 1), ProjectionExpression="x") == {"Item": {}}


def test_a_table_arn_is_taken_for_a_name(desk: Any, key: Any) -> None:
    arn = "arn:aws:dynamodb:local:000000000000:table/things"
    desk.put("a", 1)

    assert desk.ask("GetItem", TableName=arn, Key=key("a", 1)) == {"Item": key("a", 1)}


def test_a_failed_condition_shows_the_item_only_when_asked(desk: Any, key: Any) -> None:
    desk.put("a", 1, x={"S": "old"})
    request = {
        "TableName": "things",
        "Item": key("a", 1),
        "ConditionExpression": "attribute_not_exists(p)",
    }

    silent = desk.refused("PutItem", **request)
    telling = desk.refused("PutItem", **request, ReturnValuesOnConditionCheckFailure="ALL_OLD")

    assert (silent.code, silent.item) == ("ConditionalCheckFailedException", None)
    assert telling.item == {**key("a", 1), "x": {"S": "old"}}


@pytest.mark.parametrize(
    ("returned", "attributes"),
    [
        ("NONE", None),
        ("ALL_OLD", {"p": {"S": "a"}, "s": {"N": "1"}, "m": {"M": {"x": {"N": "1"}, "y": {"N": "2"}}}}),
        ("ALL_NEW", {"p": {"S": "a"}, "s": {"N": "1"}, "m": {"M": {"x": {"N": "5"}, "y": {"N": "2"}}}}),
        ("UPDATED_OLD", {"m": {"M": {"x": {"N": "1"}}}}),
        ("UPDATED_NEW", {"m": {"M": {"x": {"N": "5"}}}}),
    ],
)
def test_an_update_returns_what_was_asked_for(desk: Any, key: Any, returned: str, attributes: Any) -> None:
    desk.put("a", 1, m={"M": {"x": {"N": "1"}, "y": {"N": "2"}}})

    answer = desk.ask(
        "UpdateItem",
        TableName="things",
        Key=key("a", 1),
        UpdateExpression="SET m.x = :v",
        ExpressionAttributeValues={":v": {"N": "5"}},
        ReturnValues=returned,
    )

    assert answer.get("Attributes") == attributes


def test_an_update_creates_a_missing_item_unless_it_only_removes(desk: Any, key: Any) -> None:
    desk.ask("UpdateItem", TableName="things", Key=key("a", 1))
    desk.ask("UpdateItem", TableName="things", Key=key("a", 2), UpdateExpression="REMOVE x")

    assert desk.ask("GetItem", TableName="things", Key=key("a", 1)) == {"Item": key("a", 1)}
    assert desk.ask("GetItem", TableName="things", Key=key("a", 2)) == {}


def test_an_update_of_a_key_attribute_is_refused(desk: Any, key: Any) -> None:
    error = desk.refused(
        "UpdateItem", TableName="things", Key=key("a", 1), UpdateExpression="SET s = :one", ExpressionAttributeValues=N1
    )

    assert error.message == (
        "One or more parameter values were invalid: Cannot update attribute s. This attribute is part of the key"
    )


def test_a_set_is_not_taken_from_where_no_path_leads(desk: Any, key: Any) -> None:
    desk.put("a", 1)

    error = desk.refused(
        "UpdateItem",
        TableName="things",
        Key=key("a", 1),
        UpdateExpression="DELETE m.tags :t",
        ExpressionAttributeValues={":t": {"SS": ["x"]}},
    )

    assert error.message == "The document path provided in the update expression is invalid for update"


def test_an_index_key_of_another_type_is_refused_on_put_and_update(desk: Any, key: Any) -> None:
    put = desk.refused("PutItem", TableName="things", Item={**key("a", 1), "group": {"N": "1"}})
    update = desk.refused(
        "UpdateItem",
        TableName="things",
        Key=key("a", 1),
        UpdateExpression="SET #g = :one",
        ExpressionAttributeNames={"#g": "group"},
        ExpressionAttributeValues=N1,
    )
    empty = desk.refused("PutItem", TableName="things", Item={**key("a", 1), "group": {"S": ""}})

    assert "Type mismatch for Index Key group Expected: S Actual: N IndexName: by_group" in put.message
    assert update.message == "The update expression attempted to update the secondary index key to unsupported type"
    assert "cannot contain an empty string value. IndexName: by_group, IndexKey: group" in empty.message


@pytest.mark.parametrize(
    ("attribute", "size", "limit", "index"), [("group", 2049, 2048, "by_group"), ("label", 1025, 1024, "by_place")]
)
def test_an_index_key_that_is_too_long_is_named_even_if_the_item_lacks_the_other_keys(
    desk: Any, key: Any, attribute: str, size: int, limit: int, index: str
) -> None:
    text = (
        f"One or more parameter values were invalid: Size limit exceeded for Index Key {attribute} Actual Size: {size} "
        f"bytes Max Size: {limit} bytes IndexName: {index}"
    )
    longest, too_long = {"S": "x" * limit}, {"S": "x" * size}
    update = {"UpdateExpression": "SET #a = :v", "ExpressionAttributeNames": {"#a": attribute}}

    put = desk.refused("PutItem", TableName="things", Item={**key("a", 1), attribute: too_long})
    updated = desk.refused(
        "UpdateItem",
        TableName="things",
        Key=key("a", 1),
        ExpressionAttributeValues={":v": too_long},
        **update,
    )

    assert put.message == updated.message == text
    desk.ask("PutItem", TableName="things", Item={**key("a", 1), attribute: longest})


@pytest.mark.parametrize(
    ("bad_key", "text"),
    [
        ({"p": {"S": "a"}}, "The provided key element does not match the schema"),
        ({"p": {"S": "a"}, "s": {"S": "1"}}, "The provided key element does not match the schema"),
        ({"p": {"S": ""}, "s": {"N": "1"}}, "cannot contain an empty string value. Key: p"),
        ({"p": {"S": "a" * 2049}, "s": {"N": "1"}}, "maximum size limit of2048 bytes"),
    ],
)
def test_a_key_that_is_none_is_refused(desk: Any, bad_key: Any, text: str) -> None:
    error = desk.refused("GetItem", TableName="things", Key=bad_key)

    assert error.code == "ValidationException"
    assert text in error.message


def test_an_item_has_at_most_409_600_bytes(desk: Any, key: Any) -> None:
    # p, "a", s and the number 1 take 5 bytes, the name x one.
    fitting = {**key("a", 1), "x": {"S": "x" * (409_600 - 6)}}

    desk.ask("PutItem", TableName="things", Item=fitting)
    put = desk.refused("PutItem", TableName="things", Item={**fitting, "x": {"S": fitting["x"]["S"] + "x"}})
    update = desk.refused(
        "UpdateItem",
        TableName="things",
        Key=key("a", 1),
        UpdateExpression="SET y = :one",
        ExpressionAttributeValues=N1,
    )

    assert put.message == "Item size has exceeded the maximum allowed size"
    assert update.message == "Item size to update has exceeded the maximum allowed size"


def test_an_update_that_copies_a_long_list_many_times_is_refused_at_once(desk: Any, key: Any) -> None:
    desk.put("a", 1, x={"L": [{"N": "1"}] * 50_000})
    copies = ", ".join(f"m.y{number} = x" for number in range(200))
    desk.ask("UpdateItem", TableName="things", Key=key("a", 1), UpdateExpression="SET m = :m",
             ExpressionAttributeValues={":m": {"M": {}}})  # fmt: skip

    started = time.perf_counter()
    update = desk.refused("UpdateItem", TableName="things", Key=key("a", 1), UpdateExpression=f"SET {copies}")

    assert time.perf_counter() - started < 1
    assert update.message == "Item size to update has exceeded the maximum allowed size"


def test_a_missing_table_is_no_resource(desk: Any, key: Any) -> None:
    assert desk.refused("GetItem", TableName="nowhere", Key=key("a", 1)).code == "ResourceNotFoundException"


def test_a_delete_returns_the_item_and_none_changes_nothing(desk: Any, key: Any) -> None:
    desk.put("a", 1, x={"S": "v"})

    deleted = desk.ask("DeleteItem", TableName="things", Key=key("a", 1), ReturnValues="ALL_OLD")
    again = desk.ask("DeleteItem", TableName="things", Key=key("a", 1), ReturnValues="ALL_OLD")

    assert deleted == {"Attributes": {**key("a", 1), "x": {"S": "v"}}}
    assert again == {}
    assert desk.last.items == ()


def test_consumed_capacity_counts_the_larger_image_and_the_indexes(desk: Any, key: Any) -> None:
    desk.put("a", 1, x={"S": "x" * 2000})

    answer = desk.ask(
        "PutItem",
        TableName="things",
        Item={**key("a", 1), "group": {"S": "g"}, "points": {"N": "1"}},
        ReturnConsumedCapacity="INDEXES",
    )

    assert answer["ConsumedCapacity"] == {
        "TableName": "things",
        "CapacityUnits": 3.0,
        "Table": {"CapacityUnits": 2.0},
        "GlobalSecondaryIndexes": {"by_group": {"CapacityUnits": 1.0}},
    }


def test_an_update_cannot_nest_an_attribute_deeper_than_a_put_can(desk: Any, key: Any) -> None:
    value: dict[str, Any] = {"N": "1"}
    for _ in range(31):
        value = {"M": {"a": value}}
    desk.put("a", 1, a=value, m={"M": {}})

    refused = desk.refused("UpdateItem", TableName="things", Key=key("a", 1), UpdateExpression="SET m.b = a")

    assert "Nesting Levels have exceeded supported limits" in str(refused)
    desk.ask("UpdateItem", TableName="things", Key=key("a", 1), UpdateExpression="SET m.b = a.a")
