"""Many items: 100,000 through `put_many` and back, and the same work by what people use instead.

On the embedded engine, in memory and on a file, it writes 100,000 models from a generator with a progress bar, reads
them back by a query, by a scan in four segments and by key, and prints items a second and by how much the memory of
the process grew at its highest. In memory that includes the data itself; on a file it is what the work needs.

Against DynamoDB Local, 10,000 items go through `put_many` and through the batch writers of boto3, in one thread and in
eight, of aioboto3 and of PynamoDB. Each contender is a process of its own, three times in turn. On one machine the
server's work is most of it; over a network the waiting is, of which eight batches at once make an eighth. Absolute
figures depend on the machine; only ratios of one run may be quoted. Memory is measured as Linux tells it.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from peers import dynamodb_local

from ddbmodel import Attr, Database, Model, attr, partition_key, sort_key

MANY, FEW, ROUNDS = 100_000, 10_000, 3
TITLE = "a title of some forty characters, about"
KEYS = {"aws_access_key_id": "local", "aws_secret_access_key": "local", "region_name": "us-east-1"}


class Play(Model, table="plays"):
    game: Attr[str] = partition_key()
    number: Attr[int] = sort_key()
    title: Attr[str] = attr()
    tags: Attr[list[str]] = attr()


def plain(number: int) -> dict[str, Any]:
    return {"game": f"g{number % 10}", "number": number, "title": TITLE, "tags": ["one", "two"]}


def plays(count: int) -> Iterator[Play]:
    return (Play(**plain(number)) for number in range(count))


async def length(results: AsyncIterable[object]) -> int:
    count = 0
    async for _ in results:
        count += 1
    return count


def memory_kb(what: str) -> int:
    """Return the resident memory of this process, now (VmRSS) or at its highest (VmHWM)."""
    status = Path("/proc/self/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith(what)).split()[1])


def watch_memory() -> int:
    """Start the highest memory anew from what there is now; return that."""
    Path("/proc/self/clear_refs").write_text("5")
    return memory_kb("VmRSS")


def grown_mb(before_kb: int) -> float:
    return max(0, memory_kb("VmHWM") - before_kb) / 1024


async def embedded(url: str) -> None:
    from rich.progress import Progress

    async with Database.connect(url) as db:
        await db.create_tables(Play)
        await db.put_many(plays(100))
        with Progress(disable=not sys.stdout.isatty()) as bar:
            task = bar.add_task(f"put_many, {url.partition(':')[0]}", total=MANY)
            await timed("put_many", lambda: put(db, lambda done, _: bar.update(task, completed=done)))
        await timed("query of ten partitions", lambda: queried(db))
        await timed("scan in 4 segments", lambda: length(db.scan(Play).segments(4).page_size(1000)))
        await timed("get_each", lambda: length(db.get_each(Play, keys())))


async def put(db: Database, progress: Callable[[int, int | None], object]) -> int:
    return (await db.put_many(plays(MANY), progress=progress)).done


async def queried(db: Database) -> int:
    count = 0
    for number in range(10):
        count += await length(db.query(Play, Play.game == f"g{number}").page_size(1000))
    return count


async def keys() -> AsyncIterator[Any]:
    for number in range(MANY):
        yield Play.key(game=f"g{number % 10}", number=number)


async def timed(what: str, work: Callable[[], Awaitable[int]]) -> None:
    before_kb = watch_memory()
    started_s = time.perf_counter()
    count = await work()
    rate = count / (time.perf_counter() - started_s)
    print(f"  {what:<26} {count:>8,} items  {rate:>8,.0f} a second  memory +{grown_mb(before_kb):.0f} MB", flush=True)


def run_embedded(url: str) -> None:
    asyncio.run(embedded(url))


def by_put_many(url: str) -> None:
    async def work() -> None:
        async with Database.connect(url) as db:
            report = await db.put_many(plays(FEW))
            assert report.done == FEW

    asyncio.run(work())


def by_boto3(url: str) -> None:
    write_some(url, range(FEW))


def by_boto3_threads(url: str) -> None:
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda first: write_some(url, range(first, FEW, 8)), range(8)))


def write_some(url: str, numbers: range) -> None:
    import boto3

    table = boto3.session.Session(**KEYS).resource("dynamodb", endpoint_url=url).Table("plays")
    with table.batch_writer() as writer:
        for number in numbers:
            writer.put_item(Item=plain(number))


def by_aioboto3(url: str) -> None:
    import aioboto3

    async def work() -> None:
        async with aioboto3.Session(**KEYS).resource("dynamodb", endpoint_url=url) as service:
            table = await service.Table("plays")
            async with table.batch_writer() as writer:
                for number in range(FEW):
                    await writer.put_item(Item=plain(number))

    asyncio.run(work())


def by_pynamodb(url: str) -> None:
    from pynamodb.attributes import ListAttribute, NumberAttribute, UnicodeAttribute
    from pynamodb.models import Model as PynamoModel

    class Written(PynamoModel):
        class Meta:
            table_name, host, region = "plays", url, "us-east-1"
            aws_access_key_id, aws_secret_access_key = "local", "local"

        game = UnicodeAttribute(hash_key=True)
        number = NumberAttribute(range_key=True)
        title = UnicodeAttribute()
        tags: Any = ListAttribute(of=UnicodeAttribute)

    with Written.batch_write() as writer:
        for number in range(FEW):
            writer.save(Written(**plain(number)))


def in_a_process(work: Callable[[str], None], url: str, answers: Any) -> None:
    # How long the libraries take to load is no matter of their batches.
    import aioboto3  # noqa: F401
    import boto3  # noqa: F401
    import pynamodb.models  # noqa: F401

    before_kb = watch_memory()
    started_s = time.perf_counter()
    work(url)
    answers.put((time.perf_counter() - started_s, grown_mb(before_kb)))


def side_by_side(url: str) -> None:
    asyncio.run(prepare(url))
    print(f"\n{FEW:,} items into DynamoDB Local, the first connection included")
    contenders: list[tuple[str, Callable[[str], None]]] = [
        ("ddbmodel put_many", by_put_many),
        ("boto3 batch_writer", by_boto3),
        ("boto3 batch_writer, 8 threads", by_boto3_threads),
        ("aioboto3 batch_writer", by_aioboto3),
        ("PynamoDB batch_write", by_pynamodb),
    ]
    measured: dict[str, list[tuple[float, float]]] = {name: [] for name, _ in contenders}
    for _ in range(ROUNDS):
        for name, work in contenders:
            measured[name].append(measure(work, url))
    ours_s = statistics.median(seconds for seconds, _ in measured[contenders[0][0]])
    for name, rounds in measured.items():
        elapsed_s = statistics.median(seconds for seconds, _ in rounds)
        print(
            f"  {name:<30} {FEW / elapsed_s:>8,.0f} a second  {elapsed_s / ours_s:>5.2f}x our time  "
            f"memory +{max(grown for _, grown in rounds):.0f} MB",
            flush=True,
        )


def measure(work: Callable[[str], None], url: str) -> tuple[float, float]:
    processes = multiprocessing.get_context("spawn")
    answers = processes.Queue()
    process = processes.Process(target=in_a_process, args=(work, url, answers))
    process.start()
    seconds, grown = answers.get(timeout=600)
    process.join()
    return seconds, grown


async def prepare(url: str) -> None:
    async with Database.connect(url) as db:
        await db.create_tables(Play)
        # The server compiles itself while it is young.
        for _ in range(2):
            await db.put_many(plays(FEW))


def main() -> None:
    processes = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory() as folder:
        for url in ("memory:", f"file:{folder}/bulk.db"):
            print(f"{MANY:,} items through the embedded engine, {url.partition(':')[0]}", flush=True)
            process = processes.Process(target=run_embedded, args=(url,))
            process.start()
            process.join()
            if process.exitcode:
                sys.exit(process.exitcode)
    with dynamodb_local() as url:
        side_by_side(url)


if __name__ == "__main__":
    main()
