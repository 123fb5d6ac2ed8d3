"""What is wrong with hostile requests: poison for values in their members, and broken bodies."""

from __future__ import annotations

import json
import random
from typing import Any, Final

from model_requests import OPERATIONS, ModelRequests

__all__ = ["BODIES", "EXPRESSIONS", "HostileRequests", "as_json", "nested", "poisoned"]

MEGABYTE: Final = 1_000_000


def nested(depth: int, kind: str = "L") -> dict[str, Any]:
    """Return an attribute value so deep."""
    value: dict[str, Any] = {"N": "1"}
    for _ in range(depth):
        value = {"L": [value]} if kind == "L" else {"M": {"m": value}}
    return value


def _mixed(depth: int) -> Any:
    value: Any = 1
    for level in range(depth):
        value = [value] if level % 2 else {"a": value}
    return value


WRONG_TYPES: Final[tuple[Any, ...]] = (
    None, True, False, 0, -1, 1.5, 10**400, -(10**30), 1e308, float("nan"), float("inf"), "", " ", "x", [], {},
    [None], [[]],
    [{}], {"": None}, {"S": None}, {"S": 1}, {"S": ["a"]}, {"N": 1}, {"BOOL": "true"}, {"L": {}}, {"M": []},
    {"SS": "a"},
    {"SS": [None]}, {"SS": [1]}, {"NULL": None}, {"X": "a"}, {"S": "a", "N": "1"}, {"L": [None]}, {"M": {"a": None}},
    {"M": {"": {"S": ""}}}, [1] * 3000, {str(n): n for n in range(3000)},
)  # fmt: skip
NUMBERS: Final = (
    "1e999999", "-1e999999", "1e-999999", "9" * MEGABYTE, "-" + "0" * MEGABYTE, "0" * 100_000 + "1",
    "1." + "0" * 100_000,
    "1e" + "9" * 100_000, "0e999999999999", "1_0", " 1", "1 ", "\u0661", "sNaN", "Infinity", "0x10", "", "-", "e",
    ".", "+-1",
    "1e1e1", "1\x00", "\ud8001",
)  # fmt: skip
TEXTS: Final = (
    "\x00",
    "\x1b[31m", "\n\r\t", "\ud800", "a\udfffb", "\U0001f600" * 3000, "\u202e", "a" * 70_000, "'; DROP TABLE items; --",
    "../../etc/passwd", "CON", "...", "__proto__", "{0.__class__}", "{x}", "%s%n", "a" * MEGABYTE, "\ufeff",
)  # fmt: skip
BASE64: Final = (
    "a", "====", "YQ", "YQ=", "YQ===", "\u00e9", "YW\nE=", "YQ==YQ==", "-_-_", "A" * (MEGABYTE + 1), "=" * 10_000,
    "\ud800",
)  # fmt: skip
TOKENS: Final = (
    "x",
    "|",
    "||||",
    "a|b|c",
    "arn:aws:dynamodb:ddbmodel-local:000000000000:table/fuzzed/stream/2026|1|e30=",
    "e30=",
    "bnVsbA==",
    "WzFd",
    "/" * 5000,
    "W" * 100_000,
    "arn:aws:dynamodb:::table/",
    "arn:" * 500,
    "\x00|1|\x00",
    "arn:aws:dynamodb:ddbmodel-local:000000000000:table/fuzzed/stream/2026-01-01T00:00:00.000|1|WzAsMCx0cnVlXQ==",
    "WzFlOTk5OTk5LDEsdHJ1ZV0=",
    "W1tbW1tbW1tbW1tbXV1dXV1dXV1dXV1d",
    "eyJhIjoxLCJhIjoyfQ==",
    "LTE=",
    "OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5",
)
EXPRESSIONS: Final = (
    "(" * 1000 + "x = :a" + ")" * 1000,
    "(" * 4096,
    ")" * 4096,
    "NOT " * 900 + "x = :a",
    "NOT " * 1024,
    "x" * 4096,
    "x" * 4097,
    "a." * 2047 + "ab",
    "x" + "[0]" * 1360,
    "x[" + "9" * 4000 + "]",
    "x = :a AND " * 350 + "x = :a",
    "x=:a OR " * 511 + "x=:a",
    "size(" * 800 + "x" + ")" * 800,
    "x IN (" + ",".join([":a"] * 1300) + ")",
    "x IN (" + ", ".join([":a"] * 101) + ")",
    "x BETWEEN " * 400,
    "x = " * 1000,
    "= " * 2000,
    ":" * 4096,
    "#" * 4096,
    "#n " * 1300,
    ":a " * 1300,
    "SET " * 1000,
    "SET x = " + "x + " * 1000 + ":a",
    "SET x = " + "if_not_exists(x, " * 230 + ":a" + ")" * 230,
    "SET " + ", ".join(["x = :a"] * 400),
    "SET " + ", ".join(f"a{n} = :a" for n in range(340)),
    "REMOVE " + ", ".join(f"a{n}" for n in range(580)),
    "ADD x :n " * 400,
    "SET x = list_append(" * 200,
    "x, " * 1300 + "x",
    ", ".join(f"a{n}" for n in range(580)),
    "x = :a\x00",
    "x\n\t=\r:a",
    "\u00a0",
    "x = '" + "a" * 4000,
    '"' * 4096,
    "contains(x, " * 300,
    "a\u0301 = :a",
    "\ud800 = :a",
    "x = 1e999999",
    "-" * 4096,
    "x <> <> :a",
    "attribute_exists(" + "a." * 2000 + "a)",
    "\U0001f600" * 1024,
    "x[-1] = :a",
    "x[0x1] = :a",
    "x[ 1 ] = :a",
    "((((x))))",
    "x = ((:a))",
    "SELECT " + "(" * 2000,
    "SELECT * FROM fuzzed WHERE " + "NOT " * 1000 + "pk = 'a'",
    "SELECT * FROM fuzzed WHERE pk IN [" + "1," * 3000 + "1]",
    "INSERT INTO fuzzed VALUE " + "{'a':" * 1500,
    "INSERT INTO fuzzed VALUE {'pk': " + "[" * 3000,
    "/*" * 4000,
    "SELECT * FROM fuzzed WHERE pk = " + "9" * 8000,
    "SELECT * FROM fuzzed WHERE pk = 1e999999",
    "--" + "x" * 8000,
    "'" * 8191,
    "SELECT * FROM fuzzed WHERE " + "pk='a' AND " * 700 + "pk='a'",
    "SELECT * FROM fuzzed WHERE pk = " + "-" * 8000 + "1",
    "<<" * 4000,
    "SELECT " + "a." * 4000 + "a FROM fuzzed",
    "EXISTS(" * 1000,
)

_LARGE_NAMES: Final = ("", "\x00", "a" * 65_535, "a" * 65_536, "\ud800", "$", "a.b", "\u00e9" * 300)

BODIES: Final[tuple[bytes, ...]] = (
    b"",
    b" ",
    b"null",
    b"5",
    b'"x"',
    b"[]",
    b"[{}]",
    b"{",
    b"}",
    b"{}{}",
    b"{} x",
    b'{"a"}',
    b'{"a":}',
    b"{'a': 1}",
    b"{a: 1}",
    b'{"TableName": NaN}',
    b'{"TableName": Infinity}',
    b'{"Limit": 1e999999}',
    b'{"Limit": ' + b"9" * MEGABYTE + b"}",
    b'{"Limit": 1' + b"0" * 5000 + b"}",
    b'{"Limit": -0}',
    b'{"Limit": 01}',
    b'{"TableName": "fuzzed", "TableName": "other"}',
    b'{"TableName": "\\ud800"}',
    b'{"\\ud800": 1}',
    b'{"TableName": "\\u0000"}',
    b'{"TableName": "\xff\xfe"}',
    b"\xff",
    b"\x00",
    b"\xef\xbb\xbf{}",
    '{"TableName": "fuzzed"}'.encode("utf-16"),
    b'{"TableName": "a\nb"}',
    b"/* */ {}",
    b"[" * 100_000,
    b'{"a":' * 100_000,
    b'{"a":[' * 50_000 + b"]}" * 50_000,
    b"[" * 33 + b"]" * 33,
    b'{"TableName": "' + b"a" * MEGABYTE,
    b'{"TableName": "fuzzed", "Key": {"pk": {"S": "a", "S": "b"}, "sk": {"N": "1"}}}',
    b'{"TableName": "fuzzed", "Item": {"pk": {"S": "a"}, "pk": {"S": "b"}, "sk": {"N": "1"}}}',
    b'{"TableName": "fuzzed", "Item": {"pk": {"S": "a"}, "sk": {"N": "1"}, "x": {"S": "\\udc00\\ud800"}}}',
    b'{"TableName": "fuzzed", "Item": {"pk": {"S": "a"}, "sk": {"N": 1e999999}}}',
    b'{"TableName": "fuzzed", "Item": {"pk": {"S": "a"}, "sk": {"N": "1"}, "x": '
    + b'{"L":[' * 2000
    + b"]}" * 2000
    + b"}}",
    b'{"TableName": "fuzzed", "Item": {"pk": {"S": "a"}, "sk": {"N": "1"}, "x": '
    + b'{"L":[' * 100_000
    + b"]}" * 100_000
    + b"}}",
    b'{"x": ' + b'"\\u0061' * 1 + b'"' + b"}" * 100_000,
    b'{"x": "' + b"\\u0061" * 100_000 + b'"}',
)
"""Bodies that are no request, or hardly one; only HTTP can carry them."""


class HostileRequests:
    """An endless source of (what was done, operation, request)."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.requests = ModelRequests(self.chance)
        self.operations = sorted(OPERATIONS)

    def next(self) -> tuple[str, str, Any]:
        """Return the next request, and in words what is wrong with it."""
        # The data plane has most of the parsers.
        operation = self.chance.choice(_DATA_PLANE if self.chance.random() < 0.6 else self.operations)
        request = self.requests.request(operation)
        what = []
        for _ in range(self.chance.choice((0, 1, 1, 1, 2, 3))):
            name, request = poisoned(self.chance, request)
            what.append(name)
        return " and ".join(what) or "nothing", operation, request


_DATA_PLANE: Final = (
    "PutItem", "GetItem", "UpdateItem", "DeleteItem", "Query", "Scan", "BatchGetItem", "BatchWriteItem",
    "TransactGetItems",
    "TransactWriteItems", "ExecuteStatement", "BatchExecuteStatement", "ExecuteTransaction", "GetRecords",
    "GetShardIterator",
)  # fmt: skip


def poisoned(chance: random.Random, request: Any) -> tuple[str, Any]:
    """Return what was done, and the request with it done at one of its places."""
    places = _places(request)
    path = chance.choice(places) if places else ()
    made = _copied(request)
    if not path:
        return "another body", chance.choice(WRONG_TYPES)
    inner = made
    for step in path[:-1]:
        inner = inner[step]
    before = inner[path[-1]]
    name, poison = _poison(chance, str(path[-1]), before)
    inner[path[-1]] = poison
    if isinstance(inner, dict) and chance.random() < 0.05:
        inner[chance.choice(_LARGE_NAMES)] = inner.pop(path[-1])
        name += " under another name"
    return f"{name} at {'.'.join(map(str, path))}", made


def _poison(chance: random.Random, name: str, before: Any) -> tuple[str, Any]:
    if name.endswith("Expression") or name == "Statement":
        if chance.random() < 0.7:
            return "a hard expression", chance.choice(EXPRESSIONS)
        if isinstance(before, str):
            return "a damaged expression", _damaged(chance, before)
    fitting: dict[str, tuple[Any, ...]] = {"N": NUMBERS, "B": BASE64}
    if name in fitting and chance.random() < 0.8:
        return f"a wrong {name}", chance.choice(fitting[name])
    if ("Token" in name or "Arn" in name or "Iterator" in name or "Sequence" in name) and chance.random() < 0.8:
        return "a wrong token", chance.choice(TOKENS)
    if isinstance(before, dict) and len(before) == 1 and chance.random() < 0.5:
        return "depth", nested(chance.choice((31, 32, 33, 200, 2000, 100_000)), chance.choice("LM"))
    if isinstance(before, str) and chance.random() < 0.5:
        return "a hostile text", chance.choice(TEXTS)
    if chance.random() < 0.05:
        return "depth", _mixed(chance.choice((33, 2000, 100_000)))
    return "another type", chance.choice(WRONG_TYPES)


def _damaged(chance: random.Random, expression: str) -> str:
    letters = list(expression)
    for _ in range(chance.choice((1, 2, 5))):
        place = chance.randrange(len(letters) + 1)
        letters[place : place + chance.choice((0, 1, 3))] = chance.choice("()[].,:#= <>'\"\x00aA0-+*/\u00e9\ud800")
    return "".join(letters)


def _places(value: Any) -> list[tuple[Any, ...]]:
    found: list[tuple[Any, ...]] = []
    stack: list[tuple[tuple[Any, ...], Any]] = [((), value)]
    while stack and len(found) < 2000:
        path, inner = stack.pop()
        if path:
            found.append(path)
        if len(path) < 12:
            members = inner.items() if isinstance(inner, dict) else enumerate(inner) if isinstance(inner, list) else ()
            stack.extend(((*path, name), member) for name, member in members)
    return found


def _copied(value: Any, depth: int = 0) -> Any:
    # What lies deeper is shared; nobody changes it.
    if depth > 14:
        return value
    if isinstance(value, dict):
        return {name: _copied(member, depth + 1) for name, member in value.items()}
    return [_copied(member, depth + 1) for member in value] if isinstance(value, list) else value


def as_json(request: Any) -> bytes:
    """Return a request as JSON, however deep it is and whatever surrogates it has."""
    parts: list[str] = []
    stack: list[Any] = [request]
    while stack:
        value = stack.pop()
        if isinstance(value, _Text):
            parts.append(value)
        elif isinstance(value, dict):
            stack.append(_Text("}"))
            for place, (name, member) in reversed(list(enumerate(value.items()))):
                stack += [member, _Text(("," if place else "") + json.dumps(str(name)) + ":")]
            parts.append("{")
        elif isinstance(value, list):
            stack.append(_Text("]"))
            for place, member in reversed(list(enumerate(value))):
                stack += [member, _Text("," if place else "")]
            parts.append("[")
        else:
            parts.append(json.dumps(value))
    return "".join(parts).encode()


class _Text(str):
    """JSON that is written already."""
