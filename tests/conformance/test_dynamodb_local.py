"""Random requests to the engine and to DynamoDB Local: same responses, same types of error."""

from __future__ import annotations

import asyncio
import http.client
import json
import sys
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from ddbmodel.engine.engine import Engine
from ddbmodel.errors import ServiceError

sys.path.insert(0, str(Path(__file__).parent))

from canonical import canonical
from differences import Answer, explained
from random_requests import RandomRequests, table_definition

_HEADERS = {
    "Content-Type": "application/x-amz-json-1.0",
    "Authorization": "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/dynamodb/aws4_request, "
    "SignedHeaders=host, Signature=0",
}
_REQUESTS_PER_PROGRAM = 60


class DynamoDBLocal:
    """DynamoDB Local, asked in plain JSON."""

    def __init__(self, url: str) -> None:
        self.connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)

    def ask(self, operation: str, request: dict[str, Any]) -> Answer:
        headers = {**_HEADERS, "X-Amz-Target": f"DynamoDB_20120810.{operation}"}
        self.connection.request("POST", "/", json.dumps(request), headers)
        reply = self.connection.getresponse()
        body = json.loads(reply.read())
        if reply.status == 200:
            return Answer(response=body)
        return Answer(
            error=body["__type"].partition("#")[2],
            message=body.get("Message") or body.get("message") or "",
            item=body.get("Item"),
            reasons=tuple(reason["Code"] for reason in body.get("CancellationReasons", ())),
        )

    def close(self) -> None:
        self.connection.close()


class Embedded:
    """The engine, asked the same way."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.engine = Engine.open("memory:")

    def ask(self, operation: str, request: dict[str, Any]) -> Answer:
        try:
            return Answer(response=self.loop.run_until_complete(self.engine.execute(operation, request)))
        except ServiceError as error:
            reasons = tuple(reason.code for reason in error.cancellation_reasons)
            return Answer(error=error.code, message=error.message, item=error.item, reasons=reasons)

    def close(self) -> None:
        self.loop.run_until_complete(self.engine.close())


@pytest.mark.slow
def test_random_requests_get_the_answers_of_dynamodb_local(
    dynamodb_local_url: str, loop: asyncio.AbstractEventLoop, effort: Any
) -> None:
    with closing(DynamoDBLocal(dynamodb_local_url)) as local:
        for seed in range(effort.count(quick=2, check=40, long=600)):
            with closing(Embedded(loop)) as embedded:
                _run_program(seed, embedded, local)


def _run_program(seed: int, embedded: Embedded, local: DynamoDBLocal) -> None:
    table = f"program{seed}"
    for backend in (embedded, local):
        created = backend.ask("CreateTable", table_definition(table))
        assert created.error is None, created.message
    requests = RandomRequests(seed, table)
    for number in range(_REQUESTS_PER_PROGRAM):
        operation, request = requests.next()
        ours, theirs = embedded.ask(operation, request), local.ask(operation, request)
        if not _agree(request, ours, theirs):
            difference = explained(operation, request, ours, theirs)
            assert difference is not None, _report(seed, number, operation, request, ours, theirs)
            _make_equal(table, embedded, local)
        elif "REMOVE" in json.dumps(request):
            # Both may answer the same and only DynamoDB Local have made an item of nothing but a key (differences.py).
            _make_equal(table, embedded, local)
    local.ask("DeleteTable", {"TableName": table})


def _agree(request: dict[str, Any], ours: Answer, theirs: Answer) -> bool:
    if ours.error != theirs.error:
        return False
    if ours.error is not None:
        return ours.reasons == theirs.reasons and canonical(ours.item) == canonical(theirs.item)
    one, other = dict(ours.response or {}), dict(theirs.response or {})
    # DynamoDB Local tells what a DeleteItem consumed whether it was asked or not.
    other.pop("ConsumedCapacity", None)
    if "IndexName" in request or "KeyConditionExpression" not in request:
        one, other = _without_order(one), _without_order(other)
    return canonical(one) == canonical(other)


def _without_order(response: dict[str, Any]) -> dict[str, Any]:
    """Leave the order of items out: of a scan or a batch it means nothing, of equal index keys neither."""
    if "Items" in response:
        response["Items"] = sorted((canonical(item) for item in response["Items"]), key=repr)
    if "Responses" in response and isinstance(response["Responses"], dict):
        response["Responses"] = {
            name: sorted((canonical(item) for item in items), key=repr) for name, items in response["Responses"].items()
        }
    return response


def _make_equal(table: str, embedded: Embedded, local: DynamoDBLocal) -> None:
    """Give DynamoDB Local the engine's items, so that a known difference does not follow the rest of the program."""
    kept = {_key(item): item for item in (embedded.ask("Scan", {"TableName": table}).response or {})["Items"]}
    theirs = {_key(item): item for item in (local.ask("Scan", {"TableName": table}).response or {})["Items"]}
    for key, item in theirs.items():
        if key not in kept:
            local.ask("DeleteItem", {"TableName": table, "Key": {"pk": item["pk"], "sk": item["sk"]}})
    for key, item in kept.items():
        if canonical(item) != canonical(theirs.get(key)):
            local.ask("PutItem", {"TableName": table, "Item": item})


def _key(item: dict[str, Any]) -> tuple[str, str]:
    return item["pk"]["S"], item["sk"]["N"]


def _report(seed: int, number: int, operation: str, request: dict[str, Any], ours: Answer, theirs: Answer) -> str:
    return (
        f"program {seed}, request {number}: {operation} {json.dumps(request)}\n"
        f"  engine:         {ours}\n  DynamoDB Local: {theirs}"
    )
