"""The table of operations: a name of the service's API to the function that decides it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from ddbmodel.engine.catalog import Catalog
from ddbmodel.engine.context import RequestContext
from ddbmodel.engine.items import ITEM_HANDLERS
from ddbmodel.engine.messages.members import UNKNOWN_OPERATION
from ddbmodel.engine.messages.message import Refusal, Wording, refused, wording_of
from ddbmodel.engine.options import EngineOptions
from ddbmodel.engine.outcome import Outcome
from ddbmodel.engine.page_progress import PageProgress
from ddbmodel.engine.partiql import PARTIQL_HANDLERS
from ddbmodel.engine.storage.view import ReadView
from ddbmodel.engine.streams import STREAM_HANDLERS
from ddbmodel.engine.tables import TABLE_HANDLERS
from ddbmodel.engine.validation.shapes import checked_request

__all__ = ["Handler", "Operations"]

Handler: TypeAlias = Callable[[dict[str, Any], ReadView, Catalog, RequestContext], Outcome]
"""Decides one request: ``(request, view, catalog, context)``."""

_HANDLERS: Final[Mapping[str, Handler]] = {**ITEM_HANDLERS, **PARTIQL_HANDLERS, **TABLE_HANDLERS, **STREAM_HANDLERS}


class Operations:
    """Every operation of an engine in a region.

    Args:
        leaves_items_unread: see `RequestContext`.
    """

    def __init__(self, region: str, options: EngineOptions, *, leaves_items_unread: bool = False) -> None:
        self._region, self._options, self._leaves_items_unread = region, options, leaves_items_unread
        classic = options.wording == "classic"
        self._wordings = {name: wording_of(name, classic=classic) for name in _HANDLERS}

    def decide(
        self,
        operation: str,
        request: dict[str, Any],
        view: ReadView,
        catalog: Catalog,
        now_s: float,
        progress: PageProgress | None = None,
    ) -> Outcome:
        """Return what a request comes to.

        Args:
            progress: of the page that the request reads, when it may be read in slices.

        Raises:
            ServiceError: it is refused.
            Unfinished: with a `progress` only; see there.
        """
        handler = _HANDLERS.get(operation)
        if handler is None:
            raise refused(UNKNOWN_OPERATION).error(Wording.CURRENT)
        wording = self._wordings[operation]
        context = RequestContext(now_s, self._region, wording, self._options, self._leaves_items_unread, progress)
        try:
            return handler(checked_request(operation, request, wording), view, catalog, context)
        except Refusal as refusal:
            raise refusal.error(wording) from None
