"""Counters that many writers raise at once: each spread over several items, so that no partition is the bottleneck.

An addition goes to one of the items, chosen at random, and needs no read; the total is the sum of all. The items have a
table of their own, `CounterShard`'s or a subclass's, which `create_tables` makes as any other. A partition takes 1,000
writes a second, so 16 shards take some 16,000. Source: AWS Developer Guide, "Using write sharding to distribute
workloads evenly in your DynamoDB table"; "Quotas", partition throughput.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterable
from typing import Final

from ddbmodel.errors import InvalidRequest, TransactionFailed
from ddbmodel.model import Attr, Key, Model, attr, partition_key
from ddbmodel.query.batches import get_items
from ddbmodel.query.item_requests import MAX_ACTIONS, update_write
from ddbmodel.query.sending import send_transaction, send_write
from ddbmodel.transport.executor import Executor
from ddbmodel.transport.retry import full_jitter_delay_s

__all__ = ["CounterShard", "ShardedCounter"]

_MOST_TRIES: Final = 10
_FIRST_PAUSE_S: Final = 0.01
_LONGEST_PAUSE_S: Final = 1.0


class CounterShard(Model, table="ddbmodel-counters"):
    """One of the items that a counter is spread over; subclass it to keep counters in another table."""

    shard_id: Attr[str] = partition_key("{counter}#{subject}#{shard}", escape=True)
    counter: Attr[str] = attr(stored=False)
    subject: Attr[str] = attr(stored=False)
    shard: Attr[int] = attr(stored=False)
    value: Attr[int] = attr(default=0)


class ShardedCounter:
    """Whole numbers by key, each of which takes as many additions a second as its shards together.

    In a transaction or a unit of work an addition is that to one of the shards::

        tx.update(likes.shard("post-1"), CounterShard.value.add(1))
        unit.increment(likes.shard("post-1"), CounterShard.value)
    """

    def __init__(
        self,
        executor: Executor,
        name: str,
        *,
        shards: int = 16,
        formerly: int = 0,
        model: type[CounterShard] = CounterShard,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        dice: random.Random | None = None,
    ) -> None:
        """Bind the counters of a name.

        Args:
            shards: how many items each is spread over, 1 to 100.
            formerly: how many it once was, where that is more: those are read, and written no more.
            model: whose table keeps them.

        Raises:
            InvalidRequest: no name, or a number of shards that cannot be.
        """
        if not isinstance(name, str) or not name:
            raise InvalidRequest(f"a sharded counter needs a name of at least one character, got {_kind(name)}")
        for what, count, lowest in (("shards", shards, 1), ("formerly", formerly, 0)):
            if not isinstance(count, int) or isinstance(count, bool) or not lowest <= count <= MAX_ACTIONS:
                raise InvalidRequest(f"sharded counter {name!r}: {what}= is {lowest} to {MAX_ACTIONS}, got {count!r}")
        self._executor, self._name, self._model = executor, name, model
        self._shards, self._read_shards = shards, max(shards, formerly)
        self._sleep, self._dice = sleep, dice or random.SystemRandom()

    def shard(self, key: str) -> Key[CounterShard]:
        """Return the key of one of the items of a counter, chosen at random, to add to.

        Raises:
            InvalidRequest: the key is no text, or an empty one.
        """
        return self._key(key, self._dice.randrange(self._shards))

    async def add(self, key: str, amount: int = 1) -> None:
        """Add to a counter, also less than nothing; one that was never added to is at 0.

        Raises:
            InvalidRequest: no key, or an amount that is no whole number.
            OutcomeUnknown: no answer came, so the amount may have been added or not; in a unit of work it is added
                once.
        """
        if not isinstance(amount, int) or isinstance(amount, bool):
            raise InvalidRequest(f"sharded counter {self._name!r} adds whole numbers, got {_kind(amount)}")
        await send_write(self._executor, update_write(self.shard(key), [self._model.value.add(amount)], upsert=True))

    async def total(self, key: str) -> int:
        """Return what was added to a counter: the sum of its shards, each read strongly consistently.

        Costs one read unit a shard. What is added meanwhile may be in it or not.
        """
        return (await self.totals([key]))[key]

    async def totals(self, keys: Iterable[str]) -> dict[str, int]:
        """Return the totals of several counters, read in batches."""
        shards = {key: self._all_shards(key) for key in keys}
        wanted = [each for of_key in shards.values() for each in of_key]
        items = await get_items(self._executor, self._model, wanted, consistent=True)
        values = {key: self._model.from_item(item).value for key, item in items.items()}
        return {key: sum(values.get(each, 0) for each in of_key) for key, of_key in shards.items()}

    async def reset(self, key: str) -> int:
        """Set a counter to 0 and return what it was at; what is added meanwhile is in neither, and stays.

        What was read is taken away from all shards in one transaction, so that of two resets at once only one gets it.

        Raises:
            TransactionFailed: other writers were in the way at every try; nothing was taken away.
            OutcomeUnknown: no answer came.
        """
        tries = 0
        while True:
            tries += 1
            found = await get_items(self._executor, self._model, self._all_shards(key), consistent=True)
            values = {each: self._model.from_item(item).value for each, item in found.items()}
            taken = {each: value for each, value in values.items() if value}
            if not taken:
                return 0
            value = self._model.value
            writes = [
                update_write(each, [value.add(-amount)], condition=value >= amount if amount > 0 else value <= amount)
                for each, amount in taken.items()
            ]
            try:
                await send_transaction(self._executor, writes, sleep=self._sleep)
            except TransactionFailed:
                # Another reset was faster, or additions were under way: what is there now is to be read again.
                if tries == _MOST_TRIES:
                    raise
            else:
                return sum(taken.values())
            pause_s = full_jitter_delay_s(
                tries, self._dice.random(), first_s=_FIRST_PAUSE_S, longest_s=_LONGEST_PAUSE_S
            )
            await self._sleep(pause_s)

    def _all_shards(self, key: str) -> list[Key[CounterShard]]:
        return [self._key(key, shard) for shard in range(self._read_shards)]

    def _key(self, key: str, shard: int) -> Key[CounterShard]:
        if not isinstance(key, str) or not key:
            raise InvalidRequest(f"sharded counter {self._name!r}: a key is a text that is not empty, got {_kind(key)}")
        return self._model.key(counter=self._name, subject=key, shard=shard)


def _kind(value: object) -> str:
    return type(value).__name__ if value != "" else "an empty text"
