"""Statements that cannot be: the service's words for each, captured on it in 2026, and their order."""

from __future__ import annotations

import re
from typing import Any

import pytest

from ddbmodel.engine.engine import Engine
from ddbmodel.engine.options import EngineOptions

MALFORMED = "Statement wasn't well formed, can't be processed: "
LEFT_OVER = f"{MALFORMED}Unexpected token after expression"
NO_TERM = f"{MALFORMED}Unexpected term"
NO_KEY = "Where clause does not contain a mandatory equality on all key attributes"
OVERFLOW = "Number overflow. Attempting to store a number with magnitude larger than supported range"
UNDERFLOW = "Number underflow. Attempting to store a number with magnitude smaller than supported range"
DIGITS = "Attempting to store more than 38 significant digits in a Number"
NOT_A_NUMBER = "The parameter cannot be converted to a numeric value"
TOO_DEEP = (
    "Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported limit"
)
KEY_PATH = "Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: "
OPERAND = "Incorrect operand type for operator or function; operator or function: "


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("SELECT * FROM numbers WHERE pk = 1 foo", LEFT_OVER),
        ("SELECT * FROM numbers WHERE pk = 1 e5", LEFT_OVER),
        ("SELECT * FROM numbers WHERE pk = 1)", LEFT_OVER),
        ("SELECT * FROM numbers ORDER BY pk WHERE pk = 1", LEFT_OVER),
        ("INSERT INTO numbers VALUE {'pk': 1} foo", LEFT_OVER),
        ("INSERT INTO plain t VALUE {'pk': 'x'}", LEFT_OVER),
        ("UPDATE numbers SET a = 9 WHERE pk = 1 foo", LEFT_OVER),
        ("DELETE FROM numbers WHERE pk = 1 ORDER BY pk", LEFT_OVER),
        ("FROM plain SET c = 1 WHERE pk = 'x'", LEFT_OVER),
        ("SELECT * FROM plain; SELECT 1", f"{MALFORMED}Unexpected token after semicolon. (Only one query is allowed.)"),
        ("SELECT * FROM numbers WHERE pk = 1e2147483648", MALFORMED),
        ("SELECT * FROM numbers WHERE pk = 1e99999999999", MALFORMED),
        ("SELECT * FROM numbers WHERE pk = 1.5e-2147483647", MALFORMED),
        ("SELECT * FROM numbers WHERE pk = 1 # note", MALFORMED),
        ("SELECT * FROM numbers WHERE pk = 1 /* note", MALFORMED),
        ('SELECT * FROM "plain', MALFORMED),
        ("SELECT * FROM plain WHERE pk = 'x", MALFORMED),
        ("SELECT * FROM plain WHERE", NO_TERM),
        ("SELECT * FROM plain WHERE;", NO_TERM),
        ("UPDATE plain SET a = 1 WHERE", NO_TERM),
        ("DELETE FROM plain WHERE", NO_TERM),
        ("SELECT * FROM plain WHERE NOT", NO_TERM),
        ("SELECT * FROM plain WHERE (", NO_TERM),
        ('SELECT * FROM "not-there" WHERE', NO_TERM),
        ("SELECT * FROM", NO_TERM),
        ("SELECT * FROM plain WHERE pk = 'p' AND", f"{MALFORMED}Missing right-hand side expression of infix operator"),
        ("SELECT * FROM plain WHERE ORDER BY pk", f"{MALFORMED}Unexpected keyword"),
        ("SELECT * FROM plain WHERE IS NULL", f"{MALFORMED}Unexpected operator"),
        ("SELECT * FROM plain WHERE pk = LIKE", f"{MALFORMED}Unexpected operator"),
        ("SELECT * FROM plain WHERE x IS FOO", f"{MALFORMED}Expected type name"),
        ("DELETE FROM WHERE pk = 'a'", f"{MALFORMED}Expected identifier for simple path"),
        ("SLECT * FROM plain WHERE pk = 'x'", f"{MALFORMED}Expected data manipulation"),
        ("SELECT m.inner FROM plain", f"{MALFORMED}Invalid path dot component"),
        ("SELECT * FROM plain t WHERE pk = 'x'", "Aliasing is not supported"),
        ("SELECT * FROM plain AS t WHERE pk = 'x'", "Aliasing is not supported"),
        ("UPDATE plain t SET a = 3 WHERE pk = 'x'", "Aliasing is not supported"),
        ("DELETE FROM plain t WHERE pk = 'x'", "Aliasing is not supported"),
        ("x IS DOUBLE PRECISION", "Unsupported operation: IsType"),
        ("SELECT * FROM numbers WHERE pk = 1e126", f"{OVERFLOW} under root"),
        ("SELECT * FROM numbers WHERE pk = 1e-131", f"{UNDERFLOW} under root"),
        ("SELECT * FROM numbers WHERE pk = 1e2147483647", f"{UNDERFLOW} under root"),
        ("SELECT * FROM numbers WHERE pk = 123456789012345678901234567890123456789", f"{DIGITS} under root"),
        ("INSERT INTO numbers VALUE {'pk': 1e126}", f"{OVERFLOW} under root"),
        ("INSERT INTO numbers VALUE {'pk': 1, 'm': {'x': 1e126}}", f"{OVERFLOW} under root.x"),
        ("INSERT INTO numbers VALUE {'pk': 1, 'l': [1, 1e126]}", f"{OVERFLOW} under root[1]"),
        ("UPDATE numbers SET a = 1e-131 WHERE pk = 1", f"{UNDERFLOW} under root"),
        ("FROM plain SET c = 1", NO_KEY),
        ("FROM plain REMOVE a", NO_KEY),
        ("FROM plain WHERE a = 1 SET c = 1", NO_KEY),
        ("DELETE FROM plain WHERE a = 1", NO_KEY),
        ("UPDATE pairs SET n = 1 WHERE pk = 5", NO_KEY),
        ('SELECT * FROM "" WHERE pk = 1', "Path component cannot be an empty string"),
        ('SELECT * FROM "plain"."" WHERE pk = 1', "Path component cannot be an empty string"),
        ('SELECT * FROM "plain"."one"."two"', "A path may contain at most 2 components in the FROM clause"),
        ('SELECT * FROM "plain"."one"', "The table does not have the specified index"),
        (
            "DELETE FROM plain WHERE pk = 'x' RETURNING MODIFIED OLD *",
            "Invalid returning clause: RETURNING MODIFIED OLD *. Only RETURNING ALL OLD * is allowed in DELETE "
            "statements.",
        ),
        ("INSERT INTO plain VALUE {'pk': 'x', 's': <<>>}", "Empty bags are not supported"),
        (
            "INSERT INTO plain VALUE {'pk': 'x', 's': <<'a', 'b', 'a'>>}",
            "One or more parameter values were invalid: Input collection [a, b, a] contains duplicates.",
        ),
        (
            "UPDATE plain SET n = set_add(n, <<2, 2.0>>) WHERE pk = 'x'",
            "One or more parameter values were invalid: Input collection [2, 2.0] contains duplicates! under root",
        ),
        ("UPDATE plain SET n = 'a' + 1 WHERE pk = 'x'", f"{OPERAND}+, operand type: S"),
        ("UPDATE plain SET n = n - null WHERE pk = 'x'", f"{OPERAND}-, operand type: NULL"),
        ("SELECT * FROM plain WHERE attribute_type(l, true)", f"{OPERAND}attribute_type, operand type: BOOL"),
        ("SELECT * FROM plain WHERE attribute_exists(n) > false", f"{OPERAND}>, operand type: BOOL"),
        (
            "SELECT * FROM plain WHERE attribute_exists('ss')",
            "Operator or function requires a document path; operator or function: attribute_exists",
        ),
        (
            "SELECT * FROM plain WHERE attribute_exists()",
            "Incorrect number of operands for operator or function; operator or function: attribute_exists, "
            "number of operands: 0",
        ),
        (
            f"SELECT * FROM plain WHERE a IN [{', '.join(map(str, range(101)))}]",
            "The IN operator is provided with too many operands; number of operands: 101",
        ),
        ("EXISTS(SELECT * FROM plain)", "EXISTS can only be used in ExecuteTransaction write requests."),
        ("SELECT pk FROM plain LIMIT 1", "Unsupported clause: LIMIT at 1:28:1"),
        ("SELECT pk FROM plain GROUP BY pk", "Unsupported clause: GROUP BY"),
        ("SELECT DISTINCT pk FROM plain", "Unsupported token in expression: DISTINCT"),
        ("SELECT pk FROM plain, pairs", "Only select from a single table or index is supported."),
        ("SELECT pk FROM plain WHERE pk", "WHERE clause must contain an expression that resolves to a boolean"),
        ("SELECT pk FROM plain WHERE pk = 'x' AND b", "The arguments to AND/OR must be Expressions"),
        ("SELECT pk FROM plain WHERE pk = MISSING", "MISSING must be compared using IS operator"),
        ("SELECT pk FROM plain WHERE pk LIKE 'a%'", "Unsupported operator in Condition Expression. Operator: like"),
        ("UPDATE plain SET n = n * 2 WHERE pk = 'x'", "Unsupported operator in Update Expression. Operator: *"),
        ("INSERT INTO plain VALUE {'x': 1}", "Key attribute should be present in the item: Key pk"),
        (
            "INSERT INTO plain VALUE {'pk': 1}",
            "Key attribute's data type should match its data type in table's schema: Key pk",
        ),
        ("DELETE FROM plain WHERE pk = 'x' AND pk.y = 1", f"{KEY_PATH}Key pk"),
        ("SELECT pk.y FROM plain", f"{KEY_PATH}Key: pk"),
        ("SELECT * FROM indexed WHERE g[0] = 1", f"{KEY_PATH}IndexKey: g"),
        (
            "UPDATE plain SET n = 8 WHERE pk = 'a' AND pk = 'b'",
            "Multiple conditions on same key pk. Only single item Update/Insert/Delete are supported",
        ),
        (
            "DELETE FROM plain WHERE pk = 'x' AND pk IS NULL",
            "Multiple conditions on same key pk. Only single item Update/Insert/Delete are supported",
        ),
    ],
)
def test_a_statement_is_refused_in_the_words_of_the_service(session: Any, statement: str, message: str) -> None:
    assert session.message(statement) == message


@pytest.mark.parametrize(
    ("statement", "message", "token"),
    [
        ("SELECT attribute_exists(ss) FROM plain", "Unexpected path component", "attribute_exists"),
        ("SELECT COUNT(*) FROM plain", "Unexpected path component", "COUNT"),
        ("SELECT * FROM plain WHERE EXISTS(ss)", "Unrecognized function: exists", "EXISTS"),
        ("SELECT * FROM plain WHERE set_add(ss, <<'x'>>) = ss", "Unrecognized function: set_add", "set_add"),
        (
            "INSERT INTO plain VALUE {'pk': 'x', 's': set_add(<<'a'>>, <<'b'>>)}",
            "Unsupported data type: set_add under key root",
            "set_add",
        ),
        (
            "UPDATE plain SET t = set_add(ss, <<'x'>>) WHERE pk = 'x'",
            "The first argument to SET_ADD must equal the assignment value",
            "set_add",
        ),
        (
            "UPDATE plain SET s = set_delete(<<'a'>>, <<'b'>>) WHERE pk = 'x'",
            "The first argument to SET_DELETE must equal the assignment value",
            "set_delete",
        ),
        ("UPDATE plain SET s = set_add(s) WHERE pk = 'x'", "SET_ADD must have exactly two arguments", "set_add"),
        (
            "UPDATE plain SET ss = set_add( ss, 'x') WHERE pk = 'x'",
            "The second argument to SET_ADD must be a value with type SET",
            " ss,",
        ),
        ("SELECT l[-1] FROM plain", "List index is not within the allowable range; index: [-1]", "1]"),
        ("SELECT l[2147483648] FROM plain", "List index is not within the allowable range; index: [2147483648]", None),
    ],
)
def test_a_message_points_at_the_token(session: Any, statement: str, message: str, token: str | None) -> None:
    token = token or "2147483648"
    column, length = statement.index(token) + 1, len(token.strip(" ,]"))
    if token.startswith(" "):
        column += 1

    assert session.message(statement) == f"{message} at 1:{column}:{length}"


def test_a_place_counts_lines_and_columns_from_one(session: Any) -> None:
    statement = "UPDATE plain\nSET members = set_add(members, 'x')\nWHERE pk='sets'"

    assert session.message(statement) == "The second argument to SET_ADD must be a value with type SET at 2:23:7"


def test_the_classic_wording_repeats_a_malformed_statement(loop: Any) -> None:
    engine = Engine.open("memory:", options=EngineOptions(wording="classic"))
    statement = "SELECT * FROM plain WHERE"

    with pytest.raises(Exception, match=re.escape(f"can't be processed: {statement}")):
        loop.run_until_complete(engine.execute("ExecuteStatement", {"Statement": statement}))
    loop.run_until_complete(engine.close())


def test_a_literal_has_at_most_32_levels(session: Any) -> None:
    def message(value: str) -> str:
        text: str = session.message(f"UPDATE plain SET d = {value} WHERE pk = 'x'")
        return text

    assert message("{'a':" * 32 + "1" + "}" * 32) == (
        "Nesting Levels have exceeded supported limits under root" + ".a" * 32
    )
    assert message("{'a':" + "[" * 31 + "1" + "]" * 31 + "}") == (
        "Nesting Levels have exceeded supported limits under root.a" + "[0]" * 31
    )
    assert session.run("INSERT INTO plain VALUE {'pk':'x','d':" + "{'a':" * 31 + "1" + "}" * 31 + "}") == {"Items": []}


def test_a_parameter_stands_for_a_whole_value(session: Any) -> None:
    statement = "UPDATE plain SET x = [?] WHERE pk = 'x'"

    assert session.message(statement, {"S": "v"}) == "Unsupported data type: Parameter under key root[0] at 1:23:1"


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM pairs WHERE pk = 'a' AND n = ?",
        "INSERT INTO pairs VALUE {'pk': 'a', 'sk': 's', 'n': ?}",
        "UPDATE pairs SET n = ? WHERE pk = 'a' AND sk = 's'",
        "SELECT * FROM pairs WHERE pk = ?",
    ],
)
class TestANumberParameter:
    """Is read as Java's BigDecimal, wherever it stands."""

    @pytest.mark.parametrize("number", ["1e99999999999", "-1e99999999999", "1e2147483648", "1e-2147483648", "abc"])
    def test_cannot_be_converted(self, session: Any, statement: str, number: str) -> None:
        assert session.message(statement, {"N": number}) == f"{NOT_A_NUMBER}: {number}"

    def test_wraps_at_32_bits(self, session: Any, statement: str) -> None:
        assert session.message(statement, {"N": "1e2147483647"}) == UNDERFLOW

    def test_is_not_empty(self, session: Any, statement: str) -> None:
        assert session.message(statement, {"N": ""}) == NOT_A_NUMBER


def _deep(levels: int, leaf: dict[str, Any] | None = None) -> dict[str, Any]:
    value = leaf or {"S": "leaf"}
    for _ in range(levels):
        value = {"M": {"n": value}}
    return value


@pytest.mark.parametrize("levels", [40, 100])
def test_of_several_faults_in_parameters_the_first_is_reported(session: Any, levels: int) -> None:
    statement = "SELECT * FROM pairs WHERE pk = 'a' AND x = ? AND y = ?"
    bad, deep = {"N": "abc"}, _deep(levels)

    assert session.message(statement, deep, bad) == TOO_DEEP
    assert session.message(statement, bad, deep) == f"{NOT_A_NUMBER}: abc"
    assert session.message(statement, {"M": {"d": deep, "bad": bad}}, bad) == TOO_DEEP
    assert session.message(statement, {"M": {"bad": bad, "d": deep}}, bad) == f"{NOT_A_NUMBER}: abc"
    assert session.message(statement, _deep(levels, bad), bad) == TOO_DEEP
    assert session.message(statement, {"L": [{"N": "1"}, {"N": "1e99999999999"}]}, bad) == (
        f"{NOT_A_NUMBER}: 1e99999999999"
    )


def test_a_parameter_is_looked_at_before_the_statement(session: Any) -> None:
    message = session.message("UPDATE plain SET WHERE", {"SS": ["a", "a"]})

    assert message == "One or more parameter values were invalid: Input collection [a, a] contains duplicates."


@pytest.mark.parametrize("parameters", [(), ({"S": "a"}, {"S": "b"})])
def test_there_are_as_many_parameters_as_question_marks(session: Any, parameters: tuple[Any, ...]) -> None:
    message = session.message("SELECT * FROM plain WHERE pk = ?", *parameters)

    assert message == "Number of parameters in request and statement don't match."


def test_an_operand_is_looked_at_before_the_table(session: Any) -> None:
    statement = "SELECT pk FROM nowhere WHERE pk = ? AND val < ?"

    assert session.message(statement, {"S": "x"}, {"BOOL": True}) == f"{OPERAND}<, operand type: BOOL"
    assert session.error("SELECT pk FROM nowhere WHERE pk = ?", {"S": "x"}).code == "ResourceNotFoundException"


def test_an_index_with_several_attributes_is_refused_before_columns_and_keys(session: Any) -> None:
    refused = (
        "PartiQL statements cannot be executed on tables with multi-attribute HASH keys or multi-attribute RANGE keys."
    )

    for select in ("SELECT * FROM {} WHERE g = 5", "SELECT COUNT(*) FROM {}", "SELECT pk FROM {} WHERE pk = 'a'"):
        assert session.message(select.format('"indexed"."by_two"')) == refused
    assert session.message('SELECT * FROM "indexed"."by_two" WHERE') == NO_TERM
