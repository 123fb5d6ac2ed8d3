"""Tables come to be as their models want them, once, and every difference is said in words."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from ddbmodel.engine import Engine
from ddbmodel.errors import InvalidRequest, ModelDefinitionError, TableMismatch, service_error
from ddbmodel.model import Attr, GlobalIndex, LocalIndex, Model, attr, partition_key, sort_key, ttl
from ddbmodel.tables import check_tables, create_tables
from ddbmodel.transport.embedded import EmbeddedExecutor


class Score(Model, table="scores", stream=True):
    game: Attr[str] = partition_key()
    player: Attr[str] = sort_key()
    points: Attr[int] = attr(default=0)
    region: Attr[str] = attr(default="eu")
    played_at: Attr[str | None] = attr(default=None)
    expires_at: Attr[datetime | None] = ttl(default=None)

    leaderboard = GlobalIndex(partition_key=game, sort_key=points)
    by_place = GlobalIndex(partition_key=(game, region), sort_key=(points, player), projection=["played_at"])
    recent = LocalIndex(sort_key=played_at, projection="KEYS_ONLY")


class Plain(Model, table="scores"):
    game: Attr[str] = partition_key()
    player: Attr[str] = sort_key()


class OtherKey(Model, table="scores"):
    game: Attr[str] = partition_key()


class OtherType(Model, table="scores"):
    game: Attr[str] = partition_key()
    player: Attr[str] = sort_key()
    points: Attr[str] = attr(default="")

    best = GlobalIndex(partition_key=points)


@pytest.fixture
def executor() -> EmbeddedExecutor:
    return EmbeddedExecutor(Engine.open("memory:"))


async def test_a_table_is_created_as_its_model_wants_it(executor: EmbeddedExecutor) -> None:
    await create_tables(executor, [Score])

    table = (await executor.execute("DescribeTable", {"TableName": "scores"}))["Table"]
    by_place = next(index for index in table["GlobalSecondaryIndexes"] if index["IndexName"] == "by_place")
    time_to_live = await executor.execute("DescribeTimeToLive", {"TableName": "scores"})
    assert [part["AttributeName"] for part in by_place["KeySchema"]] == ["game", "region", "points", "player"]
    assert by_place["Projection"] == {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["played_at"]}
    assert table["StreamSpecification"] == {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}
    assert time_to_live["TimeToLiveDescription"]["AttributeName"] == "expires_at"


async def test_creating_again_changes_nothing(executor: EmbeddedExecutor) -> None:
    await create_tables(executor, [Score])

    await create_tables(executor, [Score, Plain])

    await check_tables(executor, [Score, Plain])


async def test_models_of_one_table_are_merged(executor: EmbeddedExecutor) -> None:
    await create_tables(executor, [Plain, Score])

    await check_tables(executor, [Score])


@pytest.mark.parametrize(("other", "about"), [(OtherKey, "its key"), (OtherType, "'points'")])
async def test_models_that_contradict_each_other_are_refused(
    executor: EmbeddedExecutor, other: type[Model], about: str
) -> None:
    with pytest.raises(ModelDefinitionError, match=about):
        await create_tables(executor, [Score, other])

    assert (await executor.execute("ListTables", {}))["TableNames"] == []


async def test_every_difference_is_said(executor: EmbeddedExecutor) -> None:
    await create_tables(executor, [Plain])

    with pytest.raises(TableMismatch) as refused:
        await create_tables(executor, [Score])

    assert refused.value.differences == (
        "the global index 'leaderboard' is missing",
        "the global index 'by_place' is missing",
        "the local index 'recent' is missing",
        "its stream is disabled, the models want NEW_AND_OLD_IMAGES",
        "time to live is disabled, the models want it by 'expires_at'",
    )


async def test_another_key_is_a_difference(executor: EmbeddedExecutor) -> None:
    await create_tables(executor, [OtherKey])

    with pytest.raises(TableMismatch, match=r"its key is \(game HASH\), the models want \(game HASH, player RANGE\)"):
        await check_tables(executor, [Plain])


async def test_a_missing_table_is_a_difference(executor: EmbeddedExecutor) -> None:
    with pytest.raises(TableMismatch, match="does not exist"):
        await check_tables(executor, [Plain])


async def test_no_model_is_no_request(executor: EmbeddedExecutor) -> None:
    with pytest.raises(InvalidRequest, match="at least one model"):
        await create_tables(executor, [])


class SlowTables(EmbeddedExecutor):
    """A service whose tables take a few looks to become ready."""

    looks = 0

    async def execute(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        answer = await super().execute(operation, request)
        if operation == "DescribeTable":
            self.looks += 1
            if self.looks < 4:
                answer["Table"]["TableStatus"] = "CREATING"
        return answer


async def test_creation_waits_until_the_table_is_ready() -> None:
    pauses: list[float] = []

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)

    executor = SlowTables(Engine.open("memory:"))
    await create_tables(executor, [Plain], sleep=sleep)

    assert pauses == [0.05, 0.1, 0.2]


async def test_a_table_that_never_becomes_ready_is_an_error() -> None:
    async def sleep(_: float) -> None:
        executor.looks = 0

    executor = SlowTables(Engine.open("memory:"))

    with pytest.raises(TableMismatch, match="scores is still CREATING after 0 s"):
        await create_tables(executor, [Plain], sleep=sleep, timeout_s=0.0)


async def test_a_new_table_that_is_not_described_yet_is_waited_for(executor: EmbeddedExecutor) -> None:
    pauses: list[float] = []

    class Late(EmbeddedExecutor):
        async def execute(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
            if operation == "DescribeTable" and len(pauses) < 2:
                raise service_error("ResourceNotFoundException", "Requested resource not found")
            return await super().execute(operation, request)

    async def sleep(pause_s: float) -> None:
        pauses.append(pause_s)

    await create_tables(Late(executor.engine), [Score], sleep=sleep)

    assert len(pauses) == 2
    await check_tables(executor, [Score])
