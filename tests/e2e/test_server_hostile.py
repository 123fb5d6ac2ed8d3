"""Whatever is sent, the server answers with an error or hangs up, in time, and goes on serving the others."""

from __future__ import annotations

import asyncio
import json
import socket
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from served import Served, post_bytes, raw_exchange, served

from ddbmodel.engine.engine import Engine
from ddbmodel.server.running import Server
from ddbmodel.server.settings import ServerSettings

MIB = 1024 * 1024
SMALL = post_bytes("ListTables", b"{}", Connection="close")
pytestmark = pytest.mark.shares("hostile-server")  # they share it


@pytest.fixture(scope="module")
def server() -> Iterator[Served]:
    with served() as running:
        yield running
        assert running.stop() == 0
        assert "failed inside" not in running.said
        assert "Traceback" not in running.said


@pytest.fixture(autouse=True)
def still_serves(request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    if "server" in request.fixturenames:
        answers, closed = raw_exchange(request.getfixturevalue("server").port, SMALL)
        assert ([answer.status for answer in answers], closed) == ([200], True)


def test_a_body_that_says_it_is_too_large_is_not_read(server: Served) -> None:
    began = time.monotonic()
    request = post_bytes("PutItem", b"", Content_Length=str(17 * MIB))

    answers, closed = raw_exchange(server.port, request)

    assert ([answer.status for answer in answers], closed) == ([413], True)
    assert answers[0].headers["connection"] == "close"
    assert time.monotonic() - began < 5


def test_a_body_that_becomes_too_large_is_not_read_to_its_end(server: Served) -> None:
    chunk = b"10000\r\n" + b" " * 65536 + b"\r\n"
    request = post_bytes("PutItem", b"", Content_Length=None, Transfer_Encoding="chunked") + chunk * 300

    answers, closed = raw_exchange(server.port, request)

    assert ([answer.status for answer in answers], closed) == ([413], True)


def test_a_body_of_16_mib_is_taken_whole_or_in_chunks(server: Served) -> None:
    body = b'{"Limit":1' + b" " * (16 * MIB - 11) + b"}"
    assert len(body) == 16 * MIB

    whole, _ = raw_exchange(server.port, post_bytes("ListTables", body, Connection="close"))
    request = post_bytes("ListTables", b"", Content_Length=None, Transfer_Encoding="chunked", Connection="close")
    chunks = b"%x\r\n" % len(body) + body + b"\r\n0\r\n\r\n"
    chunked, _ = raw_exchange(server.port, request + chunks)

    assert [whole[0].status, chunked[0].status] == [200, 200]


def test_a_refused_request_whose_body_is_not_here_ends_its_connection(server: Served) -> None:
    request = post_bytes("ListTables", b"{", Content_Length="2", Content_Type="text/plain")

    (answer,), closed = raw_exchange(server.port, request)

    assert (answer.status, answer.headers["connection"], closed) == (404, "close", True)


def test_a_client_that_waits_for_leave_to_send_gets_it(server: Served) -> None:
    head, _, _ = post_bytes("ListTables", b"{}", Expect="100-continue").partition(b"\r\n\r\n")
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(head + b"\r\n\r\n")
        assert connection.recv(1000) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(b"{}")
        assert connection.recv(1000).startswith(b"HTTP/1.1 200 OK\r\n")


@pytest.mark.parametrize(
    "request_",
    [
        post_bytes("ListTables", b"{}", Transfer_Encoding="chunked"),
        post_bytes("ListTables", b"{}").replace(b"Content-Length: 2", b"Content-Length: 2\r\nContent-Length: 3"),
        post_bytes("ListTables", b"{}", Content_Length="+2"),
        post_bytes("ListTables", b"{}", Content_Length="-2"),
        post_bytes("ListTables", b"{}", Content_Length="0x2"),
        post_bytes("ListTables", b"{}", Content_Length=None, Transfer_Encoding="chunked, identity"),
        post_bytes("ListTables", b"", Content_Length=None, Transfer_Encoding="chunked") + b"zz\r\n{}\r\n0\r\n\r\n",
        post_bytes("ListTables", b"{}").replace(b"X-Amz-Date", b"X-Folded: a\r\n b\r\nX-Amz-Date"),
        post_bytes("ListTables", b"{}").replace(b"Host:", b"Host :"),
        post_bytes("ListTables", b"{}").replace(b"POST / HTTP/1.1", b"POST / HTTP/9.9"),
        b"GET /\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 64,
        b"\x00" * 1000 + b"\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ],
)
def test_a_request_that_could_be_read_in_two_ways_is_refused_and_hung_up_on(server: Served, request_: bytes) -> None:
    answers, closed = raw_exchange(server.port, request_ + SMALL)

    assert [answer.status for answer in answers] == [400]
    assert closed


def test_an_address_in_the_request_line_is_not_a_place_here(server: Served) -> None:
    request = post_bytes("ListTables", b"{}", Connection="close").replace(b"POST / ", b"POST http://evil.test/ ")

    answers, closed = raw_exchange(server.port, request)

    assert ([answer.status for answer in answers], closed) == ([404], True)


@pytest.mark.parametrize("hosts", [b"", b"Host: localhost\r\nHost: localhost\r\n"])
def test_a_request_names_one_host(server: Served, hosts: bytes) -> None:
    request = post_bytes("ListTables", b"{}", Host=None).replace(b"Content-Type", hosts + b"Content-Type", 1)

    answers, _ = raw_exchange(server.port, request.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))

    assert [answer.status for answer in answers] in ([403], [400])


@pytest.mark.parametrize(
    "headers",
    [
        b"".join(b"X-Header-%d: value\r\n" % n for n in range(10_000)),
        b"X-Long: " + b"a" * 100_000 + b"\r\n",
        b"X" * 100_000 + b": a\r\n",
    ],
)
def test_headers_have_limits(server: Served, headers: bytes) -> None:
    request = post_bytes("ListTables", b"{}").replace(b"Host:", headers + b"Host:", 1)

    answers, closed = raw_exchange(server.port, request)

    assert ([answer.status for answer in answers], closed) == ([400], True)


def attribute(depth: int, kind: str) -> str:
    wraps = {"M": ('{"M":{"a":', "}}"), "L": ('{"L":[', "]}")}
    pairs = [wraps["ML"[level % 2] if kind == "mixed" else kind] for level in range(depth)]
    return "".join(pair[0] for pair in pairs) + '{"S":"x"}' + "".join(pair[1] for pair in reversed(pairs))


@pytest.mark.parametrize("kind", ["M", "L", "mixed"])
@pytest.mark.parametrize("depth", [33, 90, 500, 2_000, 100_000, 1_000_000])
def test_deep_values_are_refused_at_once(server: Served, kind: str, depth: int) -> None:
    body = ('{"TableName":"scores","Item":{"id":{"S":"a"},"deep":' + attribute(depth, kind) + "}}").encode()

    answers, _ = raw_exchange(server.port, post_bytes("PutItem", body, Connection="close"))

    if len(body) > 16 * MIB:
        assert answers[0].status == 413
    else:
        assert answers[0].status == 400
        assert answers[0].document["__type"].endswith(("#ValidationException", "#SerializationException"))


HUGE = "9" * 1_000_000


@pytest.mark.parametrize(
    ("operation", "body"),
    [
        ("PutItem", '{"TableName":"scores","Item":{"id":{"S":"a"},"n":{"N":"1e999999"}}}'),
        ("PutItem", '{"TableName":"scores","Item":{"id":{"S":"a"},"n":{"N":"' + HUGE + '"}}}'),
        ("PutItem", '{"TableName":"scores","Item":{"id":{"S":"a"},"n":{"NS":["1","1e-999999999999"]}}}'),
        ("PutItem", '{"TableName":"scores","Item":{"id":{"S":"a"},"n":{"N":"1_0"}}}'),
        ("PutItem", '{"TableName":"scores","Item":{"id":{"S":"a"},"b":{"B":"%%%"}}}'),
        ("PutItem", '{"TableName":"scores","Item":{"id":{"S":"a"},"n":{"N":12}}}'),
        ("Scan", '{"TableName":"scores","Limit":' + HUGE + "}"),
        ("Scan", '{"TableName":"scores","Limit":1e400}'),
        ("Scan", '{"TableName":"scores","Segment":0,"TotalSegments":99999999999999999999}'),
        ("Scan", '{"TableName":"scores","FilterExpression":"%s"}' % ("(" * 1000 + "a = b" + ")" * 1000)),
        ("Scan", '{"TableName":"scores","FilterExpression":"%s a = b"}' % ("NOT " * 900)),
        ("Scan", '{"TableName":"scores","FilterExpression":"%s"}' % ("a" * 1_000_000)),
        ("ExecuteStatement", '{"Statement":"SELECT * FROM %s"}' % ("(" * 8000)),
        ("GetItem", '{"TableName":{"deep":[]},"Key":[]}'),
        ("GetItem", '{"TableName":"../../etc/passwd","Key":{"id":{"S":"a"}}}'),
        ("DynamoDBStreams.GetRecords", '{"ShardIterator":"a|b|c"}'),
    ],
)
def test_hostile_values_are_refused_no_later_than_other_requests(server: Served, operation: str, body: str) -> None:
    target = {"DynamoDBStreams.GetRecords": "DynamoDBStreams_20120810.GetRecords"}.get(operation)
    target = target or f"DynamoDB_20120810.{operation}"
    request = post_bytes(operation, body.encode(), Connection="close", X_Amz_Target=target)
    began = time.monotonic()

    answers, _ = raw_exchange(server.port, request)

    assert answers[0].status == 400, answers[0].body
    assert time.monotonic() - began < 2


@pytest.mark.parametrize("sent", [b"POST / HTTP/1.1\r\nHos", post_bytes("PutItem", b'{"Table', Content_Length="500")])
def test_a_client_that_leaves_half_way_is_no_failure(server: Served, sent: bytes) -> None:
    # The fixture of this file looks into the log at the end.
    for _ in range(5):
        with socket.create_connection(("127.0.0.1", server.port)) as connection:
            connection.sendall(sent)


HEADERS = [
    "Host",
    "Origin",
    "Content-Type",
    "Content-Encoding",
    "Authorization",
    "X-Amz-Target",
    "X-Amz-Date",
    "Accept-Encoding",
    "Sec-Fetch-Site",
    "Content-Length",
    "Transfer-Encoding",
    "Connection",
    "Expect",
]
PIECES = st.sampled_from(
    [
        "AWS4-HMAC-SHA256 ",
        "Credential=a/b/c/d/e",
        "Signature=",
        "SignedHeaders=host",
        ",",
        ", ",
        "DynamoDB_20120810.",
        "Scan",
        "gzip;q=",
        "identity",
        "application/x-amz-json-1.0",
        "localhost",
        "[::1",
        ":",
        "null",
        "close",
        "100-continue",
        "chunked",
        "7",
    ]
)
VALUES = st.lists(st.one_of(PIECES, st.text(st.characters(codec="latin-1"), max_size=8)), max_size=5).map("".join)


@pytest.mark.parametrize("origins", [[], ["--allow-origin", "*"]], ids=["no pages", "all pages"])
def test_no_header_makes_it_fail(effort: Any, origins: list[str]) -> None:
    with served("--log-json", *origins) as running:

        @settings(max_examples=effort.count(quick=30, check=50, long=3000), deadline=None)
        @given(st.dictionaries(st.sampled_from(HEADERS), VALUES, max_size=4), st.binary(max_size=20))
        def send(headers: dict[str, str], body: bytes) -> None:
            request = post_bytes("Scan", body, **{"Connection": "close", **headers})
            answers, _ = raw_exchange(running.port, request, limit_s=0.2)
            assert all(answer.status < 500 for answer in answers), answers

        send()
        running.stop()

    assert "failed inside" not in running.said
    assert all(json.loads(line) for line in running.said.splitlines())


async def test_bodies_share_a_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ddbmodel.server.handler.MAX_BUFFERED_BYTES", 5 * MIB)
    engine = Engine.open()
    async with Server(engine, ServerSettings(port=0)) as running:
        port = int(running.url.rsplit(":", 1)[1])
        half = post_bytes("ListTables", b" " * 4 * MIB, Content_Length=str(4 * MIB + 2))
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(half)
        await writer.drain()
        await asyncio.sleep(0.2)

        second, _ = await asyncio.to_thread(raw_exchange, port, half, limit_s=1)
        writer.write(b"{}")
        first = await reader.readuntil(b"\r\n")
        writer.close()
        await writer.wait_closed()
        third, _ = await asyncio.to_thread(raw_exchange, port, half + b"{}", limit_s=1)
    await engine.close()

    assert second[0].status == 503
    assert second[0].document["__type"] == "com.amazon.coral.availability#ServiceUnavailable"
    assert first == b"HTTP/1.1 200 OK\r\n"
    assert third[0].status == 200


@pytest.fixture
async def impatient() -> AsyncIterator[int]:
    """Give the port of a server that waits half a second for anything and takes three connections."""
    engine = Engine.open()
    server = Server(engine, ServerSettings(port=0), keep_alive_s=0.5, body_limit_s=0.5, max_connections=3)
    async with server:
        yield int(server.url.rsplit(":", 1)[1])
    await engine.close()


@pytest.mark.parametrize(
    ("sent", "statuses"),
    [
        (b"", []),
        (b"POST / HTTP/1.1\r\nHost: localhost\r\n", []),
        (post_bytes("ListTables", b"{}", Content_Length="1000"), [408]),
        (post_bytes("ListTables", b"", Content_Length=None, Transfer_Encoding="chunked") + b"2\r\n{", [408]),
        (post_bytes("ListTables", b"{}"), [200]),
    ],
)
async def test_a_client_that_does_not_go_on_is_hung_up_on(impatient: int, sent: bytes, statuses: list[int]) -> None:
    answers, closed = await asyncio.to_thread(raw_exchange, impatient, sent)

    assert ([answer.status for answer in answers], closed) == (statuses, True)


async def test_connections_beyond_the_limit_are_hung_up_on(impatient: int) -> None:
    open_ones = [await asyncio.open_connection("127.0.0.1", impatient) for _ in range(3)]
    request = post_bytes("ListTables", b"{}", Connection="close")

    refused, closed = await asyncio.to_thread(raw_exchange, impatient, request)
    reader, writer = open_ones[0]
    writer.write(request)
    accepted = await reader.read()
    for _, other in open_ones:
        other.close()
        await other.wait_closed()
    await asyncio.sleep(0.05)
    later, _ = await asyncio.to_thread(raw_exchange, impatient, request)

    assert (refused, closed) == ([], True)
    assert accepted.startswith(b"HTTP/1.1 200 OK")
    assert [answer.status for answer in later] == [200]


async def test_clients_that_read_nothing_are_hung_up_on(impatient: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ddbmodel.server.handler.ANSWER_LIMIT_S", 0.3)
    await put_large_item(impatient)
    scans = post_bytes("Scan", b'{"TableName":"scores"}') * 60
    loop = asyncio.get_running_loop()
    with ExitStack() as stack:
        for _ in range(3):
            deaf = stack.enter_context(socket.socket())
            deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            deaf.setblocking(False)
            await loop.sock_connect(deaf, ("127.0.0.1", impatient))
            await loop.sock_sendall(deaf, scans)
        full, _ = await asyncio.to_thread(raw_exchange, impatient, SMALL)
        await asyncio.sleep(1)

        answers, _ = await asyncio.to_thread(raw_exchange, impatient, SMALL)

    assert full == []
    assert [answer.status for answer in answers] == [200]


async def test_a_client_that_reads_no_small_answers_is_hung_up_on(
    impatient: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ddbmodel.server.handler.ANSWER_LIMIT_S", 0.3)
    await put_large_item(impatient, letters=20_000)
    gets = post_bytes("GetItem", b'{"TableName":"scores","Key":{"id":{"S":"a"}}}')
    loop = asyncio.get_running_loop()
    received = 0
    with socket.socket() as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        deaf.setblocking(False)
        await loop.sock_connect(deaf, ("127.0.0.1", impatient))
        with suppress(TimeoutError, ConnectionError):
            async with asyncio.timeout(2):
                await loop.sock_sendall(deaf, gets * 2_000)
        await asyncio.sleep(1)
        with suppress(ConnectionError):
            while chunk := await asyncio.wait_for(loop.sock_recv(deaf, 1 << 20), 5):
                received += len(chunk)

    # Less than the 40 MB of answers: the server held no more than its buffers, and ended the connection.
    assert received < 20_000_000


async def put_large_item(port: int, letters: int = 390_000) -> None:
    table = {
        "TableName": "scores",
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "BillingMode": "PAY_PER_REQUEST",
    }
    item = {"TableName": "scores", "Item": {"id": {"S": "a"}, "text": {"S": "x" * letters}}}
    for operation, body in (("CreateTable", table), ("PutItem", item)):
        await ok(port, operation, body)


async def ok(port: int, operation: str, body: dict[str, Any]) -> None:
    request = post_bytes(operation, json.dumps(body).encode(), Connection="close")
    answers, _ = await asyncio.to_thread(raw_exchange, port, request)
    assert answers[0].status == 200
