"""Reads the shipped data set: films that can be used, and a count of what was mended and what was refused."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from examples.films.model import Film, FilmRecord

__all__ = ["Catalogue", "read_films"]

DATA = Path(__file__).parent.parent / "data" / "movies.json"


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What the source held: the films, and for each flaw how many records had it."""

    films: list[Film]
    record_count: int
    mended: Counter[str]
    refused: Counter[str]


def read_films(path: Path = DATA) -> Catalogue:
    """Return the films of the data set."""
    records = json.loads(path.read_text(encoding="utf-8"))
    films: dict[str, Film] = {}
    mended: Counter[str] = Counter()
    refused: Counter[str] = Counter()
    for record in records:
        try:
            film = FilmRecord.model_validate(record, context=mended).film()
        except ValidationError as error:
            refused.update(f"{problem['loc'][0]}: {problem['msg']}" for problem in error.errors())
            continue
        if film.film_id in films:
            refused["the same title in the same year"] += 1
            continue
        films[film.film_id] = film
    return Catalogue(list(films.values()), len(records), mended, refused)
