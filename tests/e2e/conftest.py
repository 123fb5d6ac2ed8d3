"""The backends that user stories run on, and models whose tables no other test uses.

The servers are shared by all tests of a run, so every model gets a table of its own name.
"""

from __future__ import annotations

import itertools
import sys
import types
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest

from ddbmodel import Database, Model

# Shared modules beside this one are imported by their bare name.
sys.path.insert(0, str(Path(__file__).parent))

from backend_differences import DIFFERENCES, Difference

M = TypeVar("M", bound=Model)
_numbers = itertools.count(1)

BACKENDS = [
    pytest.param("memory", id="memory"),
    pytest.param("file", id="file"),
    pytest.param("prefixed", id="prefixed"),
    pytest.param("http", id="http"),
    pytest.param("moto", id="moto", marks=pytest.mark.slow),
    pytest.param("dynamodb-local", id="dynamodb-local", marks=pytest.mark.slow),
]


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "differs(*names): may go as `backend_differences.py` says, by the names there")


@pytest.fixture(params=BACKENDS)
def backend(request: pytest.FixtureRequest) -> str:
    """The name of the backend; a listed difference makes the test an expected failure there, strictly."""
    name: str = request.param
    for mark in request.node.iter_markers("differs"):
        for difference in map(difference_named, mark.args):
            if name in difference.backends:
                request.applymarker(pytest.mark.xfail(strict=True, reason=difference.reason))
    return name


@pytest.fixture
async def db(backend: str, request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    """A database without the test's tables, on each backend."""
    urls = {"memory": "memory:", "prefixed": "memory:", "file": f"file:{tmp_path / 'stories.db'}"}
    servers = {"http": "http_url", "moto": "moto_url", "dynamodb-local": "dynamodb_local_url"}
    url = urls[backend] if backend in urls else request.getfixturevalue(servers[backend])
    prefix = "dev-" if backend == "prefixed" else None
    async with Database.connect(url, cursor_secret="of the stories", table_prefix=prefix) as opened:
        yield opened


@pytest.fixture
def fresh() -> Callable[[type[Any]], type[Any]]:
    """Give a model of the same fields and indexes with a table name that nobody used yet."""

    def of(model: type[M]) -> type[M]:
        def body(namespace: dict[str, Any]) -> None:
            namespace["__module__"] = model.__module__

        return types.new_class(model.__name__, (model,), {"table": f"story-{next(_numbers)}"}, body)

    return of


@pytest.fixture
def new_table(db: Database, fresh: Callable[[type[Any]], type[Any]]) -> Callable[[type[Any]], Awaitable[type[Any]]]:
    """Create a table for a model and give the model of it."""

    async def create(model: type[M]) -> type[M]:
        mine = fresh(model)
        await db.create_tables(mine)
        return mine

    return create


def difference_named(name: str) -> Difference:
    return next(difference for difference in DIFFERENCES if difference.name == name)
