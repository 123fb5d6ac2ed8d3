"""A page that is read in slices of any size is the page that is read in one go, over random tables and requests."""

from __future__ import annotations

import asyncio
from typing import Any, Final
from unittest.mock import patch

from hypothesis import given
from hypothesis import strategies as st

from ddbmodel.engine import Engine
from ddbmodel.engine.items import pages

TABLE: Final[dict[str, Any]] = {
    "TableName": "things",
    "KeySchema": [{"AttributeName": "p", "KeyType": "HASH"}, {"AttributeName": "q", "KeyType": "RANGE"}],
    "AttributeDefinitions": [{"AttributeName": n, "AttributeType": t} for n, t in (("p", "S"), ("q", "N"), ("g", "S"))],
    "LocalSecondaryIndexes": [
        {
            "IndexName": "local",
            "KeySchema": [{"AttributeName": "p", "KeyType": "HASH"}, {"AttributeName": "g", "KeyType": "RANGE"}],
            "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["n", "text"]},
        }
    ],
    "GlobalSecondaryIndexes": [
        {
            "IndexName": "global",
            "KeySchema": [{"AttributeName": "g", "KeyType": "HASH"}],
            "Projection": {"ProjectionType": "ALL"},
        }
    ],
    "BillingMode": "PAY_PER_REQUEST",
}

VALUES: Final = {":n": {"N": "2"}, ":m": {"N": "4"}, ":s": {"S": "x"}}
# The key that a query names, by its index.
PARTITIONS: Final = {None: "p", "local": "p", "global": "g"}

letters = st.sampled_from(["a", "b"]).map(lambda letter: {"S": letter})
things = st.lists(
    st.fixed_dictionaries(
        {
            "p": letters,
            "q": st.integers(0, 40).map(lambda q: {"N": str(q)}),
            "n": st.integers(0, 5).map(lambda n: {"N": str(n)}),
            "g": letters,
            "other": st.just({"BOOL": True}),
        },
        optional={"text": st.sampled_from([{"S": "x"}, {"S": "y" * 9000}])},
    ),
    min_size=5,
    max_size=30,
)
filters = st.sampled_from(
    [
        "n >= :n",
        "n < :n OR n > :m OR begins_with(#t, :s)",
        "NOT n = :n AND attribute_exists(#t)",
        "n = :m",
        "attribute_exists(n)",
    ]
)


@st.composite
def requests(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    text = draw(filters)
    request = {"TableName": "things", "FilterExpression": text, "ReturnConsumedCapacity": "INDEXES"} | draw(
        st.fixed_dictionaries(
            {},
            optional={
                "Limit": st.integers(1, 12),
                "Select": st.sampled_from(["COUNT", "ALL_ATTRIBUTES", "ALL_ATTRIBUTES"]),
            },
        )
    )
    index = draw(st.sampled_from([None, "local", "local", "global"]))
    if index is not None:
        request["IndexName"] = index
    values = {name: value for name, value in VALUES.items() if name in text}
    operation = "Scan"
    if draw(st.booleans()):
        operation, values[":key"] = "Query", draw(letters)
        request["KeyConditionExpression"] = f"{PARTITIONS[index]} = :key"
        request["ScanIndexForward"] = draw(st.booleans())
    if values:
        request["ExpressionAttributeValues"] = values
    if "#t" in text:
        request["ExpressionAttributeNames"] = {"#t": "text"}
    return operation, request


async def pages_of(engine: Engine, operation: str, request: dict[str, Any], slice_terms: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    # Pages of about three large items.
    with patch.object(pages, "SLICE_TERMS", slice_terms), patch.object(pages, "PAGE_BYTES", 25_000):
        while True:
            page = await engine.execute(operation, request)
            found.append(page)
            if "LastEvaluatedKey" not in page:
                return found
            request = {**request, "ExclusiveStartKey": page["LastEvaluatedKey"]}


@given(things, st.lists(requests(), min_size=1, max_size=4), st.sampled_from([1, 25, 60]))
def test_a_page_in_slices_is_the_page_in_one_go(
    stored: list[dict[str, Any]],
    asked: list[tuple[str, dict[str, Any]]],
    slice_terms: int,
) -> None:
    async def run() -> None:
        engine = Engine.open("memory:")
        await engine.execute("CreateTable", TABLE)
        for item in stored:
            await engine.execute("PutItem", {"TableName": "things", "Item": item})
        for operation, request in asked:
            whole = await pages_of(engine, operation, request, 10**9)
            assert await pages_of(engine, operation, request, slice_terms) == whole
        await engine.close()

    asyncio.run(run())
