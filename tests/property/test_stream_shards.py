"""Streams whose shards roll, split, close and are trimmed, against a plain list of what was written."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from typing import Any, NamedTuple

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from ddbmodel.engine.clock import ManualClock
from ddbmodel.engine.engine import Engine
from ddbmodel.engine.options import EngineOptions
from ddbmodel.errors import ServiceError

DAY_S = 86_400.0
QUARTER_S = 900.0

item_ids = st.sampled_from("abcdefgh")
pauses = st.sampled_from([0.0, 0.5, 60.0, QUARTER_S, 3600.0, 5 * 3600.0, 13 * 3600.0, DAY_S])
engine_options = st.builds(
    EngineOptions,
    shard_lifetime_s=st.none() | st.sampled_from([3600.0, 4 * 3600.0, 40 * 3600.0]),
    shard_records=st.none() | st.integers(1, 6),
)


class Write(NamedTuple):
    """One change of an item; no number stands for its removal."""

    item_id: str
    number: int | None
    at_s: float


class Reader(NamedTuple):
    """An iterator and what it will read: the writes of its shard from a place in the log."""

    shard: str
    iterator: str
    place: int
    issued_at_s: float


class StreamAgainstList(RuleBasedStateMachine):
    """One table with a stream; every record has a place in the log of writes."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.clock = ManualClock()
        self.log: list[Write] = []
        self.items: dict[str, int] = {}
        self.readers: list[Reader] = []
        self.shard_of: dict[int, str] = {}
        self.sequence_of: dict[int, int] = {}
        self.parents: dict[str, str | None] = {}
        self.ends: dict[str, int] = {}

    @initialize(options=engine_options)
    def create(self, options: EngineOptions) -> None:
        self.options = options
        self.engine = Engine.open("memory:", clock=self.clock, options=options)
        self.ask(
            "CreateTable",
            TableName="things",
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
        )
        self.arn = self.ask("ListStreams")["Streams"][0]["StreamArn"]

    def teardown(self) -> None:
        self.loop.close()

    # Changes

    @rule(item_ids=st.lists(item_ids, min_size=1, max_size=4, unique=True))
    def put(self, item_ids: list[str]) -> None:
        for item_id in item_ids:
            self.items[item_id] = len(self.log)
            self.log.append(Write(item_id, len(self.log), self.clock.now_s()))
        puts = [{"Put": {"TableName": "things", "Item": self.item(item_id)}} for item_id in item_ids]
        if len(puts) == 1:
            self.ask("PutItem", **puts[0]["Put"])
        else:
            self.ask("TransactWriteItems", TransactItems=puts)

    @rule(item_id=item_ids)
    def delete(self, item_id: str) -> None:
        self.ask("DeleteItem", TableName="things", Key={"id": {"S": item_id}})
        if self.items.pop(item_id, None) is not None:
            self.log.append(Write(item_id, None, self.clock.now_s()))

    @rule(item_id=item_ids)
    def write_the_same(self, item_id: str) -> None:
        if item_id in self.items:
            self.ask("PutItem", TableName="things", Item=self.item(item_id))

    @rule(seconds=pauses)
    def wait(self, seconds: float) -> None:
        self.clock.advance(seconds)

    @rule()
    def reopen(self) -> None:
        """Forget everything that is only in memory, as a new process would."""
        assert self.engine.verify() == []
        store = self.engine._store
        self.engine = Engine(store, clock=self.clock, region="ddbmodel-local", durable=False, options=self.options)

    # Reading

    @rule(data=st.data())
    def stand_at_the_end(self, data: st.DataObject) -> None:
        shard = data.draw(st.sampled_from(self.shards()))["ShardId"]
        self.readers.append(Reader(shard, self.iterator(shard, "LATEST"), len(self.log), self.clock.now_s()))

    @precondition(lambda self: self.readers)
    @rule(data=st.data())
    def read_on(self, data: st.DataObject) -> None:
        reader = self.readers.pop(data.draw(st.integers(0, len(self.readers) - 1)))
        now_s = self.clock.now_s()
        expected = [place for place in range(reader.place, len(self.log)) if self.shard_of[place] == reader.shard]
        is_expired = now_s - reader.issued_at_s > QUARTER_S
        page, error = self.page(reader.iterator, data.draw(st.integers(1, 5)))
        if error == "ExpiredIteratorException":
            assert is_expired
            return
        if error == "TrimmedDataAccessException":
            assert self.log[expected[0]].at_s < now_s - DAY_S
            return
        if error is not None:
            assert error == "ResourceNotFoundException"
            assert reader.shard not in [shard["ShardId"] for shard in self.shards()]
            return
        assert not is_expired
        found = [self.place_of(record) for record in page["Records"]]
        assert found == expected[: len(found)]
        assert found or not expected
        following = page.get("NextShardIterator")
        if following is None:
            assert found == expected
            assert all(bounds(shard)[1] for shard in self.shards() if shard["ShardId"] == reader.shard)
        else:
            place = found[-1] + 1 if found else reader.place
            self.readers.append(Reader(reader.shard, following, place, now_s))

    @rule(data=st.data())
    def stand_at_a_record(self, data: st.DataObject) -> None:
        shard = data.draw(st.sampled_from(self.shards()))["ShardId"]
        records = self.read(shard)
        if records:
            position = data.draw(st.integers(0, len(records) - 1))
            sequence = records[position]["dynamodb"]["SequenceNumber"]
            assert self.read(shard, "AT_SEQUENCE_NUMBER", SequenceNumber=sequence) == records[position:]
            assert self.read(shard, "AFTER_SEQUENCE_NUMBER", SequenceNumber=sequence) == records[position + 1 :]

    @rule(data=st.data(), ago_s=st.integers(0, 40).map(lambda hours: hours * 3600.0 - 0.25))
    def stand_at_a_time(self, data: st.DataObject, ago_s: float) -> None:
        shard = data.draw(st.sampled_from(self.shards()))["ShardId"]
        moment_s = min(self.clock.now_s(), self.clock.now_s() - ago_s)

        found = self.read(shard, "AT_TIMESTAMP", Timestamp=moment_s)

        everything = self.read(shard)
        assert found == [record for record in everything if self.log[self.place_of(record)].at_s >= moment_s]

    # What always holds

    @invariant()
    def the_shards_hold_what_was_written_in_the_last_day(self) -> None:
        found: list[tuple[int, str, dict[str, Any]]] = []
        order: list[str] = []
        shards = self.shards()
        listed = {shard["ShardId"] for shard in shards}
        for shard in shards:
            (start, end), shard_id, parent = bounds(shard), shard["ShardId"], shard.get("ParentShardId")
            order.append(shard_id)
            records = self.read(shard_id)
            numbers = [int(record["dynamodb"]["SequenceNumber"]) for record in records]
            assert numbers == sorted(set(numbers))
            assert all(start <= number and (end is None or number <= end) for number in numbers)
            assert self.options.shard_records is None or len(records) <= self.options.shard_records
            assert self.parents.setdefault(shard_id, parent) == parent
            assert end is None or start <= end == self.ends.setdefault(shard_id, end)
            if parent is not None:
                assert start > self.ends[parent]
                assert parent in order or parent not in listed
            found += [(number, shard_id, record) for number, record in zip(numbers, records, strict=True)]
        found.sort(key=lambda each: each[0])
        horizon_s = self.clock.now_s() - DAY_S
        places = [place for place, write in enumerate(self.log) if write.at_s >= horizon_s]
        for place, (number, shard_id, record) in zip(places, found, strict=True):
            assert content(record) == self.log[place][:2]
            assert self.shard_of.setdefault(place, shard_id) == shard_id
            assert self.sequence_of.setdefault(place, number) == number

        self.check_lineage()

    def check_lineage(self) -> None:
        """Check that the records of an item are in one line of shards, each an ancestor of the next."""
        for item_id in self.items:
            places = [place for place, write in enumerate(self.log) if write.item_id == item_id]
            for earlier, later in pairwise(self.shard_of[place] for place in places):
                ancestor: str | None = later
                while ancestor is not None and ancestor != earlier:
                    ancestor = self.parents[ancestor]
                assert ancestor == earlier

    # Asking

    def ask(self, operation: str, **request: Any) -> dict[str, Any]:
        return self.loop.run_until_complete(self.engine.execute(operation, request))

    def item(self, item_id: str) -> dict[str, Any]:
        return {"id": {"S": item_id}, "number": {"N": str(self.items[item_id])}}

    def shards(self) -> list[dict[str, Any]]:
        shards: list[dict[str, Any]] = []
        request: dict[str, Any] = {"StreamArn": self.arn}
        while True:
            description = self.ask("DescribeStream", **request)["StreamDescription"]
            shards += description["Shards"]
            if "LastEvaluatedShardId" not in description:
                return shards
            request["ExclusiveStartShardId"] = description["LastEvaluatedShardId"]

    def iterator(self, shard: str, kind: str, **place: Any) -> str:
        answer = self.ask("GetShardIterator", StreamArn=self.arn, ShardId=shard, ShardIteratorType=kind, **place)
        iterator: str = answer["ShardIterator"]
        return iterator

    def page(self, iterator: str, limit: int) -> tuple[dict[str, Any], str | None]:
        """Return the answer, or the name of the error."""
        try:
            return self.ask("GetRecords", ShardIterator=iterator, Limit=limit), None
        except ServiceError as error:
            return {}, error.code

    def read(self, shard: str, kind: str = "TRIM_HORIZON", **place: Any) -> list[dict[str, Any]]:
        iterator: str | None = self.iterator(shard, kind, **place)
        records: list[dict[str, Any]] = []
        while iterator is not None:
            page = self.ask("GetRecords", ShardIterator=iterator, Limit=3)
            records += page["Records"]
            iterator = page.get("NextShardIterator") if page["Records"] else None
        return records

    def place_of(self, record: dict[str, Any]) -> int:
        number = int(record["dynamodb"]["SequenceNumber"])
        return next(place for place, each in self.sequence_of.items() if each == number)


def bounds(shard: dict[str, Any]) -> tuple[int, int | None]:
    sequences = shard["SequenceNumberRange"]
    end = sequences.get("EndingSequenceNumber")
    return int(sequences["StartingSequenceNumber"]), None if end is None else int(end)


def content(record: dict[str, Any]) -> tuple[str, int | None]:
    image = record["dynamodb"].get("NewImage")
    return record["dynamodb"]["Keys"]["id"]["S"], None if image is None else int(image["number"]["N"])


TestStreamAgainstList = StreamAgainstList.TestCase
