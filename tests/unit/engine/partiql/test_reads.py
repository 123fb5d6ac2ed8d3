"""SELECT: which items are found, what is shown of them, in which order, page by page, and at what cost."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

import pytest

OVERLAPPING = "Overlapping conditions with range keys are not supported in where clause"
TOO_MANY = "Too many decomposed read operations for a given query."
NOT_PROJECTED = (
    "One or more parameter values were invalid: Secondary index by_g_some does not project one or more filter "
    "attributes: "
)


def _values(count: int) -> str:
    return ", ".join(f"'v{number}'" for number in range(count))


@pytest.fixture
def pairs(session: Any) -> Any:
    for pk in ("a", "b"):
        for sk in ("1", "2", "3"):
            session.put("pairs", pk=pk, sk=sk, flag=f"{pk}{sk}", n={"N": sk}, l={"L": [{"S": "x"}, {"S": "y"}]})
    return session


@pytest.fixture
def indexed(session: Any) -> Any:
    session.put("indexed", pk="p", sk="1", g="x", l="l1", projattr="one", other="o1")
    session.put("indexed", pk="p", sk="2", g="z", l="l2", projattr="two", other="o2")
    session.put("indexed", pk="p", sk="3", other="o3")
    session.put("indexed", pk="p", sk="4", g="x", l="l4", projattr="four", other="o4")
    return session


def _sort_keys(session: Any, where: str, **more: Any) -> list[str]:
    return [item["sk"]["S"] for item in session.items(f"SELECT sk FROM pairs WHERE {where}", **more)]


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ("pk = 'a'", "123"),
        ("'a' = pk", "123"),
        ("pk = 'a' AND sk = '2'", "2"),
        ("pk = 'a' AND sk > '1'", "23"),
        ("pk = 'a' AND '1' < sk", "23"),
        ("pk = 'a' AND sk <= '2' AND sk > '1'", "2"),
        ("pk = 'a' AND sk BETWEEN '2' AND '3'", "23"),
        ("pk = 'a' AND begins_with(sk, '3')", "3"),
        ("pk = 'a' AND sk IN ['3', '1']", "13"),
        ("pk = 'a' AND (sk = '1' OR sk = '2')", "12"),
        ("pk = 'a' AND (sk < '1' OR sk > '1' OR sk = '1')", "123"),
        ("pk = 'a' AND NOT sk = '1'", "23"),
        ("pk = 'a' AND sk <> '1'", "23"),
        ("pk = 'a' AND sk = '1' AND sk > '0'", "1"),
        ("pk = 'a' AND sk > '2' AND sk < '2'", ""),
        ("pk = 'a' AND attribute_exists(pk)", "123"),
        ("pk IN ['b', 'a'] AND sk = '1'", "11"),
        ("pk = 'a' AND NOT sk = '1' OR pk = 'a' AND sk = '2'", "23"),
        ("pk = 'a' OR pk = 'a' AND NOT sk = '1'", "123"),
        ("pk = 'a' AND NOT sk IN ['1', '3'] OR pk = 'a' AND sk = '2'", "2"),
        ("pk = 'a' AND pk = 'b'", ""),
        ("pk = 'a' AND n > 1", "23"),
        ("pk = 'a' AND n IS MISSING", ""),
        ("pk = 'a' AND n IS NOT MISSING AND l IS LIST", "123"),
        ("pk = 'a' AND l[1] = 'y' AND sk != '2'", "13"),
        ("pk = 'a' AND n NOT BETWEEN 2 AND 3", "1"),
        ("pk > 'a' AND sk = '1'", "1"),
        ("flag = 'b2'", "2"),
        ("pk > 1", ""),
    ],
)
def test_a_condition_finds_its_items(pairs: Any, where: str, found: str) -> None:
    assert _sort_keys(pairs, where) == list(found)


@pytest.mark.parametrize("left", ["=", "<>"])
@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ("attribute_exists(nope) {} false", True),
        ("true {} attribute_exists(n)", True),
        ("attribute_exists(n) {} 1", False),
        ("(n BETWEEN 0 AND 5) {} true", True),
        ("(n = 5 OR flag = 'x') {} false", True),
        ("attribute_exists(n) {} attribute_exists(flag)", True),
        ("attribute_exists(n) {} flag", False),
        ("(attribute_exists(n) = true) {} false", False),
    ],
)
def test_a_condition_can_be_compared_with_a_truth(pairs: Any, condition: str, holds: bool, left: str) -> None:
    found = _sort_keys(pairs, f"pk = 'a' AND sk = '1' AND {condition.format(left)}")

    assert bool(found) is (holds if left == "=" else not holds)


@pytest.mark.parametrize(
    ("where", "message"),
    [
        ("pk IN ['a', 'a']", OVERLAPPING),
        ("pk = 'a' OR pk = 'a'", OVERLAPPING),
        ("pk = 'a' AND (sk > '0' OR sk < '5')", OVERLAPPING),
        ("pk = 'a' AND (sk = '1' OR flag = 'two')", OVERLAPPING),
        ("(pk = 'a' AND flag = 'x') OR (pk = 'a' AND flag = 'y')", OVERLAPPING),
        (f"pk IN [{_values(51)}]", TOO_MANY),
        (f"pk = 'a' AND sk IN [{_values(51)}]", TOO_MANY),
        (f"pk IN [{_values(26)}] AND sk IN ['1', '2']", TOO_MANY),
        ("pk = 1 OR pk = 'a'", "Key attribute's data type should match its data type in table's schema: Key pk"),
        (
            "pk = 'a' AND sk IN ['1', 2]",
            "Key attribute's data type should match its data type in table's schema: Key sk",
        ),
        (
            "pk = ''",
            "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an "
            "empty string value. Key: pk",
        ),
        (
            "pk = 'a' AND sk.x = 1",
            "Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: Key: sk",
        ),
        ("pk = 'a' ORDER BY flag", "Variable reference flag in ORDER BY clause must be part of the primary key"),
        (
            "flag = 'a' ORDER BY sk",
            "Must have at least one non-optional hash key condition in WHERE clause when using ORDER BY clause.",
        ),
        (
            "pk IN ['a', 'b'] ORDER BY sk",
            "Must have hash key in ORDER BY clause when more than one hash key condition specified in WHERE clause.",
        ),
        ("pk = 'a' ORDER BY l[0]", "Argument to ORDER BY must be of type VariableReference. Type: PATH"),
    ],
)
def test_a_condition_that_cannot_be_read_is_refused(pairs: Any, where: str, message: str) -> None:
    assert pairs.message(f"SELECT sk FROM pairs WHERE {where}") == message


def test_fifty_reads_are_allowed(pairs: Any) -> None:
    assert _sort_keys(pairs, f"pk IN [{_values(50)}] AND flag IN [{_values(100)}]") == []
    assert _sort_keys(pairs, f"pk IN [{_values(51)}] OR flag = 'a1'") == ["1"]


def test_an_order_needs_a_condition(pairs: Any) -> None:
    message = "Must have WHERE clause in the statement when using ORDER BY clause."

    assert pairs.message("SELECT * FROM pairs ORDER BY sk") == message


@pytest.mark.parametrize(
    ("order", "found"),
    [
        ("ORDER BY sk DESC", "a3 a2 a1"),
        ("ORDER BY sk ASC", "a1 a2 a3"),
        ("ORDER BY pk", "a1 a2 a3"),
        ("ORDER BY pk DESC, sk DESC", "a3 a2 a1"),
    ],
)
def test_items_come_in_the_order_asked_for(pairs: Any, order: str, found: str) -> None:
    items = pairs.items(f"SELECT flag FROM pairs WHERE pk = 'a' {order}")

    assert [item["flag"]["S"] for item in items] == found.split()


def test_partitions_come_in_the_order_asked_for(pairs: Any) -> None:
    def flags(rest: str) -> list[str]:
        items = pairs.items(f"SELECT flag FROM pairs WHERE pk IN ['b', 'a'] AND sk IN ['1', '2'] {rest}")
        return [item["flag"]["S"] for item in items]

    assert flags("") == ["b1", "b2", "a1", "a2"]
    assert flags("ORDER BY pk") == ["a1", "a2", "b1", "b2"]
    assert flags("ORDER BY pk DESC, sk DESC") == ["b2", "b1", "a2", "a1"]


def test_a_column_is_named_after_its_last_name(session: Any) -> None:
    session.put("plain", pk="x", m={"M": {"k": {"L": [{"S": "c"}]}, "z": {"N": "1"}}}, l={"L": [{"S": "a"}]})

    (item,) = session.items("SELECT m.k[0], m.z, l[0], nope FROM plain WHERE pk = 'x'")

    assert item == {"k[0]": {"S": "c"}, "z": {"N": "1"}, "l[0]": {"S": "a"}}
    assert session.message("SELECT m.z, z FROM plain WHERE pk = 'x'") == "Duplicate identifiers in select clause: z"


def test_comments_and_quotes_are_read_as_such(session: Any) -> None:
    session.put("plain", pk="it's", note="a--b /*c*/")

    (item,) = session.items("SELECT/**/* FROM \"plain\" -- the table\nWHERE pk/* key */='it''s'; -- done")

    assert item["note"] == {"S": "a--b /*c*/"}


@pytest.mark.parametrize("literal", ["7.31e6", "7.31E6", "731e4", "73100000e-1", "07310000.", "- - 7310000"])
def test_a_number_may_be_written_in_many_ways(session: Any, literal: str) -> None:
    session.run("INSERT INTO numbers VALUE {'pk': 7310000}")

    assert session.items(f"SELECT * FROM numbers WHERE pk = {literal}") == [{"pk": {"N": "7310000"}}]


class TestPages:
    """Are ended by the limit, by 1 MB, or by ten items of an IN of partitions."""

    def test_follow_each_other(self, pairs: Any) -> None:
        statement, found, token = "SELECT sk FROM pairs WHERE pk = 'a' AND n <> 2", [], {}
        while True:
            page = pairs.run(statement, Limit=1, **token)
            found += [item["sk"]["S"] for item in page["Items"]]
            if "NextToken" not in page:
                break
            assert page["LastEvaluatedKey"].keys() == {"pk", "sk"}
            token = {"NextToken": page["NextToken"]}

        assert found == ["1", "3"]

    def test_go_on_in_the_next_partition_and_backwards(self, pairs: Any) -> None:
        statement = "SELECT flag FROM pairs WHERE pk IN ['b', 'a'] ORDER BY pk DESC, sk DESC"
        first = pairs.run(statement, Limit=4)
        second = pairs.run(statement, Limit=4, NextToken=first["NextToken"])

        assert [item["flag"]["S"] for item in first["Items"] + second["Items"]] == ["b3", "b2", "b1", "a3", "a2", "a1"]
        assert "NextToken" not in second

    def test_of_one_item_have_no_next(self, pairs: Any) -> None:
        assert "NextToken" not in pairs.run("SELECT * FROM pairs WHERE pk = 'a' AND sk = '1'", Limit=1)

    def test_of_several_partitions_have_ten_items(self, session: Any) -> None:
        for number in range(12):
            session.put("plain", pk=f"v{number}")
        statement = f"SELECT * FROM plain WHERE pk IN [{_values(12)}]"

        first = session.run(statement)
        second = session.run(statement, NextToken=first["NextToken"])

        assert [len(first["Items"]), len(second["Items"])] == [10, 2]

    def test_end_after_a_megabyte(self, session: Any) -> None:
        for number in range(4):
            session.put("pairs", pk="big", sk=str(number), filler="x" * 390_000)

        first = session.run("SELECT sk FROM pairs WHERE pk = 'big'")
        second = session.run("SELECT sk FROM pairs WHERE pk = 'big'", NextToken=first["NextToken"])

        assert [len(first["Items"]), len(second["Items"])] == [3, 1]

    def test_of_a_scan_and_of_an_index_go_on(self, indexed: Any) -> None:
        for source in ('"indexed"', '"indexed"."by_g"', '"indexed"."by_l"'):
            statement, found, token = f"SELECT sk FROM {source}", [], {}
            while True:
                page = indexed.run(statement, Limit=1, **token)
                found += [item["sk"]["S"] for item in page["Items"]]
                if "NextToken" not in page:
                    break
                token = {"NextToken": page["NextToken"]}
            assert sorted(found) == (["1", "2", "3", "4"] if source == '"indexed"' else ["1", "2", "4"])

    def test_belong_to_one_statement(self, pairs: Any) -> None:
        statement = "SELECT sk FROM pairs WHERE pk = ?"
        token = pairs.run(statement, {"S": "a"}, Limit=1)["NextToken"]
        other = "NextToken does not match request"

        assert pairs.message(statement, {"S": "b"}, NextToken=token) == other
        assert pairs.message(f"{statement} ", {"S": "a"}, NextToken=token) == other
        assert pairs.message("SELECT * FROM pairs", NextToken=token) == other
        assert pairs.items(statement, {"S": "a"}, NextToken=token, ConsistentRead=True, Limit=5)

    def test_are_not_to_be_made_by_hand(self, pairs: Any) -> None:
        statement = "SELECT sk FROM pairs WHERE pk = 'a'"
        token = pairs.run(statement, Limit=1)["NextToken"]
        content = urlsafe_b64decode(token)

        changed = urlsafe_b64encode(content.replace(b'"1"', b'"2"')).decode()

        for bad in ("abc", "é", token[:-4], f"!{token}", changed, urlsafe_b64encode(b"x" * 40).decode()):
            assert pairs.message(statement, NextToken=bad) == "Invalid NextToken"


class TestAnIndex:
    """Shows what it carries; a local one gets the rest from the table."""

    def test_holds_only_its_items(self, indexed: Any) -> None:
        items = indexed.items('SELECT sk FROM "indexed"."by_g" WHERE g = \'x\'')

        assert [item["sk"]["S"] for item in items] == ["1", "4"]

    def test_shows_what_it_carries(self, indexed: Any) -> None:
        (some,) = indexed.items('SELECT * FROM "indexed"."by_g_some" WHERE g = \'z\'')
        local = indexed.items('SELECT * FROM "indexed"."by_l" WHERE pk = \'p\'')

        assert some.keys() == {"pk", "sk", "g", "projattr"}
        assert [item.keys() for item in local] == [{"pk", "sk", "l"}] * 3

    def test_can_be_read_without_its_partition(self, indexed: Any) -> None:
        assert len(indexed.items('SELECT * FROM "indexed"."by_g" WHERE pk = \'p\'')) == 3

    def test_of_one_partition_with_the_table_gives_every_column(self, indexed: Any) -> None:
        answer = indexed.run('SELECT other FROM "indexed"."by_l" WHERE pk = \'p\'', ReturnConsumedCapacity="INDEXES")

        assert answer["Items"] == [{"other": {"S": "o1"}}, {"other": {"S": "o2"}}, {"other": {"S": "o4"}}]
        assert answer["ConsumedCapacity"]["Table"] == {"CapacityUnits": 1.5}
        assert answer["ConsumedCapacity"]["LocalSecondaryIndexes"] == {"by_l": {"CapacityUnits": 0.5}}

    def test_of_other_partitions_refuses_what_it_does_not_carry(self, indexed: Any) -> None:
        for where in ("", " WHERE g = 'x'"):
            message = indexed.message(f'SELECT other, pk, more FROM "indexed"."by_g_some"{where}')
            assert message == (
                "One or more parameter values were invalid: Global secondary index by_g_some does not project "
                "[other, more]"
            )

    @pytest.mark.parametrize(
        ("where", "names"),
        [
            ("g = 'y' AND NOT (other = 'np1' OR projattr = 'x')", "[other]"),
            ("g = 'y' AND b = '1' AND (a = '2' OR projattr = '3')", "[a, b]"),
            ("g = 'y' AND (zz = '1' OR aa = '2' OR mm = '3')", "[zz, aa, mm]"),
            ("(g = 'y' OR g = 'z') AND zz = '1'", "[zz]"),
            ("(g = 'b' AND u1 = '1') OR (g = 'q' AND u2 = '1')", "[u2]"),
            ("(g = 'q' AND u1 = '1') OR (g = 'b' AND u2 = '1')", "[u1]"),
        ],
    )
    def test_refuses_a_filter_on_what_it_does_not_carry(self, indexed: Any, where: str, names: str) -> None:
        assert indexed.message(f'SELECT pk FROM "indexed"."by_g_some" WHERE {where}') == NOT_PROJECTED + names

    @pytest.mark.parametrize(
        ("where", "count"),
        [
            ("other = 'o1'", 0),
            ("NOT other = 'o1'", 3),
            ("(g = 'x' AND other = 'o1') OR g = 'z'", 1),
            ("g > 'a' AND zz = '1'", 0),
            ("g = 'x' AND (g = 'z' OR zz = '1')", 0),
            ("(g = 'x' AND zz = '1') OR aa = '1'", 0),
            ("g = 'x' AND (projattr = 'one' OR projattr = 'two')", 1),
        ],
    )
    def test_finds_nothing_at_what_it_does_not_carry(self, indexed: Any, where: str, count: int) -> None:
        assert len(indexed.items(f'SELECT pk FROM "indexed"."by_g_some" WHERE {where}')) == count

    def test_is_read_consistently_when_it_is_local(self, indexed: Any) -> None:
        assert indexed.items('SELECT * FROM "indexed"."by_l" WHERE pk = \'p\'', ConsistentRead=True)
        assert indexed.message('SELECT * FROM "indexed"."by_g" WHERE g = \'x\'', ConsistentRead=True) == (
            "Strongly consistent read is not supported on Global Secondary Indexes"
        )


@pytest.mark.parametrize(
    ("statement", "more", "units"),
    [
        ("SELECT * FROM pairs WHERE pk = 'a' AND sk = '1'", {}, 0.5),
        ("SELECT * FROM pairs WHERE pk = 'a' AND sk = '1'", {"ConsistentRead": True}, 1.0),
        ("SELECT * FROM pairs WHERE pk = 'a' AND sk = 'none'", {}, 0.5),
        ("SELECT * FROM pairs WHERE pk = 'a'", {}, 0.5),
        ("SELECT * FROM pairs WHERE pk = 'a' AND flag = 'none'", {}, 0.5),
        ("SELECT * FROM pairs WHERE pk IN ['a', 'b']", {}, 1.0),
        ("SELECT * FROM pairs", {}, 2.0),
        ("SELECT * FROM pairs", {"ConsistentRead": True}, 4.0),
    ],
)
def test_a_read_costs_what_it_reads(pairs: Any, statement: str, more: dict[str, Any], units: float) -> None:
    consumed = pairs.run(statement, ReturnConsumedCapacity="TOTAL", **more)["ConsumedCapacity"]

    assert consumed == {"TableName": "pairs", "CapacityUnits": units}


def test_a_read_of_an_index_costs_its_index(indexed: Any) -> None:
    consumed = indexed.run('SELECT * FROM "indexed"."by_g" WHERE g = \'x\'', ReturnConsumedCapacity="INDEXES")

    assert consumed["ConsumedCapacity"] == {
        "TableName": "indexed",
        "CapacityUnits": 0.5,
        "Table": {"CapacityUnits": 0.0},
        "GlobalSecondaryIndexes": {"by_g": {"CapacityUnits": 0.5}},
    }
