"""S0.classic: the words of before the new validation of 2026, which an engine speaks when it is told to."""

from __future__ import annotations

from typing import Final

from facts.form import NS, SS, Backend, Check, Fact, N, S, Step, delete, fact, put, query, update
from facts.tables import HASH, RANGE

__all__ = ["FACTS"]

_BEFORE: Final = "public tests run against the service, 2013 to 2020"
_KEY: Final = {"pk": S("a")}
_INVALID: Final = "One or more parameter values were invalid: "
_EQ: Final = {"ComparisonOperator": "EQ", "AttributeValueList": [S("a")]}


def _classic(step: Step) -> Check:
    """Return the check that a request of two empty tables goes as it says, in the classic wording."""

    def check(backend: Backend) -> str | None:
        backend.configure(wording="classic")
        for table in (HASH, RANGE):
            backend.ask("CreateTable", table)
        return step.failure(backend)

    return check


FACTS: Final[tuple[Fact, ...]] = tuple(
    fact(f"S0.classic.{mark}", f"before 2026, {says}", _BEFORE, tables=(), check=_classic(step))
    for mark, says, step in (
        (
            "return_values",
            "a wrong ReturnValues was echoed and located",
            put(_KEY, ReturnValues="X").refused(
                "1 validation error detected: Value 'X' at 'returnValues' failed to satisfy constraint: Member must "
                "satisfy enum value set: [ALL_NEW, UPDATED_OLD, ALL_OLD, NONE, UPDATED_NEW]"
            ),
        ),
        (
            "number",
            "what is no number was refused without an envelope",
            put({**_KEY, "n": N("abc")}).refused("The parameter cannot be converted to a numeric value: abc"),
        ),
        (
            "no_number",
            "an empty number had nothing behind it",
            put({**_KEY, "n": N("")}).refused("The parameter cannot be converted to a numeric value"),
        ),
        (
            "strings_twice",
            "the members of a set were told in the order of the request",
            put({**_KEY, "v": SS("b", "a", "b")}).refused(_INVALID + "Input collection [b, a, b] contains duplicates."),
        ),
        (
            "numbers_twice",
            "numbers that were there twice were told in fewer words",
            put({**_KEY, "v": NS("2", "1", "2")}).refused("Input collection contains duplicates"),
        ),
        (
            "value",
            "a bad value of an expression was told by its name",
            update(_KEY, "SET v = :v", {":v": SS()}).refused(
                f"ExpressionAttributeValues contains invalid value: {_INVALID}An string set  may not be empty for "
                "key :v"
            ),
        ),
        (
            "unused",
            "an unused name was told without an envelope",
            delete(_KEY, ConditionExpression="attribute_exists(pk)", ExpressionAttributeNames={"#u": "u"}).refused(
                "Value provided in ExpressionAttributeNames unused in expressions: keys: {#u}"
            ),
        ),
        (
            "without_expression",
            "values without an expression were told which one is missing",
            put(_KEY, ExpressionAttributeValues={":v": N(1)}).refused(
                "ExpressionAttributeValues can only be specified when using expressions: ConditionExpression is null"
            ),
        ),
        (
            "syntax",
            "a syntax error had no envelope",
            put(_KEY, ConditionExpression="INVALID SYNTAX").refused(
                'Invalid ConditionExpression: Syntax error; token: "SYNTAX", near: "INVALID SYNTAX"'
            ),
        ),
        (
            "hash_table",
            "a query of a table without a sort key could not be restarted",
            query("pk = :p", {":p": S("a")}, ExclusiveStartKey=_KEY).refused(
                "The query can return at most one row and cannot be restarted"
            ),
        ),
        (
            "conditions",
            "three conditions of a query were too many",
            query(None, table="ranged", KeyConditions={"pk": _EQ, "sk": _EQ, "x": _EQ}).refused(
                "Conditions can be of length 1 or 2 only"
            ),
        ),
    )
)
