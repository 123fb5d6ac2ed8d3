"""The table of operations: a name of the service's API to the function that decides it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, TypeAlias

from ddbmodel.engine.catalog import Catalog
from ddbmodel.engine.items import ITEM_HANDLERS
from ddbmodel.engine.outcome import Outcome
from ddbmodel.engine.storage.view import ReadView
from ddbmodel.engine.streams import STREAM_HANDLERS
from ddbmodel.engine.tables import TABLE_HANDLERS
from ddbmodel.engine.validation.shapes import readable_request

__all__ = ["Handler", "handlers_of"]

Handler: TypeAlias = Callable[[dict[str, Any], ReadView, Catalog, float], Outcome]
"""Decides one request: ``(request, view, catalog, now_s)``."""


def handlers_of(region: str) -> Mapping[str, Handler]:
    """Return every operation of an engine in a region, by name; only those that write ARNs need to know it."""
    described = {**TABLE_HANDLERS, **STREAM_HANDLERS}
    return {
        **ITEM_HANDLERS,
        **{name: partial(_read_first, name, partial(handler, region=region)) for name, handler in described.items()},
    }


def _read_first(
    operation: str, handler: Handler, request: dict[str, Any], view: ReadView, catalog: Catalog, now_s: float
) -> Outcome:
    return handler(readable_request(operation, request), view, catalog, now_s)
