"""Time to live: set and described, and the items that go by it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from table_requests import create_request, definitions, index, key_schema, refusal

from ddbmodel.engine import Engine, EngineOptions, ManualClock
from ddbmodel.engine.expiry import expired_bounds, expiry_key, item_key_of

NOW_S = 1_700_000_000.0
FIVE_YEARS_S = 5 * 365 * 86_400
INTERVAL = "ValidationException: Time to live has been modified multiple times within a fixed interval"


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW_S)


async def _opened(clock: ManualClock, **options: Any) -> Engine:
    engine = Engine.open(clock=clock, options=EngineOptions(**options))
    await engine.execute(
        "CreateTable",
        create_request(
            KeySchema=key_schema("PK"),
            AttributeDefinitions=definitions(pk="S", a="S"),
            GlobalSecondaryIndexes=[index("by-a", "A")],
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "OLD_IMAGE"},
        ),
    )
    return engine


@pytest.fixture
async def engine(clock: ManualClock) -> AsyncIterator[Engine]:
    engine = await _opened(clock)
    yield engine
    assert engine.verify() == []
    await engine.close()


def _setting(attribute: str = "until", *, enabled: bool = True) -> dict[str, Any]:
    return {"TableName": "films", "TimeToLiveSpecification": {"AttributeName": attribute, "Enabled": enabled}}


async def _enable(engine: Engine) -> None:
    await engine.execute("UpdateTimeToLive", _setting())


async def _described(engine: Engine) -> dict[str, str]:
    answer = await engine.execute("DescribeTimeToLive", {"TableName": "films"})
    description: dict[str, str] = answer["TimeToLiveDescription"]
    return description


async def _put(engine: Engine, name: str, until: object = None, **attributes: Any) -> None:
    value = {"until": until if isinstance(until, dict) else {"N": str(until)}} if until is not None else {}
    item = {"pk": {"S": name}, "a": {"S": "x"}} | value | attributes
    await engine.execute("PutItem", {"TableName": "films", "Item": item})


async def _names(engine: Engine, **request: Any) -> set[str]:
    page = await engine.execute("Scan", {"TableName": "films", **request})
    return {item["pk"]["S"] for item in page["Items"]}


async def test_it_is_disabled_until_it_is_enabled(engine: Engine) -> None:
    assert await _described(engine) == {"TimeToLiveStatus": "DISABLED"}

    answer = await engine.execute("UpdateTimeToLive", _setting())

    assert answer == {"TimeToLiveSpecification": {"AttributeName": "until", "Enabled": True}}
    assert await _described(engine) == {"TimeToLiveStatus": "ENABLED", "AttributeName": "until"}


async def test_a_setting_is_changed_once_an_hour_and_only_to_another(engine: Engine, clock: ManualClock) -> None:
    assert await refusal(engine, "UpdateTimeToLive", _setting(enabled=False)) == (
        "ValidationException: TimeToLive is already disabled"
    )
    await _enable(engine)

    # What is wrong with the setting itself is said before that it is too early.
    assert await refusal(engine, "UpdateTimeToLive", _setting()) == "ValidationException: TimeToLive is already enabled"
    assert await refusal(engine, "UpdateTimeToLive", _setting("other")) == (
        "ValidationException: TimeToLive is active on a different AttributeName: current AttributeName is until"
    )
    assert await refusal(engine, "UpdateTimeToLive", _setting(enabled=False)) == INTERVAL
    clock.advance(3599)
    assert await refusal(engine, "UpdateTimeToLive", _setting(enabled=False)) == INTERVAL
    clock.advance(1)
    await engine.execute("UpdateTimeToLive", _setting(enabled=False))
    assert await _described(engine) == {"TimeToLiveStatus": "DISABLED"}
    assert await refusal(engine, "UpdateTimeToLive", _setting("other")) == INTERVAL
    clock.advance(3600)
    await engine.execute("UpdateTimeToLive", _setting("other"))


async def test_enabling_and_disabling_take_the_tables_delay(clock: ManualClock) -> None:
    engine = await _opened(clock, table_delay_s=5.0)
    clock.advance(5)
    await _put(engine, "old", NOW_S - 1)
    await _enable(engine)

    assert await _described(engine) == {"TimeToLiveStatus": "ENABLING", "AttributeName": "until"}
    assert await _names(engine) == {"old"}
    clock.advance(5)
    assert await _described(engine) == {"TimeToLiveStatus": "ENABLED", "AttributeName": "until"}
    assert await _names(engine) == set()
    clock.advance(3600)
    await engine.execute("UpdateTimeToLive", _setting(enabled=False))
    assert await _described(engine) == {"TimeToLiveStatus": "DISABLING", "AttributeName": "until"}
    clock.advance(5)
    assert await _described(engine) == {"TimeToLiveStatus": "DISABLED"}
    await engine.close()


async def test_items_go_when_their_moment_is_past(engine: Engine, clock: ManualClock) -> None:
    await _enable(engine)
    await _put(engine, "soon", NOW_S + 10)
    await _put(engine, "later", "1700000020.5")
    await _put(engine, "never")

    clock.advance(10)
    assert await _names(engine) == {"soon", "later", "never"}
    clock.advance(1)
    assert await _names(engine) == {"later", "never"}
    assert await _names(engine, IndexName="by-a") == {"later", "never"}
    clock.advance(10)
    assert await _names(engine) == {"never"}


async def test_items_that_were_there_before_go_too(engine: Engine, clock: ManualClock) -> None:
    await _put(engine, "old", NOW_S - 10)
    assert await _names(engine) == {"old"}

    await _enable(engine)
    clock.advance(1)

    assert await _names(engine) == set()


async def test_what_is_no_moment_of_the_last_five_years_stays(engine: Engine, clock: ManualClock) -> None:
    await _enable(engine)
    await _put(engine, "text", {"S": str(NOW_S - 10)})
    await _put(engine, "milliseconds", NOW_S * 1000)
    await _put(engine, "huge", {"N": "9.9E+125"})
    await _put(engine, "negative", -1)
    await _put(engine, "list", {"L": [{"N": "1"}]})
    await _put(engine, "too-old", NOW_S - FIVE_YEARS_S - 100)
    await _put(engine, "not-too-old", NOW_S - FIVE_YEARS_S + 100)

    clock.advance(2)

    assert await _names(engine) == {"text", "milliseconds", "huge", "negative", "list", "too-old"}


async def test_an_item_whose_moment_is_moved_stays_as_long(engine: Engine, clock: ManualClock) -> None:
    await _enable(engine)
    for name in ("moved", "kept", "freed", "deleted"):
        await _put(engine, name, NOW_S + 10)
    await _put(engine, "moved", NOW_S + 100)
    await _put(engine, "kept", NOW_S + 10, b={"S": "other"})
    await _put(engine, "freed")
    await engine.execute("DeleteItem", {"TableName": "films", "Key": {"pk": {"S": "deleted"}}})

    assert engine.verify() == []
    clock.advance(11)
    assert await _names(engine) == {"moved", "freed"}
    clock.advance(90)
    assert await _names(engine) == {"freed"}


async def test_nothing_expires_after_it_is_disabled(engine: Engine, clock: ManualClock) -> None:
    await _enable(engine)
    await _put(engine, "old", NOW_S + 3601)
    clock.advance(3600)
    await engine.execute("UpdateTimeToLive", _setting(enabled=False))
    clock.advance(100)

    assert await _names(engine) == {"old"}


async def test_expired_items_stay_for_the_delay(clock: ManualClock) -> None:
    engine = await _opened(clock, expiry_delay_s=48 * 3600.0)
    await _enable(engine)
    await _put(engine, "old", NOW_S + 1)

    clock.advance(48 * 3600)
    assert await _names(engine) == {"old"}
    clock.advance(2)
    assert await _names(engine) == set()
    await engine.close()


async def test_many_items_go_a_hundred_at_a_time(engine: Engine, clock: ManualClock) -> None:
    await _enable(engine)
    for number in range(250):
        await _put(engine, str(number), NOW_S + 1)
    clock.advance(2)

    counts = [len(await _names(engine)) for _ in range(4)]

    assert counts[0] <= 150
    assert counts[-1] == 0


def test_keys_are_ordered_by_moment_and_give_the_item_back() -> None:
    items = [{"t": {"N": text}} for text in ("0", "0.5", "1700000000", "1700000000.001", "4E+15")]
    keys = [expiry_key("t", b"item", item) for item in items]

    assert None not in keys
    assert keys == sorted(key for key in keys if key is not None)
    assert {item_key_of(key) for key in keys if key is not None} == {b"item"}
    low, high = expired_bounds(NOW_S, 0.0)
    assert [key is not None and low <= key < high for key in keys] == [False, False, False, False, False]
    low, high = expired_bounds(NOW_S + 1, 0.0)
    assert [key is not None and low <= key < high for key in keys] == [False, False, True, True, False]


@pytest.mark.parametrize("value", [None, {"S": "1"}, {"N": "-1"}, {"N": "1E+100"}, {"NULL": True}])
def test_an_item_without_a_moment_has_no_key(value: dict[str, Any] | None) -> None:
    assert expiry_key("t", b"item", {} if value is None else {"t": value}) is None
