"""BatchGetItem, BatchWriteItem, TransactGetItems and TransactWriteItems."""

from __future__ import annotations

from typing import Any

import pytest


def put(key: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"Put": {"TableName": "things", "Item": key, **more}}


def test_a_batch_reads_what_is_there_under_the_name_it_was_asked_by(desk: Any, key: Any) -> None:
    arn = "arn:aws:dynamodb:local:000000000000:table/things"
    desk.put("a", 1, x={"S": "v"})

    answer = desk.ask(
        "BatchGetItem", RequestItems={arn: {"Keys": [key("a", 1), key("a", 2)], "ProjectionExpression": "x"}}
    )

    assert answer == {"Responses": {arn: [{"x": {"S": "v"}}]}, "UnprocessedKeys": {}}


def test_a_batch_hands_back_the_keys_beyond_its_bytes(desk: Any, key: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for s in range(4):
        desk.put("a", s, x={"S": "x" * 1000})
    monkeypatch.setattr("ddbmodel.engine.items.batches.MAX_RESPONSE_BYTES", 2500)

    answer = desk.ask("BatchGetItem", RequestItems={"things": {"Keys": [key("a", s) for s in range(4)]}})

    assert len(answer["Responses"]["things"]) == 2
    assert answer["UnprocessedKeys"] == {"things": {"Keys": [key("a", 2), key("a", 3)]}}


def test_a_batch_with_a_key_twice_or_too_many_is_refused(desk: Any, key: Any) -> None:
    twice = desk.refused("BatchGetItem", RequestItems={"things": {"Keys": [key("a", 1), key("a", 1)]}})
    writes = [{"PutRequest": {"Item": key("a", 1)}}, {"DeleteRequest": {"Key": key("a", 1)}}]
    written_twice = desk.refused("BatchWriteItem", RequestItems={"things": writes})
    many = desk.refused(
        "BatchWriteItem", RequestItems={"things": [{"PutRequest": {"Item": key("a", s)}} for s in range(26)]}
    )

    assert twice.message == written_twice.message == "Provided list of item keys contains duplicates"
    assert many.code == "ValidationException"


def test_a_batch_writes_all_or_is_refused_as_a_whole(desk: Any, key: Any) -> None:
    desk.put("a", 1)
    good = [{"DeleteRequest": {"Key": key("a", 1)}}, {"PutRequest": {"Item": key("a", 2)}}]

    desk.refused("BatchWriteItem", RequestItems={"things": [*good, {"PutRequest": {"Item": {"p": {"S": "a"}}}}]})
    unchanged = desk.ask("GetItem", TableName="things", Key=key("a", 1))
    answer = desk.ask("BatchWriteItem", RequestItems={"things": good})

    assert unchanged == {"Item": key("a", 1)}
    assert answer == {"UnprocessedItems": {}}
    assert desk.ask("Scan", TableName="things")["Items"] == [key("a", 2)]


def test_a_transaction_that_fails_names_a_reason_for_every_action(desk: Any, key: Any) -> None:
    desk.put("a", 2, x={"S": "there"})
    condition = {
        "ConditionExpression": "attribute_not_exists(p)",
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }

    error = desk.refused("TransactWriteItems", TransactItems=[put(key("a", 1)), put(key("a", 2), **condition)])

    assert error.code == "TransactionCanceledException"
    assert error.message == (
        "Transaction cancelled, please refer cancellation reasons for specific reasons [None, ConditionalCheckFailed]"
    )
    assert [reason.code for reason in error.cancellation_reasons] == ["None", "ConditionalCheckFailed"]
    assert error.cancellation_reasons[1].item == {**key("a", 2), "x": {"S": "there"}}
    assert desk.ask("GetItem", TableName="things", Key=key("a", 1)) == {}


def test_a_key_of_another_shape_cancels_and_an_empty_one_is_refused(desk: Any) -> None:
    shape = desk.refused("TransactWriteItems", TransactItems=[put({"p": {"S": "a"}, "s": {"S": "x"}})])
    empty = desk.refused("TransactWriteItems", TransactItems=[put({"p": {"S": ""}, "s": {"N": "1"}})])

    assert [reason.code for reason in shape.cancellation_reasons] == ["ValidationError"]
    assert empty.code == "ValidationException"


def test_two_actions_on_one_item_are_refused(desk: Any, key: Any) -> None:
    check = {
        "ConditionCheck": {"TableName": "things", "Key": key("a", 1), "ConditionExpression": "attribute_not_exists(p)"}
    }

    error = desk.refused("TransactWriteItems", TransactItems=[put(key("a", 1)), check])

    assert error.message == "Transaction request cannot include multiple operations on one item"


def test_a_request_token_makes_a_repetition_harmless_for_ten_minutes(desk: Any, key: Any) -> None:
    def add(amount: str) -> dict[str, Any]:
        update = {
            "TableName": "things",
            "Key": key("a", 1),
            "UpdateExpression": "ADD n :n",
            "ExpressionAttributeValues": {":n": {"N": amount}},
        }
        return {"TransactItems": [{"Update": update}], "ClientRequestToken": "token"}

    def n() -> str:
        return str(desk.ask("GetItem", TableName="things", Key=key("a", 1))["Item"]["n"]["N"])

    desk.ask("TransactWriteItems", **add("1"))
    desk.ask("TransactWriteItems", **add("1"))
    repeated = n()
    other = desk.refused("TransactWriteItems", **add("2"))
    desk.now_s += 601
    desk.ask("TransactWriteItems", **add("1"))

    assert repeated == "1"
    assert other.code == "IdempotentParameterMismatchException"
    assert n() == "2"


def test_a_transaction_reads_one_response_for_each_action(desk: Any, key: Any) -> None:
    desk.put("a", 1, x={"S": "v"})
    gets = [{"TableName": "things", "Key": key("a", s)} for s in (1, 2)]

    answer = desk.ask("TransactGetItems", TransactItems=[{"Get": get} for get in gets])
    nothing = desk.ask("TransactGetItems", TransactItems=[{"Get": {**gets[0], "ProjectionExpression": "y"}}])

    assert answer == {"Responses": [{"Item": {**key("a", 1), "x": {"S": "v"}}}, {}]}
    assert nothing == {"Responses": [{}]}


def test_a_transaction_costs_twice_what_its_items_do(desk: Any, key: Any) -> None:
    item = {**key("a", 1), "x": {"S": "x" * 1500}}

    answer = desk.ask("TransactWriteItems", TransactItems=[put(item)], ReturnConsumedCapacity="TOTAL")

    assert answer["ConsumedCapacity"] == [{"TableName": "things", "CapacityUnits": 4.0, "WriteCapacityUnits": 4.0}]


def test_a_token_that_cannot_be_kept_is_unreadable_and_a_stray_member_is_ignored(desk: Any) -> None:
    put = {"Put": {"TableName": "things", "Item": {"p": {"S": "a"}, "s": {"N": "1"}}}}

    refused = desk.refused("TransactWriteItems", TransactItems=[put], ClientRequestToken="\ud800")

    assert refused.code == "SerializationException"
    desk.ask("TransactWriteItems", TransactItems=[put | {"Stray": 2**70}], ClientRequestToken="t")
    desk.ask("TransactWriteItems", TransactItems=[put], ClientRequestToken="t")


def test_a_batch_that_calls_a_table_by_name_and_by_arn_reads_one_table(desk: Any, key: Any) -> None:
    arn = "arn:aws:dynamodb:local:000000000000:table/things"
    desk.put("a", 1)

    answer = desk.ask(
        "BatchGetItem",
        RequestItems={"things": {"Keys": [key("a", 1)]}, arn: {"Keys": [key("a", 2)]}},
        ReturnConsumedCapacity="TOTAL",
    )
    refused = desk.refused(
        "BatchGetItem", RequestItems={"things": {"Keys": [key("a", 1)]}, arn: {"Keys": [key("a", 1)]}}
    )

    assert answer["ConsumedCapacity"] == [{"TableName": "things", "CapacityUnits": 1.0}]
    assert refused.message == "Provided list of item keys contains duplicates"
