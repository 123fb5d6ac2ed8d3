"""Programs: a table and the requests on it, by subject."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from differential.generator.groups import batch_get, batch_write, transact_get, transact_write
from differential.generator.mutations import mutated
from differential.generator.reads import query, scan
from differential.generator.single_items import delete_item, get_item, put_item, update_item
from differential.generator.statements import batch_execute, execute_statement, execute_transaction
from differential.generator.streams import stream_reading, stream_requests
from differential.generator.tables import describe, table_requests
from differential.generator.values import item
from differential.generator.world import Request, World

__all__ = ["Program", "Request", "program"]

_Makers = dict[Callable[[World], Request], int]

_ITEMS: _Makers = {
    put_item: 8,
    update_item: 8,
    get_item: 3,
    delete_item: 2,
    query: 7,
    scan: 3,
    batch_get: 2,
    batch_write: 2,
    transact_write: 3,
    transact_get: 2,
    describe: 1,
}
_STATEMENTS: _Makers = {
    put_item: 5,
    execute_statement: 9,
    batch_execute: 3,
    execute_transaction: 3,
    update_item: 1,
}
_STREAMS: _Makers = {
    put_item: 4,
    update_item: 3,
    delete_item: 2,
    transact_write: 1,
    batch_write: 1,
    stream_requests: 10,
}
_TABLES: _Makers = {table_requests: 12, put_item: 2, query: 1, scan: 1}

_ITEMS_AT_FIRST = 8
_LOOKS_EVERY = 10
_SUBJECTS: tuple[tuple[str, _Makers, int], ...] = (
    ("items", _ITEMS, 6),
    ("statements", _STATEMENTS, 2),
    ("tables", _TABLES, 2),
    ("streams", _STREAMS, 1),
)


@dataclass(frozen=True, slots=True)
class Program:
    """Requests in order; the first creates the table."""

    seed: int
    subject: str
    world: World
    requests: tuple[Request, ...]


def program(seed: int, length: int, table: str) -> Program:
    """Return the program of a seed."""
    w = World(seed, table)
    ((subject, makers, _),) = w.random.choices(_SUBJECTS, [weight for _, _, weight in _SUBJECTS])
    if subject == "streams":
        w.streams = True
    requests = [w.create_table()]
    if subject != "tables":
        requests += [("PutItem", {"TableName": table, "Item": _plain_item(w)}) for _ in range(_ITEMS_AT_FIRST)]
    while len(requests) < length:
        (make,) = w.random.choices(list(makers), list(makers.values()))
        if make is stream_requests and w.chance(0.3):
            requests += stream_reading(w)
        if subject != "tables" and len(requests) % _LOOKS_EVERY == 0:
            # What was written is seen, also where no answer showed it.
            requests.append(("Scan", {"TableName": table}))
        request = make(w)
        requests.append(mutated(w, request) if w.broken() else request)
    return Program(seed, subject, w, tuple(requests[:length]))


def _plain_item(w: World) -> dict[str, Any]:
    fault, w.fault = w.fault, 0.0
    made = item(w)
    w.fault = fault
    return made
