"""What an instance carries beside its fields: attributes its model does not know, and the version that is stored.

Both live in the instance's ``__dict__`` under names that no field can have: pydantic copies and pickles them with
the instance and leaves them out of comparison, dumps and ``repr``; plain pydantic models can carry them too.
"""

from __future__ import annotations

from typing import Any, Final

from pydantic import BaseModel

from ddbmodel.values.wire import Item

__all__ = ["UNKNOWN", "keep_unknown", "next_version", "set_stored_version", "stored_version"]

UNKNOWN: Final = "__ddb_unknown__"
_STORED_VERSION: Final = "__ddb_stored_version__"


def keep_unknown(instance: BaseModel, attributes: Item) -> None:
    """Keep attributes with the instance, so that they are written back; never changed in place."""
    _state(instance)[UNKNOWN] = attributes


def stored_version(instance: BaseModel) -> int | None:
    """Return the version that the stored item had when the instance was last read or written; None if never."""
    return instance.__dict__.get(_STORED_VERSION)


def set_stored_version(instance: BaseModel, version: int | None) -> None:
    """Say which version is stored now; the public version field moves along."""
    declared: Any = getattr(type(instance), "__ddb_schema__", None)
    if version is None:
        _state(instance).pop(_STORED_VERSION, None)
        return
    _state(instance)[_STORED_VERSION] = version
    if declared is not None and declared.version is not None:
        _state(instance)[declared.version[0]] = version


def next_version(stored: int | None, base: int) -> int:
    """Return the version of the next write.

    Args:
        base: the first version of a new item; random, so that a deleted and recreated item is not taken for the old.
    """
    return base if stored is None else stored + 1


def _state(instance: BaseModel) -> dict[str, Any]:
    # Type checkers take `__dict__` for a class's read-only view.
    attributes: Any = instance.__dict__
    state: dict[str, Any] = attributes
    return state
