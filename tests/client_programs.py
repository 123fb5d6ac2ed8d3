"""Clients of others for the tests: the AWS command line and programs for Node, each fetched once into ``.cache/``.

They live outside of the development environment because each brings its own version of the AWS SDK. Where npm or the
network is missing the tests that need them are skipped with the reason, never in CI (``CI=true``), where it is an
error.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from servers import unavailable

__all__ = ["aws_command_line", "run_javascript"]

_CACHE: Final = Path(__file__).parent.parent / ".cache"
_PROGRAMS: Final = Path(__file__).parent / "clients"
_AWS_CLI: Final = "awscli==1.46.3"
_JAVASCRIPT: Final = (
    "@aws-sdk/client-dynamodb@3.1169.0",
    "@aws-sdk/client-dynamodb-streams@3.1141.0",
    "@aws-sdk/lib-dynamodb@3.1169.0",
    "electrodb@3.9.3",
)


def aws_command_line() -> str:
    """Return the path of an ``aws`` of its own environment."""
    folder = _CACHE / "aws-cli"
    program = folder / "bin" / "aws"
    with _locked(folder):
        if not program.exists():
            _fetch([sys.executable, "-m", "venv", str(folder)], _CACHE)
            _fetch([str(folder / "bin" / "pip"), "install", "--quiet", "--disable-pip-version-check", _AWS_CLI], _CACHE)
    return str(program)


def run_javascript(name: str, **environment: str) -> Any:
    """Run a program of ``tests/clients`` in Node and return the JSON document that it prints."""
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            unavailable(f"clients in JavaScript need {program}, which is not on PATH")
    folder = _CACHE / "javascript-clients"
    with _locked(folder):
        if not (folder / "node_modules" / "electrodb").exists():
            _fetch(["npm", "install", "--silent", "--no-audit", "--no-fund", *_JAVASCRIPT], folder)
        # Node looks for packages beside the program.
        shutil.copy(_PROGRAMS / name, folder / name)
    ended = subprocess.run(
        ["node", name], cwd=folder, capture_output=True, text=True, timeout=120, env={**os.environ, **environment}
    )
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    # Several test processes may start at once on a fresh machine; one fetches, the others wait.
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _fetch(command: Sequence[str], folder: Path) -> None:
    try:
        subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True, timeout=300)
    except (subprocess.SubprocessError, OSError) as error:
        said = getattr(error, "stderr", None) or str(error)
        unavailable(f"{command[0]} could not fetch a client: {said.strip()[-500:]}")
