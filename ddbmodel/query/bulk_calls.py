"""The calls of a `Database` on any number of items."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Iterable, Sequence
from typing import Any, Protocol, TypedDict, TypeVar, Unpack, overload

from ddbmodel.expressions.tree import Condition, UpdateAction
from ddbmodel.model import Key, Model
from ddbmodel.query.batch_report import BatchReport, OnError, Progress, UpdateReport
from ddbmodel.query.batches import CONCURRENCY, delete_many, get_each, get_many, put_many
from ddbmodel.query.bulk_updates import KeyUpdate, update_many
from ddbmodel.query.inputs import AnyIterable
from ddbmodel.query.visibility import Shown
from ddbmodel.transport.executor import Executor

__all__ = ["BulkCalls"]

M = TypeVar("M", bound=Model)


class _Connected(Protocol):
    @property
    def executor(self) -> Executor: ...


class _UpdateOptions(TypedDict, total=False):
    """The keywords of `BulkCalls.update_many`."""

    condition: Condition | None
    upsert: bool | None
    transactions: bool
    returning: bool
    concurrency: int
    on_error: OnError
    progress: Progress | None


class BulkCalls:
    """The calls of a `Database` on many items.

    Each takes an iterable, an async iterable or a generator of any length, reads it as it works, and keeps as many
    requests under way as `concurrency` says. `progress` is called with how many are finished with, and of how many:
    None where the input does not know its length. An async function is awaited.
    """

    async def get_many(
        self: _Connected,
        model: type[M],
        keys: AnyIterable[Key[M]],
        *,
        consistent: bool = False,
        include_expired: bool = False,
        include_deleted: bool = False,
        concurrency: int = CONCURRENCY,
    ) -> list[M | None]:
        """Return the models of any number of keys, in their order, None where there is no item.

        Args:
            consistent: read strongly consistent, for twice the cost.
            include_expired: also items whose time to live is over and that the service has not deleted yet.
            include_deleted: also items that were deleted softly.
            concurrency: how many batches of 100 are read at once.

        Raises:
            InvalidRequest: a key is another model's; nothing was sent.
            ItemNotDecodable: a stored item does not fit the model.
            Throttled: the service left a part unread after the last attempt.
        """
        shown = Shown(expired=include_expired, deleted=include_deleted)
        return await get_many(self.executor, model, keys, consistent=consistent, concurrency=concurrency, shown=shown)

    def get_each(
        self: _Connected,
        model: type[M],
        keys: AnyIterable[Key[M]],
        *,
        consistent: bool = False,
        include_expired: bool = False,
        include_deleted: bool = False,
        concurrency: int = CONCURRENCY,
    ) -> AsyncIterator[M | None]:
        """Yield what `get_many` returns, one by one, for more items than memory should hold.

        Args:
            concurrency: how many batches of 100 are read ahead.
        """
        shown = Shown(expired=include_expired, deleted=include_deleted)
        return get_each(self.executor, model, keys, consistent=consistent, concurrency=concurrency, shown=shown)

    async def put_many(
        self: _Connected,
        instances: AnyIterable[Model],
        *,
        concurrency: int = CONCURRENCY,
        on_error: OnError = "raise",
        progress: Progress | None = None,
    ) -> BatchReport:
        """Store any number of models over whatever is there, without conditions; versions stay as they are.

        A list with two models of one key is refused; from an input of unknown length the last one is stored.

        Args:
            concurrency: how many batches of 25 are written at once.
            on_error: ``"raise"`` stops at the first failure, ``"collect"`` goes on and reports all of them.

        Raises:
            InvalidRequest, ValueNotStorable: something in a list cannot be stored; nothing was sent.
            BatchFailed: something is not stored; it says what, why, and how many are.
        """
        return await put_many(self.executor, instances, concurrency=concurrency, on_error=on_error, progress=progress)

    async def delete_many(
        self: _Connected,
        targets: AnyIterable[Model | Key[Any]],
        *,
        concurrency: int = CONCURRENCY,
        on_error: OnError = "raise",
        progress: Progress | None = None,
    ) -> BatchReport:
        """Delete the items of any number of models or keys, without conditions; as `put_many` in all else."""
        return await delete_many(self.executor, targets, concurrency=concurrency, on_error=on_error, progress=progress)

    @overload
    async def update_many(
        self: _Connected, updates: Iterable[tuple[Key[M], Sequence[UpdateAction]]], /, **options: Unpack[_UpdateOptions]
    ) -> UpdateReport[M]: ...
    @overload
    async def update_many(
        self: _Connected,
        updates: AsyncIterable[tuple[Key[M], Sequence[UpdateAction]]],
        /,
        **options: Unpack[_UpdateOptions],
    ) -> UpdateReport[M]: ...
    @overload
    async def update_many(
        self: _Connected,
        updates: AnyIterable[Key[M]],
        /,
        *actions: UpdateAction,
        **options: Unpack[_UpdateOptions],
    ) -> UpdateReport[M]: ...
    async def update_many(
        self: _Connected,
        updates: AnyIterable[KeyUpdate[M]],
        /,
        *actions: UpdateAction,
        condition: Condition | None = None,
        upsert: bool | None = None,
        transactions: bool = False,
        returning: bool = True,
        concurrency: int = CONCURRENCY,
        on_error: OnError = "raise",
        progress: Progress | None = None,
    ) -> UpdateReport[M]:
        """Update any number of items; give keys, and actions for all of them, or pairs of a key and its own actions.

        Each update is atomic, as `update` is. Updates of one key happen in the order given.

        Args:
            condition: what must hold of each item.
            upsert: whether a missing item is created; None creates it where key and actions make a whole model.
            transactions: send them in transactions of up to 100, each of which happens as a whole, for twice the cost.
            returning: give the models after the update, in `UpdateReport.models`; transactions give none, so these are
                read after it. False keeps nothing in memory.
            concurrency: how many requests are under way at once.
            on_error: ``"raise"`` stops at the first failure, ``"collect"`` goes on and reports all of them.

        Raises:
            InvalidRequest, ValueNotStorable: something in a list is no update that can be sent; nothing was sent.
            BatchFailed: an update failed; it says which, why, and how many are done.
        """
        return await update_many(
            self.executor,
            updates,
            actions,
            condition=condition,
            upsert=upsert,
            transactions=transactions,
            returning=returning,
            concurrency=concurrency,
            on_error=on_error,
            progress=progress,
        )
