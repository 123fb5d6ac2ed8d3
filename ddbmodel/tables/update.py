"""Carries out what `update_plan.py` plans: one step at a time, each planned anew from the table as it is.

So a run that ended half-way goes on with the next one, and two that run at once come to the same end.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

from ddbmodel.errors import InvalidRequest, ServiceError, TableMismatch, Throttled
from ddbmodel.model import Model
from ddbmodel.tables.create import execute_step
from ddbmodel.tables.definitions import TableDefinition, definitions_of
from ddbmodel.tables.existing import read_table
from ddbmodel.tables.update_plan import TableStep, UpdateChoices, update_steps
from ddbmodel.tables.waiting import Patience, Sleep, until_ready
from ddbmodel.transport.executor import Executor

__all__ = ["StepProgress", "update_tables"]

StepProgress: TypeAlias = Callable[[TableStep], None]

# How long a change may take to be seen by those who ask for the table.
_SEEN_WITHIN_S: Final = 20.0
# How long a table that nothing is being done with may say that it is in use.
_IN_USE_S: Final = 120.0
_BUSY: Final = frozenset({"ResourceInUseException", "ConcurrentUpdateException"})


async def update_tables(
    executor: Executor,
    models: Sequence[type[Model]],
    choices: UpdateChoices | None = None,
    *,
    dry_run: bool = False,
    progress: StepProgress | None = None,
    timeout_s: float | None = None,
    sleep: Sleep = asyncio.sleep,
) -> list[TableStep]:
    """Change the tables until they are what the models want; return what was done, or with `dry_run` would be.

    Items are never deleted, nor is a table. It is fine to call it again after it was interrupted, and while another
    process does the same.

    Args:
        choices: what it may do beside adding; by default nothing.
        progress: called with each step when it begins.
        timeout_s: how long one step may take; None for as long as it takes, which for an index may be hours.

    Raises:
        TableMismatch: a table cannot become what the models want, with the way out, and nothing was changed; or a
            change has to wait, as time to live can be changed once an hour only, and all others were made.
        ServiceError: the service refused a step; those before it were made.
    """
    if not models:
        raise InvalidRequest("update_tables needs at least one model, got none")
    choices = choices or UpdateChoices()
    tables = definitions_of(models)
    planned = await _planned(executor, tables, choices)
    if dry_run:
        return planned
    done: list[TableStep] = []
    postponed: dict[str, list[str]] = {}
    for table in tables:
        words = await _update(_Update(executor, table, choices, timeout_s, sleep), done, progress)
        if words:
            postponed[table.name] = words
    if postponed:
        raise TableMismatch(postponed)
    return done


class _Update:
    """One table on its way."""

    def __init__(
        self,
        executor: Executor,
        table: TableDefinition,
        choices: UpdateChoices,
        timeout_s: float | None,
        sleep: Sleep,
    ) -> None:
        self.executor, self.table, self.choices = executor, table, choices
        self.timeout_s, self.sleep = timeout_s, sleep

    async def steps(self) -> list[TableStep]:
        """Return what is still to be done, once nothing is being done."""
        existing = await read_table(self.executor, self.table)
        if existing is not None and not existing.is_ready:
            patience = Patience(self.timeout_s, self.sleep)
            await until_ready(self.executor, self.table.name, patience, is_new=False)
            existing = await read_table(self.executor, self.table)
        return update_steps(self.table, existing, self.choices)

    async def take(self, step: TableStep) -> None:
        """Carry out a step and wait until it can be seen; whoever else has taken it meanwhile did as well."""
        patience, in_use = Patience(self.timeout_s, self.sleep), Patience(_IN_USE_S, self.sleep)
        while True:
            try:
                await execute_step(self.executor, step)
                break
            except ServiceError as error:
                if not isinstance(error, Throttled) and error.code not in _BUSY:
                    if await self._is_open(step):
                        raise
                    return
                if patience.is_over or (in_use.is_over and error.code in _BUSY):
                    raise
            await patience.pause()
            if not await self._is_open(step):
                return
        seen = Patience(_SEEN_WITHIN_S, self.sleep)
        while await self._is_open(step):
            if seen.is_over:
                words = f"the service took the request, and nothing of it can be seen: {step.words}"
                raise TableMismatch({self.table.name: [words]})
            await seen.pause()

    async def _is_open(self, step: TableStep) -> bool:
        # Not by their requests, which also name what is around the change.
        return step.words in {each.words for each in await self.steps()}


async def _planned(executor: Executor, tables: Sequence[TableDefinition], choices: UpdateChoices) -> list[TableStep]:
    steps: list[TableStep] = []
    refused: dict[str, Sequence[str]] = {}
    for table in tables:
        try:
            steps += update_steps(table, await read_table(executor, table), choices)
        except TableMismatch as mismatch:
            refused |= mismatch.tables
    if refused:
        raise TableMismatch(refused)
    return steps


async def _update(update: _Update, done: list[TableStep], progress: StepProgress | None) -> list[str]:
    """Return what has to wait, in words."""
    postponed: dict[str, str] = {}
    while True:
        steps = [step for step in await update.steps() if step.words not in postponed]
        if not steps:
            return list(postponed.values())
        step = steps[0]
        if progress is not None:
            progress(step)
        try:
            await update.take(step)
        except ServiceError as error:
            if step.operation != "UpdateTimeToLive" or error.code != "ValidationException":
                raise
            # Once changed, it cannot be changed again for an hour or so, and everything else need not wait for it.
            postponed[step.words] = f"{step.words}: call update_tables again later; the service says: {error.message}"
            continue
        done.append(step)
