"""The bytes of an answer: body, error types and headers as the service writes them.

| error | prefix of ``__type`` | its message is called |
|---|---|---|
| ValidationException | ``com.amazon.coral.validate#`` | ``message`` |
| what is wrong with protocol, signature or rights | ``com.amazon.coral.service#`` | ``message``; ``Message`` for SerializationException and AccessDeniedException |
| ThrottlingException, ServiceUnavailable | ``com.amazon.coral.availability#`` | ``message`` |
| all others | ``com.amazonaws.dynamodb.v20120810#`` | as the API's model names it |

Source: answers recorded on the service in 2026; botocore's service models for the names.
"""  # noqa: E501  # a table

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import formatdate
from http import HTTPStatus
from typing import Any, Final

import orjson

from ddbmodel.errors import CancellationReason, ServiceError

__all__ = ["JSON_1_0", "JSON_1_1", "Answer", "error_body", "head_of", "status_of", "zipped"]

JSON_1_0: Final = "application/x-amz-json-1.0"
JSON_1_1: Final = "application/x-amz-json-1.1"
"""Of Application Auto Scaling."""

_OF_THE_PROTOCOL: Final = frozenset(
    {
        "AccessDeniedException",
        "ExpiredTokenException",
        "IncompleteSignatureException",
        "InvalidSignatureException",
        "MissingAuthenticationTokenException",
        "SerializationException",
        "UnknownOperationException",
        "UnrecognizedClientException",
    }
)
_PREFIXES: Final[Mapping[str, str]] = {
    **dict.fromkeys(_OF_THE_PROTOCOL, "com.amazon.coral.service#"),
    "ValidationException": "com.amazon.coral.validate#",
    "ThrottlingException": "com.amazon.coral.availability#",
    "ServiceUnavailable": "com.amazon.coral.availability#",
}
_OF_THE_SERVICE: Final = "com.amazonaws.dynamodb.v20120810#"
_WITH_A_CAPITAL: Final = frozenset(
    {
        "AccessDeniedException",
        "IdempotentParameterMismatchException",
        "SerializationException",
        "TransactionCanceledException",
        "TransactionInProgressException",
    }
)
# The service says no more than the type.
_WITHOUT_TEXT: Final = frozenset({"UnknownOperationException"})
_STATUS: Final[Mapping[str, int]] = {"InternalServerError": 500, "ServiceUnavailable": 503}
_PHRASES: Final[Mapping[int, str]] = {int(status): status.phrase for status in HTTPStatus}


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back to the client; `code` is the error's name, for the log."""

    status: int
    body: bytes
    content_type: str = JSON_1_0
    headers: Mapping[str, str] = field(default_factory=dict)
    code: str | None = None
    closes: bool = False


def error_body(error: ServiceError) -> bytes:
    """Return the body that says an error."""
    document: dict[str, Any] = {"__type": _PREFIXES.get(error.code, _OF_THE_SERVICE) + error.code}
    if error.cancellation_reasons:
        document["CancellationReasons"] = [_reason(reason) for reason in error.cancellation_reasons]
    if error.throttling_reasons:
        # The API's model spells it small for one of the three errors that have it.
        name = "throttlingReasons" if error.code == "ThrottlingException" else "ThrottlingReasons"
        document[name] = [{"reason": each.reason, "resource": each.resource} for each in error.throttling_reasons]
    if error.item is not None:
        document["Item"] = error.item
    if error.message and error.code not in _WITHOUT_TEXT:
        # Headers that are quoted may hold bytes that are no text.
        text = error.message.encode("utf-8", "replace").decode()
        document["Message" if error.code in _WITH_A_CAPITAL else "message"] = text
    return orjson.dumps(document)


def status_of(error: ServiceError) -> int:
    """Return the HTTP status of an error."""
    return _STATUS.get(error.code, 400)


def zipped(body: bytes) -> bytes:
    """Return a body in gzip's form; fast rather than small, since it goes to the same machine or the next one."""
    packer = zlib.compressobj(1, zlib.DEFLATED, 31)
    return packer.compress(body) + packer.flush()


def head_of(answer: Answer, request_id: str, now_s: float, *, keeps_alive: bool) -> bytes:
    """Return the status line and the headers of an answer; the checksum is that of the body as it is sent."""
    more = "".join(f"{name}: {value}\r\n" for name, value in answer.headers.items())
    return (
        f"HTTP/1.1 {answer.status} {_PHRASES[answer.status]}\r\n"
        "Server: Server\r\n"
        f"Date: {_http_date(int(now_s))}\r\n"
        f"Content-Type: {answer.content_type}\r\n"
        f"Content-Length: {len(answer.body)}\r\n"
        f"Connection: {'keep-alive' if keeps_alive else 'close'}\r\n"
        f"x-amzn-RequestId: {request_id}\r\n"
        f"x-amz-crc32: {zlib.crc32(answer.body)}\r\n"
        f"{more}\r\n"
    ).encode("latin-1")


_last_date: tuple[int, str] = (0, "")


def _http_date(now_s: int) -> str:
    global _last_date  # the same for all answers of one second
    if _last_date[0] != now_s:
        _last_date = (now_s, formatdate(now_s, usegmt=True))
    return _last_date[1]


def _reason(reason: CancellationReason) -> dict[str, Any]:
    document: dict[str, Any] = {"Code": reason.code}
    if reason.item is not None:
        document["Item"] = reason.item
    if reason.message is not None:
        document["Message"] = reason.message
    return document
