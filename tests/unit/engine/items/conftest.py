"""Handlers without a shell: one table in plain dicts, changes applied as soon as they are decided."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from ddbmodel.engine.catalog import Index, KeyAttribute, KeySchema, Stream, Table
from ddbmodel.engine.operations import Operations
from ddbmodel.engine.options import EngineOptions
from ddbmodel.engine.outcome import Outcome, TokenUse
from ddbmodel.engine.storage.view import Entry, StreamRecord
from ddbmodel.engine.writes import entry_writes
from ddbmodel.errors import ServiceError

_P, _S = KeyAttribute("p", "S"), KeyAttribute("s", "N")
_GROUP, _POINTS, _CITY, _LABEL = (
    KeyAttribute("group", "S"),
    KeyAttribute("points", "N"),
    KeyAttribute("city", "S"),
    KeyAttribute("label", "S"),
)

THINGS = Table(
    id="1",
    name="things",
    keys=KeySchema((_P,), (_S,)),
    space=1,
    created_at_s=0.0,
    indexes=(
        Index("by_group", "global", KeySchema((_GROUP,), (_POINTS,)), 2, "INCLUDE", ("note",)),
        Index("by_place", "global", KeySchema((_GROUP, _CITY), (_POINTS, _LABEL)), 3),
        Index("by_label", "local", KeySchema((_P,), (_LABEL,)), 4, "KEYS_ONLY"),
    ),
)
PLAIN = Table(
    id="2",
    name="plain",
    keys=KeySchema((KeyAttribute("id", "S"),)),
    space=5,
    created_at_s=0.0,
    settings={"BillingMode": "PAY_PER_REQUEST"},
)


class DictStore:
    """A read view and a catalog over plain dicts."""

    def __init__(self) -> None:
        self.spaces: dict[int, dict[bytes, Entry]] = {}
        self.tokens: dict[str, TokenUse] = {}

    def get(self, space: int, key: bytes) -> Entry | None:
        return self.spaces.get(space, {}).get(key)

    def range(self, space: int, low: bytes, high: bytes | None, *, reverse: bool = False) -> Iterator[Entry]:
        entries = self.spaces.get(space, {})
        for key in sorted(entries, reverse=reverse):
            if low <= key and (high is None or key < high):
                yield entries[key]

    def count(self, space: int) -> tuple[int, int]:
        entries = self.spaces.get(space, {})
        return len(entries), sum(entry.size_bytes for entry in entries.values())

    def bytes_at_most(self) -> int:
        return sum(entry.size_bytes for entries in self.spaces.values() for entry in entries.values())

    def collection_bytes(self, spaces: Sequence[int], prefix: bytes) -> int:
        entries = [entry for space in spaces for entry in self.spaces.get(space, {}).values()]
        return sum(entry.size_bytes for entry in entries if entry.key.startswith(prefix))

    def stream_records(self, stream_id: int, after_sequence: int, limit: int) -> list[StreamRecord]:
        return []

    def last_sequence(self) -> int:
        return 0

    def token(self, token: str) -> TokenUse | None:
        return self.tokens.get(token)

    def table(self, name: str) -> Table | None:
        return {"things": THINGS, "plain": PLAIN}.get(name)

    def table_names(self) -> list[str]:
        return ["plain", "things"]

    def table_count(self) -> int:
        return len(self.table_names())

    def changing_count(self, now_s: float) -> int:
        return 0

    def streams(self) -> list[Stream]:
        return []

    def next_space(self) -> int:
        return 6


class Desk:
    """Sends requests to the handlers and makes their outcomes true."""

    def __init__(self, options: EngineOptions | None = None) -> None:
        self.store = DictStore()
        self.operations = Operations("local", options or EngineOptions())
        self.now_s = 1_000_000.0
        self.last: Outcome | None = None

    def ask(self, operation: str, **request: Any) -> dict[str, Any]:
        outcome = self.operations.decide(operation, request, self.store, self.store, self.now_s)
        for change in outcome.items:
            for write in entry_writes(change):
                entries = self.store.spaces.setdefault(write.space, {})
                if write.item_json is None:
                    del entries[write.key]
                else:
                    entries[write.key] = Entry(write.key, write.item_json, write.size_bytes)
        if outcome.token is not None:
            self.store.tokens[outcome.token.token] = outcome.token
        self.last = outcome
        return outcome.response

    def refused(self, operation: str, **request: Any) -> ServiceError:
        with pytest.raises(ServiceError) as caught:
            self.ask(operation, **request)
        return caught.value

    def put(self, p: str, s: int, **attributes: Any) -> None:
        self.ask("PutItem", TableName="things", Item={**key(p, s), **attributes})


def key(p: str, s: int) -> dict[str, Any]:
    return {"p": {"S": p}, "s": {"N": str(s)}}


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def desk_with() -> Any:
    """A desk by the options of its engine."""
    return lambda **options: Desk(EngineOptions(**options))


@pytest.fixture(name="key")
def key_fixture() -> Any:
    return key
