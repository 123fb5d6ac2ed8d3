"""Every public function has its type pinned in one of the files ``inferred*.py``, so that a new one is not forgotten.

A method counts as pinned where it is called on, or read from, a name that stands for its class in these files.
"""

from __future__ import annotations

import ast
import importlib
import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from ddbmodel.model import Attr, Document

HERE: Final = Path(__file__).parent
MODULES: Final = ["ddbmodel", "ddbmodel.engine", "ddbmodel.streams"]

RECEIVERS: Final[dict[str, set[str]]] = {
    "Behaviours": {"behaviours"},
    "Cache": {"cache"},
    "Checkpoint": {"keeper"},
    "Clock": {"clock"},
    "Collection": {"both"},
    "Compressed": {"compressed"},
    "Cost": {"cost"},
    "Database": {"db", "Database"},
    "Engine": {"engine", "Engine"},
    "Explanation": {"plan", "explain()"},
    "FieldCodec": {"codec"},
    "FileCheckpoint": {"file"},
    "HotKeys": {"hot", "hot_keys()"},
    "Insert": {"event"},
    "Lock": {"lock"},
    "ManualClock": {"manual"},
    "Modify": {"event"},
    "Plan": {"plan"},
    "Query": {"query", "query()", "Query"},
    "Ref": {"Ref", "cards[]"},
    "Remove": {"event"},
    "Savepoint": {"savepoint"},
    "Scan": {"scan", "scan()"},
    "ShardedCounter": {"counter"},
    "StreamApp": {"app", "running"},
    "SystemClock": {"system"},
    "Transaction": {"tx"},
    "UnitOfWork": {"unit"},
}
"""Class to the names that stand for its objects; a call or an item of something is named after that."""

NOT_FOR_USERS: Final = {
    ("Behaviours", "longest_lag_s"),
    ("Behaviours", "throttles"),
    ("Cost", "add"),
    ("Database", "read_context"),
    ("Engine", "committed"),
    ("Engine", "flush"),
    ("Engine", "undo"),
    ("HotKeys", "add"),
    ("Index", "schema"),
    ("Plan", "check_size"),
    ("Query", "with_items"),
    ("RateLimit", "admit"),
    ("RateLimit", "settle"),
    ("Scan", "ascending"),
    ("Scan", "descending"),
    ("Scan", "with_items"),
}
"""What the library calls itself, and what is there to refuse."""


def _name_of(node: ast.expr) -> str:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.Call(func=function):
            return f"{_name_of(function)}()"
        case ast.Subscript(value=value):
            return f"{_name_of(value)}[]"
        case ast.Await(value=value):
            return _name_of(value)
    return ""


def _pinned() -> tuple[set[tuple[str, str]], set[str]]:
    """Return (receiver, attribute) of everything in the files, and all names in them."""
    uses: set[tuple[str, str]] = set()
    names: set[str] = set()
    for file in (*HERE.glob("inferred*.py"), HERE / "models.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute):
                uses.add((_name_of(node.value), node.attr))
                if isinstance(node.value, ast.Call):
                    # A chain of calls on one object: each gives the same class as the one before it.
                    uses.add((_root_of(node.value), node.attr))
                names.add(node.attr)
            elif isinstance(node, ast.Name):
                names.add(node.id)
    return uses, names


def _root_of(node: ast.expr) -> str:
    while isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        if isinstance(node.func.value, ast.Name):
            return node.func.value.id if node.func.value.id != "db" else f"{node.func.attr}()"
        node = node.func.value
    return _name_of(node)


def _public() -> Iterator[tuple[str, Any]]:
    for module in MODULES:
        imported = importlib.import_module(module)
        yield from ((name, getattr(imported, name)) for name in imported.__all__)


def _members(kind: type[Any]) -> set[str]:
    # What a base class has is pinned there.
    bases = {each for each in kind.__mro__[1:] if each.__name__ in RECEIVERS}
    own = [each for each in kind.__mro__ if each.__module__.startswith("ddbmodel") and each not in bases]
    return {
        name
        for each in own
        for name, value in vars(each).items()
        if not name.startswith("_") and (inspect.isroutine(value) or isinstance(value, property))
    }


def test_every_public_name_is_used() -> None:
    _, names = _pinned()

    unused = [name for name, value in _public() if name not in names and not _is_error(value)]

    assert unused == []


@pytest.mark.parametrize("name", sorted(RECEIVERS))
def test_every_method_of_a_class_is_pinned(name: str) -> None:
    uses, _ = _pinned()
    kind = dict(_public())[name]

    missing = [
        member
        for member in sorted(_members(kind))
        if (name, member) not in NOT_FOR_USERS and not any((receiver, member) in uses for receiver in RECEIVERS[name])
    ]

    assert missing == []


def test_every_method_of_models_and_attributes_is_pinned() -> None:
    uses, _ = _pinned()
    used = {attribute for _, attribute in uses}

    missing = [
        f"{kind.__name__}.{member}"
        for kind in (Attr, Document, *(value for name, value in _public() if name in ("Model", "Key", "Index")))
        for member in sorted(_members(kind))
        if member not in used and (kind.__name__, member) not in NOT_FOR_USERS
    ]

    assert missing == []


def test_no_class_with_methods_is_left_out() -> None:
    covered = {*RECEIVERS, "Attr", "Document", "Model", "Key", "Index", "GlobalIndex", "LocalIndex"}

    left_out = [
        name
        for name, value in _public()
        if inspect.isclass(value)
        and not _is_error(value)
        and name not in covered
        and any((name, member) not in NOT_FOR_USERS for member in _members(value))
        and not issubclass(value, Document)
    ]

    assert left_out == []


def _is_error(value: object) -> bool:
    return isinstance(value, type) and issubclass(value, BaseException)
