"""What behaviours take a request for."""

from __future__ import annotations

import time
from typing import Any

import pytest

from ddbmodel.engine.behaviours.requests import is_eventual, is_read, only, part_requests


@pytest.mark.parametrize(
    ("statement", "reads"),
    [
        ("SELECT * FROM t", True),
        ("  -- a comment\n/* and * another */select * from t", True),
        ("/**/ -- DELETE\n SELECT", True),
        ("-- SELECT", False),
        ("/* SELECT", False),
        ("UPDATE t SET a = 'SELECT'", False),
        ("SELECTED", False),
        (None, False),
    ],
)
def test_a_statement_reads_when_it_begins_with_select(statement: Any, reads: bool) -> None:
    assert is_read("ExecuteStatement", {"Statement": statement}) is reads
    assert is_read("BatchExecuteStatement", {"Statements": [{"Statement": statement}]}) is reads
    assert is_read("ExecuteTransaction", {"TransactStatements": [{"Statement": statement}]}) is reads


def test_many_comments_are_passed_over_at_once() -> None:
    started = time.perf_counter()
    assert not is_read("ExecuteStatement", {"Statement": "/**/ " * 1500 + "x"})
    assert time.perf_counter() - started < 0.5


@pytest.mark.parametrize(
    ("operation", "request_", "eventual"),
    [
        ("GetItem", {}, True),
        ("GetItem", {"ConsistentRead": True}, False),
        ("Query", {"ConsistentRead": False}, True),
        ("Scan", {"ConsistentRead": None}, True),
        ("TransactGetItems", {}, False),
        ("PutItem", {}, False),
        ("DescribeTable", {}, False),
        ("ExecuteStatement", {"Statement": "SELECT * FROM t"}, True),
        ("ExecuteStatement", {"Statement": "SELECT * FROM t", "ConsistentRead": True}, False),
        ("ExecuteStatement", {"Statement": "DELETE FROM t"}, False),
        ("BatchExecuteStatement", {"Statements": [{"Statement": "SELECT * FROM t"}]}, True),
        (
            "BatchExecuteStatement",
            {"Statements": [{"Statement": "SELECT 1"}, {"Statement": "SELECT 1", "ConsistentRead": True}]},
            False,
        ),
        ("BatchExecuteStatement", {"Statements": "nonsense"}, False),
        ("BatchGetItem", {"RequestItems": "nonsense"}, True),
    ],
)
def test_a_read_is_eventually_consistent_unless_it_asks_otherwise(
    operation: str, request_: dict[str, Any], eventual: bool
) -> None:
    assert is_eventual(operation, request_) is eventual


@pytest.mark.parametrize("operation", ["BatchGetItem", "BatchWriteItem"])
def test_a_table_of_which_nothing_is_asked_has_no_parts(operation: str) -> None:
    request = {"RequestItems": {"films": None}}

    assert part_requests(operation, request) == []
    assert only(operation, request, []) == {"RequestItems": {}}
