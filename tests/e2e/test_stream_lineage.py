"""A story of a file whose stream splits its shards and is opened again and again, while handlers follow."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from pathlib import Path
from random import Random

from ddbmodel import Attr, Database, Model, attr, partition_key, sort_key
from ddbmodel.engine import EngineOptions
from ddbmodel.streams import Change, StreamApp


class Reading(Model, table="readings", stream=True):
    station: Attr[str] = partition_key()
    gauge: Attr[int] = sort_key()
    value: Attr[int] = attr(default=0)


async def test_every_change_of_every_item_comes_once_and_in_order_across_splits_and_reopenings(tmp_path: Path) -> None:
    random = Random(11)
    written: dict[tuple[str, int], list[int]] = defaultdict(list)
    seen: dict[tuple[str, int], list[int]] = defaultdict(list)

    async def measure(db: Database, station: str) -> None:
        for _ in range(12):
            gauge = random.randrange(3)
            values = written[station, gauge]
            values.append(len(values))
            await db.put(Reading(station=station, gauge=gauge, value=values[-1]))

    async def note(event: Change[Reading]) -> None:
        reading = event.new or event.old
        assert reading is not None
        seen[reading.station, reading.gauge].append(reading.value)

    for _ in range(3):
        options = EngineOptions(shard_records=9)
        async with Database.connect(f"file:{tmp_path / 'weather.db'}", engine_options=options) as db:
            await db.create_tables(Reading)
            app = StreamApp(db, name="weather", start="trim_horizon")
            app.on(Reading)(note)
            await measure(db, "nobody listens")
            async with app.running():
                await asyncio.gather(*(measure(db, station) for station in "abcd"))
                await app.drain()
                # This goes on while the application ends; the rest is for the next opening.
                await measure(db, "e")

    async with Database.connect(f"file:{tmp_path / 'weather.db'}") as db:
        app = StreamApp(db, name="weather")
        app.on(Reading)(note)
        async with app.running():
            await app.drain()
        [stream] = (await db.executor.execute("ListStreams", {"TableName": "readings"}))["Streams"]
        request = {"StreamArn": stream["StreamArn"]}
        shards = (await db.executor.execute("DescribeStream", request))["StreamDescription"]["Shards"]

    assert seen == written
    assert len(shards) > 20
