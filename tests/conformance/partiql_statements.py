"""Statements for DynamoDB Local and the engine: a fixed list over the grammar, and random ones over one table.

The table of `table_definition` has a partition key `pk` and a sort key `sk`, a global index `by_g` on `g` and `n`,
which carries `a`, and a local index `by_l` on `l`, which carries keys only.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

__all__ = ["STATEMENTS", "RandomStatements", "seed_items", "table_definition"]

STATEMENTS = tuple((Path(__file__).parent / "partiql_statements.txt").read_text(encoding="utf-8").splitlines())
"""Every form that the grammar has, and what it has not; `plain` is a table with no items and the key `pk`."""

_TYPES = {"pk": "S", "sk": "N", "g": "S", "n": "N", "l": "S"}


def table_definition(name: str) -> dict[str, Any]:
    """Return the request that creates the table."""
    return {
        "TableName": name,
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": n, "AttributeType": t} for n, t in _TYPES.items()],
        "KeySchema": _keys("pk", "sk"),
        "GlobalSecondaryIndexes": [
            {
                "IndexName": "by_g",
                "KeySchema": _keys("g", "n"),
                "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["a"]},
            }
        ],
        "LocalSecondaryIndexes": [
            {"IndexName": "by_l", "KeySchema": _keys("pk", "l"), "Projection": {"ProjectionType": "KEYS_ONLY"}}
        ],
    }


def seed_items() -> list[dict[str, Any]]:
    """Return the items that are there at first."""
    return [
        {
            "pk": {"S": pk},
            "sk": {"N": str(sk)},
            "g": {"S": f"g{sk % 2}"},
            "n": {"N": str(10 - sk)},
            "l": {"S": f"l{sk}"},
            "a": {"S": f"x{sk}"},
            "m": {"M": {"x": {"N": "1"}, "y": {"L": [{"N": "1"}, {"N": "2"}]}}},
            "ss": {"SS": ["p", "q"]},
            "li": {"L": [{"N": "5"}, {"M": {"z": {"S": "zz"}}}]},
        }
        for pk in ("a", "b")
        for sk in range(4)
    ]


def _keys(hash_name: str, range_name: str) -> list[dict[str, str]]:
    return [
        {"AttributeName": hash_name, "KeyType": "HASH"},
        {"AttributeName": range_name, "KeyType": "RANGE"},
    ]


class RandomStatements:
    """Statements about few keys and few attributes, most of them possible."""

    def __init__(self, seed: int, table: str) -> None:
        self.random = random.Random(seed)
        self.table = table

    def next(self) -> str:
        """Return another statement."""
        kind = self.random.choices((self.select, self.insert, self.update, self.delete), (5, 2, 3, 1))[0]
        return kind()

    def select(self) -> str:
        source = self.random.choice([self.table] * 4 + [f'"{self.table}"."by_g"', f'"{self.table}"."by_l"'])
        columns = self.random.choice(["*", "pk, sk", "pk, sk, a", "sk, m.x, li[0]", "g, n", "pk, m.y[1]"])
        keys = self.random.choice(["", self.partition(), self.key(), f"{self.partition()} AND {self.sort()}"])
        rest = self.random.choice(["", "", self.condition(2)])
        where = " AND ".join(f"({part})" if " OR " in part else part for part in (keys, rest) if part)
        order = self.random.choice(["", "", " ORDER BY sk DESC", " ORDER BY pk"]) if where else ""
        return f"SELECT {columns} FROM {source}{f' WHERE {where}' if where else ''}{order}"

    def insert(self) -> str:
        attributes = {"pk": self.text(), "sk": self.number()}
        for name in self.random.sample(["a", "n", "g", "l", "ss", "m", "li", "b"], self.random.randint(0, 4)):
            attributes[name] = self.fitting(name)
        members = ", ".join(f"'{name}': {value}" for name, value in attributes.items())
        return f"INSERT INTO {self.table} VALUE {{{members}}}"

    def update(self) -> str:
        changes = [self.change() for _ in range(self.random.randint(1, 2))]
        where = self.key() + self.random.choice(["", "", f" AND {self.condition(1)}"])
        returning = self.random.choice(
            ["", " RETURNING ALL OLD *", " RETURNING ALL NEW *", " RETURNING MODIFIED OLD *"]
        )
        return f"UPDATE {self.table} {' '.join(changes)} WHERE {where}{returning}"

    def delete(self) -> str:
        where = self.key() + self.random.choice(["", f" AND {self.condition(1)}"])
        return f"DELETE FROM {self.table} WHERE {where}{self.random.choice(['', ' RETURNING ALL OLD *'])}"

    def key(self) -> str:
        return f"pk = {self.text()} AND sk = {self.number()}"

    def partition(self) -> str:
        return self.random.choice([f"pk = {self.text()}"] * 3 + ["pk IN ['a', 'b']", "pk = 'a' OR pk = 'b'"])

    def sort(self) -> str:
        return self.random.choice(
            [
                f"sk {self.random.choice(['=', '<', '<=', '>', '>='])} {self.number()}",
                f"sk BETWEEN {self.random.randint(0, 2)} AND {self.random.randint(2, 4)}",
                "sk IN [1, 3]",
                f"NOT sk = {self.number()}",
            ]
        )

    def condition(self, depth: int) -> str:
        if depth and self.random.random() < 0.5:
            operator = self.random.choice(["AND", "OR"])
            return f"({self.condition(depth - 1)} {operator} {self.condition(depth - 1)})"
        tests: list[Callable[[], str]] = [
            lambda: f"{self.path()} {self.random.choice(['=', '<>', '!='])} {self.value()}",
            lambda: f"{self.path()} {self.random.choice(['<', '<=', '>', '>='])} {self.scalar()}",
            lambda: f"{self.path()} IN [{self.scalar()}, {self.scalar()}]",
            lambda: f"{self.path()} IS {self.random.choice(['', 'NOT '])}{self.type()}",
            lambda: f"begins_with({self.path()}, 'x')",
            lambda: f"contains({self.path()}, {self.scalar()})",
            lambda: f"size({self.path()}) {self.random.choice(['=', '>'])} {self.random.randint(0, 3)}",
            lambda: f"attribute_type({self.path()}, '{self.random.choice(['S', 'N', 'L', 'SS'])}')",
            lambda: f"attribute_exists({self.path()})",
            lambda: f"{self.path()} BETWEEN 1 AND {self.random.randint(1, 9)}",
        ]
        test = self.random.choice(tests)()
        return f"NOT {test}" if self.random.random() < 0.2 else test

    def change(self) -> str:
        changes: list[Callable[[], str]] = [
            lambda: f"SET a = {self.value()}",
            lambda: "SET n = n + 1",
            lambda: f"SET b = {self.scalar()}",
            lambda: "SET li = list_append(li, ['more'])",
            lambda: "SET ss = set_add(ss, <<'r'>>)",
            lambda: "SET ss = set_delete(ss, <<'p'>>)",
            lambda: f"SET m.x = {self.value()}",
            lambda: f"SET li[{self.random.randint(0, 3)}] = {self.scalar()}",
            lambda: "SET c = if_not_exists(c, 0) + 1",
            lambda: f"REMOVE {self.random.choice(['a', 'b', 'm.x', 'li[0]', 'ss', 'l'])}",
        ]
        return self.random.choice(changes)()

    def fitting(self, name: str) -> str:
        values = {"n": "7", "g": "'g1'", "l": "'l9'", "ss": "<<'p', 'z'>>", "m": "{'x': 1}", "li": "[1, {'z': 'zz'}]"}
        return values.get(name) or self.value()

    def path(self) -> str:
        return self.random.choice(["a", "b", "c", "m", "m.x", "m.y[0]", "li", "li[1].z", "ss", "nope"])

    def value(self) -> str:
        return self.random.choice([self.scalar(), self.scalar(), "[1, 'x1']", "{'x': 1}", "<<'p', 'q'>>", "[]", "NULL"])

    def scalar(self) -> str:
        return self.random.choice(["'x1'", "'zz'", "1", "5", "2.50", "-3", "'it''s'"])

    def type(self) -> str:
        return self.random.choice(["MISSING", "NULL", "STRING", "NUMERIC", "LIST", "STRUCT", "BOOLEAN", "BLOB"])

    def text(self) -> str:
        return self.random.choice(["'a'", "'b'", "'c'"])

    def number(self) -> str:
        return str(self.random.randint(0, 4))
