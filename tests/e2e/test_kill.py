"""A process that is killed at any moment loses no acknowledged write, and leaves nothing half done."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path
from typing import Any, Protocol

import pytest

from ddbmodel.engine import Engine

WRITER = Path(__file__).with_name("kill_writer.py")
TABLE = "killed"
GROUPS = 7


class Effort(Protocol):
    def count(self, *, check: int, long: int, quick: int = 1) -> int: ...


@pytest.mark.slow
@pytest.mark.alone
async def test_a_killed_writer_loses_nothing_that_it_acknowledged(tmp_path: Path, effort: Effort) -> None:
    path = tmp_path / "killed.db"
    chance = random.Random(2026)
    acknowledged: dict[str, int] = {}
    acknowledgements = shard_count = 0

    for run in range(effort.count(check=5, long=50)):
        for line in _lines_until_killed(path, run, chance.uniform(0, 0.4)):
            acknowledgements += 1
            for key in line["keys"]:
                acknowledged[key] = line["n"]

        engine = Engine.open(f"file:{path}")
        items = await _items(engine)
        _check_acknowledged(items, acknowledged)
        _check_pairs(items)
        assert engine.verify() == []
        assert await _streamed(engine) == {key: int(item["n"]["N"]) for key, item in items.items()}
        shard_count = len(await _shards(engine, (await engine.execute("ListStreams", {}))["Streams"][0]["StreamArn"]))
        await engine.close()

    assert acknowledgements > 0
    assert shard_count > 1


def _lines_until_killed(path: Path, run: int, delay_s: float) -> list[dict[str, Any]]:
    with subprocess.Popen(
        [sys.executable, str(WRITER), str(path), str(run)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as writer:
        assert writer.stdout is not None
        assert writer.stderr is not None
        # The moment is counted from the first write; before it there is little to lose.
        first = writer.stdout.readline()
        assert first, writer.stderr.read().decode()
        time.sleep(delay_s)
        writer.send_signal(signal.SIGKILL)
        rest = writer.stdout.read()
        errors = writer.stderr.read().decode()
    assert writer.returncode == -signal.SIGKILL, errors
    # What follows the last line end was cut off by the kill.
    return [json.loads(line) for line in (first + rest).split(b"\n")[:-1]]


def _check_acknowledged(items: dict[str, dict[str, Any]], acknowledged: dict[str, int]) -> None:
    for key, n in acknowledged.items():
        assert key in items, f"{key} was acknowledged and is gone"
        stored = int(items[key]["n"]["N"])
        # A later write of the item may have been committed without its writer living to tell.
        assert stored >= n, f"{key} was acknowledged at {n} and is at {stored}"
    for item in items.values():
        assert item["group"]["S"] == f"group-{int(item['n']['N']) % GROUPS}"


def _check_pairs(items: dict[str, dict[str, Any]]) -> None:
    pairs: dict[str, dict[str, str]] = defaultdict(dict)
    for key, item in items.items():
        if key.startswith("pair-"):
            pair, _, side = key.rpartition("-")
            pairs[pair][side] = item["n"]["N"]
    for pair, sides in pairs.items():
        assert set(sides) == {"a", "b"}, f"half of {pair} is there"
        assert sides["a"] == sides["b"], f"{pair} is half written"


async def _items(engine: Engine) -> dict[str, dict[str, Any]]:
    items: dict[str, dict[str, Any]] = {}
    request: dict[str, Any] = {"TableName": TABLE}
    while True:
        page = await engine.execute("Scan", request)
        items |= {item["id"]["S"]: item for item in page["Items"]}
        if "LastEvaluatedKey" not in page:
            return items
        request["ExclusiveStartKey"] = page["LastEvaluatedKey"]


async def _streamed(engine: Engine) -> dict[str, int]:
    """Return the `n` of every item as the stream's records leave it; they must be in order and without repetition."""
    arn = (await engine.execute("DescribeTable", {"TableName": TABLE}))["Table"]["LatestStreamArn"]
    last: dict[str, int] = {}
    sequences: set[str] = set()
    # Parents come before their children, so every item's records are met in order.
    for shard in await _shards(engine, arn):
        request = {"StreamArn": arn, "ShardId": shard["ShardId"], "ShardIteratorType": "TRIM_HORIZON"}
        iterator = (await engine.execute("GetShardIterator", request)).get("ShardIterator")
        before = shard["SequenceNumberRange"]["StartingSequenceNumber"]
        while iterator is not None:
            page = await engine.execute("GetRecords", {"ShardIterator": iterator})
            for record in page["Records"]:
                image, sequence = record["dynamodb"]["NewImage"], record["dynamodb"]["SequenceNumber"]
                assert int(image["n"]["N"]) > last.get(image["id"]["S"], 0)
                last[image["id"]["S"]] = int(image["n"]["N"])
                assert before <= sequence
                assert sequence not in sequences
                sequences.add(sequence)
                before = sequence
            iterator = page.get("NextShardIterator") if page["Records"] else None
    return last


async def _shards(engine: Engine, arn: str) -> list[dict[str, Any]]:
    shards: list[dict[str, Any]] = []
    request = {"StreamArn": arn}
    while True:
        description = (await engine.execute("DescribeStream", request))["StreamDescription"]
        shards += description["Shards"]
        if "LastEvaluatedShardId" not in description:
            return shards
        request["ExclusiveStartShardId"] = description["LastEvaluatedShardId"]
