"""Creates the tables of models, and tells how tables differ from them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from ddbmodel.errors import InvalidRequest, ServiceError, TableMismatch, Throttled
from ddbmodel.model import Model
from ddbmodel.tables.compare import Subject, TableDifference, differences, missing
from ddbmodel.tables.definitions import TableDefinition, definitions_of
from ddbmodel.tables.existing import ExistingTable, read_scaling, read_states, read_table
from ddbmodel.tables.requests import create_request
from ddbmodel.tables.update_plan import TableStep, creation_steps, finishing_steps
from ddbmodel.tables.waiting import Patience, Sleep, until_ready
from ddbmodel.transport.executor import Executor
from ddbmodel.transport.scaling import SCALING_OPERATIONS, scale

__all__ = ["check_tables", "create_tables", "execute_step", "table_differences"]

_NEEDED: Final[frozenset[Subject]] = frozenset({"table", "key", "index", "stream", "time to live"})


async def create_tables(
    executor: Executor,
    models: Sequence[type[Model]],
    *,
    wait: bool = True,
    timeout_s: float = 300.0,
    sleep: Sleep = asyncio.sleep,
) -> None:
    """Create the tables of the models that do not exist; calling it again is fine.

    What a CreateTable request cannot carry, time to live and scaling, is set where it is missing, also on a table that
    was there: an earlier call may have ended half-way. Of a table that was there, only what the models cannot work
    without is checked; billing, class, protection and tags are left to those who run it, and to `update_tables`.

    Args:
        wait: return only when every table is ready.
        timeout_s: how long one table may take to become ready.

    Raises:
        ModelDefinitionError: models of one table contradict each other; nothing was created.
        NotSupportedHere: capacity is to follow the load, and nothing here can do that; nothing was created.
        TableMismatch: tables existed and lack a key, an index, a stream or time to live; they were not changed.
        ServiceError: the service refused.
    """
    tables = _definitions(models, "create_tables")
    for table in tables:
        if table.scaled is not None:
            await read_scaling(executor, table)
    created = {table.name: await _create(executor, table, Patience(timeout_s, sleep)) for table in tables}
    mismatches: dict[str, list[str]] = {}
    for table in tables:
        if wait or table.ttl_attribute is not None or table.scaled is not None:
            await until_ready(executor, table.name, Patience(timeout_s, sleep), is_new=True)
        words = await _finish(executor, table, created=created[table.name])
        if words:
            mismatches[table.name] = words
    if mismatches:
        raise TableMismatch(mismatches)


async def check_tables(executor: Executor, models: Sequence[type[Model]]) -> None:
    """Raise when a table of the models is missing or differs.

    Raises:
        TableMismatch: every difference of all of the tables, in words.
    """
    mismatches: dict[str, list[str]] = {}
    for difference in await table_differences(executor, models):
        if difference.is_mismatch:
            mismatches.setdefault(difference.table, []).append(difference.words)
    if mismatches:
        raise TableMismatch(mismatches)


async def table_differences(executor: Executor, models: Sequence[type[Model]]) -> list[TableDifference]:
    """Return every difference between models and tables, with those that are for information only."""
    tables = _definitions(models, "check_tables")
    return [difference for table in tables for difference in await _differences(executor, table)]


async def execute_step(executor: Executor, step: TableStep) -> None:
    """Carry out one step."""
    if step.operation in SCALING_OPERATIONS:
        await scale(executor, step.operation, step.request)
    else:
        await executor.execute(step.operation, step.request)


def _definitions(models: Sequence[type[Model]], caller: str) -> list[TableDefinition]:
    if not models:
        raise InvalidRequest(f"{caller} needs at least one model, got none")
    return definitions_of(models)


async def _create(executor: Executor, table: TableDefinition, patience: Patience) -> bool:
    """Return whether the table is new."""
    while True:
        try:
            await executor.execute("CreateTable", create_request(table))
            return True
        except Throttled:
            # Too many tables are being created at once.
            if patience.is_over:
                raise
        except ServiceError as error:
            if error.code != "ResourceInUseException":
                raise
            states = await read_states(executor, table.name)
            # None: deleted by now, or not to be seen yet.
            if states is not None and states[table.name] != "DELETING":
                return False
            if patience.is_over:
                raise
        await patience.pause()


async def _finish(executor: Executor, table: TableDefinition, *, created: bool) -> list[str]:
    """Set what CreateTable cannot; return what the models cannot work without and a table that was there lacks."""
    if created:
        steps = creation_steps(table)[1:]
    else:
        existing = await read_table(executor, table)
        if existing is None:
            return [missing(table).words]
        # Time to live that is not enabled at all is what an earlier call may not have come to.
        finished = replace(existing, ttl_attribute=existing.ttl_attribute or table.ttl_attribute)
        if _lacking(table, finished):
            return _lacking(table, existing)
        steps = finishing_steps(table, existing)
    for step in steps:
        try:
            await execute_step(executor, step)
        except ServiceError as error:
            # Another process that creates the same table may have been quicker.
            existing = await read_table(executor, table)
            if error.code != "ValidationException" or existing is None or step in finishing_steps(table, existing):
                raise
    return []


def _lacking(table: TableDefinition, existing: ExistingTable) -> list[str]:
    found = differences(table, existing)
    return [difference.words for difference in found if difference.is_mismatch and difference.about in _NEEDED]


async def _differences(executor: Executor, table: TableDefinition) -> list[TableDifference]:
    existing = await read_table(executor, table)
    return [missing(table)] if existing is None else differences(table, existing)
