"""How hard the tests try, and the servers that they share.

`--effort` is ``quick`` (every commit), ``check`` (the whole suite, CI) or ``long`` (the full counts). It chooses the
Hypothesis profile, and tests that count themselves ask the `effort` fixture.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# `tests` is a folder of files, not a package; shared modules beside this one are imported by their bare name.
sys.path.insert(0, str(Path(__file__).parent))

from cores import Cores

_SLOW_DATA = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
settings.register_profile("quick", max_examples=15, deadline=None, suppress_health_check=_SLOW_DATA)
settings.register_profile("check", max_examples=80, deadline=None, suppress_health_check=_SLOW_DATA)
settings.register_profile("long", max_examples=600, deadline=None, suppress_health_check=_SLOW_DATA)


@dataclass(frozen=True, slots=True)
class Effort:
    """How hard this run tries."""

    name: str

    def count(self, *, check: int, long: int, quick: int = 1) -> int:
        """Return how often to do something in this run."""
        return {"quick": quick, "check": check, "long": long}[self.name]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--effort", choices=["quick", "check", "long"], default="check")


def pytest_configure(config: pytest.Config) -> None:
    settings.load_profile(config.getoption("--effort"))
    config.pluginmanager.register(Cores(config), "cores")


@pytest.fixture(scope="session")
def effort(request: pytest.FixtureRequest) -> Effort:
    return Effort(request.config.getoption("--effort"))


@pytest.fixture(scope="session")
def dynamodb_local_url() -> Iterator[str]:
    from servers import dynamodb_local

    with dynamodb_local() as url:
        yield url


@pytest.fixture(scope="session")
def oracle_url() -> Iterator[str]:
    """A DynamoDB Local for random requests only: after some of them it builds no index any more, and says nothing."""
    from servers import dynamodb_local

    with dynamodb_local() as url:
        yield url


@pytest.fixture(scope="session")
def moto_url() -> Iterator[str]:
    from servers import moto_server

    with moto_server() as url:
        yield url


@pytest.fixture(scope="session")
def http_url() -> Iterator[str]:
    """Our own server, in memory and in a process of its own."""
    from served import served

    with served() as server:
        yield server.url


@pytest.fixture
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    """Give a fresh event loop to a synchronous test, such as a Hypothesis property over async code."""
    fresh = asyncio.new_event_loop()
    yield fresh
    fresh.close()
