"""What a handler is given: an item was inserted, modified or removed.

`Change[M]` is the union of the three, so a `match` over it can be checked for completeness.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Generic, TypeAlias, TypeVar, Union

from pydantic import BaseModel

from ddbmodel.model import Key, Model

__all__ = ["Change", "ChangeEvent", "Insert", "Modify", "Remove"]

M_co = TypeVar("M_co", bound=Model, covariant=True)
M = TypeVar("M", bound=Model)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeEvent(Generic[M_co]):
    """What every event carries.

    Attributes:
        key: of the item.
        sequence: the record's sequence number; grows with every change of one item.
        event_id: the same each time that this record is delivered, and of no other record.
        at: when the change was made, to the second.
        attempt: 1 at first, and one more after every failure in this process.
    """

    key: Key[M_co]
    sequence: str
    event_id: str
    at: datetime
    attempt: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Insert(ChangeEvent[M_co]):
    """An item that was not there before."""

    new: M_co
    old: ClassVar[None] = None

    @property
    def changed(self) -> Mapping[str, tuple[Any, Any]]:
        """Return every field that has a value, as (None, value)."""
        return {name: (None, value) for name, value in _values(self.new) if value is not None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Modify(ChangeEvent[M_co]):
    """An item that is not what it was."""

    old: M_co
    new: M_co

    @property
    def changed(self) -> Mapping[str, tuple[Any, Any]]:
        """Return the fields that differ, as (before, after); a field of a nested document also as ``profile.city``."""
        return dict(_differences(self.old, self.new, ""))


@dataclass(frozen=True, slots=True, kw_only=True)
class Remove(ChangeEvent[M_co]):
    """An item that is gone; `by_ttl` when the service deleted it because its time was over."""

    old: M_co
    by_ttl: bool = False
    new: ClassVar[None] = None

    @property
    def changed(self) -> Mapping[str, tuple[Any, Any]]:
        """Return every field that had a value, as (value, None)."""
        return {name: (value, None) for name, value in _values(self.old) if value is not None}


Change: TypeAlias = Union[Insert[M], Modify[M], Remove[M]]  # noqa: UP007  # `|` of these cannot be subscripted again
"""Any of the three."""


def _values(model: BaseModel) -> Iterator[tuple[str, Any]]:
    return ((name, getattr(model, name)) for name in type(model).model_fields)


def _differences(old: Any, new: Any, prefix: str) -> Iterator[tuple[str, tuple[Any, Any]]]:
    # Recursion is safe: an item is at most 32 levels deep.
    before, after = _named_parts(old), _named_parts(new)
    for name in before | after:
        was, now = before.get(name), after.get(name)
        if was != now:
            yield prefix + name, (was, now)
            yield from _differences(was, now, f"{prefix}{name}.")


def _named_parts(value: Any) -> dict[str, Any]:
    if isinstance(value, BaseModel):
        return dict(_values(value))
    return {str(name): part for name, part in value.items()} if isinstance(value, dict) else {}
