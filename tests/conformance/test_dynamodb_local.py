"""Random programs on the engine and on DynamoDB Local: same responses, same errors, same texts.

The known differences are `differential.differences`, with what the service does, and the table of them is in
``docs/explanation/engine-differences.md``. ``python -m differential`` surveys more programs than a test can.
"""

from __future__ import annotations

import asyncio
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from differential.backends import Answer, DynamoDBLocal, Embedded
from differential.differences import DIFFERENCES, explained
from differential.generator import program
from differential.page import BEGIN, END, table
from differential.runner import Pair, shrunk

DOCUMENT = Path(__file__).parent.parent.parent / "docs" / "explanation" / "engine-differences.md"
LENGTH = 60


@pytest.mark.slow
def test_random_requests_get_the_answers_of_dynamodb_local(
    oracle_url: str, loop: asyncio.AbstractEventLoop, effort: Any
) -> None:
    seeds = range(effort.count(quick=2, check=34, long=340))
    print(f"programs of {LENGTH} requests, seeds {seeds}")
    with closing(DynamoDBLocal(oracle_url)) as local:
        for seed in seeds:
            made = program(seed, LENGTH, f"program{seed}")
            with closing(Embedded(loop)) as embedded:
                pair = Pair(embedded, local)
                found = pair.run(made)
                if found and not found[-1].differences:
                    pytest.fail(shrunk(pair, made, found[-1]))


def test_a_seed_makes_the_same_program_again() -> None:
    assert program(7, LENGTH, "t").requests == program(7, LENGTH, "t").requests
    assert program(7, LENGTH, "t").requests != program(8, LENGTH, "t").requests


def test_programs_are_about_every_operation_that_both_have() -> None:
    asked = {operation for seed in range(60) for operation, _ in program(seed, LENGTH, "t").requests}

    assert asked == {
        "BatchExecuteStatement",
        "BatchGetItem",
        "BatchWriteItem",
        "CreateTable",
        "DeleteItem",
        "DeleteTable",
        "DescribeLimits",
        "DescribeStream",
        "DescribeTable",
        "DescribeTimeToLive",
        "ExecuteStatement",
        "ExecuteTransaction",
        "GetItem",
        "GetRecords",
        "GetShardIterator",
        "ListStreams",
        "ListTables",
        "PutItem",
        "Query",
        "Scan",
        "TransactGetItems",
        "TransactWriteItems",
        "UpdateItem",
        "UpdateTable",
        "UpdateTimeToLive",
    }


def test_what_no_row_says_is_not_explained() -> None:
    def probe(_operation: str, _request: dict[str, Any]) -> Answer:
        return Answer(response={})

    item, other = Answer(response={"Item": {"pk": {"S": "a"}}}), Answer(response={"Item": {"pk": {"S": "b"}}})
    refused = Answer(error="ValidationException", message="The conditional request failed")

    assert explained("GetItem", {}, item, other, probe) == ()
    assert explained("GetItem", {}, item, refused, probe) == ()
    assert explained("PutItem", {}, refused, Answer(error="ValidationException", message="x"), probe) == ()


def test_every_difference_says_what_the_service_does_and_how_that_is_known() -> None:
    assert len({difference.name for difference in DIFFERENCES}) == len(DIFFERENCES)
    for difference in DIFFERENCES:
        assert all((difference.local, difference.service, difference.source, difference.takes)), difference.name


def test_the_page_has_the_table_of_differences() -> None:
    page = DOCUMENT.read_text()

    assert page.partition(BEGIN)[2].partition(END)[0].strip() == table().strip()
