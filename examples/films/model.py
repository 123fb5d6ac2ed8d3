"""The catalogue's models, and the reader that turns a flawed source record into a film or refuses it."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from pydantic import BaseModel, Field, ValidationInfo, field_validator

from ddbmodel import Attr, GlobalIndex, Model, attr, partition_key, version

__all__ = ["Film", "FilmRecord", "GenreCount", "WatchList"]


class Film(Model, table="films", stream=True):
    """One film; a film without a genre is simply not in the two indexes."""

    film_id: Attr[str] = partition_key()
    title: Attr[str] = attr(min_length=1)
    released: Attr[datetime] = attr()
    year: Attr[int] = attr()
    genre: Attr[str | None] = attr(default=None)
    rating: Attr[Decimal | None] = attr(default=None, ge=0, le=10)
    votes: Attr[int | None] = attr(default=None, ge=0)
    director: Attr[str | None] = attr(default=None)
    distributor: Attr[str | None] = attr(default=None)
    gross_usd: Attr[int | None] = attr(default=None)
    budget_usd: Attr[int | None] = attr(default=None)
    labels: Attr[set[str]] = attr(default_factory=set)

    by_genre = GlobalIndex(partition_key=genre, sort_key=released)
    best_of_year = GlobalIndex(partition_key=(genre, year), sort_key=(rating, votes))


class WatchList(Model, table="watch_lists"):
    """What somebody wants to see, in order."""

    name: Attr[str] = partition_key()
    film_ids: Attr[list[str]] = attr(default_factory=list)
    revision: Attr[int] = version()


class GenreCount(Model, table="genre_counts"):
    """How many films a genre has; kept by a stream handler."""

    genre: Attr[str] = partition_key()
    films: Attr[int] = attr(default=0)


# The data set was made in 2010; anything two years later is a two-digit year that was read as 20xx.
LAST_YEAR = 2012


class FilmRecord(BaseModel):
    """A record of the source; each validator names one known flaw and counts it in the context it is given."""

    title: str = Field(alias="Title", min_length=1)
    released: datetime = Field(alias="Release Date")
    genre: str | None = Field(alias="Major Genre")
    rating: Decimal | None = Field(alias="IMDB Rating")
    votes: int | None = Field(alias="IMDB Votes")
    director: str | None = Field(alias="Director")
    distributor: str | None = Field(alias="Distributor")
    gross_usd: int | None = Field(alias="Worldwide Gross")
    budget_usd: int | None = Field(alias="Production Budget")
    source: str | None = Field(alias="Source")
    age_rating: str | None = Field(alias="MPAA Rating")

    @field_validator("title", mode="before")
    @classmethod
    def title_is_text(cls, title: Any, info: ValidationInfo) -> Any:
        if isinstance(title, int):
            _count(info, "title is a number")
            return str(title)
        if isinstance(title, str) and not title.isascii():
            try:
                mended = title.encode("mac_roman").decode("cp1252")
            except UnicodeError:
                return title
            if mended != title:
                _count(info, "title read in the wrong character set")
            return mended
        return title

    @field_validator("released", mode="before")
    @classmethod
    def released_in_the_past(cls, released: Any, info: ValidationInfo) -> Any:
        date = datetime.strptime(released, "%b %d %Y").replace(tzinfo=UTC)
        if date.year > LAST_YEAR:
            _count(info, "year of release a century late")
            return date.replace(year=date.year - 100)
        return date

    @field_validator("gross_usd", mode="before")
    @classmethod
    def zero_gross_is_unknown(cls, gross: Any, info: ValidationInfo) -> Any:
        if gross == 0:
            _count(info, "unknown gross written as zero")
            return None
        return gross

    @field_validator("rating", mode="before")
    @classmethod
    def rating_is_decimal(cls, rating: Any) -> Any:
        # JSON's 6.1 is a binary float; its text is the number that was meant.
        return None if rating is None else Decimal(str(rating))

    def film(self) -> Film:
        """Return the film that this record describes."""
        slug = re.sub(r"[^a-z0-9]+", "-", self.title.lower()).strip("-") or "untitled"
        return Film(
            film_id=f"{slug}-{self.released.year}",
            title=self.title,
            released=self.released,
            year=self.released.year,
            genre=self.genre,
            rating=self.rating,
            votes=self.votes,
            director=self.director,
            distributor=self.distributor,
            gross_usd=self.gross_usd,
            budget_usd=self.budget_usd,
            labels={label for label in (self.source, self.age_rating) if label},
        )


def _count(info: ValidationInfo, flaw: str) -> None:
    if info.context is not None:
        info.context[flaw] += 1
