"""A lagging read sees the table and every index as they were; a strongly consistent one sees them as they are."""

from __future__ import annotations

import asyncio
from typing import Any, Final

from hypothesis import given
from hypothesis import strategies as st

from ddbmodel.engine import Behaviours, Engine, ManualClock

LAG_S: Final = 4.0
INDEX_LAG_S: Final = 7.0
TABLE: Final[dict[str, Any]] = {
    "TableName": "items",
    "KeySchema": [{"AttributeName": "p", "KeyType": "HASH"}, {"AttributeName": "s", "KeyType": "RANGE"}],
    "AttributeDefinitions": [{"AttributeName": name, "AttributeType": "S"} for name in ("p", "s", "group", "rank")],
    "GlobalSecondaryIndexes": [
        {
            "IndexName": "by_group",
            "KeySchema": [{"AttributeName": "group", "KeyType": "HASH"}],
            "Projection": {"ProjectionType": "ALL"},
        }
    ],
    "LocalSecondaryIndexes": [
        {
            "IndexName": "by_rank",
            "KeySchema": [{"AttributeName": "p", "KeyType": "HASH"}, {"AttributeName": "rank", "KeyType": "RANGE"}],
            "Projection": {"ProjectionType": "KEYS_ONLY"},
        }
    ],
    "BillingMode": "PAY_PER_REQUEST",
}
_LETTERS = st.sampled_from("ab")
_STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("put"), st.sampled_from("abc"), _LETTERS, _LETTERS),
        st.tuples(st.just("delete"), st.sampled_from("abc")),
        st.tuples(st.just("write both"), _LETTERS),
        st.tuples(st.just("wait"), st.floats(0.1, 5)),
    ),
    max_size=30,
)
# The table, its indexes, and both of them from the end.
_READS: Final[dict[str, tuple[str, dict[str, Any]]]] = {
    "scan": ("Scan", {}),
    "query": ("Query", {"KeyConditionExpression": "p = :k", "ExpressionAttributeValues": {":k": {"S": "x"}}}),
    "by_rank": (
        "Query",
        {
            "IndexName": "by_rank",
            "KeyConditionExpression": "p = :k",
            "ExpressionAttributeValues": {":k": {"S": "x"}},
            "ScanIndexForward": False,
            "Select": "ALL_ATTRIBUTES",
        },
    ),
    "by_group": (
        "Query",
        {
            "IndexName": "by_group",
            "KeyConditionExpression": "#g = :k",
            "ExpressionAttributeNames": {"#g": "group"},
            "ExpressionAttributeValues": {":k": {"S": "a"}},
        },
    ),
}


async def _answers(engine: Engine, *, consistent: bool) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, (operation, request) in _READS.items():
        asked = {"TableName": "items", **request}
        if consistent and name != "by_group":
            asked["ConsistentRead"] = True
        found[name] = await engine.execute(operation, asked)
    return found


async def _write(engine: Engine, step: tuple[Any, ...], number: int) -> None:
    item = {"p": {"S": "x"}, "n": {"N": str(number)}}
    match step:
        case ("put", sort, group, rank):
            put = {**item, "s": {"S": sort}, "group": {"S": group}, "rank": {"S": rank}}
            await engine.execute("PutItem", {"TableName": "items", "Item": put})
        case ("delete", sort):
            await engine.execute("DeleteItem", {"TableName": "items", "Key": {"p": {"S": "x"}, "s": {"S": sort}}})
        case ("write both", group):
            puts = [
                {"Put": {"TableName": "items", "Item": {**item, "s": {"S": sort}, "group": {"S": group}}}}
                for sort in "ab"
            ]
            await engine.execute("TransactWriteItems", {"TransactItems": puts})


async def _check(steps: list[tuple[Any, ...]]) -> None:
    clock = ManualClock(1000.0)
    lagging, prompt = (Engine.open("memory:", clock=clock) for _ in range(2))
    for engine in (lagging, prompt):
        await engine.execute("CreateTable", TABLE)
    lagging.behave(Behaviours(read_lag_s=LAG_S, index_lag_s=INDEX_LAG_S))
    history = [(0.0, await _answers(prompt, consistent=True))]
    for number, step in enumerate(steps):
        if step[0] == "wait":
            clock.advance(step[1])
        else:
            for engine in (lagging, prompt):
                await _write(engine, step, number)
        history.append((clock.now_s(), await _answers(prompt, consistent=True)))
        seen = await _answers(lagging, consistent=False)
        truth = await _answers(lagging, consistent=True)
        for name in _READS:
            lag_s = INDEX_LAG_S if name == "by_group" else LAG_S
            then = [answer for at_s, answer in history if at_s + lag_s <= clock.now_s()][-1]
            assert seen[name] == then[name]
            assert truth[name] == (then if name == "by_group" else history[-1][1])[name]
    await lagging.close()
    await prompt.close()


@given(steps=_STEPS)
def test_a_lagging_read_sees_everything_as_it_was_then(steps: list[tuple[Any, ...]]) -> None:
    asyncio.run(_check(steps))
