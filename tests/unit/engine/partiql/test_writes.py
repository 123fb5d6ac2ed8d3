"""INSERT, UPDATE and DELETE: what they write, when they refuse to, and what they answer."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture
def item(session: Any) -> Any:
    session.put(
        "plain",
        pk="x",
        n={"N": "5"},
        name="alpha",
        ss={"SS": ["a", "b"]},
        l={"L": [{"N": "1"}, {"N": "2"}]},
        m={"M": {"sub": {"S": "y"}}},
    )
    return session


def test_an_insert_stores_a_new_item(session: Any) -> None:
    answer = session.run(
        "INSERT INTO plain VALUE {'pk': 'x', 'n': 1.50, 'b': TRUE, 'nothing': NULL, 'l': [1, 'a', []], "
        "'m': {'k': {}}, 'ss': <<'a', 'b'>>, 'ns': <<1, 2>>, 'p': ?}",
        {"B": "AQ=="},
    )

    assert answer == {"Items": []}
    assert session.get("plain", pk="x") == {
        "pk": {"S": "x"},
        "n": {"N": "1.5"},
        "b": {"BOOL": True},
        "nothing": {"NULL": True},
        "l": {"L": [{"N": "1"}, {"S": "a"}, {"L": []}]},
        "m": {"M": {"k": {"M": {}}}},
        "ss": {"SS": ["a", "b"]},
        "ns": {"NS": ["1", "2"]},
        "p": {"B": "AQ=="},
    }


def test_an_insert_does_not_replace(item: Any) -> None:
    error = item.error("INSERT INTO plain VALUE {'pk': 'x'}", ReturnValuesOnConditionCheckFailure="ALL_OLD")

    assert (error.code, error.message) == ("DuplicateItemException", "Duplicate primary key exists in table")
    assert item.get("plain", pk="x")["n"] == {"N": "5"}


def test_an_insert_is_checked_as_a_put(session: Any) -> None:
    assert session.message("INSERT INTO plain VALUE {'pk': ''}").endswith("an empty string value. Key: pk")
    assert session.message("INSERT INTO indexed VALUE {'pk': 'a', 'sk': 'b', 'g': 1}").startswith(
        "One or more parameter values were invalid: Type mismatch for Index Key g Expected: S Actual: N"
    )
    large = session.message("INSERT INTO plain VALUE {'pk': 'a', 'v': ?}", {"S": "x" * 409_600})
    assert large == "Item size has exceeded the maximum allowed size"


@pytest.mark.parametrize(
    ("changes", "changed"),
    [
        ("SET n = n + 1", {"n": {"N": "6"}}),
        ("SET n = n - 1 - 1, name = 'beta'", {"n": {"N": "3"}, "name": {"S": "beta"}}),
        ("SET n = n - - 2", {"n": {"N": "7"}}),
        ("SET n = 10 - (n - 1)", {"n": {"N": "6"}}),
        ("SET a = n SET b = m.sub", {"a": {"N": "5"}, "b": {"S": "y"}}),
        ("SET l = list_append(l, [3])", {"l": {"L": [{"N": "1"}, {"N": "2"}, {"N": "3"}]}}),
        ("SET a = if_not_exists(nope, 1) + 1", {"a": {"N": "2"}}),
        ("SET ss = set_add(ss, <<'c', 'a'>>)", {"ss": {"SS": ["a", "b", "c"]}}),
        ("SET ss = SET_DELETE(ss, <<'a', 'z'>>)", {"ss": {"SS": ["b"]}}),
        ("SET more = set_add(more, <<1>>)", {"more": {"NS": ["1"]}}),
        ("SET m.more = 1", {"m": {"M": {"sub": {"S": "y"}, "more": {"N": "1"}}}}),
        ("SET l[0] = 9", {"l": {"L": [{"N": "9"}, {"N": "2"}]}}),
        ('SET "n" = 8 REMOVE name', {"n": {"N": "8"}, "name": None}),
        ("REMOVE name REMOVE l[0]", {"name": None, "l": {"L": [{"N": "2"}]}}),
        ("SET ss = set_delete(ss, <<'a', 'b'>>)", {"ss": None}),
        ("SET n = NULL", {"n": {"NULL": True}}),
    ],
)
def test_an_update_changes_its_item(item: Any, changes: str, changed: dict[str, Any]) -> None:
    before = item.get("plain", pk="x")
    expected = {name: value for name, value in {**before, **changed}.items() if value is not None}

    assert item.run(f"UPDATE plain {changes} WHERE pk = 'x'") == {"Items": []}
    assert item.get("plain", pk="x") == expected


def test_an_update_may_begin_with_its_table(item: Any) -> None:
    answer = item.run(
        "from plain where pk = ? and n = 5 set n = ? remove l returning modified new *", {"S": "x"}, {"N": "7"}
    )

    assert answer["Items"] == [{"n": {"N": "7"}}]


@pytest.mark.parametrize(
    ("returning", "shown"),
    [
        ("ALL OLD", {"pk": "x", "n": "5", "name": "alpha"}),
        ("ALL NEW", {"pk": "x", "n": "9"}),
        ("MODIFIED OLD", {"n": "5", "name": "alpha"}),
        ("MODIFIED NEW", {"n": "9"}),
    ],
)
def test_an_update_returns_what_it_is_asked_for(session: Any, returning: str, shown: dict[str, str]) -> None:
    session.put("plain", pk="x", n={"N": "5"}, name="alpha")

    (item,) = session.items(f"UPDATE plain SET n = 9 REMOVE name WHERE pk = 'x' RETURNING {returning} *")

    assert {name: next(iter(value.values())) for name, value in item.items()} == shown


def test_an_update_that_leaves_nothing_modified_returns_nothing(item: Any) -> None:
    assert item.items("UPDATE plain REMOVE name WHERE pk = 'x' RETURNING MODIFIED NEW *") == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE plain SET n = 1 WHERE pk = 'nobody'",
        "UPDATE plain SET n = 1 WHERE pk = 'nobody' AND attribute_not_exists(pk)",
        "UPDATE plain SET ss = set_add(ss, <<'x'>>) WHERE pk = 'nobody'",
        "UPDATE plain SET n = 1 WHERE pk = 'x' AND name = 'beta'",
        "UPDATE plain SET n = 1 WHERE pk = 'x' AND NOT begins_with(name, 'al')",
        "FROM plain WHERE pk = 'x' AND n = 2 SET n = 1",
        "DELETE FROM plain WHERE pk = 'x' AND name = 'beta'",
        "DELETE FROM plain WHERE pk = 'x' AND attribute_exists(nope)",
    ],
)
def test_a_write_whose_condition_fails_writes_nothing(item: Any, statement: str) -> None:
    before = item.get("plain", pk="x")

    error = item.error(statement)

    assert (error.code, error.message) == ("ConditionalCheckFailedException", "The conditional request failed")
    assert item.get("plain", pk="x") == before
    assert item.get("plain", pk="nobody") is None


def test_a_failed_condition_shows_the_item_when_asked_to(item: Any) -> None:
    statement = "UPDATE plain SET n = 1 WHERE pk = 'x' AND n = 6"

    assert item.error(statement, ReturnValuesOnConditionCheckFailure="ALL_OLD").item == item.get("plain", pk="x")
    assert item.error(statement).item is None


def test_a_delete_removes_its_item(item: Any) -> None:
    before = item.get("plain", pk="x")

    assert item.items("DELETE FROM plain WHERE pk = 'x' AND n = 5 RETURNING ALL OLD *") == [before]
    assert item.get("plain", pk="x") is None


@pytest.mark.parametrize("more", ["", " AND name = 'x'", " RETURNING ALL OLD *"])
def test_a_delete_of_nothing_succeeds(session: Any, more: str) -> None:
    assert session.run(f"DELETE FROM plain WHERE pk = 'nobody'{more}") == {"Items": []}


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        (
            "UPDATE plain SET pk = 'y' WHERE pk = 'x'",
            "One or more parameter values were invalid: Cannot update attribute pk. This attribute is part of the key",
        ),
        (
            "UPDATE plain SET n = nope WHERE pk = 'x'",
            "The provided expression refers to an attribute that does not exist in the item",
        ),
        (
            "UPDATE plain SET ss = set_add(ss, <<1>>) WHERE pk = 'x'",
            "An operand in the update expression has an incorrect data type",
        ),
        (
            "UPDATE plain SET m.a.b = 1 WHERE pk = 'x'",
            "The document path provided in the update expression is invalid for update",
        ),
        (
            "UPDATE plain SET m = 1, m.sub = 2 WHERE pk = 'x'",
            "Two document paths overlap with each other; must remove or rewrite one of these paths; "
            "path one: [m, sub], path two: [m]",
        ),
        ('UPDATE "indexed"."by_g" SET a = 1 WHERE pk = \'x\'', "This operation is not supported on an index"),
    ],
)
def test_an_update_that_cannot_be_is_refused(item: Any, statement: str, message: str) -> None:
    assert item.message(statement) == message


def test_an_update_leaves_no_item_too_deep(session: Any) -> None:
    session.put("plain", pk="x", m={"M": {}})
    value: dict[str, Any] = {"S": "leaf"}
    for _ in range(31):
        value = {"M": {"a": value}}

    message = session.message("UPDATE plain SET m.deep = ? WHERE pk = 'x'", value)

    assert message == "Nesting Levels have exceeded supported limits"


def test_keys_may_stand_in_parentheses(session: Any) -> None:
    session.put("pairs", pk="a", sk="1", flag="x")

    session.run("UPDATE pairs SET n = 2 WHERE (pk = 'a' AND sk = '1') AND flag = 'x' AND pk = 'a'")

    assert session.get("pairs", pk="a", sk="1")["n"] == {"N": "2"}


def test_a_write_costs_the_larger_image_and_its_indexes(session: Any) -> None:
    def cost(statement: str) -> Any:
        return session.run(statement, ReturnConsumedCapacity="INDEXES")["ConsumedCapacity"]

    assert cost("INSERT INTO indexed VALUE {'pk': 'p', 'sk': 's', 'g': 'x'}") == {
        "TableName": "indexed",
        "CapacityUnits": 3.0,
        "Table": {"CapacityUnits": 1.0},
        "GlobalSecondaryIndexes": {"by_g": {"CapacityUnits": 1.0}, "by_g_some": {"CapacityUnits": 1.0}},
    }
    assert cost("DELETE FROM plain WHERE pk = 'nobody'")["CapacityUnits"] == 1.0
