"""The embedded engine: a DynamoDB in the process, in memory or on one file."""

from __future__ import annotations

from ddbmodel.engine.behaviours import AnswerLost, Behaviours, RequestLost, Unanswered
from ddbmodel.engine.clock import Clock, ManualClock, SystemClock
from ddbmodel.engine.engine import Engine
from ddbmodel.engine.options import EngineOptions

__all__ = [
    "AnswerLost",
    "Behaviours",
    "Clock",
    "Engine",
    "EngineOptions",
    "ManualClock",
    "RequestLost",
    "SystemClock",
    "Unanswered",
]
