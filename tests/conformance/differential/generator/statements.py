"""Random PartiQL statements."""

from __future__ import annotations

import base64
from typing import Any

from differential.generator.single_items import add_reports
from differential.generator.values import NAMES, any_value, item, key, key_value, number, text, value
from differential.generator.world import Index, Request, World

__all__ = ["batch_execute", "execute_statement", "execute_transaction"]

_BROKEN = (
    "", " ", "SELECT", "SELECT * FROM", "SELEC * FROM t", "SELECT * FROM {t} WHERE", "SELECT * FROM {t} WHERE pk =",
    "SELECT * FROM {t} WHERE pk = 'a' extra", "SELECT FROM {t}", "INSERT INTO {t}", "INSERT INTO {t} VALUE",
    "INSERT INTO {t} VALUE {{'x': 1}}", "UPDATE {t}", "UPDATE {t} SET x = 1", "UPDATE {t} WHERE pk = 'a'",
    "DELETE FROM",
    "DELETE FROM {t}", "SELECT * FROM nowhere WHERE pk = 'a'", "SELECT * FROM {t}.nowhere WHERE pk = 'a'",
    "DROP TABLE {t}",
    "SELECT * FROM {t} WHERE pk = ?", "SELECT x, x FROM {t}", "SELECT * FROM {t} t WHERE t.pk = 'a'",
    "SELECT count(*) FROM {t}",
    "SELECT * FROM {t} LIMIT 1", "SELECT * FROM {t} ORDER BY sk", "SELECT * FROM {t} WHERE pk = 'a' ORDER BY x",
)  # fmt: skip


def execute_statement(w: World) -> Request:
    """Return an ExecuteStatement."""
    request = _statement(w, w.pick("select", "select", "insert", "update", "delete"))
    if w.chance(0.1):
        request["ConsistentRead"] = w.chance(0.7)
    if w.chance(0.1):
        request["Limit"] = w.pick(1, 2, 5) if not w.broken() else 0
    if w.chance(0.05):
        request["NextToken"] = {"$": "NextToken"} if w.chance(0.8) else "wrong"
    if w.chance(0.2):
        request["ReturnValuesOnConditionCheckFailure"] = w.pick("ALL_OLD", "NONE")
    add_reports(w, request, metrics=False)
    return "ExecuteStatement", request


def batch_execute(w: World) -> Request:
    """Return a BatchExecuteStatement."""
    reads = w.chance(0.4)
    kinds = ("get",) if reads else ("insert", "update", "delete")
    if w.broken():
        kinds = ("select", "get", "insert")
    statements = [_statement(w, w.pick(*kinds)) for _ in range(w.random.randrange(1, 4))]
    request: dict[str, Any] = {"Statements": statements if not w.broken() else []}
    add_reports(w, request, metrics=False)
    return "BatchExecuteStatement", request


def execute_transaction(w: World) -> Request:
    """Return an ExecuteTransaction."""
    reads = w.chance(0.4)
    kinds = ("get",) if reads else ("insert", "update", "delete", "exists")
    if w.broken():
        kinds = ("select", "get", "insert")
    statements = [_statement(w, w.pick(*kinds)) for _ in range(w.random.randrange(1, 4))]
    request: dict[str, Any] = {"TransactStatements": statements if not w.broken() else []}
    add_reports(w, request, metrics=False)
    return "ExecuteTransaction", request


class _Statement:
    """The text of a statement and its parameters."""

    def __init__(self, w: World) -> None:
        self.w = w
        self.parameters: list[dict[str, Any]] = []

    def literal(self, wanted: dict[str, Any]) -> str:
        """Return a value as a literal or as a parameter."""
        if self.w.chance(0.4):
            self.parameters.append(wanted)
            return "?"
        return _literal(wanted)

    def key(self) -> str:
        """Return the condition on the key of an item."""
        return " AND ".join(f"{_name(name)} = {self.literal(part)}" for name, part in key(self.w).items())

    def condition(self) -> str:
        """Return a condition on other attributes."""
        w = self.w
        name = w.pick(*NAMES, *w.types)
        path = _name(name) if w.chance(0.8) else w.pick("l[0]", "m.x", "m.y[0]", '"m"."x"')
        form = w.random.randrange(10)
        if form < 3:
            return f"{path} {w.pick('=', '<>', '<', '<=', '>', '>=', '!=')} {self.literal(any_value(w, name))}"
        if form == 3:
            return f"{path} IS {w.pick('MISSING', 'NOT MISSING', 'NULL', 'NOT NULL')}"
        if form == 4:
            return f"{path} BETWEEN {self.literal(number(w))} AND {self.literal(number(w))}"
        if form == 5:
            return f"{path} IN {w.pick('[{}, {}]', '({}, {})').format(self.literal(value(w)), self.literal(number(w)))}"
        if form == 6:
            return f"contains({path}, {self.literal(text(w))})"
        if form == 7:
            return f"begins_with({path}, {self.literal(text(w))})"
        if form == 8:
            return f"size({path}) > {self.literal(number(w))}"
        return f"attribute_type({path}, {self.literal({'S': w.pick('S', 'N', 'L')})})"

    def conditions(self) -> str:
        """Return some conditions."""
        made = self.condition()
        for _ in range(self.w.pick(0, 0, 1)):
            made = f"{made} {self.w.pick('AND', 'OR')} {self.w.pick('', 'NOT ')}{self.condition()}"
        return made


def _statement(w: World, kind: str) -> dict[str, Any]:
    statement = _Statement(w)
    table = f'"{w.table}"'
    if w.broken():
        made = w.pick(*_BROKEN).format(t=table)
    elif kind == "select":
        made = _select(w, statement, table)
    elif kind == "get":
        made = f"SELECT {_columns(w)} FROM {table} WHERE {statement.key()}"
    elif kind == "insert":
        pairs = ", ".join(f"'{name}': {statement.literal(part)}" for name, part in item(w).items())
        made = f"INSERT INTO {table} VALUE {{{pairs}}}"
    elif kind == "update":
        made = _update(w, statement, table)
    elif kind == "delete":
        made = f"DELETE FROM {table} WHERE {statement.key()}"
        if w.chance(0.3):
            made += f" AND {statement.condition()}"
        if w.chance(0.3):
            made += " RETURNING " + (w.pick("ALL OLD *", "ALL NEW *", "MODIFIED OLD *") if w.broken() else "ALL OLD *")
    else:
        made = f"EXISTS(SELECT * FROM {table} WHERE {statement.key()} AND {statement.condition()})"
    request: dict[str, Any] = {"Statement": made}
    if w.broken():
        statement.parameters = w.pick([], statement.parameters[1:], [*statement.parameters, {"S": "more"}])
        request["Parameters"] = statement.parameters
    elif statement.parameters:
        request["Parameters"] = statement.parameters
    return request


def _select(w: World, statement: _Statement, table: str) -> str:
    index: Index | None = w.pick(None, *w.indexes)
    source = f'{table}."{index.name}"' if index else table
    made = f"SELECT {_columns(w)} FROM {source}"
    partition, sort = (index.partition, index.sort) if index else (w.partition, w.sort)
    terms: list[str] = []
    if w.chance(0.7):
        terms.append(f"{_name(partition)} = {statement.literal(key_value(w, w.types[partition]))}")
    if sort and w.chance(0.4):
        operator = w.pick("=", "<", ">=", "<>")
        terms.append(f"{_name(sort)} {operator} {statement.literal(key_value(w, w.types[sort]))}")
    if w.chance(0.3):
        terms.append(statement.conditions())
    if terms:
        made += f" WHERE {' AND '.join(terms)}"
    if sort and w.chance(0.2):
        made += f" ORDER BY {_name(sort)} {w.pick('ASC', 'DESC', '')}"
    return made


def _update(w: World, statement: _Statement, table: str) -> str:
    changes: list[str] = []
    for _ in range(w.pick(1, 1, 2)):
        name = w.pick(*NAMES, *(name for name in w.types if name not in ("pk", "sk") or w.broken()))
        path = _name(name) if w.chance(0.8) else w.pick("l[0]", "m.x", "l[5]", "m.y.x")
        form = w.random.randrange(8)
        if form < 4:
            changes.append(f"SET {path} = {statement.literal(any_value(w, name))}")
        elif form == 4:
            changes.append(f"REMOVE {path}")
        elif form == 5:
            changes.append(f"SET {path} = {path} {w.pick('+', '-')} {statement.literal(number(w))}")
        elif form == 6:
            changes.append(f"SET {path} = list_append({path}, {statement.literal({'L': [number(w)]})})")
        else:
            changes.append(
                f"SET {path} = {w.pick('set_add', 'set_delete')}({path}, {statement.literal({'SS': ['a']})})"
            )
    made = f"UPDATE {table} {' '.join(changes)} WHERE {statement.key()}"
    if w.chance(0.3):
        made += f" AND {statement.condition()}"
    if w.chance(0.4):
        made += f" RETURNING {w.pick('ALL', 'MODIFIED')} {w.pick('OLD', 'NEW')} *"
    return made


def _columns(w: World) -> str:
    if w.chance(0.6):
        return "*"
    return ", ".join(_name(name) for name in w.random.sample((*NAMES, *w.types), w.random.randrange(1, 3)))


def _name(name: str) -> str:
    return f'"{name}"' if name in ("data", "size") or len(name) == 1 else name


def _literal(wanted: dict[str, Any]) -> str:
    for kind, part in wanted.items():
        if kind == "S":
            return "'" + part.replace("'", "''") + "'"
        if kind == "N":
            return str(part)
        if kind == "BOOL":
            return "true" if part else "false"
        if kind == "NULL":
            return "null"
        if kind == "L":
            return "[" + ", ".join(_literal(one) for one in part) + "]"
        if kind == "M":
            return "{" + ", ".join(f"'{name}': {_literal(one)}" for name, one in part.items()) + "}"
        if kind in ("SS", "NS"):
            return "<<" + ", ".join(_literal({kind[0]: one}) for one in part) + ">>"
        if kind == "B":
            return "'" + base64.b64decode(part).decode("latin-1").replace("'", "''") + "'"
    return "?"
