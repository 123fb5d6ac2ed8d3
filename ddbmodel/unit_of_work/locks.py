"""Locks that end with their holder: a lease in an item, kept by heartbeats, with an epoch that fences off others.

| who | does | when |
|---|---|---|
| the holder | raises ``beat`` | three times in a lease |
| who waits | takes the lock over, with the next ``epoch`` | when it has seen the same ``beat`` for a whole lease |
| the holder, at the end | leaves the item without an owner | so that the epoch goes on |

No clock is compared with another: who waits measures by its own monotonic clock how long nothing moved. A holder that
was paused for longer than its lease may not know that it lost the lock, so a lock alone protects nothing:
`UnitOfWork.require` makes a commit depend on the epoch, which the service checks in the same transaction.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import secrets
from types import TracebackType
from typing import Final, Self

from ddbmodel.errors import (
    ConditionFailed,
    DdbModelError,
    InvalidRequest,
    LeaseLost,
    LockTimeout,
    NotFound,
    OutcomeUnknown,
)
from ddbmodel.expressions.tree import Condition, UpdateAction
from ddbmodel.model import Attr, Key, Model, attr, partition_key
from ddbmodel.query.item_requests import create_write, get_request, update_write
from ddbmodel.query.sending import send_write
from ddbmodel.transport.executor import Executor

__all__ = ["LeaseLock", "Lock"]

_BEATS_IN_A_LEASE: Final = 3
_LOOKS_IN_A_LEASE: Final = 4
_LONGEST_PAUSE_S: Final = 1.0


class LeaseLock(Model, table="ddbmodel-locks"):
    """The item of a lock; subclass it to keep locks in another table.

    Attributes:
        owner: a random text of the acquisition that holds it; None while nobody does.
        epoch: one more with every acquisition.
        beat: one more with every sign of life of the holder.
    """

    name: Attr[str] = partition_key()
    owner: Attr[str | None] = attr(default=None)
    epoch: Attr[int] = attr(default=0)
    beat: Attr[int] = attr(default=0)
    lease_s: Attr[float] = attr(default=10.0)


class Lock:
    """A lock, as ``async with``; held by one block at a time, for as long as its heartbeats get through.

    Attributes:
        lost: set when somebody else may hold the lock.
    """

    def __init__(
        self,
        executor: Executor,
        name: str,
        *,
        lease_s: float = 10.0,
        timeout_s: float | None = None,
        model: type[LeaseLock] = LeaseLock,
    ) -> None:
        """Bind a lock that nobody holds yet; raises as `UnitOfWorkCalls.lock`."""
        if not isinstance(name, str) or not name:
            raise InvalidRequest("a lock needs a name of at least one character")
        if not lease_s > 0 or (timeout_s is not None and timeout_s < 0):
            raise InvalidRequest(f"lock {name!r}: lease_s is above 0 and timeout_s is not below it")
        self._executor, self._name, self._model = executor, name, model
        self._lease_s, self._timeout_s = lease_s, timeout_s
        self._owner, self._epoch = "", 0
        self._alive_s = float("-inf")
        self._beating: asyncio.Task[None] | None = None
        self.lost = asyncio.Event()

    @property
    def key(self) -> Key[LeaseLock]:
        """The key of its item."""
        return self._model.key(name=self._name)

    @property
    def epoch(self) -> int:
        """The number of this acquisition: higher than that of every earlier holder. Pass it on as a fencing token."""
        return self._epoch

    @property
    def is_held(self) -> bool:
        """Whether nobody else can hold the lock, as far as this machine can tell without asking."""
        return bool(self._owner) and not self.lost.is_set() and _now_s() - self._alive_s < self._lease_s

    @property
    def condition(self) -> Condition:
        """What holds of the item while this acquisition is the last one; for writes outside a unit of work."""
        return (self._model.owner == self._owner) & (self._model.epoch == self._epoch)

    async def __aenter__(self) -> Self:
        if self._owner:
            raise InvalidRequest(f"lock {self._name!r} is held by this object already; make another one with db.lock()")
        self.lost.clear()
        await self._acquire(secrets.token_hex(16))
        self._beating = asyncio.create_task(self._beat())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._beating is not None:
            self._beating.cancel()
            await asyncio.gather(self._beating, return_exceptions=True)
        try:
            await self._update(self._model.owner.remove())
        except (ConditionFailed, NotFound):
            self.lost.set()
        except DdbModelError:
            # The lease ends by itself.
            self._alive_s = float("-inf")
        self._owner = ""
        if self.lost.is_set() and kind is None:
            raise LeaseLost(
                f"lock {self._name!r} was lost while its block ran, and somebody else may have held it meanwhile"
            )

    async def _acquire(self, owner: str) -> None:
        began_s = _now_s()
        seen: tuple[str | None, int, int] | None = None
        since_s = began_s
        while True:
            found = await self._read()
            now_s = _now_s()
            if found is not None and (found.owner, found.epoch, found.beat) != seen:
                seen, since_s = (found.owner, found.epoch, found.beat), now_s
            if found is None or found.owner is None or now_s - since_s >= found.lease_s:
                if await self._take(owner, found):
                    return
                continue
            left_s = float("inf") if self._timeout_s is None else began_s + self._timeout_s - now_s
            if left_s <= 0:
                raise LockTimeout(
                    f"lock {self._name!r} was held by somebody else for all of {self._timeout_s:g} s; try later"
                )
            pause_s = min(found.lease_s / _LOOKS_IN_A_LEASE, _LONGEST_PAUSE_S) * (0.5 + random.random() / 2)  # noqa: S311
            await asyncio.sleep(min(pause_s, left_s))

    async def _take(self, owner: str, found: LeaseLock | None) -> bool:
        """Take the lock over from what was found; return False when somebody else was faster."""
        sent_s = _now_s()
        epoch = 1 if found is None else found.epoch + 1
        model = self._model
        try:
            if found is None:
                mine = model(name=self._name, owner=owner, epoch=epoch, lease_s=self._lease_s)
                await send_write(self._executor, create_write(mine))
            else:
                nobody = model.owner.not_exists() if found.owner is None else model.owner == found.owner
                unchanged = nobody & (model.epoch == found.epoch) & (model.beat == found.beat)
                actions = [model.owner.set(owner), model.epoch.set(epoch), model.lease_s.set(self._lease_s)]
                write = update_write(self.key, [*actions, model.beat.add(1)], condition=unchanged, upsert=False)
                await send_write(self._executor, write)
        except (ConditionFailed, NotFound):
            return False
        except OutcomeUnknown:
            stored = await self._read()
            if stored is None or stored.owner != owner:
                return False
        self._owner, self._epoch, self._alive_s = owner, epoch, sent_s
        return True

    async def _beat(self) -> None:
        """Show that the holder lives until the lock is lost."""
        while not self.lost.is_set():
            await asyncio.sleep(self._lease_s / _BEATS_IN_A_LEASE)
            sent_s = _now_s()
            with contextlib.suppress(DdbModelError):
                try:
                    async with asyncio.timeout(self._lease_s):
                        await self._update(self._model.beat.add(1))
                    self._alive_s = sent_s
                except (ConditionFailed, NotFound):
                    self.lost.set()
                except TimeoutError:
                    pass
            if _now_s() - self._alive_s >= self._lease_s:
                # Nothing got through for a whole lease; whoever waits takes the lock over about now.
                self.lost.set()

    async def _update(self, action: UpdateAction) -> None:
        write = update_write(self.key, [action], condition=self.condition, upsert=False)
        await send_write(self._executor, write)

    async def _read(self) -> LeaseLock | None:
        answer = await self._executor.execute("GetItem", get_request(self.key, consistent=True))
        item = answer.get("Item")
        return None if item is None else self._model.from_item(item)


def _now_s() -> float:
    return asyncio.get_running_loop().time()
