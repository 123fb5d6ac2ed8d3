"""Reads of single items in one turn of the event loop go as one batch, and each caller notices nothing of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from ddbmodel import Attr, Database, Model, attr, partition_key, sort_key
from ddbmodel.errors import ServiceError, Throttled, service_error
from ddbmodel.transport.joined_gets import JoinedGets


class Score(Model, table="scores"):
    game: Attr[str] = partition_key()
    number: Attr[int] = sort_key()
    points: Attr[int] = attr(default=0)


def key_of(number: int | str) -> dict[str, Any]:
    return {"game": {"S": "go"}, "number": {"N": str(number)}}


def get(number: int | str, **more: Any) -> tuple[str, dict[str, Any]]:
    return "GetItem", {"TableName": "scores", "Key": key_of(number), **more}


class Service:
    """Has the items of even numbers; leaves the first keys of each batch unread, as often as it is told to."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, dict[str, Any]]] = []
        self.unread = 0
        self.error: Exception | None = None
        self.gate: asyncio.Event | None = None

    async def execute(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        self.requests.append((operation, request))
        if self.gate is not None:
            await self.gate.wait()
        if self.error is not None:
            raise self.error
        if operation == "GetItem":
            items = self._items([request["Key"]])
            return {"Item": items[0]} if items else {}
        ((table, wanted),) = request["RequestItems"].items()
        keys = wanted["Keys"]
        answer: dict[str, Any] = {}
        if self.unread:
            left, keys = keys[: self.unread], keys[self.unread :]
            self.unread = 0
            answer["UnprocessedKeys"] = {table: {**wanted, "Keys": left}}
        return answer | {"Responses": {table: self._items(keys)}}

    async def close(self) -> None: ...

    def _items(self, keys: list[dict[str, Any]]) -> list[dict[str, Any]]:
        numbers = [int(float(key["number"]["N"])) for key in keys]
        return [{**key_of(number), "tags": {"SS": ["a"]}} for number in reversed(numbers) if number % 2 == 0]


async def at_once(joined: JoinedGets, *requests: tuple[str, dict[str, Any]]) -> list[Any]:
    return await asyncio.gather(*(joined.execute(*request) for request in requests), return_exceptions=True)


@pytest.fixture
async def service() -> Service:
    return Service()


@pytest.fixture
async def joined(service: Service) -> AsyncIterator[JoinedGets]:
    async def no_pause(_: float) -> None: ...

    layer = JoinedGets(service, sleep=no_pause)
    yield layer
    await layer.close()
    assert len(asyncio.all_tasks()) == 1


async def test_reads_of_one_turn_are_one_batch(joined: JoinedGets, service: Service) -> None:
    answers = await at_once(joined, get(2), get(3), get(4))

    assert [answer.get("Item", {}).get("number") for answer in answers] == [{"N": "2"}, None, {"N": "4"}]
    assert service.requests == [
        ("BatchGetItem", {"RequestItems": {"scores": {"Keys": [key_of(2), key_of(3), key_of(4)]}}})
    ]


async def test_a_read_that_is_alone_is_left_alone(joined: JoinedGets, service: Service) -> None:
    assert "Item" in await joined.execute(*get(2, ConsistentRead=True))
    assert await joined.execute(*get(3)) == {}

    assert service.requests == [get(2, ConsistentRead=True), get(3)]


async def test_the_same_key_is_read_once_and_given_in_copies(joined: JoinedGets, service: Service) -> None:
    first, second, other, third = await at_once(joined, get(2), get("2.0"), get(4), get(2))

    first["Item"]["tags"]["SS"].append("mine")
    assert second == third
    assert second["Item"]["tags"] == {"SS": ["a"]}
    assert other["Item"]["number"] == {"N": "4"}
    assert len(service.requests[0][1]["RequestItems"]["scores"]["Keys"]) == 2


async def test_one_key_for_many_callers_is_one_read(joined: JoinedGets, service: Service) -> None:
    answers = await at_once(joined, *[get(2)] * 5)

    assert [answer["Item"]["number"] for answer in answers] == [{"N": "2"}] * 5
    assert [operation for operation, _ in service.requests] == ["GetItem"]


async def test_tables_and_consistency_are_kept_apart(joined: JoinedGets, service: Service) -> None:
    await at_once(
        joined,
        get(2),
        get(4),
        get(2, ConsistentRead=True),
        get(4, ConsistentRead=True),
        get(6, TableName="others"),
        get(2, ProjectionExpression="tags"),
    )

    assert sorted(operation for operation, _ in service.requests) == ["BatchGetItem"] * 2 + ["GetItem"] * 2
    batches = [request["RequestItems"]["scores"] for operation, request in service.requests if "Batch" in operation]
    assert [batch.get("ConsistentRead") for batch in batches] == [None, True]


async def test_a_batch_has_a_hundred_keys(joined: JoinedGets, service: Service) -> None:
    answers = await at_once(joined, *map(get, range(230)))

    assert [("Item" in answer) for answer in answers] == [number % 2 == 0 for number in range(230)]
    sizes = [len(request["RequestItems"]["scores"]["Keys"]) for _, request in service.requests]
    assert sizes == [100, 100, 30]


async def test_what_was_left_unread_is_asked_for_again(joined: JoinedGets, service: Service) -> None:
    service.unread = 2

    answers = await at_once(joined, get(2), get(4), get(6))

    assert [answer["Item"]["number"]["N"] for answer in answers] == ["2", "4", "6"]
    assert service.requests[1][1] == {"RequestItems": {"scores": {"Keys": [key_of(2), key_of(4)]}}}


async def test_a_service_that_never_reads_is_given_up(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []

    async def pause(delay_s: float) -> None:
        pauses.append(delay_s)

    async def nothing(operation: str, request: dict[str, Any]) -> dict[str, Any]:
        return {"Responses": {}, "UnprocessedKeys": request["RequestItems"]}

    monkeypatch.setattr(service, "execute", nothing)
    answers = await at_once(JoinedGets(service, sleep=pause), get(2), get(4))

    assert [type(answer) for answer in answers] == [Throttled, Throttled]
    assert len(pauses) == 7


async def test_an_error_reaches_every_caller(joined: JoinedGets, service: Service) -> None:
    service.error = service_error("ResourceNotFoundException", "no such table")

    answers = await at_once(joined, get(2), get(4), get(4))

    assert all(isinstance(answer, ServiceError) for answer in answers)
    assert len(answers) == 3


async def test_a_caller_that_gives_up_disturbs_nobody(joined: JoinedGets, service: Service) -> None:
    service.gate = asyncio.Event()
    callers = [asyncio.ensure_future(joined.execute(*get(number))) for number in (2, 2, 4)]
    await asyncio.sleep(0.001)
    callers[0].cancel()
    await asyncio.sleep(0)
    service.gate.set()

    answers = await asyncio.gather(*callers, return_exceptions=True)

    assert isinstance(answers[0], asyncio.CancelledError)
    assert [answer["Item"]["number"]["N"] for answer in answers[1:]] == ["2", "4"]


async def test_a_caller_that_gives_up_at_once_is_not_asked_for(joined: JoinedGets, service: Service) -> None:
    async def give_up() -> None:
        async with asyncio.timeout(0):
            await joined.execute(*get(2))

    results = await asyncio.gather(give_up(), joined.execute(*get(4)), return_exceptions=True)

    assert isinstance(results[0], TimeoutError)
    assert results[1]["Item"]["number"] == {"N": "4"}


async def test_a_batch_that_nobody_waits_for_is_given_up(joined: JoinedGets, service: Service) -> None:
    service.gate = asyncio.Event()
    callers = [asyncio.ensure_future(joined.execute(*get(number))) for number in (2, 4)]
    await asyncio.sleep(0.001)
    for caller in callers:
        caller.cancel()
    await asyncio.gather(*callers, return_exceptions=True)
    await asyncio.sleep(0.001)

    assert len(asyncio.all_tasks()) == 1


async def test_other_requests_pass(joined: JoinedGets, service: Service) -> None:
    await joined.execute("BatchGetItem", {"RequestItems": {"scores": {"Keys": [key_of(2)]}}})

    assert [operation for operation, _ in service.requests] == ["BatchGetItem"]


async def test_a_database_joins_by_option() -> None:
    async with Database.connect("memory:", join_gets=True) as db:
        await db.create_tables(Score)
        await db.put_many([Score(game="go", number=number) for number in range(5)])
        asked: list[str] = []
        inner = db.executor.inner  # type: ignore[attr-defined]  # the layer below
        execute = inner.execute

        async def watched(operation: str, request: dict[str, Any]) -> dict[str, Any]:
            asked.append(operation)
            answer: dict[str, Any] = await execute(operation, request)
            return answer

        inner.execute = watched
        found = await asyncio.gather(*(db.get(Score, game="go", number=number) for number in range(6)))

    assert [score and score.number for score in found] == [0, 1, 2, 3, 4, None]
    assert asked == ["BatchGetItem"]
