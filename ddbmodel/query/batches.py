"""Any number of reads and writes by key, in batches as large as the service takes, several at a time.

The service may leave a part of a batch undone and say so; that part is sent again after a pause with full jitter.
Batches have no conditions and check no versions.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any, Final, TypeAlias, TypeVar

from ddbmodel.errors import InvalidRequest, Throttled
from ddbmodel.model import Key, Model, schema_of
from ddbmodel.query.visibility import HIDE_ALL, Shown, is_visible
from ddbmodel.transport.executor import Executor, Request, service_time_s
from ddbmodel.transport.retry import MAX_ATTEMPTS, full_jitter_delay_s
from ddbmodel.values.wire import Item

__all__ = ["Progress", "delete_many", "get_items", "get_many", "put_many"]

M = TypeVar("M", bound=Model)

Progress: TypeAlias = Callable[[int, int], object]
"""Is told how many items are done, and how many there are."""

_READ_BATCH: Final = 100
_WRITE_BATCH: Final = 25
_CONCURRENCY: Final = 8

Sleep: TypeAlias = Callable[[float], Awaitable[object]]


async def get_many(
    executor: Executor,
    model: type[M],
    keys: Iterable[Key[M]],
    *,
    consistent: bool = False,
    shown: Shown = HIDE_ALL,
    sleep: Sleep = asyncio.sleep,
) -> list[M | None]:
    """Return the models of many keys, in the order of the keys; None where there is no item.

    Args:
        shown: which items that are otherwise hidden count as there.

    Raises:
        ItemNotDecodable: a stored item does not fit the model. Otherwise as `get_items`.
    """
    keys = list(keys)
    found = await get_items(executor, model, keys, consistent=consistent, sleep=sleep)
    now_s = service_time_s(executor)
    models = {key: model.from_item(item) for key, item in found.items() if is_visible(model, item, shown, now_s)}
    return [models.get(key) for key in keys]


async def get_items(
    executor: Executor,
    model: type[M],
    keys: Iterable[Key[M]],
    *,
    consistent: bool = False,
    sleep: Sleep = asyncio.sleep,
) -> dict[Key[M], Item]:
    """Return the stored items of many keys, without those that have none.

    Args:
        keys: any number; the same key may come several times and is read once.

    Raises:
        InvalidRequest: a key is another model's.
        Throttled: the service left a part unread after the last attempt.
    """
    keys = list(keys)
    for key in keys:
        if not isinstance(key, Key) or key.model is not model:
            got = f"a key of {key.model.__name__}" if isinstance(key, Key) else f"a {type(key).__name__}"
            raise InvalidRequest(f"get_many({model.__name__}, ...) takes {model.__name__}.key(...), got {got}")
    table = schema_of(model).table
    found: dict[Key[M], Item] = {}

    async def read(batch: Sequence[Key[M]]) -> None:
        wanted: dict[str, Any] = {"Keys": [key.item for key in batch]}
        if consistent:
            wanted["ConsistentRead"] = True
        attempt = 0
        request: Request = {"RequestItems": {table: wanted}}
        while True:
            answer = await executor.execute("BatchGetItem", request)
            items = answer.get("Responses", {}).get(table, [])
            found.update((model.key_of_item(item), item) for item in items)
            unread = answer.get("UnprocessedKeys")
            if not unread:
                return
            # Progress starts the count again: only a service that answers nothing is given up.
            attempt = 1 if items else attempt + 1
            await _pause(attempt, sleep, "BatchGetItem", len(unread[table]["Keys"]))
            request = {"RequestItems": unread}

    await _in_batches(list(dict.fromkeys(keys)), _READ_BATCH, read)
    return found


async def put_many(
    executor: Executor, instances: Iterable[Model], *, progress: Progress | None = None, sleep: Sleep = asyncio.sleep
) -> None:
    """Store many models, over whatever is there, without conditions; versions are neither checked nor raised.

    Raises:
        InvalidRequest: two of the models have one key, so which is to be stored is not clear; nothing was sent.
        ValueNotStorable: a model cannot be stored; nothing was sent.
        Throttled: the service left a part unwritten after the last attempt; the rest is stored.
    """
    writes = [
        (instance.item_key(), {"PutRequest": {"Item": instance.to_item()}}) for instance in _models(instances, "put")
    ]
    await _write_many(executor, writes, progress, sleep)


async def delete_many(
    executor: Executor,
    targets: Iterable[Model | Key[Any]],
    *,
    progress: Progress | None = None,
    sleep: Sleep = asyncio.sleep,
) -> None:
    """Delete the items of many models or keys, whatever is there; raises as `put_many`."""
    keys = [target if isinstance(target, Key) else target.item_key() for target in _targets(targets)]
    writes = [(key, {"DeleteRequest": {"Key": key.item}}) for key in dict.fromkeys(keys)]
    await _write_many(executor, writes, progress, sleep)


async def _write_many(
    executor: Executor, writes: list[tuple[Key[Any], Request]], progress: Progress | None, sleep: Sleep
) -> None:
    repeated = len(writes) - len({key for key, _ in writes})
    if repeated:
        raise InvalidRequest(
            f"{repeated} of {len(writes)} models have the key of another one, so which of them is to be stored is not "
            "clear; nothing was sent: give each key once"
        )
    done = 0

    async def write(batch: Sequence[tuple[Key[Any], Request]]) -> None:
        nonlocal done
        left: dict[str, list[Request]] = {}
        for key, request in batch:
            left.setdefault(schema_of(key.model).table, []).append(request)
        count, attempt = len(batch), 0
        while True:
            answer = await executor.execute("BatchWriteItem", {"RequestItems": left})
            left = answer.get("UnprocessedItems") or {}
            unwritten = sum(map(len, left.values()))
            written, count = count - unwritten, unwritten
            done += written
            if progress is not None and written:
                progress(done, len(writes))
            if not left:
                return
            attempt = 1 if written else attempt + 1
            await _pause(attempt, sleep, "BatchWriteItem", count)

    await _in_batches(writes, _WRITE_BATCH, write)


T = TypeVar("T")


async def _in_batches(things: list[T], size: int, work: Callable[[list[T]], Awaitable[None]]) -> None:
    """Work through things in batches, several at a time; the first error stops the rest."""
    batches = iter([things[start : start + size] for start in range(0, len(things), size)])

    async def worker() -> None:
        for batch in batches:
            await work(batch)

    workers = [asyncio.ensure_future(worker()) for _ in range(min(_CONCURRENCY, -(-len(things) // size)))]
    try:
        await asyncio.gather(*workers)
    finally:
        for task in workers:
            task.cancel()
        await asyncio.gather(*workers, return_exceptions=True)


async def _pause(attempt: int, sleep: Sleep, operation: str, left: int) -> None:
    if attempt >= MAX_ATTEMPTS:
        raise Throttled(
            "ProvisionedThroughputExceededException",
            f"{operation}: {left} items of a batch were left undone {attempt} times in a row",
        )
    await sleep(full_jitter_delay_s(attempt, random.random()))  # noqa: S311  # spreads retries


def _models(instances: Iterable[Model], purpose: str) -> list[Model]:
    models = list(instances)
    for instance in models:
        if not isinstance(instance, Model):
            raise InvalidRequest(f"{purpose}_many takes models, got a {type(instance).__name__}")
    return models


def _targets(targets: Iterable[Model | Key[Any]]) -> list[Model | Key[Any]]:
    given = list(targets)
    for target in given:
        if not isinstance(target, (Model, Key)):
            raise InvalidRequest(f"delete_many takes models and keys, got a {type(target).__name__}")
    return given
