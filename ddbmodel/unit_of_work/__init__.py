"""The unit of work: one object for each item, and one guarded transaction for what became of them."""

from __future__ import annotations

from ddbmodel.unit_of_work.commit import Pauses
from ddbmodel.unit_of_work.flush_plan import Plan, PlannedAction
from ddbmodel.unit_of_work.run import run
from ddbmodel.unit_of_work.unit import UnitOfWork

__all__ = ["Pauses", "Plan", "PlannedAction", "UnitOfWork", "run"]
