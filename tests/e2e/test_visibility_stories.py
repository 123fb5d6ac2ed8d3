"""Stories of what reads leave out: expired and softly deleted items, and the guards of unique values."""

from __future__ import annotations

import types
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ddbmodel import (
    Attr,
    Database,
    GlobalIndex,
    LocalIndex,
    Model,
    NotFound,
    attr,
    deleted_at,
    partition_key,
    sort_key,
    ttl,
)
from ddbmodel.engine import Engine, ManualClock
from ddbmodel.model import schema_of
from ddbmodel.transport.embedded import EmbeddedExecutor

_HERE = {"__module__": __name__}
HOUR = timedelta(hours=1)


class Note(Model, table="notes"):
    owner: Attr[str] = partition_key()
    name: Attr[str] = sort_key()
    size: Attr[int] = attr(default=0)
    kind: Attr[str] = attr(default="memo")
    slug: Attr[str | None] = attr(default=None, unique=True)
    expires_at: Attr[datetime | None] = ttl(default=None)
    gone_at: Attr[datetime | None] = deleted_at()

    by_size = GlobalIndex(partition_key=owner, sort_key=size)
    by_expiry = GlobalIndex(partition_key=owner, sort_key=expires_at)
    by_kind = GlobalIndex(partition_key=kind, sort_key=name, projection="KEYS_ONLY")
    local = LocalIndex(sort_key=size, projection="KEYS_ONLY")


class Kept(Model):
    """What the table of `Note` is made from: nothing in it expires, so no backend deletes what a test looks at."""

    owner: Attr[str] = partition_key()
    name: Attr[str] = sort_key()
    size: Attr[int] = attr()
    kind: Attr[str] = attr()
    expires_at: Attr[int] = attr()

    by_size = GlobalIndex(partition_key=owner, sort_key=size)
    by_expiry = GlobalIndex(partition_key=owner, sort_key=expires_at)
    by_kind = GlobalIndex(partition_key=kind, sort_key=name, projection="KEYS_ONLY")
    local = LocalIndex(sort_key=size, projection="KEYS_ONLY")


async def _notes(db: Database, fresh: Any) -> Any:
    """Store a to h: b and f are expired, d and e are deleted softly, all others are there."""
    notes = fresh(Note)
    table = schema_of(notes).table
    await db.create_tables(types.new_class("Kept", (Kept,), {"table": table}, lambda body: body.update(_HERE)))
    now = datetime.now(UTC)
    for number, name in enumerate("abcdefgh"):
        expires_at = now - HOUR if name in "bf" else now + HOUR if name in "aceg" else None
        await db.create(notes(owner="ann", name=name, size=number, slug=f"slug-{name}", expires_at=expires_at))
    for name in "de":
        await db.delete(notes.key(owner="ann", name=name))
    return notes


async def _names(query: Any) -> str:
    return "".join([note.name async for note in query])


async def test_queries_and_scans_leave_out_what_is_hidden(db: Database, fresh: Any) -> None:
    notes = await _notes(db, fresh)
    query = db.query(notes, notes.owner == "ann")

    assert await _names(query) == "acgh"
    assert await _names(query.include_expired()) == "abcfgh"
    assert await _names(query.include_deleted()) == "acdegh"
    assert await _names(query.include_expired().include_deleted()) == "abcdefgh"
    assert sorted(await _names(db.scan(notes))) == list("acgh")
    assert sorted(await _names(db.scan(notes).segments(3).include_expired())) == list("abcfgh")
    assert await _names(db.query(notes.by_size, notes.owner == "ann").descending()) == "hgca"


async def test_counts_limits_and_pages_are_of_what_is_shown(db: Database, fresh: Any) -> None:
    notes = await _notes(db, fresh)
    query = db.query(notes, notes.owner == "ann")

    assert await query.count() == 4
    assert await query.include_deleted().count() == 6
    assert await query.limit(3).count() == 3
    assert await db.scan(notes).count() == 4
    assert await _names(query.limit(3)) == "acg"
    assert await _names(query.limit(3).page_size(1)) == "acg"
    assert await _names(query.filter(notes.size > 0).limit(2)) == "cg"
    assert (await query.descending().first()).name == "h"
    assert await query.select(notes.name).all() == [("a",), ("c",), ("g",), ("h",)]
    walked, cursor = [], None
    while True:
        page = await query.page_size(2).page(cursor)
        walked.append("".join(note.name for note in page.items))
        cursor = page.cursor
        if cursor is None:
            break
    assert walked[:4] == ["a", "c", "", "gh"]


async def test_only_hidden_items_are_no_items(db: Database, fresh: Any) -> None:
    notes = await _notes(db, fresh)
    hidden = db.query(notes, notes.owner == "ann", notes.name.between("d", "f"))

    assert await hidden.first() is None
    assert await hidden.exists() is False
    assert await hidden.include_deleted().exists() is True
    with pytest.raises(NotFound):
        await hidden.one()


async def test_reads_by_key_leave_out_what_is_hidden(db: Database, fresh: Any) -> None:
    notes = await _notes(db, fresh)

    assert await db.get(notes, owner="ann", name="b") is None
    assert (await db.get_or_raise(notes, owner="ann", name="b", include_expired=True)).name == "b"
    assert await db.get(notes, owner="ann", name="d", include_expired=True) is None
    assert (await db.get_or_raise(notes, owner="ann", name="d", include_deleted=True)).gone_at is not None
    with pytest.raises(NotFound):
        await db.get_or_raise(notes, owner="ann", name="d")
    keys = [notes.key(owner="ann", name=name) for name in "abde"]
    assert [note and note.name for note in await db.get_many(notes, keys)] == ["a", None, None, None]
    shown = await db.get_many(notes, keys, include_expired=True, include_deleted=True)
    assert [note.name for note in shown] == list("abde")


async def test_snapshots_and_units_of_work_leave_out_what_is_hidden(db: Database, fresh: Any) -> None:
    notes = await _notes(db, fresh)
    keys = [notes.key(owner="ann", name=name) for name in "abd"]

    assert [note and note.name for note in await db.transact_get(*keys)] == ["a", None, None]
    shown = await db.transact_get(*keys, include_expired=True, include_deleted=True)
    assert [note.name for note in shown] == list("abd")
    async with db.unit_of_work() as unit:
        assert await unit.get(notes, owner="ann", name="b") is None
        assert [note and note.name for note in await unit.get_many(notes, keys)] == ["a", None, None]
        with pytest.raises(NotFound):
            await unit.get_or_raise(notes, owner="ann", name="d")


async def test_an_index_over_the_expiry_hides_too(db: Database, fresh: Any) -> None:
    notes = await _notes(db, fresh)
    query = db.query(notes.by_expiry, notes.owner == "ann")

    # The service filters no key attribute, so this is looked at after reading.
    assert sorted(await _names(query)) == list("acg")
    assert await query.count() == 3
    assert await query.limit(2).count() == 2
    assert sorted(await _names(query.include_expired())) == list("abcfg")
    assert await query.include_expired().count() == 5
    assert sorted(await query.select(notes.name).all()) == [("a",), ("c",), ("g",)]


async def _is_hidden_once_it_is_whole(query: Any) -> None:
    assert await _names(query.full()) == "acgh"
    assert await query.full().count() == 4
    assert await _names(query.full().limit(3)) == "acg"
    assert await _names(query.full().include_expired().include_deleted()) == "abcdefgh"
    # Its entries do not say what is hidden; explain() warns of that.
    assert await query.count() == 8
    assert [warning.code for warning in query.select(Note.name).explain().warnings] == ["untold_hidden"]


async def test_whole_models_of_a_partial_index_are_hidden_after_they_are_read(db: Database, fresh: Any) -> None:
    notes = await _notes(db, fresh)

    await _is_hidden_once_it_is_whole(db.query(notes.by_kind, notes.kind == "memo"))


@pytest.mark.differs("whole items from a local index")
async def test_whole_models_of_a_partial_local_index_are_hidden_too(db: Database, fresh: Any) -> None:
    notes = await _notes(db, fresh)

    await _is_hidden_once_it_is_whole(db.query(notes.local, notes.owner == "ann"))


async def test_time_is_that_of_the_embedded_engine() -> None:
    clock = ManualClock()
    async with Database(EmbeddedExecutor(Engine.open("memory:", clock=clock))) as db:
        await db.create_tables(Note)
        until = datetime.fromtimestamp(clock.now_s(), UTC) + HOUR
        await db.create(Note(owner="ann", name="a", expires_at=until))
        query = db.query(Note, Note.owner == "ann")

        clock.advance(3599)
        assert await query.count() == 1
        clock.advance(1)
        assert await query.count() == 0
        assert await query.include_expired().count() == 1
        assert await db.get(Note, owner="ann", name="a") is None
