"""S0: what is said of a request with a value that is nested too deep, when something else is wrong as well."""

from __future__ import annotations

from typing import Any, Final

from facts.form import CAPTURED, Fact, M, S, Step, ask, fact

__all__ = ["FACTS"]

_NESTED: Final = (
    "Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported limit"
)
_OLDER_OPERATOR: Final = (
    "1 validation error detected: Value 'XOR' at 'conditionalOperator' failed to satisfy constraint: Member must "
    "satisfy enum value set: [OR, AND]"
)
_OPERATOR: Final = "Failed to satisfy constraint: Member must satisfy enum value set: [ALL, OR]"
_OLDER_RETURNED: Final = (
    "1 validation error detected: Value 'BOGUS' at 'returnValues' failed to satisfy constraint: Member must satisfy "
    "enum value set: [ALL_NEW, UPDATED_OLD, ALL_OLD, NONE, UPDATED_NEW]"
)
_RETURNED: Final = (
    "1 validation error detected: Failed to satisfy constraint: Member must satisfy enum value set: [ALL_OLD, "
    "UPDATED_OLD, ALL_NEW, UPDATE_NEW, NONE]"
)
_SYNTAX: Final = 'Invalid ConditionExpression: Syntax error; token: "=", near: "= = b"'
_KEY: Final = {"pk": S("a")}
_OTHER: Final = {"pk": S("b")}


def _deep(levels: int) -> dict[str, Any]:
    value: dict[str, Any] = S("leaf")
    for _ in range(levels):
        value = M(n=value)
    return value


def _expected(operation: str, levels: int, **more: Any) -> Step:
    return ask(
        operation,
        TableName="missing",
        Expected={"a": {"Value": _deep(levels)}, "b": {"Exists": False}},
        ConditionalOperator="XOR",
        **more,
    )


def _returned(levels: int) -> Step:
    return ask(
        "DeleteItem",
        TableName="missing",
        Key=_KEY,
        ConditionExpression="d = :deep",
        ExpressionAttributeValues={":deep": _deep(levels)},
        ReturnValues="BOGUS",
    )


def _transact(*actions: dict[str, Any]) -> Step:
    named = [{kind: {"TableName": "missing", **body} for kind, body in action.items()} for action in actions]
    return ask("TransactWriteItems", TransactItems=named)


_UPDATES: Final = {"AttributeUpdates": {"x": {"Action": "PUT", "Value": S("1")}}}
_NAMELESS: Final = {"Put": {"Item": {**_KEY, "": S("x")}}}
_BAD_SYNTAX: Final = {"Put": {"Item": _KEY, "ConditionExpression": "a = = b"}}


def _check(levels: int) -> dict[str, Any]:
    values = {":deep": _deep(levels)}
    return {"ConditionCheck": {"Key": _OTHER, "ConditionExpression": "d = :deep", "ExpressionAttributeValues": values}}


def _in_transaction(mark: str, says: str, message: str, *actions: dict[str, Any]) -> Fact:
    return fact(f"S0.deep.transact.{mark}", says, CAPTURED, _transact(*actions).refused(message), tables=())


FACTS: Final[tuple[Fact, ...]] = (
    fact(
        "S0.deep.operator.40",
        "with a value of 40 levels a wrong ConditionalOperator is told in the current words",
        CAPTURED,
        _expected("PutItem", 40, Item=_KEY).refused(_OPERATOR),
        _expected("UpdateItem", 40, Key=_KEY, **_UPDATES).refused(_OPERATOR),
        tables=(),
    ),
    *(
        fact(
            f"S0.deep.operator.{operation}",
            f"with a value of 100 levels {operation} tells a wrong ConditionalOperator in the older words",
            CAPTURED,
            _expected(operation, 100, **members).refused(_OLDER_OPERATOR),
            tables=(),
        )
        for operation, members in (("PutItem", {"Item": _KEY}), ("UpdateItem", {"Key": _KEY, **_UPDATES}))
    ),
    fact(
        "S0.deep.return_values",
        "so is a wrong ReturnValues, from 63 levels on",
        CAPTURED,
        _returned(40).refused(_RETURNED),
        _returned(63).refused(_OLDER_RETURNED),
        tables=(),
    ),
    fact(
        "S0.deep.return_values.key",
        "also when it is the key that is nested",
        CAPTURED,
        ask("DeleteItem", TableName="missing", Key={"pk": _deep(100)}, ReturnValues="BOGUS").refused(_OLDER_RETURNED),
        tables=(),
    ),
    fact(
        "S0.deep.scan",
        "a Scan tells the depth of a filter before it counts its conditions",
        "captured on the service, 2026, seven of ten regions such as us-east-1",
        ask(
            "Scan",
            TableName="missing",
            ScanFilter={"a": {"ComparisonOperator": "EQ", "AttributeValueList": [_deep(40)]}},
            ConditionalOperator="AND",
        ).refused(_NESTED),
        tables=(),
    ),
    _in_transaction(
        "item",
        "a nested item of an earlier action is told first",
        _NESTED,
        {"Put": {"Item": {**_OTHER, "d": _deep(40)}}},
        _NAMELESS,
    ),
    _in_transaction(
        "name",
        "and of a later one last",
        "Empty attribute name",
        _NAMELESS,
        {"Put": {"Item": {**_OTHER, "d": _deep(100)}}},
    ),
    _in_transaction(
        "value",
        "a nested value of an earlier condition is told by its name",
        f"ExpressionAttributeValues contains invalid value: {_NESTED} for key :deep",
        _check(40),
        _NAMELESS,
    ),
    _in_transaction("later_value", "and of a later one last", "Empty attribute name", _NAMELESS, _check(100)),
    _in_transaction(
        "key",
        "a nested key of an earlier action is told before a later condition",
        _NESTED,
        {"Delete": {"Key": {"pk": _deep(40)}}},
        _BAD_SYNTAX,
    ),
    _in_transaction(
        "later_key", "and after an earlier one", _SYNTAX, _BAD_SYNTAX, {"Delete": {"Key": {"pk": _deep(100)}}}
    ),
    _in_transaction(
        "own_condition",
        "and after the condition of its own action",
        _SYNTAX,
        {"Delete": {"Key": {"pk": _deep(100)}, "ConditionExpression": "a = = b"}},
    ),
    _in_transaction(
        "unused",
        "an unused value of an earlier action is told before a later key",
        "Value provided in ExpressionAttributeValues unused in expressions: keys: {:u}",
        {
            "Update": {
                "Key": _KEY,
                "UpdateExpression": "SET a = :v",
                "ExpressionAttributeValues": {":v": S("x"), ":u": S("y")},
            }
        },
        {"ConditionCheck": {"Key": {"pk": _deep(100)}, "ConditionExpression": "attribute_exists(a)"}},
    ),
)
