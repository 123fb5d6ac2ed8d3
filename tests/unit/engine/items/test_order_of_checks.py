"""Which fault an operation on several items answers: values and expressions, duplicates, tables, keys, items."""

from __future__ import annotations

from typing import Any

import pytest

ONCE = "Transaction request cannot include multiple operations on one item"
DUPLICATES = "Provided list of item keys contains duplicates"
NO_MATCH = "The provided key element does not match the schema"
BAD_SYNTAX = {"ConditionExpression": "attribute_exists("}


def put(item: dict[str, Any], table: str = "things", **more: Any) -> dict[str, Any]:
    return {"Put": {"TableName": table, "Item": item, **more}}


def delete(key: dict[str, Any], table: str = "things", **more: Any) -> dict[str, Any]:
    return {"Delete": {"TableName": table, "Key": key, **more}}


def update(key: dict[str, Any], text: str, **values: Any) -> dict[str, Any]:
    more = {"ExpressionAttributeValues": values["values"]} if values else {}
    return {"Update": {"TableName": "things", "Key": key, "UpdateExpression": text, **more}}


def transaction(desk: Any, *actions: dict[str, Any]) -> Any:
    return desk.refused("TransactWriteItems", TransactItems=list(actions))


def deep(levels: int) -> dict[str, Any]:
    value: dict[str, Any] = {"S": "leaf"}
    for _ in range(levels):
        value = {"M": {"n": value}}
    return value


def test_the_first_faulty_action_is_answered_and_a_later_table_is_not_looked_for(desk: Any, key: Any) -> None:
    too_deep = put({**key("a", 1), "x": deep(32)})
    bad_condition = delete(key("b", 1), **BAD_SYNTAX)
    no_table = put(key("c", 1), "nowhere")

    assert transaction(desk, no_table, too_deep, bad_condition).message.startswith("Nesting Levels")
    assert transaction(desk, no_table, bad_condition, too_deep).message.startswith("Invalid ConditionExpression")
    assert transaction(desk, no_table).code == "ResourceNotFoundException"


def test_a_condition_is_looked_at_before_the_key_of_its_action(desk: Any) -> None:
    error = transaction(desk, delete({"p": deep(40), "s": {"N": "1"}}, **BAD_SYNTAX))

    assert error.message.startswith("Invalid ConditionExpression")


def test_an_item_twice_comes_before_a_table_that_is_not_and_before_keys_that_do_not_fit(desk: Any, key: Any) -> None:
    misfit = {"p": {"S": "a"}, "s": {"S": "1"}}

    assert transaction(desk, delete(key("a", 1), "nowhere"), delete(key("a", 1), "nowhere")).message == ONCE
    assert transaction(desk, put(misfit), delete(misfit)).message == ONCE
    assert transaction(desk, put(key("a", 1)), delete({"p": {"S": "a"}, "s": {"N": "1.0"}})).message == ONCE
    # Of a put, only its table knows the key.
    assert transaction(desk, put(key("a", 1), "nowhere"), put(key("a", 1), "nowhere")).message == (
        "Requested resource not found"
    )
    assert (
        desk.refused(
            "TransactGetItems", TransactItems=[{"Get": {"TableName": "nowhere", "Key": key("a", 1)}}] * 2
        ).message
        == ONCE
    )


def test_keys_that_do_not_fit_cancel_before_any_condition_is_evaluated(desk: Any, key: Any) -> None:
    fails = delete(key("a", 1), ConditionExpression="attribute_exists(p)")
    misfits = [
        put({"p": {"S": "a"}, "s": {"S": "1"}}),
        put({"p": {"S": "b"}}),
        delete({"p": {"S": "c"}, "s": {"S": "1"}}),
        update(key("d", 1), "SET s = :v", values={":v": {"N": "2"}}),
        put({**key("e", 1), "group": {"N": "1"}}),
    ]

    error = transaction(desk, fails, *misfits)

    assert error.code == "TransactionCanceledException"
    assert [(reason.code, reason.message) for reason in error.cancellation_reasons] == [
        ("None", None),
        (
            "ValidationError",
            "One or more parameter values were invalid: Type mismatch for key s expected: N actual: S",
        ),
        ("ValidationError", "One or more parameter values were invalid: Missing the key s in the item"),
        ("ValidationError", NO_MATCH),
        (
            "ValidationError",
            "One or more parameter values were invalid: Cannot update attribute s. This attribute is part of the key",
        ),
        (
            "ValidationError",
            "One or more parameter values were invalid: Type mismatch for Index Key group Expected: S Actual: N "
            "IndexName: by_group",
        ),
    ]


@pytest.mark.parametrize(
    ("action", "text"),
    [
        (
            put({"p": {"S": ""}, "s": {"N": "1"}}),
            "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an "
            "empty string value. Key: p",
        ),
        (
            put({"p": {"S": "a"}, "s": {"N": "1"}, "group": {"S": ""}}),
            "One or more parameter values are not valid. A value specified for a secondary index key is not supported. "
            "The AttributeValue for a key attribute cannot contain an empty string value. IndexName: by_group, "
            "IndexKey: group",
        ),
        (
            update({"p": {"S": "a"}, "s": {"N": "1"}}, "SET label = :v", values={":v": {"S": ""}}),
            "One or more parameter values are not valid. The update expression attempted to update a secondary index "
            "key to a value that is not supported. The AttributeValue for a key attribute cannot contain an empty "
            "string value.",
        ),
    ],
)
def test_an_empty_key_value_is_a_fault_of_the_request(desk: Any, action: dict[str, Any], text: str) -> None:
    error = transaction(desk, action)

    assert (error.code, error.message) == ("ValidationException", text)


def test_an_item_too_large_is_refused_and_an_update_too_large_cancels(desk: Any, key: Any) -> None:
    big = {"S": "x" * 409_600}

    refused = transaction(desk, put({**key("a", 1), "x": big}))
    cancelled = transaction(desk, update(key("a", 1), "SET x = :v", values={":v": big}))

    assert (refused.code, refused.message) == (
        "ValidationException",
        "Item size has exceeded the maximum allowed size",
    )
    assert cancelled.cancellation_reasons[0].message == "Item size to update has exceeded the maximum allowed size"


def test_a_transaction_carries_four_megabytes(desk: Any, key: Any) -> None:
    items = [put({**key("a", s), "x": {"S": "x" * 400_000}}) for s in range(11)]

    desk.ask("TransactWriteItems", TransactItems=items[:10])
    error = transaction(desk, *items)

    assert error.code == "ValidationException"
    assert error.message.endswith("the aggregate size of the items in the transaction exceeding the 4MB limit")


def test_an_action_is_of_one_kind(desk: Any, key: Any) -> None:
    assert transaction(desk, {**put(key("a", 1)), **delete(key("a", 2))}).message == (
        "TransactItems can only contain one of Check, Put, Update or Delete"
    )
    assert transaction(desk, {}).message == (
        "Invalid Request: TransactWriteRequest should contain Delete or Put or Update request"
    )


def test_reads_of_a_transaction_cancel_when_their_keys_do_not_fit(desk: Any, key: Any) -> None:
    gets = [{"Get": {"TableName": "things", "Key": one}} for one in (key("a", 1), {"p": {"S": "a"}})]

    error = desk.refused("TransactGetItems", TransactItems=gets)

    assert [reason.code for reason in error.cancellation_reasons] == ["None", "ValidationError"]
    assert error.cancellation_reasons[1].message == NO_MATCH


def test_a_batch_tells_a_put_of_its_key_as_a_lookup(desk: Any) -> None:
    texts = {
        desk.refused("BatchWriteItem", RequestItems={"things": [write]}).message
        for write in (
            {"PutRequest": {"Item": {"p": {"S": "a"}}}},
            {"PutRequest": {"Item": {"p": {"S": "a"}, "s": {"S": "1"}}}},
            {"DeleteRequest": {"Key": {"p": {"S": "a"}}}},
        )
    }

    assert texts == {NO_MATCH}


def test_a_key_twice_in_a_batch_comes_before_its_table_and_its_schema(desk: Any, key: Any) -> None:
    misfit = {"p": {"S": "a"}}

    read = desk.refused("BatchGetItem", RequestItems={"nowhere": {"Keys": [key("a", 1), key("a", 1)]}})
    written = desk.refused(
        "BatchWriteItem",
        RequestItems={"things": [{"PutRequest": {"Item": misfit}}, {"DeleteRequest": {"Key": misfit}}]},
    )

    assert read.message == written.message == DUPLICATES


def test_a_batch_has_at_most_25_writes_over_all_its_tables(desk: Any, key: Any) -> None:
    writes = {
        "things": [{"PutRequest": {"Item": key("a", s)}} for s in range(20)],
        "plain": [{"PutRequest": {"Item": {"id": {"S": str(n)}}}} for n in range(6)],
    }

    assert desk.refused("BatchWriteItem", RequestItems=writes).message == (
        "Too many items requested for the BatchWriteItem call"
    )


def test_a_write_of_a_batch_is_of_one_kind(desk: Any, key: Any) -> None:
    both = {"PutRequest": {"Item": key("a", 1)}, "DeleteRequest": {"Key": key("a", 1)}}

    for write in (both, {}):
        assert desk.refused("BatchWriteItem", RequestItems={"things": [write]}).message == (
            "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported "
            "datatypes"
        )


@pytest.mark.parametrize("operation", ["PutItem", "DeleteItem"])
def test_what_was_there_is_all_that_a_put_or_delete_returns(desk: Any, key: Any, operation: str) -> None:
    of = {"Item": key("a", 1)} if operation == "PutItem" else {"Key": key("a", 1)}

    for returned in ("UPDATED_OLD", "UPDATED_NEW", "ALL_NEW"):
        error = desk.refused(operation, TableName="nowhere", ReturnValues=returned, **of)
        assert error.message == "1 validation error detected: ReturnValues can only be ALL_OLD or NONE"
