"""Shards that roll and split: who follows whom, what they are called, and when they are forgotten."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from ddbmodel.engine import Engine, ManualClock
from ddbmodel.engine.options import EngineOptions
from ddbmodel.errors import ResourceNotFound, ServiceError, StorageFailed

HOUR_S = 3600
DAY_S = 24 * HOUR_S

Open: TypeAlias = Callable[..., AbstractAsyncContextManager["Films"]]


class Films:
    """A table with a stream, and readers of it."""

    def __init__(self, engine: Engine, clock: ManualClock) -> None:
        self.engine, self.clock = engine, clock
        self.arn = ""

    async def ask(self, operation: str, **request: Any) -> dict[str, Any]:
        return await self.engine.execute(operation, request)

    async def create(self) -> None:
        await self.ask(
            "CreateTable",
            TableName="films",
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}, {"AttributeName": "n", "KeyType": "RANGE"}],
            AttributeDefinitions=[
                {"AttributeName": "id", "AttributeType": "S"},
                {"AttributeName": "n", "AttributeType": "N"},
            ],
            BillingMode="PAY_PER_REQUEST",
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
        )

    async def find(self) -> None:
        self.arn = (await self.ask("ListStreams"))["Streams"][0]["StreamArn"]

    async def put(self, *numbers: int, id_: str = "a") -> None:
        for number in numbers:
            await self.ask("PutItem", TableName="films", Item=_item(id_, number))

    async def describe(self, **options: Any) -> dict[str, Any]:
        description: dict[str, Any] = (await self.ask("DescribeStream", StreamArn=self.arn, **options))[
            "StreamDescription"
        ]
        return description

    async def shards(self, **options: Any) -> list[dict[str, Any]]:
        shards: list[dict[str, Any]] = (await self.describe(**options))["Shards"]
        return shards

    async def iterator(self, shard: str, kind: str = "TRIM_HORIZON", **options: Any) -> str:
        answer = await self.ask(
            "GetShardIterator", StreamArn=self.arn, ShardId=shard, ShardIteratorType=kind, **options
        )
        iterator: str = answer["ShardIterator"]
        return iterator

    async def records(self, shard: str, kind: str = "TRIM_HORIZON", **options: Any) -> list[tuple[str, int]]:
        """Read a shard to its end, or to an empty page."""
        iterator: str | None = await self.iterator(shard, kind, **options)
        found: list[tuple[str, int]] = []
        while iterator is not None:
            page = await self.ask("GetRecords", ShardIterator=iterator, Limit=2)
            found += [_named(record) for record in page["Records"]]
            iterator = page.get("NextShardIterator") if page["Records"] else None
        return found

    async def is_over(self, iterator: str) -> bool:
        return "NextShardIterator" not in await self.ask("GetRecords", ShardIterator=iterator)


def _item(id_: str, number: int) -> dict[str, Any]:
    return {"id": {"S": id_}, "n": {"N": str(number)}}


def _named(record: dict[str, Any]) -> tuple[str, int]:
    keys = record["dynamodb"]["Keys"]
    return keys["id"]["S"], int(keys["n"]["N"])


def _range(shard: dict[str, Any]) -> tuple[int, int | None]:
    sequences = shard["SequenceNumberRange"]
    end = sequences.get("EndingSequenceNumber")
    return int(sequences["StartingSequenceNumber"]), None if end is None else int(end)


@pytest.fixture
def films() -> Open:
    @asynccontextmanager
    async def opened(url: str = "memory:", clock: ManualClock | None = None, **options: Any) -> AsyncIterator[Films]:
        clock = clock or ManualClock()
        films = Films(Engine.open(url, clock=clock, options=EngineOptions(**options)), clock)
        if not (await films.ask("ListTables"))["TableNames"]:
            await films.create()
        await films.find()
        yield films
        await films.engine.close()

    return opened


async def test_a_shard_stays_open_for_ever_by_default(films: Open) -> None:
    async with films() as table:
        await table.put(1)
        table.clock.advance(10 * DAY_S)
        await table.put(2)

        [shard] = await table.shards()

        assert "EndingSequenceNumber" not in shard["SequenceNumberRange"]
        assert "ParentShardId" not in shard


async def test_a_shard_whose_time_is_over_is_closed_by_the_next_write_and_followed_by_another(films: Open) -> None:
    async with films(shard_lifetime_s=4 * HOUR_S) as table:
        await table.put(1, 2)
        table.clock.advance(4 * HOUR_S - 1)
        await table.put(3)
        table.clock.advance(1)
        await table.put(4)

        first, second = await table.shards()

        assert second["ParentShardId"] == first["ShardId"]
        start, end = _range(first)
        assert (end, _range(second)) == (start + 2, (start + 3, None))
        assert await table.records(first["ShardId"]) == [("a", 1), ("a", 2), ("a", 3)]
        assert await table.records(second["ShardId"]) == [("a", 4)]
        assert await table.is_over(await table.iterator(first["ShardId"], "LATEST"))


async def test_a_shard_whose_time_is_over_is_closed_for_its_readers_without_a_write(films: Open) -> None:
    async with films(shard_lifetime_s=HOUR_S) as table:
        await table.put(1)
        [shard] = await table.shards()
        table.clock.advance(HOUR_S - 1)
        iterator = await table.iterator(shard["ShardId"])
        assert not await table.is_over(iterator)
        table.clock.advance(1)

        assert await table.is_over(iterator)
        first, second = await table.shards()
        assert (first["ShardId"], second["ParentShardId"]) == (shard["ShardId"], shard["ShardId"])
        await table.put(2)
        assert await table.records(second["ShardId"]) == [("a", 2)]


async def test_a_shard_without_records_gives_way_to_greater_numbers(films: Open) -> None:
    async with films(shard_lifetime_s=HOUR_S) as table:
        for _ in range(3):
            table.clock.advance(HOUR_S)
            await table.shards()
        await table.put(1)

        shards = await table.shards()
        ranges = [_range(shard) for shard in shards]

        assert len(ranges) == 4
        assert all(end is None or start <= end for start, end in ranges)
        assert all(end is not None and end < start for (_, end), (start, _) in itertools.pairwise(ranges))
        assert [await table.records(shard["ShardId"]) for shard in shards] == [[], [], [], [("a", 1)]]
        for shard in shards:
            first = shard["SequenceNumberRange"]["StartingSequenceNumber"]
            assert await table.records(shard["ShardId"], "AT_SEQUENCE_NUMBER", SequenceNumber=first) == (
                await table.records(shard["ShardId"])
            )


async def test_a_shard_that_has_taken_its_last_record_is_split_by_the_partition_key(films: Open) -> None:
    async with films(shard_records=3) as table:
        for number in range(12):
            await table.put(number, id_="abcdef"[number % 6])

        shards = await table.shards()
        by_id = {shard["ShardId"]: shard for shard in shards}
        parents = [shard["ParentShardId"] for shard in shards if "ParentShardId" in shard]

        assert len(shards) > 3
        assert all(parents.count(parent) == 2 for parent in parents)
        homes: dict[str, list[dict[str, Any]]] = {}
        seen: list[tuple[str, int]] = []
        for shard in shards:
            records = await table.records(shard["ShardId"])
            assert len(records) <= 3
            assert ("EndingSequenceNumber" in shard["SequenceNumberRange"]) == (len(records) == 3)
            for id_, _ in records:
                homes.setdefault(id_, [])
                if shard not in homes[id_]:
                    homes[id_].append(shard)
            seen += records
        assert sorted(seen, key=lambda each: each[1]) == [("abcdef"[number % 6], number) for number in range(12)]
        for line in homes.values():
            # Of every partition key, each shard descends from the one before.
            for earlier, later in itertools.pairwise(line):
                ancestor = later
                while ancestor["ShardId"] != earlier["ShardId"]:
                    ancestor = by_id[ancestor["ParentShardId"]]


async def test_a_transaction_may_go_on_in_the_next_shards(films: Open) -> None:
    async with films(shard_records=2) as table:
        puts = [{"Put": {"TableName": "films", "Item": _item("a", number)}} for number in range(7)]
        await table.ask("TransactWriteItems", TransactItems=puts)

        found = [await table.records(shard["ShardId"]) for shard in await table.shards()]

        assert [records for records in found if records] == [
            [("a", 0), ("a", 1)],
            [("a", 2), ("a", 3)],
            [("a", 4), ("a", 5)],
            [("a", 6)],
        ]


async def test_shards_are_described_in_pages_and_by_parent(films: Open) -> None:
    async with films(shard_records=1) as table:
        await table.put(1, 2)
        everything = await table.shards()
        assert len(everything) == 5

        paged: list[dict[str, Any]] = []
        start: dict[str, Any] = {}
        while True:
            page = await table.describe(Limit=2, **start)
            paged += page["Shards"]
            assert len(page["Shards"]) <= 2
            if "LastEvaluatedShardId" not in page:
                break
            assert page["LastEvaluatedShardId"] == page["Shards"][-1]["ShardId"]
            start = {"ExclusiveStartShardId": page["LastEvaluatedShardId"]}

        assert paged == everything
        first = everything[0]["ShardId"]
        children = await table.shards(ShardFilter={"Type": "CHILD_SHARDS", "ShardId": first})
        assert children == [shard for shard in everything if shard.get("ParentShardId") == first] == everything[1:3]
        last = await table.describe(ShardFilter={"Type": "CHILD_SHARDS", "ShardId": first}, Limit=1)
        assert last["LastEvaluatedShardId"] == children[0]["ShardId"]
        assert await table.shards(ExclusiveStartShardId="shardId-" + "9" * 20 + "-00000000") == []
        with pytest.raises(ServiceError, match="Limit cannot be greater than the maximum: 100"):
            await table.shards(Limit=101)


async def test_a_closed_shard_is_gone_a_day_later_and_its_children_go_on_naming_it(films: Open) -> None:
    async with films(shard_lifetime_s=4 * HOUR_S) as table:
        await table.put(1)
        table.clock.advance(4 * HOUR_S)
        await table.put(2)
        first, second = await table.shards()
        table.clock.advance(DAY_S)
        assert first in await table.shards()
        iterator = await table.iterator(first["ShardId"])
        table.clock.advance(1)

        left = await table.shards()
        assert left[0]["ShardId"] == second["ShardId"]
        assert left[0]["ParentShardId"] == first["ShardId"]
        for ask in (table.iterator(first["ShardId"]), table.is_over(iterator)):
            with pytest.raises(ResourceNotFound, match="Shard does not exist"):
                await ask
        children = await table.shards(ShardFilter={"Type": "CHILD_SHARDS", "ShardId": first["ShardId"]})
        assert [shard["ShardId"] for shard in children] == [second["ShardId"]]


async def test_a_forgotten_shard_leaves_nothing_in_the_database(films: Open) -> None:
    async with films(shard_lifetime_s=4 * HOUR_S) as table:
        for number in range(100):
            await table.put(number)
            table.clock.advance(HOUR_S)

        rows = [(kind, name) for kind, name, _ in table.engine._store.catalog_rows() if kind == "shard"]
        (records,) = table.engine._store._execute("SELECT count(*) FROM stream_records").fetchone()

        # A day of records, an hour for those who missed some, and the time between two tidyings.
        assert 24 <= records <= 32
        assert 7 <= len(rows) <= 8
        newest = [await table.records(shard["ShardId"]) for shard in await table.shards()]
        assert newest[-2:] == [[("a", number) for number in range(96, 100)], []]


async def test_a_shard_that_is_closed_is_read_to_its_end_however_old_its_last_record_is(films: Open) -> None:
    async with films(shard_lifetime_s=30 * HOUR_S) as table:
        await table.put(1, 2)
        table.clock.advance(30 * HOUR_S)
        await table.put(3)
        first, _ = await table.shards()
        start, end = _range(first)
        assert end is not None

        assert await table.records(first["ShardId"]) == []
        after = await table.iterator(first["ShardId"], "AFTER_SEQUENCE_NUMBER", SequenceNumber=str(end))
        assert await table.is_over(after)
        with pytest.raises(ServiceError, match="TrimmedDataAccessException: The data you are trying to access"):
            await table.iterator(first["ShardId"], "AFTER_SEQUENCE_NUMBER", SequenceNumber=str(start))


async def test_a_place_in_another_shard_is_refused(films: Open) -> None:
    async with films(shard_records=2) as table:
        await table.put(1, 2, 3)
        first, *children = await table.shards()
        _, end = _range(first)
        assert end is not None

        for sequence in (end + 1, _range(first)[0] - 1):
            with pytest.raises(ServiceError, match="ValidationException: Invalid SequenceNumber for the shard"):
                await table.iterator(first["ShardId"], "AT_SEQUENCE_NUMBER", SequenceNumber=str(sequence))
        for child in children:
            with pytest.raises(ServiceError, match="Invalid SequenceNumber for the shard"):
                await table.iterator(child["ShardId"], "AFTER_SEQUENCE_NUMBER", SequenceNumber=str(end))


async def test_a_disabled_stream_has_no_open_shard(films: Open) -> None:
    async with films(shard_records=2, shard_lifetime_s=HOUR_S) as table:
        await table.put(1, 2, 3)
        await table.ask("UpdateTable", TableName="films", StreamSpecification={"StreamEnabled": False})
        table.clock.advance(2 * HOUR_S)

        shards = await table.shards()

        assert len(shards) == 3
        for shard in shards:
            start, end = _range(shard)
            assert end is not None
            assert start <= end
            assert await table.is_over(await table.iterator(shard["ShardId"]))


async def test_shards_and_what_they_have_taken_are_there_after_reopening(films: Open, tmp_path: Path) -> None:
    url, clock = f"file:{tmp_path / 'a.db'}", ManualClock()
    async with films(url, clock, shard_records=3) as table:
        await table.put(1, 2, 3, 4, 5)
        before = await table.shards()
        assert len(before) == 3

    async with films(url, clock, shard_records=3) as table:
        assert await table.shards() == before
        await table.put(6)
        after = await table.shards()
        assert len(after) == 5
        assert len({shard["ShardId"] for shard in after}) == 5
        assert [records for shard in after if (records := await table.records(shard["ShardId"]))] == [
            [("a", 1), ("a", 2), ("a", 3)],
            [("a", 4), ("a", 5), ("a", 6)],
        ]


async def test_a_write_that_is_undone_takes_its_shards_with_it(films: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    async with films(shard_records=2) as table:
        await table.put(1)
        before = await table.shards()

        def refuse(*_: object) -> None:
            raise OSError("no space left on device")

        with monkeypatch.context() as broken:
            broken.setattr(table.engine._store, "append_record", refuse)
            with pytest.raises(StorageFailed):
                await table.put(2)
        assert await table.shards() == before

        await table.put(3)
        assert len(await table.shards()) == 3
        assert await table.records(before[0]["ShardId"]) == [("a", 1), ("a", 3)]


async def test_shards_that_are_not_as_they_should_be_are_found(films: Open) -> None:
    async with films(shard_records=2) as table:
        await table.put(1, 2, 3)
        assert table.engine.verify() == []
        store = table.engine._store
        rows = [body for kind, _, body in store.catalog_rows() if kind == "shard"]
        parent, left, right = sorted(rows, key=lambda body: body["number"])
        store.save_catalog_row("shard", str(parent["number"]), parent | {"last_sequence": 3})
        store.save_catalog_row("shard", str(left["number"]), left | {"high_hash": left["high_hash"] - 1})
        store.delete_catalog_row("shard", str(right["number"]))

        problems = Engine(store, clock=table.clock, region="ddbmodel-local", durable=False).verify()

        assert [problem.partition(": ")[2] for problem in problems] == [
            f"shard {left['id']} begins before its parent has ended",
            "some partition keys have no open shard",
        ]


async def test_a_stream_is_being_enabled_and_disabled_for_as_long_as_its_table_is_told(films: Open) -> None:
    async with films(table_delay_s=10.0) as table:
        assert (await table.describe())["StreamStatus"] == "ENABLING"
        table.clock.advance(10)
        assert (await table.describe())["StreamStatus"] == "ENABLED"
        await table.ask("UpdateTable", TableName="films", StreamSpecification={"StreamEnabled": False})
        assert (await table.describe())["StreamStatus"] == "DISABLING"
        table.clock.advance(20)
        assert (await table.describe())["StreamStatus"] == "DISABLED"
