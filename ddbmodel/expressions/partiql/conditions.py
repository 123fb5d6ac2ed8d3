"""WHERE clauses to conditions, the same trees that condition expressions have.

| written | condition |
|---|---|
| ``a IS MISSING``, ``a IS STRING`` … | ``attribute_not_exists(a)``, ``attribute_type(a, 'S')`` … |
| ``a IS NULL`` | ``a = NULL``: of a key attribute it is an equality like others |
| ``a NOT IN …``, ``NOT BETWEEN``, ``IS NOT`` | `Not` of it |
| condition ``= TRUE``, ``= FALSE`` | the condition, `Not` of it |
| condition ``=`` any other literal | a comparison of two literals: false |
| condition ``=`` condition or path | both true, or both false |
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TypeAlias, cast

from ddbmodel.expressions.check import check_condition
from ddbmodel.expressions.errors import InvalidExpression
from ddbmodel.expressions.parse import MAX_OPERATORS
from ddbmodel.expressions.partiql.errors import InvalidStatement
from ddbmodel.expressions.partiql.literals import LITERALS, Parameters, literal_value, parameter_value
from ddbmodel.expressions.partiql.paths import path_of
from ddbmodel.expressions.partiql.syntax import Node, fold
from ddbmodel.expressions.tree import (
    And,
    AttributeTest,
    Between,
    Comparator,
    Comparison,
    Condition,
    In,
    Not,
    Operand,
    Or,
    Path,
    Size,
    TestName,
    Value,
)
from ddbmodel.values.wire import AttributeValue

__all__ = ["CONDITION_FUNCTIONS", "condition_of", "operand_of"]

CONDITION_FUNCTIONS: Final = {
    "attribute_exists": 1,
    "attribute_not_exists": 1,
    "attribute_type": 2,
    "begins_with": 2,
    "contains": 2,
    "size": 1,
}
_COMPARATORS: Final[dict[str, Comparator]] = {
    "=": "=",
    "<>": "<>",
    "!=": "<>",
    "<": "<",
    "<=": "<=",
    ">": ">",
    ">=": ">=",
}
_MAX_OPTIONS: Final = 100
_TYPE_TAGS: Final = {
    "NULL": "NULL",
    "BOOLEAN": "BOOL",
    "BLOB": "B",
    "STRING": "S",
    "NUMERIC": "N",
    "STRUCT": "M",
    "TUPLE": "M",
    "LIST": "L",
}
_AGGREGATES: Final = frozenset({"avg", "count", "max", "min", "sum"})
_TRUE: Final[AttributeValue] = {"BOOL": True}
_FALSE: Final[AttributeValue] = {"BOOL": False}

_Made: TypeAlias = "Condition | Operand"


def condition_of(node: Node, parameters: Parameters) -> Condition:
    """Return the checked condition of a WHERE clause.

    Raises:
        InvalidStatement: it is no condition of the service.
        InvalidExpression: its operands are not what its operators take, or there are too many of these.
    """
    condition = _Translation(parameters).of(node)
    if not isinstance(condition, Condition):
        raise InvalidStatement("boolean_expected_by_where")
    check_condition(condition)
    return condition


def operand_of(node: Node, parameters: Parameters) -> Path | Value:
    """Return the path, the value of the parameter, or the value of the literal that stands alone."""
    if node.kind == "parameter":
        return Value(parameter_value(node, parameters))
    if node.kind == "word" and node.text == "missing":
        raise InvalidStatement("missing_operand")
    if node.kind in LITERALS:
        return Value(literal_value(node))
    if node.kind in ("name", "path"):
        return path_of(node)
    raise InvalidStatement("token", node.at, what=node.text or node.kind.upper())


class _Translation:
    def __init__(self, parameters: Parameters) -> None:
        self.parameters = parameters
        self.operators = 0

    def of(self, root: Node) -> _Made:
        return fold(root, self.parts, self.made)

    def parts(self, node: Node) -> Sequence[Node]:
        if node.kind == "binary" and node.text == "in":
            operand, options = node.parts
            if options.kind not in ("list", "bag") or not options.parts:
                raise InvalidStatement("in_operands")
            if len(options.parts) > _MAX_OPTIONS:
                raise InvalidStatement("in_too_many", count=len(options.parts))
            return (operand, *options.parts)
        if node.kind == "call":
            self.check_call(node)
            return node.parts
        if node.kind == "binary" and node.text not in _COMPARATORS and node.text not in ("and", "or"):
            raise InvalidStatement("operator_in_condition", operator=node.text)
        if node.kind == "unary" and node.text != "not":
            raise InvalidStatement("operator_in_condition", operator=node.text)
        return node.parts if node.kind in ("binary", "unary", "between") else ()

    def made(self, node: Node, parts: list[_Made]) -> _Made:
        if node.kind in ("binary", "unary", "between", "is", "call"):
            self.count(1)
        match node.kind:
            case "unary":
                return self.negated(parts[0])
            case "between":
                operands = [self.ordered("BETWEEN", part) for part in parts]
                return Between(operands[0], operands[1], operands[2])
            case "is":
                return self.type_test(node)
            case "call":
                return self.call(node.text, parts)
            case "binary" if node.text in ("and", "or"):
                return self.joined(node.text, parts)
            case "binary" if node.text == "in":
                return self.member_test(parts)
            case "binary":
                return self.compared(_COMPARATORS[node.text], parts[0], parts[1])
        return operand_of(node, self.parameters)

    def count(self, operators: int) -> None:
        self.operators += operators
        if self.operators > MAX_OPERATORS:
            # The service stops counting at the first one too many.
            raise InvalidExpression(f"The expression contains too many operators; operator count: {MAX_OPERATORS + 1}")

    def negated(self, term: _Made) -> Condition:
        if not isinstance(term, Condition):
            raise InvalidStatement("boolean_expected_by_not")
        return Not(term)

    def joined(self, operator: str, parts: list[_Made]) -> Condition:
        for part in parts:
            if isinstance(part, Size):
                raise _operand_type(operator.upper(), "N")
            if not isinstance(part, Condition):
                raise InvalidStatement("boolean_expected_by_and_or")
        terms = cast("tuple[Condition, ...]", tuple(parts))
        return And(terms) if operator == "and" else Or(terms)

    def member_test(self, parts: list[_Made]) -> Condition:
        operand, *options = parts
        if any(isinstance(part, Condition) for part in parts):
            equal = [self.compared("=", operand, option) for option in options]
            return Or(tuple(equal)) if len(equal) > 1 else equal[0]
        return In(cast("Operand", operand), cast("tuple[Operand, ...]", tuple(options)))

    def compared(self, comparator: Comparator, left: _Made, right: _Made) -> Condition:
        if not isinstance(left, Condition) and not isinstance(right, Condition):
            return Comparison(comparator, left, right)
        if comparator not in ("=", "<>"):
            raise _operand_type(comparator, "BOOL")
        truth, other = (left, right) if isinstance(left, Condition) else (right, left)
        same = self.same_truth(cast("Condition", truth), other)
        return same if comparator == "=" else Not(same)

    def same_truth(self, truth: Condition, other: _Made) -> Condition:
        if isinstance(other, Value):
            if other.value == _TRUE:
                return truth
            return Not(truth) if other.value == _FALSE else Comparison("=", Value(_TRUE), other)
        is_true: Condition
        is_false: Condition
        if isinstance(other, Condition):
            is_true, is_false = other, Not(other)
        else:
            is_true, is_false = Comparison("=", other, Value(_TRUE)), Comparison("=", other, Value(_FALSE))
        # Both sides are written twice: each such comparison inside another doubles what it holds.
        self.count(self.operators)
        return Or((And((truth, is_true)), And((Not(truth), is_false))))

    def ordered(self, operator: str, operand: _Made) -> Operand:
        if isinstance(operand, Condition):
            raise _operand_type(operator, "BOOL")
        return operand

    def type_test(self, node: Node) -> Condition:
        (tested,) = node.parts
        if tested.kind not in LITERALS | {"name", "path"} or (tested.kind == "word" and tested.text == "missing"):
            raise InvalidStatement("is_operand")
        operand = operand_of(tested, self.parameters)
        if node.text == "MISSING":
            return AttributeTest("attribute_not_exists", (operand,))
        tag = _TYPE_TAGS.get(node.text)
        if tag is None:
            raise InvalidStatement("is_type", node.at, what=node.text)
        if tag == "NULL":
            return Comparison("=", operand, Value({"NULL": True}))
        return AttributeTest("attribute_type", (operand, Value({"S": tag})))

    def check_call(self, node: Node) -> None:
        expected = CONDITION_FUNCTIONS.get(node.text)
        if node.text in _AGGREGATES:
            raise InvalidStatement("token", node.at, what=node.text)
        if expected is None:
            raise InvalidStatement("unknown_function", node.at, function=node.text)
        if len(node.parts) != expected:
            raise InvalidExpression(
                "Incorrect number of operands for operator or function; "
                f"operator or function: {node.text}, number of operands: {len(node.parts)}"
            )

    def call(self, function: str, parts: list[_Made]) -> _Made:
        if function in ("attribute_exists", "attribute_not_exists") and not isinstance(parts[0], Path):
            raise InvalidExpression(f"Operator or function requires a document path; operator or function: {function}")
        operands = tuple(self.ordered(function, part) for part in parts)
        if function != "size":
            return AttributeTest(cast("TestName", function), operands)
        if isinstance(operands[0], Size):
            raise _operand_type("size", "N")
        return Size(operands[0])


def _operand_type(operator: str, tag: str) -> InvalidExpression:
    return InvalidExpression(
        f"Incorrect operand type for operator or function; operator or function: {operator}, operand type: {tag}"
    )
