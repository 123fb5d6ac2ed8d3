"""Statements: what a text asks for, in the terms of the native operations.

| statement | like |
|---|---|
| `Select` | GetItem, Query or Scan, whichever its condition allows |
| `Insert` | PutItem of an item that must be new |
| `UpdateItem` | UpdateItem of an item that must be there |
| `Delete` | DeleteItem |
| `Exists` | ConditionCheck of an item that must be there |
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from ddbmodel.expressions.check import check_projection
from ddbmodel.expressions.errors import InvalidExpression
from ddbmodel.expressions.partiql.conditions import condition_of
from ddbmodel.expressions.partiql.errors import InvalidStatement
from ddbmodel.expressions.partiql.literals import LITERALS, Parameters, item_of
from ddbmodel.expressions.partiql.parse import parse
from ddbmodel.expressions.partiql.paths import path_of
from ddbmodel.expressions.partiql.syntax import Node
from ddbmodel.expressions.partiql.updates import update_of
from ddbmodel.expressions.tree import Condition, Path, Projection, Update
from ddbmodel.values.wire import Item

__all__ = [
    "Column",
    "Delete",
    "Exists",
    "Insert",
    "OrderKey",
    "Returning",
    "Select",
    "Statement",
    "UpdateItem",
    "statement_of",
]

Returning: TypeAlias = Literal["ALL OLD", "ALL NEW", "MODIFIED OLD", "MODIFIED NEW"]

_RETURNINGS: Final[dict[str, Returning]] = {
    "ALL OLD": "ALL OLD",
    "ALL NEW": "ALL NEW",
    "MODIFIED OLD": "MODIFIED OLD",
    "MODIFIED NEW": "MODIFIED NEW",
}
_TABLE_NAME: Final = re.compile(r"[A-Za-z0-9_.-]{3,255}\Z")
_MAX_SOURCE_STEPS: Final = 2


@dataclass(frozen=True, slots=True)
class Column:
    """One item of a select list: the attribute it shows and under which name."""

    name: str
    path: Path


@dataclass(frozen=True, slots=True)
class OrderKey:
    """One key of ORDER BY."""

    name: str
    descending: bool


@dataclass(frozen=True, slots=True)
class Select:
    """SELECT; `columns` of None are all."""

    table: str
    index: str | None
    columns: tuple[Column, ...] | None
    where: Condition | None
    order_by: tuple[OrderKey, ...] = ()
    columns_fault: InvalidStatement | InvalidExpression | None = None
    """What is wrong with the columns: found after the table and the index are."""


@dataclass(frozen=True, slots=True)
class Insert:
    """INSERT INTO … VALUE …; values are as written, not yet checked as an item."""

    table: str
    item: Item


@dataclass(frozen=True, slots=True)
class UpdateItem:
    """UPDATE; the key is somewhere in the condition."""

    table: str
    update: Update
    where: Condition | None
    returning: Returning | None


@dataclass(frozen=True, slots=True)
class Delete:
    """DELETE FROM; the key is somewhere in the condition."""

    table: str
    where: Condition | None
    returning: Returning | None


@dataclass(frozen=True, slots=True)
class Exists:
    """EXISTS(SELECT …): holds when there is such an item; only in a transaction of writes."""

    select: Select


Statement: TypeAlias = Select | Insert | UpdateItem | Delete | Exists


def statement_of(text: str, parameters: Parameters, *, in_transaction: bool = False) -> Statement:
    """Return the statement of a text.

    Args:
        parameters: checked and canonical, as many as the text has question marks.
        in_transaction: where EXISTS may stand.

    Raises:
        InvalidStatement: it is not of the grammar, or asks for what the service has not.
        InvalidExpression: an operand is not what its operator takes.
    """
    node, parameter_count = parse(text)
    statement = _statement(node, parameters, in_transaction=in_transaction)
    has_fault = isinstance(statement, Select) and statement.columns_fault is not None
    if parameter_count != len(parameters) and not has_fault:
        raise InvalidStatement("parameters")
    return statement


def _statement(node: Node, parameters: Parameters, *, in_transaction: bool) -> Statement:
    match node.kind:
        case "select":
            return _select(node, parameters)
        case "insert":
            return _insert(node, parameters)
        case "update":
            return _update(node, parameters)
        case "delete":
            table = _written_table(node)
            where, returning = _where(node, parameters), _returning(node)
            if returning not in (None, "ALL OLD"):
                raise InvalidStatement("delete_returning", returning=returning)
            return Delete(table, where, returning)
    return _expression(node, parameters, in_transaction=in_transaction)


def _expression(node: Node, parameters: Parameters, *, in_transaction: bool) -> Exists:
    if node.kind in ("call", "binary", "unary", "between"):
        if not in_transaction:
            raise InvalidStatement("exists_outside_transaction")
        if node.kind == "call" and node.text == "exists" and [part.kind for part in node.parts] == ["select"]:
            return Exists(_select(node.parts[0], parameters))
        raise InvalidStatement("operation_in_transaction")
    kinds = {"name": "VariableReference", "path": "Path", "parameter": "Parameter", "is": "IsType", "struct": "Struct"}
    what = kinds.get(node.kind) or ("Seq" if node.kind in ("list", "bag") else "Literal")
    if node.kind in ("other", "dml"):
        what = node.text or "DataManipulation"
    raise InvalidStatement("unsupported_operation", operation=what)


def _select(node: Node, parameters: Parameters) -> Select:
    clauses = node.clauses
    if "value" in clauses:
        raise InvalidStatement("select_value")
    if "distinct" in clauses:
        raise InvalidStatement("token", what="DISTINCT")
    for name in ("group by", "having", "limit"):
        if name in clauses:
            raise InvalidStatement(
                "unsupported_clause", "" if name == "group by" else clauses[name].at, clause=name.upper()
            )
    table, index = _source(clauses["from"])
    columns: tuple[Column, ...] | None = None
    fault: InvalidStatement | InvalidExpression | None = None
    try:
        columns = _columns(node)
    except (InvalidStatement, InvalidExpression) as error:
        fault = error
    order_by = tuple(_order_key(part) for part in clauses["order by"].parts) if "order by" in clauses else ()
    return Select(table, index, columns, _where(node, parameters), order_by, fault)


def _columns(node: Node) -> tuple[Column, ...] | None:
    columns: dict[str, Column] = {}
    for part in node.parts:
        if part.kind == "all":
            return None
        if part.kind == "alias":
            raise InvalidStatement("alias")
        if part.kind == "path" and part.parts[-1].kind == "unpivot":
            raise InvalidStatement("changed_hierarchy")
        if part.kind not in ("name", "path"):
            raise InvalidStatement("path_component", part.at)
        column = _column(path_of(part))
        if column.name in columns:
            raise InvalidStatement("duplicate_column", name=column.name)
        columns[column.name] = column
    # Of two paths that overlap, messages name the one that is written later first.
    check_projection(Projection(tuple(column.path for column in reversed(columns.values()))))
    return tuple(columns.values())


def _column(path: Path) -> Column:
    # Named as its last name and what positions follow it: `a.b[0]` is shown as `b[0]`.
    last = max(index for index, step in enumerate(path.steps) if isinstance(step, str))
    return Column(str(path.steps[last]) + "".join(f"[{step}]" for step in path.steps[last + 1 :]), path)


def _order_key(key: Node) -> OrderKey:
    (expression,) = key.parts
    if expression.kind != "name":
        what = expression.text if expression.kind in LITERALS and expression.text else expression.kind.upper()
        raise InvalidStatement("order_by_operand", what=what)
    return OrderKey(expression.text, key.text == "desc")


def _insert(node: Node, parameters: Parameters) -> Insert:
    clauses = node.clauses
    if "values" in clauses:
        raise InvalidStatement("unsupported_operation", operation="InsertOp")
    if "at" in clauses:
        raise InvalidStatement("at_in_insert", node.at)
    if "conflict" in clauses:
        raise InvalidStatement("unsupported_clause", clause="ON CONFLICT")
    if "returning" in clauses:
        raise InvalidStatement("insert_returning")
    table, index = _source_path(clauses["target"])
    if index is not None:
        raise InvalidStatement("from_of_write")
    value = clauses["value"]
    if value.kind != "struct":
        raise InvalidStatement("item_format", value.at)
    return Insert(table, item_of(value, parameters))


def _update(node: Node, parameters: Parameters) -> UpdateItem:
    changes = node.clauses["changes"].parts
    if any(change.kind == "insert" for change in changes):
        raise InvalidStatement("from_in_insert", node.at)
    table = _written_table(node)
    update = update_of(changes, parameters)
    return UpdateItem(table, update, _where(node, parameters), _returning(node))


def _where(node: Node, parameters: Parameters) -> Condition | None:
    where = node.clauses.get("where")
    return None if where is None else condition_of(where, parameters)


def _returning(node: Node) -> Returning | None:
    clause = node.clauses.get("returning")
    if clause is None:
        return None
    element, *more = clause.parts
    if more:
        raise InvalidStatement("returning_elements")
    if element.kind != "all":
        raise InvalidStatement("returning_star")
    return _RETURNINGS[element.text]


def _written_table(node: Node) -> str:
    table, index = _source(node.clauses["from"])
    if index is not None:
        raise InvalidStatement("index_of_write")
    return table


def _source(sources: Node) -> tuple[str, str | None]:
    source, *more = sources.parts
    if more or source.kind == "other":
        raise InvalidStatement("several_sources")
    if source.kind == "alias":
        raise InvalidStatement("alias")
    if source.kind not in ("name", "path") or (source.kind == "path" and source.parts[0].kind != "name"):
        raise InvalidStatement("source")
    return _source_path(source)


def _source_path(source: Node) -> tuple[str, str | None]:
    steps = source.parts if source.kind == "path" else (source,)
    for step in steps:
        if step.kind in ("index", "wildcard"):
            raise InvalidStatement("list_in_source")
        if step.kind == "unpivot":
            raise InvalidStatement("unpivot_component", step.at)
    if len(steps) > _MAX_SOURCE_STEPS:
        raise InvalidStatement("source_length")
    names = [step.text for step in steps]
    if not all(names):
        raise InvalidStatement("empty_name")
    if not all(_TABLE_NAME.match(name) for name in names):
        raise InvalidStatement("table_name")
    return names[0], names[1] if len(names) > 1 else None
