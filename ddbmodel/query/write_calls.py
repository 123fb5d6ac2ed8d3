"""The calls of a `Database` that write single items."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, TypeVar

from ddbmodel.errors import NotFound
from ddbmodel.expressions.tree import Condition, UpdateAction
from ddbmodel.model import Key, Model
from ddbmodel.query.backfill import Checkpoint, MigrationProgress, MigrationReport, migrate
from ddbmodel.query.hooks import load
from ddbmodel.query.item_requests import create_write, delete_write, put_write, restore_write, update_write
from ddbmodel.query.sending import send_write
from ddbmodel.transport.executor import Executor

__all__ = ["WriteCalls"]

M = TypeVar("M", bound=Model)


class _Connected(Protocol):
    @property
    def executor(self) -> Executor: ...


class WriteCalls:
    """Every write asks for the item that stood in its way, and gives it back with its error as a model."""

    async def create(self: _Connected, instance: Model, *, condition: Condition | None = None) -> None:
        """Store a new item.

        Raises:
            AlreadyExists: an item with its key is there; ``current`` is it.
            ValueNotStorable: a value that the wire cannot carry.
        """
        await send_write(self.executor, create_write(instance, condition=condition))

    async def put(
        self: _Connected, instance: Model, *, condition: Condition | None = None, check_version: bool = True
    ) -> None:
        """Store a whole item, over what is there; with a `version()` only over the version that was read.

        Args:
            check_version: False overwrites whatever is there.

        Raises:
            VersionConflict: another version is stored, or the instance was never read and an item is there.
            ConditionFailed: the condition does not hold; ``current`` is the model as it is now.
        """
        await send_write(self.executor, put_write(instance, condition=condition, check_version=check_version))

    async def update(
        self: _Connected,
        key: Key[M],
        /,
        *actions: UpdateAction,
        condition: Condition | None = None,
        upsert: bool | None = None,
    ) -> M:
        """Change attributes of one item atomically, without reading it first; return the new model.

        A stored version is raised too, and not checked.

        Args:
            upsert: whether a missing item is created; None creates it where key and actions make a whole model.

        Raises:
            NotFound: there is no item, and none may be created, or the actions only remove.
            ConditionFailed: the condition does not hold; ``current`` is the model as it is now.
            InvalidRequest: no action, or one on a key attribute or the version.
        """
        return await _update(self.executor, key, actions, condition, upsert=upsert)

    async def upsert(self: _Connected, key: Key[M], /, *actions: UpdateAction, condition: Condition | None = None) -> M:
        """Update an item, or create it where there is none; the actions must make a whole one; see `update`."""
        return await _update(self.executor, key, actions, condition, upsert=True)

    async def delete(
        self: _Connected,
        target: Model | Key[Any],
        /,
        *,
        condition: Condition | None = None,
        check_version: bool = True,
        hard: bool = False,
    ) -> None:
        """Delete an item; deleting one that is not there is fine. A model with `deleted_at()` is only marked.

        Args:
            target: a model, whose version is checked, or a key.
            check_version: False deletes whatever is there.
            hard: remove the item also where its model is deleted softly.

        Raises:
            VersionConflict: another version is stored.
            ConditionFailed: the condition does not hold.
        """
        write = delete_write(target, condition=condition, check_version=check_version, hard=hard)
        await send_write(self.executor, write)

    async def restore(self: _Connected, key: Key[M], /) -> M:
        """Take back the soft delete of an item; return its model.

        Raises:
            NotFound: no item has the key.
            InvalidRequest: the model is not deleted softly.
        """
        answer = await send_write(self.executor, restore_write(key))
        return await load(key.model, answer["Attributes"])

    async def migrate(
        self: _Connected,
        model: type[Model],
        /,
        *,
        segments: int = 4,
        checkpoint: Checkpoint | None = None,
        dry_run: bool = False,
        progress: MigrationProgress | None = None,
        page_size: int = 100,
    ) -> MigrationReport:
        """Store every item of an earlier schema version as the model's version does; see `backfill.migrate`.

        Inside ``async with db.limited(RateLimit(...))`` it takes no more than that of the table's capacity.

        Args:
            segments: how many parts of the table are worked on at a time.
            checkpoint: keeps how far the work has come, as `FileCheckpoint` does, for a later run.
            dry_run: migrates in memory only, and reports what would fail.
            progress: called with the report after every page.
            page_size: how many items a part looks at before it notes where it is.
        """
        return await migrate(
            self.executor,
            model,
            segments=segments,
            checkpoint=checkpoint,
            dry_run=dry_run,
            progress=progress,
            page_size=page_size,
        )


async def _update(
    executor: Executor,
    key: Key[M],
    actions: Sequence[UpdateAction],
    condition: Condition | None,
    *,
    upsert: bool | None,
) -> M:
    answer = await send_write(executor, update_write(key, actions, condition=condition, upsert=upsert))
    if "Attributes" not in answer:
        # The item was deleted before a transaction's outcome was read back.
        raise NotFound(f"{key.model.__name__}: no item has this key any more; it was deleted after the update")
    return await load(key.model, answer["Attributes"])
