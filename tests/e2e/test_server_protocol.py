"""What a client sees on the wire: bodies, headers, errors, and what is refused before the engine hears of it."""

from __future__ import annotations

import asyncio
import gzip
import json
import re
import sqlite3
import zlib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import ClientResponse, ClientSession
from served import post_bytes, raw_exchange

from ddbmodel.engine.behaviours import Behaviours
from ddbmodel.engine.engine import Engine
from ddbmodel.server.running import Server
from ddbmodel.server.settings import ServerSettings

ANY_SIGNATURE = (
    "AWS4-HMAC-SHA256 Credential=k/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0"
)
TABLE = {
    "TableName": "scores",
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
    "BillingMode": "PAY_PER_REQUEST",
    "StreamSpecification": {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
}


class Wire:
    """Sends requests to a server of this process."""

    def __init__(self, server: Server, session: ClientSession) -> None:
        self.url, self._session = server.url, session
        self.port = int(server.url.rsplit(":", 1)[1])

    async def send(self, method: str, path: str = "/", **options: Any) -> tuple[ClientResponse, bytes]:
        async with self._session.request(method, self.url + path, **options) as response:
            return response, await response.read()

    async def post(
        self,
        target: str,
        body: Any,
        headers: Mapping[str, str] | None = None,
        *,
        without: tuple[str, ...] = (),
    ) -> tuple[ClientResponse, bytes]:
        lines = {
            "X-Amz-Target": target if "." in target else f"DynamoDB_20120810.{target}",
            "Content-Type": "application/x-amz-json-1.0",
            "X-Amz-Date": "20260101T000000Z",
            "Authorization": ANY_SIGNATURE,
            **(headers or {}),
        }
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        sent = {name: value for name, value in lines.items() if name not in without}
        return await self.send("POST", data=data, headers=sent, skip_auto_headers=["Content-Type"])

    async def call(self, target: str, body: Any) -> Any:
        response, content = await self.post(target, body)
        assert response.status == 200, content
        return json.loads(content)


@asynccontextmanager
async def wired(**settings: Any) -> AsyncIterator[Wire]:
    engine = Engine.open(region="eu-west-1")
    session = ClientSession(auto_decompress=False)
    try:
        async with Server(engine, ServerSettings(port=0, region="eu-west-1", **settings)) as server, session:
            yield Wire(server, session)
    finally:
        await engine.close()


@pytest.fixture
async def wire() -> AsyncIterator[Wire]:
    async with wired() as wire:
        yield wire


async def test_an_answer_has_the_headers_of_the_service(wire: Wire) -> None:
    response, body = await wire.post("ListTables", {})

    assert json.loads(body) == {"TableNames": []}
    assert response.status == 200
    assert response.headers["Content-Type"] == "application/x-amz-json-1.0"
    assert re.fullmatch("[0-9A-V]{52}", response.headers["x-amzn-RequestId"])
    assert response.headers["x-amz-crc32"] == str(zlib.crc32(body))
    assert response.headers["Server"] == "Server"
    assert response.headers["Date"].endswith(" GMT")


async def test_request_ids_differ(wire: Wire) -> None:
    ids = {(await wire.post("ListTables", {}))[0].headers["x-amzn-RequestId"] for _ in range(20)}

    assert len(ids) == 20


async def test_an_error_has_the_headers_and_the_types_of_the_service(wire: Wire) -> None:
    response, body = await wire.post("GetItem", {"TableName": "nowhere", "Key": {"id": {"S": "a"}}})

    assert response.status == 400
    assert json.loads(body) == {
        "__type": "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException",
        "message": "Requested resource not found",
    }
    assert response.headers["x-amz-crc32"] == str(zlib.crc32(body))
    assert len(response.headers["x-amzn-RequestId"]) == 52


async def test_tables_items_and_streams_go_over_the_wire(wire: Wire) -> None:
    table = (await wire.call("CreateTable", TABLE))["TableDescription"]
    await wire.call("PutItem", {"TableName": "scores", "Item": {"id": {"S": "ü"}, "raw": {"B": "AAE="}}})

    item = (await wire.call("GetItem", {"TableName": "scores", "Key": {"id": {"S": "ü"}}}))["Item"]
    arn = table["LatestStreamArn"]
    stream = await wire.call("DynamoDBStreams_20120810.DescribeStream", {"StreamArn": arn})
    shard = stream["StreamDescription"]["Shards"][0]["ShardId"]
    iterator = await wire.call(
        "DynamoDBStreams_20120810.GetShardIterator",
        {"StreamArn": arn, "ShardId": shard, "ShardIteratorType": "TRIM_HORIZON"},
    )
    records = await wire.call("DynamoDBStreams_20120810.GetRecords", iterator)

    assert item == {"id": {"S": "ü"}, "raw": {"B": "AAE="}}
    assert ":eu-west-1:" in table["TableArn"]
    assert isinstance(table["CreationDateTime"], (int, float))
    (record,) = records["Records"]
    assert record["dynamodb"]["NewImage"] == item
    assert isinstance(record["dynamodb"]["ApproximateCreationDateTime"], (int, float))


@pytest.mark.parametrize(
    "target",
    [
        "DynamoDB_20120810.NoSuchOperation",
        "DynamoDB_20120810.GetRecords",
        "DynamoDBStreams_20120810.GetItem",
        "DynamoDB_20111205.GetItem",
        "dynamodb_20120810.GetItem",
        "DynamoDB_20120810.",
        "DynamoDB_20120810.execute",
        ".",
    ],
)
async def test_an_unknown_operation_is_answered_by_its_type_alone(wire: Wire, target: str) -> None:
    response, body = await wire.post(target, {})

    assert response.status == 400
    assert json.loads(body) == {"__type": "com.amazon.coral.service#UnknownOperationException"}


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"a":"\\ud800"}', b'{"TableName":NaN}', b"[" * 100_000])
async def test_a_body_that_is_not_json_is_a_serialization_exception(wire: Wire, body: bytes) -> None:
    response, content = await wire.post("GetItem", body)

    assert response.status == 400
    assert json.loads(content) == {"__type": "com.amazon.coral.service#SerializationException"}


async def test_a_key_that_comes_twice_is_not_read_either_way(wire: Wire) -> None:
    response, content = await wire.post("ListTables", b'{"Limit":1,"Limit":2}')

    assert response.status == 400
    assert json.loads(content) == {
        "__type": "com.amazon.coral.service#SerializationException",
        "Message": "An object of the request has the same key twice",
    }


@pytest.mark.parametrize(
    ("without", "headers", "error", "text"),
    [
        (("Authorization",), {}, "MissingAuthenticationTokenException", "Request is missing Authentication Token"),
        ((), {"Authorization": "Basic YTpi"}, "MissingAuthenticationTokenException", None),
        ((), {"Authorization": "AWS4-HMAC-SHA256 x"}, "IncompleteSignatureException", None),
    ],
)
async def test_a_request_has_the_form_of_a_signed_one_also_where_nobody_checks(
    wire: Wire, without: tuple[str, ...], headers: dict[str, str], error: str, text: str | None
) -> None:
    response, body = await wire.post("ListTables", {}, headers, without=without)

    assert response.status == 400
    answer = json.loads(body)
    assert answer["__type"] == f"com.amazon.coral.service#{error}"
    assert text is None or answer["message"] == text


async def test_a_request_is_signed_once(wire: Wire) -> None:
    twice = f"{ANY_SIGNATURE}\r\nAuthorization: {ANY_SIGNATURE}"
    request = post_bytes("ListTables", b"{}", Authorization=twice, Connection="close")

    (answer,), _ = await asyncio.to_thread(raw_exchange, wire.port, request)

    assert answer.status == 400
    assert answer.document["__type"] == "com.amazon.coral.service#IncompleteSignatureException"


async def test_a_header_that_is_no_text_is_answered(wire: Wire) -> None:
    request = post_bytes("ListTables", b"{}", Authorization="AWS4-HMAC-SHA256 \xff\xfe", Connection="close")

    (answer,), _ = await asyncio.to_thread(raw_exchange, wire.port, request)

    assert answer.status == 400
    assert answer.document["__type"] == "com.amazon.coral.service#IncompleteSignatureException"
    assert answer.document["message"].endswith("Authorization=AWS4-HMAC-SHA256 ??")


@pytest.mark.parametrize(
    "content_type",
    [None, "text/plain", "application/json", "application/x-www-form-urlencoded", "application/x-amz-json-1.1"],
)
async def test_only_the_protocols_own_content_type_is_taken(wire: Wire, content_type: str | None) -> None:
    headers = {} if content_type is None else {"Content-Type": content_type}
    response, body = await wire.post("ListTables", {}, headers, without=("Content-Type",) if not headers else ())

    assert (response.status, body) == (404, b"<UnknownOperationException/>\n")
    assert response.headers["x-amz-crc32"] == "3552371480"


async def test_a_content_type_may_name_its_charset(wire: Wire) -> None:
    response, _ = await wire.post("ListTables", {}, {"Content-Type": "application/x-amz-json-1.0; charset=utf-8"})

    assert response.status == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/other"),
        ("POST", "/?X-Amz-Signature=abc"),
        ("PUT", "/"),
        ("DELETE", "/"),
        ("GET", "/x"),
        ("OPTIONS", "/"),
    ],
)
async def test_other_methods_and_places_are_not_found(wire: Wire, method: str, path: str) -> None:
    response, _ = await wire.send(method, path, headers={"Authorization": ANY_SIGNATURE})

    assert response.status == 404


async def test_the_root_says_that_it_is_healthy_as_the_service_does(wire: Wire) -> None:
    response, body = await wire.send("GET")

    assert (response.status, body) == (200, b"healthy: dynamodb.eu-west-1.amazonaws.com ")
    assert len(response.headers["x-amzn-RequestId"]) == 52


async def test_health_is_that_of_the_engine() -> None:
    engine = Engine.open()
    async with Server(engine, ServerSettings(port=0)) as server, ClientSession() as session:
        wire = Wire(server, session)
        assert (await wire.send("GET", "/health"))[1] == b'{"status":"ok"}'

        await engine.close()

        response, body = await wire.send("GET", "/health")
        assert (response.status, body) == (503, b'{"status":"failed"}')
        response, body = await wire.post("ListTables", {})
        assert response.status == 500
        assert json.loads(body) == {
            "__type": "com.amazonaws.dynamodb.v20120810#InternalServerError",
            "message": "Internal server error",
        }


async def test_a_bug_is_an_internal_error_that_tells_the_client_nothing(
    wire: Wire, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def fail(*_: object, **__: object) -> None:
        raise KeyError("a secret value") from sqlite3.OperationalError("another secret")

    monkeypatch.setattr(Engine, "execute", fail)
    response, body = await wire.post("ListTables", {})

    assert response.status == 500
    assert b"secret" not in body
    logged = capsys.readouterr().err
    assert "failed inside" in logged
    assert "error=KeyError from OperationalError" in logged
    assert response.headers["x-amzn-RequestId"] in logged
    assert "secret" not in logged


@pytest.mark.parametrize("accepted", ["gzip", "gzip, deflate", "deflate, GZIP;q=0.5", "br;q=1, gzip;q=1.0"])
async def test_a_large_answer_is_zipped_when_asked(wire: Wire, accepted: str) -> None:
    await wire.call("CreateTable", TABLE)
    await wire.call("PutItem", {"TableName": "scores", "Item": {"id": {"S": "a"}, "text": {"S": "x" * 300_000}}})

    response, body = await wire.post("Scan", {"TableName": "scores"}, {"Accept-Encoding": accepted})

    assert response.headers["Content-Encoding"] == "gzip"
    assert response.headers["x-amz-crc32"] == str(zlib.crc32(body))
    assert len(body) < 10_000
    assert json.loads(gzip.decompress(body))["Items"][0]["text"]["S"] == "x" * 300_000


@pytest.mark.parametrize("accepted", ["identity", "gzip;q=0", "deflate", "gzip; q=0.0"])
async def test_no_other_answer_is_zipped(wire: Wire, accepted: str) -> None:
    await wire.call("CreateTable", TABLE)
    await wire.call("PutItem", {"TableName": "scores", "Item": {"id": {"S": "a"}, "text": {"S": "x" * 3000}}})

    response, _ = await wire.post("Scan", {"TableName": "scores"}, {"Accept-Encoding": accepted})
    small, _ = await wire.post("ListTables", {}, {"Accept-Encoding": "gzip"})

    assert "Content-Encoding" not in response.headers
    assert "Content-Encoding" not in small.headers


@pytest.mark.parametrize("body", [gzip.compress(b" " * 10_000_000), b"not zipped at all"])
async def test_a_zipped_request_is_not_unpacked(wire: Wire, body: bytes) -> None:
    response, _ = await wire.post("ListTables", body, {"Content-Encoding": "gzip"})

    assert response.status == 415


PAGE = "http://localhost:3000"


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.test"},
        {"Host": "evil.test:8000"},
        {"Origin": "http://evil.test"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
    ],
)
async def test_a_web_page_is_refused(wire: Wire, headers: dict[str, str]) -> None:
    posted, _ = await wire.post("ListTables", {}, headers)
    got, _ = await wire.send("GET", headers=headers)
    asked, _ = await wire.send("OPTIONS", headers=headers)

    assert [posted.status, got.status, asked.status] == [403, 403, 403]
    assert not [name for answer in (posted, got, asked) for name in answer.headers if name.startswith("Access-")]


async def test_a_page_of_an_allowed_origin_may_ask_and_read() -> None:
    async with wired(allowed_origins=(PAGE,)) as wire:
        asked, _ = await wire.send("OPTIONS", headers={"Origin": PAGE, "Access-Control-Request-Method": "POST"})
        posted, _ = await wire.post("ListTables", {}, {"Origin": PAGE})
        other, _ = await wire.post("ListTables", {}, {"Origin": "http://evil.test"})

    assert asked.status == 200
    assert asked.headers["Access-Control-Allow-Origin"] == PAGE
    assert "x-amz-target" in asked.headers["Access-Control-Allow-Headers"]
    assert "POST" in asked.headers["Access-Control-Allow-Methods"]
    assert posted.status == 200
    assert posted.headers["Access-Control-Allow-Origin"] == PAGE
    assert posted.headers["Vary"] == "Origin"
    assert other.status == 403


async def test_a_name_that_was_allowed_is_answered() -> None:
    async with wired(allowed_hosts=("dynamodb",)) as wire:
        assert (await wire.post("ListTables", {}, {"Host": "dynamodb:8000"}))[0].status == 200
        assert (await wire.post("ListTables", {}, {"Host": "evil.test"}))[0].status == 403


async def test_requests_that_come_in_one_piece_are_answered_in_order(wire: Wire) -> None:
    await wire.call("CreateTable", TABLE)
    puts = [
        post_bytes("PutItem", json.dumps({"TableName": "scores", "Item": {"id": {"S": str(n)}}}).encode())
        for n in range(50)
    ]
    scan = post_bytes("Scan", b'{"TableName":"scores","Select":"COUNT"}', Connection="close")

    answers, closed = await asyncio.to_thread(raw_exchange, wire.port, b"".join([*puts, scan]))

    assert [answer.status for answer in answers] == [200] * 51
    assert answers[-1].document["Count"] == 50
    assert closed


async def test_an_engine_that_loses_answers_breaks_the_connection() -> None:
    engine = Engine.open(behaviours=Behaviours(lost_response_rate=1.0))
    async with Server(engine, ServerSettings(port=0)) as server:
        port = int(server.url.rsplit(":", 1)[1])
        answers, closed = await asyncio.to_thread(raw_exchange, port, post_bytes("Scan", b"{}"))
    await engine.close()

    assert (answers, closed) == ([], True)
