"""SET and REMOVE of a statement to an update, the same tree that update expressions have.

| written | action |
|---|---|
| ``SET a = b + 1``, ``list_append(a, b)``, ``if_not_exists(a, 1)`` | `SetAction` |
| ``SET a = set_add(a, <<'x'>>)`` | `AddAction` |
| ``SET a = set_delete(a, <<'x'>>)`` | `DeleteAction` |
| ``REMOVE a`` | `RemoveAction` |
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ddbmodel.expressions.check import check_projection, check_update
from ddbmodel.expressions.errors import InvalidExpression
from ddbmodel.expressions.parse import MAX_OPERATORS
from ddbmodel.expressions.partiql.conditions import CONDITION_FUNCTIONS, operand_of
from ddbmodel.expressions.partiql.errors import InvalidStatement
from ddbmodel.expressions.partiql.literals import Parameters
from ddbmodel.expressions.partiql.paths import path_of
from ddbmodel.expressions.partiql.syntax import Node, fold
from ddbmodel.expressions.tree import (
    AddAction,
    Arithmetic,
    DeleteAction,
    IfNotExists,
    ListAppend,
    Path,
    Projection,
    RemoveAction,
    SetAction,
    SetOperand,
    Update,
    UpdateAction,
    Value,
)
from ddbmodel.values.wire import SET_TAGS, tag_of

__all__ = ["update_of"]

_FUNCTIONS: Final = frozenset({"list_append", "if_not_exists"})
_SET_FUNCTIONS: Final[dict[str, type[AddAction] | type[DeleteAction]]] = {
    "set_add": AddAction,
    "set_delete": DeleteAction,
}


def update_of(changes: Sequence[Node], parameters: Parameters) -> Update:
    """Return the checked update of the assignments and removals of a statement.

    Raises:
        InvalidStatement: an assignment is none of the service's.
        InvalidExpression: its operands are not what its operators take, or two paths overlap.
    """
    actions = tuple(_action(change, parameters) for change in changes)
    # Of two paths that overlap, messages name the one that is written later first.
    check_projection(Projection(tuple(action.path for action in reversed(actions))))
    update = Update(actions)
    check_update(update)
    return update


def _action(change: Node, parameters: Parameters) -> UpdateAction:
    path = path_of(change.parts[0])
    if change.kind == "removal":
        return RemoveAction(path)
    value = change.parts[1]
    if value.kind == "call" and value.text in _SET_FUNCTIONS:
        return _set_action(path, value, parameters)
    return SetAction(path, _operand(value, parameters))


def _set_action(path: Path, call: Node, parameters: Parameters) -> UpdateAction:
    function = call.text.upper()
    if len(call.parts) != 2:
        raise InvalidStatement("set_function_operands", call.at, function=function)
    target, members = call.parts
    if target.kind not in ("name", "path") or path_of(target) != path:
        raise InvalidStatement("set_function_first", call.at, function=function)
    operand = operand_of(members, parameters) if members.kind in ("bag", "parameter") else None
    if not isinstance(operand, Value) or tag_of(operand.value) not in SET_TAGS:
        # The service points at the first argument.
        raise InvalidStatement("set_function_second", target.at, function=function)
    return _SET_FUNCTIONS[call.text](path, operand)


def _operand(value: Node, parameters: Parameters) -> SetOperand:
    operators = 0

    def made(node: Node, parts: list[SetOperand]) -> SetOperand:
        nonlocal operators
        if not parts:
            return operand_of(node, parameters)
        operators += 1
        if operators > MAX_OPERATORS:
            # The service stops counting at the first one too many.
            raise InvalidExpression(f"The expression contains too many operators; operator count: {MAX_OPERATORS + 1}")
        first, second = parts
        if node.text == "list_append":
            return ListAppend(first, second)
        if node.text == "if_not_exists":
            if not isinstance(first, Path):
                raise InvalidExpression(
                    "Operator or function requires a document path; operator or function: if_not_exists"
                )
            return IfNotExists(first, second)
        return Arithmetic("+" if node.text == "+" else "-", first, second)

    return fold(value, _parts, made)


def _parts(node: Node) -> Sequence[Node]:
    match node.kind:
        case "binary" if node.text in ("+", "-"):
            return node.parts
        case "unary" if node.text in ("+", "-"):
            raise _operand_count(node.text, 1)
        case "binary" | "unary" | "between":
            raise InvalidStatement("operator_in_update", operator=node.text)
        case "is":
            raise InvalidStatement("is_in_update")
        case "call":
            return _arguments(node)
    return ()


def _arguments(call: Node) -> Sequence[Node]:
    if call.text in CONDITION_FUNCTIONS:
        raise InvalidExpression(f"The function is not allowed in an update expression; function: {call.text}")
    if call.text not in _FUNCTIONS:
        raise InvalidStatement("unknown_function", call.at, function=call.text)
    if len(call.parts) != 2:
        raise _operand_count(call.text, len(call.parts))
    return call.parts


def _operand_count(operator: str, count: int) -> InvalidExpression:
    return InvalidExpression(
        f"Incorrect number of operands for operator or function; "
        f"operator or function: {operator}, number of operands: {count}"
    )
