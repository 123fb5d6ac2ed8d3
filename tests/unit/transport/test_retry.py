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


def test_a_transaction_may_be_repeated_only_under_its_token() -> None:
    assert is_repeatable("TransactWriteItems", {"ClientRequestToken": "t"})
    assert not is_repeatable("TransactWriteItems", {})


def test_pauses_double_up_to_the_longest() -> None:
    limits = [full_jitter_delay_s(attempt, 1.0, first_s=1, longest_s=5) for attempt in (1, 2, 3, 4, 5_000)]

    assert limits == [1, 2, 4, 5, 5]
    assert full_jitter_delay_s(3, 0.0) == 0
