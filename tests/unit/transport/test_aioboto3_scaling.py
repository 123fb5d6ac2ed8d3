"""Application Auto Scaling through the same session as everything else."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError

from ddbmodel.errors import NotSupportedHere, OutcomeUnknown, ServiceError
from ddbmodel.transport.aioboto3 import Aioboto3Executor

TARGET = {
    "ServiceNamespace": "dynamodb",
    "ResourceId": "table/films",
    "ScalableDimension": "dynamodb:table:ReadCapacityUnits",
}


class Client:
    """Raises one error, whatever it is asked."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    async def register_scalable_target(self, **request: Any) -> dict[str, Any]:
        raise self.error

    describe_scalable_targets = register_scalable_target


def refusal(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "words"}}, "Operation")


def executor_with(error: Exception, monkeypatch: pytest.MonkeyPatch) -> Aioboto3Executor:
    executor = Aioboto3Executor(endpoint_url="http://nowhere.invalid")

    async def give(operation: str) -> Any:
        return Client(error)

    monkeypatch.setattr(executor, "_client_for", give)
    return executor


@pytest.mark.parametrize(
    ("error", "operation", "kind"),
    [
        (refusal("UnknownOperationException"), "DescribeScalableTargets", NotSupportedHere),
        (refusal("404"), "DescribeScalableTargets", NotSupportedHere),
        (refusal("InvalidAction"), "RegisterScalableTarget", NotSupportedHere),
        (refusal("AccessDeniedException"), "DescribeScalableTargets", ServiceError),
        (ConnectionClosedError(endpoint_url="x"), "DescribeScalableTargets", ServiceError),
        (ConnectionClosedError(endpoint_url="x"), "RegisterScalableTarget", OutcomeUnknown),
    ],
)
async def test_what_goes_wrong_is_said_in_the_errors_of_the_library(
    error: Exception, operation: str, kind: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(kind):
        await executor_with(error, monkeypatch).scale(operation, TARGET)


@pytest.mark.slow
async def test_a_server_that_has_it_keeps_targets_and_policies(moto_url: str) -> None:
    executor = Aioboto3Executor(endpoint_url=moto_url)
    table = {
        "TableName": "scaled-films",
        "KeySchema": [{"AttributeName": "p", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "p", "AttributeType": "S"}],
        "ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1},
    }
    place = {**TARGET, "ResourceId": "table/scaled-films"}
    await executor.execute("CreateTable", table)

    await executor.scale("RegisterScalableTarget", {**place, "MinCapacity": 2, "MaxCapacity": 9})
    answer = await executor.scale(
        "DescribeScalableTargets", {"ServiceNamespace": "dynamodb", "ResourceIds": [place["ResourceId"]]}
    )
    await executor.close()

    (target,) = answer["ScalableTargets"]
    assert (target["MinCapacity"], target["MaxCapacity"]) == (2, 9)
    assert isinstance(target["CreationTime"], (int, float))
