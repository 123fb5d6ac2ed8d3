"""The two that are asked: the embedded engine and DynamoDB Local, with what each of them answered before."""

from __future__ import annotations

import asyncio
import http.client
import json
import traceback
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import urlsplit

from ddbmodel.engine.engine import Engine
from ddbmodel.engine.options import EngineOptions
from ddbmodel.errors import ServiceError

__all__ = ["Answer", "Backend", "DynamoDBLocal", "Embedded", "Memory"]

_STREAM_OPERATIONS = frozenset({"ListStreams", "DescribeStream", "GetShardIterator", "GetRecords"})
_HEADERS = {
    "Content-Type": "application/x-amz-json-1.0",
    "Authorization": "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/dynamodb/aws4_request, "
    "SignedHeaders=host, Signature=0",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What a backend said: a response, or an error with its type, text, item and cancellation reasons."""

    response: dict[str, Any] | None = None
    error: str | None = None
    message: str = ""
    item: dict[str, Any] | None = None
    reasons: tuple[tuple[str, str, Any], ...] = ()


@dataclass(slots=True)
class Memory:
    """The tokens, identifiers and keys that a backend answered last, for requests that go by them."""

    kept: dict[str, Any] = field(default_factory=dict)

    def fill(self, value: Any) -> Any:
        """Return a request in which each ``{"$": name}`` is what was answered; one that was not is left out."""
        if isinstance(value, dict):
            return (
                {n: self.fill(v) for n, v in value.items() if not (_name(v) and _name(v) not in self.kept)}
                if not _name(value)
                else self.kept[str(_name(value))]
            )
        return [self.fill(member) for member in value] if isinstance(value, list) else value

    def keep(self, response: Any) -> None:
        """Keep what later requests may go by."""
        if isinstance(response, list):
            for member in response:
                self.keep(member)
        if not isinstance(response, dict):
            return
        for name, value in response.items():
            if name in (
                "ShardIterator",
                "NextShardIterator",
                "ShardId",
                "SequenceNumber",
                "NextToken",
                "LastEvaluatedKey",
            ):
                self.kept[name] = value
            elif name in ("StreamArn", "LatestStreamArn"):
                self.kept["StreamArn"] = value
            elif name not in ("Item", "Items", "Attributes", "Streams"):
                self.keep(value)


class Backend(Protocol):
    """Answers requests."""

    memory: Memory

    def ask(self, operation: str, request: dict[str, Any]) -> Answer: ...


class DynamoDBLocal:
    """DynamoDB Local, asked in plain JSON."""

    def __init__(self, url: str) -> None:
        self.connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)
        self.memory = Memory()

    def ask(self, operation: str, request: dict[str, Any]) -> Answer:
        service = "DynamoDBStreams" if operation in _STREAM_OPERATIONS else "DynamoDB"
        headers = {**_HEADERS, "X-Amz-Target": f"{service}_20120810.{operation}"}
        self.connection.request("POST", "/", json.dumps(request), headers)
        reply = self.connection.getresponse()
        body = json.loads(reply.read())
        if reply.status == 200:
            return Answer(response=body)
        return Answer(
            error=body["__type"].partition("#")[2],
            message=body.get("Message") or body.get("message") or "",
            item=body.get("Item"),
            reasons=tuple(
                (reason["Code"], reason.get("Message") or "", reason.get("Item"))
                for reason in body.get("CancellationReasons", ())
            ),
        )

    def close(self) -> None:
        self.connection.close()


class Embedded:
    """The engine, asked the same way; its words are those of before 2026, and its region DynamoDB Local's."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.engine = Engine.open(
            "memory:", region="ddblocal", options=EngineOptions(wording="classic", scan_partitions=1)
        )
        self.memory = Memory()

    def probe(self, operation: str, request: dict[str, Any]) -> Answer:
        """Return what the engine would answer, without effect."""
        engine = self.engine
        try:
            decided = engine._operations.decide(
                operation, request, engine._store, engine._catalog, engine._clock.now_s()
            )
        except ServiceError as error:
            return _refusal(error)
        except Exception as error:
            return _crash(error)
        return Answer(response=decided.response)

    def ask(self, operation: str, request: dict[str, Any]) -> Answer:
        try:
            return Answer(response=self.loop.run_until_complete(self.engine.execute(operation, request)))
        except ServiceError as error:
            return _refusal(error)
        except Exception as error:
            return _crash(error)

    def close(self) -> None:
        self.loop.run_until_complete(self.engine.close())


def _name(value: Any) -> str | None:
    """Return the name of what a request goes by, if the value is such."""
    return value["$"] if isinstance(value, dict) and value.keys() == {"$"} else None


def _refusal(error: ServiceError) -> Answer:
    reasons = tuple((reason.code, reason.message or "", reason.item) for reason in error.cancellation_reasons)
    return Answer(error=error.code, message=error.message, item=error.item, reasons=reasons)


def _crash(error: Exception) -> Answer:
    """Return an answer like any other, so that a program that leads to it is shrunk and reported."""
    where = traceback.extract_tb(error.__traceback__)[-1]
    return Answer(error="Crash", message=f"{error!r} at {where.filename}:{where.lineno}")
