"""Members of a request: types, presence, enums, lengths and ranges, as one list of rules for each operation.

All constraint faults of a request are reported together, in the order of the operation's list, before anything else
is looked at. A member that is JSON null is absent; members that an operation does not have are ignored, as the
service ignores them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from ddbmodel.engine.validation.faults import invalid, unreadable

__all__ = ["LEGACY", "OPERATION_MEMBERS", "Member", "check_members"]

JsonType: TypeAlias = Literal["string", "integer", "boolean", "map", "list"]

_CLASSES: Final[Mapping[str, type]] = {"string": str, "integer": int, "boolean": bool, "map": dict, "list": list}
_NAMES: Final = {"string": "String", "integer": "Integer", "boolean": "Boolean"}


@dataclass(frozen=True, slots=True)
class Member:
    """One member of a request and what holds for it by itself; lengths are of text, maps and lists alike."""

    name: str
    type: JsonType
    required: bool = False
    enum: tuple[str, ...] = ()
    """Allowed values, in the order in which the service lists them."""
    min_length: int | None = None
    max_length: int | None = None
    min_value: int | None = None
    max_value: int | None = None
    pattern: str | None = None

    @property
    def wire_name(self) -> str:
        """The name as the service's constraint messages write it."""
        return self.name[0].lower() + self.name[1:]


def check_members(operation: str, request: Any) -> None:
    """Check a request, or one action inside it, by itself.

    Args:
        operation: a key of `OPERATION_MEMBERS`; actions of transactions have entries of their own.

    Raises:
        ServiceError: ``SerializationException`` for a wrong JSON type; ``ValidationException`` with every broken
            constraint, or naming a legacy parameter, which this engine does not take yet.
    """
    if request.__class__ is not dict:
        raise unreadable("Unexpected token received from parser")
    known = _BY_NAME[operation]
    faults: list[tuple[int, str]] = []
    for name, value in request.items():
        found = known.get(name)
        if found is None or value is None:
            continue
        position, member = found
        if value.__class__ is not _CLASSES[member.type]:
            raise unreadable(_wrong_type(member, value))
        if member.enum or member.pattern or member.min_length or member.max_length or member.min_value is not None:
            faults += ((position, fault) for fault in _faults(member, value))
    for position, member in _REQUIRED[operation]:
        if request.get(member.name) is None:
            faults.append((position, f"Value null at '{member.wire_name}' failed to satisfy constraint: "
                           "Member must not be null"))  # fmt: skip
    if faults:
        faults.sort(key=lambda fault: fault[0])
        count = f"{len(faults)} validation error{'s' if len(faults) > 1 else ''} detected: "
        raise invalid(count + "; ".join(fault for _, fault in faults))
    if not LEGACY.isdisjoint(request):
        _refuse_legacy(operation, request)


def _faults(member: Member, value: Any) -> list[str]:
    rules: list[str] = []
    if member.enum and value not in member.enum:
        rules.append(f"Member must satisfy enum value set: [{', '.join(member.enum)}]")
    if member.type != "integer":
        if member.min_length is not None and len(value) < member.min_length:
            rules.append(f"Member must have length greater than or equal to {member.min_length}")
        if member.max_length is not None and len(value) > member.max_length:
            rules.append(f"Member must have length less than or equal to {member.max_length}")
    else:
        if member.min_value is not None and value < member.min_value:
            rules.append(f"Member must have value greater than or equal to {member.min_value}")
        if member.max_value is not None and value > member.max_value:
            rules.append(f"Member must have value less than or equal to {member.max_value}")
    if member.pattern and not re.fullmatch(member.pattern, value):
        rules.append(f"Member must satisfy regular expression pattern: {_PATTERN_AS_WRITTEN}")
    shown = value if member.type in ("string", "integer") else "[...]" if value else ""
    return [f"Value '{shown}' at '{member.wire_name}' failed to satisfy constraint: {rule}" for rule in rules]


def _wrong_type(member: Member, value: Any) -> str:
    if isinstance(value, (dict, list)):
        return "Start of structure or map found where not expected"
    if member.type in ("map", "list"):
        return "Unexpected token received from parser"
    token = {bool: f"{str(value).upper()}_VALUE", str: "STRING_VALUE"}.get(value.__class__, "NUMBER_VALUE")
    return f"{token} cannot be converted to {_NAMES[member.type]}"


def _refuse_legacy(operation: str, request: dict[str, Any]) -> None:
    for name in sorted(LEGACY.intersection(request)):
        if request[name] is not None and name in _LEGACY_OF.get(operation, ()):
            raise invalid(
                f"The legacy parameter {name} of {operation} is not supported here; "
                "use the expression parameter that replaces it"
            )


LEGACY: Final = frozenset(
    {
        "AttributeUpdates", "AttributesToGet", "ConditionalOperator", "Expected", "KeyConditions", "QueryFilter",
        "ScanFilter",
    }
)  # fmt: skip
"""Parameters of before expressions."""

_LEGACY_OF: Final[Mapping[str, frozenset[str]]] = {
    "GetItem": frozenset({"AttributesToGet"}),
    "PutItem": frozenset({"Expected", "ConditionalOperator"}),
    "DeleteItem": frozenset({"Expected", "ConditionalOperator"}),
    "UpdateItem": frozenset({"AttributeUpdates", "Expected", "ConditionalOperator"}),
    "Query": frozenset({"AttributesToGet", "ConditionalOperator", "KeyConditions", "QueryFilter"}),
    "Scan": frozenset({"AttributesToGet", "ConditionalOperator", "ScanFilter"}),
    "KeysAndAttributes": frozenset({"AttributesToGet"}),
}

_PATTERN_AS_WRITTEN: Final = "[a-zA-Z0-9_.-]+"

# A table's name or its ARN.
_TABLE: Final = Member(
    "TableName", "string", required=True, min_length=1, max_length=1024, pattern=r"[a-zA-Z0-9_.-]+|arn:.+"
)
_CAPACITY: Final = Member("ReturnConsumedCapacity", "string", enum=("INDEXES", "TOTAL", "NONE"))
_METRICS: Final = Member("ReturnItemCollectionMetrics", "string", enum=("SIZE", "NONE"))
_ON_FAILURE: Final = Member("ReturnValuesOnConditionCheckFailure", "string", enum=("ALL_OLD", "NONE"))
_RETURN_VALUES: Final = Member(
    "ReturnValues", "string", enum=("ALL_NEW", "UPDATED_OLD", "ALL_OLD", "NONE", "UPDATED_NEW")
)
_NAMES_AND_VALUES: Final = (Member("ExpressionAttributeNames", "map"), Member("ExpressionAttributeValues", "map"))
_CONDITION: Final = (Member("ConditionExpression", "string"), *_NAMES_AND_VALUES)
_KEY: Final = Member("Key", "map", required=True)
_PROJECTION: Final = (Member("ProjectionExpression", "string"), Member("ExpressionAttributeNames", "map"))
_CONSISTENT: Final = Member("ConsistentRead", "boolean")
_INDEX: Final = Member("IndexName", "string", min_length=3, max_length=255, pattern=r"[a-zA-Z0-9_.-]+")
_LIMIT: Final = Member("Limit", "integer", min_value=1)
_SELECT: Final = Member(
    "Select", "string", enum=("SPECIFIC_ATTRIBUTES", "COUNT", "ALL_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES")
)
_START: Final = Member("ExclusiveStartKey", "map")
_FILTER: Final = Member("FilterExpression", "string")
_WRITES: Final = (_CAPACITY, _RETURN_VALUES, _METRICS, _ON_FAILURE)

OPERATION_MEMBERS: Final[Mapping[str, Sequence[Member]]] = {
    "GetItem": (_TABLE, _KEY, _CAPACITY, _CONSISTENT, *_PROJECTION),
    "PutItem": (_TABLE, Member("Item", "map", required=True), *_WRITES, *_CONDITION),
    "DeleteItem": (_TABLE, _KEY, *_WRITES, *_CONDITION),
    "UpdateItem": (_TABLE, _KEY, *_WRITES, Member("UpdateExpression", "string"), *_CONDITION),
    "Query": (
        _TABLE, _INDEX, _CAPACITY, _SELECT, _LIMIT, _CONSISTENT, Member("ScanIndexForward", "boolean"), _START,
        Member("KeyConditionExpression", "string"), _FILTER, Member("ProjectionExpression", "string"),
        *_NAMES_AND_VALUES,
    ),
    "Scan": (
        _TABLE, _INDEX, _CAPACITY, _SELECT, _LIMIT, _CONSISTENT, _START, _FILTER,
        Member("TotalSegments", "integer", min_value=1, max_value=1_000_000),
        Member("Segment", "integer", min_value=0, max_value=999_999), Member("ProjectionExpression", "string"),
        *_NAMES_AND_VALUES,
    ),
    "BatchGetItem": (Member("RequestItems", "map", required=True, min_length=1, max_length=100), _CAPACITY),
    "KeysAndAttributes": (
        Member("Keys", "list", required=True, min_length=1, max_length=100), _CONSISTENT, *_PROJECTION,
    ),
    "BatchWriteItem": (
        Member("RequestItems", "map", required=True, min_length=1, max_length=25), _CAPACITY, _METRICS,
    ),
    "TableWrites": (Member("Writes", "list", required=True, min_length=1, max_length=25),),
    "WriteRequest": (Member("PutRequest", "map"), Member("DeleteRequest", "map")),
    "PutRequest": (Member("Item", "map", required=True),),
    "DeleteRequest": (_KEY,),
    "TransactGetItems": (
        Member("TransactItems", "list", required=True, min_length=1, max_length=100), _CAPACITY,
    ),
    "TransactGetItem": (Member("Get", "map", required=True),),
    "Get": (_TABLE, _KEY, *_PROJECTION),
    "TransactWriteItems": (
        Member("ClientRequestToken", "string", min_length=1, max_length=36),
        Member("TransactItems", "list", required=True, min_length=1, max_length=100), _CAPACITY, _METRICS,
    ),
    "TransactWriteItem": tuple(Member(kind, "map") for kind in ("ConditionCheck", "Put", "Delete", "Update")),
    "Put": (_TABLE, Member("Item", "map", required=True), _ON_FAILURE, *_CONDITION),
    "Delete": (_TABLE, _KEY, _ON_FAILURE, *_CONDITION),
    "Update": (
        _TABLE, _KEY, _ON_FAILURE, Member("UpdateExpression", "string", required=True), *_CONDITION,
    ),
    "ConditionCheck": (
        _TABLE, _KEY, _ON_FAILURE, Member("ConditionExpression", "string", required=True), *_NAMES_AND_VALUES,
    ),
}  # fmt: skip

_BY_NAME: Final = {
    operation: {member.name: (position, member) for position, member in enumerate(members)}
    for operation, members in OPERATION_MEMBERS.items()
}
_REQUIRED: Final = {
    operation: [(position, member) for position, member in enumerate(members) if member.required]
    for operation, members in OPERATION_MEMBERS.items()
}
