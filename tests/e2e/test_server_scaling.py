"""Application Auto Scaling over HTTP, as boto3's client of that service meets it."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from served import served

SECRET = "wJalrXUtnFEMI/CANARY+SECRET"
TABLE: dict[str, Any] = {
    "TableName": "scores",
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
    "ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1},
}
WRITES = {
    "ServiceNamespace": "dynamodb",
    "ResourceId": "table/scores",
    "ScalableDimension": "dynamodb:table:WriteCapacityUnits",
}


def test_a_client_of_the_service_registers_and_reads_what_it_registered_signed_for_that_service(tmp_path: Path) -> None:
    keys = tmp_path / "keys"
    keys.write_text(f"[default]\naws_access_key_id = AKIDONE\naws_secret_access_key = {SECRET}\n", encoding="utf-8")
    keys.chmod(stat.S_IRUSR | stat.S_IWUSR)

    with served("--credentials", keys) as server:

        def client(service: str, secret: str = SECRET) -> Any:
            return boto3.client(
                service,
                endpoint_url=server.url,
                region_name="us-east-1",
                aws_access_key_id="AKIDONE",
                aws_secret_access_key=secret,
                config=Config(retries={"total_max_attempts": 1}),
            )

        client("dynamodb").create_table(**TABLE)
        scaling = client("application-autoscaling")
        scaling.register_scalable_target(**WRITES, MinCapacity=2, MaxCapacity=40)
        policy = {"PredefinedMetricSpecification": {"PredefinedMetricType": "DynamoDBWriteCapacityUtilization"}}
        scaling.put_scaling_policy(
            **WRITES,
            PolicyName="follow",
            PolicyType="TargetTrackingScaling",
            TargetTrackingScalingPolicyConfiguration={"TargetValue": 70.0, **policy},
        )

        (target,) = scaling.describe_scalable_targets(ServiceNamespace="dynamodb")["ScalableTargets"]
        (found,) = scaling.describe_scaling_policies(ServiceNamespace="dynamodb")["ScalingPolicies"]
        assert (target["MinCapacity"], target["MaxCapacity"], target["CreationTime"].year > 2025) == (2, 40, True)
        assert found["TargetTrackingScalingPolicyConfiguration"]["TargetValue"] == 70.0
        with pytest.raises(ClientError) as caught:
            scaling.deregister_scalable_target(**{**WRITES, "ResourceId": "table/nobody"})
        assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
        scaling.deregister_scalable_target(**WRITES)
        assert scaling.describe_scalable_targets(ServiceNamespace="dynamodb")["ScalableTargets"] == []
        with pytest.raises(ClientError, match="InvalidSignatureException"):
            client("application-autoscaling", secret="another").describe_scalable_targets(ServiceNamespace="dynamodb")
