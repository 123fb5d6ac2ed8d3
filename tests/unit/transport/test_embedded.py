"""The embedded executor in front of an engine that misbehaves."""

from __future__ import annotations

from typing import Any

import pytest

from ddbmodel.engine import AnswerLost, Behaviours, Engine, RequestLost
from ddbmodel.errors import OutcomeUnknown, ServiceError, Throttled
from ddbmodel.transport import embedded
from ddbmodel.transport.embedded import EmbeddedExecutor

TABLE = {
    "TableName": "films",
    "KeySchema": [{"AttributeName": "p", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "p", "AttributeType": "S"}],
    "BillingMode": "PAY_PER_REQUEST",
}
KEY = {"p": {"S": "a"}}
PUT = {"TableName": "films", "Item": KEY}
GET = {"TableName": "films", "Key": KEY}


class CountingEngine(Engine):
    """Counts what it is asked."""

    asked = 0

    async def execute(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        self.asked += 1
        return await super().execute(operation, request)


@pytest.fixture
async def executor(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(embedded, "full_jitter_delay_s", lambda attempt, unit_random: 0.0)
    opened = EmbeddedExecutor(CountingEngine.open("memory:"))
    await opened.execute("CreateTable", TABLE)
    opened.engine.asked = 0
    yield opened
    await opened.close()


@pytest.mark.parametrize("lost", [{"lost_request_rate": 1.0}, {"lost_response_rate": 1.0}])
async def test_nobody_can_tell_a_lost_request_from_a_lost_answer(lost: Any, executor: Any) -> None:
    executor.behave(Behaviours(**lost))

    with pytest.raises(OutcomeUnknown, match="PutItem was sent and no answer came") as unknown:
        await executor.execute("PutItem", PUT)

    assert isinstance(unknown.value.__cause__, (RequestLost, AnswerLost))
    assert executor.engine.asked == 1


async def test_a_read_is_sent_again_and_then_the_service_is_unavailable(executor: Any) -> None:
    executor.behave(Behaviours(lost_response_rate=1, attempts=5))

    with pytest.raises(ServiceError) as refused:
        await executor.execute("GetItem", GET)

    assert refused.value.code == "ServiceUnavailable"
    assert executor.engine.asked == 5


async def test_a_transaction_with_a_token_is_sent_again_and_carried_out_once(executor: Any) -> None:
    executor.behave(Behaviours(lost_response_rate=0.6, seed=1, attempts=50))
    add = {
        "Update": {
            **GET,
            "UpdateExpression": "ADD n :one",
            "ExpressionAttributeValues": {":one": {"N": "1"}},
        }
    }
    for number in range(20):
        await executor.execute("TransactWriteItems", {"TransactItems": [add], "ClientRequestToken": str(number)})
    asked = executor.engine.asked
    executor.behave(Behaviours())
    answer = await executor.execute("GetItem", GET)

    assert asked > 30
    assert answer["Item"]["n"] == {"N": "20"}


async def test_a_transaction_without_a_token_is_not_sent_again(executor: Any) -> None:
    executor.behave(Behaviours(lost_response_rate=1))

    with pytest.raises(OutcomeUnknown):
        await executor.execute("TransactWriteItems", {"TransactItems": [{"Put": PUT}]})

    assert executor.engine.asked == 1


async def test_a_throttled_request_is_sent_again(executor: Any) -> None:
    executor.behave(Behaviours(throttled_write_rate=0.5, attempts=50))
    for _ in range(20):
        await executor.execute("PutItem", PUT)
    assert executor.engine.asked > 25


async def test_attempts_of_one_show_every_failure(executor: Any) -> None:
    executor.behave(Behaviours(throttled_write_rate=1, attempts=1))

    with pytest.raises(Throttled):
        await executor.execute("PutItem", PUT)

    assert executor.engine.asked == 1


async def test_an_engine_that_does_not_misbehave_is_asked_once(executor: Any) -> None:
    with pytest.raises(ServiceError):
        await executor.execute("GetItem", {**GET, "TableName": "missing"})

    assert executor.engine.asked == 1
