"""``ReturnConsumedCapacity`` and ``ReturnItemCollectionMetrics``."""

from __future__ import annotations

from typing import Any

import pytest

OF_A = {"KeyConditionExpression": "p = :p", "ExpressionAttributeValues": {":p": {"S": "a"}}}
KILOBYTE = {"S": "x" * 1024}


def consumed(desk: Any, operation: str, *, of: str = "INDEXES", **request: Any) -> Any:
    return desk.ask(operation, ReturnConsumedCapacity=of, **request)["ConsumedCapacity"]


@pytest.mark.parametrize(
    ("consistent", "size_bytes", "units"),
    [(False, 100, 0.5), (True, 100, 1.0), (True, 4097, 2.0), (False, 4097, 1.0), (True, None, 1.0), (False, None, 0.5)],
)
def test_a_read_costs_by_4_kb(desk: Any, key: Any, consistent: bool, size_bytes: int | None, units: float) -> None:
    if size_bytes is not None:
        desk.put("a", 1, x={"S": "x" * size_bytes})

    cost = consumed(desk, "GetItem", of="TOTAL", TableName="things", Key=key("a", 1), ConsistentRead=consistent)

    assert cost == {"TableName": "things", "CapacityUnits": units}


def test_a_write_costs_the_larger_image_and_none_costs_one(desk: Any, key: Any) -> None:
    desk.put("a", 1, x={"S": "x" * 2500})

    shrunk = consumed(desk, "PutItem", of="TOTAL", TableName="things", Item=key("a", 1))
    missing = consumed(desk, "DeleteItem", of="TOTAL", TableName="things", Key=key("a", 9))

    assert shrunk["CapacityUnits"] == 3.0
    assert missing["CapacityUnits"] == 1.0


@pytest.mark.parametrize(
    ("change", "index_units"),
    [
        ("SET note = note", None),
        ("SET x = :v", None),
        ("SET note = :v", 1.0),
        ("SET #g = :v", 2.0),
        ("REMOVE points", 1.0),
    ],
)
def test_an_index_costs_what_changes_in_it(desk: Any, key: Any, change: str, index_units: float | None) -> None:
    desk.put("a", 1, group={"S": "g"}, points={"N": "1"}, note={"SS": ["a", "b"]})
    values = {"ExpressionAttributeValues": {":v": {"S": "v"}}} if ":v" in change else {}
    names = {"ExpressionAttributeNames": {"#g": "group"}} if "#g" in change else {}

    cost = consumed(desk, "UpdateItem", TableName="things", Key=key("a", 1), UpdateExpression=change, **values, **names)

    arms = {} if index_units is None else {"GlobalSecondaryIndexes": {"by_group": {"CapacityUnits": index_units}}}
    assert cost == {
        "TableName": "things",
        "CapacityUnits": 1.0 + (index_units or 0.0),
        "Table": {"CapacityUnits": 1.0},
        **arms,
    }


def test_the_order_of_a_set_is_no_change_to_an_index(desk: Any, key: Any) -> None:
    desk.put("a", 1, group={"S": "g"}, points={"N": "1"}, note={"SS": ["a", "b"]})
    item = {**key("a", 1), "group": {"S": "g"}, "points": {"N": "1"}, "note": {"SS": ["b", "a"]}}

    cost = consumed(desk, "PutItem", TableName="things", Item=item)

    assert "GlobalSecondaryIndexes" not in cost


def test_a_page_costs_what_it_reads_whatever_it_shows(desk: Any) -> None:
    for s in range(6):
        desk.put("a", s, x=KILOBYTE)
    filtered = {**OF_A, "FilterExpression": "attribute_exists(y)"}

    costs = [
        consumed(desk, "Query", of="TOTAL", TableName="things", **request)["CapacityUnits"]
        for request in (OF_A, filtered, {**OF_A, "ProjectionExpression": "s"}, {**OF_A, "Select": "COUNT"})
    ]

    assert costs == [1.0] * 4


def test_a_global_index_is_charged_by_its_own_entries(desk: Any) -> None:
    for s in range(6):
        desk.put("a", s, x=KILOBYTE, group={"S": "g"}, points={"N": "1"})

    cost = consumed(
        desk,
        "Query",
        TableName="things",
        IndexName="by_group",
        KeyConditionExpression="#g = :g",
        ExpressionAttributeNames={"#g": "group"},
        ExpressionAttributeValues={":g": {"S": "g"}},
    )

    assert cost == {
        "TableName": "things",
        "CapacityUnits": 0.5,
        "Table": {"CapacityUnits": 0.0},
        "GlobalSecondaryIndexes": {"by_group": {"CapacityUnits": 0.5}},
    }


def test_a_local_index_costs_a_read_of_each_item_that_it_fetches(desk: Any) -> None:
    for s in range(3):
        desk.put("a", s, label={"S": "l"}, x=KILOBYTE)

    request = {"TableName": "things", "IndexName": "by_label", "ConsistentRead": True, **OF_A}
    fetched = consumed(desk, "Query", **request, ProjectionExpression="x")
    carried = consumed(desk, "Query", **request, ProjectionExpression="label")

    assert fetched["Table"] == {"CapacityUnits": 3.0}
    assert fetched["LocalSecondaryIndexes"] == {"by_label": {"CapacityUnits": 1.0}}
    assert fetched["CapacityUnits"] == 4.0
    assert carried["Table"] == {"CapacityUnits": 0.0}


@pytest.mark.parametrize(
    ("table", "request_", "units"),
    [
        ("plain", {"ConsistentRead": True}, 4.0),
        ("plain", {}, 2.0),
        ("plain", {"Limit": 1}, 0.5),
        ("plain", {"Segment": 0, "TotalSegments": 2, "ConsistentRead": True}, 2.0),
        ("plain", {"Segment": 0, "TotalSegments": 9, "ConsistentRead": True}, 1.0),
        ("things", {"ConsistentRead": True}, 1.0),
    ],
)
def test_a_scan_on_demand_costs_a_read_of_each_partition(
    desk: Any, table: str, request_: dict[str, Any], units: float
) -> None:
    for name in ("a", "b"):
        desk.ask("PutItem", TableName="plain", Item={"id": {"S": name}})

    assert consumed(desk, "Scan", of="TOTAL", TableName=table, **request_)["CapacityUnits"] == units


def test_an_option_says_how_many_partitions_a_scan_reads(desk_with: Any) -> None:
    desk = desk_with(scan_partitions=1)

    assert consumed(desk, "Scan", of="TOTAL", TableName="plain")["CapacityUnits"] == 0.5


def test_a_large_scan_costs_what_it_reads(desk: Any) -> None:
    for number in range(30):
        desk.ask("PutItem", TableName="plain", Item={"id": {"S": str(number)}, "x": KILOBYTE})

    assert consumed(desk, "Scan", of="TOTAL", TableName="plain", ConsistentRead=True)["CapacityUnits"] == 8.0


def test_a_batch_answers_one_cost_for_each_table(desk: Any, key: Any) -> None:
    desk.put("a", 1)
    keys = {"things": {"Keys": [key("a", 1), key("a", 2)]}, "plain": {"Keys": [{"id": {"S": "a"}}]}}
    writes = {"things": [{"PutRequest": {"Item": key("a", s)}} for s in (1, 2)]}

    read = consumed(desk, "BatchGetItem", of="TOTAL", RequestItems=keys)
    written = consumed(desk, "BatchWriteItem", RequestItems=writes)

    assert read == [{"TableName": "things", "CapacityUnits": 1.0}, {"TableName": "plain", "CapacityUnits": 0.5}]
    assert written == [{"TableName": "things", "CapacityUnits": 2.0, "Table": {"CapacityUnits": 2.0}}]


def test_a_transaction_doubles_the_table_and_not_the_indexes(desk: Any, key: Any) -> None:
    desk.put("a", 2, x={"S": "x" * 1500})
    actions = [
        {"Put": {"TableName": "things", "Item": {**key("a", 1), "group": {"S": "g"}, "points": {"N": "1"}}}},
        {
            "ConditionCheck": {
                "TableName": "things",
                "Key": key("a", 2),
                "ConditionExpression": "attribute_exists(p)",
            }
        },
    ]

    cost = consumed(desk, "TransactWriteItems", TransactItems=actions)

    assert cost == [
        {
            "TableName": "things",
            "CapacityUnits": 7.0,
            "WriteCapacityUnits": 7.0,
            "Table": {"CapacityUnits": 6.0, "WriteCapacityUnits": 6.0},
            "GlobalSecondaryIndexes": {"by_group": {"CapacityUnits": 1.0}},
        }
    ]


def test_a_transaction_reads_at_twice_the_cost_even_what_is_not_there(desk: Any, key: Any) -> None:
    cost = consumed(
        desk, "TransactGetItems", TransactItems=[{"Get": {"TableName": "things", "Key": key("a", 1)}}], of="TOTAL"
    )

    assert cost == [{"TableName": "things", "CapacityUnits": 2.0, "ReadCapacityUnits": 2.0}]


def test_a_repetition_is_charged_as_reads(desk: Any, key: Any) -> None:
    put = {"Put": {"TableName": "things", "Item": {**key("a", 1), "x": {"S": "x" * 5000}}}}
    request = {"TransactItems": [put], "ClientRequestToken": "t"}

    first = consumed(desk, "TransactWriteItems", of="TOTAL", **request)
    again = consumed(desk, "TransactWriteItems", of="TOTAL", **request)

    assert first == [{"TableName": "things", "CapacityUnits": 10.0, "WriteCapacityUnits": 10.0}]
    assert again == [{"TableName": "things", "CapacityUnits": 4.0, "ReadCapacityUnits": 4.0}]


def test_item_collections_are_those_of_tables_with_a_local_index(desk: Any, key: Any) -> None:
    def of(partition: str) -> dict[str, Any]:
        return {"ItemCollectionKey": {"p": {"S": partition}}, "SizeEstimateRangeGB": [0.0, 1.0]}

    size = {"ReturnItemCollectionMetrics": "SIZE"}
    one = desk.ask("PutItem", TableName="things", Item=key("a", 1), **size)
    other = desk.ask("PutItem", TableName="plain", Item={"id": {"S": "a"}}, **size)
    batch = desk.ask(
        "BatchWriteItem",
        RequestItems={
            "things": [
                {"PutRequest": {"Item": key("a", 2)}},
                {"DeleteRequest": {"Key": key("a", 1)}},
                {"PutRequest": {"Item": key("b", 1)}},
            ],
            "plain": [{"DeleteRequest": {"Key": {"id": {"S": "a"}}}}],
        },
        **size,
    )
    transaction = desk.ask(
        "TransactWriteItems", TransactItems=[{"Delete": {"TableName": "things", "Key": key("a", 2)}}], **size
    )

    assert one == {"ItemCollectionMetrics": of("a")}
    assert other == {}
    assert batch["ItemCollectionMetrics"] == {"things": [of("a"), of("b")]}
    assert transaction == {"ItemCollectionMetrics": {"things": [of("a")]}}
