"""The demo's work on one database: load, query, update, move in a unit of work, count in a stream handler."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal

from ddbmodel import ConditionFailed, Database, UnitOfWork
from ddbmodel.streams import Insert, Modify, Remove, StreamApp
from examples.films.model import Film, GenreCount, WatchList

__all__ = [
    "best_of_each_year",
    "count_genres",
    "move_between_lists",
    "recount_genres",
    "top_films",
    "vote",
    "without_genre",
]

NO_GENRE = "(no genre)"


def count_genres(db: Database) -> StreamApp:
    """Return a stream application that keeps `GenreCount` in step with the films."""
    app = StreamApp(db, name="genre-counts", start="trim_horizon")

    @app.on(Film)
    async def count(event: Insert[Film] | Modify[Film] | Remove[Film]) -> None:
        before = None if isinstance(event, Insert) else event.old.genre or NO_GENRE
        after = None if isinstance(event, Remove) else event.new.genre or NO_GENRE
        if before == after:
            return
        for genre, change in ((before, -1), (after, +1)):
            if genre is not None:
                await db.update(GenreCount.key(genre=genre), GenreCount.films.add(change))

    return app


async def recount_genres(db: Database) -> Counter[str]:
    """Return the number of films by genre, counted from the films themselves."""
    return Counter([film.genre or NO_GENRE async for film in db.scan(Film)])


async def top_films(db: Database, genre: str, years: tuple[int, int], count: int) -> list[Film]:
    """Return the best rated films of a genre released from the first year to the last."""
    first, last = (datetime(year, 1, 1, tzinfo=UTC) for year in (years[0], years[1] + 1))
    films = db.query(Film.by_genre, Film.genre == genre, Film.released.between(first, last)).filter(Film.votes >= 5000)
    rated = [film async for film in films if film.rating is not None]
    return sorted(rated, key=lambda film: (film.rating, film.votes), reverse=True)[:count]


async def best_of_each_year(db: Database, genre: str, years: range) -> list[Film]:
    """Return the best rated film of a genre in each year: one item read a year, through a multi-attribute key."""
    found = [
        await db.query(Film.best_of_year, Film.genre == genre, Film.year == year).descending().first() for year in years
    ]
    return [film for film in found if film is not None]


async def without_genre(db: Database) -> int:
    """Return how many films no index holds."""
    return await db.scan(Film).filter(Film.genre.not_exists()).count()


async def vote(db: Database, film: Film, new_rating: Decimal) -> tuple[Film, bool]:
    """Change a rating if nobody voted meanwhile; try a second time with what was true before and be refused.

    Returns:
        The film as it is now, and whether the second, stale vote was refused.
    """
    key = Film.key(film_id=film.film_id)
    change = (Film.rating.set(new_rating), Film.votes.add(1))
    unchanged = Film.votes == film.votes
    voted = await db.update(key, *change, condition=unchanged)
    try:
        await db.update(key, *change, condition=unchanged)
    except ConditionFailed as refused:
        return voted, refused.current == voted
    return voted, False


async def move_between_lists(db: Database, film_id: str, source: str, target: str) -> int:
    """Move a film from one watch list to another in one transaction; return how many attempts it took.

    Somebody else changes the target list during the first attempt, so that its commit meets another version.
    """
    attempts = 0

    async def move(unit: UnitOfWork) -> None:
        nonlocal attempts
        attempts += 1
        before = await unit.get_or_raise(WatchList, name=source)
        after = await unit.get_or_raise(WatchList, name=target)
        if attempts == 1:
            other = await db.get_or_raise(WatchList, name=target)
            other.film_ids.append("metropolis-1927")
            await db.put(other)
        before.film_ids.remove(film_id)
        after.film_ids.append(film_id)

    await db.run(move, retries=5)
    return attempts
