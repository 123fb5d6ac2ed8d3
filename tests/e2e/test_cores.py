"""Tests that measure run without neighbours, those that share a server in one worker, and ports are one's own."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from pathlib import Path

from cores import own_port

CONFTEST = """
import sys
sys.path.insert(0, {tests!r})
from cores import Cores

def pytest_configure(config):
    config.addinivalue_line("markers", "alone: .")
    config.addinivalue_line("markers", "slow: .")
    config.addinivalue_line("markers", "shares: .")
    config.pluginmanager.register(Cores(config), "cores")
"""
TESTS = """
import json, os, pathlib, time
import pytest

@pytest.fixture
def moto_url():
    return "a server"

@pytest.fixture(autouse=True)
def noted(request):
    began = time.monotonic()
    yield
    line = [request.node.name, os.environ["PYTEST_XDIST_WORKER"], began, time.monotonic()]
    with (pathlib.Path(__file__).parent / "noted").open("a") as out:
        out.write(json.dumps(line) + "\\n")

@pytest.mark.parametrize("n", range(24))
def test_neighbour(n):
    time.sleep(0.02)

@pytest.mark.alone
@pytest.mark.parametrize("n", range(3))
def test_alone(n):
    time.sleep(0.1)

@pytest.mark.parametrize("n", range(6))
def test_shared(n, moto_url):
    time.sleep(0.02)
"""


def test_side_by_side_the_alone_are_alone_and_a_server_is_of_one_worker(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text(CONFTEST.format(tests=str(Path(__file__).parent.parent)))
    (tmp_path / "test_some.py").write_text(TESTS)

    command = [sys.executable, "-m", "pytest", "-q", "-n", "2", "--rootdir", str(tmp_path)]
    ended = subprocess.run([*command, str(tmp_path)], cwd=tmp_path, capture_output=True, text=True, timeout=60)

    assert ended.stdout.strip().splitlines()[-1].startswith("33 passed"), ended.stdout
    noted = [json.loads(line) for line in (tmp_path / "noted").read_text().splitlines()]
    alone = [each for each in noted if each[0].startswith("test_alone")]
    for name, _, began, over in alone:
        assert not [other for other in noted if other[0] != name and began < other[3] and other[2] < over]
    assert len({worker for _, worker, _, _ in noted}) == 2
    assert len({worker for name, worker, _, _ in noted if name.startswith("test_shared")}) == 1


def test_a_port_is_given_once_and_nobody_listens_there() -> None:
    first, second = own_port(), own_port()

    assert first != second
    for port in (first, second):
        with socket.socket() as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(("127.0.0.1", port))
