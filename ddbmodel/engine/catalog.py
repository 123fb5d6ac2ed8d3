"""What the engine knows of its tables: frozen descriptions, replaced as a whole when a table changes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, TypeAlias

__all__ = [
    "Catalog",
    "Index",
    "IndexKind",
    "KeyAttribute",
    "KeySchema",
    "KeyType",
    "Lineage",
    "ProjectionType",
    "Shard",
    "Stream",
    "StreamViewType",
    "Table",
]

KeyType: TypeAlias = Literal["S", "N", "B"]
IndexKind: TypeAlias = Literal["global", "local"]
ProjectionType: TypeAlias = Literal["ALL", "KEYS_ONLY", "INCLUDE"]
StreamViewType: TypeAlias = Literal["KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES"]


@dataclass(frozen=True, slots=True)
class KeyAttribute:
    """One attribute of a key and the type it must have."""

    name: str
    type: KeyType


@dataclass(frozen=True, slots=True)
class KeySchema:
    """The key of a table (one partition attribute, at most one sort attribute) or of an index (up to four of each)."""

    partition: tuple[KeyAttribute, ...]
    sort: tuple[KeyAttribute, ...] = ()

    @property
    def attributes(self) -> tuple[KeyAttribute, ...]:
        """The partition attributes, then the sort attributes."""
        return self.partition + self.sort


@dataclass(frozen=True, slots=True)
class Index:
    """A secondary index; its entries live in a key space of their own."""

    name: str
    kind: IndexKind
    keys: KeySchema
    space: int
    projection: ProjectionType = "ALL"
    included: tuple[str, ...] = ()
    """Non-key attributes of an ``INCLUDE`` projection."""


@dataclass(frozen=True, slots=True)
class Stream:
    """A stream of a table; it outlives being disabled, and its table."""

    id: int
    table_name: str
    label: str
    view: StreamViewType
    created_at_s: float
    keys: KeySchema
    first_sequence: int = 1
    """No record of this stream has a smaller sequence number."""
    last_sequence: int | None = None
    """Set when the stream is disabled: no record has a greater sequence number."""
    disabled_at_s: float | None = None

    @property
    def enabled(self) -> bool:
        """Whether the stream still takes records."""
        return self.disabled_at_s is None


@dataclass(frozen=True, slots=True)
class Shard:
    """A part of a stream: the records of a range of partition key hashes, from when it opens until it closes."""

    number: int
    """Records are stored under it; that of a stream's first shard is the stream's id, all others are greater."""
    id: str
    stream_id: int
    opened_at_s: float
    first_sequence: int
    """No record of this shard has a smaller sequence number."""
    parent: str | None = None
    """The id of the shard that it followed, which may be forgotten by now."""
    last_sequence: int | None = None
    """Set when the shard is closed: no record has a greater sequence number, all of its children's have."""
    closed_at_s: float | None = None
    low_hash: int = 0
    high_hash: int = 1 << 32
    """Exclusive."""


@dataclass(frozen=True, slots=True)
class Lineage:
    """The shards of one stream that are not forgotten, parents before children, and those of them that are open."""

    shards: tuple[Shard, ...]
    open: tuple[Shard, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table; `settings` holds what is only kept and described (billing mode, table class, tags, …), as wire JSON."""

    id: str
    """A UUID: a table that is dropped and created again is another table."""
    name: str
    keys: KeySchema
    space: int
    created_at_s: float
    indexes: tuple[Index, ...] = ()
    stream: Stream | None = None
    settings: dict[str, Any] = field(default_factory=dict)

    def index(self, name: str) -> Index | None:
        """Return the index of this name, or None."""
        return next((index for index in self.indexes if index.name == name), None)


class Catalog(Protocol):
    """The tables and streams as they are now, including those of not yet committed requests of the same group."""

    def table(self, name: str) -> Table | None:
        """Return a table by name."""
        ...

    def table_names(self) -> list[str]:
        """Return the names in UTF-8 order."""
        ...

    def streams(self) -> list[Stream]:
        """Return every stream that is still readable, in order of creation."""
        ...

    def lineage(self, stream_id: int) -> Lineage:
        """Return the shards of a stream."""
        ...

    def next_space(self) -> int:
        """Return a key space number never used before; several in one request count up from it."""
        ...

    def next_shard(self) -> int:
        """Return a shard number never used before; several in one request count up from it."""
        ...

    def last_reserved_sequence(self) -> int:
        """Return a sequence number that no record to come may have; records may have got beyond it."""
        ...
