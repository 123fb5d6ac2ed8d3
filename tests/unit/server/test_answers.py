"""Errors and headers are written as the service writes them."""

from __future__ import annotations

import gzip
import json
import zlib
from typing import Any

import pytest

from ddbmodel.errors import CancellationReason, ServiceError, service_error
from ddbmodel.server.answers import Answer, error_body, head_of, status_of, zipped

DATA, SERVICE = "com.amazonaws.dynamodb.v20120810#", "com.amazon.coral.service#"


@pytest.mark.parametrize(
    ("code", "prefix", "text_is"),
    [
        ("ResourceNotFoundException", DATA, "message"),
        ("ConditionalCheckFailedException", DATA, "message"),
        ("ProvisionedThroughputExceededException", DATA, "message"),
        ("IdempotentParameterMismatchException", DATA, "Message"),
        ("TransactionInProgressException", DATA, "Message"),
        ("TransactionCanceledException", DATA, "Message"),
        ("TransactionConflictException", DATA, "message"),
        ("DuplicateItemException", DATA, "message"),
        ("TrimmedDataAccessException", DATA, "message"),
        ("ValidationException", "com.amazon.coral.validate#", "message"),
        ("ThrottlingException", "com.amazon.coral.availability#", "message"),
        ("SerializationException", SERVICE, "Message"),
        ("AccessDeniedException", SERVICE, "Message"),
        ("MissingAuthenticationTokenException", SERVICE, "message"),
        ("IncompleteSignatureException", SERVICE, "message"),
        ("InvalidSignatureException", SERVICE, "message"),
        ("UnrecognizedClientException", SERVICE, "message"),
    ],
)
def test_an_error_has_the_type_and_the_member_that_the_service_gives_it(code: str, prefix: str, text_is: str) -> None:
    error = service_error(code, "what is wrong")

    assert json.loads(error_body(error)) == {"__type": prefix + code, text_is: "what is wrong"}
    assert status_of(error) == 400


def test_an_unknown_operation_is_answered_by_the_type_alone() -> None:
    body = error_body(service_error("UnknownOperationException", "said to callers in this process"))

    assert json.loads(body) == {"__type": SERVICE + "UnknownOperationException"}


@pytest.mark.parametrize(("code", "status"), [("InternalServerError", 500), ("ServiceUnavailable", 503)])
def test_failures_of_the_server_have_another_status(code: str, status: int) -> None:
    assert status_of(service_error(code, "")) == status


def test_a_failed_condition_brings_the_item() -> None:
    error = ServiceError("ConditionalCheckFailedException", "The conditional request failed", item={"a": {"S": "x"}})

    assert json.loads(error_body(error))["Item"] == {"a": {"S": "x"}}


def test_a_cancelled_transaction_brings_the_reasons_in_order() -> None:
    reasons = [
        CancellationReason("None"),
        CancellationReason("ConditionalCheckFailed", "The conditional request failed", {"a": {"N": "1"}}),
    ]
    error = ServiceError("TransactionCanceledException", "Transaction cancelled", cancellation_reasons=reasons)

    assert json.loads(error_body(error))["CancellationReasons"] == [
        {"Code": "None"},
        {"Code": "ConditionalCheckFailed", "Message": "The conditional request failed", "Item": {"a": {"N": "1"}}},
    ]


def head(answer: Answer, **options: Any) -> dict[str, str]:
    text = head_of(answer, "ID", 1_700_000_000.9, keeps_alive=options.get("keeps_alive", True)).decode()
    status, *lines = text.removesuffix("\r\n\r\n").split("\r\n")
    return {"status": status, **dict(line.split(": ", 1) for line in lines)}


def test_the_head_of_an_answer() -> None:
    assert head(Answer(200, b'{"a":1}')) == {
        "status": "HTTP/1.1 200 OK",
        "Server": "Server",
        "Date": "Tue, 14 Nov 2023 22:13:20 GMT",
        "Content-Type": "application/x-amz-json-1.0",
        "Content-Length": "7",
        "Connection": "keep-alive",
        "x-amzn-RequestId": "ID",
        "x-amz-crc32": str(zlib.crc32(b'{"a":1}')),
    }


def test_the_checksum_is_that_of_the_bytes_as_they_are_sent() -> None:
    body = zipped(b"a" * 5000)

    assert gzip.decompress(body) == b"a" * 5000
    assert head(Answer(200, body), keeps_alive=False)["x-amz-crc32"] == str(zlib.crc32(body))
