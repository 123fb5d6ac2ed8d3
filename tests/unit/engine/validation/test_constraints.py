"""Members of requests by themselves: what breaks a constraint, and how each wording says so."""

from __future__ import annotations

from typing import Any

import pytest

from ddbmodel.engine.messages.message import Refusal, Wording, wording_of
from ddbmodel.engine.validation.shapes import checked_request


def text(operation: str, request: Any, *, classic: bool = False) -> str:
    wording = wording_of(operation, classic=classic)
    with pytest.raises(Refusal) as caught:
        checked_request(operation, request, wording)
    assert caught.value.code == "ValidationException"
    return caught.value.text(wording)


def value_at(value: str, path: str, rule: str) -> str:
    shown = value if value == "null" else f"'{value}'"
    return f"Value {shown} at '{path}' failed to satisfy constraint: Member must {rule}"


CAPACITY = value_at("X", "returnConsumedCapacity", "satisfy enum value set: [INDEXES, TOTAL, NONE]")
METRICS = value_at("Z", "returnItemCollectionMetrics", "satisfy enum value set: [SIZE, NONE]")
RETURN_VALUES_2026 = (
    "Failed to satisfy constraint: Member must satisfy enum value set: "
    "[ALL_OLD, UPDATED_OLD, ALL_NEW, UPDATE_NEW, NONE]"
)
RETURN_VALUES = value_at(
    "Y", "returnValues", "satisfy enum value set: [ALL_NEW, UPDATED_OLD, ALL_OLD, NONE, UPDATED_NEW]"
)
WRONG_ENUMS = {"ReturnConsumedCapacity": "X", "ReturnValues": "Y", "ReturnItemCollectionMetrics": "Z"}


def test_a_put_lists_all_its_wrong_enumerations_in_one_message() -> None:
    request = {"TableName": "things", "Item": {}, **WRONG_ENUMS}

    assert text("PutItem", request) == "3 validation errors detected: " + "; ".join(
        [CAPACITY, RETURN_VALUES_2026, METRICS]
    )
    assert text("PutItem", request, classic=True) == "3 validation errors detected: " + "; ".join(
        [CAPACITY, RETURN_VALUES, METRICS]
    )


def test_an_update_says_a_wrong_return_value_alone() -> None:
    request = {"TableName": "things", "Key": {}, **WRONG_ENUMS}

    assert text("UpdateItem", request) == f"1 validation error detected: {RETURN_VALUES_2026}"


def test_a_member_that_is_missing_is_named() -> None:
    missing = value_at("null", "tableName", "not be null")

    assert text("GetItem", {"Key": {}}) == f"1 validation error detected: {missing}"
    assert text("GetItem", {"Key": {}, "TableName": None}) == f"1 validation error detected: {missing}"


def test_the_control_plane_asks_for_its_table_in_other_words() -> None:
    required = "The parameter 'TableName' is required but was not present in the request"

    assert text("DescribeTable", {}) == text("CreateTable", {}) == required


@pytest.mark.parametrize("operation", ["GetItem", "PutItem", "Query"])
def test_an_empty_table_name_is_said_alone_and_without_its_value(operation: str) -> None:
    request = {"TableName": "", "Key": {}, "Item": {}, "ReturnConsumedCapacity": "X"}

    assert text(operation, request) == (
        "1 validation error detected: Value at 'TableName' failed to satisfy constraint: "
        "Member must have length greater than or equal to 1"
    )


def test_a_table_name_is_short_enough_and_of_few_characters_unless_it_is_an_arn() -> None:
    long = "a" * 256

    assert text("GetItem", {"TableName": long, "Key": {}}) == "1 validation error detected: " + value_at(
        long, "tableName", "have length less than or equal to 255"
    )
    assert text("GetItem", {"TableName": "no!", "Key": {}}) == "1 validation error detected: " + value_at(
        "no!", "tableName", "satisfy regular expression pattern: [a-zA-Z0-9_.-]+"
    )
    by_arn = {"TableName": "arn:aws:dynamodb:eu-west-1:1:table/things", "Key": {}}
    assert checked_request("GetItem", by_arn, Wording.CURRENT) == by_arn


def test_two_characters_are_too_few_where_tables_are_made_and_before_tables_had_arns() -> None:
    short = "1 validation error detected: " + value_at("ab", "tableName", "have length greater than or equal to 3")

    assert text("DescribeTable", {"TableName": "ab"}) == short
    assert text("GetItem", {"TableName": "ab", "Key": {}}, classic=True) == short
    checked_request("GetItem", {"TableName": "ab", "Key": {}}, Wording.CURRENT)


def test_a_limit_is_at_least_one_in_the_words_of_the_operation() -> None:
    assert text("Query", {"TableName": "things", "Limit": 0}) == (
        "1 validation error detected: Value at 'Limit' failed to satisfy constraint: "
        "Member must have value greater than or equal to 1"
    )
    in_scan = "1 validation error detected: " + value_at("0", "limit", "have value greater than or equal to 1")
    assert text("Scan", {"TableName": "things", "Limit": 0}) == in_scan


def test_a_wrong_conditional_operator_is_said_without_a_frame() -> None:
    request = {"TableName": "things", "ConditionalOperator": "XOR", "Select": "X"}

    assert text("Query", request) == "Failed to satisfy constraint: Member must satisfy enum value set: [ALL, OR]"
    assert value_at("XOR", "conditionalOperator", "satisfy enum value set: [OR, AND]") in text("Scan", request)


def test_a_batch_of_reads_names_the_table_of_its_keys() -> None:
    keys = [{"pk": {"S": str(number)}} for number in range(101)]
    prefix = "1 validation error detected: Value at 'RequestItems"

    assert text("BatchGetItem", {"RequestItems": {}}) == (
        f"{prefix}' failed to satisfy constraint: Member must have length greater than or equal to 1"
    )
    assert text("BatchGetItem", {"RequestItems": {"things": {"Keys": []}}}) == (
        f"{prefix}.things.member.Keys' failed to satisfy constraint: Member must have length greater than or equal to 1"
    )
    assert text("BatchGetItem", {"RequestItems": {"things": {"Keys": keys}}}) == (
        f"{prefix}.things.member.Keys' failed to satisfy constraint: Member must have length less than or equal to 100"
    )


def test_a_batch_of_reads_echoes_the_map_in_which_a_name_is_wrong() -> None:
    request = {"RequestItems": {"bad!name": {"Keys": [{"pk": {"S": "a"}}]}}, "ReturnConsumedCapacity": "X"}

    message = text("BatchGetItem", request)

    assert message.startswith("2 validation errors detected: ")
    assert (
        """Value '{"bad!name":{"Keys":[{"pk":{"S":"a"}}]}}' at 'requestItems' failed to satisfy constraint: """
        "Map keys must satisfy constraint: [Member must have length less than or equal to 255, "
        "Member must have length greater than or equal to 3, "
        "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+]"
    ) in message
    assert CAPACITY in message


def test_a_batch_of_writes_prints_its_requests_as_the_service_does() -> None:
    writes = [{"PutRequest": {"Item": {"pk": {"S": f"bw-{number}"}}}} for number in range(26)]

    message = text("BatchWriteItem", {"RequestItems": {"things": writes}})

    assert message.startswith(
        "1 validation error detected: Value '{things=[WriteRequest(putRequest=PutRequest(item={pk=AttributeValue("
        "s=bw-0, n=null, "
    )
    assert message.endswith(
        ")]}' at 'requestItems' failed to satisfy constraint: Map value must satisfy constraint: "
        "[Member must have length less than or equal to 25, Member must have length greater than or equal to 1]"
    )
    with_enum = {"RequestItems": {"things": writes}, "ReturnConsumedCapacity": "X"}
    assert text("BatchWriteItem", with_enum) == f"1 validation error detected: {CAPACITY}"
    assert text("BatchWriteItem", {"RequestItems": {}}) == "The requestItems parameter is required for BatchWriteItem"


def test_a_transaction_lists_its_token_first() -> None:
    request = {"TransactItems": [], "ClientRequestToken": "t" * 37}

    assert text("TransactWriteItems", request) == "2 validation errors detected: " + "; ".join(
        [
            value_at("t" * 37, "clientRequestToken", "have length less than or equal to 36"),
            value_at("[]", "transactItems", "have length greater than or equal to 1"),
        ]
    )


def test_a_table_has_two_key_attributes_and_a_global_index_up_to_eight() -> None:
    element = {"AttributeName": "pk", "KeyType": "HASH"}
    table = {"TableName": "things", "AttributeDefinitions": [], "KeySchema": [element] * 3}

    assert text("CreateTable", table).startswith(
        "1 validation error detected: Value '[KeySchemaElement(attributeName=pk, keyType=HASH), "
    )
    index = {"IndexName": "g1", "KeySchema": [element] * 8, "Projection": {}}
    with_index = {**table, "KeySchema": [element], "GlobalSecondaryIndexes": [index]}
    assert text("CreateTable", with_index) == "1 validation error detected: " + value_at(
        "g1", "globalSecondaryIndexes.1.member.indexName", "have length greater than or equal to 3"
    )


def test_wrong_enumerations_of_a_table_are_found_where_they_are() -> None:
    request = {
        "TableName": "things",
        "KeySchema": [{"AttributeName": "pk", "KeyType": "X"}],
        "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "Q"}],
        "BillingMode": "B",
    }

    assert text("CreateTable", request) == "3 validation errors detected: " + "; ".join(
        [
            value_at("Q", "attributeDefinitions.1.member.attributeType", "satisfy enum value set: [B, N, S]"),
            value_at("B", "billingMode", "satisfy enum value set: [PROVISIONED, PAY_PER_REQUEST]"),
            value_at("X", "keySchema.1.member.keyType", "satisfy enum value set: [HASH, RANGE]"),
        ]
    )


@pytest.mark.parametrize("operation", ["BatchGetItem", "BatchWriteItem"])
def test_an_echo_leaves_out_what_is_too_deep_to_be_written(operation: str) -> None:
    value: dict[str, Any] = {"S": "a"}
    for _ in range(3000):
        value = {"L": [value]}
    asked = {"BatchGetItem": {"Keys": [{"pk": value}]}, "BatchWriteItem": [{"DeleteRequest": {"Key": {"pk": value}}}]}

    said = text(operation, {"RequestItems": {"bad!name": asked[operation]}})

    assert "..." in said
    assert len(said) < 10_000
