"""The shapes of the API's requests, as the service's own model declares them, with what the service does otherwise.

`api_shapes.json` is made from the model by ``tests/conformance/api_shapes.py`` and compared with it by a test.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any, Final

__all__ = ["ATTRIBUTE_VALUE", "OPERATION_NAMES", "Shape", "request_shape"]

ATTRIBUTE_VALUE: Final = "AttributeValue"

_TABLE_NAME_PATTERN: Final = "[a-zA-Z0-9_.-]+"

# The order in which the service lists an enumeration is that of a hash table of its own.
_ENUM_ORDERS: Final[Mapping[str, tuple[str, ...]]] = {
    "AttributeAction": ("ADD", "DELETE", "PUT"),
    "ComparisonOperator": (
        "IN", "NULL", "BETWEEN", "LT", "NOT_CONTAINS", "EQ", "GT", "NOT_NULL", "NE", "LE", "BEGINS_WITH", "GE",
        "CONTAINS",
    ),
    "ConditionalOperator": ("OR", "AND"),
    "ProjectionType": ("ALL", "INCLUDE", "KEYS_ONLY"),
    "ReturnValue": ("ALL_NEW", "UPDATED_OLD", "ALL_OLD", "NONE", "UPDATED_NEW"),
    "ScalarAttributeType": ("B", "N", "S"),
    "Select": ("SPECIFIC_ATTRIBUTES", "COUNT", "ALL_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES"),
    "StreamViewType": ("OLD_IMAGE", "KEYS_ONLY", "NEW_AND_OLD_IMAGES", "NEW_IMAGE"),
}  # fmt: skip

# Required although the newest model, where a table may be a copy of another one, does not say so.
_ALSO_REQUIRED: Final[Mapping[str, tuple[str, ...]]] = {"CreateTableInput": ("AttributeDefinitions", "KeySchema")}

# Their operations have words of their own for what these constraints forbid.
_NOT_CONSTRAINED: Final = frozenset({"TableClass", "Tag", "TagKeyString", "TagValueString"})

# Faults are listed in this order; members that are not named follow in the model's.
_FIRST_MEMBERS: Final = (
    "ClientRequestToken",
    "Limit",
    "AttributeDefinitions",
    "ReturnConsumedCapacity",
    "TableName",
    "BillingMode",
    "ProvisionedThroughput",
    "KeySchema",
    "GlobalSecondaryIndexes",
    "LocalSecondaryIndexes",
    "Key",
    "Item",
    "ConditionalOperator",
    "Expected",
    "ReturnValues",
    "ReturnItemCollectionMetrics",
    "WriteCapacityUnits",
)


@dataclass(frozen=True)
class Shape:
    """One shape; `members` are in the order in which their faults are listed."""

    name: str
    type: str
    members: Mapping[str, str]
    required: tuple[str, ...]
    enum: tuple[str, ...]
    minimum: int | None
    maximum: int | None
    pattern: str | None
    element: str | None
    """The shape of a list's members or a map's values."""
    key: str | None


def request_shape(operation: str) -> Shape | None:
    """Return the shape of an operation's request; None when the request holds nothing."""
    name = _model()["operations"][operation]
    return None if name is None else shape_called(name)


@lru_cache(maxsize=512)
def shape_called(name: str) -> Shape:
    """Return a shape by its name in the model, or by a name with what the service makes of it: ``KeySchema<=2``."""
    declared_name, bound, most = name.partition("<=")
    facts = _model()["shapes"][declared_name]
    if declared_name in _NOT_CONSTRAINED:
        facts = {fact: facts[fact] for fact in ("type", "members") if fact in facts}
    members: dict[str, str] = facts.get("members", {})
    ranked = sorted(
        members, key=lambda member: _FIRST_MEMBERS.index(member) if member in _FIRST_MEMBERS else len(_FIRST_MEMBERS)
    )
    pattern = facts.get("pattern")
    return Shape(
        name=declared_name,
        type=facts["type"],
        members={member: _as_enforced(declared_name, member, members[member]) for member in ranked},
        required=(*facts.get("required", ()), *_ALSO_REQUIRED.get(declared_name, ())),
        enum=_ENUM_ORDERS.get(declared_name, tuple(facts.get("enum", ()))),
        minimum=facts.get("min"),
        maximum=int(most) if bound else facts.get("max"),
        pattern=pattern if pattern == _TABLE_NAME_PATTERN else None,
        element=facts.get("member", facts.get("value")),
        key=facts.get("key"),
    )


def _as_enforced(owner: str, member: str, shape: str) -> str:
    # The model allows a key schema what a global index may have; a table and a local index have two attributes.
    if shape == "KeySchema" and owner in ("CreateTableInput", "LocalSecondaryIndex"):
        return "KeySchema<=2"
    return shape


@lru_cache(maxsize=1)
def _model() -> dict[str, Any]:
    text = files("ddbmodel.engine.validation").joinpath("api_shapes.json").read_text("utf-8")
    model: dict[str, Any] = json.loads(text)
    return model


OPERATION_NAMES: Final[frozenset[str]] = frozenset(_model()["operations"])
"""Every operation of the API, of tables, items and streams."""
