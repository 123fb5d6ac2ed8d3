"""Requests against the API's shapes: what can be read, and what of it a handler sees."""

from __future__ import annotations

import gzip
import importlib.util
import json
from pathlib import Path
from typing import Any

import botocore
import pytest

from ddbmodel.engine.messages.message import Wording
from ddbmodel.engine.validation.shapes import checked_request
from ddbmodel.errors import ServiceError

REPOSITORY = Path(__file__).parents[4]


def unreadable(operation: str, request: Any) -> str:
    with pytest.raises(ServiceError) as caught:
        checked_request(operation, request, Wording.CURRENT)
    assert caught.value.code == "SerializationException"
    return caught.value.message


def test_a_good_request_is_handed_on_as_it_is() -> None:
    request = {"TableName": "things", "Item": {"pk": {"S": "a"}}, "ReturnValues": "ALL_OLD"}

    assert checked_request("PutItem", request, Wording.ENVELOPED) is request


def test_nulls_and_members_that_a_shape_does_not_have_are_left_out() -> None:
    request = {
        "TableName": "things",
        "Colour": "red",
        "Limit": None,
        "TransactItems": [],
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH", "Order": 1}],
        "AttributeDefinitions": [],
    }

    assert checked_request("CreateTable", request, Wording.CURRENT) == {
        "TableName": "things",
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
        "AttributeDefinitions": [],
    }
    assert request["Colour"] == "red"


@pytest.mark.parametrize(
    ("operation", "request_", "message"),
    [
        ("GetItem", [], "Unexpected token received from parser"),
        ("GetItem", {"TableName": 5}, "NUMBER_VALUE cannot be converted to String"),
        ("GetItem", {"TableName": True}, "TRUE_VALUE cannot be converted to String"),
        ("GetItem", {"TableName": {}}, "Start of structure or map found where not expected"),
        ("Query", {"Limit": "x"}, "STRING_VALUE cannot be converted to Integer"),
        ("Query", {"Limit": 1 << 31}, "NUMBER_VALUE cannot be converted to Integer: it is out of range"),
        ("Query", {"ConsistentRead": "yes"}, "STRING_VALUE cannot be converted to Boolean"),
        ("PutItem", {"Item": "x"}, "Unrecognized collection type class java.lang.String"),
        ("PutItem", {"Item": []}, "Start of list found where not expected"),
        ("Query", {"AttributesToGet": {}}, "Start of structure or map found where not expected"),
        ("TransactWriteItems", {"TransactItems": [None]}, "Unexpected token received from parser"),
        ("GetItem", {"TableName": "a\ud800"}, "Invalid UTF-8 in a string"),
    ],
)  # fmt: skip
def test_json_of_another_type_cannot_be_read(operation: str, request_: Any, message: str) -> None:
    assert unreadable(operation, request_) == message


def test_what_cannot_be_read_is_said_before_what_breaks_a_constraint() -> None:
    assert unreadable("PutItem", {"TableName": "", "Item": {"pk": {"S": 1}}}) == (
        "NUMBER_VALUE cannot be converted to String"
    )
    assert unreadable("Query", {"Limit": 0, "KeyConditions": {"pk": {"AttributeValueList": [{"S": 1}]}}}) == (
        "NUMBER_VALUE cannot be converted to String"
    )


def test_the_shapes_are_those_of_the_services_model() -> None:
    """The model that comes with the SDK may be older: what it has, we have alike; what is newer only we have."""
    ours = json.loads((REPOSITORY / "ddbmodel/engine/validation/api_shapes.json").read_text())

    declared = _generator().request_shapes(_installed_models())

    assert set(declared["operations"]) <= set(ours["operations"])
    for name, shape in declared["shapes"].items():
        if name in _CHANGED_SINCE:
            continue
        newer = dict(ours["shapes"][name])
        members = newer.get("members", {})
        if "enum" in shape:
            newer["enum"] = [value for value in newer["enum"] if value in shape["enum"]]
        if "members" in shape:
            newer["members"] = {member: members[member] for member in shape["members"]}
        assert newer == shape, name


# What the service's model declares otherwise than the SDK of 2025.
_CHANGED_SINCE = {
    "CreateTableInput": "a global table's source can stand for the schema",
    "KeySchema": "an index can have up to four attributes of each kind",
}


def _generator() -> Any:
    path = REPOSITORY / "tests" / "conformance" / "api_shapes.py"
    spec = importlib.util.spec_from_file_location("api_shapes", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _installed_models() -> list[dict[str, Any]]:
    data = Path(botocore.__file__).parent / "data"
    return [
        json.loads(gzip.decompress((data / service / "2012-08-10" / "service-2.json.gz").read_bytes()))
        for service in ("dynamodb", "dynamodbstreams")
    ]
