"""Key spaces, stream records, tokens and the catalog's rows in SQLite; one connection, one transaction at a time.

Every method works inside the transaction that is open, or on its own when none is. The layout is that of
`file_format.py`, in memory as in a file.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import orjson

from ddbmodel.engine.outcome import TokenUse
from ddbmodel.engine.storage.file_format import SPACE_SCHEMA, connect_file, connect_memory
from ddbmodel.engine.storage.owner_lock import OwnerLock
from ddbmodel.engine.storage.view import Entry, StreamRecord
from ddbmodel.values.key_encoding import prefix_end

__all__ = ["Store"]

_FIRST_CHUNK_ITEMS: Final = 32
_MOST_CHUNK_ITEMS: Final = 1024
_CHUNK_BYTES: Final = 1 << 20
# Up to so many entries are counted anew after every write; a larger space when a twentieth of it may have changed.
_COUNTED_ANEW: Final = 10_000
_CHANGED_PART: Final = 20
# A larger space is put aside when it is dropped and removed by and by: to drop a million items of 1 KB at once takes
# seconds, and in memory as much room again.
_DROPPED_AT_ONCE: Final = 5_000
_SWEPT_AT_ONCE: Final = 2_000
# Of so many collections the size is remembered.
_MOST_COLLECTIONS: Final = 100_000


class Store:
    """The bytes of one engine; a `ReadView` for handlers, and what the engine writes with."""

    def __init__(self, connection: sqlite3.Connection, lock: OwnerLock | None = None) -> None:
        self._connection, self._lock = connection, lock
        self._execute: Callable[..., sqlite3.Cursor] = connection.cursor().execute
        self._sql: dict[int, _SpaceSql] = {}
        self._last_sequence: int | None = None
        self._record_counts: dict[int, int] = {}
        self._page_bytes: int | None = None
        self._counts: dict[int, _Count] = {}
        self._dropped: list[str] | None = None
        self._collections: dict[tuple[int, bytes], int] = {}

    @classmethod
    def in_memory(cls) -> Store:
        """Return an empty store that is gone when it is closed."""
        return cls(connect_memory())

    @classmethod
    def in_file(cls, path: Path, now_s: float) -> Store:
        """Return the store in a file, owned from now on; raises as `OwnerLock` and `connect_file`."""
        lock = OwnerLock(path, now_s)
        try:
            return cls(connect_file(path), lock)
        except BaseException:
            lock.release()
            raise

    # Transactions

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is open."""
        return self._connection.in_transaction

    def begin(self) -> None:
        """Open a transaction unless one is open."""
        if not self._connection.in_transaction:
            self._execute("BEGIN IMMEDIATE")

    def commit(self) -> None:
        """Make the open transaction durable."""
        self._execute("COMMIT")

    def rollback(self) -> None:
        """Undo the open transaction; SQLite may have done so already after a failure of its own."""
        self._last_sequence = None
        self._record_counts.clear()
        self._counts.clear()
        self._collections.clear()
        self._dropped = None
        if self._connection.in_transaction:
            self._execute("ROLLBACK")

    def close(self) -> None:
        """Close the file and give it free."""
        self._connection.close()
        if self._lock is not None:
            self._lock.release()

    # Reading: see `ReadView`

    def get(self, space: int, key: bytes) -> Entry | None:
        """Return the entry under a key."""
        rows = self._execute(self._of(space).get, (key,)).fetchall()
        return Entry._make(rows[0]) if rows else None

    def range(self, space: int, low: bytes, high: bytes | None, *, reverse: bool = False) -> Iterator[Entry]:
        """Return entries lazily with ``low <= key < high`` in key order, or from the end; None is no upper bound."""
        # Read in chunks, each a finished statement: an iterator that a caller abandons holds nothing open.
        sql = self._of(space)
        limit = _FIRST_CHUNK_ITEMS
        after: bytes | None = None
        while True:
            rows = self._execute(*sql.chunk(low, high, after, reverse, limit)).fetchall()
            yield from map(Entry._make, rows)
            if len(rows) < limit:
                return
            after = rows[-1][0]
            read_bytes = sum(row[2] for row in rows)
            limit = max(_FIRST_CHUNK_ITEMS, min(_MOST_CHUNK_ITEMS, _CHUNK_BYTES * limit // max(1, read_bytes)))

    def count(self, space: int) -> tuple[int, int]:
        """Return the number of entries and the sum of their sizes in bytes; see `ReadView`."""
        known = self._counts.get(space)
        if known is None or known.is_outdated():
            known = self._counts[space] = _Count(*self._execute(self._of(space).count).fetchone())
        return known.entries, known.size_bytes

    def bytes_at_most(self) -> int:
        """Return the bytes of all pages, which no item as JSON, and so no size of an item, goes beyond."""
        (pages,) = self._execute("PRAGMA page_count").fetchone()
        if self._page_bytes is None:
            (self._page_bytes,) = self._execute("PRAGMA page_size").fetchone()
        return int(pages * self._page_bytes)

    def collection_bytes(self, spaces: Sequence[int], prefix: bytes) -> int:
        """Return the exact size in bytes of all entries in some key spaces whose keys have a prefix.

        Args:
            spaces: the first tells the collection, together with the prefix.
        """
        place = spaces[0], prefix
        known = self._collections.get(place)
        if known is None:
            if len(self._collections) >= _MOST_COLLECTIONS:
                self._collections.clear()
            bounds = prefix, prefix_end(prefix)
            assert bounds[1] is not None, "a prefix ends with the end of a value"
            known = sum(self._execute(self._of(space).size, bounds).fetchone()[0] for space in spaces)
            self._collections[place] = known
        return known

    @property
    def knows_collections(self) -> bool:
        """Whether the size of any collection is kept up to date."""
        return bool(self._collections)

    def stream_records(self, shard: int, after_sequence: int, limit: int) -> list[StreamRecord]:
        """Return records of a shard with a sequence number greater than `after_sequence`, oldest first."""
        rows = self._execute(
            "SELECT sequence, created_at_s, record FROM stream_records WHERE shard = ? AND sequence > ?"
            " ORDER BY sequence LIMIT ?",
            (shard, after_sequence, limit),
        ).fetchall()
        return [StreamRecord(sequence, created_at_s, orjson.loads(record)) for sequence, created_at_s, record in rows]

    def last_sequence(self) -> int:
        """Return the sequence number of the newest record of any stream; they are shared and never go back."""
        if self._last_sequence is None:
            newest: int | None = self._execute("SELECT max(sequence) FROM stream_records").fetchone()[0]
            self._last_sequence = newest or 0
        return self._last_sequence

    def record_count(self, shard: int) -> int:
        """Return how many records of a shard are kept."""
        count = self._record_counts.get(shard)
        if count is None:
            (count,) = self._execute("SELECT count(*) FROM stream_records WHERE shard = ?", (shard,)).fetchone()
            self._record_counts[shard] = count
        return count

    def token(self, token: str) -> TokenUse | None:
        """Return the use of a client request token, however long ago; the handler knows when it has expired."""
        row = self._execute("SELECT token, request_digest, used_at_s FROM tokens WHERE token = ?", (token,)).fetchone()
        return None if row is None else TokenUse(*row)

    # Writing

    def put(self, space: int, key: bytes, size_bytes: int, item_json: bytes) -> None:
        """Store an entry, in the place of one that has the key."""
        count = self._counts.get(space)
        if count is not None:
            count.writes += 1
        self._execute(self._of(space).put, (key, size_bytes, item_json))

    def delete(self, space: int, key: bytes) -> None:
        """Remove the entry under a key, if there is one."""
        count = self._counts.get(space)
        if count is not None:
            count.writes += 1
        self._execute(self._of(space).delete, (key,))

    def resize_collection(self, space: int, prefix: bytes, added_bytes: int) -> None:
        """Take note that the entries of a collection have become larger or smaller, if its size is known."""
        if (space, prefix) in self._collections:
            self._collections[space, prefix] += added_bytes

    def create_space(self, space: int) -> None:
        """Create an empty key space."""
        for statement in SPACE_SCHEMA:
            self._execute(statement.format(space=space))

    def drop_space(self, space: int) -> None:
        """Remove a key space and all that is in it."""
        self._sql.pop(space, None)
        self._counts.pop(space, None)
        self._collections.clear()
        (last,) = self._execute(f"SELECT max(rowid) FROM space_{space}").fetchone()
        if (last or 0) <= _DROPPED_AT_ONCE:
            self._execute(f"DROP TABLE space_{space}")
            return
        self._execute(f"DROP INDEX space_{space}_key")
        self._execute(f"ALTER TABLE space_{space} RENAME TO dropped_{space}")
        self._dropped = None

    def has_dropped(self) -> bool:
        """Return whether something of dropped key spaces is still to be removed."""
        return bool(self._dropped_names())

    def sweep(self) -> None:
        """Remove a little of what large key spaces held that were dropped."""
        for name in self._dropped_names()[:1]:
            swept = self._execute(
                f"DELETE FROM {name} WHERE rowid IN (SELECT rowid FROM {name} ORDER BY rowid LIMIT {_SWEPT_AT_ONCE})"
            )
            if swept.rowcount < _SWEPT_AT_ONCE:
                self._execute(f"DROP TABLE {name}")
                self._dropped = None

    def append_record(self, sequence: int, shard: int, created_at_s: float, record_json: bytes) -> None:
        """Append a stream record; `sequence` is above all earlier ones."""
        self._execute("INSERT INTO stream_records VALUES (?, ?, ?, ?)", (sequence, shard, created_at_s, record_json))
        self._last_sequence = sequence
        if shard in self._record_counts:
            self._record_counts[shard] += 1

    def save_token(self, use: TokenUse) -> None:
        """Keep the use of a client request token, in the place of an earlier use."""
        self._execute("INSERT OR REPLACE INTO tokens VALUES (?, ?, ?)", (use.token, use.request_digest, use.used_at_s))

    def forget_records(self, created_before_s: float, shards: Sequence[int]) -> None:
        """Remove old stream records, but neither the newest of all nor the last old one of each of the shards.

        The one keeps the count; the others show a reader who stands there that nothing after them is gone.
        """
        # From the oldest on, so that only what is to go is read.
        row = self._execute(
            "SELECT sequence FROM stream_records WHERE created_at_s >= ? ORDER BY sequence LIMIT 1", (created_before_s,)
        ).fetchone()
        first_kept = self.last_sequence() if row is None else row[0]
        self._execute(
            "DELETE FROM stream_records AS old WHERE sequence < ?1 AND ("
            "EXISTS (SELECT 1 FROM stream_records WHERE shard = old.shard AND sequence > old.sequence"
            " AND sequence < ?1)"
            " OR shard NOT IN (SELECT value FROM json_each(?2)))",
            (first_kept, orjson.dumps(shards).decode()),
        )
        self._record_counts.clear()

    def forget_tokens(self, used_before_s: float) -> None:
        """Remove uses of tokens that are too old to matter."""
        self._execute("DELETE FROM tokens WHERE used_at_s < ?", (used_before_s,))

    # The catalog's rows, and the file as a whole

    def catalog_rows(self) -> list[tuple[str, str, Any]]:
        """Return the kind, the name and the parsed body of every catalog row."""
        rows = self._execute("SELECT kind, name, body FROM catalog").fetchall()
        return [(kind, name, orjson.loads(body)) for kind, name, body in rows]

    def save_catalog_row(self, kind: str, name: str, body: Any) -> None:
        """Keep a catalog row, in the place of an earlier one; `body` is a dict or a dataclass."""
        self._execute("INSERT OR REPLACE INTO catalog VALUES (?, ?, ?)", (kind, name, orjson.dumps(body).decode()))

    def delete_catalog_row(self, kind: str, name: str) -> None:
        """Remove a catalog row."""
        self._execute("DELETE FROM catalog WHERE kind = ? AND name = ?", (kind, name))

    def spaces(self) -> set[int]:
        """Return the numbers of the key spaces that exist."""
        return {int(name.removeprefix("space_")) for name in self._table_names("space_")}

    def integrity_problems(self) -> list[str]:
        """Return what SQLite itself finds wrong with its structures."""
        found = [text for (text,) in self._execute("PRAGMA integrity_check").fetchall()]
        return [] if found == ["ok"] else found

    def _dropped_names(self) -> list[str]:
        if self._dropped is None:
            self._dropped = self._table_names("dropped_")
        return self._dropped

    def _table_names(self, prefix: str) -> list[str]:
        rows = self._execute("SELECT name FROM sqlite_schema WHERE type = 'table' AND name GLOB ?", (f"{prefix}*",))
        return [name for (name,) in rows.fetchall()]

    def _of(self, space: int) -> _SpaceSql:
        sql = self._sql.get(space)
        if sql is None:
            sql = self._sql[space] = _SpaceSql(space)
        return sql


class _Count:
    """What a key space held when it was last counted, and how often it was written to since."""

    __slots__ = ("entries", "size_bytes", "writes")

    def __init__(self, entries: int, size_bytes: int) -> None:
        self.entries, self.size_bytes, self.writes = entries, size_bytes, 0

    def is_outdated(self) -> bool:
        return self.writes > (0 if self.entries <= _COUNTED_ANEW else self.entries // _CHANGED_PART)


class _SpaceSql:
    """The statements of one key space, built once."""

    def __init__(self, space: int) -> None:
        table = f"space_{space}"
        self.get = f"SELECT key, item, size FROM {table} WHERE key = ?"
        self.put = (
            f"INSERT INTO {table} (key, size, item) VALUES (?, ?, ?)"
            " ON CONFLICT (key) DO UPDATE SET size = excluded.size, item = excluded.item"
        )
        self.delete = f"DELETE FROM {table} WHERE key = ?"
        self.count = f"SELECT count(*), coalesce(sum(size), 0) FROM {table}"
        self.size = f"SELECT coalesce(sum(size), 0) FROM {table} WHERE key >= ? AND key < ?"
        self._range = f"SELECT key, item, size FROM {table} WHERE key "

    def chunk(
        self, low: bytes, high: bytes | None, after: bytes | None, reverse: bool, limit: int
    ) -> tuple[str, tuple[Any, ...]]:
        """Return the statement and the parameters that read up to `limit` entries beyond `after`."""
        if reverse:
            high = high if after is None else after
            if high is None:
                return self._range + ">= ? ORDER BY key DESC LIMIT ?", (low, limit)
            return self._range + ">= ? AND key < ? ORDER BY key DESC LIMIT ?", (low, high, limit)
        comparison, low = (">= ?", low) if after is None else ("> ?", after)
        if high is None:
            return self._range + comparison + " ORDER BY key LIMIT ?", (low, limit)
        return self._range + comparison + " AND key < ? ORDER BY key LIMIT ?", (low, high, limit)
