"""The models and the reads that tests of requests share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from scripted_executor import ScriptedExecutor

from ddbmodel import Database


@pytest.fixture
def offline() -> Database:
    """A database that must not be asked for anything."""

    def refuse(operation: str, request: dict[str, Any]) -> dict[str, Any]:
        raise AssertionError(f"{operation} was sent")

    return Database(ScriptedExecutor(refuse))


@pytest.fixture
def scripted() -> Callable[..., tuple[Database, ScriptedExecutor]]:
    """Give a database whose answers come one after another from a list, exceptions being raised."""

    def of(*answers: Any) -> tuple[Database, ScriptedExecutor]:
        left = list(answers)

        def answer(operation: str, request: dict[str, Any]) -> dict[str, Any]:
            given = left.pop(0)
            if isinstance(given, Exception):
                raise given
            return dict(given)

        executor = ScriptedExecutor(answer)
        return Database(executor), executor

    return of
