"""Where hostile requests go: the engine in this process, or a server over HTTP."""

from __future__ import annotations

import asyncio
import http.client
import json
import signal
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter
from typing import Any, Protocol
from urllib.parse import urlsplit

from hostile import as_json

from ddbmodel.engine import Engine
from ddbmodel.errors import ServiceError

__all__ = ["EmbeddedTarget", "HttpTarget", "Reply", "Target"]

HANGS_AFTER_S = 20
_SERVER_FAULTS = ("InternalServerError", "InternalFailure", "ServiceUnavailable")
_STREAMS = ("ListStreams", "DescribeStream", "GetShardIterator", "GetRecords")


@dataclass(frozen=True, slots=True)
class Reply:
    """How a request ended: well (a response or a refusal), or with a fault in words."""

    took_s: float
    error: str | None = None
    message: str = ""
    fault: str | None = None


class Target(Protocol):
    """Takes requests of any form."""

    name: str

    def send(self, operation: str, request: Any) -> Reply: ...


class EmbeddedTarget:
    """The engine, in memory."""

    name = "embedded"

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.engine = Engine.open("memory:")

    def send(self, operation: str, request: Any) -> Reply:
        start = perf_counter()
        try:
            with _time_limit():
                self.loop.run_until_complete(self.engine.execute(operation, request))
        except ServiceError as error:
            took_s = perf_counter() - start
            fault = f"{error.code}: {error.message}" if error.code in _SERVER_FAULTS else None
            return Reply(took_s, error.code, error.message, fault)
        except Exception as error:
            frames = traceback.extract_tb(error.__traceback__)
            where = next(frame for frame in reversed(frames) if "ddbmodel" in frame.filename)
            return Reply(perf_counter() - start, fault=f"{error!r:.300} at {where.filename}:{where.lineno}")
        return Reply(perf_counter() - start)

    def close(self) -> None:
        self.loop.run_until_complete(self.engine.close())


class HttpTarget:
    """A server, at a URL; a request may also be the bytes of a body."""

    name = "HTTP"

    def __init__(self, url: str) -> None:
        self.address = urlsplit(url).netloc
        self.connection = http.client.HTTPConnection(self.address, timeout=HANGS_AFTER_S)

    def send(self, operation: str, request: Any) -> Reply:
        body = request if isinstance(request, bytes) else as_json(request)
        service = "DynamoDBStreams" if operation in _STREAMS else "DynamoDB"
        headers = {
            "Content-Type": "application/x-amz-json-1.0",
            "X-Amz-Target": f"{service}_20120810.{operation}",
            "Authorization": "AWS4-HMAC-SHA256 Credential=fuzz/20260101/us-east-1/dynamodb/aws4_request, "
            "SignedHeaders=host, Signature=0",
            "X-Amz-Date": "20260101T000000Z",
        }
        start = perf_counter()
        try:
            self.connection.request("POST", "/", body, headers)
            response = self.connection.getresponse()
            answer = response.read()
        except (OSError, http.client.HTTPException) as error:
            self.connection.close()
            self.connection = http.client.HTTPConnection(self.address, timeout=HANGS_AFTER_S)
            return Reply(perf_counter() - start, fault=f"no answer: {error!r}")
        took_s = perf_counter() - start
        try:
            read = json.loads(answer)
        except ValueError:
            return Reply(took_s, fault=f"status {response.status} with a body that is not JSON: {answer[:200]!r}")
        if response.status == 200:
            return Reply(took_s)
        error_type = str(read.get("__type", "")).rpartition("#")[2]
        fault = None if 400 <= response.status < 500 and error_type else f"status {response.status}: {answer[:200]!r}"
        return Reply(took_s, error_type, str(read.get("message") or read.get("Message")), fault)

    def close(self) -> None:
        self.connection.close()


@contextmanager
def _time_limit() -> Iterator[None]:
    """Raise TimeoutError in what takes too long; a hang becomes a finding."""

    def stop(_signal: int, _frame: Any) -> None:
        raise TimeoutError(f"nothing came of it in {HANGS_AFTER_S} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, HANGS_AFTER_S)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
