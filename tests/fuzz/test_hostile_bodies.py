"""Whatever comes over HTTP, the server answers, with a status below 500, and goes on."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from fuzz import findings, prepare, raw_findings
from model_requests import KEY, TABLE
from server_process import ServerProcess
from targets import HttpTarget


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[ServerProcess]:
    made = ServerProcess(None, tmp_path / "server.log")
    await made.start()
    yield made
    made.end()


@pytest.mark.slow
@pytest.mark.alone
async def test_no_body_and_no_request_gets_more_than_a_refusal(server: ServerProcess, effort: Any) -> None:
    with closing(HttpTarget(server.url)) as target:
        prepare(target)
        for finding in raw_findings(target):
            pytest.fail(finding.report())
        for seed in range(effort.count(check=1, long=20)):
            for finding in findings(target, seed, lambda number: number < 60):
                pytest.fail(finding.report())
    server.stop()


@pytest.mark.parametrize(
    "body",
    [
        b'{"TableName": "fuzzed", "Key": {"pk": {"S": "a", "S": "b"}, "sk": {"N": "1"}}}',
        b'{"TableName": "fuzzed", "Key": {"pk": {"S": "\\ud800"}, "sk": {"N": "1"}}}',
        b'{"TableName": "fuzzed", "Key": {"pk": {"S": "a"}, "sk": {"N": 1e999999}}}',
        b'{"TableName": "fuzzed", "Key": ' + b'{"L":[' * 100_000,
        b"",
    ],
    ids=["a key twice", "a lone surrogate", "a huge number", "depth without end", "nothing"],
)
async def test_a_body_that_is_not_a_request_is_refused(server: ServerProcess, body: bytes) -> None:
    with closing(HttpTarget(server.url)) as target:
        prepare(target)

        reply = target.send("GetItem", body)

        assert reply.fault is None
        assert reply.error in ("SerializationException", "ValidationException")
        assert target.send("GetItem", {"TableName": TABLE, "Key": KEY}).error is None
