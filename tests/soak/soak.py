"""Ten minutes of 50 clients on a server that is killed every 20 s, and three in which it is let live: ``make soak``, or
``python tests/soak/soak.py [--seconds 600] [--kill-every 20] [--clients 50] [--seed N]``.

Nothing that was acknowledged may be lost, indexes must equal a rebuild after every kill, and memory must be flat.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import aiohttp

sys.path.insert(0, str(Path(__file__).parent.parent))
sys.path.insert(0, str(Path(__file__).parent))

from clients import ACCOUNTS, OPENING, TABLE, Client, Connection, table_definition
from server_process import ServerProcess

from ddbmodel.engine import Engine

__all__ = ["Figures", "soak"]

_REQUEST_LIMIT_S: Final = 15
# How much longer the load goes on without a kill, so that memory can be seen over a longer life.
_CALM: Final = 0.3
_MEMORY_GROWS_AT_MOST: Final = 1.15
_MEMORY_GROWS_AT_MOST_MB: Final = 12.0


@dataclass(frozen=True, slots=True)
class Figures:
    """What a soak came to."""

    answers: int
    unknowns: int
    kills: int
    items: int
    early_mb: float
    late_mb: float

    def __str__(self) -> str:
        return (
            f"{self.answers} answers, {self.unknowns} unknown outcomes, {self.kills} kills, {self.items} items, "
            f"memory {self.early_mb:.0f} MB early and {self.late_mb:.0f} MB late in the last life"
        )


async def soak(folder: Path, *, seconds: float, kill_every_s: float, clients: int, seed: int) -> Figures:
    """Run the load, and return its figures when all held.

    Args:
        seconds: how long the server is killed again and again; then it is let live for three tenths of that.

    Raises:
        AssertionError: something was lost, half done, or grew.
    """
    path = folder / "soak.db"
    server = ServerProcess(path, folder / "server.log")
    timeout = aiohttp.ClientTimeout(total=_REQUEST_LIMIT_S)
    connector = aiohttp.TCPConnector(limit=0)
    await server.start()
    try:
        async with aiohttp.ClientSession(timeout=timeout, connector=connector) as session:
            connection = Connection(session, server.url)
            await _open_accounts(connection)
            all_clients = [Client(number, seed, connection) for number in range(clients)]
            over = asyncio.Event()
            load = asyncio.gather(*(client.work(over) for client in all_clients))
            memory = await _kill_and_watch(server, path, load, seconds, kill_every_s)
            over.set()
            await load
        server.stop()
    finally:
        server.end()
    items = await _items_of(path)
    _check(all_clients, items)
    early_mb, late_mb = statistics.median(memory[: len(memory) // 4]), statistics.median(memory[-len(memory) // 4 :])
    grew = f"memory went from {early_mb:.1f} to {late_mb:.1f} MB"
    assert late_mb <= max(early_mb * _MEMORY_GROWS_AT_MOST, early_mb + _MEMORY_GROWS_AT_MOST_MB), grew
    return Figures(connection.answers, connection.unknowns, server.lives - 1, len(items), early_mb, late_mb)


async def _open_accounts(connection: Connection) -> None:
    await connection.ask("CreateTable", table_definition())
    for account in range(ACCOUNTS):
        item = {"id": {"S": f"account-{account}"}, "balance": {"N": str(OPENING)}, "transfers": {"N": "0"}}
        await connection.ask("PutItem", {"TableName": TABLE, "Item": item})


async def _kill_and_watch(
    server: ServerProcess, path: Path, load: asyncio.Future[Any], seconds: float, kill_every_s: float
) -> list[float]:
    """Kill the server while the clients work; return its memory, second by second, in the life that is left to it."""
    start = time.monotonic()
    while time.monotonic() - start + kill_every_s <= seconds:
        await _wait(load, kill_every_s)
        server.kill()
        await asyncio.to_thread(_verify, path)
        await server.start()
    memory: list[float] = []
    # What a process takes at its beginning says nothing of how it grows.
    await _wait(load, min(5.0, seconds * _CALM / 3))
    calm_from = time.monotonic()
    while time.monotonic() - calm_from < seconds * _CALM or len(memory) < 8:
        await _wait(load, 0.5)
        memory.append(server.memory_mb())
    return memory


async def _wait(load: asyncio.Future[Any], seconds: float) -> None:
    """Let time pass; what a client finds wrong ends the wait."""
    done, _ = await asyncio.wait([load], timeout=seconds)
    for ended in done:
        ended.result()
        raise AssertionError("the clients ended too early")


def _verify(path: Path) -> None:
    """Hold the indexes of the file that a kill left against a rebuild."""

    async def verify() -> None:
        engine = Engine.open(f"file:{path}")
        problems = engine.verify()
        await engine.close()
        assert problems == []

    asyncio.run(verify())


async def _items_of(path: Path) -> dict[str, dict[str, Any]]:
    engine = Engine.open(f"file:{path}")
    assert engine.verify() == []
    items: dict[str, dict[str, Any]] = {}
    request: dict[str, Any] = {"TableName": TABLE}
    while True:
        page = await engine.execute("Scan", request)
        items |= {item["id"]["S"]: item for item in page["Items"]}
        if "LastEvaluatedKey" not in page:
            await engine.close()
            return items
        request["ExclusiveStartKey"] = page["LastEvaluatedKey"]


def _check(clients: list[Client], items: dict[str, dict[str, Any]]) -> None:
    problems = [problem for client in clients for problem in client.problems(items)]
    assert problems == []
    accounts = [items[f"account-{account}"] for account in range(ACCOUNTS)]
    assert sum(int(account["balance"]["N"]) for account in accounts) == ACCOUNTS * OPENING
    # Every transfer touches two accounts, and was repeated with its token until it was answered.
    assert sum(int(account["transfers"]["N"]) for account in accounts) == 2 * sum(c.transfers for c in clients)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--kill-every", type=float, default=20)
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    given = parser.parse_args()
    print(
        f"{given.clients} clients for {given.seconds:.0f} s, a kill every {given.kill_every:.0f} s, seed {given.seed}"
    )
    with tempfile.TemporaryDirectory() as folder:
        figures = asyncio.run(
            soak(
                Path(folder),
                seconds=given.seconds,
                kill_every_s=given.kill_every,
                clients=given.clients,
                seed=given.seed,
            )
        )
    print(figures)


if __name__ == "__main__":
    main()
