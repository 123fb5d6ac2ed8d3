"""What a handler decides: the answer, and the changes that make it true. Only the engine applies them.

A handler is a function ``(request, view, catalog, now_s) -> Outcome`` without I/O of its own. It says which items
change; index entries and stream records follow from that in one place (`writes.py`, `stream_log.py`), so no
operation can forget them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

from ddbmodel.engine.catalog import Shard, Stream, Table
from ddbmodel.values.wire import Item

__all__ = [
    "CatalogChange",
    "DropTable",
    "FillSpaces",
    "ItemChange",
    "Outcome",
    "SaveShard",
    "SaveStream",
    "SaveTable",
    "TokenUse",
]


class ItemChange(NamedTuple):
    """One item before and after; None stands for no item. Numbers in `new` are canonical.

    `by_ttl` marks a deletion by the service itself.
    """

    table: Table
    key: bytes
    """The item's key in the table's key space, as `key_bytes.table_key` makes it."""
    old: Item | None
    new: Item | None
    new_size_bytes: int = 0
    by_ttl: bool = False


@dataclass(frozen=True, slots=True)
class SaveTable:
    """A table is created or replaced by a new description.

    Key spaces that are new in it are created, and filled from the items unless they are marked to be filled later;
    those that are gone are dropped.
    """

    table: Table


@dataclass(frozen=True, slots=True)
class DropTable:
    """A table, its items and its indexes go; its stream stays readable."""

    table: Table


@dataclass(frozen=True, slots=True)
class FillSpaces:
    """Some more items of a table go into its new index, or into its time to live; see `Table.is_being_filled`."""

    table: Table
    most_items: int


@dataclass(frozen=True, slots=True)
class SaveStream:
    """A stream is created or replaced by a new description."""

    stream: Stream


@dataclass(frozen=True, slots=True)
class SaveShard:
    """A shard of a stream is opened or closed."""

    shard: Shard


CatalogChange: TypeAlias = SaveTable | DropTable | FillSpaces | SaveStream | SaveShard


@dataclass(frozen=True, slots=True)
class TokenUse:
    """A client request token that is spent by this request, so that its repetition changes nothing."""

    token: str
    request_digest: bytes
    """Tells a repetition from another request with the same token."""
    used_at_s: float


class Outcome(NamedTuple):
    """The response of an operation and what it changes; nothing is changed when a handler raises."""

    response: dict[str, Any]
    items: tuple[ItemChange, ...] = ()
    catalog: tuple[CatalogChange, ...] = ()
    token: TokenUse | None = None
