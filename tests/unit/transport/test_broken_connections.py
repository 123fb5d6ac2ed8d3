"""A real server that hangs up: a write's outcome is unknown and it is sent once, a read is tried again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from ddbmodel.errors import OutcomeUnknown, ServiceError
from ddbmodel.transport.aioboto3 import Aioboto3Executor

PUT = {"TableName": "t", "Item": {"id": {"S": "a"}}}


@asynccontextmanager
async def server(reply: bytes) -> AsyncIterator[tuple[str, list[bytes]]]:
    """Answer every request with some bytes, none perhaps, and hang up; gives the URL and the requests' first lines."""
    seen: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        seen.append(head.splitlines()[0])
        length = next(int(line[15:]) for line in head.splitlines() if line.lower().startswith(b"content-length:"))
        await reader.readexactly(length)
        writer.write(reply)
        writer.close()
        await writer.wait_closed()

    listening = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with listening:
        port = listening.sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}", seen


@asynccontextmanager
async def executor_of(url: str) -> AsyncIterator[Aioboto3Executor]:
    executor = Aioboto3Executor(endpoint_url=url)
    try:
        yield executor
    finally:
        await executor.close()


@pytest.mark.parametrize("reply", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{"], ids=["nothing", "a part"])
async def test_a_write_whose_answer_is_lost_has_an_unknown_outcome_and_is_sent_once(reply: bytes) -> None:
    async with server(reply) as (url, seen), executor_of(url) as executor:
        with pytest.raises(OutcomeUnknown, match="PutItem was sent and no answer came") as lost:
            await executor.execute("PutItem", PUT)

    assert seen == [b"POST / HTTP/1.1"]
    assert "read the item before writing again" in str(lost.value)


@pytest.mark.slow
async def test_a_read_whose_answer_is_lost_is_tried_again() -> None:
    async with server(b"") as (url, seen), executor_of(url) as executor:
        with pytest.raises(ServiceError, match="GetItem got no answer") as lost:
            await executor.execute("GetItem", {"TableName": "t", "Key": {"id": {"S": "a"}}})

    assert len(seen) > 1
    assert lost.value.retryable


async def test_a_server_that_is_not_there_did_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    async with server(b"") as (url, _):
        pass

    monkeypatch.setattr("ddbmodel.transport.aioboto3.full_jitter_delay_s", lambda *_: 0.0)
    async with executor_of(url) as executor:
        with pytest.raises(ServiceError, match="PutItem got no answer") as refused:
            await executor.execute("PutItem", PUT)

    assert refused.value.code == "ServiceUnavailable"


async def test_a_large_body_goes_out_without_a_warning() -> None:
    item = {"id": {"S": "a"}, "text": {"S": "x" * 2_000_000}}
    ok = b"HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.0\r\nContent-Length: 2\r\n\r\n{}"
    async with server(ok) as (url, seen), executor_of(url) as executor:
        assert await executor.execute("PutItem", {"TableName": "t", "Item": item}) == {}

    assert len(seen) == 1
