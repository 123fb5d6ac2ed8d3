"""The embedded engine beside what people use instead: the same calls, in one run, as ratios.

Everyone answers the same requests with wire items: the embedded engine in memory and on a durable file, aioboto3
against DynamoDB Local (in memory) and against moto's server. Prints microseconds a call, and how many times the
embedded engine in memory is faster. Absolute figures depend on the machine; only ratios of one run may be quoted.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import AsyncExitStack, ExitStack
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from servers import dynamodb_local, moto_server

from ddbmodel import Database

ROUNDS = 7
_editions = itertools.count(1)
TABLE: dict[str, Any] = {
    "TableName": "bench",
    "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
    "AttributeDefinitions": [
        {"AttributeName": "pk", "AttributeType": "S"},
        {"AttributeName": "sk", "AttributeType": "N"},
    ],
    "BillingMode": "PAY_PER_REQUEST",
}


def item(number: int) -> dict[str, Any]:
    # A counter makes every write change something: an engine may skip a write that changes nothing.
    return {
        "edition": {"N": str(next(_editions))},
        "pk": {"S": f"p{number % 10}"},
        "sk": {"N": str(number)},
        "title": {"S": "a title of some forty characters, about"},
        "tags": {"SS": ["one", "two", "three"]},
        "price": {"N": "12.50"},
        "address": {"M": {"street": {"S": "High Street 1"}, "city": {"S": "Oslo"}, "lines": {"L": [{"S": "x"}]}}},
    }


KEY = {"pk": {"S": "p1"}, "sk": {"N": "1"}}
OPERATIONS: dict[str, tuple[str, Callable[[int], dict[str, Any]], int]] = {
    "PutItem": ("PutItem", lambda n: {"TableName": "bench", "Item": item(n)}, 200),
    "GetItem": ("GetItem", lambda _: {"TableName": "bench", "Key": KEY}, 200),
    "UpdateItem": (
        "UpdateItem",
        lambda _: {
            "TableName": "bench",
            "Key": KEY,
            "UpdateExpression": "SET price = price + :one",
            "ExpressionAttributeValues": {":one": {"N": "1"}},
        },
        200,
    ),
    "Query of 100 items": (
        "Query",
        lambda _: {
            "TableName": "bench",
            "KeyConditionExpression": "pk = :p",
            "ExpressionAttributeValues": {":p": {"S": "p2"}},
            "Limit": 100,
        },
        20,
    ),
    "TransactWriteItems of 10": (
        "TransactWriteItems",
        lambda _: {"TransactItems": [{"Put": {"TableName": "bench", "Item": item(5000 + k)}} for k in range(10)]},
        20,
    ),
}
"""What is measured: the operation, its request, and how many calls a round makes."""


async def main() -> None:
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    with ExitStack() as servers, tempfile.TemporaryDirectory() as folder:
        urls = {
            "memory": "memory:",
            "file": f"file:{folder}/bench.db",
            "DynamoDB Local": servers.enter_context(dynamodb_local()),
            "moto": servers.enter_context(moto_server()),
        }
        async with AsyncExitStack() as stack:
            peers: dict[str, Database] = {}
            for name, url in urls.items():
                db = await stack.enter_async_context(Database.connect(url))
                await db.executor.execute("CreateTable", TABLE)
                for number in range(1000):
                    await db.executor.execute("PutItem", {"TableName": "bench", "Item": item(number)})
                peers[name] = db
            print(f"{'µs a call (x times memory)':28}" + "".join(f"{name:>22}" for name in peers))
            for title, (operation, request, count) in OPERATIONS.items():
                times: dict[str, list[float]] = {name: [] for name in peers}
                # Interleaved, so that a slow moment of the machine meets everyone.
                for _ in range(ROUNDS):
                    for name, db in peers.items():
                        times[name].append(await seconds_a_call(db, operation, request, count))
                medians = {name: statistics.median(values) * 1e6 for name, values in times.items()}
                cells = [f"{median:12,.0f} ({median / medians['memory']:5.1f}x)" for median in medians.values()]
                print(f"{title:28}" + "".join(f"{cell:>22}" for cell in cells))


async def seconds_a_call(db: Database, operation: str, request: Callable[[int], dict[str, Any]], count: int) -> float:
    requests = [request(number) for number in range(count)]
    started_s = time.perf_counter()
    for each in requests:
        await db.executor.execute(operation, each)
    return (time.perf_counter() - started_s) / count


if __name__ == "__main__":
    asyncio.run(main())
