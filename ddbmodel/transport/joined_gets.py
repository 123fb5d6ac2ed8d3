"""Reads of single items that are asked for at one time, joined into batches: one request instead of many.

Requests that come in one turn of the event loop, as those of ``asyncio.gather(db.get(...), db.get(...))`` do, are
collected by table and consistency, and sent as ``BatchGetItem`` of up to 100 different keys. Each caller gets the
answer that its own ``GetItem`` would have had. A read that is alone, or of less than a whole item, goes its own way.
"""

from __future__ import annotations

import asyncio
import random
from collections import defaultdict
from collections.abc import Awaitable, Callable, Hashable
from contextvars import Context, copy_context
from typing import Any, Final, TypeAlias

from ddbmodel.errors import Throttled
from ddbmodel.transport.executor import Executor, Request, Response
from ddbmodel.transport.layer import ExecutorLayer
from ddbmodel.transport.metering import scopes_in
from ddbmodel.transport.retry import MAX_ATTEMPTS, full_jitter_delay_s
from ddbmodel.values.numbers import NumberError, canonical_number
from ddbmodel.values.wire import Item, copy_value

__all__ = ["JoinedGets"]

_MAX_KEYS: Final = 100
_JOINED: Final = frozenset({"TableName", "Key", "ConsistentRead"})

_Identity: TypeAlias = tuple[tuple[str, str, str], ...]
_Waiting: TypeAlias = tuple[Request, "asyncio.Future[Response]", Context]
_Callers: TypeAlias = dict[_Identity, list["asyncio.Future[Response]"]]


class JoinedGets(ExecutorLayer):
    """Joins the ``GetItem`` requests of one turn of the event loop; passes everything else on."""

    def __init__(self, inner: Executor, *, sleep: Callable[[float], Awaitable[object]] = asyncio.sleep) -> None:
        super().__init__(inner)
        self._sleep = sleep
        self._waiting: list[_Waiting] = []
        self._running: set[asyncio.Task[None]] = set()

    async def execute(self, operation: str, request: Request) -> Response:
        """Return the answer of a request; see `Executor.execute`."""
        if operation != "GetItem" or not request.keys() <= _JOINED:
            return await self.inner.execute(operation, request)
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Response] = loop.create_future()
        if not self._waiting:
            # After everything that is ready in this turn.
            loop.call_soon(self._send)
        self._waiting.append((request, answer, copy_context()))
        return await answer

    async def close(self) -> None:
        """Give up what is on its way, and close the inner executor."""
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)
        await super().close()

    def _send(self) -> None:
        waiting, self._waiting = self._waiting, []
        groups: defaultdict[tuple[str, bool, Hashable], list[_Waiting]] = defaultdict(list)
        for request, answer, context in waiting:
            if not answer.done():
                # What is metered for one block is not joined with what is not: its cost has one bill.
                group = (request["TableName"], bool(request.get("ConsistentRead")), scopes_in(context))
                groups[group].append((request, answer, context))
        for (table, consistent, _), asked in groups.items():
            keys: dict[_Identity, Item] = {}
            callers: _Callers = defaultdict(list)
            for request, answer, _ in asked:
                identity = _identity(request["Key"])
                keys[identity] = request["Key"]
                callers[identity].append(answer)
            distinct = list(keys)
            for start in range(0, len(distinct), _MAX_KEYS):
                part = {identity: keys[identity] for identity in distinct[start : start + _MAX_KEYS]}
                mine = {identity: callers[identity] for identity in part}
                self._start(self._answered(table, consistent, part, mine), mine, asked[0][2])

    def _start(self, answering: Any, callers: _Callers, context: Context) -> None:
        task: asyncio.Task[None] = asyncio.get_running_loop().create_task(answering, context=context.copy())
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        left = [answer for answers in callers.values() for answer in answers]

        def gone(answer: asyncio.Future[Response]) -> None:
            left.remove(answer)
            # Nobody waits any more: all were answered, or gave up.
            if not left:
                task.cancel()

        for answer in list(left):
            answer.add_done_callback(gone)

    async def _answered(self, table: str, consistent: bool, keys: dict[_Identity, Item], callers: _Callers) -> None:
        try:
            if len(keys) == 1:
                ((identity, key),) = keys.items()
                request: Request = {"TableName": table, "Key": key}
                if consistent:
                    request["ConsistentRead"] = True
                _give(callers[identity], (await self.inner.execute("GetItem", request)).get("Item"))
            else:
                await self._read_batch(table, consistent, keys, callers)
        except Exception as error:
            _fail(callers, error)
        except asyncio.CancelledError:
            for answers in callers.values():
                for answer in answers:
                    answer.cancel()
            raise

    async def _read_batch(self, table: str, consistent: bool, keys: dict[_Identity, Item], callers: _Callers) -> None:
        names = list(next(iter(keys.values())))
        wanted: dict[str, Any] = {"Keys": list(keys.values())}
        if consistent:
            wanted["ConsistentRead"] = True
        left, attempt = dict(callers), 0
        while True:
            answer = await self.inner.execute("BatchGetItem", {"RequestItems": {table: wanted}})
            items = answer.get("Responses", {}).get(table, [])
            for item in items:
                _give(left.pop(_identity({name: item[name] for name in names}), []), item)
            unread = answer.get("UnprocessedKeys", {}).get(table)
            if not unread:
                break
            again = {_identity(key) for key in unread["Keys"]}
            for identity in left.keys() - again:
                _give(left.pop(identity), None)
            # Progress starts the count again: only a service that answers nothing is given up.
            attempt = 1 if items else attempt + 1
            if attempt >= MAX_ATTEMPTS:
                raise Throttled(
                    "ProvisionedThroughputExceededException",
                    f"BatchGetItem: {len(again)} items of a batch were left unread {attempt} times in a row",
                )
            wanted = unread
            await self._sleep(full_jitter_delay_s(attempt, random.random()))  # noqa: S311  # spreads retries
        for answers in left.values():
            _give(answers, None)


def _identity(key: Item) -> _Identity:
    return tuple(sorted((name, tag, _same(tag, value)) for name, pair in key.items() for tag, value in pair.items()))


def _same(tag: str, value: Any) -> str:
    if tag != "N":
        return str(value)
    try:
        # The service gives a number back in its own form.
        return canonical_number(value)
    except (NumberError, TypeError):
        return str(value)


def _give(answers: list[asyncio.Future[Response]], item: Item | None) -> None:
    # Each caller may change what it gets; the last one takes the original.
    waiting = [answer for answer in answers if not answer.done()]
    for answer in waiting[:-1]:
        answer.set_result({} if item is None else {"Item": copy_value(item)})
    for answer in waiting[-1:]:
        answer.set_result({} if item is None else {"Item": item})


def _fail(callers: _Callers, error: Exception) -> None:
    for answers in callers.values():
        for answer in answers:
            if not answer.done():
                answer.set_exception(error)
