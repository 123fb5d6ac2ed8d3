"""What a known difference is made of."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from differential.backends import Answer

__all__ = ["AnswerDifference", "Difference", "MemberDifference", "Probe", "TextDifference"]

Probe: TypeAlias = Callable[[str, dict[str, Any]], Answer]
"""Asks the engine without effect."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One known difference, as a row of the table in ``docs/explanation/engine-differences.md``."""

    name: str
    local: str
    """What DynamoDB Local does."""
    service: str
    """What the service does, and so the engine, if not said otherwise."""
    source: str
    takes: str = "the service's"
    """Whose side the engine takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TextDifference(Difference):
    """One fault in two texts; both are patterns of the whole text."""

    texts: tuple[tuple[str, str], ...]
    """Pairs of DynamoDB Local's text and the engine's."""

    def says_the_same(self, ours: str, theirs: str) -> bool:
        """Return whether two texts are of one fault."""
        return any(
            re.fullmatch(their, theirs, re.DOTALL) and re.fullmatch(our, ours, re.DOTALL) for their, our in self.texts
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberDifference(Difference):
    """A member of a response that differs; `accepts` gets the engine's value and DynamoDB Local's, "-" for none."""

    operations: frozenset[str] | None = None
    path: str
    """A pattern of the whole path: ``.TableDescription.TableId``, ``[]`` for any element of a list."""
    accepts: Callable[[Any, Any], bool] = lambda _ours, _theirs: True

    def explains(self, operation: str, path: str, ours: Any, theirs: Any) -> bool:
        """Return whether a member may differ so."""
        return (
            (self.operations is None or operation in self.operations)
            and re.fullmatch(self.path, path) is not None
            and self.accepts(ours, theirs)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerDifference(Difference):
    """Two answers that differ as a whole."""

    operations: frozenset[str] | None = None
    applies: Callable[[dict[str, Any], Answer, Answer], bool]
    """Gets the request, the engine's answer and DynamoDB Local's."""

    def explains(self, operation: str, request: dict[str, Any], ours: Answer, theirs: Answer) -> bool:
        """Return whether the answers may differ so."""
        return (self.operations is None or operation in self.operations) and self.applies(request, ours, theirs)
