"""The engine against a plain dict: random programs of writes, reads, queries and transactions agree step by step."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from ddbmodel.engine.engine import Engine
from ddbmodel.errors import ServiceError

Key = tuple[str, int]

partitions = st.sampled_from(["a", "b", "\u00e9"])
sorts = st.integers(-3, 12)
numbers = st.integers(-5, 5)
groups = st.none() | st.sampled_from(["g", "h"])
bodies = st.fixed_dictionaries({"n": st.none() | numbers, "group": groups, "tags": st.sets(st.sampled_from("xyz"))})
comparators = st.sampled_from(["=", "<", "<=", ">", ">="])

_COMPARE = {
    "=": lambda left, right: left == right,
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
}


def wire_key(key: Key) -> dict[str, Any]:
    return {"p": {"S": key[0]}, "s": {"N": str(key[1])}}


def wire_item(key: Key, body: dict[str, Any]) -> dict[str, Any]:
    item = wire_key(key)
    if body["n"] is not None:
        item["n"] = {"N": str(body["n"])}
    if body["group"] is not None:
        item["group"] = {"S": body["group"]}
    if body["tags"]:
        item["tags"] = {"SS": sorted(body["tags"])}
    return item


def plain(item: dict[str, Any]) -> tuple[Key, dict[str, Any]]:
    key = (item["p"]["S"], int(Decimal(item["s"]["N"])))
    number = item.get("n")
    body = {
        "n": None if number is None else int(number["N"]),
        "group": item.get("group", {}).get("S"),
        "tags": set(item.get("tags", {}).get("SS", ())),
    }
    return key, body


class EngineAgainstDict(RuleBasedStateMachine):
    """One table with a global index on (group, n)."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.engine = Engine.open("memory:")
        self.model: dict[Key, dict[str, Any]] = {}

    @initialize()
    def create_table(self) -> None:
        types = {"p": "S", "s": "N", "group": "S", "n": "N"}
        self.ask(
            "CreateTable",
            TableName="things",
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "p", "KeyType": "HASH"}, {"AttributeName": "s", "KeyType": "RANGE"}],
            AttributeDefinitions=[{"AttributeName": a, "AttributeType": t} for a, t in types.items()],
            GlobalSecondaryIndexes=[
                {
                    "IndexName": "by_group",
                    "KeySchema": [
                        {"AttributeName": "group", "KeyType": "HASH"},
                        {"AttributeName": "n", "KeyType": "RANGE"},
                    ],
                    "Projection": {"ProjectionType": "ALL"},
                }
            ],
        )

    def teardown(self) -> None:
        self.loop.run_until_complete(self.engine.close())
        self.loop.close()

    def ask(self, operation: str, **request: Any) -> dict[str, Any]:
        return self.loop.run_until_complete(self.engine.execute(operation, request))

    def fails_with(self, operation: str, **request: Any) -> ServiceError:
        with pytest.raises(ServiceError) as caught:
            self.ask(operation, **request)
        return caught.value

    @rule(p=partitions, s=sorts, body=bodies)
    def put(self, p: str, s: int, body: dict[str, Any]) -> None:
        answer = self.ask("PutItem", TableName="things", Item=wire_item((p, s), body), ReturnValues="ALL_OLD")

        old = self.model.get((p, s))
        assert (plain(answer["Attributes"])[1] if "Attributes" in answer else None) == old
        self.model[p, s] = body

    @rule(p=partitions, s=sorts, body=bodies)
    def create(self, p: str, s: int, body: dict[str, Any]) -> None:
        request = {
            "TableName": "things",
            "Item": wire_item((p, s), body),
            "ConditionExpression": "attribute_not_exists(p)",
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }

        if (p, s) in self.model:
            error = self.fails_with("PutItem", **request)
            assert error.code == "ConditionalCheckFailedException"
            assert plain(error.item or {}) == ((p, s), self.model[p, s])
        else:
            self.ask("PutItem", **request)
            self.model[p, s] = body

    @rule(p=partitions, s=sorts, amount=numbers)
    def add(self, p: str, s: int, amount: int) -> None:
        answer = self.ask(
            "UpdateItem",
            TableName="things",
            Key=wire_key((p, s)),
            UpdateExpression="ADD n :amount",
            ExpressionAttributeValues={":amount": {"N": str(amount)}},
            ReturnValues="UPDATED_NEW",
        )

        body = self.model.setdefault((p, s), {"n": None, "group": None, "tags": set()})
        body["n"] = (body["n"] or 0) + amount
        assert answer["Attributes"] == {"n": {"N": str(body["n"])}}

    @rule(p=partitions, s=sorts, group=groups, limit=numbers)
    def move_when_above(self, p: str, s: int, group: str | None, limit: int) -> None:
        action = {"UpdateExpression": "REMOVE #g"} if group is None else {"UpdateExpression": "SET #g = :g"}
        values = {":limit": {"N": str(limit)}} | ({} if group is None else {":g": {"S": group}})
        request = {
            "TableName": "things",
            "Key": wire_key((p, s)),
            "ConditionExpression": "n > :limit",
            "ExpressionAttributeNames": {"#g": "group"},
            "ExpressionAttributeValues": values,
            **action,
        }
        body = self.model.get((p, s))

        if body is None or body["n"] is None or body["n"] <= limit:
            assert self.fails_with("UpdateItem", **request).code == "ConditionalCheckFailedException"
        else:
            self.ask("UpdateItem", **request)
            body["group"] = group

    @rule(p=partitions, s=sorts)
    def delete(self, p: str, s: int) -> None:
        self.ask("DeleteItem", TableName="things", Key=wire_key((p, s)))

        self.model.pop((p, s), None)

    @rule(first=st.tuples(partitions, sorts), second=st.tuples(partitions, sorts), body=bodies)
    def move_in_a_transaction(self, first: Key, second: Key, body: dict[str, Any]) -> None:
        actions = [
            {
                "Delete": {
                    "TableName": "things",
                    "Key": wire_key(first),
                    "ConditionExpression": "attribute_exists(p)",
                }
            },
            {
                "Put": {
                    "TableName": "things",
                    "Item": wire_item(second, body),
                    "ConditionExpression": "attribute_not_exists(p)",
                }
            },
        ]

        if first == second:
            assert self.fails_with("TransactWriteItems", TransactItems=actions).code == "ValidationException"
        elif first in self.model and second not in self.model:
            self.ask("TransactWriteItems", TransactItems=actions)
            del self.model[first]
            self.model[second] = body
        else:
            error = self.fails_with("TransactWriteItems", TransactItems=actions)
            failed = [reason.code == "ConditionalCheckFailed" for reason in error.cancellation_reasons]
            assert failed == [first not in self.model, second in self.model]

    @rule(keys=st.lists(st.tuples(partitions, sorts), min_size=1, max_size=5, unique=True), body=bodies)
    def write_a_batch(self, keys: list[Key], body: dict[str, Any]) -> None:
        writes = [{"PutRequest": {"Item": wire_item(key, body)}} for key in keys[1:]]
        self.ask("BatchWriteItem", RequestItems={"things": [*writes, {"DeleteRequest": {"Key": wire_key(keys[0])}}]})

        self.model.pop(keys[0], None)
        self.model |= {key: {**body, "tags": set(body["tags"])} for key in keys[1:]}

    @rule(p=partitions, comparator=comparators, bound=sorts, forward=st.booleans(), limit=st.none() | st.integers(1, 3))
    def query(self, p: str, comparator: str, bound: int, forward: bool, limit: int | None) -> None:
        request: dict[str, Any] = {
            "TableName": "things",
            "KeyConditionExpression": f"p = :p AND s {comparator} :bound",
            "ExpressionAttributeValues": {":p": {"S": p}, ":bound": {"N": str(bound)}},
            "ScanIndexForward": forward,
        }
        if limit is not None:
            request["Limit"] = limit

        found = [plain(item) for item in self.all_pages("Query", request)]

        keys = sorted(key for key in self.model if key[0] == p and _COMPARE[comparator](key[1], bound))
        assert found == [(key, self.model[key]) for key in (keys if forward else reversed(keys))]

    @rule(group=st.sampled_from(["g", "h"]), low=numbers, high=numbers, limit=st.none() | st.integers(1, 3))
    def query_index(self, group: str, low: int, high: int, limit: int | None) -> None:
        low, high = min(low, high), max(low, high)
        request: dict[str, Any] = {
            "TableName": "things",
            "IndexName": "by_group",
            "KeyConditionExpression": "#g = :g AND n BETWEEN :low AND :high",
            "ExpressionAttributeNames": {"#g": "group"},
            "ExpressionAttributeValues": {":g": {"S": group}, ":low": {"N": str(low)}, ":high": {"N": str(high)}},
        }
        if limit is not None:
            request["Limit"] = limit

        found = [plain(item) for item in self.all_pages("Query", request)]

        expected = [
            (key, body)
            for key, body in self.model.items()
            if body["group"] == group and body["n"] is not None and low <= body["n"] <= high
        ]
        assert [body["n"] for _, body in found] == sorted(body["n"] for _, body in expected)
        assert sorted(found, key=repr) == sorted(expected, key=repr) or dict(found) == dict(expected)

    @rule(segments=st.integers(1, 4), limit=st.none() | st.integers(1, 4))
    def scan_in_segments(self, segments: int, limit: int | None) -> None:
        found: list[tuple[Key, dict[str, Any]]] = []
        for segment in range(segments):
            request: dict[str, Any] = {"TableName": "things", "Segment": segment, "TotalSegments": segments}
            if limit is not None:
                request["Limit"] = limit
            found += (plain(item) for item in self.all_pages("Scan", request))

        assert len(found) == len(self.model)
        assert dict(found) == self.model

    @rule(keys=st.lists(st.tuples(partitions, sorts), min_size=1, max_size=4, unique=True))
    def get_several(self, keys: list[Key]) -> None:
        in_batch = self.ask("BatchGetItem", RequestItems={"things": {"Keys": [wire_key(key) for key in keys]}})
        gets = [{"Get": {"TableName": "things", "Key": wire_key(key)}} for key in keys]
        in_transaction = self.ask("TransactGetItems", TransactItems=gets)

        expected = {key: self.model[key] for key in keys if key in self.model}
        assert dict(map(plain, in_batch["Responses"]["things"])) == expected
        assert [read.get("Item") is not None for read in in_transaction["Responses"]] == [k in expected for k in keys]

    def all_pages(self, operation: str, request: dict[str, Any]) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = []
        start: dict[str, Any] = {}
        while True:
            page = self.ask(operation, **request, **start)
            items += page["Items"]
            if "LastEvaluatedKey" not in page:
                return items
            start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}

    @invariant()
    def stored_data_is_sound(self) -> None:
        assert self.engine.verify() == []


TestEngineAgainstDict = EngineAgainstDict.TestCase
