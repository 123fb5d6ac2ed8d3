"""How tests share the cores of the machine when pytest-xdist runs them side by side (``-n``).

* Tests that use one expensive server form a group, which one worker runs: the server is started once.
* Tests that are marked ``alone`` measure time, memory or the load of the machine: while one runs, no other worker
  runs anything. They wait for their turn at a turnstile, so that they are part of the same run.
* The ports of servers that must know theirs before they start belong to one process of this machine at a time.

Without ``-n`` there are no neighbours, and nothing here does anything but give ports.
"""

from __future__ import annotations

import fcntl
import json
import os
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Final

import pytest

__all__ = ["Cores", "own_port"]

_SERVER_FIXTURES: Final = {"dynamodb_local_url": "dynamodb-local", "moto_url": "moto", "oracle_url": "oracle"}
# Below the ports that systems give to outgoing connections, which could take one between two lives of a server.
_PORTS: Final = range(20_000, 28_000)
_held: Final[list[IO[str]]] = []


class Cores:
    """A plugin of pytest: groups the tests, and lets those that are ``alone`` run without neighbours."""

    def __init__(self, config: pytest.Config) -> None:
        given: dict[str, Any] | None = getattr(config, "workerinput", None)
        self._is_worker = given is not None
        self._made = None if self._is_worker else tempfile.TemporaryDirectory(prefix="ddbmodel-cores-")
        self._room = Path(self._made.name if self._made is not None else (given or {})["room"])
        self._groups = self._room / "groups"

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        node.workerinput["room"] = str(self._room)

    def pytest_unconfigure(self) -> None:
        if self._made is not None:
            self._made.cleanup()

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_make_scheduler(self, config: pytest.Config, log: Any) -> Any:
        # The scheduler of pytest-xdist for groups reads them from names that pytest no longer lets it change.
        from xdist.scheduler import LoadScopeScheduling

        groups = self._groups

        class ByGroup(LoadScopeScheduling):
            def _split_scope(self, nodeid: str) -> str:
                if not known:
                    known.update(json.loads(groups.read_text(encoding="utf-8")))
                return known.get(nodeid, nodeid)

        known: dict[str, str] = {}
        return ByGroup(config, log)

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        if not self._is_worker:
            return
        # What takes long begins first, so that no worker is left with it at the end.
        items.sort(key=lambda item: item.get_closest_marker("slow") is None)
        written = self._groups.with_suffix(f".{os.getpid()}")
        written.write_text(json.dumps({item.nodeid: _group(item) for item in items}), encoding="utf-8")
        written.replace(self._groups)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        if not self._is_worker:
            return (yield)
        with self._turn(alone=item.get_closest_marker("alone") is not None):
            return (yield)

    @contextmanager
    def _turn(self, *, alone: bool) -> Iterator[None]:
        # Who waits to be alone holds the turnstile, so that the room gets empty; a lock ends with its process.
        with (self._room / "turnstile").open("w") as turnstile, (self._room / "room").open("w") as room:
            fcntl.flock(turnstile, fcntl.LOCK_EX)
            fcntl.flock(room, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
            if not alone:
                fcntl.flock(turnstile, fcntl.LOCK_UN)
            try:
                yield
            finally:
                # Said and not left to the closing: a child that was forked may still have the files open.
                fcntl.flock(room, fcntl.LOCK_UN)
                fcntl.flock(turnstile, fcntl.LOCK_UN)


def own_port() -> int:
    """Return a port of 127.0.0.1 that nobody listens at and no other process of the tests gets while this one lives."""
    folder = Path(tempfile.gettempdir()) / f"ddbmodel-test-ports-{os.getuid()}"
    folder.mkdir(exist_ok=True)
    for port in _PORTS:
        lock = (folder / str(port)).open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(("127.0.0.1", port))
        except OSError:
            lock.close()
            continue
        _held.append(lock)
        return port
    raise OSError(f"no free port from {_PORTS.start} to {_PORTS.stop - 1}")


def _group(item: pytest.Item) -> str:
    """Return what one worker runs together; most tests are a group of their own."""
    if item.get_closest_marker("alone") is not None:
        return "alone"
    given = item.get_closest_marker("shares")
    if given is not None:
        return str(given.args[0])
    parameters = getattr(item, "callspec", None)
    backend = parameters.params.get("backend") if parameters is not None else None
    if backend in _SERVER_FIXTURES.values():
        return str(backend)
    names: list[str] = getattr(item, "fixturenames", [])
    return next((group for fixture, group in _SERVER_FIXTURES.items() if fixture in names), item.nodeid)
