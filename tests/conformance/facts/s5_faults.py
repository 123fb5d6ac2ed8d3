"""S5: what is wrong with expressions, in the service's words."""

from __future__ import annotations

from typing import Any, Final

from facts.form import KNOWN, QUOTED, SS, Fact, L, M, N, S, Step, delete, fact, get, put, update
from facts.matching import Pattern

__all__ = ["FACTS"]

_ENVELOPE: Final = "1 validation error detected: "
_KEY: Final = {"pk": S("a")}
_ITEM: Final = {
    **_KEY,
    "n": N(5),
    "s": S("hello"),
    "l": L(N(1), N(2), N(3)),
    "m": M(x=N(1), y=M(z=S("deep"))),
    "ss": SS("a", "b"),
    "b": {"BOOL": True},
    "nil": {"NULL": True},
    "bin": {"B": "AAEC"},
}
_PARTS: Final = "Invalid {}Expression: {}"


def _values(text: str, given: dict[str, Any]) -> dict[str, Any]:
    """Return those of the values that an expression uses."""
    return {name: value for name, value in given.items() if name in text}


_GIVEN: Final = {":v": N(1), ":s": S("x"), ":b": S("b"), ":a": S("a"), ":t": SS("q"), ":bool": {"BOOL": True}}

# (mark, the condition, what is wrong with it)
_CONDITIONS: Final = [
    ("empty", "", "The expression can not be empty;"),
    ("syntax", "INVALID SYNTAX", 'Syntax error; token: "SYNTAX", near: "INVALID SYNTAX"'),
    ("end", "n =", 'Syntax error; token: "<EOF>", near: "="'),
    ("parentheses", "((n = :v))", "The expression has redundant parentheses;"),
    (
        "name",
        "#x = :v",
        "An expression attribute name used in the document path is not defined; attribute name: #x",
    ),
    ("value", "n = :nope", "An expression attribute value used in expression is not defined; attribute value: :nope"),
    ("function", "f(n)", "Invalid function name; function: f"),
    (
        "size_alone",
        "size(n)",
        "The function is not allowed to be used this way in an expression; function: size",
    ),
    (
        "operands",
        "begins_with(s)",
        "Incorrect number of operands for operator or function; operator or function: begins_with, "
        "number of operands: 1",
    ),
    (
        "operand_type",
        "begins_with(s, :v)",
        "Incorrect operand type for operator or function; operator or function: begins_with, operand type: N",
    ),
    (
        "operand_type_less",
        "n < :bool",
        "Incorrect operand type for operator or function; operator or function: <, operand type: BOOL",
    ),
    (
        "path_needed",
        "attribute_exists(:v)",
        "Operator or function requires a document path; operator or function: attribute_exists",
    ),
    (
        "distinct",
        "contains(s, s)",
        "The first operand must be distinct from the remaining operands for this operator or function; "
        "operator: contains, first operand: [s]",
    ),
    (
        "distinct_equal",
        "n = n",
        "The first operand must be distinct from the remaining operands for this operator or function; "
        "operator: =, first operand: [n]",
    ),
    (
        "between_order",
        "s BETWEEN :b AND :a",
        "The BETWEEN operator requires upper bound to be greater than or equal to lower bound; "
        "lower bound operand: AttributeValue: {S:b}, upper bound operand: AttributeValue: {S:a}",
    ),
    (
        "between_types",
        "s BETWEEN :v AND :a",
        "The BETWEEN operator requires same data type for lower and upper bounds; "
        "lower bound operand: AttributeValue: {N:1}, upper bound operand: AttributeValue: {S:a}",
    ),
    (
        "index",
        "l[99999999999999] = :v",
        "List index is not within the allowable range; index: [99999999999999]",
    ),
    ("reserved", "name = :v", "Attribute name is a reserved keyword; reserved keyword: name"),
]
# The same of updates
_UPDATES: Final = [
    ("empty", "", "The expression can not be empty;"),
    (
        "overlap",
        "SET a = :v, a.b = :v",
        "Two document paths overlap with each other; must remove or rewrite one of these paths; "
        "path one: [a], path two: [a, b]",
    ),
    (
        "conflict",
        "SET a.b = :v, a[1] = :v",
        "Two document paths conflict with each other; must remove or rewrite one of these paths; "
        "path one: [a, b], path two: [a, [1]]",
    ),
    (
        "twice",
        "SET a = :v SET c = :v",
        'The "SET" section can only be used once in an update expression;',
    ),
    (
        "list_append",
        "SET l = list_append(l)",
        "Incorrect number of operands for operator or function; operator or function: list_append, "
        "number of operands: 1",
    ),
    (
        "if_not_exists",
        "SET n = if_not_exists(:v, :v)",
        "Operator or function requires a document path; operator or function: if_not_exists",
    ),
    ("function", "SET n = f(n)", "Invalid function name; function: f"),
    (
        "value",
        "SET n = :nope",
        "An expression attribute value used in expression is not defined; attribute value: :nope",
    ),
    ("reserved", "SET status = :v", "Attribute name is a reserved keyword; reserved keyword: status"),
]
_PROJECTIONS: Final = [
    ("empty", "", "The expression can not be empty;"),
    (
        "overlap",
        "m, m.x",
        "Two document paths overlap with each other; must remove or rewrite one of these paths; "
        "path one: [m], path two: [m, x]",
    ),
    (
        "conflict",
        "m.x, m[0]",
        "Two document paths conflict with each other; must remove or rewrite one of these paths; "
        "path one: [m, x], path two: [m, [0]]",
    ),
    ("name", "#x", "An expression attribute name used in the document path is not defined; attribute name: #x"),
    ("syntax", "m,", 'Syntax error; token: "<EOF>", near: ","'),
]


def _checked(condition: str) -> Step:
    values = _values(condition, _GIVEN)
    return put(_KEY, ConditionExpression=condition, **({"ExpressionAttributeValues": values} if values else {}))


def _updated(expression: str) -> Step:
    return update(_KEY, expression, _values(expression, _GIVEN) or None)


FACTS: Final[tuple[Fact, ...]] = (
    *(
        fact(
            f"S5.condition.{mark}",
            f"the condition '{text[:40]}' is refused with its reason",
            KNOWN,
            _checked(text).refused(_ENVELOPE + _PARTS.format("Condition", words)),
        )
        for mark, text, words in _CONDITIONS
    ),
    *(
        fact(
            f"S5.update.{mark}",
            f"the update '{text[:40]}' is refused with its reason",
            KNOWN,
            _updated(text).refused(_ENVELOPE + _PARTS.format("Update", words)),
        )
        for mark, text, words in _UPDATES
    ),
    *(
        fact(
            f"S5.projection.{mark}",
            f"the projection '{text[:40]}' is refused with its reason, bare",
            KNOWN,
            get(_KEY, ProjectionExpression=text).refused(_PARTS.format("Projection", words)),
        )
        for mark, text, words in _PROJECTIONS
    ),
    fact(
        "S5.condition.attribute_type",
        "attribute_type takes the names of types, told in no particular order",
        QUOTED,
        _checked("attribute_type(n, :s)").refused(
            Pattern(
                "1 validation error detected: Invalid ConditionExpression: Invalid attribute type name found; "
                r"type: x, valid types: \{.*\}"
            )
        ),
    ),
    # The service's later releases name the set of types too.
    *(
        fact(
            f"S5.update.{mark}",
            f"the update '{text}' is refused with its reason",
            KNOWN,
            _updated(text).refused(
                Pattern(
                    "1 validation error detected: Invalid UpdateExpression: Incorrect operand type for operator or "
                    f"function; {words}(, typeSet: [A-Z_]+)?"
                )
            ),
        )
        for mark, text, words in (
            ("add_type", "ADD n :s", "operator: ADD, operand type: STRING"),
            ("delete_type", "DELETE ss :v", "operator: DELETE, operand type: NUMBER"),
        )
    ),
    fact(
        "S5.without_expression.values",
        "values need an expression",
        KNOWN,
        put(_KEY, ExpressionAttributeValues={":v": N(1)}).refused(
            _ENVELOPE + "ExpressionAttributeValues can only be specified when using expressions"
        ),
    ),
    fact(
        "S5.without_expression.names",
        "names need an expression",
        KNOWN,
        delete(_KEY, ExpressionAttributeNames={"#n": "n"}).refused(
            _ENVELOPE + "ExpressionAttributeNames can only be specified when using expressions"
        ),
    ),
    fact(
        "S5.mixed",
        "expressions and legacy parameters do not go together",
        KNOWN,
        put(_KEY, ConditionExpression="attribute_exists(pk)", Expected={"pk": {"Exists": False}}).refused(
            _ENVELOPE + "Can not use both expression and non-expression parameters in the same request: "
            "Non-expression parameters: {Expected} Expression parameters: {ConditionExpression}"
        ),
    ),
    # At run time
    fact(
        "S5.run.missing",
        "an update that reads an attribute that is not there is refused",
        KNOWN,
        update(_KEY, "SET n = nope + :v", {":v": N(1)}).refused(
            "The provided expression refers to an attribute that does not exist in the item"
        ),
    ),
    fact(
        "S5.run.type",
        "an update that adds to a text is refused",
        KNOWN,
        put(_ITEM),
        update(_KEY, "SET n = s + :v", {":v": N(1)}).refused(
            "An operand in the update expression has an incorrect data type"
        ),
    ),
    fact(
        "S5.run.path",
        "an update of a path that is not there is refused",
        KNOWN,
        put(_ITEM),
        update(_KEY, "SET nope.x = :v", {":v": N(1)}).refused(
            "The document path provided in the update expression is invalid for update"
        ),
    ),
    fact(
        "S5.run.legacy_type",
        "a legacy ADD of a number to a text is refused in words of its own",
        KNOWN,
        put(_ITEM),
        update(_KEY, AttributeUpdates={"s": {"Action": "ADD", "Value": N(1)}}).refused(
            "Type mismatch for attribute to update"
        ),
    ),
    fact(
        "S5.run.key",
        "an update of the key is refused",
        KNOWN,
        update(_KEY, "SET pk = :s", {":s": S("x")}).refused(
            "One or more parameter values were invalid: Cannot update attribute pk. This attribute is part of the key"
        ),
    ),
)
