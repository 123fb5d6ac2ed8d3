"""What single writes, transactions and units of work give; every line must pass in each checker."""

from __future__ import annotations

from typing import Any, assert_type

from inferred_kept import Rendered
from models import Score

from ddbmodel import (
    AlreadyCommitted,
    CommitConflict,
    CommitRecord,
    Database,
    LeaseLock,
    Lock,
    OutcomeUnknown,
    Plan,
    Savepoint,
    Transaction,
    UnitOfWork,
)
from ddbmodel.errors import CancellationReason, DdbModelError, Outcome, ServiceError, ThrottlingReason
from ddbmodel.expressions.tree import Condition
from ddbmodel.model import Key


async def _writes(db: Database, score: Score, key: Key[Score]) -> None:
    """Never called, as all of these."""
    assert_type(await db.create(score, condition=Score.points.not_exists()), None)
    assert_type(await db.put(score, check_version=False), None)
    assert_type(await db.update(key, Score.points.add(1)), Score)
    assert_type(await db.upsert(key, Score.points.add(1), condition=Score.points > 1), Score)
    assert_type(await db.delete(key, hard=True), None)
    assert_type(await db.delete(score), None)
    assert_type(await db.restore(key), Score)
    assert_type(await db.close(), None)
    assert_type(db.transaction(token="t"), Transaction)


async def _transaction(tx: Transaction, score: Score, key: Key[Score]) -> None:
    async with tx as same:
        assert_type(same, Transaction)
    assert_type(tx.create(score, name="new"), None)
    assert_type(tx.put(score), None)
    assert_type(tx.update(key, Score.points.add(1), condition=Score.points > 1), None)
    assert_type(tx.delete(key), None)
    assert_type(tx.check(key, Score.points > 1), None)
    assert_type(tx.request(), dict[str, Any])


async def _unit(db: Database, unit: UnitOfWork, score: Score, key: Key[Score]) -> None:
    assert_type(db.unit_of_work(isolation="serializable", guard="changed"), UnitOfWork)
    async with unit as same:
        assert_type(same, UnitOfWork)
    assert_type(await unit.get(Score, game="a", player="b"), Score | None)
    assert_type(await unit.get_or_raise(Score, game="a", player="b"), Score)
    assert_type(await unit.get_many(Score, [key]), list[Score | None])
    async for found in unit.query(Score.leaderboard, Score.game == "a"):
        assert_type(found, Score)
    async for found in unit.query(db.query(Score, Score.game == "a")):
        assert_type(found, Score)
    assert_type(unit.add(score), None)
    assert_type(unit.delete(score, key), None)
    assert_type(unit.track(score), Score)
    assert_type(unit.increment(key, Score.points, 2), None)
    assert_type(unit.check(key, Score.points > 1), None)
    assert_type(unit.guard(score), None)
    assert_type(unit.plan(), Plan)
    assert_type(await unit.commit(), None)
    assert_type(await unit.resolve(), Outcome)
    async with unit.savepoint() as savepoint:
        assert_type(savepoint, Savepoint)
        assert_type(savepoint.rollback(), None)
    plan = unit.plan()
    assert_type(plan.requests, list[dict[str, Any]])
    assert_type(plan.write_units, int)
    assert_type([action.size_bytes for action in plan.actions], list[int])

    async def one(of: UnitOfWork) -> int:
        return (await of.get_or_raise(Score, game="a", player="b")).points

    assert_type(await db.run(one, retries=2, isolation="serializable"), int)
    assert_type(await db.run(one, idempotency_key="k", result_type=int, records=CommitRecord), int)
    assert_type(unit.emit(Rendered(text=""), within=score), None)
    assert_type(unit.set_result(3, int), None)


async def _locks(db: Database, unit: UnitOfWork) -> None:
    lock = db.lock("nightly", lease_s=5, timeout_s=1, model=LeaseLock)
    assert_type(lock, Lock)
    async with lock as held:
        assert_type(held, Lock)
    assert_type(lock.key, Key[LeaseLock])
    assert_type(lock.epoch, int)
    assert_type(lock.is_held, bool)
    assert_type(lock.condition, Condition)
    assert_type(unit.require(lock), None)


def _done(done: AlreadyCommitted) -> None:
    assert_type(done.result_json, str | None)


async def _errors(several: CommitConflict, unknown: OutcomeUnknown, refused: ServiceError) -> None:
    assert_type(refused.cancellation_reasons, tuple[CancellationReason, ...])
    assert_type(refused.throttling_reasons, tuple[ThrottlingReason, ...])
    assert_type(several.errors, dict[int, DdbModelError])
    assert_type(several.retryable, bool)
    if unknown.unit is not None:
        assert_type(await unknown.unit.resolve(), Outcome)
