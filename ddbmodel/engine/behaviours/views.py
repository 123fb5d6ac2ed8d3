"""A view over another one, which passes on what it does not change."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ddbmodel.engine.outcome import TokenUse
from ddbmodel.engine.storage.view import Entry, ReadView, StreamRecord

__all__ = ["ViewOver"]


class ViewOver:
    """A `ReadView` that answers like `inner`."""

    def __init__(self, inner: ReadView) -> None:
        self.inner = inner

    def get(self, space: int, key: bytes) -> Entry | None:
        """Return the entry under a key."""
        return self.inner.get(space, key)

    def range(self, space: int, low: bytes, high: bytes | None, *, reverse: bool = False) -> Iterator[Entry]:
        """Return entries lazily with ``low <= key < high`` in key order, or from the end; None is no upper bound."""
        return self.inner.range(space, low, high, reverse=reverse)

    def count(self, space: int) -> tuple[int, int]:
        """Return the number of entries and the sum of their sizes in bytes."""
        return self.inner.count(space)

    def bytes_at_most(self) -> int:
        """Return a number of bytes that all entries of all key spaces together do not exceed."""
        return self.inner.bytes_at_most()

    def collection_bytes(self, spaces: Sequence[int], prefix: bytes) -> int:
        """Return the exact size in bytes of all entries in some key spaces whose keys have a prefix."""
        return self.inner.collection_bytes(spaces, prefix)

    def stream_records(self, stream_id: int, after_sequence: int, limit: int) -> list[StreamRecord]:
        """Return records with a sequence number greater than `after_sequence`, oldest first."""
        return self.inner.stream_records(stream_id, after_sequence, limit)

    def last_sequence(self) -> int:
        """Return the sequence number of the newest record of any stream."""
        return self.inner.last_sequence()

    def token(self, token: str) -> TokenUse | None:
        """Return the use of a client request token, however long ago."""
        return self.inner.token(token)
