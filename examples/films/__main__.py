"""``python -m examples.films``: the demo, in memory and once more on a file that is closed, reopened and verified."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from ddbmodel import Database
from ddbmodel.engine import Engine
from examples.films.catalogue import (
    best_of_each_year,
    count_genres,
    move_between_lists,
    recount_genres,
    top_films,
    vote,
    without_genre,
)
from examples.films.model import Film, GenreCount, WatchList
from examples.films.source import Catalogue, read_films

MODELS = (Film, WatchList, GenreCount)
console = Console()


@dataclass(slots=True)
class Report:
    """What one run on one backend found and how long each part took."""

    backend: str
    seconds: dict[str, float] = field(default_factory=dict)
    top: list[Film] = field(default_factory=list)
    best: list[Film] = field(default_factory=list)
    genres: Counter[str] = field(default_factory=Counter)
    stored: dict[str, int] = field(default_factory=dict)
    checks: dict[str, bool] = field(default_factory=dict)

    def time(self, part: str, since_s: float) -> float:
        """Keep how long a part took; return the present, where the next part starts."""
        now_s = time.perf_counter()
        self.seconds[part] = now_s - since_s
        return now_s


async def main() -> int:
    """Run the demo; return the exit code, 1 when any check failed."""
    catalogue = read_films()
    show_source(catalogue)
    with tempfile.TemporaryDirectory(prefix="ddbmodel-demo-") as folder:
        file = Path(folder) / "films.db"
        reports = [await run("memory:", catalogue), await run(f"file:{file}", catalogue)]
        await reopen(file, reports[1])
        show_films(reports[0])
        show_reports(reports)
        console.print(
            f"The file was {file.name}, {file.stat().st_size / 1e6:.1f} MB, in a folder that is gone now. "
            "Nothing else was written."
        )
    return 0 if all(all(report.checks.values()) for report in reports) else 1


async def run(url: str, catalogue: Catalogue) -> Report:
    """Do the whole job on one backend."""
    report = Report(url.partition(":")[0])
    async with Database.connect(url) as db:
        await db.create_tables(*MODELS, wait=True)
        app = count_genres(db)
        async with app.running():
            started_s = time.perf_counter()
            await load(db, catalogue.films, report.backend)
            now_s = report.time("load", started_s)
            await app.drain()
            now_s = report.time("count genres in the stream", now_s)

            report.top = await top_films(db, "Drama", (1990, 2009), count=5)
            now_s = report.time("top dramas of 1990-2009", now_s)
            report.best = await best_of_each_year(db, "Adventure", range(2000, 2010))
            now_s = report.time("best adventure of each year", now_s)

            voted, refused = await vote(db, report.top[0], Decimal("9.9"))
            report.checks["a stale vote is refused, and shows what is true now"] = refused
            report.checks["the vote counts"] = voted.rating == Decimal("9.9")
            now_s = report.time("conditional votes", now_s)

            film_id = report.top[1].film_id
            await db.create(WatchList(name="ann", film_ids=[film_id, report.top[2].film_id]))
            await db.create(WatchList(name="ben"))
            attempts = await move_between_lists(db, film_id, "ann", "ben")
            lists = await db.get_many(WatchList, [WatchList.key(name="ann"), WatchList.key(name="ben")])
            report.checks["a conflicting move is made again on fresh data"] = attempts == 2
            report.checks["the film is in one list, nothing is lost"] = [
                set(each.film_ids) for each in lists if each is not None
            ] == [{report.top[2].film_id}, {"metropolis-1927", film_id}]
            now_s = report.time("move between watch lists", now_s)

            await db.delete(voted)
            await app.drain()
            report.time("delete, and let the handler see it", now_s)
        report.genres = await recount_genres(db)
        report.checks["the handler's counts equal a recount"] = await counted(db) == report.genres
        report.checks["films without a genre are in no index"] = await without_genre(db) == report.genres["(no genre)"]
        report.stored = await stored(db)
    return report


async def reopen(file: Path, report: Report) -> None:
    """Open the closed file again and hold what is in it against what was stored."""
    started_s = time.perf_counter()
    engine = Engine.open(f"file:{file}")
    report.checks["reopened, every index equals a rebuild"] = engine.verify() == []
    await engine.close()
    async with Database.connect(f"file:{file}") as db:
        report.checks["reopened, the file holds the same items"] = await stored(db) == report.stored
        report.checks["reopened, a recount gives the same"] = await recount_genres(db) == report.genres
        best = await best_of_each_year(db, "Adventure", range(2000, 2010))
        report.checks["reopened, the index gives the same films"] = best == report.best
    report.time("reopen and verify", started_s)


async def load(db: Database, films: list[Film], backend: str) -> None:
    """Store all films, with a progress bar."""
    columns = (TextColumn("[bold]{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:
        task = progress.add_task(f"films to {backend}", total=len(films))
        await db.put_many(films, progress=lambda done, _total: progress.update(task, completed=done))


async def counted(db: Database) -> Counter[str]:
    """Return the counts that the stream handler keeps."""
    return Counter({count.genre: count.films async for count in db.scan(GenreCount) if count.films})


async def stored(db: Database) -> dict[str, int]:
    """Return the number of items by table."""
    return {model.__name__: await db.scan(model).count() for model in MODELS}


def show_source(catalogue: Catalogue) -> None:
    table = Table(title=f"{catalogue.record_count:,} records of real data, {len(catalogue.films):,} films")
    table.add_column("flaw")
    table.add_column("mended", justify="right")
    table.add_column("refused", justify="right")
    for flaw, count in catalogue.mended.most_common():
        table.add_row(flaw, str(count), "")
    for flaw, count in catalogue.refused.most_common():
        table.add_row(flaw, "", str(count))
    console.print(table)


def show_films(report: Report) -> None:
    for title, films in (("Top dramas, 1990-2009", report.top), ("Best adventure of each year", report.best)):
        table = Table(title=title)
        for heading in ("film", "year", "rating", "votes", "director"):
            table.add_column(heading, justify="right" if heading in ("year", "rating", "votes") else "left")
        for film in films:
            table.add_row(film.title, str(film.year), str(film.rating), f"{film.votes or 0:,}", film.director or "")
        console.print(table)


def show_reports(reports: list[Report]) -> None:
    table = Table(title="What happened where")
    table.add_column("")
    for report in reports:
        table.add_column(report.backend, justify="right")
    rows: dict[str, list[str]] = {}
    for number, report in enumerate(reports):
        cells = {f"{name} items": f"{count:,}" for name, count in report.stored.items()}
        cells |= {part: f"{seconds * 1000:,.0f} ms" for part, seconds in report.seconds.items()}
        cells |= {check: "[green]yes" if held else "[red]NO" for check, held in report.checks.items()}
        for name, cell in cells.items():
            rows.setdefault(name, [""] * len(reports))[number] = cell
    for name, row in rows.items():
        table.add_row(name, *row)
    console.print(table)


if __name__ == "__main__":
    raise SystemExit(asyncio.run(main()))
