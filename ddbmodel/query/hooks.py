"""Runs the hooks of models around writes and after reads; every hook is awaited, or what it belongs to is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any, TypeVar

from ddbmodel.errors import ConditionFailed, DdbModelError, InvalidRequest, TransactionFailed
from ddbmodel.model import Model
from ddbmodel.model.hooks import Write, hooks_of
from ddbmodel.query.item_requests import ItemWrite
from ddbmodel.values.wire import Item

__all__ = ["check_hooks", "failure_loaded", "load", "load_all", "loaded", "run_after_write", "run_before_write"]

M = TypeVar("M", bound=Model)


def check_hooks(write: ItemWrite, *, in_transaction: bool = False) -> None:
    """Raise `InvalidRequest` for a write whose hooks have no object to run on.

    Args:
        in_transaction: the write gives nothing back, so that an update by key has no object afterwards either.
    """
    if write.instance is not None or write.purpose == "check":
        return
    model = write.key.model
    hooks = hooks_of(model)
    after = hooks.after_write if write.purpose == "delete" or in_transaction else ()
    for hook in (*hooks.before_write, *after):
        if not hook.of_class:
            raise InvalidRequest(
                f"{model.__name__}.{hook.name} is a hook of objects, and this {write.purpose} by key has none; read "
                "the object and write that, or make the hook a class method, which is told of every write"
            )


async def run_before_write(write: ItemWrite) -> ItemWrite:
    """Run the hooks that come before a write, and return the write of what they made of its object."""
    if write.purpose == "check":
        return write
    hooks = hooks_of(write.key.model).before_write
    if not hooks:
        return write
    told = _told(write)
    for hook in hooks:
        await hook.call(write.key.model, told)
    if write.rebuild is None:
        return write
    rebuilt = write.rebuild()
    if rebuilt.key != write.key:
        raise InvalidRequest(
            f"{write.key.model.__name__}: a before_write hook changed the key of the object; a hook may change "
            "anything but the key"
        )
    # What a transaction merged into the write stays.
    return replace(rebuilt, condition=write.condition, names=write.names)


async def run_after_write(write: ItemWrite, attributes: Item | None = None) -> None:
    """Run the hooks that come after a write that succeeded.

    Args:
        attributes: the item that an update by key left.
    """
    hooks = hooks_of(write.key.model).after_write
    if not hooks or write.purpose == "check":
        return
    instance = write.instance
    if instance is None and attributes is not None:
        instance = await load(write.key.model, attributes)
    told = replace(_told(write), instance=instance)
    for hook in hooks:
        await hook.call(write.key.model, told)


async def load(model: type[M], item: Item) -> M:
    """Return the model of a stored item after its hooks have run; raises as `Model.from_item`."""
    instance = model.from_item(item)
    await loaded((instance,))
    return instance


async def load_all(decode: Callable[[Item], M], items: Iterable[Item]) -> list[M]:
    """Return the models of stored items after their hooks have run."""
    instances = [decode(item) for item in items]
    await loaded(instances)
    return instances


async def loaded(instances: Iterable[Any]) -> None:
    """Run the hooks of objects that were just made from stored items, one object after the other."""
    for instance in instances:
        hooks = hooks_of(type(instance)).after_load
        if hooks:
            told = Write("put", instance.item_key(), instance)
            for hook in hooks:
                await hook.call(type(instance), told)


async def failure_loaded(failure: DdbModelError) -> DdbModelError:
    """Run the hooks of the objects that an error shows as they are now, and return the error."""
    errors = failure.errors.values() if isinstance(failure, TransactionFailed) else (failure,)
    currents = (error.current for error in errors if isinstance(error, ConditionFailed))
    await loaded(current for current in currents if isinstance(current, Model))
    return failure


def _told(write: ItemWrite) -> Write[Any]:
    assert write.purpose != "check", "checks run no hooks"
    return Write(write.purpose, write.key, write.instance, write.given)
