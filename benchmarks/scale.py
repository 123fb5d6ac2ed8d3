"""How the engine behaves at size: many items, many writers, and from nothing.

Prints ratios of one run and a few absolute figures of this machine:

* put and get with 1,000,000 items against 1,000;
* bytes of memory an item of 1 KB;
* 50 writers to a durable file against one after another;
* from nothing to the first answer: a new database, and the server as a process.
"""

from __future__ import annotations

import asyncio
import itertools
import multiprocessing
import resource
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from peers import ddbmodel_server

from ddbmodel import Database

MANY, FEW = 1_000_000, 1_000
WRITERS, WRITES = 50, 40
TABLE: dict[str, Any] = {
    "TableName": "scale",
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
    "BillingMode": "PAY_PER_REQUEST",
}
TEXT = "x" * 990


_editions = itertools.count(1)


def put(number: int) -> dict[str, Any]:
    # A counter makes every write change something: a write that changes nothing is not written.
    edition = {"N": str(next(_editions))}
    return {"TableName": "scale", "Item": {"id": {"S": f"item{number:09}"}, "e": edition, "t": {"S": TEXT}}}


def get(number: int) -> dict[str, Any]:
    return {"TableName": "scale", "Key": {"id": {"S": f"item{number:09}"}}}


async def fill(db: Database, count: int) -> None:
    await db.executor.execute("CreateTable", TABLE)
    for number in range(count):
        await db.executor.execute("PutItem", put(number))


async def seconds_a_call(db: Database, operation: str, made: Callable[[int], dict[str, Any]], count: int) -> float:
    times = []
    for _ in range(5):
        requests = [made(number * 7919 % count) for number in range(2000)]
        started_s = time.perf_counter()
        for request in requests:
            await db.executor.execute(operation, request)
        times.append((time.perf_counter() - started_s) / len(requests))
    return statistics.median(times)


async def many_against_few() -> None:
    async with Database.connect("memory:") as few, Database.connect("memory:") as many:
        await fill(few, FEW)
        before_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        await fill(many, MANY)
        grown_bytes = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kb) * 1024
        print(f"memory an item of 1 KB: {grown_bytes / MANY:,.0f} bytes (promised at most 2,048)")
        for operation, request in (("GetItem", get), ("PutItem", put)):
            ratio = await seconds_a_call(many, operation, request, MANY) / await seconds_a_call(
                few, operation, request, FEW
            )
            print(f"{operation} at {MANY:,} items against {FEW:,}: {ratio:.2f}x (promised at most 4x)")


async def writers_together() -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with Database.connect(f"file:{folder}/scale.db") as db:
            await db.executor.execute("CreateTable", TABLE)

            async def write(writer: int, count: int) -> None:
                for number in range(count):
                    await db.executor.execute("PutItem", put(writer * 1000 + number))

            alone: list[float] = []
            together: list[float] = []
            for _ in range(5):
                started_s = time.perf_counter()
                await write(99, WRITES * 5)
                alone.append((time.perf_counter() - started_s) / (WRITES * 5))
                started_s = time.perf_counter()
                await asyncio.gather(*(write(writer, WRITES) for writer in range(WRITERS)))
                together.append((time.perf_counter() - started_s) / (WRITERS * WRITES))
        ratio = statistics.median(alone) / statistics.median(together)
        print(f"{WRITERS} durable writers against one by one: {ratio:.1f}x (promised at least 8x)")


async def from_nothing() -> None:
    times = []
    for _ in range(20):
        started_s = time.perf_counter()
        async with Database.connect("memory:") as db:
            await db.executor.execute("ListTables", {})
            times.append(time.perf_counter() - started_s)
    print(f"a new database answers in {statistics.median(times) * 1e3:.1f} ms (promised less than 5)")
    with tempfile.TemporaryDirectory() as folder:
        times = []
        for number in range(5):
            started_s = time.perf_counter()
            with ddbmodel_server("--file", str(Path(folder) / f"{number}.db")):
                times.append(time.perf_counter() - started_s)
    print(f"the server answers in {statistics.median(times) * 1e3:.0f} ms from its start (promised less than 500)")


def run(part: Any) -> None:
    asyncio.run(part())


if __name__ == "__main__":
    # Each part in a process of its own: one's memory is not another's.
    for part in (many_against_few, writers_together, from_nothing):
        process = multiprocessing.get_context("spawn").Process(target=run, args=(part,))
        process.start()
        process.join()
