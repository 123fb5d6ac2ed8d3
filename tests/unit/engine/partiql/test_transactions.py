"""ExecuteTransaction: all of the statements or none, and which fault is reported."""

from __future__ import annotations

from typing import Any

import pytest

from ddbmodel.errors import ServiceError

SCHEMA = "The provided key element does not match the schema"
TWICE = "Transaction request cannot include multiple operations on one item"
NEEDS_KEY = "Select statements within ExecuteTransaction must specify the primary key in the where clause."
NEEDS_CONDITION = "EXISTS() must contain a single item read with additional condition"


@pytest.fixture
def stored(session: Any) -> Any:
    for pk in ("a", "b"):
        session.put("plain", pk=pk, n={"N": "1"})
        session.put("pairs", pk=pk, sk="1", flag="right")
    return session


def _codes(error: ServiceError) -> list[str]:
    assert error.code == "TransactionCanceledException"
    codes = [reason.code for reason in error.cancellation_reasons]
    assert error.message == (
        f"Transaction cancelled, please refer cancellation reasons for specific reasons [{', '.join(codes)}]"
    )
    return codes


def test_reads_have_a_response_each(stored: Any) -> None:
    answer = stored.together(
        "SELECT * FROM plain WHERE pk = 'a'",
        "SELECT * FROM plain WHERE pk = 'nobody'",
        "SELECT nope FROM plain WHERE pk = 'b'",
        "SELECT flag FROM pairs WHERE (sk = '1') AND pk = 'a' AND pk = 'a'",
        "SELECT flag FROM pairs WHERE pk IN ['b'] AND sk IN ['1']",
        ReturnConsumedCapacity="TOTAL",
    )

    assert answer["Responses"] == [
        {"Item": {"pk": {"S": "a"}, "n": {"N": "1"}}},
        {},
        {},
        {"Item": {"flag": {"S": "right"}}},
        {"Item": {"flag": {"S": "right"}}},
    ]
    assert answer["ConsumedCapacity"] == [
        {"TableName": "plain", "CapacityUnits": 6.0, "ReadCapacityUnits": 6.0},
        {"TableName": "pairs", "CapacityUnits": 4.0, "ReadCapacityUnits": 4.0},
    ]


def test_writes_have_no_responses(stored: Any) -> None:
    answer = stored.together(
        "INSERT INTO plain VALUE {'pk': 'new'}",
        "UPDATE plain SET n = n + 1 WHERE pk = 'a'",
        "DELETE FROM plain WHERE pk = 'b' AND n = 1",
        "DELETE FROM plain WHERE pk = 'nobody' AND n = 1",
        "EXISTS(SELECT * FROM pairs WHERE (pk = 'a' AND sk = '1') AND nope IS MISSING)",
        ReturnConsumedCapacity="TOTAL",
    )

    assert answer["Responses"] == []
    assert answer["ConsumedCapacity"][0] == {"TableName": "plain", "CapacityUnits": 8.0, "WriteCapacityUnits": 8.0}
    assert stored.get("plain", pk="new") == {"pk": {"S": "new"}}
    assert stored.get("plain", pk="a") == {"pk": {"S": "a"}, "n": {"N": "2"}}
    assert stored.get("plain", pk="b") is None


@pytest.mark.parametrize(
    ("statements", "codes"),
    [
        (("INSERT INTO plain VALUE {'pk': 'z'}", "INSERT INTO plain VALUE {'pk': 'a'}"), ["None", "DuplicateItem"]),
        (
            ("INSERT INTO plain VALUE {'pk': 'z'}", "UPDATE plain SET n = 1 WHERE pk = 'nobody'"),
            ["None", "ConditionalCheckFailed"],
        ),
        (
            ("EXISTS(SELECT * FROM plain WHERE pk = 'a' AND n = 2)", "INSERT INTO plain VALUE {'pk': 'z'}"),
            ["ConditionalCheckFailed", "None"],
        ),
        (
            ("EXISTS(SELECT * FROM plain WHERE pk = 'nobody' AND n IS MISSING)", "INSERT INTO plain VALUE {'pk': 'z'}"),
            ["ConditionalCheckFailed", "None"],
        ),
        (
            (
                "EXISTS(SELECT * FROM pairs WHERE pk = 'a' AND sk = '1' AND pk = 'b' AND flag = 'right')",
                "UPDATE pairs SET b = 1 WHERE pk = 'b' AND sk = '1'",
            ),
            ["ConditionalCheckFailed", "None"],
        ),
        (
            ("INSERT INTO plain VALUE {'pk': 'z'}", "UPDATE plain SET n = nope WHERE pk = 'a'"),
            ["None", "ValidationError"],
        ),
        (
            ("UPDATE plain SET pk = 'y' WHERE pk = 'a'", "INSERT INTO plain VALUE {'pk': 'z'}"),
            ["ValidationError", "None"],
        ),
        (
            ("UPDATE nowhere SET a = 1 WHERE pk = 'x' RETURNING ALL NEW *", "DELETE FROM nowhere WHERE pk = 'x'"),
            ["ResourceNotFound", "ResourceNotFound"],
        ),
        (
            ("SELECT * FROM plain WHERE pk = 'a'", 'SELECT * FROM "nowhere"."idx" WHERE pk = \'x\''),
            ["None", "ResourceNotFound"],
        ),
        (
            (
                "SELECT * FROM pairs WHERE pk = 'a' AND sk = '1'",
                "SELECT * FROM pairs WHERE pk = 'a' AND sk = '1'",
                "SELECT * FROM pairs WHERE pk = 1 AND sk = '1'",
            ),
            ["None", "None", "ValidationError"],
        ),
    ],
)
def test_one_statement_that_fails_cancels_all(stored: Any, statements: tuple[str, ...], codes: list[str]) -> None:
    assert _codes(stored.together_refused(*statements)) == codes
    assert stored.get("plain", pk="z") is None


def test_a_write_that_names_no_one_item_cancels_all(stored: Any) -> None:
    update = "UPDATE pairs SET a = 1 WHERE "
    error = stored.together_refused(
        f"{update} pk = 'a'",
        f"{update} pk IN ['a'] AND sk = '1'",
        f"{update} pk = 'a' AND sk = '1' AND pk = 'b'",
        f"{update} pk = 'a' AND sk = 1",
        "INSERT INTO pairs VALUE {'pk': 'a'}",
        f"{update} pk = 'a' AND sk = '1'",
    )

    assert _codes(error) == ["ValidationError"] * 5 + ["None"]
    assert [reason.message for reason in error.cancellation_reasons] == [
        SCHEMA,
        SCHEMA,
        SCHEMA,
        SCHEMA,
        "One or more parameter values were invalid: Missing the key sk in the item",
        None,
    ]


def test_a_failed_condition_shows_the_item_when_asked_to(stored: Any) -> None:
    error = stored.together_refused(
        {
            "Statement": "UPDATE plain SET n = 2 WHERE pk = 'a' AND n = 9",
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
    )

    assert error.cancellation_reasons[0].item == {"pk": {"S": "a"}, "n": {"N": "1"}}


@pytest.mark.parametrize(
    ("statements", "position", "message"),
    [
        (("SELECT * FROM pairs WHERE pk = 'a' AND sk = '1' AND flag = 'right'",), 0, NEEDS_KEY),
        (("SELECT * FROM pairs WHERE pk = 'a' AND sk = '1' AND pk = 'b'",), 0, NEEDS_KEY),
        (("SELECT * FROM pairs WHERE pk IN ['b'] AND pk = 'a' AND sk = '1'",), 0, NEEDS_KEY),
        (("SELECT * FROM pairs WHERE pk = 'a'",), 0, NEEDS_KEY),
        (("SELECT * FROM plain",), 0, NEEDS_KEY),
        (
            ("SELECT * FROM pairs WHERE pk IN ['a', 'a'] AND sk = '1'",),
            0,
            "Overlapping conditions with range keys are not supported in where clause",
        ),
        (
            ('SELECT * FROM "indexed"."by_g" WHERE g = \'x\'',),
            0,
            "Reads on indices are not supported within transactions.",
        ),
        (
            ("SELECT * FROM nowhere WHERE pk = 'x'", 'SELECT * FROM "indexed"."by_g" WHERE g = \'x\''),
            1,
            "Reads on indices are not supported within transactions.",
        ),
        (
            ("UPDATE nowhere SET a = 1 WHERE pk = 'x'", "UPDATE plain SET a = 1 WHERE pk = 'a' RETURNING ALL NEW *"),
            1,
            "RETURNING clause is not supported in ExecuteTransaction.",
        ),
        (("EXISTS(SELECT * FROM plain WHERE pk = 'a')", "DELETE FROM plain WHERE pk = 'b'"), 0, NEEDS_CONDITION),
        (("EXISTS(SELECT * FROM plain WHERE n = 1)", "DELETE FROM plain WHERE pk = 'b'"), 0, NEEDS_CONDITION),
        (
            ("EXISTS(SELECT * FROM plain WHERE pk IN ['a'] AND n = 1)", "DELETE FROM plain WHERE pk = 'b'"),
            0,
            NEEDS_CONDITION,
        ),
        (
            ('EXISTS(SELECT * FROM "indexed"."by_g" WHERE g = \'x\' AND n = 1)',),
            0,
            "Operations on indices are not supported in transactions",
        ),
        (("NOT EXISTS(SELECT * FROM plain WHERE pk = 'a')",), 0, "Unsupported operation in transaction."),
        (
            ("DELETE FROM plain WHERE pk = 'b'", "SELECT * FROM plain WHERE"),
            1,
            "Statement wasn't well formed, can't be processed: Unexpected term",
        ),
        (
            ("UPDATE plain SET n = n + [1] WHERE pk = 'a'",),
            0,
            "Incorrect operand type for operator or function; operator or function: +, operand type: L",
        ),
    ],
)
def test_a_statement_that_cannot_be_is_named_by_its_position(
    stored: Any, statements: tuple[str, ...], position: int, message: str
) -> None:
    error = stored.together_refused(*statements)

    assert error.code == "ValidationException"
    assert error.message == f"Validation failed in TransactStatements[{position}]: {message}"


@pytest.mark.parametrize(
    "statements",
    [
        ("SELECT * FROM plain WHERE pk = 'a'", "SELECT n FROM plain WHERE 'a' = pk"),
        ("INSERT INTO plain VALUE {'pk': 'z'}", "UPDATE plain SET n = 1 WHERE pk = 'z'"),
        ("EXISTS(SELECT * FROM plain WHERE pk = 'a' AND n = 1)", "DELETE FROM plain WHERE pk = 'a'"),
    ],
)
def test_every_statement_is_about_another_item(stored: Any, statements: tuple[str, ...]) -> None:
    error = stored.together_refused(*statements)

    assert (error.code, error.message) == ("ValidationException", TWICE)


def test_reads_and_writes_do_not_mix(stored: Any) -> None:
    error = stored.together_refused("SELECT * FROM plain WHERE pk = 'a'", "DELETE FROM plain WHERE pk = 'b'")

    assert error.message == (
        "ExecuteTransaction API does not support both read and write operations in the same request."
    )


def test_all_parameters_are_looked_at_before_any_statement(stored: Any) -> None:
    error = stored.together_refused("SLECT", {"Statement": "DELETE", "Parameters": [{"N": "abc"}]})

    assert error.message == "The parameter cannot be converted to a numeric value: abc"


def test_an_empty_key_is_a_fault_of_the_request(stored: Any) -> None:
    error = stored.together_refused("INSERT INTO plain VALUE {'pk': ''}")

    assert error.code == "ValidationException"
    assert error.message.endswith("an empty string value. Key: pk")


def test_a_token_protects_against_repetition(stored: Any) -> None:
    update = "UPDATE plain SET n = n + 1 WHERE pk = 'a'"
    first = stored.together(update, ClientRequestToken="t", ReturnConsumedCapacity="TOTAL")
    again = stored.together(update, ClientRequestToken="t", ReturnConsumedCapacity="TOTAL")

    assert stored.get("plain", pk="a")["n"] == {"N": "2"}
    assert first["ConsumedCapacity"] == [{"TableName": "plain", "CapacityUnits": 2.0, "WriteCapacityUnits": 2.0}]
    assert again["ConsumedCapacity"] == [{"TableName": "plain", "CapacityUnits": 2.0, "ReadCapacityUnits": 2.0}]
    other = stored.together_refused("DELETE FROM plain WHERE pk = 'a'", ClientRequestToken="t")
    assert other.code == "IdempotentParameterMismatchException"


def test_a_repetition_of_an_insert_succeeds(stored: Any) -> None:
    for _ in range(2):
        assert stored.together("INSERT INTO plain VALUE {'pk': 'z'}", ClientRequestToken="i") == {"Responses": []}
