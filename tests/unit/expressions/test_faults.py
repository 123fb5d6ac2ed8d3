"""What the parser and the checks refuse, in the service's words; all observed on DynamoDB Local."""

from __future__ import annotations

from typing import Any, Final

import pytest

from ddbmodel.expressions.check import check_condition, check_projection, check_update
from ddbmodel.expressions.errors import InvalidExpression
from ddbmodel.expressions.parse import parse_condition, parse_projection, parse_update
from ddbmodel.expressions.resolve import Resolver

VALUES: Final[dict[str, Any]] = {
    ":a": {"S": "a"},
    ":b": {"S": "b"},
    ":n": {"N": "1"},
    ":l": {"L": []},
    ":t": {"BOOL": True},
    ":ss": {"SS": ["a"]},
}
DISTINCT: Final = "The first operand must be distinct from the remaining operands for this operator or function; "


def fault_of_condition(text: str) -> str:
    with pytest.raises(InvalidExpression) as caught:
        check_condition(Resolver(None, VALUES).condition(parse_condition(text)))
    return caught.value.message


def fault_of_update(text: str) -> str:
    with pytest.raises(InvalidExpression) as caught:
        check_update(Resolver(None, VALUES).update(parse_update(text)))
    return caught.value.message


@pytest.mark.parametrize(
    ("text", "token", "near"),
    [
        ("a = :a AND", "<EOF>", "AND"),
        ("a = = :a", "=", "= = :a"),
        ("a = :a )", ")", ":a )"),
        ("AND a = :a", "AND", "AND a"),
        ("a = :a AND AND b = :b", "AND", "AND AND b"),
        ("m.and = :a", "and", ".and ="),
        ("remove = :a", "remove", "remove ="),
        ("size(or) = :n", "or", "(or)"),
    ],
)
def test_a_syntax_error_of_a_condition_shows_the_token_and_its_neighbours(text: str, token: str, near: str) -> None:
    assert fault_of_condition(text) == f'Syntax error; token: "{token}", near: "{near}"'


@pytest.mark.parametrize(
    ("text", "token", "near"),
    [
        ("SET set = :a", "set", "SET set ="),
        ("SET a = or", "or", "= or"),
        ("REMOVE in", "in", "REMOVE in"),
        ("a = :a", "a", "a ="),
    ],
)
def test_a_syntax_error_of_an_update_shows_the_token_and_its_neighbours(text: str, token: str, near: str) -> None:
    assert fault_of_update(text) == f'Syntax error; token: "{token}", near: "{near}"'


@pytest.mark.parametrize(
    ("text", "operator"),
    [
        ("a = a", "="),
        ("a <> a", "<>"),
        ("a < a", "<"),
        ("a BETWEEN :a AND a", "BETWEEN"),
        ("a IN (:a, a)", "IN"),
        ("contains(a, a)", "contains"),
    ],
)
def test_a_path_is_not_tested_against_itself(text: str, operator: str) -> None:
    assert fault_of_condition(text) == f"{DISTINCT}operator: {operator}, first operand: [a]"


def test_a_size_may_be_compared_with_itself() -> None:
    check_condition(parse_condition("size(a) = size(a)"))


def test_the_default_of_if_not_exists_is_another_path() -> None:
    assert fault_of_update("SET x = if_not_exists(m.a, m.a)") == (
        f"{DISTINCT}operator: if_not_exists, first operand: [m, a]"
    )


@pytest.mark.parametrize(
    ("text", "operator", "tag"),
    [
        ("a < :t", "<", "BOOL"),
        (":l >= a", ">=", "L"),
        ("begins_with(a, :n)", "begins_with", "N"),
        ("begins_with(size(a), :a)", "begins_with", "N"),
        ("size(:n) = :n", "size", "N"),
        ("size(size(a)) = :n", "size", "N"),
        ("attribute_type(a, :n)", "attribute_type", "N"),
    ],
)
def test_an_operand_of_the_wrong_type_is_named_with_its_operator(text: str, operator: str, tag: str) -> None:
    assert fault_of_condition(text) == (
        f"Incorrect operand type for operator or function; operator or function: {operator}, operand type: {tag}"
    )


def test_attribute_type_takes_no_path_as_the_type() -> None:
    assert "operator or function: attribute_type" in fault_of_condition("attribute_type(a, b)")


def test_attribute_type_takes_the_name_of_a_type() -> None:
    assert fault_of_condition("attribute_type(a, :a)").startswith("Invalid attribute type name found; type: a,")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("a BETWEEN :b AND :a", "upper bound to be greater than or equal to lower bound"),
        ("a BETWEEN :a AND :n", "same data type for lower and upper bounds"),
    ],
)
def test_the_bounds_of_between_are_of_one_type_and_in_order(text: str, fault: str) -> None:
    assert f"The BETWEEN operator requires {fault}; lower bound operand: AttributeValue: " in fault_of_condition(text)


def test_in_takes_a_hundred_options() -> None:
    check_condition(Resolver(None, VALUES).condition(parse_condition(f"a IN ({', '.join([':a'] * 100)})")))
    assert "too many operands; number of operands: 101" in fault_of_condition(f"a IN ({', '.join([':a'] * 101)})")


@pytest.mark.parametrize(
    ("text", "operator", "name"),
    [("ADD a :a", "ADD", "STRING"), ("ADD a :l", "ADD", "LIST"), ("DELETE a :n", "DELETE", "NUMBER")],
)
def test_add_and_delete_say_what_type_they_do_not_take(text: str, operator: str, name: str) -> None:
    assert f"operator: {operator}, operand type: {name}, " in fault_of_update(text)


@pytest.mark.parametrize(
    ("text", "operator", "tag"),
    [("SET x = a + :a", "+", "S"), ("SET x = :ss - :n", "-", "SS"), ("SET x = list_append(a, :n)", "list_append", "N")],
)
def test_literals_of_set_functions_fit_their_operator(text: str, operator: str, tag: str) -> None:
    assert fault_of_update(text).endswith(f"operator or function: {operator}, operand type: {tag}")


@pytest.mark.parametrize(
    ("text", "fault", "one", "two"),
    [
        ("REMOVE a, a.b", "overlap", "[a]", "[a, b]"),
        ("REMOVE a.b, a", "overlap", "[a, b]", "[a]"),
        ("SET a.b = :a REMOVE a[1]", "conflict", "[a, b]", "[a, [1]]"),
    ],
)
def test_two_actions_touch_different_parts_of_the_item(text: str, fault: str, one: str, two: str) -> None:
    assert fault_of_update(text) == (
        f"Two document paths {fault} with each other; must remove or rewrite one of these paths; "
        f"path one: {one}, path two: {two}"
    )


def test_two_projected_paths_do_not_overlap() -> None:
    with pytest.raises(InvalidExpression, match="overlap"):
        check_projection(parse_projection("a, a"))


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "The expression can not be empty;"),
        ("((a = :a))", "The expression has redundant parentheses;"),
        ("((a)) = :a", "The expression has redundant parentheses;"),
        ("f(a) = :a", "Invalid function name; function: f"),
        ("size(a)", "The function is not allowed to be used this way in an expression; function: size"),
        ("select = :a", "Attribute name is a reserved keyword; reserved keyword: select"),
        ("a[99999999999999] = :a", "List index is not within the allowable range; index: [99999999999999]"),
        (
            "attribute_exists(:a)",
            "Operator or function requires a document path; operator or function: attribute_exists",
        ),
        (
            "contains(a)",
            "Incorrect number of operands for operator or function; "
            "operator or function: contains, number of operands: 1",
        ),
        (
            "a = :undefined",
            "An expression attribute value used in expression is not defined; attribute value: :undefined",
        ),
        (
            "#n = :a",
            "An expression attribute name used in the document path is not defined; attribute name: #n",
        ),
    ],
)
def test_other_faults_of_conditions_have_the_services_text(text: str, fault: str) -> None:
    assert fault_of_condition(text) == fault


@pytest.mark.parametrize("text", ["(a) = :a", "NOT (a) = :a", "((a) = :a) AND (b) = :b", "(a) BETWEEN (:a) AND (:b)"])
def test_an_operand_may_stand_in_parentheses(text: str) -> None:
    plain = {
        "(a) = :a": "a = :a",
        "NOT (a) = :a": "NOT a = :a",
        "((a) = :a) AND (b) = :b": "a = :a AND b = :b",
        "(a) BETWEEN (:a) AND (:b)": "a BETWEEN :a AND :b",
    }[text]
    assert parse_condition(text) == parse_condition(plain)


def test_a_section_stands_once() -> None:
    assert fault_of_update("SET a = :a SET b = :b") == (
        'The "SET" section can only be used once in an update expression;'
    )
