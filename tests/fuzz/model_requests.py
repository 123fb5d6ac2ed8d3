"""Requests built from the shapes of botocore's service model: valid in form, and mostly in sense."""

from __future__ import annotations

import random
from typing import Any, Final

import botocore.session
from botocore.model import OperationModel, Shape

__all__ = ["KEY", "OPERATIONS", "TABLE", "ModelRequests", "table_definition"]

TABLE: Final = "fuzzed"
KEY: Final = {"pk": {"S": "a"}, "sk": {"N": "1"}}

_session = botocore.session.get_session()
_models = {name: _session.get_service_model(name) for name in ("dynamodb", "dynamodbstreams")}
OPERATIONS: Final[dict[str, OperationModel]] = {
    operation: model.operation_model(operation) for model in _models.values() for operation in model.operation_names
}
"""Every operation of the API with its model, streams included."""

_DEPTH = 5
# What makes sense for a member, by its name; the rest follows from its shape.
_MEANINGS: Final[dict[str, tuple[Any, ...]]] = {
    "TableName": (TABLE, TABLE, TABLE, "nowhere"),
    "IndexName": ("by_g", "by_g", "by_l", "nowhere"),
    "Key": (KEY, {"pk": {"S": "b"}, "sk": {"N": "-1.5"}}),
    "ExclusiveStartKey": (KEY,),
    "Item": ({**KEY, "g": {"S": "g"}, "x": {"L": [{"N": "1"}, {"M": {"y": {"B": "YQ=="}}}]}},),
    "Keys": ([KEY],),
    "KeyConditionExpression": ("pk = :a", "pk = :a AND sk > :n"),
    "ConditionExpression": ("attribute_exists(pk)", "x = :a OR NOT size(x) > :n", "#n BETWEEN :n AND :n"),
    "FilterExpression": ("x = :a", "contains(x, :a) AND #n < :n"),
    "ProjectionExpression": ("pk, x[0].y", "#n"),
    "UpdateExpression": ("SET x = :a", "ADD y :n REMOVE z", "SET #n = if_not_exists(#n, :n) + :n"),
    "ExpressionAttributeNames": ({"#n": "number"}, {}),
    "ExpressionAttributeValues": ({":a": {"S": "a"}, ":n": {"N": "1"}}, {":a": {"S": "a"}}),
    "Statement": (
        f"SELECT * FROM \"{TABLE}\" WHERE pk = 'a'",
        f"INSERT INTO \"{TABLE}\" VALUE {{'pk': 'c', 'sk': 1}}",
        f"UPDATE \"{TABLE}\" SET x = ? WHERE pk = 'a' AND sk = 1",
    ),
    "StreamArn": (f"arn:aws:dynamodb:ddbmodel-local:000000000000:table/{TABLE}/stream/2026-01-01T00:00:00.000",),
    "ResourceArn": (f"arn:aws:dynamodb:ddbmodel-local:000000000000:table/{TABLE}",),
    "AttributeName": ("pk", "x", "g"),
    "N": ("1", "-2.5", "1e10"),
    "B": ("YQ==", ""),
}


def table_definition() -> dict[str, Any]:
    """Return the CreateTable of the table that the requests are about."""

    def index(name: str, partition: str, sort: str) -> dict[str, Any]:
        return {"IndexName": name, "KeySchema": _schema(partition, sort), "Projection": {"ProjectionType": "ALL"}}

    types = {"pk": "S", "sk": "N", "g": "S", "l": "B"}
    return {
        "TableName": TABLE,
        "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": _schema("pk", "sk"),
        "AttributeDefinitions": [{"AttributeName": a, "AttributeType": t} for a, t in types.items()],
        "GlobalSecondaryIndexes": [index("by_g", "g", "sk")],
        "LocalSecondaryIndexes": [index("by_l", "pk", "l")],
        "StreamSpecification": {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    }


def _schema(partition: str, sort: str) -> list[dict[str, str]]:
    return [{"AttributeName": partition, "KeyType": "HASH"}, {"AttributeName": sort, "KeyType": "RANGE"}]


class ModelRequests:
    """Requests of any operation, from a source of chance."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance

    def request(self, operation: str) -> dict[str, Any]:
        """Return a request that fits the operation's shapes."""
        shape = OPERATIONS[operation].input_shape
        made: dict[str, Any] = self._value("", shape, 0) if shape is not None else {}
        return made

    def _value(self, name: str, shape: Shape, depth: int) -> Any:
        meanings = _MEANINGS.get(name)
        if meanings and self.chance.random() < 0.9:
            return self.chance.choice(meanings)
        if shape.name == "AttributeValue":
            return self._attribute_value(shape, depth)
        kind = shape.type_name
        if kind == "structure":
            return self._structure(shape, depth)
        if kind == "list":
            count = self.chance.choice((1, 1, 2)) if depth < _DEPTH else 0
            return [self._value("", shape.member, depth + 1) for _ in range(max(count, shape.metadata.get("min", 0)))]
        if kind == "map":
            key = self.chance.choice((TABLE, ":a", "#n", "x"))
            return {key: self._value("", shape.value, depth + 1)} if depth < _DEPTH else {}
        return self._scalar(shape)

    def _structure(self, shape: Shape, depth: int) -> dict[str, Any]:
        often = 0.5 if depth == 0 else 0.3
        return {
            name: self._value(name, member, depth + 1)
            for name, member in shape.members.items()
            if name in shape.required_members or self.chance.random() < often
        }

    def _attribute_value(self, shape: Shape, depth: int) -> dict[str, Any]:
        names = list(shape.members) if depth < _DEPTH else ["S", "N", "B", "BOOL", "NULL"]
        name = self.chance.choice(names)
        return {name: self._value(name, shape.members[name], depth + 1)}

    def _scalar(self, shape: Shape) -> Any:
        kind = shape.type_name
        if shape.metadata.get("enum"):
            return self.chance.choice(shape.metadata["enum"])
        if kind == "boolean":
            return self.chance.random() < 0.5
        if kind in ("integer", "long"):
            return max(self.chance.choice((1, 1, 2, 10)), shape.metadata.get("min", 0))
        if kind in ("double", "float", "timestamp"):
            return self.chance.choice((0, 1.5, 1_767_225_600))
        if kind == "blob":
            return "YQ=="
        return "a" * max(self.chance.choice((1, 3, 8)), shape.metadata.get("min", 0))
