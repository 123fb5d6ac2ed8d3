"""Conditions of before expressions: ``Expected``, ``ScanFilter``, ``QueryFilter`` and ``ConditionalOperator``."""

from __future__ import annotations

from typing import Any

import pytest

from ddbmodel.errors import ServiceError

PARAMETER = "One or more parameter values were invalid: "
ATTRIBUTES: dict[str, Any] = {
    "text": {"S": "abc"},
    "number": {"N": "5"},
    "set": {"SS": ["a", "b"]},
    "list": {"L": [{"S": "a"}, {"N": "1"}]},
    "raw": {"B": "AAEC"},
    "truth": {"BOOL": True},
}


def condition(operator: str, *values: Any) -> dict[str, Any]:
    return {"ComparisonOperator": operator, "AttributeValueList": list(values)}


@pytest.mark.parametrize(
    ("operator", "values", "holding"),
    [
        ("EQ", [{"S": "abc"}], {"text"}),
        ("EQ", [{"SS": ["b", "a"]}], {"set"}),
        ("EQ", [{"N": "5.0"}], {"number"}),
        ("NE", [{"S": "abc"}], {"number", "set", "list", "raw", "truth", "absent"}),
        ("LT", [{"N": "6"}], {"number"}),
        ("LE", [{"N": "5"}], {"number"}),
        ("GT", [{"S": "abb"}], {"text"}),
        ("GE", [{"B": "AAEC"}], {"raw"}),
        ("CONTAINS", [{"S": "a"}], {"text", "set", "list"}),
        ("CONTAINS", [{"N": "1"}], {"list"}),
        ("CONTAINS", [{"B": "AQ=="}], {"raw"}),
        ("NOT_CONTAINS", [{"S": "a"}], {"number", "raw", "truth"}),
        ("BEGINS_WITH", [{"S": "ab"}], {"text"}),
        ("BEGINS_WITH", [{"B": "AAE="}], {"raw"}),
        ("IN", [{"N": "4"}, {"N": "5"}], {"number"}),
        ("BETWEEN", [{"S": "abb"}, {"S": "abd"}], {"text"}),
        ("NULL", [], {"absent"}),
        ("NOT_NULL", [], set(ATTRIBUTES)),
    ],
)
def test_an_operator_holds_for_what_it_is_about(
    desk: Any, key: Any, operator: str, values: list[Any], holding: set[str]
) -> None:
    desk.put("a", 1, **ATTRIBUTES)

    found = {
        name
        for name in [*ATTRIBUTES, "absent"]
        if desk.ask("Scan", TableName="things", ScanFilter={name: condition(operator, *values)})["Count"]
    }
    expected, refusals = set(), set()
    for name in [*ATTRIBUTES, "absent"]:
        try:
            desk.ask(
                "PutItem",
                TableName="things",
                Item={**key("a", 1), **ATTRIBUTES},
                Expected={name: condition(operator, *values)},
            )
            expected.add(name)
        except ServiceError as error:
            refusals.add(error.code)

    assert found == holding
    assert expected == holding
    assert refusals == {"ConditionalCheckFailedException"}


def test_values_may_stand_without_an_operator(desk: Any, key: Any) -> None:
    desk.put("a", 1, x={"S": "v"})

    def put(expected: dict[str, Any]) -> Any:
        return desk.ask("PutItem", TableName="things", Item={**key("a", 1), "x": {"S": "v"}}, Expected=expected)

    put({"x": {"Value": {"S": "v"}}})
    put({"x": {"Value": {"S": "v"}, "Exists": True}})
    put({"y": {"Exists": False}})
    put({"x": {"Value": {"S": "v"}, "ComparisonOperator": "EQ"}})
    put({"y": {"ComparisonOperator": "NULL"}})
    put({})
    with pytest.raises(ServiceError, match="conditional request failed"):
        put({"x": {"Exists": False}})
    with pytest.raises(ServiceError, match="conditional request failed"):
        put({"x": {"Value": {"S": "w"}}})


def test_conditions_are_joined_by_and_unless_told_otherwise(desk: Any, key: Any) -> None:
    desk.put("a", 1, x={"S": "v"})
    one_holds = {"x": condition("EQ", {"S": "v"}), "y": condition("NOT_NULL")}

    refused = desk.refused("DeleteItem", TableName="things", Key=key("a", 1), Expected=one_holds)
    strictly = desk.refused(
        "DeleteItem", TableName="things", Key=key("a", 1), Expected=one_holds, ConditionalOperator="AND"
    )
    desk.ask("DeleteItem", TableName="things", Key=key("a", 1), Expected=one_holds, ConditionalOperator="OR")

    assert refused.code == strictly.code == "ConditionalCheckFailedException"
    assert desk.ask("GetItem", TableName="things", Key=key("a", 1)) == {}


def test_a_name_with_a_dot_is_no_path(desk: Any, key: Any) -> None:
    desk.put("a", 1, m={"M": {"x": {"S": "v"}}}, **{"m.x": {"S": "w"}})

    page = desk.ask("Scan", TableName="things", ScanFilter={"m.x": condition("EQ", {"S": "w"})})

    assert page["Count"] == 1


@pytest.mark.parametrize(
    ("entry", "text"),
    [
        ({}, "Value must be provided when Exists is null for Attribute: x"),
        ({"Exists": True}, "Value must be provided when Exists is true for Attribute: x"),
        ({"Exists": False, "Value": {"S": "v"}}, "Value cannot be used when Exists is false for Attribute: x"),
        (
            {"Exists": False, "ComparisonOperator": "NULL"},
            "Exists and ComparisonOperator cannot be used together for Attribute: x",
        ),
        (
            {"Value": {"S": "v"}, "AttributeValueList": [{"S": "v"}]},
            "Value and AttributeValueList cannot be used together for Attribute: x",
        ),
        (
            {"AttributeValueList": [{"S": "v"}]},
            "AttributeValueList can only be used with a ComparisonOperator for Attribute: x",
        ),
        (
            {"ComparisonOperator": "EQ"},
            "Value or AttributeValueList must be used with ComparisonOperator: EQ for Attribute: x",
        ),
        (condition("EQ"), "Invalid number of argument(s) for the EQ ComparisonOperator"),
        (condition("IN"), "Invalid number of argument(s) for the IN ComparisonOperator"),
        (condition("NULL", {"S": "v"}), "Invalid number of argument(s) for the NULL ComparisonOperator"),
        (condition("BETWEEN", {"S": "v"}), "Invalid number of argument(s) for the BETWEEN ComparisonOperator"),
        (condition("LT", {"SS": ["a"]}), "ComparisonOperator LT is not valid for SS AttributeValue type"),
        (condition("CONTAINS", {"L": []}), "ComparisonOperator CONTAINS is not valid for L AttributeValue type"),
        (condition("BEGINS_WITH", {"N": "1"}), "ComparisonOperator BEGINS_WITH is not valid for N AttributeValue type"),
        (condition("IN", {"S": "a"}, {"M": {}}), "ComparisonOperator IN is not valid for M AttributeValue type"),
        (condition("IN", {"S": "a"}, {"N": "1"}), "AttributeValues inside AttributeValueList must be of same type"),
    ],
)
def test_a_condition_that_is_none_is_refused(desk: Any, key: Any, entry: dict[str, Any], text: str) -> None:
    put = desk.refused("PutItem", TableName="things", Item=key("a", 1), Expected={"x": entry})

    assert (put.code, put.message) == ("ValidationException", f"1 validation error detected: {PARAMETER}{text}")
    if set(entry) == {"ComparisonOperator", "AttributeValueList"}:
        # A scan has the older wording, without an envelope.
        scan = desk.refused("Scan", TableName="things", ScanFilter={"x": entry})
        assert scan.message == PARAMETER + text


def test_bounds_stand_in_order(desk: Any) -> None:
    error = desk.refused("Scan", TableName="things", ScanFilter={"x": condition("BETWEEN", {"N": "10"}, {"N": "9"})})

    assert error.message == (
        "The BETWEEN condition was provided a range where the lower bound is greater than the upper bound"
    )


@pytest.mark.parametrize(
    ("operation", "parameter", "rest"),
    [
        ("PutItem", "Expected", {"Item": {"p": {"S": "a"}, "s": {"N": "1"}}}),
        ("DeleteItem", "Expected", {"Key": {"p": {"S": "a"}, "s": {"N": "1"}}}),
        ("UpdateItem", "Expected", {"Key": {"p": {"S": "a"}, "s": {"N": "1"}}}),
        ("Query", "QueryFilter", {"KeyConditions": {"p": condition("EQ", {"S": "a"})}}),
        ("Scan", "ScanFilter", {}),
    ],
)
def test_a_conditional_operator_joins_two_conditions_or_more(
    desk: Any, operation: str, parameter: str, rest: dict[str, Any]
) -> None:
    envelope = "1 validation error detected: " if parameter == "Expected" else ""

    def refused(**conditions: Any) -> str:
        error = desk.refused(operation, TableName="things", ConditionalOperator="OR", **rest, **conditions)
        return str(error.message)

    assert refused() == envelope + "ConditionalOperator cannot be used without Filter or Expected"
    assert refused(**{parameter: {}}) == refused()
    assert refused(**{parameter: {"x": {"ComparisonOperator": "NULL"}}}) == (
        envelope + "ConditionalOperator can only be used when Filter or Expected has two or more elements"
    )


def test_a_scan_looks_at_its_values_before_the_operator_that_joins_them(desk: Any) -> None:
    deep: dict[str, Any] = {"S": "leaf"}
    for _ in range(40):
        deep = {"M": {"n": deep}}

    error = desk.refused("Scan", TableName="things", ScanFilter={"x": condition("EQ", deep)}, ConditionalOperator="AND")

    assert error.message.startswith("Nesting Levels have exceeded supported limits")
