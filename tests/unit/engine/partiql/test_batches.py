"""BatchExecuteStatement: statements that fail alone, and batches that fail as a whole."""

from __future__ import annotations

from typing import Any

import pytest

NEEDS_KEY = "Select statements within BatchExecuteStatement must specify the primary key in the where clause."
TOO_MANY = "Too many decomposed read operations for a given query."


@pytest.fixture
def stored(session: Any) -> Any:
    for pk in ("a", "b", "c"):
        session.put("plain", pk=pk, n={"N": "1"})
    session.put("pairs", pk="a", sk="1", flag="one")
    return session


def _error(response: dict[str, Any]) -> tuple[str, str]:
    return response["Error"]["Code"], response["Error"]["Message"]


def test_every_read_has_its_response(stored: Any) -> None:
    responses = stored.batch(
        "SELECT * FROM plain WHERE pk = 'a'",
        "SELECT n FROM plain WHERE pk = 'nobody'",
        "SELECT nope FROM plain WHERE pk = 'b'",
        "SELECT flag FROM pairs WHERE pk IN ['a'] AND sk = '1'",
    )

    assert responses == [
        {"TableName": "plain", "Item": {"pk": {"S": "a"}, "n": {"N": "1"}}},
        {"TableName": "plain"},
        {"TableName": "plain", "Item": {}},
        {"TableName": "pairs", "Item": {"flag": {"S": "one"}}},
    ]


@pytest.mark.parametrize(
    ("statement", "code", "message"),
    [
        ("SELECT * FROM plain WHERE n = 1", "ValidationError", NEEDS_KEY),
        ("SELECT * FROM pairs WHERE pk = 'a'", "ValidationError", NEEDS_KEY),
        ("SELECT * FROM pairs WHERE pk = 'a' AND sk = '1' AND flag = 'one'", "ValidationError", NEEDS_KEY),
        ("SELECT * FROM pairs WHERE pk = 'a' AND sk = '1' AND pk = 'b'", "ValidationError", NEEDS_KEY),
        ('SELECT * FROM "indexed"."by_g" WHERE g = \'x\'', "ValidationError", NEEDS_KEY),
        (
            'SELECT * FROM "indexed"."by_two" WHERE g = \'x\'',
            "ValidationError",
            "PartiQL statements cannot be executed on tables with multi-attribute HASH keys or multi-attribute RANGE "
            "keys.",
        ),
        (
            f"SELECT * FROM pairs WHERE pk IN [{', '.join(map(repr, map(str, range(51))))}] AND sk = '1'",
            "ValidationError",
            TOO_MANY,
        ),
        ("SELECT * FROM nowhere WHERE pk = 'a'", "ResourceNotFound", "Requested resource not found"),
        (
            "SLECT * FROM plain WHERE pk = 'a'",
            "ValidationError",
            "Statement wasn't well formed, can't be processed: Expected data manipulation",
        ),
        (
            "SELECT * FROM plain WHERE pk = 1",
            "ValidationError",
            "Key attribute's data type should match its data type in table's schema: Key pk",
        ),
        (
            "EXISTS(SELECT * FROM plain WHERE pk = 'a' AND n = 1)",
            "ValidationError",
            "EXISTS can only be used in ExecuteTransaction write requests.",
        ),
        (
            {"Statement": "SELECT * FROM plain WHERE pk = ?", "Parameters": [{"N": "1e99999999999"}]},
            "ValidationError",
            "The parameter cannot be converted to a numeric value: 1e99999999999",
        ),
    ],
)
def test_a_read_that_cannot_be_tried_fails_alone(stored: Any, statement: Any, code: str, message: str) -> None:
    if isinstance(statement, str) and statement.startswith("EXISTS"):
        (failed,) = stored.batch(statement)
    else:
        failed, other = stored.batch(statement, "SELECT * FROM plain WHERE pk = 'c'")
        assert other["Item"]["pk"] == {"S": "c"}

    assert _error(failed) == (code, message)
    assert "TableName" not in failed


def test_writes_fail_alone_and_name_their_table_once_they_were_tried(stored: Any) -> None:
    responses = stored.batch(
        "INSERT INTO plain VALUE {'pk': 'new'}",
        "INSERT INTO plain VALUE {'pk': 'a'}",
        {
            "Statement": "UPDATE plain SET n = 2 WHERE pk = 'b' AND n = 9",
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        },
        "UPDATE plain SET n = n + 1 WHERE pk = 'c' RETURNING ALL NEW *",
        "UPDATE plain SET n = nope WHERE pk = 'new2'",
        "DELETE FROM plain WHERE pk = 'd' RETURNING ALL OLD *",
        "DELETE FROM plain WHERE pk = 'e' RETURNING ALL NEW *",
        "DELETE FROM nowhere WHERE pk = 'e'",
    )

    assert responses[0] == {"TableName": "plain"}
    assert _error(responses[1]) == ("DuplicateItem", "Duplicate primary key exists in table")
    assert _error(responses[2]) == ("ConditionalCheckFailed", "The conditional request failed")
    assert [responses[position]["TableName"] for position in (1, 2)] == ["plain", "plain"]
    assert responses[2]["Error"]["Item"] == stored.get("plain", pk="b")
    assert "Item" not in responses[2]
    assert "Item" not in responses[4]["Error"]
    assert responses[3] == {"TableName": "plain", "Item": {"pk": {"S": "c"}, "n": {"N": "2"}}}
    assert _error(responses[4])[0] == "ConditionalCheckFailed"
    assert responses[5] == {"TableName": "plain"}
    assert _error(responses[6])[0] == "ValidationError"
    assert _error(responses[7])[0] == "ResourceNotFound"
    assert stored.get("plain", pk="new") == {"pk": {"S": "new"}}


def test_a_deleted_item_is_returned(stored: Any) -> None:
    (response,) = stored.batch("DELETE FROM plain WHERE pk = 'a' RETURNING ALL OLD *")

    assert response["Item"]["n"] == {"N": "1"}
    assert stored.get("plain", pk="a") is None


@pytest.mark.parametrize(
    ("statements", "message"),
    [
        (
            ("SELECT * FROM plain WHERE pk = 'a'", "DELETE FROM plain WHERE pk = 'b'"),
            "Read and write requests together in the same batch is not supported.",
        ),
        (
            ("SELECT * FROM plain WHERE pk = 'a'", "SELECT n FROM plain WHERE pk = 'a'"),
            "Provided list of item keys contains duplicates",
        ),
        (
            ("INSERT INTO plain VALUE {'pk': 'z'}", "UPDATE plain SET n = 1 WHERE pk = 'z'"),
            "Provided list of item keys contains duplicates",
        ),
    ],
)
def test_a_batch_is_of_one_kind_and_of_different_items(stored: Any, statements: tuple[str, ...], message: str) -> None:
    error = stored.refused("BatchExecuteStatement", Statements=[{"Statement": one} for one in statements])

    assert (error.code, error.message) == ("ValidationException", message)
    assert stored.get("plain", pk="z") is None


def test_a_batch_has_1_to_25_statements(stored: Any) -> None:
    statement = {"Statement": "SELECT * FROM plain WHERE pk = 'a'"}

    for statements in ([], [statement] * 26):
        assert stored.refused("BatchExecuteStatement", Statements=statements).code == "ValidationException"


def test_a_batch_costs_the_sum_of_its_statements(stored: Any) -> None:
    def cost(*statements: Any) -> Any:
        bodies = [{"Statement": one} if isinstance(one, str) else one for one in statements]
        answer = stored.ask("BatchExecuteStatement", Statements=bodies, ReturnConsumedCapacity="TOTAL")
        return {one["TableName"]: one["CapacityUnits"] for one in answer["ConsumedCapacity"]}

    consistent = {"Statement": "SELECT * FROM plain WHERE pk = 'b'", "ConsistentRead": True}
    assert cost(
        "SELECT * FROM plain WHERE pk = 'a'", consistent, "SELECT * FROM pairs WHERE pk = 'a' AND sk = '1'"
    ) == {
        "plain": 1.5,
        "pairs": 0.5,
    }
    assert cost("INSERT INTO plain VALUE {'pk': 'a'}", "DELETE FROM plain WHERE pk = 'nobody'") == {"plain": 2.0}
