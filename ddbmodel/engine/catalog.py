"""What the engine knows of its tables: frozen descriptions, replaced as a whole when a table changes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final, Literal, Protocol, TypeAlias

__all__ = [
    "HASHES",
    "Catalog",
    "Index",
    "IndexKind",
    "IndexStatus",
    "KeyAttribute",
    "KeySchema",
    "KeyType",
    "Lineage",
    "ProjectionType",
    "Shard",
    "Stream",
    "StreamViewType",
    "Table",
    "TableStatus",
    "TableUpdate",
    "TimeToLive",
]

HASHES: Final = 1 << 32
"""So many hashes of partition keys there are; see `key_bytes.py`."""

KeyType: TypeAlias = Literal["S", "N", "B"]
IndexKind: TypeAlias = Literal["global", "local"]
ProjectionType: TypeAlias = Literal["ALL", "KEYS_ONLY", "INCLUDE"]
StreamViewType: TypeAlias = Literal["KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES"]
TableStatus: TypeAlias = Literal["CREATING", "UPDATING", "DELETING", "ACTIVE"]
IndexStatus: TypeAlias = Literal["CREATING", "UPDATING", "DELETING", "ACTIVE"]
TableUpdate: TypeAlias = Literal["capacity", "stream", "class"]


@dataclass(frozen=True, slots=True)
class KeyAttribute:
    """One attribute of a key and the type it must have."""

    name: str
    type: KeyType


@dataclass(frozen=True, slots=True)
class KeySchema:
    """The key of a table (one partition attribute, at most one sort attribute) or of an index (up to four of each).

    Attributes:
        attributes: those of the partition, then those of the sort key; kept, since every request looks at them.
    """

    partition: tuple[KeyAttribute, ...]
    sort: tuple[KeyAttribute, ...] = ()
    attributes: tuple[KeyAttribute, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "attributes", self.partition + self.sort)


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
    added: bool = False
    """Whether UpdateTable made it, so that it was filled from the items that were there."""
    allocated_at_s: float = 0.0
    """When an added index begins to be filled."""
    ready_at_s: float = 0.0
    """Until then it is being created and cannot be read."""
    updated_at_s: float = 0.0
    """Until then its capacity is being changed."""
    gone_at_s: float | None = None
    """Set when it is being deleted."""
    filled_to: str | None = None
    """While it is being filled: the key of the last item that is in it, hexadecimal, empty before the first."""

    def is_readable(self, now_s: float) -> bool:
        """Return whether it holds all that it should."""
        return self.filled_to is None and now_s >= self.ready_at_s

    def status(self, now_s: float) -> IndexStatus:
        """Return what is being done with the index."""
        if self.gone_at_s is not None:
            return "DELETING"
        if not self.is_readable(now_s):
            return "CREATING"
        return "UPDATING" if now_s < self.updated_at_s else "ACTIVE"


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
    high_hash: int = HASHES
    """Exclusive."""


@dataclass(frozen=True, slots=True)
class Lineage:
    """The shards of one stream that are not forgotten, parents before children, and those of them that are open."""

    shards: tuple[Shard, ...]
    open: tuple[Shard, ...]


@dataclass(frozen=True, slots=True)
class TimeToLive:
    """What UpdateTimeToLive set last; while it is enabled, a key space holds the items in the order they expire."""

    attribute: str
    enabled: bool
    space: int
    changed_at_s: float
    settled_at_s: float
    """Until then it is being enabled or disabled."""
    filled_to: str | None = None
    """As that of an index."""

    def is_settled(self, now_s: float) -> bool:
        """Return whether it is enabled or disabled for good."""
        return self.filled_to is None and now_s >= self.settled_at_s


@dataclass(frozen=True, slots=True)
class Table:
    """A table; `settings` holds what is only kept and described (billing mode, table class, tags, …), as wire JSON.

    What is being done with it follows from moments that are kept, so time alone moves it on.
    """

    id: str
    """A UUID: a table that is dropped and created again is another table."""
    name: str
    keys: KeySchema
    space: int
    created_at_s: float
    indexes: tuple[Index, ...] = ()
    stream: Stream | None = None
    settings: dict[str, Any] = field(default_factory=dict)
    time_to_live: TimeToLive | None = None
    ready_at_s: float = 0.0
    """Until then it is being created and holds nothing that could be read or written."""
    updated_at_s: float = 0.0
    """Until then `update` is under way."""
    update: TableUpdate | None = None
    gone_at_s: float | None = None
    """Set when it is being deleted; until then its items can still be read and written."""

    def status(self, now_s: float) -> TableStatus:
        """Return what is being done with the table."""
        if self.gone_at_s is not None:
            return "DELETING"
        if now_s < self.ready_at_s:
            return "CREATING"
        is_updating = now_s < self.updated_at_s or any(
            index.gone_at_s is not None or now_s < index.allocated_at_s for index in self.indexes
        )
        return "UPDATING" if is_updating else "ACTIVE"

    def is_gone(self, now_s: float) -> bool:
        """Whether its deletion is finished, even if nothing has been removed yet."""
        return self.gone_at_s is not None and self.gone_at_s <= now_s

    @property
    def is_being_filled(self) -> bool:
        """Whether a key space of the table lacks items that were there before it."""
        time_to_live = self.time_to_live
        return any(index.filled_to is not None for index in self.indexes) or (
            time_to_live is not None and time_to_live.enabled and time_to_live.filled_to is not None
        )

    @property
    def spaces(self) -> tuple[int, ...]:
        """The key spaces of its items, of its indexes, and of its time to live while that is enabled."""
        time_to_live = self.time_to_live
        expiring = (time_to_live.space,) if time_to_live is not None and time_to_live.enabled else ()
        return (self.space, *(index.space for index in self.indexes), *expiring)

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

    def table_count(self) -> int:
        """Return how many tables there are, including those whose deletion is not finished."""
        ...

    def changing_count(self, now_s: float) -> int:
        """Return how many tables are being created, updated or deleted; cheap, however many tables there are."""
        ...

    def moving_tables(self) -> Iterable[Table]:
        """Return the tables that time moves on.

        They have time to live, or are, or have an index, being filled or deleted.
        """
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
