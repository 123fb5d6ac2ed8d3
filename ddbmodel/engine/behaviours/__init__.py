"""Switches for tests: an engine that is as late, as busy and as far away as a service can be."""

from __future__ import annotations

from ddbmodel.engine.behaviours.losses import AnswerLost, RequestLost, Unanswered
from ddbmodel.engine.behaviours.misbehaviour import Misbehaviour
from ddbmodel.engine.behaviours.switches import Behaviours

__all__ = ["AnswerLost", "Behaviours", "Misbehaviour", "RequestLost", "Unanswered"]
