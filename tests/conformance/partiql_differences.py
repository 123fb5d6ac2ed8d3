"""Where the engine and DynamoDB Local answer a statement differently, and why the engine is right.

A row says how both began their answers (an error's text, or ``ok``), may look at the statement, and names its source.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["DIFFERENCES", "Difference", "explained"]

_CAPTURED = "Captured on the service in 2026 (eu-west-2)."
_FAILURE = "The request processing has failed"


@dataclass(frozen=True, slots=True)
class Difference:
    """One known difference."""

    name: str
    ours: str
    theirs: str
    source: str
    applies: Callable[[str], bool] = lambda statement: True


def explained(statement: str, ours: str, theirs: str) -> Difference | None:
    """Return the difference that explains two answers, or None."""
    for row in DIFFERENCES:
        if row.ours in ours and row.theirs in theirs and row.applies(statement):
            return row
    return None


DIFFERENCES: tuple[Difference, ...] = (
    Difference(
        "DynamoDB Local fails on ORDER BY a key that is not among the columns, and on others",
        "",
        _FAILURE,
        "No answer of the service's: an internal failure.",
    ),
    Difference(
        "a DELETE of an item that is not there does not ask its condition",
        "ok",
        "The conditional request failed",
        _CAPTURED,
        lambda statement: statement.startswith("DELETE"),
    ),
    Difference(
        "branches of one partition may not overlap",
        "Overlapping conditions with range keys are not supported in where clause",
        "ok",
        _CAPTURED,
    ),
    Difference(
        "a filter on what a local index does not carry is refused, as on a global one",
        "Secondary index by_l does not project one or more filter attributes",
        "ok",
        _CAPTURED,
    ),
    Difference(
        "an order of several partitions has to name the partition key",
        "Must have hash key in ORDER BY clause when more than one hash key condition specified",
        "ok",
        "The text is DynamoDB Local's own, which it never uses.",
    ),
    Difference(
        "an index is read once, and filtered by what it carries",
        "ok",
        "ok",
        "Captured on the service; DynamoDB Local looks into the table, and answers every item of the index as often as "
        "an IN of the table's keys has values.",
        lambda statement: '."by_' in statement,
    ),
    Difference(
        "a literal before the sort key compares from its side",
        "ok",
        "ok",
        "Standard SQL: 3 > sk is sk < 3; DynamoDB Local reads it as sk > 3.",
        lambda statement: "3 > sk" in statement,
    ),
    Difference(
        "RETURNING MODIFIED shows only the nested paths that were touched",
        "ok",
        "ok",
        "As ReturnValues UPDATED_OLD and UPDATED_NEW of UpdateItem; DynamoDB Local shows the whole attribute.",
        lambda statement: "RETURNING MODIFIED" in statement,
    ),
    Difference(
        "a column is named after its last name",
        "ok",
        "ok",
        "Captured on the service for `m.k[0]`; DynamoDB Local keeps the hierarchy behind a position.",
        lambda statement: 'li[1]."z"' in statement,
    ),
    Difference(
        "an update of an index key to another type is refused",
        "The update expression attempted to update the secondary index key to unsupported type",
        "ok",
        "Captured answers of UpdateItem.",
    ),
    Difference(
        "a comparison is no operand of SET",
        "Unsupported operator in Update Expression. Operator: =",
        "ok",
        "AWS Developer Guide, PartiQL update statements: data is a literal, a path, a sum or a function.",
    ),
    Difference(
        "a position of a list is written as in a path",
        "Unsupported data type: VariableReference under key root[0]",
        "Unsupported data type: VariableReference under key root.0",
        _CAPTURED,
    ),
    Difference(
        "a filter on a key attribute may be of any type",
        "ok",
        "Condition parameter type does not match schema type",
        _CAPTURED,
    ),
    Difference(
        "the sort key of a query has its type in every condition",
        "Key attribute's data type should match its data type in table's schema: Key sk",
        "Condition parameter type does not match schema type",
        _CAPTURED,
    ),
    Difference(
        "a SELECT inside a function is no function's business",
        "Unrecognized function: exists",
        "Unsupported token in expression: SELECT",
        "EXISTS is no function of a condition; which of the two faults is found first was not captured.",
    ),
    Difference(
        "a truth is no operand of contains",
        "operator or function: contains, operand type: BOOL",
        "ok",
        "No attribute test takes a condition; DynamoDB Local finds nothing.",
    ),
    Difference(
        "of two assignments that do not fit the item, operands are looked at before paths",
        "The provided expression refers to an attribute that does not exist in the item",
        "The document path provided in the update expression is invalid for update",
        "As update expressions are applied, whose order was compared with DynamoDB Local's; not captured.",
        lambda statement: statement.count("SET") + statement.count("REMOVE") > 1,
    ),
    Difference(
        "a table that is not there is called so",
        "Requested resource not found",
        "Cannot do operations on a non-existent table",
        _CAPTURED,
    ),
)
