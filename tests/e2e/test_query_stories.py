"""Stories of queries and scans: which items come, in which order, page by page, whole or in parts."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from story_models import Counted, Place, Play, Profile, Score

from ddbmodel import Database, InvalidCursor, InvalidRequest, NotFound
from ddbmodel.query.reads import Query


async def _players(db: Database, new_table: Any, count: int = 6) -> Any:
    """Store p0, p1, … of tetris, whose points fall as their names rise, and one player of go."""
    scores = await new_table(Score)
    await db.put_many(
        [
            scores(
                game="tetris",
                player=f"p{number}",
                points=10 * (count - number),
                region="eu" if number % 2 else "us",
                nick=f"n{number}" if number < 3 else None,
                played_at=f"2026-01-{(number * 7) % count + 1:02}" if number != 1 else None,
                profile=Profile(city=f"city {number}"),
                words=["a", "b", "c", f"w{number}"],
                history=[Play(points=number), Play(points=2 * number, note="second")],
            )
            for number in range(count)
        ]
    )
    await db.put(scores(game="go", player="zed", points=1))
    return scores


async def _names(query: Query[Any]) -> list[str]:
    return [score.player async for score in query]


async def test_a_partition_comes_in_the_order_of_its_sort_key(db: Database, new_table: Any) -> None:
    scores = await _players(db, new_table)
    query = db.query(scores, scores.game == "tetris")

    assert await _names(query) == ["p0", "p1", "p2", "p3", "p4", "p5"]
    assert await _names(query.descending()) == ["p5", "p4", "p3", "p2", "p1", "p0"]
    assert await _names(query.descending().ascending().consistent()) == ["p0", "p1", "p2", "p3", "p4", "p5"]
    assert await _names(db.query(scores, scores.game == "chess")) == []


async def test_the_sort_key_takes_one_condition(db: Database, new_table: Any) -> None:
    scores = await _players(db, new_table)

    async def found(*conditions: Any) -> str:
        return " ".join(await _names(db.query(scores, scores.game == "tetris", *conditions)))

    assert await found(scores.player == "p3") == "p3"
    assert await found(scores.player < "p2") == "p0 p1"
    assert await found(scores.player <= "p2") == "p0 p1 p2"
    assert await found(scores.player > "p3") == "p4 p5"
    assert await found(scores.player >= "p3") == "p3 p4 p5"
    assert await found(scores.player.between("p1", "p3")) == "p1 p2 p3"
    assert await found(scores.player.begins_with("p")) == "p0 p1 p2 p3 p4 p5"
    assert await found(scores.player.begins_with("q")) == ""


async def test_numbers_sort_as_numbers(db: Database, new_table: Any) -> None:
    counted = await new_table(Counted)
    numbers = ["-1E+100", "-10", "-9.5", "0", "1E-100", "2", "10", "1E+100"]
    await db.put_many([counted(bucket=b"\xff", number=Decimal(number)) for number in reversed(numbers)])

    found = await db.query(counted, counted.bucket == b"\xff").all()

    assert [item.number for item in found] == [Decimal(number) for number in numbers]


async def test_a_global_index_has_its_own_order(db: Database, new_table: Any) -> None:
    scores = await _players(db, new_table)
    query = db.query(scores.leaderboard, scores.game == "tetris", scores.points > 20)

    assert await _names(query) == ["p3", "p2", "p1", "p0"]
    assert await _names(query.descending().limit(2)) == ["p0", "p1"]


async def test_a_sparse_index_holds_only_items_that_have_its_key(db: Database, new_table: Any) -> None:
    scores = await _players(db, new_table)

    assert sorted(await _names(db.scan(scores.by_nick).full())) == ["p0", "p1", "p2"]
    assert await db.scan(scores.by_nick).count() == 3
    assert await db.query(scores.by_nick, scores.nick == "n1").select(scores.player, scores.points).all() == [
        ("p1", 50)
    ]


async def test_a_local_index_is_another_order_of_a_partition(db: Database, new_table: Any) -> None:
    scores = await _players(db, new_table)
    query = db.query(scores.recent, scores.game == "tetris", scores.played_at < "2026-01-06")

    rows = await query.select(scores.played_at, scores.player).all()

    assert rows == [("2026-01-01", "p0"), ("2026-01-03", "p2"), ("2026-01-04", "p3"), ("2026-01-05", "p4")]
    assert [score.player for score in await query.full().all()] == ["p0", "p2", "p3", "p4"]
    with pytest.raises(InvalidRequest, match=r"does not hold 'region'.*\.full\(\)"):
        query.full().filter(scores.region == "us")


@pytest.mark.differs("multi-attribute index keys")
async def test_an_index_over_several_attributes(db: Database, new_table: Any) -> None:
    places = await new_table(Place)
    await db.put_many(
        [
            places(name="A", country="no", region="east", city="oslo", people=700),
            places(name="B", country="no", region="east", city="oslo", people=9),
            places(name="C", country="no", region="east", city="moss", people=50),
            places(name="D", country="no", region="west", city="oslo", people=1),
        ]
    )
    east = (places.country == "no", places.region == "east")

    async def found(*conditions: Any) -> list[str]:
        return [place.name for place in await db.query(places.by_place, *conditions).all()]

    assert await found(*east) == ["C", "B", "A"]
    assert await found(*east, places.city == "oslo") == ["B", "A"]
    assert await found(*east, places.city == "oslo", places.people > 9) == ["A"]
    assert await found(*east, places.city < "n") == ["C"]


async def test_a_filter_drops_and_a_limit_counts_what_is_left(db: Database, new_table: Any) -> None:
    scores = await _players(db, new_table)
    query = db.query(scores, scores.game == "tetris").filter(scores.region == "eu", scores.points < 60)

    assert await _names(query) == ["p1", "p3", "p5"]
    assert await _names(query.limit(2)) == ["p1", "p3"]
    assert await _names(query.page_size(1).limit(2)) == ["p1", "p3"]
    assert await query.count() == 3
    assert await query.limit(2).count() == 2


@pytest.mark.parametrize("page_size", [1, 2, 5, 6, 100])
async def test_page_size_never_changes_what_comes(db: Database, new_table: Any, page_size: int) -> None:
    scores = await _players(db, new_table)
    query = db.query(scores.leaderboard, scores.game == "tetris").filter(scores.region == "eu")

    assert await query.page_size(page_size).all() == await query.all()
    assert await query.page_size(page_size).count() == 3


async def test_whether_there_is_one(db: Database, new_table: Any) -> None:
    scores = await _players(db, new_table)
    query = db.query(scores, scores.game == "tetris")

    assert await query.exists() is True
    assert await query.filter(scores.points == 10).page_size(1).exists() is True
    assert await query.filter(scores.points == 11).exists() is False
    assert await db.query(scores.by_nick, scores.nick == "n9").exists() is False
    assert await db.scan(scores).exists() is True


async def test_a_page_is_fetched_ahead(db: Database, new_table: Any) -> None:
    scores = await _players(db, new_table)
    query = db.query(scores, scores.game == "tetris").page_size(2).prefetch()

    assert await _names(query) == ["p0", "p1", "p2", "p3", "p4", "p5"]
    assert await _names(query.limit(3)) == ["p0", "p1", "p2"]
    assert await _names(query.filter(scores.points == 10)) == ["p5"]
    assert sorted(await _names(db.scan(scores).segments(2).page_size(1).prefetch()))[-1] == "zed"


async def test_first_and_one(db: Database, new_table: Any) -> None:
    scores = await _players(db, new_table)
    query = db.query(scores, scores.game == "tetris")
    nobody = query.filter(scores.points > 1000)

    first, nothing = await query.first(), await nobody.first()
    one = await query.filter(scores.points == 10).one()

    assert (first.player, nothing, one.player) == ("p0", None, "p5")
    with pytest.raises(NotFound, match="no item meets"):
        await nobody.one()
    with pytest.raises(InvalidRequest, match="more than one"):
        await query.one()


async def test_pages_are_walked_by_cursors(db: Database, new_table: Any) -> None:
    scores = await _players(db, new_table)
    query = db.query(scores.leaderboard, scores.game == "tetris").descending().page_size(4)

    first = await query.page()
    second = await query.page(first.cursor)
    rest = await query.page_size(1).page(first.cursor)

    assert [score.player for score in first.items] == ["p0", "p1", "p2", "p3"]
    assert [score.player for score in second.items] == ["p4", "p5"]
    assert [score.player for score in rest.items] == ["p4"]
    assert second.cursor is None


async def test_an_empty_page_is_not_the_end(db: Database, new_table: Any) -> None:
    scores = await _players(db, new_table)
    query = db.query(scores, scores.game == "tetris").filter(scores.points == 10).page_size(2)

    first = await query.page()

    assert first.items == []
    assert first.cursor is not None
    assert await _names(query) == ["p5"]


async def test_a_cursor_is_good_for_its_query_only(db: Database, new_table: Any) -> None:
    scores = await _players(db, new_table)
    query = db.query(scores, scores.game == "tetris").page_size(2)
    cursor = (await query.page()).cursor
    assert cursor is not None
    middle = len(cursor) // 2
    changed = cursor[:middle] + ("A" if cursor[middle] != "A" else "B") + cursor[middle + 1 :]

    for bad in ("", "x", "ä", changed, cursor[:-4], cursor + "AAAA"):
        with pytest.raises(InvalidCursor, match="not one of this query"):
            await query.page(bad)
    for other in (
        db.query(scores, scores.game == "go"),
        query.descending(),
        query.filter(scores.region == "eu"),
        db.query(scores.leaderboard, scores.game == "tetris"),
        db.scan(scores),
    ):
        with pytest.raises(InvalidCursor):
            await other.page(cursor)


@pytest.mark.differs("list positions in projections")
async def test_select_yields_typed_tuples(db: Database, new_table: Any) -> None:
    scores = await _players(db, new_table, count=2)
    query = db.query(scores, scores.game == "tetris")

    rows = await query.select(
        scores.player, scores.profile[Profile.city], scores.history[1][Play.points], scores.nick, scores.picture
    ).all()

    assert rows == [("p0", "city 0", 0, "n0", None), ("p1", "city 1", 2, "n1", None)]
    assert await query.select(scores.points).descending().first() == (10,)


@pytest.mark.differs("list positions in projections")
async def test_a_selected_list_position_is_found_in_the_closed_up_list(db: Database, new_table: Any) -> None:
    scores = await _players(db, new_table, count=1)

    rows = await db.query(scores, scores.game == "tetris").select(scores.words[3]).all()

    assert rows == [("w0",)]


async def test_selected_list_positions_keep_their_places(db: Database, new_table: Any) -> None:
    scores = await _players(db, new_table, count=1)

    rows = await db.query(scores, scores.game == "tetris").select(scores.words[3], scores.words[1]).all()

    assert rows == [("w0", "b")]


async def test_a_part_of_an_item_is_no_model(db: Database, new_table: Any) -> None:
    scores = await _players(db, new_table)
    query = db.query(scores.by_region, scores.region == "us")

    with pytest.raises(InvalidRequest, match=r"does not hold nick.*\.select.*\.full\(\)"):
        await query.all()
    with pytest.raises(InvalidRequest, match="does not hold 'nick'"):
        query.select(scores.nick)
    assert await query.count() == 3
    assert await query.select(scores.player, scores.points).all() == [("p4", 20), ("p2", 40), ("p0", 60)]


async def test_full_reads_whole_models_in_the_order_of_the_index(db: Database, new_table: Any) -> None:
    scores = await _players(db, new_table)
    query = db.query(scores.by_region, scores.region == "us").full()

    found = await query.descending().all()

    assert [score.player for score in found] == ["p0", "p2", "p4"]
    assert found[0] == await db.get(scores, game="tetris", player="p0")
    assert await _names(query.limit(2)) == ["p4", "p2"]
    page = await query.page_size(2).page()
    assert [score.player for score in page.items] == ["p4", "p2"]
    assert [score.player for score in (await query.page(page.cursor)).items] == ["p0"]


async def test_a_scan_reads_everything(db: Database, new_table: Any) -> None:
    scores = await _players(db, new_table)
    everyone = ["p0", "p1", "p2", "p3", "p4", "p5", "zed"]

    assert sorted(await _names(db.scan(scores))) == everyone
    assert sorted(await _names(db.scan(scores).page_size(2))) == everyone
    assert sorted(await _names(db.scan(scores).filter(scores.player < "p2"))) == ["p0", "p1"]
    assert len(await db.scan(scores).limit(3).all()) == 3
    assert sorted(await db.scan(scores.by_region).select(scores.player).all())[-1] == ("zed",)


@pytest.mark.parametrize("segments", [1, 2, 8])
async def test_segments_divide_a_scan(db: Database, new_table: Any, segments: int) -> None:
    scores = await _players(db, new_table, count=20)
    scan = db.scan(scores).segments(segments)

    assert sorted(await _names(scan)) == sorted([*(f"p{n}" for n in range(20)), "zed"])
    assert await scan.count() == 21
    assert len(await scan.page_size(1).limit(5).all()) == 5


async def test_pages_of_a_megabyte_are_joined(db: Database, new_table: Any) -> None:
    scores = await new_table(Score)
    text = "x" * 300_000
    await db.put_many([scores(game="big", player=f"p{n}", words=[text]) for n in range(9)])

    query = db.query(scores, scores.game == "big")

    assert await _names(query) == [f"p{n}" for n in range(9)]
    assert len((await query.page()).items) < 9
