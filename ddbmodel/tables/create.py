"""Creates and checks the tables of models."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from ddbmodel.errors import InvalidRequest, ResourceNotFound, ServiceError, TableMismatch
from ddbmodel.model import Model
from ddbmodel.tables.compare import differences
from ddbmodel.tables.definitions import TableDefinition, create_request, definitions_of
from ddbmodel.transport.executor import Executor, Response

__all__ = ["check_tables", "create_tables"]

_FIRST_WAIT_S: Final = 0.05
_LONGEST_WAIT_S: Final = 2.0

Sleep = Callable[[float], Awaitable[None]]


async def create_tables(
    executor: Executor,
    models: Sequence[type[Model]],
    *,
    wait: bool = True,
    timeout_s: float = 300.0,
    sleep: Sleep = asyncio.sleep,
) -> None:
    """Create the tables of the models that do not exist; calling it again is fine.

    Args:
        wait: return only when every table is ready, time to live is set, and all of it is as the models want.
        timeout_s: how long one table may take to become ready.

    Raises:
        ModelDefinitionError: models of one table contradict each other; nothing was created.
        TableMismatch: a table existed and is not what the models want; it was not changed.
        ServiceError: the service refused.
    """
    if not models:
        raise InvalidRequest("create_tables needs at least one model, got none")
    for table in definitions_of(models):
        created = True
        try:
            await executor.execute("CreateTable", create_request(table))
        except ServiceError as error:
            if error.code != "ResourceInUseException":
                raise
            created = False
        if wait or table.ttl_attribute is not None:
            await _until_ready(executor, table.name, timeout_s, sleep)
        if created and table.ttl_attribute is not None:
            await executor.execute("UpdateTimeToLive", _time_to_live_request(table))
        if not created:
            await _check(executor, table)


async def check_tables(executor: Executor, models: Sequence[type[Model]]) -> None:
    """Raise when a table of the models is missing or differs.

    Raises:
        TableMismatch: the first table that differs, with every difference in words.
    """
    for table in definitions_of(models):
        await _check(executor, table)


async def _check(executor: Executor, table: TableDefinition) -> None:
    try:
        description = await _description(executor, table.name)
    except ResourceNotFound:
        raise TableMismatch(table.name, ["it does not exist; create it with db.create_tables(...)"]) from None
    answer = await executor.execute("DescribeTimeToLive", {"TableName": table.name})
    found = differences(table, description, answer.get("TimeToLiveDescription") or {})
    if found:
        raise TableMismatch(table.name, found)


async def _until_ready(executor: Executor, name: str, timeout_s: float, sleep: Sleep) -> None:
    deadline_s, pause_s = time.monotonic() + timeout_s, _FIRST_WAIT_S
    while True:
        states = await _states(executor, name)
        if all(state == "ACTIVE" for state in states.values()):
            return
        if time.monotonic() > deadline_s:
            raise TableMismatch(
                name,
                [
                    f"{part} is still {state} after {timeout_s:g} s"
                    for part, state in states.items()
                    if state != "ACTIVE"
                ],
            )
        await sleep(pause_s)
        pause_s = min(2 * pause_s, _LONGEST_WAIT_S)


async def _states(executor: Executor, name: str) -> dict[str, str]:
    try:
        description = await _description(executor, name)
    except ResourceNotFound:
        # DescribeTable is eventually consistent, and may not know a table that was created a moment ago.
        return {name: "CREATING"}
    return {name: description["TableStatus"]} | {
        index["IndexName"]: index.get("IndexStatus", "ACTIVE")
        for index in description.get("GlobalSecondaryIndexes") or ()
    }


async def _description(executor: Executor, name: str) -> Response:
    answer = await executor.execute("DescribeTable", {"TableName": name})
    description: Response = answer["Table"]
    return description


def _time_to_live_request(table: TableDefinition) -> Response:
    return {
        "TableName": table.name,
        "TimeToLiveSpecification": {"Enabled": True, "AttributeName": table.ttl_attribute},
    }
