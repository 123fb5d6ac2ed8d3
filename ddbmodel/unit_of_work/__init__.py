"""The unit of work: one object for each item, and one guarded transaction for what became of them."""

from __future__ import annotations

from ddbmodel.unit_of_work.calls import UnitOfWorkCalls
from ddbmodel.unit_of_work.commit import Pauses
from ddbmodel.unit_of_work.commit_records import CommitRecord, StoredEvent
from ddbmodel.unit_of_work.guards import Isolation
from ddbmodel.unit_of_work.locks import LeaseLock, Lock
from ddbmodel.unit_of_work.planned_actions import Plan, PlannedAction
from ddbmodel.unit_of_work.run import run
from ddbmodel.unit_of_work.savepoints import Savepoint
from ddbmodel.unit_of_work.unit import UnitOfWork

__all__ = [
    "CommitRecord",
    "Isolation",
    "LeaseLock",
    "Lock",
    "Pauses",
    "Plan",
    "PlannedAction",
    "Savepoint",
    "StoredEvent",
    "UnitOfWork",
    "UnitOfWorkCalls",
    "run",
]
