"""Reading streams: shards, iterators, pages, and what time does to them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from ddbmodel.engine import Engine, ManualClock
from ddbmodel.engine.streams.iterators import Position, render_iterator
from ddbmodel.errors import ResourceNotFound, ServiceError

DAY_S = 86_400


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def engine(clock: ManualClock) -> AsyncIterator[Engine]:
    engine = Engine.open(clock=clock)
    await engine.execute(
        "CreateTable",
        {
            "TableName": "films",
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
            "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "N"}],
            "BillingMode": "PAY_PER_REQUEST",
            "StreamSpecification": {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
        },
    )
    yield engine
    await engine.close()


async def _put(engine: Engine, *numbers: int, text: str = "") -> None:
    for number in numbers:
        item = {"id": {"N": str(number)}, "text": {"S": text}}
        await engine.execute("PutItem", {"TableName": "films", "Item": item})


async def _set_stream(engine: Engine, enabled: bool) -> None:
    specification = {"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"} if enabled else {"StreamEnabled": False}
    await engine.execute("UpdateTable", {"TableName": "films", "StreamSpecification": specification})


async def _arn(engine: Engine) -> str:
    table = (await engine.execute("DescribeTable", {"TableName": "films"}))["Table"]
    arn: str = table["LatestStreamArn"]
    return arn


async def _iterator(engine: Engine, kind: str = "TRIM_HORIZON", arn: str | None = None, **options: Any) -> str:
    arn = arn or await _arn(engine)
    described = (await engine.execute("DescribeStream", {"StreamArn": arn}))["StreamDescription"]
    request = {"StreamArn": arn, "ShardId": described["Shards"][0]["ShardId"], "ShardIteratorType": kind} | options
    iterator: str = (await engine.execute("GetShardIterator", request))["ShardIterator"]
    return iterator


async def _page(engine: Engine, iterator: str, **options: Any) -> tuple[list[int], str | None]:
    page = await engine.execute("GetRecords", {"ShardIterator": iterator} | options)
    numbers = [int(record["dynamodb"]["Keys"]["id"]["N"]) for record in page["Records"]]
    return numbers, page.get("NextShardIterator")


async def _sequence(engine: Engine, number: int) -> str:
    page = await engine.execute("GetRecords", {"ShardIterator": await _iterator(engine)})
    texts = {record["dynamodb"]["Keys"]["id"]["N"]: record["dynamodb"]["SequenceNumber"] for record in page["Records"]}
    text: str = texts[str(number)]
    return text


async def test_records_come_in_order_of_writing(engine: Engine) -> None:
    await _put(engine, 3, 1, 2)

    numbers, following = await _page(engine, await _iterator(engine))
    assert numbers == [3, 1, 2]
    assert following is not None
    await _put(engine, 4)
    assert (await _page(engine, following))[0] == [4]


async def test_writing_the_same_again_adds_no_record(engine: Engine) -> None:
    await _put(engine, 1, 1, 1)

    assert (await _page(engine, await _iterator(engine)))[0] == [1]


async def test_latest_begins_behind_what_is_there(engine: Engine) -> None:
    await _put(engine, 1)
    iterator = await _iterator(engine, "LATEST")
    await _put(engine, 2)

    assert (await _page(engine, iterator))[0] == [2]


async def test_a_sequence_number_can_be_begun_at_or_after(engine: Engine) -> None:
    await _put(engine, 1, 2, 3)
    sequence = await _sequence(engine, 2)

    at = await _iterator(engine, "AT_SEQUENCE_NUMBER", SequenceNumber=sequence)
    after = await _iterator(engine, "AFTER_SEQUENCE_NUMBER", SequenceNumber=sequence)

    assert (await _page(engine, at))[0] == [2, 3]
    assert (await _page(engine, after))[0] == [3]


async def test_a_time_can_be_begun_at(engine: Engine, clock: ManualClock) -> None:
    await _put(engine, 1)
    clock.advance(10)
    await _put(engine, 2)

    at = await _iterator(engine, "AT_TIMESTAMP", Timestamp=clock.now_s() - 5)
    now = await _iterator(engine, "AT_TIMESTAMP", Timestamp=clock.now_s())

    assert (await _page(engine, at))[0] == [2]
    assert (await _page(engine, now))[0] == [2]
    for future in (clock.now_s() + 1, float("inf"), float("nan")):
        with pytest.raises(ServiceError, match="future"):
            await _iterator(engine, "AT_TIMESTAMP", Timestamp=future)


@pytest.mark.parametrize(
    ("kind", "place", "says"),
    [
        ("LATEST", {"SequenceNumber": "1" + "0" * 20}, "SequenceNumber should not be passed for this iterator type"),
        ("AT_TIMESTAMP", {"SequenceNumber": "1" + "0" * 20, "Timestamp": 0}, "SequenceNumber should not be passed"),
        ("TRIM_HORIZON", {"Timestamp": 0}, "Timestamp should not be passed for this iterator type"),
        ("AT_TIMESTAMP", {}, "Invalid Timestamp"),
        ("AT_SEQUENCE_NUMBER", {}, "One or more parameter values were invalid: Invalid SequenceNumber"),
        ("AFTER_SEQUENCE_NUMBER", {"SequenceNumber": "x" * 21}, "Invalid SequenceNumber"),
        ("AFTER_SEQUENCE_NUMBER", {"SequenceNumber": "\u0661" * 21}, "Invalid SequenceNumber"),
        ("AFTER_SEQUENCE_NUMBER", {"SequenceNumber": "9" * 40}, "Invalid SequenceNumber for the shard"),
    ],
)
async def test_an_iterator_type_has_its_own_place_and_no_other(
    engine: Engine, kind: str, place: dict[str, Any], says: str
) -> None:
    with pytest.raises(ServiceError, match=f"ValidationException: .*{says}"):
        await _iterator(engine, kind, **place)


async def test_an_iterator_of_the_oldest_records_is_passed_by_when_they_are_trimmed(
    engine: Engine, clock: ManualClock
) -> None:
    await _put(engine, 1)
    clock.advance(DAY_S)
    await _put(engine, 2)
    iterator = await _iterator(engine)
    assert (await _page(engine, iterator))[0] == [1, 2]
    clock.advance(1)

    with pytest.raises(ServiceError, match="TrimmedDataAccessException: The data you are trying to access has been"):
        await _page(engine, iterator)
    assert (await _page(engine, await _iterator(engine)))[0] == [2]


async def test_a_page_ends_at_its_limit_and_the_next_goes_on(engine: Engine) -> None:
    await _put(engine, *range(250))

    first, following = await _page(engine, await _iterator(engine), Limit=120)
    assert following is not None
    second, _ = await _page(engine, following)

    assert first + second == list(range(250))
    assert len(first) == 120


async def test_a_page_holds_a_megabyte(engine: Engine) -> None:
    await _put(engine, *range(5), text="x" * 300_000)

    first, following = await _page(engine, await _iterator(engine))
    assert following is not None
    second, _ = await _page(engine, following)

    assert (first, second) == ([0, 1, 2], [3, 4])


async def test_an_iterator_can_be_used_again(engine: Engine) -> None:
    await _put(engine, 1)
    iterator = await _iterator(engine)

    assert await _page(engine, iterator) == await _page(engine, iterator)


async def test_an_iterator_expires_after_a_quarter_of_an_hour(engine: Engine, clock: ManualClock) -> None:
    iterator = await _iterator(engine)
    clock.advance(900)
    await _page(engine, iterator)
    clock.advance(1)

    with pytest.raises(ServiceError, match="ExpiredIteratorException: Shard iterator has expired"):
        await _page(engine, iterator)


@pytest.mark.parametrize("text", ["x", "arn:aws|1|bm8=", "arn:aws|1|W10=", "arn:aws|1|WyJhIiwxLDJd", "arn:a|1|="])
async def test_other_texts_are_no_iterators(engine: Engine, text: str) -> None:
    with pytest.raises(ServiceError, match="Invalid ShardIterator"):
        await engine.execute("GetRecords", {"ShardIterator": text})


async def test_records_can_be_read_for_a_day(engine: Engine, clock: ManualClock) -> None:
    await _put(engine, 1)
    clock.advance(DAY_S)
    assert (await _page(engine, await _iterator(engine)))[0] == [1]
    await _put(engine, 2)
    clock.advance(1)

    assert (await _page(engine, await _iterator(engine)))[0] == [2]


async def test_a_reader_who_missed_records_is_told(engine: Engine, clock: ManualClock) -> None:
    await _put(engine, 1, 2)
    sequence = await _sequence(engine, 1)
    clock.advance(DAY_S - 800)
    _, following = await _page(engine, await _iterator(engine), Limit=1)
    assert following is not None
    clock.advance(801)

    with pytest.raises(ServiceError, match="TrimmedDataAccessException"):
        await _page(engine, following)
    with pytest.raises(ServiceError, match="TrimmedDataAccessException"):
        await _iterator(engine, "AFTER_SEQUENCE_NUMBER", SequenceNumber=sequence)


async def test_a_reader_of_a_stream_that_was_quiet_for_days_goes_on(engine: Engine, clock: ManualClock) -> None:
    await _put(engine, 1, 2)
    first, second = await _sequence(engine, 1), await _sequence(engine, 2)
    clock.advance(2 * DAY_S)
    await _put(engine, 3)

    iterator = await _iterator(engine, "AFTER_SEQUENCE_NUMBER", SequenceNumber=second)
    assert (await _page(engine, iterator))[0] == [3]
    with pytest.raises(ServiceError, match="TrimmedDataAccessException"):
        await _iterator(engine, "AT_SEQUENCE_NUMBER", SequenceNumber=second)
    with pytest.raises(ServiceError, match="TrimmedDataAccessException"):
        await _iterator(engine, "AFTER_SEQUENCE_NUMBER", SequenceNumber=first)


async def test_the_last_record_of_a_quiet_stream_is_kept_until_the_stream_is_forgotten(
    engine: Engine, clock: ManualClock
) -> None:
    await _put(engine, 1, 2)
    quiet = await _sequence(engine, 2)
    specification = {"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"}
    await engine.execute(
        "CreateTable",
        {
            "TableName": "busy",
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
            "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "N"}],
            "BillingMode": "PAY_PER_REQUEST",
            "StreamSpecification": specification,
        },
    )

    async def be_busy() -> None:
        clock.advance(2 * DAY_S)
        await engine.execute("PutItem", {"TableName": "busy", "Item": {"id": {"N": str(int(clock.now_s()))}}})

    for _ in range(3):
        await be_busy()
    iterator = await _iterator(engine, "AFTER_SEQUENCE_NUMBER", SequenceNumber=quiet)
    assert (await _page(engine, iterator))[0] == []
    assert engine.verify() == []
    await engine.execute("DeleteTable", {"TableName": "films"})
    for _ in range(3):
        await be_busy()

    rows = engine._store._execute("SELECT count(*) FROM stream_records").fetchone()
    assert rows == (2,)


async def test_sequence_numbers_go_on_when_all_records_are_gone(engine: Engine, clock: ManualClock) -> None:
    await _put(engine, 1, 2)
    before = await _sequence(engine, 2)
    clock.advance(2 * DAY_S)
    await _put(engine, 3)
    clock.advance(2 * DAY_S)
    await _put(engine, 4)

    assert await _sequence(engine, 4) == str(int(before) + 2)
    # The old record that is left shows a reader who stands at it that it has missed nothing.
    kept = [record.record["dynamodb"]["Keys"]["id"]["N"] for record in engine._store.stream_records(2, 0, 10)]
    assert kept == ["3", "4"]


@pytest.mark.parametrize("text", [None, "5", "1" + "0" * 20, "1" + "9" * 20])
async def test_other_sequence_numbers_are_refused(engine: Engine, text: str | None) -> None:
    with pytest.raises(ServiceError, match="ValidationException"):
        await _iterator(engine, "AT_SEQUENCE_NUMBER", SequenceNumber=text)


async def test_the_first_number_of_a_shard_can_be_begun_at_before_it_is_used(engine: Engine) -> None:
    described = await engine.execute("DescribeStream", {"StreamArn": await _arn(engine)})
    first = described["StreamDescription"]["Shards"][0]["SequenceNumberRange"]["StartingSequenceNumber"]

    iterator = await _iterator(engine, "AT_SEQUENCE_NUMBER", SequenceNumber=first)

    await _put(engine, 1)
    assert (await _page(engine, iterator))[0] == [1]


async def test_a_disabled_stream_closes_its_shard_and_stays_readable(engine: Engine, clock: ManualClock) -> None:
    arn = await _arn(engine)
    await _put(engine, 1, 2)
    await _set_stream(engine, False)
    await _put(engine, 3)

    described = (await engine.execute("DescribeStream", {"StreamArn": arn}))["StreamDescription"]
    assert described["StreamStatus"] == "DISABLED"
    assert described["Shards"][0]["SequenceNumberRange"]["EndingSequenceNumber"] == await _sequence(engine, 2)
    first, following = await _page(engine, await _iterator(engine), Limit=1)
    assert (first, following is None) == ([1], False)
    assert await _page(engine, str(following)) == ([2], None)
    assert await _page(engine, await _iterator(engine, "LATEST")) == ([], None)
    clock.advance(DAY_S + 1)
    with pytest.raises(ResourceNotFound):
        await engine.execute("DescribeStream", {"StreamArn": arn})


async def test_a_stream_that_is_enabled_again_is_another_one(engine: Engine) -> None:
    first = await _arn(engine)
    await _set_stream(engine, False)
    await _set_stream(engine, True)
    await _put(engine, 1)

    listed = (await engine.execute("ListStreams", {"TableName": "films"}))["Streams"]
    assert [stream["StreamArn"] for stream in listed] == [first, await _arn(engine)]
    assert (await _page(engine, await _iterator(engine, arn=first)))[0] == []
    assert (await _page(engine, await _iterator(engine)))[0] == [1]
    with pytest.raises(ServiceError, match="already has an enabled stream"):
        await _set_stream(engine, True)


async def test_the_stream_of_a_deleted_table_stays_readable(engine: Engine) -> None:
    arn = await _arn(engine)
    await _put(engine, 1)
    await engine.execute("DeleteTable", {"TableName": "films"})

    assert await _page(engine, await _iterator(engine, arn=arn)) == ([1], None)


async def test_streams_are_listed_in_pages(engine: Engine) -> None:
    await _set_stream(engine, False)
    await _set_stream(engine, True)

    first = await engine.execute("ListStreams", {"Limit": 1})
    second = await engine.execute("ListStreams", {"ExclusiveStartStreamArn": first["LastEvaluatedStreamArn"]})

    assert len(first["Streams"]) == len(second["Streams"]) == 1
    assert "LastEvaluatedStreamArn" not in second


async def test_a_page_of_streams_goes_on_where_one_is_gone_by_now(engine: Engine, clock: ManualClock) -> None:
    for _ in range(2):
        await _set_stream(engine, False)
        clock.advance(1)
        await _set_stream(engine, True)
    everything = [stream["StreamArn"] for stream in (await engine.execute("ListStreams", {}))["Streams"]]
    clock.advance(DAY_S - 1.5)

    following = await engine.execute("ListStreams", {"ExclusiveStartStreamArn": everything[0], "TableName": "films"})

    assert [stream["StreamArn"] for stream in following["Streams"]] == everything[1:]
    assert everything[0] not in [stream["StreamArn"] for stream in (await engine.execute("ListStreams", {}))["Streams"]]
    assert (await engine.execute("ListStreams", {"TableName": "books"}))["Streams"] == []
    with pytest.raises(ServiceError, match="Limit cannot be greater than the maximum allowed size: 100"):
        await engine.execute("ListStreams", {"Limit": 101})


async def test_the_one_shard_has_no_children(engine: Engine) -> None:
    arn = await _arn(engine)
    described = (await engine.execute("DescribeStream", {"StreamArn": arn}))["StreamDescription"]

    children = {"Type": "CHILD_SHARDS", "ShardId": described["Shards"][0]["ShardId"]}
    answer = await engine.execute("DescribeStream", {"StreamArn": arn, "ShardFilter": children})

    assert answer["StreamDescription"]["Shards"] == []


async def test_unknown_streams_and_shards_are_refused(engine: Engine) -> None:
    arn = await _arn(engine)
    request = {"StreamArn": arn, "ShardId": "shardId-" + "0" * 20 + "-1", "ShardIteratorType": "LATEST"}

    with pytest.raises(ResourceNotFound, match=f"Requested resource not found: Stream: {arn}0 not found"):
        await engine.execute("DescribeStream", {"StreamArn": arn + "0"})
    with pytest.raises(ResourceNotFound, match="Requested resource not found: Shard does not exist"):
        await engine.execute("GetShardIterator", request)
    with pytest.raises(ServiceError, match="shardIteratorType"):
        await _iterator(engine, "NEWEST")


@pytest.mark.parametrize("operation", ["DescribeStream", "GetShardIterator", "ListStreams"])
async def test_what_is_no_arn_of_a_stream_is_refused(engine: Engine, operation: str) -> None:
    request = {
        "DescribeStream": {"StreamArn": "x" * 40},
        "GetShardIterator": {"StreamArn": "x" * 40, "ShardId": "x" * 30, "ShardIteratorType": "LATEST"},
        "ListStreams": {"ExclusiveStartStreamArn": "arn:aws:dynamodb:here:000000000000:table/films"},
    }[operation]

    with pytest.raises(ServiceError, match="ValidationException: Invalid StreamArn"):
        await engine.execute(operation, request)


async def test_an_iterator_with_a_number_that_no_record_can_have_is_refused(engine: Engine) -> None:
    iterator = render_iterator(Position(await _arn(engine), 1, 2**63, 0.0))

    with pytest.raises(ServiceError, match="Invalid ShardIterator"):
        await engine.execute("GetRecords", {"ShardIterator": iterator})


async def test_an_iterator_that_was_changed_on_its_way_is_refused(engine: Engine) -> None:
    await _put(engine, 1)
    iterator = await _iterator(engine)
    start = iterator.index("|1|") + 3

    for position in range(start, len(iterator)):
        other = "A" if iterator[position] != "A" else "B"
        with pytest.raises(ServiceError, match="Invalid ShardIterator"):
            await _page(engine, iterator[:position] + other + iterator[position + 1 :])
    for other in (iterator.replace("films", "books"), iterator + "=", iterator[:-1], iterator.replace("|1|", "|2|")):
        with pytest.raises(ServiceError, match="Invalid ShardIterator"):
            await _page(engine, other)
