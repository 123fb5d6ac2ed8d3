"""Reads of several items as they were at one moment: TransactGetItems."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, TypeAlias

from ddbmodel.errors import InvalidRequest, ServiceError, TransactionFailed, TransactionTooLarge
from ddbmodel.model import Key, Model, schema_of
from ddbmodel.query.hooks import loaded
from ddbmodel.query.item_requests import MAX_ACTIONS
from ddbmodel.query.visibility import HIDE_ALL, Shown, is_visible
from ddbmodel.transport.executor import Executor, service_time_s
from ddbmodel.transport.retry import MAX_ATTEMPTS, full_jitter_delay_s
from ddbmodel.values.wire import Item

__all__ = ["transact_get"]

Sleep: TypeAlias = Callable[[float], Awaitable[object]]

_PASSING: Final = frozenset({None, "None", "TransactionConflict", "ProvisionedThroughputExceeded", "ThrottlingError"})


async def transact_get(
    executor: Executor, keys: Sequence[Key[Any]], *, shown: Shown = HIDE_ALL, sleep: Sleep = asyncio.sleep
) -> list[Model | None]:
    """Return the models of keys as they were at one moment, in their order, None where there is no item.

    Args:
        shown: which items that are otherwise hidden count as there.

    Raises:
        InvalidRequest: no key, the same key twice, or something that is no key.
        TransactionTooLarge: more than 100 keys.
        TransactionFailed: writers of these items were in the way at every attempt.
    """
    for key in keys:
        if not isinstance(key, Key):
            raise InvalidRequest(f"transact_get takes keys, as in Score.key(...); got a {type(key).__name__}")
    if not keys or len(set(keys)) < len(keys):
        raise InvalidRequest(
            f"transact_get takes 1 to {MAX_ACTIONS} different keys, got {len(keys)} of which {len(set(keys))} differ"
        )
    if len(keys) > MAX_ACTIONS:
        raise TransactionTooLarge(len(keys), MAX_ACTIONS)
    items = [{"Get": {"TableName": schema_of(key.model).table, "Key": key.item}} for key in keys]
    attempt = 1
    while True:
        try:
            answer = await executor.execute("TransactGetItems", {"TransactItems": items})
            break
        except ServiceError as error:
            reasons = error.cancellation_reasons
            if not reasons or any(reason.code not in _PASSING for reason in reasons):
                raise
            if attempt == MAX_ATTEMPTS:
                raise TransactionFailed(
                    f"nothing was read: writers of the {len(keys)} items were in the way {attempt} times in a row",
                    {},
                    retryable=True,
                ) from error
        await sleep(full_jitter_delay_s(attempt, random.random()))  # noqa: S311  # spreads retries
        attempt += 1
    found: list[Item | None] = [response.get("Item") for response in answer["Responses"]]
    now_s = service_time_s(executor)
    models = [
        None if item is None or not is_visible(key.model, item, shown, now_s) else key.model.from_item(item)
        for key, item in zip(keys, found, strict=True)
    ]
    await loaded(model for model in models if model is not None)
    return models
