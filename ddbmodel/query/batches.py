"""Any number of reads, puts and deletes by key, in batches as large as the service takes, several at a time.

The service may leave a part of a batch undone and say so; that part is sent again after a pause with full jitter.
Inputs are read as they are needed, so that any number goes through in bounded memory. Batches have no conditions and
check no versions; what a batch cannot keep (`batch_routing`) is written one by one.

A batch of writes whose answer was lost is sent again: it overwrites whatever is there, once or twice alike.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Collection, Iterable, Iterator, Sequence
from functools import partial
from typing import Any, Final, TypeVar

from ddbmodel.errors import DdbModelError, InvalidRequest
from ddbmodel.model import Key, Model, schema_of
from ddbmodel.model.key import key_in_item
from ddbmodel.query.batch_report import BatchReport, OnError, Progress, Tally, check_choices
from ddbmodel.query.batch_writes import BatchWriter
from ddbmodel.query.hooks import check_hooks, loaded
from ddbmodel.query.inputs import AnyIterable, check_iterable, each_of, known_length
from ddbmodel.query.item_requests import ItemWrite
from ddbmodel.query.repeats import Sleep, left_undone, pause
from ddbmodel.query.visibility import HIDE_ALL, Shown, is_visible
from ddbmodel.query.write_groups import Entry, WriteGroups
from ddbmodel.transport.executor import Executor, Request, service_time_s
from ddbmodel.transport.retry import MAX_ATTEMPTS
from ddbmodel.values.wire import Item

__all__ = ["CONCURRENCY", "delete_many", "get_each", "get_items", "get_many", "put_many"]

M = TypeVar("M", bound=Model)

CONCURRENCY: Final = 8
"""How many requests are under way at once by default."""

_READ_BATCH: Final = 100
_WRITE_BATCH: Final = 25


async def get_many(
    executor: Executor,
    model: type[M],
    keys: AnyIterable[Key[M]],
    *,
    consistent: bool = False,
    concurrency: int = CONCURRENCY,
    shown: Shown = HIDE_ALL,
    sleep: Sleep = asyncio.sleep,
) -> list[M | None]:
    """Return the models of many keys, in the order of the keys; None where there is no item.

    Raises:
        ItemNotDecodable: a stored item does not fit the model. Otherwise as `get_items`.
    """
    check_iterable("get_many", keys, f"{model.__name__}.key(...)")
    wanted = [key async for key in each_of(keys)]
    found = await get_items(executor, model, wanted, consistent=consistent, concurrency=concurrency, sleep=sleep)
    now_s = service_time_s(executor)
    models = {key: model.from_item(item) for key, item in found.items() if is_visible(model, item, shown, now_s)}
    await loaded(models.values())
    return [models.get(key) for key in wanted]


async def get_each(
    executor: Executor,
    model: type[M],
    keys: AnyIterable[Key[M]],
    *,
    consistent: bool = False,
    concurrency: int = CONCURRENCY,
    shown: Shown = HIDE_ALL,
    sleep: Sleep = asyncio.sleep,
) -> AsyncGenerator[M | None, None]:
    """Yield the models of any number of keys, in the order of the keys; None where there is no item.

    Keys are read from the input as models are taken from the output, `concurrency` batches ahead of it.
    """
    check_iterable("get_each", keys, f"{model.__name__}.key(...)")
    check_choices("get_each", concurrency=concurrency, on_error="raise")
    under_way: deque[asyncio.Task[list[M | None]]] = deque()

    def start(batch: list[Key[M]]) -> None:
        reading = get_many(executor, model, batch, consistent=consistent, concurrency=1, shown=shown, sleep=sleep)
        under_way.append(asyncio.ensure_future(reading))

    try:
        batch: list[Key[M]] = []
        async for key in each_of(keys):
            batch.append(key)
            if len(batch) < _READ_BATCH:
                continue
            start(batch)
            batch = []
            while under_way and (len(under_way) >= concurrency or under_way[0].done()):
                for found in await under_way.popleft():
                    yield found
        if batch:
            start(batch)
        while under_way:
            for found in await under_way.popleft():
                yield found
    finally:
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)


async def get_items(
    executor: Executor,
    model: type[M],
    keys: Iterable[Key[M]],
    *,
    consistent: bool = False,
    concurrency: int = CONCURRENCY,
    sleep: Sleep = asyncio.sleep,
) -> dict[Key[M], Item]:
    """Return the stored items of many keys, hidden ones too, without those that have none.

    Args:
        keys: any number; the same key may come several times and is read once.

    Raises:
        InvalidRequest: a key is another model's.
        Throttled: the service left a part unread after the last attempt.
    """
    check_choices("get_many", concurrency=concurrency, on_error="raise")
    keys = list(keys)
    for key in keys:
        if not isinstance(key, Key) or not issubclass(key.model, model):
            got = f"a key of {key.model.__name__}" if isinstance(key, Key) else f"a {type(key).__name__}"
            raise InvalidRequest(f"get_many({model.__name__}, ...) takes {model.__name__}.key(...), got {got}")
    distinct = list(dict.fromkeys(keys))
    batches = iter([distinct[start : start + _READ_BATCH] for start in range(0, len(distinct), _READ_BATCH)])
    found: dict[Key[M], Item] = {}

    async def worker() -> None:
        for batch in batches:
            found.update(await _read_batch(executor, model, batch, consistent, sleep))

    workers = [asyncio.ensure_future(worker()) for _ in range(min(concurrency, -(-len(distinct) // _READ_BATCH)))]
    try:
        await asyncio.gather(*workers)
    finally:
        for task in workers:
            task.cancel()
        await asyncio.gather(*workers, return_exceptions=True)
    return found


async def put_many(
    executor: Executor,
    instances: AnyIterable[Model],
    *,
    concurrency: int = CONCURRENCY,
    on_error: OnError = "raise",
    progress: Progress | None = None,
    sleep: Sleep = asyncio.sleep,
) -> BatchReport:
    """Store many models, over whatever is there, without conditions; versions are neither checked nor raised.

    Of several instances of one key the last one is stored, whatever happens on the way.

    Raises:
        InvalidRequest: two models of a list have one key, so which is to be stored is not clear; nothing was sent.
        ValueNotStorable: a model of a list cannot be stored; nothing was sent. Found later, in an input of unknown
            length, it is one of the failures.
        BatchFailed: something is not stored; it says what, why, and how many are.
    """
    check_iterable("put_many", instances, "models")
    if isinstance(instances, Collection):
        _check_distinct(instances, all_storable=on_error == "raise")
    return await _write_many(executor, "put_many", instances, _put_write, concurrency, on_error, progress, sleep)


async def delete_many(
    executor: Executor,
    targets: AnyIterable[Model | Key[Any]],
    *,
    concurrency: int = CONCURRENCY,
    on_error: OnError = "raise",
    progress: Progress | None = None,
    sleep: Sleep = asyncio.sleep,
) -> BatchReport:
    """Delete the items of many models or keys, whatever is there; a key may come several times.

    Raises:
        InvalidRequest: a list holds something else; nothing was sent.
        BatchFailed: something is not deleted; it says what, why, and how many are.
    """
    check_iterable("delete_many", targets, "models and keys")
    if isinstance(targets, Collection) and on_error == "raise":
        for target in targets:
            check_hooks(_delete_write(target))
    return await _write_many(executor, "delete_many", targets, _delete_write, concurrency, on_error, progress, sleep)


async def _write_many(
    executor: Executor,
    call: str,
    given: AnyIterable[Any],
    write_of: Callable[[Any], ItemWrite],
    concurrency: int,
    on_error: OnError,
    progress: Progress | None,
    sleep: Sleep,
) -> BatchReport:
    check_choices(call, concurrency=concurrency, on_error=on_error)
    report = BatchReport()
    tally = Tally(call, report, on_error, progress, known_length(given))
    writer = BatchWriter(executor, tally, sleep)
    groups = WriteGroups(writer.send, tally, size=_WRITE_BATCH, at_once=concurrency, last_counts=True)
    await groups.run(_entries(given, write_of, tally))
    tally.finish()
    return report


async def _entries(given: AnyIterable[Any], write_of: Callable[[Any], ItemWrite], tally: Tally) -> AsyncIterator[Entry]:
    position = 0
    async for thing in each_of(given):
        try:
            write = write_of(thing)
        except DdbModelError as error:
            tally.failed(position, thing, error)
            if tally.stopped:
                return
        else:
            yield Entry(thing, write, position)
        position += 1


def _put_write(instance: Model) -> ItemWrite:
    if not isinstance(instance, Model):
        raise InvalidRequest(f"put_many takes models, got a {type(instance).__name__}")
    item = instance.to_item()
    key = key_in_item(type(instance), item) or instance.item_key()
    return ItemWrite("put", key, item, instance=instance, rebuild=partial(_put_write, instance))


def _delete_write(target: Model | Key[Any]) -> ItemWrite:
    if not isinstance(target, (Model, Key)):
        raise InvalidRequest(f"delete_many takes models and keys, got a {type(target).__name__}")
    if isinstance(target, Key):
        return ItemWrite("delete", target)
    return ItemWrite("delete", target.item_key(), instance=target)


def _check_distinct(instances: Collection[Model], *, all_storable: bool) -> None:
    # Hashes take a tenth of the memory of keys; where two are the same, the keys are compared.
    seen: set[int] = set()
    met_again: set[int] = set()
    for key in _storable_keys(instances, all_storable):
        (met_again if hash(key) in seen else seen).add(hash(key))
    if not met_again:
        return
    alike = [key for key in _storable_keys(instances, all_storable) if hash(key) in met_again]
    repeated = len(alike) - len(set(alike))
    if repeated:
        raise InvalidRequest(
            f"{repeated} of {len(instances)} models have the key of another one, so which of them is to be stored is "
            "not clear; nothing was sent: give each key once"
        )


def _storable_keys(instances: Iterable[Model], all_storable: bool) -> Iterator[Key[Any]]:
    for instance in instances:
        try:
            yield _put_write(instance).key
        except DdbModelError:
            if all_storable:
                raise


async def _read_batch(
    executor: Executor, model: type[M], batch: Sequence[Key[M]], consistent: bool, sleep: Sleep
) -> dict[Key[M], Item]:
    table = schema_of(model).table
    wanted: dict[str, Any] = {"Keys": [key.item for key in batch]}
    if consistent:
        wanted["ConsistentRead"] = True
    request: Request = {"RequestItems": {table: wanted}}
    found: dict[Key[M], Item] = {}
    attempt = 0
    while True:
        answer = await executor.execute("BatchGetItem", request)
        items = answer.get("Responses", {}).get(table, [])
        found.update((model.key_of_item(item), item) for item in items)
        unread = answer.get("UnprocessedKeys")
        if not unread:
            return found
        # Progress starts the count again: only a service that answers nothing is given up.
        attempt = 1 if items else attempt + 1
        if attempt >= MAX_ATTEMPTS:
            raise left_undone("BatchGetItem", len(unread[table]["Keys"]))
        await pause(attempt, sleep)
        request = {"RequestItems": unread}
