"""A page whose filter takes long is read in slices: others are answered meanwhile, and nobody sees the seams."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from ddbmodel.engine import AnswerLost, Behaviours, Engine, ManualClock
from ddbmodel.engine.items import pages
from ddbmodel.errors import ServiceError, StorageFailed

TABLE: dict[str, Any] = {
    "TableName": "things",
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
    "ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 4000},
}
COUNT = 2_000
TERMS = 150
# Many terms, of which only the last holds, for one item.
SCAN: dict[str, Any] = {
    "TableName": "things",
    "FilterExpression": " OR ".join([*["n < :no"] * (TERMS - 2), "id = :yes"]),
    "ExpressionAttributeValues": {":no": {"N": "0"}, ":yes": {"S": "7"}},
}

EVERYTHING = f"{SCAN['FilterExpression']} OR n > :no"


async def fill(engine: Engine, count: int = COUNT) -> None:
    await engine.execute("CreateTable", TABLE)
    for start in range(0, count, 25):
        puts = [{"PutRequest": {"Item": {"id": {"S": str(n)}, "n": {"N": "1"}}}} for n in range(start, start + 25)]
        await engine.execute("BatchWriteItem", {"RequestItems": {"things": puts}})


@pytest.fixture(params=["memory", "file"])
async def engine(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Engine]:
    opened = Engine.open("memory:" if request.param == "memory" else f"file:{tmp_path}/slices.db")
    await fill(opened)
    yield opened
    await opened.close()


@pytest.fixture
def small_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    """About twenty slices to a page."""
    monkeypatch.setattr(pages, "SLICE_TERMS", COUNT * TERMS // 20)


async def test_others_are_answered_while_a_page_is_filtered(engine: Engine) -> None:
    scan = asyncio.ensure_future(engine.execute("Scan", SCAN))
    answered = 0
    while not scan.done():
        await engine.execute("PutItem", {"TableName": "things", "Item": {"id": {"S": "7"}, "n": {"N": str(answered)}}})
        answered += 1
        await asyncio.sleep(0)

    # 300,000 terms and what reading counts for, in slices of 60,000.
    assert answered >= 5
    page = scan.result()
    assert [item["id"]["S"] for item in page["Items"]] == ["7"]
    assert (page["ScannedCount"], "LastEvaluatedKey" in page) == (COUNT, False)


async def test_an_ordinary_page_is_read_in_one_go(engine: Engine) -> None:
    others = 0

    async def other() -> None:
        nonlocal others
        while True:
            others += 1
            await asyncio.sleep(0)

    task = asyncio.ensure_future(other())
    page = await engine.execute("Scan", {**SCAN, "FilterExpression": "n < :no OR id = :yes"})
    task.cancel()

    assert (page["Count"], others) == (1, 0)


@pytest.mark.usefixtures("small_slices")
async def test_two_long_pages_go_on_in_turns(engine: Engine) -> None:
    both = await asyncio.gather(engine.execute("Scan", SCAN), engine.execute("Scan", {**SCAN, "Select": "COUNT"}))

    assert [page["ScannedCount"] for page in both] == [COUNT, COUNT]
    assert [both[0]["Count"], both[1]["Count"], "Items" in both[1]] == [1, 1, False]


@pytest.mark.usefixtures("small_slices")
async def test_a_page_of_a_table_that_is_dropped_meanwhile_is_refused(engine: Engine) -> None:
    scan = asyncio.ensure_future(engine.execute("Scan", SCAN))
    await asyncio.sleep(0)
    await engine.execute("DeleteTable", {"TableName": "things"})

    with pytest.raises(ServiceError) as refused:
        await scan
    assert refused.value.code == "ResourceNotFoundException"


@pytest.mark.usefixtures("small_slices")
async def test_of_a_table_that_is_created_anew_meanwhile_only_new_items_are_seen() -> None:
    engine = Engine.open("memory:")
    await fill(engine)
    scan = asyncio.ensure_future(engine.execute("Scan", {**SCAN, "FilterExpression": EVERYTHING}))
    await asyncio.sleep(0)
    await engine.execute("DeleteTable", {"TableName": "things"})
    await fill(engine, 25)

    page = await scan
    await engine.close()

    assert (page["Count"], page["ScannedCount"]) == (25, 25)


@pytest.mark.usefixtures("small_slices")
async def test_a_page_under_way_is_told_that_the_database_was_closed() -> None:
    engine = Engine.open("memory:")
    await fill(engine)
    scan = asyncio.ensure_future(engine.execute("Scan", SCAN))
    await asyncio.sleep(0)
    await engine.close()

    with pytest.raises(StorageFailed, match="closed"):
        await scan


async def test_a_page_is_paid_for_once_however_many_slices_it_has(monkeypatch: pytest.MonkeyPatch) -> None:
    async def answered(slice_terms: int) -> list[bool]:
        monkeypatch.setattr(pages, "SLICE_TERMS", slice_terms)
        clock = ManualClock()
        engine = Engine.open("memory:", clock=clock)
        await fill(engine, 500)
        engine.behave(Behaviours(throttling="faithful"))
        answers: list[bool] = []
        for _ in range(10):
            try:
                page = await engine.execute("Scan", {**SCAN, "ReturnConsumedCapacity": "TOTAL"})
            except ServiceError:
                answers.append(False)
            else:
                # Half a unit of up to 4 KB.
                assert page["ConsumedCapacity"]["CapacityUnits"] == 0.5
                answers.append(True)
            clock.advance(0.1)
        await engine.close()
        return answers

    expected = await answered(10**9)

    assert set(expected) == {True, False}
    assert await answered(50 * TERMS) == expected


async def test_chance_does_not_depend_on_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    async def losses(slice_terms: int) -> list[bool]:
        monkeypatch.setattr(pages, "SLICE_TERMS", slice_terms)
        engine = Engine.open("memory:")
        await fill(engine, 100)
        engine.behave(Behaviours(seed=1, lost_response_rate=0.5, throttled_read_rate=0.2))
        pages_read = (engine.execute("Scan", SCAN) for _ in range(12))
        answers = await asyncio.gather(*pages_read, return_exceptions=True)
        await engine.close()
        return [isinstance(answer, AnswerLost) for answer in answers]

    assert await losses(30 * TERMS) == await losses(10**9)
