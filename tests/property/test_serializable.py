"""Histories of serializable units of work, checked for serializability by a checker that knows nothing of the library.

Every write stores a token of its own, after the unit has read what was there, so the versions of an item form a chain.
A history is serializable exactly when the graph of its committed units has no cycle, with an edge to a unit from each
whose version it read or overwrote, and from it to each that overwrote what it read.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import pytest
from faulty_executor import Fault, FaultyExecutor
from unit_of_work_models import Account, Note

from ddbmodel.errors import DdbModelError, OutcomeUnknown
from ddbmodel.transport.embedded import EmbeddedExecutor
from ddbmodel.unit_of_work import Pauses, UnitOfWork

TABLES: Final = {"accounts": ["id"], "notes": ["owner", "number"]}
NAMES: Final = "abc"
_FAULTS: Final[list[Fault]] = [
    "lost_request",
    "lost_response",
    "throttle",
    "conflict",
    "failure_before",
    "failure_after",
    "in_progress",
]

Key = tuple[str, str]


@dataclass
class Unit:
    """What a unit read, and the tokens that it wrote; None stands for no item."""

    number: int
    reads: dict[Key, str | None] = field(default_factory=dict)
    writes: dict[Key, str | None] = field(default_factory=dict)


def cycle_in(history: list[Unit]) -> bool:
    """Return whether no order of the units explains what each read and wrote."""
    writers = {(key, token): unit.number for unit in history for key, token in unit.writes.items()}
    edges: dict[int, set[int]] = {unit.number: set() for unit in history}
    for unit in history:
        for key, token in unit.reads.items():
            if (key, token) in writers and writers[key, token] != unit.number:
                edges[writers[key, token]].add(unit.number)
    for reader in history:
        for writer in history:
            if reader is writer:
                continue
            if any(key in writer.writes and writer.reads[key] == token for key, token in reader.reads.items()):
                edges[reader.number].add(writer.number)
    return _has_cycle(edges)


def _has_cycle(edges: dict[int, set[int]]) -> bool:
    waiting = dict.fromkeys(edges, 0)
    for targets in edges.values():
        for target in targets:
            waiting[target] += 1
    free = [number for number, count in waiting.items() if not count]
    seen = 0
    while free:
        seen += 1
        for target in edges[free.pop()]:
            waiting[target] -= 1
            if not waiting[target]:
                free.append(target)
    return seen < len(edges)


class _Busy(FaultyExecutor):
    """Answers late, so that tasks interleave, and fails one transaction in five."""

    def __init__(self, inner: EmbeddedExecutor, dice: random.Random) -> None:
        super().__init__(inner)
        self.dice = dice

    async def execute(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        for _ in range(self.dice.randrange(3)):
            await asyncio.sleep(0)
        if operation == "TransactWriteItems" and self.dice.random() < 0.2:
            self.faults.append(self.dice.choice(_FAULTS))
        answer = await super().execute(operation, request)
        await asyncio.sleep(0)
        return answer


class _Histories:
    """Runs units side by side and keeps what those that committed did."""

    def __init__(self, dice: random.Random, isolation: Any) -> None:
        self.dice, self.isolation = dice, isolation
        self.executor = _Busy(EmbeddedExecutor.open("memory:"), dice)
        self.history: list[Unit] = []
        self.numbers: Iterator[int] = iter(range(1, 1_000_000))

    def unit(self) -> UnitOfWork:
        return UnitOfWork(
            self.executor, isolation=self.isolation, pauses=Pauses(_no_sleep, self.dice.random), dice=self.dice
        )

    async def work(self) -> None:
        for _ in range(4):
            await self.one()

    async def one(self) -> None:
        unit, record = self.unit(), Unit(next(self.numbers))
        for _ in range(self.dice.randrange(1, 5)):
            if self.dice.random() < 0.2:
                # What a block did is taken back; what it read was read all the same.
                async with unit.savepoint() as savepoint:
                    before = dict(record.writes)
                    await self.step(unit, record)
                    savepoint.rollback()
                    record.writes = before
            else:
                await self.step(unit, record)
        try:
            await unit.commit()
        except OutcomeUnknown:
            while (outcome := await unit.resolve()) == "unknown":
                pass
            if outcome == "not_committed":
                return
        except DdbModelError:
            return
        self.history.append(record)

    async def step(self, unit: UnitOfWork, record: Unit) -> None:
        is_note, name = self.dice.random() < 0.4, self.dice.choice(NAMES)
        key = ("notes" if is_note else "accounts", name)
        names: dict[str, Any] = {"owner": name, "number": 1} if is_note else {"id": name}
        model: Any = Note if is_note else Account
        found = await unit.get(model, **names)
        if key not in record.reads:
            record.reads[key] = None if found is None else _token_of(found)
        change = self.dice.random()
        token = f"{record.number}.{len(record.reads)}.{self.dice.random()}"
        if change < 0.4:
            return
        if found is None:
            unit.add(_with_token(model, names, token))
        elif change < 0.5 and record.reads[key] is not None:
            unit.delete(found)
            # An absence has no token; the unit itself tells one from another.
            record.writes[key] = f"absent by {record.number}"
            return
        else:
            _set_token(found, token)
        record.writes[key] = token


def _token_of(found: Any) -> str:
    token: str = found.title if isinstance(found, Note) else found.history[-1]
    return token


def _with_token(model: Any, names: dict[str, Any], token: str) -> Any:
    return model(**names, title=token) if model is Note else model(**names, history=[token])


def _set_token(found: Any, token: str) -> None:
    if isinstance(found, Note):
        found.title = token
    else:
        found.history = [token]


async def _no_sleep(_pause_s: float) -> None:
    await asyncio.sleep(0)


async def _history_of(seed: int, isolation: str) -> list[Unit]:
    histories = _Histories(random.Random(seed), isolation)
    for table, keys in TABLES.items():
        attributes = [{"AttributeName": name, "AttributeType": "N" if name == "number" else "S"} for name in keys]
        schema = [{"AttributeName": name, "KeyType": kind} for name, kind in zip(keys, ("HASH", "RANGE"), strict=False)]
        request = {"TableName": table, "BillingMode": "PAY_PER_REQUEST"}
        await histories.executor.execute(
            "CreateTable", {**request, "AttributeDefinitions": attributes, "KeySchema": schema}
        )
    await asyncio.gather(*(histories.work() for _ in range(5)))
    await histories.executor.close()
    return histories.history


@pytest.mark.slow
def test_histories_of_serializable_units_are_serializable(effort: Any) -> None:
    first = random.SystemRandom().randrange(2**32)
    for seed in range(first, first + effort.count(quick=20, check=200, long=5000)):
        history = asyncio.run(_history_of(seed, "serializable"))
        assert not cycle_in(_without_absences(history)), f"seed {seed}"


def test_the_checker_finds_histories_that_are_not() -> None:
    found = [seed for seed in range(60) if cycle_in(_without_absences(asyncio.run(_history_of(seed, "version"))))]

    assert found, "write skew is what isolation='version' allows"


def test_the_checker_knows_write_skew_and_a_plain_order() -> None:
    x, y = ("accounts", "x"), ("accounts", "y")
    first = Unit(1, {x: "0", y: "0"}, {x: "1"})
    assert cycle_in([first, Unit(2, {x: "0", y: "0"}, {y: "2"})])
    assert not cycle_in([first, Unit(2, {x: "1", y: "0"}, {y: "2"})])
    assert not cycle_in([first, Unit(3, {x: "0", y: "0"}, {})])


def _without_absences(history: list[Unit]) -> list[Unit]:
    """Return the history without what no token tells apart: which of several absences of an item a unit has read."""
    deleted = {key for unit in history for key, token in unit.writes.items() if (token or "").startswith("absent")}
    return [
        Unit(
            unit.number,
            {
                key: token
                for key, token in unit.reads.items()
                if token is not None or key not in deleted or key in unit.writes
            },
            {key: token for key, token in unit.writes.items() if unit.reads[key] is not None or key not in deleted},
        )
        for unit in history
    ]
