"""The exact requests of queries and scans, what is refused before there is one, and how pages become results."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from query_models import Account, Profile, Score
from scripted_executor import ScriptedExecutor

from ddbmodel import Attr, Database, GlobalIndex, Model, attr, partition_key
from ddbmodel.errors import InvalidRequest, service_error

TETRIS = {"ExpressionAttributeNames": {"#0": "game"}, "ExpressionAttributeValues": {":0": {"S": "tetris"}}}


def item(player: str) -> dict[str, Any]:
    return Score(game="tetris", player=player).to_item()


def test_a_query_of_a_partition(offline: Database) -> None:
    assert offline.query(Score, Score.game == "tetris").request() == {
        "TableName": "scores",
        "KeyConditionExpression": "#0 = :0",
        **TETRIS,
    }


def test_every_part_of_a_query(offline: Database) -> None:
    query = (
        offline.query(Score.leaderboard, Score.points.between(1, 9), Score.game == "tetris")
        .filter(Score.region == "eu", Score.player.begins_with("a"))
        .select(Score.player, Score.profile[Profile.city])
        .descending()
        .page_size(7)
    )

    assert query.request() == {
        "TableName": "scores",
        "IndexName": "leaderboard",
        "KeyConditionExpression": "#0 = :0 AND #1 BETWEEN :1 AND :2",
        "FilterExpression": "#2 = :3 AND begins_with(#3, :4)",
        "ProjectionExpression": "#3, #4.#5",
        "ScanIndexForward": False,
        "Limit": 7,
        "ExpressionAttributeNames": {
            "#0": "game",
            "#1": "points",
            "#2": "r",
            "#3": "player",
            "#4": "profile",
            "#5": "city",
        },
        "ExpressionAttributeValues": {
            ":0": {"S": "tetris"},
            ":1": {"N": "1"},
            ":2": {"N": "9"},
            ":3": {"S": "eu"},
            ":4": {"S": "a"},
        },
    }


def test_a_set_of_options_has_one_order_in_all_processes() -> None:
    program = "from query_models import Score; print(Score.game.is_in({'a', 'b', 'c', 'd', 'e', 'f'}))"
    texts = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(Path(__file__).parents[2])},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }

    assert len(texts) == 1


def test_builders_are_immutable(offline: Database) -> None:
    query = offline.query(Score, Score.game == "tetris")
    before = query.request()

    query.filter(Score.points > 1).descending().limit(1).page_size(2).consistent().select(Score.points)

    assert query.request() == before


def test_a_limit_bounds_the_page_only_without_a_filter(offline: Database) -> None:
    query = offline.query(Score, Score.game == "tetris").limit(5)

    assert query.request()["Limit"] == 5
    assert query.page_size(3).request()["Limit"] == 3
    assert "Limit" not in query.filter(Score.points > 1).request()


def test_a_full_read_of_a_local_index_is_left_to_the_service(offline: Database) -> None:
    query = offline.query(Score.recent, Score.game == "tetris").full()

    assert query.request()["Select"] == "ALL_ATTRIBUTES"
    assert "Select" not in offline.query(Score.by_place, Score.game == "a", Score.region == "eu").full().request()


def test_a_scan_has_no_order(offline: Database) -> None:
    scan = offline.scan(Score).filter(Score.game == "tetris")

    assert scan.request() == {"TableName": "scores", "FilterExpression": "#0 = :0", **TETRIS}
    for order in (scan.descending, scan.ascending):
        with pytest.raises(InvalidRequest, match="a scan has no order"):
            order()


@pytest.mark.parametrize(
    ("conditions", "told"),
    [
        ((), "needs == on the partition key 'game'.*scan"),
        ((Score.game > "a",), "needs == on the partition key 'game'"),
        ((Score.game == "a", Score.points > 1), r"'points' is not a key attribute.*\.filter"),
        ((Score.game == "a", Score.player != "b"), r"condition on 'player' is not a key condition.*\.filter"),
        ((Score.game == "a", (Score.player == "b") | (Score.player == "c")), "not a key condition"),
        ((Score.game == "a", Score.player.contains("b")), "not a key condition"),
        ((Score.game == "a", Score.player == Score.region), "not a key condition"),
        ((Score.game == "a", Score.player > "b", Score.player < "d"), r"two conditions.*'player'.*between"),
        ((True,), "got a bool"),
        ((Score.game.changed(),), "stream filters only"),
    ],
)
def test_what_is_no_key_condition_says_the_way_out(offline: Database, conditions: tuple[Any, ...], told: str) -> None:
    with pytest.raises(InvalidRequest, match=f"Score: .*{told}"):
        offline.query(Score, *conditions)


def test_key_conditions_may_be_one_conjunction(offline: Database) -> None:
    one = offline.query(Score, (Score.player > "a") & (Score.game == "tetris"))

    assert one.request() == offline.query(Score, Score.game == "tetris", Score.player > "a").request()


def test_several_sort_attributes_are_given_from_the_left(offline: Database) -> None:
    place = (Score.game == "tetris", Score.region == "eu")

    request = offline.query(Score.by_place, Score.player > "a", Score.points == 3, *place).full().request()

    assert request["KeyConditionExpression"] == "#0 = :0 AND #1 = :1 AND #2 = :2 AND #3 > :3"
    with pytest.raises(InvalidRequest, match="needs == on 'points' before it"):
        offline.query(Score.by_place, *place, Score.player == "a")
    with pytest.raises(InvalidRequest, match="needs == on 'points' before it"):
        offline.query(Score.by_place, *place, Score.points > 1, Score.player == "a")
    with pytest.raises(InvalidRequest, match="needs == on the partition key 'region'"):
        offline.query(Score.by_place, Score.game == "tetris")


def test_filters_that_the_service_refuses_say_the_way_out(offline: Database) -> None:
    query = offline.query(Score, Score.game == "tetris")

    with pytest.raises(InvalidRequest, match=r"'player' is a key attribute.*into the arguments of query"):
        query.filter(Score.player == "a")
    with pytest.raises(InvalidRequest, match=r"Score\.recent does not hold 'r'"):
        offline.query(Score.recent, Score.game == "tetris").full().filter(Score.region == "eu")
    with pytest.raises(InvalidRequest, match="got a bool"):
        query.filter(False)  # type: ignore[arg-type]  # what a comparison of instances gives


def test_selections_that_cannot_be_are_refused(offline: Database) -> None:
    query = offline.query(Score, Score.game == "tetris")
    keys_only = offline.scan(Score.by_place)

    with pytest.raises(InvalidRequest, match="at least one attribute"):
        query.select()
    with pytest.raises(InvalidRequest, match="got a str"):
        query.select("points")  # type: ignore[call-overload]  # a mistake
    with pytest.raises(InvalidRequest, match="overlap"):
        query.select(Score.profile, Score.profile[Profile.city])
    with pytest.raises(InvalidRequest, match="does not hold 'nick'"):
        keys_only.select(Score.nick)
    with pytest.raises(InvalidRequest, match="use one of them"):
        keys_only.select(Score.points).full()
    with pytest.raises(InvalidRequest, match="use one of them"):
        keys_only.full().select(Score.points)


def test_an_index_with_every_field_of_the_model_is_still_a_part_of_the_item(offline: Database) -> None:
    class Pair(Model, table="pairs"):
        id: Attr[str] = partition_key()
        other: Attr[str] = attr()

        by_other = GlobalIndex(partition_key=other, projection="KEYS_ONLY")

    # An attribute that the model does not know would be lost when such a model is put.
    with pytest.raises(InvalidRequest, match=r"does not hold attributes that the model does not know.*\.full\(\)"):
        offline.query(Pair.by_other, Pair.other == "x").request()
    assert "Select" not in offline.query(Pair.by_other, Pair.other == "x").full().request()


def test_numbers_of_items_are_positive(offline: Database) -> None:
    scan = offline.scan(Score)

    for refused in (
        lambda: scan.limit(0),
        lambda: scan.page_size(-1),
        lambda: scan.segments(0),
        lambda: scan.limit(True),
    ):
        with pytest.raises(InvalidRequest, match="takes"):
            refused()


def test_a_global_index_is_not_read_consistently(offline: Database) -> None:
    with pytest.raises(InvalidRequest, match="no strongly consistent reads"):
        offline.query(Score.leaderboard, Score.game == "tetris").consistent()

    assert offline.query(Score, Score.game == "tetris").consistent().request()["ConsistentRead"] is True


def test_only_models_and_indexes_are_read(offline: Database) -> None:
    with pytest.raises(InvalidRequest, match="got str"):
        offline.scan("scores")  # type: ignore[type-var]  # a mistake


def test_an_explanation_is_for_people(offline: Database) -> None:
    query = offline.query(Score.leaderboard, Score.game == "tetris").filter(Score.region == "eu")

    told = query.explain()

    assert (told.operation, told.reads, told.index) == ("Query", "Score.leaderboard", "leaderboard")
    assert (told.key_condition, told.filter, told.projection) == ("game = :0", "r = :1", None)
    assert told.request == query.request()
    assert "Query of Score.leaderboard\n  KeyConditionExpression: game = :0\n" in str(told)
    assert [warning.split(":")[0] for warning in told.warnings] == ["a filter is applied after reading"]


def test_an_explanation_warns_of_what_costs_more_than_it_seems(offline: Database) -> None:
    scan = offline.scan(Score).explain()
    local = offline.query(Score.recent, Score.game == "tetris").full().explain()
    of_global = offline.query(Score.by_place, Score.game == "tetris", Score.region == "eu").full().explain()

    assert "bills, all of Score" in scan.warnings[0]
    assert "read from the table as well" in local.warnings[0]
    assert "read from the table as well" in of_global.warnings[0]


Scripted = Callable[..., tuple[Database, ScriptedExecutor]]


async def test_empty_pages_never_end_a_query(scripted: Scripted) -> None:
    more = {"LastEvaluatedKey": Score.key(game="tetris", player="a").item}
    db, executor = scripted({"Items": [], **more}, {"Items": [item("b")], **more}, {"Items": []})

    found = await db.query(Score, Score.game == "tetris").all()

    assert [score.player for score in found] == ["b"]
    assert [request.get("ExclusiveStartKey") for _, request in executor.requests] == [
        None,
        more["LastEvaluatedKey"],
        more["LastEvaluatedKey"],
    ]


async def test_a_limit_stops_reading(scripted: Scripted) -> None:
    more = {"LastEvaluatedKey": Score.key(game="tetris", player="a").item}
    db, executor = scripted({"Items": [item("a"), item("b")], **more})

    assert len(await db.query(Score, Score.game == "tetris").filter(Score.points == 0).limit(2).all()) == 2
    assert len(executor.requests) == 1


async def test_an_entry_that_outlived_its_item_is_left_out_of_a_full_read(scripted: Scripted) -> None:
    db, executor = scripted(
        {"Items": [Score.key(game="tetris", player=name).item for name in ("gone", "b", "a")]},
        {"Responses": {"scores": [item("a"), item("b")]}},
    )

    found = await db.query(Score.by_place, Score.game == "tetris", Score.region == "eu").full().all()

    assert [score.player for score in found] == ["b", "a"]
    assert [operation for operation, _ in executor.requests] == ["Query", "BatchGetItem"]


async def test_segments_are_read_side_by_side() -> None:
    executor = ScriptedExecutor(lambda _, request: {"Items": [item(f"s{request['Segment']}")], "Count": 1})
    db = Database(executor)

    found = await db.scan(Score).segments(3).all()

    assert sorted(score.player for score in found) == ["s0", "s1", "s2"]
    assert {request["TotalSegments"] for _, request in executor.requests} == {3}
    assert await db.scan(Score).segments(3).count() == 3


async def test_an_error_of_one_segment_ends_the_scan() -> None:
    def answer(_: str, request: dict[str, Any]) -> dict[str, Any]:
        if request["Segment"] == 2:
            raise service_error("InternalServerError", "broken")
        return {"Items": [item(f"s{request['Segment']}")], "LastEvaluatedKey": {"game": {"S": "x"}}}

    db = Database(ScriptedExecutor(answer))

    with pytest.raises(Exception, match="broken"):
        await db.scan(Score).segments(4).all()
    assert len(asyncio.all_tasks()) == 1


async def test_leaving_a_segmented_scan_early_stops_its_readers() -> None:
    executor = ScriptedExecutor(
        lambda _, request: {"Items": [item("a")] * 10, "LastEvaluatedKey": {"game": {"S": "x"}}}
    )
    db = Database(executor)

    assert len(await db.scan(Score).segments(4).limit(15).all()) == 15

    assert len(asyncio.all_tasks()) == 1
    assert len(executor.requests) < 20


async def test_pages_take_no_limit_and_no_segments(offline: Database) -> None:
    for query in (offline.scan(Account).limit(3), offline.scan(Account).segments(2)):
        with pytest.raises(InvalidRequest, match="page_size"):
            await query.page()
