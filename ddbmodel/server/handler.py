"""The way of one request: host and origin, form, signature, body, engine, answer.

| refused because of | answer |
|---|---|
| ``Host`` or ``Origin`` is not allowed | 403 |
| another path, method or content type; a query | 404 ``<UnknownOperationException/>``, as the service answers |
| ``Content-Encoding`` | 415: nothing is unpacked, so nothing small becomes large |
| no or another signature | 400 with the service's error, before the body is parsed |
| more than 16 MiB, declared or counted | 413, and the connection is closed |
| the body does not come in time | 408, and the connection is closed |
| bodies of all requests need more memory than is set aside | 503 ``ServiceUnavailable``, which clients repeat |
| what is not JSON, or can be read in two ways | 400 ``SerializationException`` |
| whatever the engine refuses | as the engine says |
| a lost answer, which the engine can be told to have | the connection breaks |
| a failure inside | 500 ``InternalServerError``; what failed is in the log only |
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Final

import orjson
from aiohttp import web

from ddbmodel.engine.behaviours import Unanswered
from ddbmodel.engine.engine import Engine
from ddbmodel.engine.messages.message import Refusal, Wording, refused
from ddbmodel.engine.messages.protocol import (
    OPERATION_UNKNOWN,
    OVERLOADED,
    SIGNATURE_IS_INCOMPLETE,
    SOMETHING_FAILED_INSIDE,
)
from ddbmodel.errors import ServiceError, StorageFailed
from ddbmodel.server.answers import JSON_1_0, JSON_1_1, Answer, error_body, head_of, status_of, zipped
from ddbmodel.server.browsers import Browsers
from ddbmodel.server.json_body import parse_body
from ddbmodel.server.log import ServerLog
from ddbmodel.server.signature import SignatureCheck, parse_authorization

__all__ = ["MAX_BODY_BYTES", "Handler"]

MAX_BODY_BYTES: Final = 16 * 1024 * 1024
"""What the service takes in one request."""
MAX_BUFFERED_BYTES: Final = 256 * 1024 * 1024
"""What the bodies of all requests under way may take together."""
BODY_LIMIT_S: Final = 60.0
ANSWER_LIMIT_S: Final = 60.0

_ZIPPED_FROM_BYTES: Final = 1024
_ZIPPED_IN_A_THREAD_FROM_BYTES: Final = 256 * 1024
_DATA_PREFIX: Final = "DynamoDB_20120810."
_STREAMS_PREFIX: Final = "DynamoDBStreams_20120810."
_SCALING_PREFIX: Final = "AnyScaleFrontendService."
_STREAM_OPERATIONS: Final = frozenset({"DescribeStream", "GetRecords", "GetShardIterator", "ListStreams"})
_UNKNOWN: Final = Answer(404, b"<UnknownOperationException/>\n", "text/xml", code="UnknownOperationException")


class Handler:
    """Answers the requests of a server.

    Args:
        signatures: what checks them; None accepts any that has the form of one.
        body_limit_s: how long a body may take to come.
    """

    def __init__(
        self,
        engine: Engine,
        region: str,
        browsers: Browsers,
        log: ServerLog,
        signatures: SignatureCheck | None = None,
        *,
        body_limit_s: float = BODY_LIMIT_S,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._engine, self._region, self._browsers, self._log = engine, region, browsers, log
        self._signatures, self._body_limit_s, self._clock = signatures, body_limit_s, clock
        self.buffered_bytes = 0
        self._busy: set[asyncio.BaseTransport | None] = set()
        self._idle: asyncio.Event | None = None

    async def __call__(self, request: web.BaseRequest) -> web.StreamResponse:
        """Return the answer to a request, ready to be written."""
        connection = request.transport
        self._busy.add(connection)
        try:
            return await self._answered(request)
        finally:
            self._busy.discard(connection)
            if self._idle is not None and not self._busy:
                self._idle.set()

    async def stop(self, connections: Iterable[asyncio.Transport]) -> None:
        """Hang up where no request is under way, and elsewhere after its answer; return when all are decided."""
        self._idle = asyncio.Event()
        for connection in connections:
            if connection not in self._busy:
                connection.close()
        if self._busy:
            await self._idle.wait()

    async def _answered(self, request: web.BaseRequest) -> web.StreamResponse:
        began_s = time.perf_counter()
        request_id = _new_request_id()
        origin = request.headers.get("Origin")
        operation = ""
        try:
            if not self._may_ask(request, origin):
                answer = Answer(403, b'{"message":"this host or origin is not allowed here"}', "application/json")
            elif request.method == "POST":
                operation, answer = await self._operate(request, request_id)
            else:
                answer = await self._other_method(request, origin)
        except (Unanswered, ConnectionError):
            return _HungUp()
        except web.RequestPayloadError:
            answer = Answer(400, b"", closes=True)
        if origin is not None and answer.status != 403:
            more = self._browsers.headers_for(origin, is_preflight=request.method == "OPTIONS")
            answer = replace(answer, headers={**answer.headers, **more})
        if "Accept-Encoding" in request.headers:
            answer = await _as_accepted(answer, request.headers["Accept-Encoding"])
        if self._log.requests:
            self._note(request, request_id, operation, answer, began_s)
        # What is left of a body that nobody read must not be taken for the next request.
        keeps_alive = request.keep_alive and not (answer.closes or self._idle is not None) and request.content.is_eof()
        return _Written(answer, head_of(answer, request_id, self._clock(), keeps_alive=keeps_alive), keeps_alive)

    def _may_ask(self, request: web.BaseRequest, origin: str | None) -> bool:
        # That Host is there once is the parser's matter.
        headers = request.headers
        return self._browsers.allows_host(headers.get("Host")) and self._browsers.allows_origin(
            origin, headers.get("Sec-Fetch-Site")
        )

    async def _other_method(self, request: web.BaseRequest, origin: str | None) -> Answer:
        if request.method == "OPTIONS" and origin is not None:
            return Answer(200, b"", "text/plain")
        if request.method == "GET" and request.raw_path == "/":
            return Answer(200, f"healthy: dynamodb.{self._region}.amazonaws.com ".encode(), "text/plain")
        if request.method == "GET" and request.raw_path == "/health":
            try:
                await self._engine.execute("ListTables", {"Limit": 1})
            except StorageFailed:
                return Answer(503, b'{"status":"failed"}', "application/json")
            return Answer(200, b'{"status":"ok"}', "application/json")
        return _UNKNOWN

    async def _operate(self, request: web.BaseRequest, request_id: str) -> tuple[str, Answer]:
        headers = request.headers
        target = headers.get("X-Amz-Target", "")
        scales = target.startswith(_SCALING_PREFIX)
        content_type = JSON_1_1 if scales else JSON_1_0
        if request.raw_path != "/" or headers.get("Content-Type", "").partition(";")[0].rstrip() != content_type:
            return "", _UNKNOWN
        if headers.get("Content-Encoding", "identity") != "identity":
            return "", Answer(415, b'{"message":"a request is sent as it is, not encoded"}', "application/json")
        operation, share = "", _Share(self)
        try:
            if len(headers.getall("Authorization", ())) > 1:
                raise refused(SIGNATURE_IS_INCOMPLETE, faults="Authorization header is there twice.", header="")
            authorization = parse_authorization(
                headers.get("Authorization"), is_dated="X-Amz-Date" in headers or "Date" in headers
            )
            body = await self._body(request, share)
            if isinstance(body, Answer):
                return "", body
            if self._signatures is not None:
                service = "application-autoscaling" if scales else "dynamodb"
                self._signatures.check(authorization, "POST", request.raw_headers, body, self._clock(), service)
            if scales:
                operation = target.removeprefix(_SCALING_PREFIX)
                response = await self._engine.scale(operation, parse_body(body))
            else:
                operation = _operation_of(target)
                response = await self._engine.execute(operation, parse_body(body), leaves_items_unread=True)
            return operation, Answer(200, orjson.dumps(response), content_type)
        except Refusal as refusal:
            error = refusal.error(Wording.CURRENT)
        except ServiceError as refusal:
            error = refusal
        except (Unanswered, ConnectionError, web.RequestPayloadError):
            raise
        except Exception as failure:
            self._log.failure(failure, request_id=request_id, operation=operation)
            error = refused(SOMETHING_FAILED_INSIDE).error(Wording.CURRENT)
        finally:
            self.buffered_bytes -= share.taken_bytes
        return operation, Answer(status_of(error), error_body(error), content_type, code=error.code)

    async def _body(self, request: web.BaseRequest, share: _Share) -> bytes | Answer:
        """Return the bytes of the body, or the answer to one that is too large or too slow."""
        declared = request.content_length
        if declared is not None and declared > MAX_BODY_BYTES:
            return _too_large()
        if request.content.is_eof():
            body = request.content.read_nowait()
            return body if len(body) <= MAX_BODY_BYTES else _too_large()
        if request.headers.get("Expect", "").lower() == "100-continue" and request.transport is not None:
            request.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        return await self._counted_body(request, share)

    async def _counted_body(self, request: web.BaseRequest, share: _Share) -> bytes | Answer:
        body = bytearray()
        try:
            async with asyncio.timeout(self._body_limit_s):
                async for chunk in request.content.iter_any():
                    body += chunk
                    if len(body) > MAX_BODY_BYTES:
                        return _too_large()
                    share.take(len(chunk))
        except TimeoutError:
            return Answer(408, b"", closes=True)
        return bytes(body)

    def _note(self, request: web.BaseRequest, request_id: str, operation: str, answer: Answer, began_s: float) -> None:
        self._log.event(
            "request",
            request_id=request_id,
            method=request.method,
            operation=operation,
            status=answer.status,
            error=answer.code,
            bytes_in=request.content_length,
            bytes_out=len(answer.body),
            duration_ms=round((time.perf_counter() - began_s) * 1000, 3),
        )


class _Share:
    """What the body of one request takes of the memory that is set aside for all, until it is answered."""

    __slots__ = ("_handler", "taken_bytes")

    def __init__(self, handler: Handler) -> None:
        self._handler, self.taken_bytes = handler, 0

    def take(self, count_bytes: int) -> None:
        self.taken_bytes += count_bytes
        self._handler.buffered_bytes += count_bytes
        if self._handler.buffered_bytes > MAX_BUFFERED_BYTES:
            raise refused(OVERLOADED)


class _Written(web.StreamResponse):
    """An answer whose bytes are ready: the server only sends them."""

    def __init__(self, answer: Answer, head: bytes, keeps_alive: bool) -> None:
        super().__init__(status=answer.status)
        self._head, self._content, self._keeps_alive = head, answer.body, keeps_alive

    @property
    def keep_alive(self) -> bool:
        return self._keeps_alive

    async def prepare(self, request: web.BaseRequest) -> None:
        if request.transport is None:
            raise ConnectionResetError("the client is gone")
        request.transport.write(self._head + self._content)
        if request.protocol.writing_paused:
            # More waits to be sent than a connection may hold. The next request is not read before that is less; a
            # client that reads nothing is hung up on.
            try:
                async with asyncio.timeout(ANSWER_LIMIT_S):
                    await request.writer.drain()
            except TimeoutError:
                request.transport.abort()
                raise ConnectionResetError("the client did not read its answer") from None

    async def write_eof(self, data: bytes = b"") -> None:
        """Everything is written already."""


class _HungUp(web.StreamResponse):
    """No answer: the engine was told to lose it, or the client is gone."""

    async def prepare(self, request: web.BaseRequest) -> None:
        if request.transport is not None:
            request.transport.abort()
        raise ConnectionResetError("the answer got lost")


def _new_request_id() -> str:
    """Return an id in the service's form: 52 digits of base 32, in capitals; only the first sixteen digits are used."""
    return random.randbytes(26).hex().upper()  # noqa: S311  # a name, not a secret


def _operation_of(target: str) -> str:
    """Return the operation that a target names in the protocol it belongs to."""
    for prefix, of_streams in ((_DATA_PREFIX, False), (_STREAMS_PREFIX, True)):
        operation = target.removeprefix(prefix)
        if operation != target and operation.isidentifier() and (operation in _STREAM_OPERATIONS) is of_streams:
            return operation
    raise refused(OPERATION_UNKNOWN)


def _too_large() -> Answer:
    return Answer(413, b"", code="RequestEntityTooLarge", closes=True)


async def _as_accepted(answer: Answer, accepted: str) -> Answer:
    """Return an answer zipped where the client asked for it and it is worth it."""
    if len(answer.body) < _ZIPPED_FROM_BYTES or not _wants_gzip(accepted):
        return answer
    if len(answer.body) >= _ZIPPED_IN_A_THREAD_FROM_BYTES:
        body = await asyncio.to_thread(zipped, answer.body)
    else:
        body = zipped(answer.body)
    return replace(answer, body=body, headers={**answer.headers, "Content-Encoding": "gzip"})


def _wants_gzip(accepted: str) -> bool:
    for offer in accepted.lower().split(","):
        coding, _, quality = offer.partition(";")
        if coding.strip() == "gzip":
            return quality.replace(" ", "").removeprefix("q=").strip("0.") != "" or not quality
    return False
