"""Batches keep their size, send again what the service left undone, and give up only when nothing moves."""

from __future__ import annotations

from typing import Any

import pytest
from query_models import Account, Score
from scripted_executor import ScriptedExecutor

from ddbmodel.errors import BatchFailed, InvalidRequest, Throttled
from ddbmodel.query.batches import delete_many, get_many, put_many
from ddbmodel.transport.retry import MAX_ATTEMPTS

KEYS = [Score.key(game="tetris", player=f"p{number:03}") for number in range(250)]
SCORES = [Score(game="tetris", player=f"p{number:03}") for number in range(60)]


class Pauses(list[float]):
    async def sleep(self, pause_s: float) -> None:
        self.append(pause_s)


def items_of(keys: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [Score(game="tetris", player=key["player"]["S"]).to_item() for key in keys]


async def test_reads_go_in_hundreds_and_come_back_in_order() -> None:
    executor = ScriptedExecutor(
        lambda _, request: {"Responses": {"scores": items_of(request["RequestItems"]["scores"]["Keys"])[::-1]}}
    )

    found = await get_many(executor, Score, [*KEYS, KEYS[0]], consistent=True)

    assert [score and score.player for score in found] == [f"p{number:03}" for number in range(250)] + ["p000"]
    wanted = [request["RequestItems"]["scores"] for _, request in executor.requests]
    assert [len(each["Keys"]) for each in wanted] == [100, 100, 50]
    assert all(each["ConsistentRead"] for each in wanted)


async def test_keys_that_come_from_a_generator_are_all_read() -> None:
    executor = ScriptedExecutor(
        lambda _, request: {"Responses": {"scores": items_of(request["RequestItems"]["scores"]["Keys"])}}
    )

    found = await get_many(executor, Score, (key for key in KEYS[:3]))

    assert [score and score.player for score in found] == ["p000", "p001", "p002"]


async def test_what_was_left_unread_is_asked_for_again() -> None:
    def answer(_: str, request: dict[str, Any]) -> dict[str, Any]:
        first, *rest = request["RequestItems"]["scores"]["Keys"]
        left = {"scores": {"Keys": rest}} if rest else {}
        return {"Responses": {"scores": items_of([first])}, "UnprocessedKeys": left}

    executor, pauses = ScriptedExecutor(answer), Pauses()

    found = await get_many(executor, Score, KEYS[:20], sleep=pauses.sleep)

    assert None not in found
    assert len(executor.requests) == 20
    assert max(pauses) <= 0.025


async def test_reads_that_never_move_are_given_up() -> None:
    executor = ScriptedExecutor(lambda _, request: {"UnprocessedKeys": request["RequestItems"]})
    pauses = Pauses()

    with pytest.raises(Throttled, match="20 items of a batch were left undone"):
        await get_many(executor, Score, KEYS[:20], sleep=pauses.sleep)

    assert len(executor.requests) == MAX_ATTEMPTS
    assert len(pauses) == MAX_ATTEMPTS - 1


async def test_writes_go_by_twenty_five_over_all_tables() -> None:
    executor = ScriptedExecutor(lambda _, request: {})
    accounts = [Account(id=f"a{number}", owner="ann") for number in range(10)]

    await put_many(executor, [*SCORES, *accounts])

    sizes = [sum(map(len, request["RequestItems"].values())) for _, request in executor.requests]
    assert sizes == [25, 25, 20]
    assert set(executor.requests[-1][1]["RequestItems"]) == {"scores", "accounts"}


async def test_what_was_left_unwritten_is_sent_again_and_progress_counts_what_is_done() -> None:
    def answer(_: str, request: dict[str, Any]) -> dict[str, Any]:
        writes = request["RequestItems"]["scores"]
        left = writes[10:]
        return {"UnprocessedItems": {"scores": left} if left else {}}

    executor, pauses, told = ScriptedExecutor(answer), Pauses(), list[tuple[int, int]]()

    await put_many(executor, SCORES[:25], progress=lambda *counts: told.append(counts), sleep=pauses.sleep)

    assert told == [(10, 25), (20, 25), (25, 25)]
    assert len(pauses) == 2


async def test_writes_that_never_move_are_given_up() -> None:
    executor, pauses = ScriptedExecutor(lambda _, request: {"UnprocessedItems": request["RequestItems"]}), Pauses()

    with pytest.raises(BatchFailed, match="25 of 25 failed, 0 are done") as failed:
        await put_many(executor, SCORES[:25], sleep=pauses.sleep)

    assert len(executor.requests) == MAX_ATTEMPTS
    assert len(pauses) == MAX_ATTEMPTS - 1
    assert isinstance(failed.value.__cause__, Throttled)
    assert [target for target, _ in failed.value.failed] == SCORES[:25]
    assert failed.value.retryable


async def test_deletes_name_each_key_once() -> None:
    executor = ScriptedExecutor(lambda _, request: {})

    await delete_many(executor, [SCORES[0], KEYS[0], KEYS[1]])

    assert executor.requests == [
        (
            "BatchWriteItem",
            {
                "RequestItems": {
                    "scores": [{"DeleteRequest": {"Key": KEYS[0].item}}, {"DeleteRequest": {"Key": KEYS[1].item}}]
                }
            },
        )
    ]


async def test_what_cannot_be_in_a_batch_is_refused_before_anything_is_sent() -> None:
    executor = ScriptedExecutor(lambda _, request: {})
    wrong: Any = {"game": "tetris"}
    key_of_another: Any = Account.key(id="a")

    with pytest.raises(InvalidRequest, match="1 of 2 models have the key of another"):
        await put_many(executor, [SCORES[0], SCORES[0]])
    with pytest.raises(InvalidRequest, match="put_many takes models, got a dict"):
        await put_many(executor, [wrong])
    with pytest.raises(InvalidRequest, match="models and keys, got a dict"):
        await delete_many(executor, [wrong])
    with pytest.raises(InvalidRequest, match="got a key of Account"):
        await get_many(executor, Score, [key_of_another])
    assert executor.requests == []


async def test_an_error_stops_the_other_batches() -> None:
    def answer(_: str, request: dict[str, Any]) -> dict[str, Any]:
        raise Throttled("ThrottlingException", "slow down")

    executor = ScriptedExecutor(answer)

    with pytest.raises(Throttled):
        await get_many(executor, Score, KEYS)

    assert len(executor.requests) <= 3
