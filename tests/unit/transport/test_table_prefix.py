"""Names of tables are prefixed wherever they stand, and nowhere else."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import botocore
import pytest
from scripted_executor import ScriptedExecutor

from ddbmodel.engine import Engine
from ddbmodel.errors import InvalidRequest
from ddbmodel.expressions.partiql.table_names import with_table_names
from ddbmodel.transport.embedded import EmbeddedExecutor
from ddbmodel.transport.executor import ChangeNotifier
from ddbmodel.transport.scaling import Scaling
from ddbmodel.transport.table_prefix import TablePrefix, names_in_answer, names_in_request

KEY = {"p": {"S": "a"}}


def shapes_of(service: str) -> dict[str, Any]:
    (path,) = (Path(botocore.__file__).parent / "data" / service).glob("*/service-2.json*")
    text = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    model: dict[str, Any] = json.loads(text)
    return model


def places(shapes: dict[str, Any], shape: str, above: tuple[str, ...] = ()) -> Iterator[str]:
    """Yield where names of tables, or statements that have some, stand in a shape of the service's model."""
    if shape in above:
        return
    above = (*above, shape)
    body = shapes[shape]
    members = {
        "structure": lambda: {name: each["shape"] for name, each in body["members"].items()},
        "list": lambda: {"[]": body["member"]["shape"]},
        "map": lambda: {"{}": body["value"]["shape"]},
    }.get(body["type"], dict[str, str])()
    if body["type"] == "map" and body["key"]["shape"] in ("TableName", "TableArn"):
        yield "{key}"
    for name, inner in members.items():
        is_name = inner in ("TableName", "TableArn") and name.endswith("Name")
        if is_name or inner == "PartiQLStatement":
            yield name
        yield from (f"{name}.{place}" for place in places(shapes, inner, above))


def operations() -> Iterator[Any]:
    for service in ("dynamodb", "dynamodbstreams"):
        model = shapes_of(service)
        for name, operation in model["operations"].items():
            for kind, paths_of in (("input", names_in_request), ("output", names_in_answer)):
                if kind in operation:
                    found = set(places(model["shapes"], operation[kind]["shape"]))
                    yield pytest.param(found, {".".join(path) for path in paths_of(name)}, id=f"{name}-{kind}")


@pytest.mark.parametrize(("in_model", "renamed"), list(operations()))
def test_every_name_that_the_service_model_knows_is_renamed(in_model: set[str], renamed: set[str]) -> None:
    actions = [
        f"TransactItems.[].{action}.TableName" for action in ("Get", "Put", "Update", "Delete", "ConditionCheck")
    ]
    expanded = renamed | set(actions) if "TransactItems.[].*.TableName" in renamed else renamed
    # ListTables is read page by page, see below.
    assert in_model - {"LastEvaluatedTableName"} <= expanded


@pytest.fixture
async def engine() -> Any:
    opened = EmbeddedExecutor(Engine.open("memory:"))
    for name in ("dev-films", "dev-people", "films", "prod-films"):
        await opened.execute(
            "CreateTable",
            {
                "TableName": name,
                "KeySchema": [{"AttributeName": "p", "KeyType": "HASH"}],
                "AttributeDefinitions": [{"AttributeName": "p", "AttributeType": "S"}],
                "BillingMode": "PAY_PER_REQUEST",
            },
        )
    yield opened
    await opened.close()


@pytest.fixture
def dev(engine: EmbeddedExecutor) -> TablePrefix:
    return TablePrefix(engine, "dev-")


COUNTED = {"ReturnConsumedCapacity": "TOTAL"}


@pytest.mark.parametrize(
    ("operation", "request_"),
    [
        ("PutItem", {"TableName": "films", "Item": KEY, **COUNTED}),
        ("GetItem", {"TableName": "films", "Key": KEY, **COUNTED}),
        ("Scan", {"TableName": "films", **COUNTED}),
        ("DescribeTable", {"TableName": "films"}),
        ("DescribeTimeToLive", {"TableName": "films"}),
        ("UpdateTable", {"TableName": "films", "DeletionProtectionEnabled": True}),
        ("BatchGetItem", {"RequestItems": {"films": {"Keys": [KEY]}, "people": {"Keys": [KEY]}}, **COUNTED}),
        ("BatchWriteItem", {"RequestItems": {"films": [{"PutRequest": {"Item": KEY}}]}, **COUNTED}),
        ("TransactGetItems", {"TransactItems": [{"Get": {"TableName": "films", "Key": KEY}}], **COUNTED}),
        (
            "TransactWriteItems",
            {
                "TransactItems": [
                    {"Put": {"TableName": "films", "Item": KEY}},
                    {"Delete": {"TableName": "people", "Key": KEY}},
                ],
                **COUNTED,
            },
        ),
        ("ExecuteStatement", {"Statement": 'SELECT * FROM "films"', **COUNTED}),
        ("BatchExecuteStatement", {"Statements": [{"Statement": "SELECT * FROM films WHERE p = 'a'"}], **COUNTED}),
        (
            "ExecuteTransaction",
            {"TransactStatements": [{"Statement": "INSERT INTO films VALUE {'p': 'b'}"}], **COUNTED},
        ),
    ],
)
async def test_a_caller_sees_its_own_names_only(
    engine: EmbeddedExecutor, dev: TablePrefix, operation: str, request_: dict[str, Any]
) -> None:
    before = json.dumps(request_)
    answer = await dev.execute(operation, request_)
    others = (await engine.execute("Scan", {"TableName": "films"}))["Count"]

    text = json.dumps(answer)
    assert "dev-" not in text.replace("table/dev-", "")
    assert "films" in text or operation == "DescribeTimeToLive"
    assert others == 0
    assert json.dumps(request_) == before


async def test_what_is_left_unprocessed_has_the_callers_names() -> None:
    def answer(operation: str, request: dict[str, Any]) -> dict[str, Any]:
        left = "UnprocessedKeys" if operation == "BatchGetItem" else "UnprocessedItems"
        return {left: request["RequestItems"]}

    prefixed = TablePrefix(ScriptedExecutor(answer), "dev-")

    assert await prefixed.execute("BatchGetItem", {"RequestItems": {"films": {"Keys": [KEY]}}}) == {
        "UnprocessedKeys": {"films": {"Keys": [KEY]}}
    }
    assert await prefixed.execute("BatchWriteItem", {"RequestItems": {"films": []}}) == {
        "UnprocessedItems": {"films": []}
    }


async def test_tables_of_others_are_not_listed(dev: TablePrefix) -> None:
    assert await dev.execute("ListTables", {}) == {"TableNames": ["films", "people"]}
    first = await dev.execute("ListTables", {"Limit": 1})
    second = await dev.execute("ListTables", {"Limit": 1, "ExclusiveStartTableName": first["LastEvaluatedTableName"]})
    last = await dev.execute("ListTables", {"ExclusiveStartTableName": "people"})

    assert (first["TableNames"], second["TableNames"], last) == (["films"], ["people"], {"TableNames": []})


async def test_an_arn_names_one_table_whatever_the_prefix(engine: EmbeddedExecutor, dev: TablePrefix) -> None:
    arn = (await engine.execute("DescribeTable", {"TableName": "films"}))["Table"]["TableArn"]

    assert (await dev.execute("DescribeTable", {"TableName": arn}))["Table"]["TableArn"] == arn


async def test_capacity_follows_the_load_under_the_callers_names(engine: EmbeddedExecutor, dev: TablePrefix) -> None:
    units = {"ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}}
    for name in ("films", "dev-films"):
        await engine.execute("UpdateTable", {"TableName": name, "BillingMode": "PROVISIONED", **units})
    place = {
        "ServiceNamespace": "dynamodb",
        "ResourceId": "table/films",
        "ScalableDimension": "dynamodb:table:ReadCapacityUnits",
        "MinCapacity": 1,
        "MaxCapacity": 5,
    }
    await dev.scale("RegisterScalableTarget", place)
    await engine.scale("RegisterScalableTarget", place)

    shown = (await dev.scale("DescribeScalableTargets", {"ServiceNamespace": "dynamodb"}))["ScalableTargets"]
    asked = {"ServiceNamespace": "dynamodb", "ResourceIds": ["table/films"]}

    assert [each["ResourceId"] for each in shown] == ["table/films"]
    assert len((await dev.scale("DescribeScalableTargets", asked))["ScalableTargets"]) == 1
    assert len((await engine.scale("DescribeScalableTargets", asked))["ScalableTargets"]) == 1


def test_it_can_what_the_inner_executor_can() -> None:
    embedded = TablePrefix(EmbeddedExecutor(Engine.open("memory:")), "dev-")
    scripted = TablePrefix(ScriptedExecutor(lambda operation, request: {}), "dev-")

    assert isinstance(embedded, ChangeNotifier)
    assert isinstance(embedded, Scaling)
    assert not isinstance(scripted, ChangeNotifier)
    assert not isinstance(scripted, Scaling)


@pytest.mark.parametrize("prefix", ["", "a/b", "ü", "x" * 253, None])
def test_a_prefix_that_no_name_can_have_is_refused(prefix: Any) -> None:
    with pytest.raises(InvalidRequest, match="table_prefix"):
        TablePrefix(ScriptedExecutor(lambda operation, request: {}), prefix)


@pytest.mark.parametrize(
    ("statement", "renamed"),
    [
        ("SELECT * FROM films", 'SELECT * FROM "dev-films"'),
        ("select a from films where b = 'from films'", "select a from \"dev-films\" where b = 'from films'"),
        ('SELECT * FROM "films"."by_year" WHERE y = ?', 'SELECT * FROM "dev-films"."by_year" WHERE y = ?'),
        ("INSERT INTO films VALUE {'p': 'into films'}", "INSERT INTO \"dev-films\" VALUE {'p': 'into films'}"),
        ("UPDATE films\nSET a = 1\nWHERE p = 'x'", "UPDATE \"dev-films\"\nSET a = 1\nWHERE p = 'x'"),
        ("DELETE -- all of it\n FROM films WHERE p = 'x'", "DELETE -- all of it\n FROM \"dev-films\" WHERE p = 'x'"),
        ("EXISTS(SELECT * FROM films WHERE p = 'x')", "EXISTS(SELECT * FROM \"dev-films\" WHERE p = 'x')"),
        ('SELECT "from" FROM "a ""b"""', 'SELECT "from" FROM "dev-a ""b"""'),
        ("SELECT * FROM", "SELECT * FROM"),
        ("SELECT 'unterminated FROM films", "SELECT 'unterminated FROM films"),
        ("", ""),
    ],
)
def test_a_statement_is_about_the_prefixed_table(statement: str, renamed: str) -> None:
    assert with_table_names(statement, lambda name: "dev-" + name) == renamed
