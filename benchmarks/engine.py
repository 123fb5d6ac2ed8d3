"""The embedded engine beside what people use instead: the same calls, in one run, as ratios.

Everyone answers the same requests with wire items: the embedded engine in memory and on a durable file, and aioboto3
against this project's own server, DynamoDB Local, dynalite and moto's server, all in memory. Models are put and got
on the embedded engine only. Prints microseconds a call and how many times the embedded engine in memory is faster, then
the ratios that the project promises. Absolute figures depend on the machine; only ratios of one run may be quoted.
"""

from __future__ import annotations

import asyncio
import itertools
import math
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import AsyncExitStack, ExitStack
from decimal import Decimal
from typing import Any

from peers import ddbmodel_server, dynalite, dynamodb_local, moto

from ddbmodel import Attr, Database, Model, partition_key, sort_key

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


class Address(Model):
    street: Attr[str]
    city: Attr[str]
    lines: Attr[list[str]]


class Bench(Model, table="bench"):
    pk: Attr[str] = partition_key()
    sk: Attr[int] = sort_key()
    edition: Attr[int]
    title: Attr[str]
    tags: Attr[set[str]]
    price: Attr[Decimal]
    address: Attr[Address]


MODELS = {"PutItem": "put a model", "GetItem": "get a model"}
"""The operation whose requests the peers answer, and what the embedded engine does with models at the same time."""

PROMISES = (
    ("put a model", "DynamoDB Local", "PutItem", 25.0),
    ("get a model", "DynamoDB Local", "GetItem", 25.0),
    ("put a model", "moto", "PutItem", 30.0),
    ("get a model", "moto", "GetItem", 30.0),
    ("server", "DynamoDB Local", "PutItem", 1.5),
    ("server", "DynamoDB Local", "GetItem", 1.5),
    ("server", "DynamoDB Local", "Query of 100 items", 1.5),
)
"""Who is how many times faster than whom on which operation."""


async def main() -> None:
    with ExitStack() as servers, tempfile.TemporaryDirectory() as folder:
        urls = {
            "memory": "memory:",
            "file": f"file:{folder}/bench.db",
            "server": servers.enter_context(ddbmodel_server()),
            "DynamoDB Local": servers.enter_context(dynamodb_local()),
            "dynalite": servers.enter_context(dynalite()),
            "moto": servers.enter_context(moto()),
        }
        async with AsyncExitStack() as stack:
            peers: dict[str, Database] = {}
            for name, url in urls.items():
                db = await stack.enter_async_context(Database.connect(url))
                await db.executor.execute("CreateTable", TABLE)
                for number in range(1000):
                    await db.executor.execute("PutItem", {"TableName": "bench", "Item": item(number)})
                peers[name] = db
            medians = {title: await measured(title, peers) for title in OPERATIONS}
    report(medians, list(peers))


async def measured(title: str, peers: dict[str, Database]) -> dict[str, float]:
    """Return seconds a call by peer, and of the same thing done with models; NaN for what a peer does not have."""
    operation, request, count = OPERATIONS[title]
    times: dict[str, list[float]] = {name: [] for name in peers}
    models = MODELS.get(title)
    if models is not None:
        times[models] = []
    # Interleaved, so that a slow moment of the machine meets everyone.
    for _ in range(ROUNDS):
        for name, db in peers.items():
            if name == "dynalite" and operation == "TransactWriteItems":
                times[name].append(math.nan)
                continue
            times[name].append(await seconds_a_call(db, operation, request, count))
        if models is not None:
            times[models].append(await seconds_a_model(peers["memory"], models, count))
    return {name: statistics.median(values) for name, values in times.items()}


async def seconds_a_call(db: Database, operation: str, request: Callable[[int], dict[str, Any]], count: int) -> float:
    requests = [request(number) for number in range(count)]
    started_s = time.perf_counter()
    for each in requests:
        await db.executor.execute(operation, each)
    return (time.perf_counter() - started_s) / count


async def seconds_a_model(db: Database, what: str, count: int) -> float:
    address = Address(street="High Street 1", city="Oslo", lines=["x"])
    models = [
        Bench(
            pk=f"p{number % 10}",
            sk=number,
            edition=next(_editions),
            title="a title of some forty characters, about",
            tags={"one", "two", "three"},
            price=Decimal("12.50"),
            address=address,
        )
        for number in range(count)
    ]
    started_s = time.perf_counter()
    if what == "put a model":
        for model in models:
            await db.put(model)
    else:
        for _ in models:
            await db.get(Bench, pk="p1", sk=1)
    return (time.perf_counter() - started_s) / count


def report(medians: dict[str, dict[str, float]], peers: list[str]) -> None:
    print(f"{'µs a call (x times memory)':28}" + "".join(f"{name:>22}" for name in peers))
    for title, of in medians.items():
        cells = [f"{of[name] * 1e6:12,.0f} ({of[name] / of['memory']:5.1f}x)" for name in peers]
        print(f"{title:28}" + "".join(f"{cell:>22}" for cell in cells))
        if title in MODELS:
            print(f"{MODELS[title]:28}{of[MODELS[title]] * 1e6:12,.0f} ({of[MODELS[title]] / of['memory']:5.1f}x)")
    print()
    for fast, slow, title, promised in PROMISES:
        ratio = medians[title][slow] / medians[title][fast]
        kept = "kept" if ratio >= promised else "NOT KEPT"
        print(f"{fast} against {slow}, {title}: {ratio:.1f}x, promised {promised:g}x: {kept}")


if __name__ == "__main__":
    asyncio.run(main())
