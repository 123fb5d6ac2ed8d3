"""The database file, version 2: a SQLite database in WAL mode that says whose it is.

```
header   application_id 0x44444D31 ("DDM1"), user_version 2; read from the file's first 100 bytes, before SQLite is
         let near it, so a file that is not ours is never written to

catalog          kind, name, body   one row per thing, `body` is JSON; primary key (kind, name)
                   table    NAME    catalog.Table
                   stream   ID      catalog.Stream
                   shard    NUMBER  catalog.Shard; a stream without one has its first shard, see shards.py
                   counter  space   {"next": N}: spaces and stream ids from N on were never used
                   counter  shard   the same for numbers of shards that follow others
space_N          key, size, item    one SQL table per key space (a table's items, or an index's entries)
                   key      bytes, unique (index space_N_key); see key_bytes.py
                   size     the item's size in bytes as the service counts it
                   item     wire JSON, UTF-8
dropped_N        what is left of a large key space that was dropped, removed by and by
stream_records   sequence, shard, created_at_s, record
                   sequence integer primary key, shared by all streams; the newest record is never removed, so that
                            numbers do not go back
                   record   JSON as GetRecords answers it
tokens           token, request_digest, used_at_s: client request tokens of transactions
```
Space tables keep SQLite's row ids and a separate unique key index: rows of about 1 KB inside the key's own tree
(``WITHOUT ROWID``) move whole rows at every page split and make new items 12 to 16 times dearer. `size` stands
before `item` so that counting does not read the pages of large items.

A file of version 1 becomes one of version 2 when it is opened, see `version_1.py`.

A new file is built beside its place and renamed into it, so a crash never leaves half a database. While an engine has
the file open, ``PATH-wal`` and ``PATH-shm`` (SQLite's) and ``PATH.lock`` (see `owner_lock.py`) stand beside it.
"""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import Final

from ddbmodel.engine.storage import version_1
from ddbmodel.errors import NotADatabaseFile, StorageFailed

__all__ = ["FORMAT_VERSION", "SPACE_SCHEMA", "connect_file", "connect_memory"]

FORMAT_VERSION: Final = 2
_OLDEST_VERSION: Final = 1
_APPLICATION_ID: Final = 0x44444D31
_SQLITE_MAGIC: Final = b"SQLite format 3\x00"
_HEADER_BYTES: Final = 100
_USER_VERSION_AT: Final = 60
_APPLICATION_ID_AT: Final = 68
_CACHED_STATEMENTS: Final = 512
# In memory, larger pages than SQLite's 4 KiB: items of 1 KB then take 1.15 KB instead of 1.5, and to put one among a
# million costs 8 µs instead of 20. In a file small pages are better, since every commit writes whole ones.
_MEMORY_PAGE_BYTES: Final = 16_384

_SCHEMA: Final = (
    "CREATE TABLE catalog (kind TEXT NOT NULL, name TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (kind, name))",
    "CREATE TABLE stream_records"
    " (sequence INTEGER PRIMARY KEY, shard INTEGER NOT NULL, created_at_s REAL NOT NULL, record BLOB NOT NULL)",
    "CREATE INDEX stream_records_of ON stream_records (shard)",
    "CREATE TABLE tokens (token TEXT PRIMARY KEY, request_digest BLOB NOT NULL, used_at_s REAL NOT NULL)",
)

SPACE_SCHEMA: Final = (
    "CREATE TABLE space_{space} (key BLOB NOT NULL, size INTEGER NOT NULL, item BLOB NOT NULL)",
    "CREATE UNIQUE INDEX space_{space}_key ON space_{space} (key)",
)
"""What makes a key space."""


# What SQLite keeps of a file in memory; the operating system keeps more of it, in memory that nobody has to give it.
_CACHE_KB: Final = 16 * 1024


def connect_memory() -> sqlite3.Connection:
    """Return a connection to a new, empty database that lives as long as the connection."""
    connection = _connect(":memory:")
    connection.execute(f"PRAGMA page_size = {_MEMORY_PAGE_BYTES}")
    _create_schema(connection)
    return connection


def connect_file(path: Path) -> sqlite3.Connection:
    """Return a connection to the database in a file, which is created when it is missing or empty.

    The caller holds the owner lock.

    Raises:
        NotADatabaseFile: the file is something else, or of a version that this one cannot read; it was not touched.
        StorageFailed: the file cannot be read or created.
    """
    try:
        if not path.exists() or path.stat().st_size == 0:
            _create_file(path)
        else:
            _check_header(path)
        connection = _connect(str(path))
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute(f"PRAGMA cache_size = -{_CACHE_KB}")
        connection.execute("SELECT count(*) FROM catalog").fetchone()
        _migrate(connection)
    except OSError as error:
        raise StorageFailed(f"cannot open {path}: {error.strerror or error}") from error
    except sqlite3.DatabaseError as error:
        raise StorageFailed(f"cannot open {path}: SQLite says: {error}") from error
    return connection


def _connect(name: str) -> sqlite3.Connection:
    # No implicit transactions: the engine says where they begin and end. Another thread may only commit.
    return sqlite3.connect(name, isolation_level=None, check_same_thread=False, cached_statements=_CACHED_STATEMENTS)


def _create_schema(connection: sqlite3.Connection) -> None:
    for statement in _SCHEMA:
        connection.execute(statement)


def _migrate(connection: sqlite3.Connection) -> None:
    # Asked of SQLite, since the file's own header is behind while the change is still in its log.
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version == FORMAT_VERSION:
        return
    connection.execute("BEGIN IMMEDIATE")
    version_1.migrate(connection, *SPACE_SCHEMA)
    connection.execute(f"PRAGMA user_version = {FORMAT_VERSION}")
    connection.execute("COMMIT")


def _create_file(path: Path) -> None:
    building = path.with_name(path.name + ".new")
    building.unlink(missing_ok=True)
    connection = _connect(str(building))
    try:
        connection.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {FORMAT_VERSION}")
        _create_schema(connection)
    finally:
        connection.close()
    os.replace(building, path)
    # The rename itself must survive a power cut, or acknowledged writes would go with the file's name.
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def _check_header(path: Path) -> None:
    with path.open("rb") as file:
        header = file.read(_HEADER_BYTES)
    if len(header) < _HEADER_BYTES or not header.startswith(_SQLITE_MAGIC):
        raise NotADatabaseFile(
            f"{path} exists and is not a ddbmodel database ({path.stat().st_size:,} bytes of something else); "
            "it was left as it is: choose another path, or move it away"
        )
    if int.from_bytes(header[_APPLICATION_ID_AT : _APPLICATION_ID_AT + 4], "big") != _APPLICATION_ID:
        raise NotADatabaseFile(
            f"{path} is a SQLite database of another program; it was left as it is: choose another path"
        )
    version = int.from_bytes(header[_USER_VERSION_AT : _USER_VERSION_AT + 4], "big")
    if not _OLDEST_VERSION <= version <= FORMAT_VERSION:
        raise NotADatabaseFile(
            f"{path} has format version {version}, this ddbmodel reads versions {_OLDEST_VERSION} to {FORMAT_VERSION}; "
            "it was left as it is: open it with the ddbmodel that wrote it, or a newer one"
        )
