"""What a read will do, for people: the request, and what about it costs more, or tells less, than it seems; pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from ddbmodel.expressions.paths import paths_of
from ddbmodel.query.key_conditions import keys_that_fit
from ddbmodel.query.sources import Source, sources_of
from ddbmodel.transport.executor import Request

if TYPE_CHECKING:
    from ddbmodel.query.read_plan import ReadPlan
    from ddbmodel.query.visibility import Hiding

__all__ = ["LINTED", "Explanation", "ReadWarning", "WarningCode", "warnings_of"]

_PARTS = ("KeyConditionExpression", "FilterExpression", "ProjectionExpression")

WarningCode: TypeAlias = Literal[
    "scan", "filter", "full", "filtered_scan", "other_index", "count", "fetches", "untold_hidden"
]
"""What a warning is about; see `ReadWarning`."""

LINTED: Final[frozenset[WarningCode]] = frozenset({"filtered_scan", "other_index", "count", "fetches", "untold_hidden"})
"""The warnings that ``lint`` acts on: of the others, the call itself says what it costs."""


class ReadWarning(str):
    """A warning in words, with a `code` for programs.

    | code | says |
    |---|---|
    | ``scan`` | a scan reads everything |
    | ``filter`` | what a filter drops is read and billed |
    | ``full`` | every result is read from the table as well |
    | ``filtered_scan`` | a scan without a limit reads everything and returns a part |
    | ``other_index`` | a filter could be a key condition of another index |
    | ``count`` | a count reads everything |
    | ``fetches`` | the service fetches every result from the table for a selected attribute |
    | ``untold_hidden`` | the index does not hold what expired or deleted items are told by |

    The first three are no matter of ``lint``.
    """

    __slots__ = ("code",)

    code: WarningCode

    def __new__(cls, code: WarningCode, text: str) -> ReadWarning:
        """Return the warning of a code in these words."""
        made = super().__new__(cls, text)
        made.code = code
        return made


@dataclass(frozen=True, slots=True)
class Explanation:
    """The operation, what it reads, the exact request, and warnings; ``str()`` of it is for people.

    The request holds values of the caller's, so neither it nor its text belongs into a log.
    """

    operation: str
    reads: str
    request: Request
    warnings: tuple[ReadWarning, ...]

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
        """The text of the filter, with what hides expired, deleted and foreign items."""
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


def warnings_of(plan: ReadPlan, hiding: Hiding, *, count: bool) -> tuple[ReadWarning, ...]:
    """Return what about a read costs more, or tells less, than it seems.

    Args:
        count: whether results are counted, not given.
    """
    return tuple(_warnings(plan, hiding, count))


def _warnings(plan: ReadPlan, hiding: Hiding, count: bool) -> Iterator[ReadWarning]:
    source = plan.source
    if not plan.is_query:
        yield _scan_warning(plan)
    elif plan.filters:
        yield ReadWarning("filter", "a filter is applied after reading: what it drops is read and billed all the same")
    for attributes, other in _better_sources(plan):
        yield ReadWarning(
            "other_index",
            f"the filter on {' and '.join(map(repr, attributes))} could be a key condition of {other.name}, so that "
            f"only what it keeps is read: db.query({other.name}, ...){'.full()' if _lacks(other, plan) else ''}",
        )
    if count and not plan.is_query and plan.limit is None:
        yield ReadWarning(
            "count",
            f"a count reads, and bills, all of {source.name}; keep a counter, or read the table's own ItemCount, which "
            "is up to six hours old",
        )
    if plan.full and source.projected is not None and not count:
        yield ReadWarning(
            "full", f"{source.name} does not hold whole items: every result is read from the table as well"
        )
    fetched = dict.fromkeys(str(column.path.steps[0]) for column in plan.columns)
    missing = [name for name in fetched if source.projected is not None and name not in source.projected]
    if missing:
        yield ReadWarning(
            "fetches",
            f"{source.name} does not hold {', '.join(map(repr, missing))}: the service fetches every result from the "
            "table too; project it into the index",
        )
    if hiding.untold:
        yield ReadWarning(
            "untold_hidden",
            f"{source.name} does not hold {', '.join(map(repr, hiding.untold))}, so items that are otherwise hidden by "
            "it are among the results; project it into the index, read whole models with .full(), or ask for all with "
            ".include_expired() and .include_deleted()",
        )


def _scan_warning(plan: ReadPlan) -> ReadWarning:
    name = plan.source.name
    if plan.filters and plan.limit is None:
        return ReadWarning(
            "filtered_scan",
            f"a scan reads, and bills, all of {name}, however little its filter keeps; query an index on what it "
            "looks for, or set a limit()",
        )
    return ReadWarning("scan", f"a scan reads, and bills, all of {name}, whatever it returns")


def _better_sources(plan: ReadPlan) -> Iterator[tuple[list[str], Source]]:
    """Yield attributes that are filtered on, with a table or index that has them as keys and gives as much."""
    told: set[str] = set()
    filtered = {str(path.steps[0]) for condition in plan.filters for path in paths_of(condition)}
    if plan.source.collection is not None:
        return
    for other in sources_of(plan.source.model):
        if plan.is_query and other.name == plan.source.name:
            continue
        if plan.consistent and other.is_global:
            continue
        if other.projected is not None and not filtered <= other.projected:
            continue
        # To read each result from the table too beats a scan, but perhaps not a query.
        if _lacks(other, plan) and (plan.is_query or plan.columns):
            continue
        keys = [name for name in keys_that_fit(other, plan.key_condition, plan.filters) if name not in told]
        if keys:
            told.update(keys)
            yield keys, other


def _lacks(other: Source, plan: ReadPlan) -> bool:
    """Return whether entries of an index hold less than the results of a read."""
    selected = {str(column.path.steps[0]) for column in plan.columns}
    return other.projected is not None and (not selected or not selected <= other.projected)
