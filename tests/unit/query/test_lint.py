"""Warnings of reads, and what `lint` does about them: nothing, a Python warning for each place, or a refusal."""

from __future__ import annotations

import warnings
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

import pytest
from query_models import Score
from scripted_executor import ScriptedExecutor

from ddbmodel import (
    Attr,
    Database,
    DdbModelWarning,
    GlobalIndex,
    LintError,
    LocalIndex,
    Model,
    Query,
    attr,
    deleted_at,
    partition_key,
    sort_key,
    ttl,
)
from ddbmodel.errors import InvalidRequest
from ddbmodel.query.explanations import LINTED


class Film(Model, table="films"):
    studio: Attr[str] = partition_key()
    title: Attr[str] = sort_key()
    year: Attr[int] = attr(default=2026)
    genre: Attr[str] = attr(default="drama")
    stars: Attr[int] = attr(default=0)
    country: Attr[str] = attr(default="no")
    until: Attr[datetime | None] = ttl(default=None)
    removed: Attr[datetime | None] = deleted_at()

    by_genre = GlobalIndex(partition_key=genre, sort_key=(year, stars))
    by_year = LocalIndex(sort_key=year, projection=[until, removed])
    by_country = GlobalIndex(partition_key=country, sort_key=title, projection="KEYS_ONLY")


def database(lint: Any) -> tuple[Database, ScriptedExecutor]:
    executor = ScriptedExecutor(lambda operation, request: {"Items": [], "Count": 0})
    return Database(executor, lint=lint), executor


def codes(query: Query[Any], *, count: bool = False) -> list[str]:
    return [warning.code for warning in query.explain(count=count).warnings]


def test_a_query_by_its_key_has_no_warning(offline: Database) -> None:
    assert codes(offline.query(Film, Film.studio == "a")) == []
    assert codes(offline.query(Film, Film.studio == "a"), count=True) == []


def test_a_filter_that_another_index_has_as_key_names_it(offline: Database) -> None:
    def told(query: Query[Any]) -> list[str]:
        return [str(warning) for warning in query.explain().warnings if warning.code == "other_index"]

    genre = offline.scan(Film).filter(Film.genre == "drama")
    assert len(told(genre)) == 1
    # To read the whole items of a partial index too is better than a scan, but perhaps not than a query.
    assert told(offline.scan(Film).filter(Film.country == "no"))[0].endswith("db.query(Film.by_country, ...).full()")
    assert told(offline.scan(Film).filter(Film.country == "no", Film.stars > 3)) == []
    in_studio = offline.query(Film, Film.studio == "a")
    assert told(in_studio.filter(Film.year == 2000)) == []
    assert told(in_studio.filter(Film.year == 2000).select(Film.title))[0].endswith("db.query(Film.by_year, ...)")
    assert "'genre' could be a key condition of Film.by_genre" in told(genre)[0]
    both = told(offline.scan(Film).filter(Film.genre == "drama", Film.year > 2000))
    assert len(both) == 1
    assert "'genre' and 'year' could be" in both[0]
    assert "'studio' could be a key condition of Film," in told(offline.scan(Film).filter(Film.studio == "a"))[0]
    # None of these would be read by key in full: what is a key here is none there, a gap, or no equality.
    assert told(offline.query(Film.by_genre, Film.genre == "drama").filter(Film.studio == "a")) == []
    assert told(offline.query(Film, Film.studio == "a").filter(Film.stars == 5)) == []
    assert told(offline.scan(Film).filter(Film.genre.begins_with("d"))) == []
    assert told(offline.scan(Film).filter((Film.genre == "drama") | (Film.genre == "comedy"))) == []
    # A global index has no consistent reads.
    assert told(genre.consistent()) == []


def test_a_range_is_a_key_condition_of_the_last_sort_attribute_only(offline: Database) -> None:
    filtered = offline.scan(Film).filter(Film.genre == "drama", Film.year > 2000, Film.stars == 5)

    (named,) = (warning for warning in filtered.explain().warnings if warning.code == "other_index")

    assert "filter on 'genre' and 'year' could" in named


def test_scans_tell_what_they_read(offline: Database) -> None:
    assert codes(offline.scan(Film)) == ["scan"]
    assert codes(offline.scan(Film).filter(Film.stars > 3)) == ["filtered_scan"]
    assert codes(offline.scan(Film).filter(Film.stars > 3).limit(10)) == ["scan"]
    assert codes(offline.scan(Film), count=True) == ["scan", "count"]
    assert codes(offline.scan(Film).limit(5), count=True) == ["scan"]


def test_what_is_fetched_from_the_table_as_well_is_told(offline: Database) -> None:
    local = offline.query(Film.by_year, Film.studio == "a")

    assert codes(local.full()) == ["full"]
    assert codes(local.select(Film.title)) == []
    assert codes(local.select(Film.title, Film.genre)) == ["fetches"]
    assert codes(offline.query(Film.by_country, Film.country == "no").full()) == ["full"]


def test_an_index_that_cannot_tell_hidden_items_says_so(offline: Database) -> None:
    part = offline.query(Film.by_country, Film.country == "no").select(Film.title)

    (warning,) = part.explain().warnings
    assert warning.code == "untold_hidden"
    assert "does not hold 'removed', 'until'" in warning
    assert codes(part.include_deleted().include_expired()) == []
    assert codes(part, count=True) == ["untold_hidden"]


@pytest.mark.parametrize(
    "read",
    [
        lambda query: query.all(),
        lambda query: query.first(),
        lambda query: query.one(),
        lambda query: query.exists(),
        lambda query: query.count(),
        lambda query: query.page(),
        lambda query: anext(aiter(query)),
        lambda query: anext(query.with_items()),
    ],
    ids=["all", "first", "one", "exists", "count", "page", "async for", "with_items"],
)
async def test_in_error_mode_nothing_is_sent(read: Callable[[Query[Any]], Awaitable[Any]]) -> None:
    db, executor = database("error")

    with pytest.raises(LintError, match=r"Film: .*its filter keeps.*\.allow\('filtered_scan'") as caught:
        await read(db.scan(Film).filter(Film.stars > 3))

    assert [warning.code for warning in caught.value.warnings][:1] == ["filtered_scan"]
    assert executor.requests == []


async def test_what_the_call_itself_says_passes() -> None:
    db, executor = database("error")

    assert await db.scan(Film).all() == []
    assert await db.scan(Film).filter(Film.stars > 3).limit(1).all() == []
    assert await db.query(Film, Film.studio == "a").filter(Film.stars > 3).all() == []
    assert await db.query(Film.by_year, Film.studio == "a").full().all() == []
    assert await db.query(Film, Film.studio == "a").count() == 0
    with pytest.raises(LintError):
        await db.scan(Film).count()
    assert len(executor.requests) == 5


async def test_a_warning_can_be_allowed() -> None:
    db, _ = database("error")
    scan = db.scan(Film).filter(Film.stars > 3)

    assert await scan.allow("filtered_scan").all() == []
    with pytest.raises(LintError):
        await scan.allow("count").all()
    with pytest.raises(InvalidRequest, match=r"allow takes codes of warnings, scan, .*got 'everything'"):
        scan.allow("everything")  # type: ignore[arg-type]  # a mistake


async def test_in_warn_mode_each_place_in_the_program_warns_for_itself() -> None:
    db, executor = database("warn")
    scan = db.scan(Film).filter(Film.stars > 3)

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("default")
        for _ in range(3):
            await scan.all()
        async for _ in scan:
            pass

    assert [warning.category for warning in caught] == [DdbModelWarning] * 2
    assert {warning.filename for warning in caught} == {__file__}
    assert caught[0].lineno < caught[1].lineno
    assert len(executor.requests) == 4


async def test_lint_is_off_by_default() -> None:
    executor = ScriptedExecutor(lambda operation, request: {"Items": []})

    assert await Database(executor).scan(Score).filter(Score.points > 3).all() == []


@pytest.mark.parametrize("lint", ["on", None, True])
def test_only_three_modes_are_known(lint: Any) -> None:
    with pytest.raises(InvalidRequest, match="lint is one of 'off', 'warn', 'error'"):
        Database.connect("memory:", lint=lint)


def test_what_lint_acts_on_is_never_what_the_call_says_itself() -> None:
    assert not LINTED & {"scan", "filter", "full"}


def test_a_warning_is_a_text() -> None:
    db, _ = database("off")
    (warning,) = db.scan(Film).explain().warnings

    assert isinstance(warning, str)
    assert "  warning: a scan reads, and bills, all of Film" in str(db.scan(Film).explain())
