"""Behaviours and PartiQL: what statements read, cost and are refused for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from conftest import Misbehaving


def select(key: str, **parameters: Any) -> dict[str, Any]:
    return {"Statement": f"SELECT * FROM demand WHERE p = '{key}' AND s = '-'", **parameters}


def insert(key: str, table: str = "demand") -> dict[str, Any]:
    return {"Statement": f"INSERT INTO {table} VALUE {{'p': '{key}', 's': '-'}}"}


async def test_a_select_lags_behind_unless_it_asks_for_consistency(db: Misbehaving) -> None:
    db.behave(read_lag_s=2)
    await db.ask("ExecuteStatement", **insert("a"))

    assert (await db.ask("ExecuteStatement", **select("a")))["Items"] == []
    assert len((await db.ask("ExecuteStatement", **select("a", ConsistentRead=True)))["Items"]) == 1
    assert "Item" not in (await db.ask("BatchExecuteStatement", Statements=[select("a")]))["Responses"][0]
    read = await db.ask("ExecuteTransaction", TransactStatements=[select("a")])
    assert "Item" in read["Responses"][0]


async def test_a_write_sees_the_truth(db: Misbehaving) -> None:
    db.behave(read_lag_s=2)
    await db.ask("ExecuteStatement", **insert("a"))

    assert (await db.refusal("ExecuteStatement", **insert("a"))).code == "DuplicateItemException"


async def test_statements_are_throttled_by_what_they_consume(db: Misbehaving) -> None:
    db.behave(throttling="faithful")
    await db.ask("ExecuteStatement", **insert("a", "provisioned"))
    await db.ask("ExecuteStatement", **insert("b", "provisioned"))

    error = await db.refusal("ExecuteStatement", **insert("c", "provisioned"))
    assert [reason.reason for reason in error.throttling_reasons] == ["TableWriteProvisionedThroughputExceeded"]


async def test_a_statement_of_a_batch_is_throttled_alone(db: Misbehaving) -> None:
    db.behave(throttling="faithful")
    statements = [insert(key, "provisioned") for key in "abc"]

    answer = await db.ask("BatchExecuteStatement", Statements=[*statements, {"Statement": "nonsense"}])

    first, second, third, fourth = answer["Responses"]
    assert "Error" not in first
    assert "Error" not in second
    assert third["Error"]["Code"] == "ProvisionedThroughputExceeded"
    assert fourth["Error"]["Code"] == "ValidationError"
    assert await db.get("b", table="provisioned") is not None
    assert await db.get("c", table="provisioned") is None


async def test_a_batch_of_statements_may_fail_in_every_part(db: Misbehaving) -> None:
    db.behave(throttled_write_rate=1)

    answer = await db.ask("BatchExecuteStatement", Statements=[insert("a"), insert("b")])

    codes = {response["Error"]["Code"] for response in answer["Responses"]}
    assert codes <= {"ThrottlingError", "RequestLimitExceeded"}
    assert await db.get("a") is None


async def test_writing_statements_are_in_conflict_with_transactions(db: Misbehaving) -> None:
    db.behave(conflict_rate=1)
    batch = await db.ask("BatchExecuteStatement", Statements=[insert("a")])
    cancelled = await db.refusal("ExecuteTransaction", TransactStatements=[insert("a"), insert("b")])

    assert (await db.refusal("ExecuteStatement", **insert("a"))).code == "TransactionConflictException"
    assert batch["Responses"][0]["Error"]["Code"] == "TransactionConflict"
    assert sorted(reason.code for reason in cancelled.cancellation_reasons) == ["None", "TransactionConflict"]
    assert (await db.ask("ExecuteStatement", **select("a")))["Items"] == []


async def test_a_statement_that_fails_keeps_its_error_whatever_the_chances(db: Misbehaving) -> None:
    await db.put("a")
    db.behave(conflict_rate=1, throttled_write_rate=1)

    answer = await db.ask("BatchExecuteStatement", Statements=[insert("a"), {"Statement": "nonsense"}])

    assert [response["Error"]["Code"] for response in answer["Responses"]] == ["DuplicateItem", "ValidationError"]


async def test_a_transaction_of_statements_without_capacity_is_cancelled(db: Misbehaving) -> None:
    db.behave(throttling="faithful")
    statements = [insert(key, "provisioned") for key in "ab"]

    error = await db.refusal("ExecuteTransaction", TransactStatements=statements, ClientRequestToken="t")

    assert [reason.code for reason in error.cancellation_reasons] == ["None", "ProvisionedThroughputExceeded"]
    assert await db.get("a", table="provisioned") is None
