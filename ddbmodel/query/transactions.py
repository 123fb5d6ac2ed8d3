"""Explicit transactions: actions are collected in a block and sent as one TransactWriteItems when it ends."""

from __future__ import annotations

from dataclasses import replace
from types import TracebackType
from typing import Any, Self

from ddbmodel.errors import InvalidRequest, UnitOfWorkClosed
from ddbmodel.expressions.tree import Condition, UpdateAction, all_of
from ddbmodel.model import Key, Model
from ddbmodel.query.hooks import check_hooks
from ddbmodel.query.item_requests import (
    ItemWrite,
    check_write,
    create_write,
    delete_write,
    put_write,
    update_write,
)
from ddbmodel.query.sending import send_transaction
from ddbmodel.query.stamps import stamped
from ddbmodel.transport.executor import Executor, Request, service_time_s

__all__ = ["Transaction"]


class Transaction:
    """Writes that happen all or not at all; ``async with`` sends them when the block ends without an exception.

    Each action is taken as it is at the call: what an instance becomes later in the block is not sent. Actions on one
    item are merged where they can be: a check joins any other action, and updates join each other. A failed
    transaction raises `TransactionFailed`, whose ``errors`` are by position of the item's first action, and
    ``errors_by_name`` by the names that actions were given; versions of the instances move only when it succeeded.
    """

    def __init__(self, executor: Executor, *, token: str | None = None) -> None:
        """Start an empty transaction.

        Args:
            token: 1 to 36 characters, the same for every repetition of the same payload within ten minutes, which
                the service then carries out once.
        """
        if token is not None and not 1 <= len(token) <= 36:
            raise InvalidRequest(f"the token of a transaction has 1 to 36 characters, got {len(token)}")
        self._executor = executor
        self._token = token
        self._writes: dict[Key[Any], ItemWrite] = {}
        self._closed = False

    def create(self, instance: Model, *, condition: Condition | None = None, name: str | None = None) -> None:
        """Add the creation of an item that must not exist."""
        self._add(create_write(instance, condition=condition), name)

    def put(
        self,
        instance: Model,
        *,
        condition: Condition | None = None,
        check_version: bool = True,
        name: str | None = None,
    ) -> None:
        """Add the write of a whole item; see `Database.put`."""
        self._add(put_write(instance, condition=condition, check_version=check_version), name)

    def update(
        self,
        key: Key[Any],
        *actions: UpdateAction,
        condition: Condition | None = None,
        upsert: bool | None = None,
        name: str | None = None,
    ) -> None:
        """Add an update by key; see `Database.update`."""
        self._add(update_write(key, actions, condition=condition, upsert=upsert), name)

    def delete(
        self,
        target: Model | Key[Any],
        *,
        condition: Condition | None = None,
        check_version: bool = True,
        hard: bool = False,
        name: str | None = None,
    ) -> None:
        """Add a delete; see `Database.delete`."""
        self._add(delete_write(target, condition=condition, check_version=check_version, hard=hard), name)

    def check(self, key: Key[Any], condition: Condition, *, name: str | None = None) -> None:
        """Add a condition on an item that is not written."""
        self._add(check_write(key, condition), name)

    def request(self) -> Request:
        """Return the request as it would be sent now, without its token and without the guards of unique values."""
        now_s = service_time_s(self._executor)
        return {"TransactItems": [stamped(write, now_s).transact_item() for write in self._writes.values()]}

    async def __aenter__(self) -> Self:
        self._check_open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._check_open()
        self._closed = True
        if kind is None and self._writes:
            await send_transaction(self._executor, list(self._writes.values()), token=self._token)

    def _add(self, write: ItemWrite, name: str | None) -> None:
        self._check_open()
        check_hooks(write, in_transaction=True)
        if name is not None:
            if any(name in other.names for other in self._writes.values()):
                raise InvalidRequest(f"two actions of this transaction have the name {name!r}; give each its own")
            write = replace(write, names=(name,))
        before = self._writes.get(write.key)
        self._writes[write.key] = write if before is None else _merged(before, write)

    def _check_open(self) -> None:
        if self._closed:
            raise UnitOfWorkClosed("this transaction was sent or discarded and takes no more actions; start another")


def _merged(first: ItemWrite, second: ItemWrite) -> ItemWrite:
    """Return one write that does what two on the same item do."""
    condition = all_of(tuple(each for each in (first.condition, second.condition) if each is not None))
    names = first.names + second.names
    for check, other in ((first, second), (second, first)):
        if check.purpose == "check":
            # With a condition of the caller's own, a missing item is one of the ways in which that does not hold.
            guard = None if other.guard == "present" else other.guard
            return replace(other, condition=condition, names=names, guard=guard)
    if first.purpose == second.purpose == "update":
        # Neither may be carried out where one of them must find an item.
        upsert = first.may_create and second.may_create
        actions = (*first.given, *second.given)
        return replace(update_write(first.key, actions, upsert=upsert), condition=condition, names=names)
    raise InvalidRequest(
        f"a transaction has one action per item, and this {second.purpose} is the second on one "
        f"{second.key.model.__name__}, after one to {first.purpose}; only checks and updates are merged, so write the "
        "item as it is to be in one of them"
    )
