"""Our own server for the tests: as a process of its own, and requests that are written byte by byte."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

__all__ = ["RawAnswer", "Served", "free_of", "post_bytes", "raw_exchange", "serve_command", "served"]

_ANSWER_LIMIT_S: Final = 20
_AUTHORIZATION: Final = (
    "AWS4-HMAC-SHA256 Credential=any/20260101/us-east-1/dynamodb/aws4_request, "
    "SignedHeaders=content-type;host;x-amz-date;x-amz-target, Signature=" + "0" * 64
)


@dataclass
class Served:
    """A running server; `stop` ends it as an operator would."""

    url: str
    process: subprocess.Popen[str]
    log: Path
    said: str = field(default="")

    @property
    def port(self) -> int:
        return int(self.url.rsplit(":", 1)[1])

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Send a signal and return the exit code; what was logged is in `said`."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        code = self.process.wait(timeout=_ANSWER_LIMIT_S)
        self.said = self.log.read_text(encoding="utf-8")
        return code


def serve_command(*options: object) -> list[str]:
    return [sys.executable, "-m", "ddbmodel.cli", "serve", "--port", "0", *map(str, options)]


@contextmanager
def served(*options: object) -> Iterator[Served]:
    """Give a running ``ddbmodel serve``; it is killed with the block if nobody stopped it."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        with log.open("w") as out:
            process = subprocess.Popen(
                serve_command(*options), stdout=subprocess.PIPE, stderr=out, stdin=subprocess.DEVNULL, text=True
            )
        assert process.stdout is not None
        try:
            url = process.stdout.readline().strip()
            assert url, log.read_text(encoding="utf-8")
            yield Served(url, process, log)
        finally:
            process.kill()
            process.wait()
            process.stdout.close()


@dataclass(frozen=True)
class RawAnswer:
    """What came back on a socket; `was_closed` says whether the server hung up after it."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def document(self) -> Any:
        return json.loads(self.body)


def post_bytes(operation: str, body: bytes, port: int = 8000, **headers: str | None) -> bytes:
    """Return a request for an operation as bytes; a header given as None is left out, ``_`` in names is a dash."""
    lines: dict[str, str | None] = {
        "Host": f"127.0.0.1:{port}",
        "Content-Type": "application/x-amz-json-1.0",
        "X-Amz-Target": f"DynamoDB_20120810.{operation}",
        "X-Amz-Date": "20260101T000000Z",
        "Authorization": _AUTHORIZATION,
        "Content-Length": str(len(body)),
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items() if value is not None)
    return f"POST / HTTP/1.1\r\n{head}\r\n".encode("latin-1") + body


def raw_exchange(port: int, request: bytes, *, limit_s: float = _ANSWER_LIMIT_S) -> tuple[list[RawAnswer], bool]:
    """Send bytes and return the answers that came, and whether the server then hung up within the limit.

    The sending side stays open, so a server that waits for more makes this wait for `limit_s`.
    """
    with socket.create_connection(("127.0.0.1", port), timeout=limit_s) as connection:
        with suppress(OSError):  # the server may hang up before it read everything
            connection.sendall(request)
        received, closed = b"", False
        while True:
            try:
                more = connection.recv(1 << 16)
            except TimeoutError:
                break
            except OSError:
                closed = True
                break
            if not more:
                closed = True
                break
            received += more
    return _answers_in(received), closed


def _answers_in(received: bytes) -> list[RawAnswer]:
    answers = []
    while received:
        head, _, rest = received.partition(b"\r\n\r\n")
        status_line, *lines = head.decode("latin-1").split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in lines if ": " in line)
        length = int(headers.get("content-length", 0))
        answers.append(RawAnswer(int(status_line.split()[1]), headers, rest[:length]))
        received = rest[length:]
    return answers


def free_of(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return the environment without what configures AWS's tools."""
    return {name: value for name, value in environment.items() if not name.startswith("AWS_")}
