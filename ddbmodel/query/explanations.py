"""What a query will do, for people: the request, and what about it costs more than it seems; pure."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from ddbmodel.query.sources import Source
from ddbmodel.transport.executor import Request

__all__ = ["Explanation", "warnings_of"]

_PARTS = ("KeyConditionExpression", "FilterExpression", "ProjectionExpression")


@dataclass(frozen=True, slots=True)
class Explanation:
    """The operation, what it reads, the exact request, and warnings; ``str()`` of it is for people.

    The request holds values of the caller's, so neither it nor its text belongs into a log.
    """

    operation: str
    reads: str
    request: Request
    warnings: tuple[str, ...]

    @property
    def index(self) -> str | None:
        """The name of the index, None for the table."""
        name: str | None = self.request.get("IndexName")
        return name

    @property
    def key_condition(self) -> str | None:
        """The text of the key condition."""
        return self._part("KeyConditionExpression")

    @property
    def filter(self) -> str | None:
        """The text of the filter."""
        return self._part("FilterExpression")

    @property
    def projection(self) -> str | None:
        """The text of the projection."""
        return self._part("ProjectionExpression")

    def __str__(self) -> str:
        lines = [f"{self.operation} of {self.reads}"]
        lines += [f"  {name}: {self._part(name)}" for name in _PARTS if name in self.request]
        lines += [f"  warning: {warning}" for warning in self.warnings]
        return "\n".join([*lines, json.dumps(self.request, indent=2)])

    def _part(self, name: str) -> str | None:
        """Return an expression with its names in place of the placeholders."""
        text: str | None = self.request.get(name)
        if text is None:
            return None
        names: dict[str, str] = self.request.get("ExpressionAttributeNames", {})
        # In one go: a name may look like a placeholder itself.
        return re.sub(r"#\d+", lambda placeholder: names[placeholder[0]], text)


def warnings_of(source: Source, request: Request, *, reads_table: bool) -> tuple[str, ...]:
    """Return what about a request costs more than it seems.

    Args:
        reads_table: whether every result is read from the table too, after the index.
    """
    found = []
    if "KeyConditionExpression" not in request:
        found.append(f"a scan reads, and bills, all of {source.name}, whatever it returns")
    elif "FilterExpression" in request:
        found.append("a filter is applied after reading: what it drops is read and billed all the same")
    if reads_table:
        found.append(f"{source.name} does not hold whole items: every result is read from the table as well")
    return tuple(found)
