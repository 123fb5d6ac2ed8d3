"""boto3's forms and errors stay below the waist, and no write is sent twice unless that is safe."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any
from unittest.mock import MagicMock

import pytest
from aiohttp import ClientConnectorError, ClientOSError
from botocore.exceptions import ClientError, ConnectionClosedError, EndpointConnectionError, NoCredentialsError

from ddbmodel.errors import InvalidRequest, OutcomeUnknown, ResourceNotFound, ServiceError, Throttled, ThrottlingReason
from ddbmodel.transport.aioboto3 import Aioboto3Executor

Answer = dict[str, Any] | Callable[[], Exception]


class FakeClient:
    """Answers from a list; an exception is raised as botocore does."""

    def __init__(self, *answers: Answer) -> None:
        self.answers, self.sent = list(answers), list[tuple[str, dict[str, Any]]]()

    def __getattr__(self, method: str) -> Any:
        async def call(**request: Any) -> dict[str, Any]:
            self.sent.append((method, request))
            answer = self.answers.pop(0)
            if isinstance(answer, dict):
                return answer
            raise answer()

        return call


def executor_of(client: FakeClient, monkeypatch: pytest.MonkeyPatch) -> Aioboto3Executor:
    executor = Aioboto3Executor(endpoint_url="http://nowhere.invalid")

    async def give(operation: str) -> Any:
        return client

    async def sleep(seconds: float) -> None:
        assert seconds >= 0

    monkeypatch.setattr(executor, "_client_for", give)
    monkeypatch.setattr("ddbmodel.transport.aioboto3.asyncio.sleep", sleep)
    return executor


def refusal(code: str, **more: Any) -> Callable[[], Exception]:
    body = {"Error": {"Code": code, "Message": "words"}, "ResponseMetadata": {"RequestId": "R1"}, **more}
    return lambda: ClientError(body, "Operation")  # type: ignore[arg-type]  # the shape is the service's


def lost() -> Exception:
    return ConnectionClosedError(endpoint_url="http://nowhere.invalid")


def not_connected(cause: Exception) -> Callable[[], Exception]:
    def made() -> Exception:
        try:
            try:
                raise cause
            except Exception as error:
                raise EndpointConnectionError(endpoint_url="http://nowhere.invalid") from error
        except EndpointConnectionError as error:
            return error

    return made


async def test_binary_and_times_change_form_at_the_waist(monkeypatch: pytest.MonkeyPatch) -> None:
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    client = FakeClient({"Item": {"b": {"B": b"\xff"}}, "At": [moment], "ResponseMetadata": {}})
    executor = executor_of(client, monkeypatch)

    answer = await executor.execute("GetItem", {"TableName": "t", "Key": {"b": {"B": "/w=="}}})

    assert client.sent == [("get_item", {"TableName": "t", "Key": {"b": {"B": b"\xff"}}})]
    assert answer == {"Item": {"b": {"B": "/w=="}}, "At": [moment.timestamp()]}


async def test_a_refusal_keeps_code_item_reasons_and_request_id(monkeypatch: pytest.MonkeyPatch) -> None:
    item, reasons = {"b": {"B": b"\xff"}}, [{"Code": "None"}, {"Code": "ConditionalCheckFailed", "Message": "no"}]
    reasons[1]["Item"] = item  # type: ignore[assignment]  # as the service nests it
    client = FakeClient(refusal("TransactionCanceledException", CancellationReasons=reasons, Item=item))

    with pytest.raises(ServiceError) as refused:
        await executor_of(client, monkeypatch).execute("TransactWriteItems", {})

    error = refused.value
    assert (error.code, error.message, error.request_id) == ("TransactionCanceledException", "words", "R1")
    assert error.item == {"b": {"B": "/w=="}}
    assert [(reason.code, reason.message, reason.item) for reason in error.cancellation_reasons] == [
        ("None", None, None),
        ("ConditionalCheckFailed", "no", {"b": {"B": "/w=="}}),
    ]


@pytest.mark.parametrize("member", ["ThrottlingReasons", "throttlingReasons"])
async def test_a_throttled_request_says_which_limit_it_met(member: str, monkeypatch: pytest.MonkeyPatch) -> None:
    limits = {member: [{"reason": "TableReadProvisionedThroughputExceeded", "resource": "arn:aws:dynamodb:t"}]}
    client = FakeClient(refusal("ThrottlingException", **limits))

    with pytest.raises(Throttled) as throttled:
        await executor_of(client, monkeypatch).execute("GetItem", {})

    assert throttled.value.throttling_reasons == (
        ThrottlingReason("TableReadProvisionedThroughputExceeded", "arn:aws:dynamodb:t"),
    )


async def test_a_missing_table_has_its_class(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ResourceNotFound):
        await executor_of(FakeClient(refusal("ResourceNotFoundException")), monkeypatch).execute("GetItem", {})


@pytest.mark.parametrize("failure", [lost, refusal("InternalServerError"), not_connected(ClientOSError())])
async def test_a_write_without_an_answer_is_not_sent_again(
    failure: Callable[[], Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = FakeClient(failure, {})

    with pytest.raises(OutcomeUnknown, match="PutItem was sent and no answer came"):
        await executor_of(client, monkeypatch).execute("PutItem", {})

    assert len(client.sent) == 1


@pytest.mark.parametrize(
    "failure",
    [
        refusal("ProvisionedThroughputExceededException"),
        not_connected(ClientConnectorError(None, OSError())),  # type: ignore[arg-type]  # its words are not read
    ],
)
async def test_a_write_that_did_not_happen_is_sent_again(
    failure: Callable[[], Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = FakeClient(failure, failure, {"Attributes": {}})

    answer = await executor_of(client, monkeypatch).execute("PutItem", {})

    assert answer == {"Attributes": {}}
    assert len(client.sent) == 3


async def test_a_transaction_is_sent_again_under_the_same_token(monkeypatch: pytest.MonkeyPatch) -> None:
    client = FakeClient(lost, refusal("InternalServerError"), {})

    await executor_of(client, monkeypatch).execute("TransactWriteItems", {"ClientRequestToken": "t"})

    assert client.sent == [("transact_write_items", {"ClientRequestToken": "t"})] * 3


async def test_throttling_without_end_is_told_as_such(monkeypatch: pytest.MonkeyPatch) -> None:
    client = FakeClient(*[refusal("ThrottlingException")] * 20)

    with pytest.raises(Throttled):
        await executor_of(client, monkeypatch).execute("PutItem", {})

    assert len(client.sent) == 8


async def test_a_failure_inside_a_read_keeps_its_code_and_request_id(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ServiceError) as refused:
        await executor_of(FakeClient(refusal("InternalServerError")), monkeypatch).execute("GetItem", {})

    assert (refused.value.code, refused.value.request_id) == ("InternalServerError", "R1")
    assert refused.value.retryable


async def test_an_unknown_operation_is_said() -> None:
    executor = Aioboto3Executor(endpoint_url="http://nowhere.invalid")
    try:
        with pytest.raises(ServiceError, match="MakeCoffee is not an operation"):
            await executor.execute("MakeCoffee", {})
    finally:
        await executor.close()


async def test_a_closed_executor_says_so() -> None:
    executor = Aioboto3Executor(endpoint_url="http://nowhere.invalid")
    await executor.close()
    await executor.close()

    with pytest.raises(InvalidRequest, match="closed"):
        await executor.execute("GetItem", {})


@pytest.mark.parametrize(("code", "status"), [("502", 502), ("504", 504), ("500", 500)])
async def test_a_write_that_a_proxy_answered_with_a_server_error_has_an_unknown_outcome(
    code: str, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = FakeClient(refusal(code, ResponseMetadata={"HTTPStatusCode": status}), {})

    with pytest.raises(OutcomeUnknown):
        await executor_of(client, monkeypatch).execute("PutItem", {})

    assert len(client.sent) == 1


async def test_a_transaction_behind_a_failing_proxy_is_sent_again_under_its_token(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    client = FakeClient(refusal("502", ResponseMetadata={"HTTPStatusCode": 502}), {})

    await executor_of(client, monkeypatch).execute("TransactWriteItems", {"ClientRequestToken": "t"})

    assert len(client.sent) == 2


@pytest.mark.parametrize("operation", ["GetItem", "PutItem"])
async def test_missing_credentials_are_an_error_of_ours(operation: str, monkeypatch: pytest.MonkeyPatch) -> None:
    client = FakeClient(NoCredentialsError, {})

    with pytest.raises(ServiceError, match="Unable to locate credentials") as refused:
        await executor_of(client, monkeypatch).execute(operation, {})

    assert refused.value.code == "NoCredentialsError"


async def test_a_region_that_cannot_be_is_an_error_of_ours() -> None:
    executor = Aioboto3Executor(region="eu west")

    with pytest.raises(InvalidRequest, match="cannot be set up"):
        await executor.execute("GetItem", {})

    await executor.close()


async def test_a_client_that_is_made_while_the_executor_closes_is_closed_too(monkeypatch: pytest.MonkeyPatch) -> None:
    executor = Aioboto3Executor(endpoint_url="http://nowhere.invalid")
    begun, may_go_on, told = asyncio.Event(), asyncio.Event(), list[str]()

    @asynccontextmanager
    async def client(kind: str) -> AsyncIterator[Any]:
        begun.set()
        await may_go_on.wait()
        told.append("opened")
        yield MagicMock()
        told.append("closed")

    monkeypatch.setattr(executor, "_new_client", client)
    opening = asyncio.ensure_future(executor._client_for("GetItem"))
    await begun.wait()
    closing = asyncio.ensure_future(executor.close())
    await asyncio.sleep(0)
    may_go_on.set()
    await asyncio.gather(opening, closing, return_exceptions=True)

    assert told == ["opened", "closed"]


async def test_a_web_page_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    page = {"ResponseMetadata": {"HTTPStatusCode": 200, "HTTPHeaders": {"content-type": "text/html; charset=utf-8"}}}
    executor = executor_of(FakeClient({**page}, {**page}), monkeypatch)

    with pytest.raises(OutcomeUnknown):
        await executor.execute("PutItem", {})
    with pytest.raises(ServiceError, match="a web page came instead"):
        await executor.execute("GetItem", {})
