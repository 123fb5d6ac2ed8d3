"""What a handler may read: entries of key spaces in byte order, and stream records by sequence number.

A *key space* holds the items of one table or the entries of one index under unique byte keys. Byte order of the keys
is the order of the service; `key_bytes.py` makes them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, Protocol

from ddbmodel.engine.outcome import TokenUse

__all__ = ["Entry", "ReadView", "StreamRecord"]


class Entry(NamedTuple):
    """One stored item or index entry; the item is JSON text that is parsed only when it is needed."""

    key: bytes
    item_json: bytes
    size_bytes: int
    """The item's size as the service counts it."""


class StreamRecord(NamedTuple):
    """One record of a stream."""

    sequence: int
    created_at_s: float
    record: dict[str, Any]
    """As GetRecords answers it."""


class ReadView(Protocol):
    """The data as it is now, including not yet committed requests of the same group."""

    def get(self, space: int, key: bytes) -> Entry | None:
        """Return the entry under a key."""
        ...

    def range(self, space: int, low: bytes, high: bytes | None, *, reverse: bool = False) -> Iterator[Entry]:
        """Return entries lazily with ``low <= key < high`` in key order, or from the end; None is no upper bound."""
        ...

    def count(self, space: int) -> tuple[int, int]:
        """Return the number of entries and the sum of their sizes in bytes.

        Exact up to 10,000 entries; of more, what was right before the latest twentieth of them was written.
        """
        ...

    def bytes_at_most(self) -> int:
        """Return a number of bytes that all entries of all key spaces together do not exceed; at no cost."""
        ...

    def collection_bytes(self, spaces: Sequence[int], prefix: bytes) -> int:
        """Return the exact size in bytes of all entries in some key spaces whose keys have a prefix.

        Measured once, then kept up to date; see `Store.resize_collection`.
        """
        ...

    def stream_records(self, shard: int, after_sequence: int, limit: int, /) -> list[StreamRecord]:
        """Return records of a shard with a sequence number greater than `after_sequence`, oldest first."""
        ...

    def last_sequence(self) -> int:
        """Return the sequence number of the newest record of any stream; they are shared and never go back."""
        ...

    def token(self, token: str) -> TokenUse | None:
        """Return the use of a client request token, however long ago; the handler knows when it has expired."""
        ...
