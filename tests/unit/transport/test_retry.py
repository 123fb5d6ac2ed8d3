"""What may be sent again, and after which pause."""

from __future__ import annotations

import pytest

from ddbmodel.transport.retry import full_jitter_delay_s, is_repeatable


@pytest.mark.parametrize("operation", ["GetItem", "Query", "BatchGetItem", "DescribeTable", "ListTables", "GetRecords"])
def test_reads_may_be_repeated(operation: str) -> None:
    assert is_repeatable(operation, {})


@pytest.mark.parametrize(
    "operation", ["PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "CreateTable", "ExecuteStatement", "Unheard"]
)
def test_writes_and_unknown_operations_may_not(operation: str) -> None:
    assert not is_repeatable(operation, {"ClientRequestToken": "t"})


@pytest.mark.parametrize("operation", ["TransactWriteItems", "ExecuteTransaction"])
def test_a_transaction_may_be_repeated_only_under_its_token(operation: str) -> None:
    assert is_repeatable(operation, {"ClientRequestToken": "t"})
    assert not is_repeatable(operation, {})


def test_a_statement_may_be_repeated_only_if_it_reads() -> None:
    select, update = {"Statement": " select * FROM t"}, {"Statement": "UPDATE t SET a = 1 WHERE id = 'x'"}

    assert is_repeatable("ExecuteStatement", select)
    assert not is_repeatable("ExecuteStatement", update)
    assert is_repeatable("BatchExecuteStatement", {"Statements": [select, select]})
    assert not is_repeatable("BatchExecuteStatement", {"Statements": [select, update]})


def test_pauses_double_up_to_the_longest() -> None:
    limits = [full_jitter_delay_s(attempt, 1.0, first_s=1, longest_s=5) for attempt in (1, 2, 3, 4, 5_000)]

    assert limits == [1, 2, 4, 5, 5]
    assert full_jitter_delay_s(3, 0.0) == 0
