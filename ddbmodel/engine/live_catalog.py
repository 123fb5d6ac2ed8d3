"""The catalog in memory: parsed once, changed as one with the open transaction, put back when that is undone."""

from __future__ import annotations

from typing import Any

from ddbmodel.engine.catalog import Index, KeyAttribute, KeySchema, Stream, Table
from ddbmodel.engine.storage.store import Store

__all__ = ["LiveCatalog"]


class LiveCatalog:
    """Tables and streams as they are now; every change is also written to the store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._tables: dict[str, Table] = {}
        self._streams: dict[int, Stream] = {}
        self._next_space = 1
        self._before: tuple[dict[str, Table], dict[int, Stream], int] | None = None
        for kind, name, body in store.catalog_rows():
            if kind == "table":
                self._tables[name] = _table(body)
            elif kind == "stream":
                self._streams[int(name)] = _stream(body)
            else:
                self._next_space = body["next"]

    # Reading: see `Catalog`

    def table(self, name: str) -> Table | None:
        """Return a table by name."""
        return self._tables.get(name)

    def table_names(self) -> list[str]:
        """Return the names in UTF-8 order."""
        return sorted(self._tables, key=str.encode)

    def streams(self) -> list[Stream]:
        """Return every stream that is still readable, in order of creation."""
        return [self._streams[number] for number in sorted(self._streams)]

    def next_space(self) -> int:
        """Return a key space number never used before; several in one request count up from it."""
        return self._next_space

    # Writing

    def save_table(self, table: Table) -> None:
        """Create a table or replace its description."""
        self._remember()
        self._tables[table.name] = table
        self._store.save_catalog_row("table", table.name, table)
        self._use_numbers(table.space, *(index.space for index in table.indexes))

    def drop_table(self, name: str) -> None:
        """Forget a table."""
        self._remember()
        del self._tables[name]
        self._store.delete_catalog_row("table", name)

    def save_stream(self, stream: Stream) -> None:
        """Create a stream or replace its description."""
        self._remember()
        self._streams[stream.id] = stream
        self._store.save_catalog_row("stream", str(stream.id), stream)
        self._use_numbers(stream.id)

    def drop_stream(self, stream_id: int) -> None:
        """Forget a stream."""
        self._remember()
        del self._streams[stream_id]
        self._store.delete_catalog_row("stream", str(stream_id))

    def committed(self) -> None:
        """Keep the changes since the last commit: the store has them."""
        self._before = None

    def undone(self) -> None:
        """Return to the last commit: the store has done so."""
        if self._before is not None:
            self._tables, self._streams, self._next_space = self._before
            self._before = None

    def _remember(self) -> None:
        if self._before is None:
            self._before = self._tables.copy(), self._streams.copy(), self._next_space

    def _use_numbers(self, *numbers: int) -> None:
        if max(numbers) >= self._next_space:
            self._next_space = max(numbers) + 1
            self._store.save_catalog_row("counter", "space", {"next": self._next_space})


def _table(body: dict[str, Any]) -> Table:
    return Table(
        **body
        | {
            "keys": _keys(body["keys"]),
            "indexes": tuple(
                Index(**index | {"keys": _keys(index["keys"]), "included": tuple(index["included"])})
                for index in body["indexes"]
            ),
            "stream": None if body["stream"] is None else _stream(body["stream"]),
        }
    )


def _stream(body: dict[str, Any]) -> Stream:
    facts: dict[str, Any] = body | {"keys": _keys(body["keys"])}
    return Stream(**facts)


def _keys(body: dict[str, Any]) -> KeySchema:
    return KeySchema(
        tuple(KeyAttribute(**attribute) for attribute in body["partition"]),
        tuple(KeyAttribute(**attribute) for attribute in body["sort"]),
    )
