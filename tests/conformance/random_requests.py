"""Random requests on one table, valid and invalid, from a seed: the same requests for every backend.

Names, keys and values come from small pools, so that requests meet each other's items.
"""

from __future__ import annotations

import random
from typing import Any

__all__ = ["TABLE", "RandomRequests", "table_definition"]

TABLE = "conformance"

KEYS_P = ("a", "b", "c\u00e9")
KEYS_S = ("0", "1", "-2.5", "10", "3e1")
NAMES = ("x", "y", "data", "size", "l", "m", "gs", "ls", "gp")


def table_definition(name: str) -> dict[str, Any]:
    """Return the CreateTable request: a string partition, a number sort key, one global and one local index."""
    types = {"pk": "S", "sk": "N", "gp": "S", "gs": "N", "ls": "S"}
    return {
        "TableName": name,
        "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": _schema("pk", "sk"),
        "AttributeDefinitions": [{"AttributeName": a, "AttributeType": t} for a, t in types.items()],
        "GlobalSecondaryIndexes": [
            {
                "IndexName": "by_gp",
                "KeySchema": _schema("gp", "gs"),
                "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["x", "l"]},
            }
        ],
        "LocalSecondaryIndexes": [
            {"IndexName": "by_ls", "KeySchema": _schema("pk", "ls"), "Projection": {"ProjectionType": "KEYS_ONLY"}}
        ],
    }


def _schema(partition: str, sort: str) -> list[dict[str, str]]:
    return [{"AttributeName": partition, "KeyType": "HASH"}, {"AttributeName": sort, "KeyType": "RANGE"}]


class RandomRequests:
    """An endless source of (operation, request)."""

    def __init__(self, seed: int, table: str) -> None:
        self.random = random.Random(seed)
        self.table = table

    def next(self) -> tuple[str, dict[str, Any]]:
        """Return the next request."""
        weights = {
            self.put: 5,
            self.update: 6,
            self.get: 2,
            self.delete: 2,
            self.query: 5,
            self.scan: 2,
            self.batch_get: 1,
            self.batch_write: 1,
            self.transact_write: 2,
            self.transact_get: 1,
        }
        (make,) = self.random.choices(list(weights), list(weights.values()))
        operation, request = make()
        return operation, request

    def put(self) -> tuple[str, dict[str, Any]]:
        request = {"TableName": self.table, "Item": self.item()}
        if self.chance(0.3):
            self.maybe_condition(request)
        if self.chance(0.4):
            request["ReturnValues"] = self.pick("NONE", "ALL_OLD", "ALL_OLD", "ALL_NEW", "WRONG")
        return "PutItem", request

    def update(self) -> tuple[str, dict[str, Any]]:
        request: dict[str, Any] = {"TableName": self.table, "Key": self.key()}
        if self.chance(0.95):
            self.add_update(request)
        if self.chance(0.3):
            self.maybe_condition(request)
        if self.chance(0.7):
            request["ReturnValues"] = self.pick("NONE", "ALL_OLD", "ALL_NEW", "UPDATED_OLD", "UPDATED_NEW")
        return "UpdateItem", request

    def get(self) -> tuple[str, dict[str, Any]]:
        request: dict[str, Any] = {"TableName": self.table if self.chance(0.97) else "nowhere", "Key": self.key()}
        if self.chance(0.3):
            self.add_projection(request)
        return "GetItem", request

    def delete(self) -> tuple[str, dict[str, Any]]:
        request: dict[str, Any] = {"TableName": self.table, "Key": self.key()}
        if self.chance(0.4):
            self.maybe_condition(request)
        if self.chance(0.5):
            request["ReturnValues"] = self.pick("NONE", "ALL_OLD", "UPDATED_NEW")
        return "DeleteItem", request

    def query(self) -> tuple[str, dict[str, Any]]:
        index = self.pick(None, None, "by_gp", "by_ls", "nowhere" if self.chance(0.05) else None)
        partition, sort, sort_value = {
            "by_gp": ("gp", "gs", self.number),
            "by_ls": ("pk", "ls", self.string),
        }.get(index or "", ("pk", "sk", self.sort_number))
        request: dict[str, Any] = {"TableName": self.table}
        if index:
            request["IndexName"] = index
        pool = ("g", "h") if index == "by_gp" else KEYS_P
        values: dict[str, Any] = {":p": {"S": self.pick(*pool)} if self.chance(0.97) else self.value()}
        text = f"{partition} = :p"
        if self.chance(0.6):
            form = self.pick("{} = {}", "{} < {}", "{} <= {}", "{} > {}", "{} >= {}", "between", "begins", "{} <> {}")
            values[":q"] = sort_value() if self.chance(0.95) else self.value()
            if form == "between":
                values[":r"] = sort_value()
                text += f" AND {sort} BETWEEN :q AND :r"
            elif form == "begins":
                text += f" AND begins_with({sort}, :q)"
            else:
                text += " AND " + form.format(sort, ":q")
        if self.chance(0.04):
            text = self.pick(f"{sort} = :p", f"{partition} > :p", f"{text} AND x = :p", f"{text} OR x = :p", "pk :p")
        request["KeyConditionExpression"] = text
        request["ExpressionAttributeValues"] = values
        if self.chance(0.3):
            request["ScanIndexForward"] = self.chance(0.3)
        # Entries with one index key have no order that a page limit could cut.
        if index is None and self.chance(0.3):
            request["Limit"] = self.pick(1, 2, 3, 0) if self.chance(0.3) else self.pick(1, 2, 3)
        if index is None and self.chance(0.2):
            request["ExclusiveStartKey"] = self.key() if self.chance(0.3) else self.plain_key(values[":p"].get("S"))
        self.add_reading_options(request)
        return "Query", request

    def scan(self) -> tuple[str, dict[str, Any]]:
        request: dict[str, Any] = {"TableName": self.table}
        if self.chance(0.4):
            request["IndexName"] = self.pick("by_gp", "by_ls")
        self.add_reading_options(request)
        return "Scan", request

    def batch_get(self) -> tuple[str, dict[str, Any]]:
        asked: dict[str, Any] = {"Keys": [self.key() for _ in range(self.random.randrange(1, 5))]}
        if self.chance(0.3):
            self.add_projection(asked)
        return "BatchGetItem", {"RequestItems": {self.table: asked}}

    def batch_write(self) -> tuple[str, dict[str, Any]]:
        writes = [
            {"PutRequest": {"Item": self.item()}} if self.chance(0.6) else {"DeleteRequest": {"Key": self.key()}}
            for _ in range(self.random.randrange(1, 4))
        ]
        return "BatchWriteItem", {"RequestItems": {self.table: writes}}

    def transact_write(self) -> tuple[str, dict[str, Any]]:
        return "TransactWriteItems", {"TransactItems": [self.action() for _ in range(self.random.randrange(1, 4))]}

    def transact_get(self) -> tuple[str, dict[str, Any]]:
        actions = []
        for _ in range(self.random.randrange(1, 4)):
            body: dict[str, Any] = {"TableName": self.table, "Key": self.key()}
            if self.chance(0.3):
                self.add_projection(body)
            actions.append({"Get": body})
        return "TransactGetItems", {"TransactItems": actions}

    def action(self) -> dict[str, Any]:
        kind = self.pick("Put", "Update", "Delete", "ConditionCheck")
        body: dict[str, Any] = {"TableName": self.table}
        if kind == "Put":
            body["Item"] = self.item()
        else:
            body["Key"] = self.key()
        if kind == "Update":
            self.add_update(body)
        if kind == "ConditionCheck" or self.chance(0.4):
            self.maybe_condition(body)
        return {kind: body}

    def add_reading_options(self, request: dict[str, Any]) -> None:
        if self.chance(0.3):
            text, values = self.condition()
            request["FilterExpression"] = text
            if values:
                request["ExpressionAttributeValues"] = {**request.get("ExpressionAttributeValues", {}), **values}
        if self.chance(0.2):
            self.add_projection(request)
        if self.chance(0.2):
            request["Select"] = self.pick(
                "COUNT", "ALL_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES", "SPECIFIC_ATTRIBUTES", "WRONG"
            )
        if self.chance(0.1):
            request["ConsistentRead"] = self.chance(0.5)

    def add_projection(self, request: dict[str, Any]) -> None:
        count = self.random.randrange(1, 3)
        request["ProjectionExpression"] = ", ".join(self.path() for _ in range(count))

    def add_update(self, request: dict[str, Any]) -> None:
        sections: dict[str, list[str]] = {}
        values: dict[str, Any] = request.setdefault("ExpressionAttributeValues", {})
        for number in range(self.random.randrange(1, 3)):
            ref = f":u{number}"
            path = self.path()
            section = self.pick("SET", "SET", "SET", "REMOVE", "ADD", "DELETE")
            if section == "REMOVE":
                sections.setdefault(section, []).append(path)
                continue
            values[ref] = self.value()
            if section == "SET":
                values[ref] = self.update_value()
                form = self.pick(
                    "{0} = {1}",
                    "{0} = {1}",
                    "{0} = if_not_exists({2}, {1})",
                    "{0} = {2} + {1}",
                    "{0} = {2} - {1}",
                    "{0} = list_append({2}, {1})",
                    "{0} = {2}",
                )
                if form == "{0} = {2}":
                    del values[ref]
                sections.setdefault(section, []).append(form.format(path, ref, self.path()))
            else:
                sections.setdefault(section, []).append(f"{path} {ref}")
        request["UpdateExpression"] = " ".join(f"{name} {', '.join(parts)}" for name, parts in sections.items())
        if not values:
            del request["ExpressionAttributeValues"]

    def maybe_condition(self, request: dict[str, Any]) -> None:
        text, values = self.condition()
        request["ConditionExpression"] = text
        if values:
            request["ExpressionAttributeValues"] = {**request.get("ExpressionAttributeValues", {}), **values}
        if self.chance(0.4):
            request["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"

    def condition(self) -> tuple[str, dict[str, Any]]:
        values: dict[str, Any] = {}
        terms = [self.term(values) for _ in range(self.pick(1, 1, 2, 3))]
        text = terms[0]
        for term in terms[1:]:
            text = f"{text} {self.pick('AND', 'OR')} {term}"
        return text, values

    def term(self, values: dict[str, Any]) -> str:
        def ref(value: dict[str, Any]) -> str:
            name = f":c{len(values)}"
            values[name] = value
            return name

        path = self.path()
        form = self.random.randrange(10)
        if form < 3:
            return f"{path} {self.pick('=', '<>', '<', '<=', '>', '>=')} {ref(self.value())}"
        if form == 3:
            return f"{self.pick('attribute_exists', 'attribute_not_exists')}({path})"
        if form == 4:
            return f"{path} BETWEEN {ref(self.number())} AND {ref(self.number())}"
        if form == 5:
            return f"{path} IN ({ref(self.value())}, {ref(self.value())})"
        if form == 6:
            return f"contains({path}, {ref(self.value())})"
        if form == 7:
            return f"begins_with({path}, {ref(self.string())})"
        if form == 8:
            return f"size({path}) {self.pick('=', '<', '>')} {ref(self.number())}"
        return f"NOT attribute_type({path}, {ref({'S': self.pick('S', 'N', 'L', 'M', 'SS', 'BOOL', 'Q')})})"

    def path(self) -> str:
        return self.pick(
            "x", "y", "x", "y", "l", "m", "gs", "ls", "gp", "l[0]", "l[1]", "m.x", "m.y[0]", "pk", "l[1].x"
        )

    def item(self) -> dict[str, Any]:
        item = dict(self.key())
        for name in self.random.sample(("x", "y", "l", "m"), self.random.randrange(0, 4)):
            item[name] = {"l": self.list_value, "m": self.map_value}.get(name, self.value)()
        if self.chance(0.5):
            item["gp"] = {"S": self.pick("g", "h")}
        if self.chance(0.5):
            item["gs"] = self.number() if self.chance(0.95) else self.value()
        if self.chance(0.5):
            item["ls"] = self.string() if self.chance(0.95) else self.value()
        return item

    def key(self) -> dict[str, Any]:
        if self.chance(0.97):
            return self.plain_key(None)
        return self.pick(
            {"pk": {"S": "a"}},
            {"pk": {"S": "a"}, "sk": {"S": "1"}},
            {"pk": {"S": ""}, "sk": {"N": "1"}},
            {"pk": {"S": "a"}, "sk": {"N": "1"}, "x": {"N": "1"}},
            {"pk": {"S": "a" * 2049}, "sk": {"N": "1"}},
            {"pk": {"S": "a"}, "sk": {"N": "1e200"}},
            {},
        )

    def plain_key(self, partition: str | None) -> dict[str, Any]:
        return {"pk": {"S": partition or self.pick(*KEYS_P)}, "sk": self.sort_number()}

    def sort_number(self) -> dict[str, Any]:
        return {"N": self.pick(*KEYS_S)}

    def number(self) -> dict[str, Any]:
        return {"N": self.pick("0", "1", "2", "-1", "1.50", "1e2", "0.1")}

    def string(self) -> dict[str, Any]:
        return {"S": self.pick("a", "ab", "b", "\u00e9", "z")}

    def list_value(self) -> dict[str, Any]:
        return {"L": [self.value() for _ in range(self.random.randrange(0, 3))]}

    def map_value(self) -> dict[str, Any]:
        return {"M": {name: self.value() for name in self.random.sample(("x", "y"), self.random.randrange(0, 3))}}

    def update_value(self) -> dict[str, Any]:
        return self.pick(self.value, self.number, self.number, self.list_value)()

    def value(self) -> dict[str, Any]:
        if self.chance(0.02):
            return self.pick(
                {"SS": []},
                {"SS": ["a", "a"]},
                {"NS": ["1", "1.0"]},
                {"NULL": False},
                {},
                {"S": "a", "N": "1"},
                {"N": "abc"},
                {"N": "1e126"},
                {"N": "1" * 39},
            )
        return self.pick(
            self.number,
            self.number,
            self.string,
            lambda: {"BOOL": self.chance(0.5)},
            lambda: {"NULL": True},
            lambda: {"SS": self.random.sample(("a", "b", "c"), self.random.randrange(1, 4))},
            lambda: {"NS": self.random.sample(("1", "2", "3.0"), self.random.randrange(1, 4))},
            lambda: {"B": self.pick("YQ==", "AAE=", "")},
            lambda: {"S": ""},
            lambda: {"L": [self.number()]},
            lambda: {"M": {"x": self.string()}},
        )()

    def pick(self, *options: Any) -> Any:
        return self.random.choice(options)

    def chance(self, probability: float) -> bool:
        return self.random.random() < probability
