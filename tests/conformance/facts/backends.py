"""Who can be asked: the engine in this process, and any server that speaks DynamoDB's JSON over HTTP."""

from __future__ import annotations

import asyncio
import http.client
import json
import time
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import uuid4

from ddbmodel.engine.behaviours import Behaviours
from ddbmodel.engine.clock import ManualClock
from ddbmodel.engine.engine import Engine
from ddbmodel.engine.options import EngineOptions
from ddbmodel.errors import ServiceError
from facts.form import Answer, Asked, CannotAsk

__all__ = ["HEADERS", "PAGE", "USER", "Embedded", "OverHttp"]

USER: Final = ("AKIDFACTS", "the secret of facts")
PAGE: Final = "http://localhost:3000"

HEADERS: Final = {
    "Content-Type": "application/x-amz-json-1.0",
    "X-Amz-Date": "20261101T000000Z",
    "Authorization": "AWS4-HMAC-SHA256 Credential=test/20261101/us-east-1/dynamodb/aws4_request, "
    "SignedHeaders=host;x-amz-date;x-amz-target, "
    "Signature=0000000000000000000000000000000000000000000000000000000000000000",
}
_STREAM_OPERATIONS: Final = frozenset({"ListStreams", "DescribeStream", "GetShardIterator", "GetRecords"})
_READY_WITHIN_S: Final = 10


class Embedded:
    """A new engine in memory, on a clock of its own."""

    words_count = True

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop, self._clock = loop, ManualClock(1_760_000_000.0)
        self._engine = Engine.open("memory:", region="us-east-1", clock=self._clock)

    def ask(self, operation: str, request: dict[str, Any]) -> Answer:
        """Return the answer to a request."""
        try:
            return Answer(self._loop.run_until_complete(self._engine.execute(operation, request)))
        except ServiceError as error:
            body: dict[str, Any] = {} if error.item is None else {"Item": error.item}
            if error.cancellation_reasons:
                body["CancellationReasons"] = [
                    {
                        "Code": reason.code,
                        **({} if reason.message is None else {"Message": reason.message}),
                        **({} if reason.item is None else {"Item": reason.item}),
                    }
                    for reason in error.cancellation_reasons
                ]
            return Answer(body, error.code, error.message)

    def send(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Asked:
        """There is no HTTP in a process."""
        raise CannotAsk("not over HTTP")

    def advance(self, seconds: float) -> None:
        """Move the engine's clock on."""
        self._clock.advance(seconds)

    def configure(self, **options: Any) -> None:
        """Begin anew with these options."""
        self.close()
        self._engine = Engine.open("memory:", region="us-east-1", clock=self._clock, options=EngineOptions(**options))

    def secured(self) -> OverHttp:
        """There are no access keys in a process."""
        raise CannotAsk("not over HTTP")

    def behave(self, **behaviours: Any) -> None:
        """Misbehave as `Behaviours` says."""
        self._engine.behave(Behaviours(**behaviours))

    def close(self) -> None:
        """End the engine."""
        self._loop.run_until_complete(self._engine.close())


class OverHttp:
    """A server at a URL; `forget` deletes all of its tables.

    Args:
        secured_url: a server of the same kind that knows the access key of `USER` and the origin `PAGE`.
        switches: makes it misbehave as `Behaviours` says.
    """

    def __init__(
        self,
        url: str,
        *,
        words_count: bool = True,
        secured_url: str | None = None,
        switches: Callable[[Behaviours], None] | None = None,
    ) -> None:
        self._switches = switches
        self._address, self.words_count, self._secured_url = urlsplit(url).netloc, words_count, secured_url
        self._secured: OverHttp | None = None
        self._round = ""
        self._connection = http.client.HTTPConnection(self._address, timeout=30)

    def ask(self, operation: str, request: dict[str, Any]) -> Answer:
        """Return the answer to a request; a new table is waited for."""
        service = "DynamoDBStreams" if operation in _STREAM_OPERATIONS else "DynamoDB"
        headers = {**HEADERS, "X-Amz-Target": f"{service}_20120810.{operation}"}
        if request.get("ClientRequestToken") == "token":
            # A server remembers tokens longer than a fact takes.
            request = {**request, "ClientRequestToken": f"token-{self._round}"}
        asked = self.send("POST", "/", headers, json.dumps(request).encode())
        try:
            body = json.loads(asked.body)
        except ValueError:
            return Answer({}, f"HTTP {asked.status}", asked.body[:200].decode("utf-8", "replace"))
        if asked.status == 200:
            if operation in ("CreateTable", "UpdateTable") and isinstance(request.get("TableName"), str):
                self._wait_for(request["TableName"])
            return Answer(body)
        message = body.get("message") or body.get("Message") or ""
        return Answer(body, str(body.get("__type", f"HTTP {asked.status}")).rpartition("#")[2], message)

    def send(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Asked:
        """Return the raw answer over HTTP."""
        for attempt in (1, 2):
            try:
                self._connection.request(method, path, body, headers)
                reply = self._connection.getresponse()
                read = reply.read()
                break
            except (http.client.HTTPException, OSError):
                self._connection.close()
                if attempt == 2:
                    return Asked(0, {}, b"the server hung up")
        return Asked(reply.status, {name.lower(): value for name, value in reply.getheaders()}, read)

    def advance(self, seconds: float) -> None:
        """Nobody outside can move its clock."""
        raise CannotAsk("its clock cannot be moved")

    def configure(self, **options: Any) -> None:
        """Servers of others have one wording, and no other options; ours would have to be started anew."""
        if self._switches is not None or options.keys() != {"wording"}:
            raise CannotAsk("it has no such options")

    def secured(self) -> OverHttp:
        """Return the server that knows its users."""
        if self._secured_url is None:
            raise CannotAsk("it takes every access key")
        self._secured = self._secured or OverHttp(self._secured_url)
        return self._secured

    def behave(self, **behaviours: Any) -> None:
        """Misbehave until `forget`."""
        if self._switches is None:
            raise CannotAsk("it has no switches")
        self._switches(Behaviours(**behaviours))

    def forget(self) -> None:
        """Delete all tables, and behave."""
        if self._switches is not None:
            self._switches(Behaviours())
        self._round = uuid4().hex[:12]
        for name in self.ask("ListTables", {}).body.get("TableNames", ()):
            if self.ask("DeleteTable", {"TableName": name}).code is not None:
                self.ask("UpdateTable", {"TableName": name, "DeletionProtectionEnabled": False})
                self.ask("DeleteTable", {"TableName": name})

    def close(self) -> None:
        """Hang up."""
        self._connection.close()
        if self._secured is not None:
            self._secured.close()

    def _wait_for(self, table: str) -> None:
        deadline = time.monotonic() + _READY_WITHIN_S
        while time.monotonic() < deadline:
            described = self.ask("DescribeTable", {"TableName": table}).body.get("Table", {})
            indexes = described.get("GlobalSecondaryIndexes", ())
            if described.get("TableStatus", "ACTIVE") == "ACTIVE" and all(
                index.get("IndexStatus", "ACTIVE") == "ACTIVE" for index in indexes
            ):
                return
            time.sleep(0.02)
