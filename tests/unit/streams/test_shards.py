"""Reading the streams of a service: polled, in shards that close and have children, with what can go wrong."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import pytest

from ddbmodel import errors
from ddbmodel.model import Attr, Model, attr, partition_key
from ddbmodel.streams import Insert, StreamApp

ARN = "arn:aws:dynamodb:eu-west-1:000000000000:table/orders/stream/1"


class Order(Model, table="orders", stream=True):
    id: Attr[str] = partition_key()
    amount: Attr[int] = attr(default=0)


@dataclass
class Shard:
    parent: str | None = None
    records: list[dict[str, Any]] = field(default_factory=list)
    is_closed: bool = False
    trimmed_to: int = 0


class ShardedStream:
    """A service whose stream is made by hand; its tables, the cursors among them, are an engine's.

    Nothing says when records are added, as on the service.
    """

    def __init__(self, tables: Any) -> None:
        self._tables = tables
        self.shards: dict[str, Shard] = {}
        self.status = "ENABLED"
        self.faults: list[errors.ServiceError] = []
        self.empty_pages = 0
        self.calls: Counter[str] = Counter()
        self.oldest_iterator = 0
        self._sequence = 0

    def write(self, shard: str, item: str, amount: int = 0) -> None:
        self._sequence += 1
        image = {"id": {"S": item}, "amount": {"N": str(amount)}}
        body = {
            "ApproximateCreationDateTime": 1_700_000_000,
            "Keys": {"id": image["id"]},
            "NewImage": image,
            "SequenceNumber": str(self._sequence),
        }
        self.shards[shard].records.append({"eventID": f"e{self._sequence}", "eventName": "INSERT", "dynamodb": body})

    async def execute(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        self.calls[operation] += 1
        if operation == "DescribeTable" and request["TableName"] == "orders":
            specification = {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}
            return {"Table": {"LatestStreamArn": ARN, "StreamSpecification": specification}}
        if operation == "DescribeStream":
            return {"StreamDescription": self._description(request)}
        if operation == "GetShardIterator":
            after = int(request.get("SequenceNumber", 0))
            if 0 < after < self.shards[request["ShardId"]].trimmed_to:
                raise errors.service_error("TrimmedDataAccessException", "gone")
            return {"ShardIterator": self._iterator(request["ShardId"], after)}
        if operation == "GetRecords":
            if self.faults:
                raise self.faults.pop(0)
            return self._page(request["ShardIterator"])
        response: dict[str, Any] = await self._tables.execute(operation, request)
        return response

    def _description(self, request: dict[str, Any]) -> dict[str, Any]:
        # One shard a page, so that paging is seen to work.
        names = list(self.shards)
        after = request.get("ExclusiveStartShardId")
        at = names.index(after) + 1 if after else 0
        page = []
        for name in names[at : at + 1]:
            shard = self.shards[name]
            numbers = {"StartingSequenceNumber": "1"} | ({"EndingSequenceNumber": "9"} if shard.is_closed else {})
            page.append({"ShardId": name, "SequenceNumberRange": numbers})
            if shard.parent:
                page[-1]["ParentShardId"] = shard.parent
        more = {"LastEvaluatedShardId": names[at]} if at + 1 < len(names) else {}
        return {"Shards": page, "StreamStatus": self.status, **more}

    def _page(self, iterator: str) -> dict[str, Any]:
        name, after, number = iterator.split("|")
        if int(number) < self.oldest_iterator:
            raise errors.service_error("ExpiredIteratorException", "too old")
        if self.empty_pages:
            self.empty_pages -= 1
            return {"Records": [], "NextShardIterator": self._iterator(name, int(after))}
        shard = self.shards[name]
        left = [record for record in shard.records if int(record["dynamodb"]["SequenceNumber"]) > int(after)]
        page = left[:3]
        if shard.is_closed and len(page) == len(left):
            return {"Records": page}
        end = page[-1]["dynamodb"]["SequenceNumber"] if page else after
        return {"Records": page, "NextShardIterator": self._iterator(name, int(end))}

    def _iterator(self, shard: str, after: int) -> str:
        return f"{shard}|{after}|{sum(self.calls.values())}"

    def expire_iterators(self) -> None:
        self.oldest_iterator = sum(self.calls.values()) + 1


@dataclass
class Service:
    """What `StreamApp` needs of a database."""

    executor: ShardedStream


@pytest.fixture
def service(store: Any) -> Service:
    return Service(ShardedStream(store.executor))


def _app(service: Service, start: Any = "trim_horizon") -> tuple[StreamApp, list[str]]:
    app = StreamApp(service, name="app", start=start)  # type: ignore[arg-type]  # faults are no part of the waist
    seen: list[str] = []

    @app.on(Order)
    async def record(event: Insert[Order]) -> None:
        seen.append(event.new.id)

    return app, seen


async def test_a_polled_stream_is_read_to_its_end(service: Service) -> None:
    stream = service.executor
    stream.shards["a"] = Shard()
    app, seen = _app(service)

    async with app.running():
        for number in range(10):
            stream.write("a", f"{number}")
        await app.drain()

    assert seen == [f"{number}" for number in range(10)]


async def test_an_empty_page_is_not_taken_for_the_end(service: Service) -> None:
    stream = service.executor
    stream.shards["a"] = Shard()
    stream.write("a", "behind empty pages")
    stream.empty_pages = 3
    app, seen = _app(service)

    async with app.running():
        await app.drain()

    assert seen == ["behind empty pages"]


async def test_an_idle_stream_is_asked_about_once_a_second(service: Service) -> None:
    stream = service.executor
    stream.shards["a"] = Shard()
    app, seen = _app(service)

    async with app.running():
        await asyncio.sleep(60)
        assert 50 < stream.calls["GetRecords"] < 70
        stream.write("a", "late")
        await asyncio.sleep(1.1)
        assert seen == ["late"]


async def test_the_last_records_of_a_closed_shard_and_those_of_its_children_are_delivered(service: Service) -> None:
    stream = service.executor
    stream.shards["parent"] = Shard()
    app, seen = _app(service)

    async with app.running():
        stream.write("parent", "1")
        await app.drain()
        stream.write("parent", "2")
        stream.shards["parent"].is_closed = True
        stream.shards["left"] = Shard("parent")
        stream.shards["right"] = Shard("parent")
        stream.write("left", "3")
        stream.write("right", "4")
        await app.drain()

    assert seen[:2] == ["1", "2"]
    assert sorted(seen[2:]) == ["3", "4"]


async def test_a_child_that_is_not_visible_yet_when_its_parent_ends_is_found(service: Service) -> None:
    stream = service.executor
    stream.shards["parent"] = Shard(is_closed=True)
    app, seen = _app(service)

    async with app.running():
        await asyncio.sleep(20)
        stream.shards["child"] = Shard("parent")
        stream.write("child", "1")
        await asyncio.sleep(2)
        assert seen == ["1"]


async def test_children_wait_until_their_parent_is_completed_but_only_for_the_handler_that_is_late(
    service: Service,
) -> None:
    stream = service.executor
    stream.shards["parent"] = Shard(is_closed=True)
    stream.shards["child"] = Shard("parent")
    stream.write("parent", "1")
    stream.write("child", "2")
    app, seen = _app(service)
    late: list[str] = []

    @app.on(Order)
    async def slow(event: Insert[Order]) -> None:
        if event.attempt < 5:
            raise RuntimeError
        late.append(event.new.id)

    async with app.running():
        await asyncio.sleep(0.2)
        assert (seen, late) == (["1", "2"], [])
        await app.drain()

    assert late == ["1", "2"]


async def test_a_shard_whose_parent_is_forgotten_is_read_from_its_beginning(service: Service) -> None:
    stream = service.executor
    stream.shards["child"] = Shard("older than a day")
    stream.write("child", "1")
    app, seen = _app(service)

    async with app.running():
        await app.drain()

    assert seen == ["1"]


async def test_a_shard_that_is_gone_before_it_was_completed_ends_the_reading_and_is_never_passed_over(
    service: Service,
) -> None:
    stream = service.executor
    stream.shards["parent"] = Shard()
    app, seen = _app(service)
    async with app.running():
        stream.write("parent", "1")
        await app.drain()
    # It is closed, completed by nobody, and forgotten, and so is its child.
    del stream.shards["parent"]
    stream.shards["grandchild"] = Shard("child")
    stream.write("grandchild", "5")

    again, seen_again = _app(service)
    with pytest.raises(errors.ServiceError, match="TrimmedDataAccessException: handler 'record' was away for so long"):
        async with again.running():
            await asyncio.sleep(100)

    assert (seen, seen_again) == (["1"], [])


async def test_a_shard_that_is_gone_after_it_was_completed_is_no_loss(service: Service) -> None:
    stream = service.executor
    stream.shards["parent"] = Shard(is_closed=True)
    stream.shards["child"] = Shard("parent")
    stream.write("parent", "1")
    app, seen = _app(service)
    async with app.running():
        await app.drain()
    del stream.shards["parent"]
    stream.write("child", "2")

    async with app.running():
        await app.drain()

    assert seen == ["1", "2"]


async def test_what_was_gone_before_the_first_start_is_no_loss_at_a_later_one(service: Service) -> None:
    stream = service.executor
    stream.shards["child"] = Shard("older than a day")
    app, seen = _app(service)
    async with app.running():
        await app.drain()
    stream.write("child", "1")

    async with app.running():
        await app.drain()

    assert seen == ["1"]


async def test_a_shard_that_is_forgotten_while_it_is_completed_is_waited_for(service: Service) -> None:
    stream = service.executor
    stream.shards["parent"] = Shard(is_closed=True)
    stream.shards["child"] = Shard("parent")
    stream.write("parent", "1")
    stream.write("child", "2")
    app = StreamApp(service, name="app", start="trim_horizon")  # type: ignore[arg-type]  # as in _app
    seen: list[str] = []

    @app.on(Order)
    async def slow(event: Insert[Order]) -> None:
        await asyncio.sleep(100)
        seen.append(event.new.id)

    async with app.running():
        await asyncio.sleep(20)
        del stream.shards["parent"]
        await app.drain(timeout=1000)

    assert seen == ["1", "2"]


async def test_starting_at_now_leaves_out_all_that_is_in_the_shards_and_nothing_of_later_shards(
    service: Service,
) -> None:
    stream = service.executor
    stream.shards["closed"] = Shard(is_closed=True)
    stream.shards["open"] = Shard("closed")
    stream.write("closed", "old")
    for _ in range(5):
        stream.write("open", "old")
    app, seen = _app(service, "now")

    async with app.running():
        stream.write("open", "1")
        stream.shards["open"].is_closed = True
        stream.shards["child"] = Shard("open")
        stream.write("child", "2")
        await app.drain()

    assert seen == ["1", "2"]


async def test_a_completed_shard_is_not_read_again_after_a_restart(service: Service) -> None:
    stream = service.executor
    stream.shards["parent"] = Shard(is_closed=True)
    stream.shards["child"] = Shard("parent")
    stream.write("parent", "1")
    stream.write("child", "2")
    first, seen_first = _app(service)
    async with first.running():
        await first.drain()
    stream.write("child", "3")

    second, seen_second = _app(service)
    async with second.running():
        await second.drain()

    assert (seen_first, seen_second) == (["1", "2"], ["3"])


async def test_an_expired_iterator_is_replaced_by_one_after_the_last_record_read(service: Service) -> None:
    stream = service.executor
    stream.shards["a"] = Shard()
    app, seen = _app(service)

    async with app.running():
        stream.write("a", "1")
        await app.drain()
        stream.expire_iterators()
        stream.write("a", "2")
        await app.drain()

    assert seen == ["1", "2"]


async def test_a_reader_of_the_oldest_records_follows_them_when_they_move_on(service: Service) -> None:
    stream = service.executor
    stream.shards["a"] = Shard()
    app, seen = _app(service)

    async with app.running():
        await app.drain()
        stream.faults = [errors.service_error("TrimmedDataAccessException", "the horizon has moved")]
        stream.write("a", "1")
        await app.drain()

    assert seen == ["1"]


async def test_a_service_that_is_busy_is_asked_again(service: Service) -> None:
    stream = service.executor
    stream.shards["a"] = Shard()
    stream.write("a", "1")
    stream.faults = [errors.service_error("LimitExceededException", "slow down") for _ in range(3)]
    app, seen = _app(service)

    async with app.running():
        await app.drain()

    assert seen == ["1"]


async def test_records_that_are_gone_end_the_reading_and_are_never_skipped(service: Service) -> None:
    stream = service.executor
    stream.shards["a"] = Shard()
    app, seen = _app(service)
    async with app.running():
        stream.write("a", "1")
        await app.drain()
    for number in range(2, 6):
        stream.write("a", f"{number}")
    stream.shards["a"].trimmed_to = 4

    with pytest.raises(errors.ServiceError, match="TrimmedDataAccessException"):
        async with app.running():
            await asyncio.sleep(100)

    assert seen == ["1"]


async def test_a_handler_that_is_far_behind_does_not_hold_up_another(service: Service) -> None:
    stream = service.executor
    stream.shards["a"] = Shard()
    app, seen = _app(service)

    @app.on(Order)
    async def stuck(event: Insert[Order]) -> None:
        await asyncio.Event().wait()

    for number in range(2500):
        stream.write("a", f"{number}")
    async with app.running():
        with pytest.raises(errors.StreamHandlerFailed, match="'stuck'"):
            await app.drain(timeout=100)

    assert len(seen) == len(set(seen)) == 2500


async def test_cursors_that_could_not_be_stored_are_stored_later(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = service.executor
    stream.shards["a"] = Shard()
    refusals = [errors.OutcomeUnknown("no answer"), errors.service_error("ThrottlingException", "slow down")]
    execute = stream.execute

    async def refuse(operation: str, request: dict[str, Any]) -> dict[str, Any]:
        if operation == "PutItem" and "after" in request["Item"] and refusals:
            raise refusals.pop()
        return await execute(operation, request)

    monkeypatch.setattr(stream, "execute", refuse)
    app, _ = _app(service)
    async with app.running():
        stream.write("a", "1")
        await app.drain()

    again, seen = _app(service)
    async with again.running():
        await again.drain()
    assert refusals == []
    assert seen == []
