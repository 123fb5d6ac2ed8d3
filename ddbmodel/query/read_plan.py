"""What a query or scan was told so far, and the request that follows from it; pure, the time is passed in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from ddbmodel.errors import InvalidRequest
from ddbmodel.expressions.check import check_projection
from ddbmodel.expressions.errors import InvalidExpression
from ddbmodel.expressions.render import Renderer
from ddbmodel.expressions.tree import Condition, Path, Projection, all_of
from ddbmodel.model import Attr, schema_of
from ddbmodel.query.conditions import check_stored
from ddbmodel.query.explanations import WarningCode
from ddbmodel.query.projected_paths import projected_paths
from ddbmodel.query.sources import Source
from ddbmodel.query.visibility import HIDE_ALL, Hiding, Shown, hiding_of
from ddbmodel.transport.executor import Request

__all__ = ["SEGMENTS_AT_ONCE", "ReadPlan"]

SEGMENTS_AT_ONCE: Final = 16
"""How many parts of a scan are read at once: each holds a page in memory."""


@dataclass(frozen=True, slots=True)
class ReadPlan:
    """Everything that decides what is read and what comes of it.

    Attributes:
        key_condition: None for a scan.
        columns: what `select` asked for; without them results are models.
        limit: results at most.
        page_size: items evaluated for a page at most.
        full: whether whole models are read although the index holds a part.
        segments: into how many parts a scan is divided.
        at_once: how many of them are read side by side.
        ahead: whether the next page is asked for while one is worked on.
        allowed: the warnings that lint lets pass.
    """

    source: Source
    key_condition: Condition | None
    filters: tuple[Condition, ...] = ()
    columns: tuple[Attr[Any], ...] = ()
    forward: bool = True
    limit: int | None = None
    page_size: int | None = None
    consistent: bool = False
    full: bool = False
    segments: int = 1
    at_once: int = SEGMENTS_AT_ONCE
    ahead: bool = False
    shown: Shown = HIDE_ALL
    allowed: frozenset[WarningCode] = frozenset()

    @property
    def is_query(self) -> bool:
        """Whether it reads one partition."""
        return self.key_condition is not None

    @property
    def operation(self) -> str:
        """The service's name of the operation."""
        return "Query" if self.is_query else "Scan"

    @property
    def reads_items_after_index(self) -> bool:
        """Whether each result of the index is then read from the table by its key."""
        return self.full and self.source.projected is not None and not self.source.is_local

    @property
    def cuts_pages(self) -> bool:
        """Whether a page is no larger than what is still wanted; a filter would make that many small pages."""
        return self.limit is not None and not self.filters

    def hiding(self, now_s: float) -> Hiding:
        """Return how items are hidden at a time."""
        return hiding_of(self.source, self.shown, now_s, is_query=self.is_query, reads_whole=self.full)

    def request(self, hiding: Hiding | None, *, count: bool = False) -> Request:
        """Return the request of the first page.

        Args:
            hiding: what it hides; None leaves that out, as for what a cursor is bound to.
            count: whether items are only counted, or looked at no further than hiding them needs.

        Raises:
            InvalidRequest: an index that holds only a part of the items cannot give what is asked for.
        """
        source, renderer = self.source, Renderer()
        request: Request = {"TableName": source.table}
        if source.index is not None:
            request["IndexName"] = source.index.name
        if self.key_condition is not None:
            request["KeyConditionExpression"] = renderer.condition(self.key_condition)
        hidden = () if hiding is None or hiding.by_service is None else (hiding.by_service,)
        condition = all_of(self.filters + hidden)
        if condition is not None:
            request["FilterExpression"] = renderer.condition(condition)
        needed = () if hiding is None else hiding.needed
        if count and not needed:
            request["Select"] = "COUNT"
        elif count or self.columns:
            columns = () if count else self.columns
            asked = [self._stored(path.asked) for path in projected_paths([column.path for column in columns])]
            asked += [Path((name,)) for name in needed]
            request["ProjectionExpression"] = renderer.projection(Projection(tuple(dict.fromkeys(asked))))
        else:
            self._check_whole()
            if self.full and source.is_local and source.projected is not None:
                request["Select"] = "ALL_ATTRIBUTES"
        if not self.forward:
            request["ScanIndexForward"] = False
        page_size = self.page_size
        if self.limit is not None and self.cuts_pages:
            page_size = min(self.limit, page_size or self.limit)
        if page_size is not None:
            request["Limit"] = page_size
        if self.consistent:
            request["ConsistentRead"] = True
        return request | renderer.placeholders()

    def check_columns(self, columns: tuple[Attr[Any], ...]) -> None:
        """Raise `InvalidRequest` for attributes that cannot be selected."""
        name = self.source.name
        if not columns:
            raise InvalidRequest(f"{name}: select needs at least one attribute")
        for column in columns:
            if not isinstance(column, Attr):
                raise InvalidRequest(
                    f"{name}: select takes attributes, as in Score.points; got a {type(column).__name__}"
                )
            projected = self.source.projected
            if self.source.collection is not None:
                for model in self.source.models:
                    check_stored(name, model, str(column.path.steps[0]))
            elif self._stored(column.path) != column.path:
                continue
            if projected is not None and column.path.steps[0] not in projected and not self.source.is_local:
                raise InvalidRequest(
                    f"{name} does not hold {column.path.steps[0]!r}; project it into the index, or read whole models "
                    "with .full()"
                )
        try:
            check_projection(Projection(tuple(dict.fromkeys(column.path for column in columns))))
        except InvalidExpression as error:
            raise InvalidRequest(f"{name}: select: {error.message}") from None

    def _stored(self, path: Path) -> Path:
        """Return where a value is read from: some fields stand only in the text of a key."""
        schema = schema_of(self.source.model)
        key = schema.not_stored.get(str(path.steps[0]))
        return path if key is None else Path((schema.attributes[key],))

    def _check_whole(self) -> None:
        source = self.source
        if source.projected is not None and not self.full:
            # Even with every field of the model, an entry lacks the attributes that the model does not know; a model
            # made from it would lose them when it is put.
            missing = source.fields_not_projected or ["attributes that the model does not know"]
            raise InvalidRequest(
                f"{source.name} does not hold {', '.join(missing)}, so it cannot give whole models; take what it "
                "holds with .select(...), or read the whole items too with .full()"
            )
