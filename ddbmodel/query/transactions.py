"""Explicit transactions: actions are collected in a block and sent as one TransactWriteItems when it ends."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Self

from ddbmodel.errors import InvalidRequest, UnitOfWorkClosed
from ddbmodel.expressions.tree import Condition, UpdateAction
from ddbmodel.model import Key, Model
from ddbmodel.query.item_requests import ItemWrite, check_write, create_write, delete_write, put_write, update_write
from ddbmodel.query.sending import send_transaction
from ddbmodel.transport.executor import Executor, Request

__all__ = ["Transaction"]


class Transaction:
    """Writes that happen all or not at all; ``async with`` sends them when the block ends without an exception.

    Each action names one item, no two the same, and is taken as it is at the call: what an instance becomes later in
    the block is not sent. A failed transaction raises `TransactionFailed`, whose ``errors`` are by position of the
    action; versions of the instances move only when it succeeded.
    """

    def __init__(self, executor: Executor) -> None:
        self._executor = executor
        self._writes: list[ItemWrite] = []
        self._keys: set[Key[Any]] = set()
        self._closed = False

    def create(self, instance: Model, *, condition: Condition | None = None) -> None:
        """Add the creation of an item that must not exist."""
        self._add(create_write(instance, condition=condition))

    def put(self, instance: Model, *, condition: Condition | None = None, check_version: bool = True) -> None:
        """Add the write of a whole item; see `Database.put`."""
        self._add(put_write(instance, condition=condition, check_version=check_version))

    def update(
        self, key: Key[Any], *actions: UpdateAction, condition: Condition | None = None, upsert: bool | None = None
    ) -> None:
        """Add an update by key; see `Database.update`."""
        self._add(update_write(key, actions, condition=condition, upsert=upsert))

    def delete(self, target: Model | Key[Any], *, condition: Condition | None = None) -> None:
        """Add a delete; of a model with a version only if that version is stored."""
        self._add(delete_write(target, condition=condition))

    def check(self, key: Key[Any], condition: Condition) -> None:
        """Add a condition on an item that is not written."""
        self._add(check_write(key, condition))

    def request(self) -> Request:
        """Return the exact request without its token, which is made when it is sent."""
        return {"TransactItems": [write.transact_item() for write in self._writes]}

    async def __aenter__(self) -> Self:
        self._check_open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._check_open()
        self._closed = True
        if kind is None and self._writes:
            await send_transaction(self._executor, self._writes)

    def _add(self, write: ItemWrite) -> None:
        self._check_open()
        if write.key in self._keys:
            raise InvalidRequest(
                f"a transaction has one action per item, and this {write.purpose} is the second on one "
                f"{write.key.model.__name__}; combine them, or put a check into the condition of the write"
            )
        self._keys.add(write.key)
        self._writes.append(write)

    def _check_open(self) -> None:
        if self._closed:
            raise UnitOfWorkClosed("this transaction was sent or discarded and takes no more actions; start another")
