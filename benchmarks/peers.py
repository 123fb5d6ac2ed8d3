"""What people use instead of the embedded engine, each as a process of its own on a free port, and our own server.

DynamoDB Local needs Java, dynalite needs npm; both are fetched once into ``.cache/``.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from servers import dynamodb_local

__all__ = ["ddbmodel_server", "dynalite", "dynamodb_local", "moto"]

_CACHE: Final = Path(__file__).parent.parent / ".cache" / "dynalite"
_DYNALITE: Final = "dynalite@4.0.0"
_START_LIMIT_S: Final = 30.0


@contextmanager
def dynalite() -> Iterator[str]:
    """Give the URL of a fresh dynalite that keeps everything in memory."""
    program = _CACHE / "node_modules" / "dynalite" / "cli.js"
    if not program.exists():
        npm = shutil.which("npm")
        if npm is None:
            sys.exit("dynalite needs npm, which is not on PATH")
        _CACHE.mkdir(parents=True, exist_ok=True)
        subprocess.run([npm, "install", "--silent", "--no-fund", "--no-audit", _DYNALITE], cwd=_CACHE, check=True)
    port = _free_port()
    with _running(["node", str(program), "--port", str(port), "--createTableMs", "0"], port) as url:
        yield url


@contextmanager
def moto() -> Iterator[str]:
    """Give the URL of moto's server."""
    port = _free_port()
    program = Path(sys.executable).with_name("moto_server")
    with _running([str(program), "-H", "127.0.0.1", "-p", str(port)], port) as url:
        yield url


@contextmanager
def ddbmodel_server(*options: str) -> Iterator[str]:
    """Give the URL of the embedded engine behind HTTP, in memory unless the options say otherwise."""
    port = _free_port()
    command = [sys.executable, "-m", "ddbmodel.cli", "serve", "--port", str(port), *options]
    with _running(command, port) as url:
        yield url


@contextmanager
def _running(command: list[str], port: int) -> Iterator[str]:
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, stdin=quiet, stdout=quiet, stderr=quiet) as process:
        try:
            url = f"http://127.0.0.1:{port}"
            _wait_for(url, process)
            yield url
        finally:
            process.terminate()


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline_s = time.monotonic() + _START_LIMIT_S
    while time.monotonic() < deadline_s:
        if process.poll() is not None:
            sys.exit(f"{process.args!r} ended with {process.returncode}")
        try:
            with urlopen(url, timeout=1):
                return
        except HTTPError:
            return
        except (URLError, OSError):
            time.sleep(0.005)
    sys.exit(f"{process.args!r} did not answer within {_START_LIMIT_S:.0f} s")


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
