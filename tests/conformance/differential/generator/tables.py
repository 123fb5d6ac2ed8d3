"""Random requests about tables: the control plane."""

from __future__ import annotations

from typing import Any

from differential.generator.world import Request, World, schema

__all__ = ["describe", "table_requests"]


def table_requests(w: World) -> Request:
    """Return a request of the control plane."""
    makers = (_create, _create, _update, _update, _update, _describe_table, _delete, _list, _time_to_live, _limits)
    operation, request = w.pick(*makers)(w)
    return operation, request


def describe(w: World) -> Request:
    """Return a request that describes the table."""
    return w.pick(
        ("DescribeTable", {"TableName": _name(w)}),
        ("DescribeTimeToLive", {"TableName": _name(w)}),
        ("DescribeLimits", {}),
    )


def _name(w: World) -> str:
    if w.broken():
        return w.pick("nowhere", "", "ab", "bad!name", "x" * 256)
    return w.table if w.chance(0.6) else f"{w.table}-{w.pick('b', 'c')}"


def _describe_table(w: World) -> Request:
    return "DescribeTable", {"TableName": _name(w)}


def _delete(w: World) -> Request:
    return "DeleteTable", {"TableName": _name(w)}


def _limits(w: World) -> Request:
    return "DescribeLimits", {}


def _list(w: World) -> Request:
    request: dict[str, Any] = {"ExclusiveStartTableName": w.table[:-1]}
    if w.chance(0.5):
        request["Limit"] = w.pick(1, 2, 3) if not w.broken() else w.pick(0, 101, -1)
    if w.broken():
        request["ExclusiveStartTableName"] = w.pick("", "ab", "bad!name")
    return "ListTables", request


def _time_to_live(w: World) -> Request:
    if w.chance(0.4):
        return "DescribeTimeToLive", {"TableName": _name(w)}
    specification: dict[str, Any] = {"Enabled": w.chance(0.7), "AttributeName": w.pick("ttl", "ttl", "other")}
    if w.broken():
        specification = w.pick({}, {"Enabled": True}, {"AttributeName": "ttl"}, {"Enabled": True, "AttributeName": ""})
    return "UpdateTimeToLive", {"TableName": _name(w), "TimeToLiveSpecification": specification}


def _create(w: World) -> Request:
    """Return a CreateTable of another shape, with faults of schemas."""
    other = World(w.random.randrange(1 << 30), _name(w))
    other.fault = w.fault
    operation, request = other.create_table()
    for _ in range(w.pick(0, 0, 1, 1, 2) if w.fault else 0):
        _damage_definition(w, request)
    if w.chance(0.1):
        request["DeletionProtectionEnabled"] = w.chance(0.5)
    if w.chance(0.05):
        request["TableClass"] = w.pick("STANDARD", "STANDARD_INFREQUENT_ACCESS")
    return operation, request


def _damage_definition(w: World, request: dict[str, Any]) -> None:
    definitions: list[dict[str, Any]] = request.get("AttributeDefinitions", [])
    how = w.random.randrange(18)
    if how == 0:
        definitions.append({"AttributeName": "unused", "AttributeType": "S"})
    elif how == 1 and definitions:
        definitions.pop()
    elif how == 2:
        request["KeySchema"] = w.pick(
            [], schema("pk", "pk"), [{"AttributeName": "pk", "KeyType": "RANGE"}], list(reversed(schema("pk", "sk"))),
            [*schema("pk", "sk"), {"AttributeName": "x", "KeyType": "RANGE"}],
            [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "HASH"}],
            [{"AttributeName": "pk", "KeyType": "WRONG"}],
        )  # fmt: skip
    elif how == 3 and definitions:
        definitions[0] = {**definitions[0], "AttributeType": w.pick("WRONG", "BOOL", "SS", "s")}
    elif how == 4:
        request["BillingMode"] = w.pick("WRONG", "PROVISIONED", "PAY_PER_REQUEST")
    elif how == 5:
        request["ProvisionedThroughput"] = w.pick(
            {"ReadCapacityUnits": 0, "WriteCapacityUnits": 1}, {"ReadCapacityUnits": 1}, {},
            {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}, {"ReadCapacityUnits": 100000, "WriteCapacityUnits": 1},
            {"ReadCapacityUnits": -1, "WriteCapacityUnits": 10**13},
        )  # fmt: skip
    elif how == 6:
        request.pop(w.pick("KeySchema", "AttributeDefinitions", "ProvisionedThroughput", "BillingMode"), None)
    elif how == 7:
        request["StreamSpecification"] = w.pick(
            {"StreamEnabled": False}, {"StreamEnabled": True}, {"StreamEnabled": True, "StreamViewType": "WRONG"},
            {"StreamEnabled": False, "StreamViewType": "NEW_IMAGE"}, {"StreamViewType": "NEW_IMAGE"}, {},
        )  # fmt: skip
    elif how == 8 and definitions:
        definitions.append(dict(definitions[0]))
    elif how == 9 and definitions:
        definitions.append({**definitions[0], "AttributeType": w.pick("S", "N", "B")})
    elif how == 10:
        request["LocalSecondaryIndexes"] = w.pick(
            [], [_index(w, "localx", w.pick("pk", "x"), w.pick("sk", "y", None))] * w.pick(1, 2),
            [_index(w, f"local{number}", "pk", "sk") for number in range(6)],
        )  # fmt: skip
    elif how == 11:
        request["GlobalSecondaryIndexes"] = w.pick(
            [], [_index(w, "globalx", w.pick("pk", "x"), w.pick("sk", "y", None))] * w.pick(1, 2),
            [*request.get("GlobalSecondaryIndexes", ()), *(_index(w, f"more{n}", "pk", None) for n in range(20))],
        )  # fmt: skip
    else:
        indexes = [*request.get("GlobalSecondaryIndexes", ()), *request.get("LocalSecondaryIndexes", ())]
        if indexes:
            _damage_index(w, w.pick(*indexes))


def _damage_index(w: World, index: dict[str, Any]) -> None:
    how = w.random.randrange(6)
    if how == 0:
        index["IndexName"] = w.pick("", "ab", "bad!name", "x" * 256, "same")
    elif how == 1:
        index["Projection"] = w.pick(
            {}, {"ProjectionType": "WRONG"}, {"ProjectionType": "INCLUDE"},
            {"ProjectionType": "INCLUDE", "NonKeyAttributes": []},
            {"ProjectionType": "ALL", "NonKeyAttributes": ["x"]}, {"NonKeyAttributes": ["x"]},
            {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["x", "x"]},
            {"ProjectionType": "INCLUDE", "NonKeyAttributes": [f"a{number}" for number in range(21)]},
            {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["pk", "x"]},
        )  # fmt: skip
    elif how == 2:
        index["KeySchema"] = w.pick(
            [], schema("pk", "pk"), schema("undefined", None), list(reversed(schema("pk", "sk"))),
            schema("pk", "undefined"),
        )  # fmt: skip
    elif how == 3:
        index.pop(w.pick("IndexName", "KeySchema", "Projection"), None)
    elif how == 4:
        index["ProvisionedThroughput"] = {"ReadCapacityUnits": w.pick(0, 1), "WriteCapacityUnits": 1}
    else:
        index.pop("ProvisionedThroughput", None)


def _index(w: World, name: str, partition: str, sort: str | None) -> dict[str, Any]:
    return {"IndexName": name, "KeySchema": schema(partition, sort), "Projection": {"ProjectionType": "ALL"}}


def _update(w: World) -> Request:
    request: dict[str, Any] = {"TableName": _name(w)}
    for _ in range(w.pick(1, 1, 1, 2) if not w.broken() else 0):
        _add_change(w, request)
    return "UpdateTable", request


def _add_change(w: World, request: dict[str, Any]) -> None:
    how = w.random.randrange(9)
    throughput = {"ReadCapacityUnits": w.pick(5, 6, 7), "WriteCapacityUnits": w.pick(5, 6)}
    if how < 3:
        name = f"global{w.random.randrange(4)}"
        attribute = w.pick("g0", "x", "new", "pk")
        created = {**_index(w, name, attribute, w.pick(None, None, "h0")), "ProvisionedThroughput": throughput}
        if w.chance(0.6):
            del created["ProvisionedThroughput"]
        if w.broken():
            _damage_index(w, created)
        request.setdefault("GlobalSecondaryIndexUpdates", []).append({"Create": created})
        names = {part["AttributeName"] for part in created.get("KeySchema", ())} - ({"pk"} if w.chance(0.5) else set())
        kept = [{"AttributeName": name, "AttributeType": w.types.get(name, w.pick("S", "N"))} for name in sorted(names)]
        if not w.broken():
            request["AttributeDefinitions"] = kept
    elif how == 3:
        request.setdefault("GlobalSecondaryIndexUpdates", []).append(
            {"Delete": {"IndexName": f"global{w.pick(0, 1, 2)}"}}
        )
    elif how == 4:
        change = {"IndexName": f"global{w.pick(0, 1)}", "ProvisionedThroughput": throughput}
        request.setdefault("GlobalSecondaryIndexUpdates", []).append({"Update": change} if not w.broken() else {})
    elif how == 5:
        request["ProvisionedThroughput"] = (
            throughput if not w.broken() else {"ReadCapacityUnits": 0, "WriteCapacityUnits": 1}
        )
    elif how == 6:
        request["BillingMode"] = w.pick("PROVISIONED", "PAY_PER_REQUEST") if not w.broken() else "WRONG"
        if request["BillingMode"] == "PROVISIONED" and w.chance(0.8):
            request["ProvisionedThroughput"] = throughput
    elif how == 7:
        view = w.pick("KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES")
        request["StreamSpecification"] = w.pick(
            {"StreamEnabled": True, "StreamViewType": view}, {"StreamEnabled": False}
        )
        if w.broken():
            request["StreamSpecification"] = w.pick({}, {"StreamEnabled": True}, {"StreamViewType": view})
    else:
        request["DeletionProtectionEnabled"] = w.chance(0.5)
