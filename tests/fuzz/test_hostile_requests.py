"""Whatever a request is, it gets a response or a refusal, and not much later than a valid request would."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from fuzz import findings, prepare, too_slow
from hostile import BASE64, EXPRESSIONS, NUMBERS, TOKENS, nested
from model_requests import KEY, TABLE
from targets import EmbeddedTarget, Reply

VALUES = {":a": {"S": "a"}, ":n": {"N": "1"}}
PLACES_OF_EXPRESSIONS: dict[str, tuple[str, dict[str, Any]]] = {
    "condition": ("PutItem", {"TableName": TABLE, "Item": KEY, "ConditionExpression": ...}),
    "update": ("UpdateItem", {"TableName": TABLE, "Key": KEY, "UpdateExpression": ...}),
    "projection": ("GetItem", {"TableName": TABLE, "Key": KEY, "ProjectionExpression": ...}),
    "filter": ("Scan", {"TableName": TABLE, "FilterExpression": ...}),
    "key condition": ("Query", {"TableName": TABLE, "KeyConditionExpression": ...}),
    "check in a transaction": (
        "TransactWriteItems",
        {"TransactItems": [{"ConditionCheck": {"TableName": TABLE, "Key": KEY, "ConditionExpression": ...}}]},
    ),
    "statement": ("ExecuteStatement", {"Statement": ...}),
}
PLACES_OF_VALUES: dict[str, tuple[str, dict[str, Any]]] = {
    "item": ("PutItem", {"TableName": TABLE, "Item": {**KEY, "x": ...}}),
    "key": ("GetItem", {"TableName": TABLE, "Key": {"pk": {"S": "a"}, "sk": ...}}),
    "start key": ("Scan", {"TableName": TABLE, "ExclusiveStartKey": {"pk": {"S": "a"}, "sk": ...}}),
    "operand of ADD": (
        "UpdateItem",
        {"TableName": TABLE, "Key": KEY, "UpdateExpression": "ADD x :n", "ExpressionAttributeValues": {":n": ...}},
    ),
    "condition": (
        "PutItem",
        {
            "TableName": TABLE,
            "Item": KEY,
            "ConditionExpression": "x < :n",
            "ExpressionAttributeValues": {":n": ...},
        },
    ),
    "legacy condition": (
        "Scan",
        {"TableName": TABLE, "ScanFilter": {"x": {"ComparisonOperator": "GT", "AttributeValueList": [...]}}},
    ),
    "put of a batch": ("BatchWriteItem", {"RequestItems": {TABLE: [{"PutRequest": {"Item": {**KEY, "x": ...}}}]}}),
    "parameter": ("ExecuteStatement", {"Statement": f"SELECT * FROM {TABLE} WHERE pk = ?", "Parameters": [...]}),
}


@pytest.fixture(scope="module")
def target() -> Iterator[EmbeddedTarget]:
    loop = asyncio.new_event_loop()
    with closing(EmbeddedTarget(loop)) as made:
        prepare(made)
        yield made
    loop.close()


@pytest.mark.alone
def test_random_hostile_requests_get_an_answer_in_time(target: EmbeddedTarget, effort: Any) -> None:
    for seed in range(effort.count(quick=1, check=1, long=40)):
        for finding in findings(target, seed, lambda number: number < 250):
            pytest.fail(finding.report())


@pytest.mark.alone
@pytest.mark.parametrize("place", PLACES_OF_EXPRESSIONS)
def test_a_hard_expression_is_answered_in_time(target: EmbeddedTarget, place: str) -> None:
    operation, request = PLACES_OF_EXPRESSIONS[place]
    for expression in EXPRESSIONS:
        _check(target, operation, _filled(request, expression))


@pytest.mark.alone
@pytest.mark.parametrize("place", PLACES_OF_VALUES)
def test_a_hostile_number_is_refused_in_time(target: EmbeddedTarget, place: str) -> None:
    operation, request = PLACES_OF_VALUES[place]
    for number in NUMBERS:
        _check(target, operation, _filled(request, {"N": number}))


@pytest.mark.alone
@pytest.mark.parametrize("place", PLACES_OF_VALUES)
@pytest.mark.parametrize("kind", ["L", "M"])
def test_a_deep_value_is_refused_in_time(target: EmbeddedTarget, place: str, kind: str) -> None:
    operation, request = PLACES_OF_VALUES[place]
    for depth in (33, 2000, 100_000) if place in ("item", "condition", "parameter") else (33, 2000):
        reply = _check(target, operation, _filled(request, nested(depth, kind)))
        assert reply.error is not None, f"{depth} levels were taken"


def test_32_levels_are_taken_and_33_are_not(target: EmbeddedTarget) -> None:
    operation, request = PLACES_OF_VALUES["item"]

    assert _check(target, operation, _filled(request, nested(31))).error is None
    assert _check(target, operation, _filled(request, nested(32))).error == "ValidationException"


@pytest.mark.parametrize("base64", BASE64)
def test_malformed_base64_is_refused(target: EmbeddedTarget, base64: str) -> None:
    for place in ("item", "key", "condition", "legacy condition", "put of a batch"):
        operation, request = PLACES_OF_VALUES[place]
        assert _check(target, operation, _filled(request, {"B": base64})).error in _REFUSED


@pytest.mark.parametrize("token", TOKENS)
def test_a_made_up_token_is_refused(target: EmbeddedTarget, token: str) -> None:
    for operation, request in (
        ("GetRecords", {"ShardIterator": token}),
        ("ExecuteStatement", {"Statement": f"SELECT * FROM {TABLE}", "NextToken": token}),
        ("DescribeStream", {"StreamArn": token}),
        ("ListStreams", {"ExclusiveStartStreamArn": token}),
        ("ListTagsOfResource", {"ResourceArn": token}),
    ):
        _check(target, operation, request)


def test_what_takes_too_long_is_found() -> None:
    class Slow:
        name = "slow"

        def send(self, operation: str, request: Any) -> Reply:
            slow = operation != "PutItem"
            time.sleep(0.03 if slow else 0.0005)
            return Reply(0.03 if slow else 0.0005, "ValidationException" if slow else None)

    slow = Slow()

    assert "took 30.0 ms" in str(too_slow(slow, "Query", {"TableName": "x"}, slow.send("Query", {})))
    assert too_slow(slow, "Query", {"TableName": "x"}, Reply(0.001)) is None


_REFUSED = ("ValidationException", "SerializationException")


def _check(target: EmbeddedTarget, operation: str, request: Any) -> Reply:
    reply = target.send(operation, request)
    assert reply.fault is None, f"{operation} {str(request)[:300]}: {reply.fault}"
    slow = too_slow(target, operation, request, reply)
    assert slow is None, f"{operation} {str(request)[:300]}: {slow}"
    return reply


def _filled(request: Any, filling: Any) -> Any:
    """Return a request with something in the place of its ``...``, and with values if that is an expression."""
    if request is ...:
        return filling
    if isinstance(request, dict):
        made = {name: _filled(member, filling) for name, member in request.items()}
        if isinstance(filling, str) and any(name.endswith("Expression") for name in made) and ":a" in filling:
            made["ExpressionAttributeValues"] = VALUES
        return made
    return [_filled(member, filling) for member in request] if isinstance(request, list) else request
