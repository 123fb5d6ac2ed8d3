"""Members of requests: presence, types, enums, lengths; all faults in one message."""

from __future__ import annotations

from typing import Any

import pytest

from ddbmodel.engine.validation.members import check_members
from ddbmodel.errors import ServiceError


def fault(operation: str, request: Any) -> ServiceError:
    with pytest.raises(ServiceError) as caught:
        check_members(operation, request)
    return caught.value


def test_all_faults_are_reported_together_in_the_order_of_the_operation() -> None:
    error = fault("GetItem", {"ReturnConsumedCapacity": "SOME", "Key": {}, "TableName": None})

    assert error.message == (
        "2 validation errors detected: "
        "Value null at 'tableName' failed to satisfy constraint: Member must not be null; "
        "Value 'SOME' at 'returnConsumedCapacity' failed to satisfy constraint: "
        "Member must satisfy enum value set: [INDEXES, TOTAL, NONE]"
    )


def test_a_member_of_another_json_type_cannot_be_read() -> None:
    assert fault("GetItem", {"TableName": 5, "Key": {}}).code == "SerializationException"
    assert fault("Query", {"TableName": "things", "Limit": True}).code == "SerializationException"
    assert fault("Query", []).code == "SerializationException"


def test_members_that_the_operation_does_not_have_are_ignored() -> None:
    check_members("GetItem", {"TableName": "things", "Key": {}, "Colour": "red"})


@pytest.mark.parametrize("limit", [0, -1])
def test_a_limit_is_at_least_one(limit: int) -> None:
    assert "greater than or equal to 1" in fault("Scan", {"TableName": "things", "Limit": limit}).message


def test_a_table_is_called_by_a_name_or_an_arn() -> None:
    check_members("GetItem", {"TableName": "arn:aws:dynamodb:eu-west-1:1:table/t", "Key": {}})

    assert "regular expression" in fault("GetItem", {"TableName": "no!", "Key": {}}).message
