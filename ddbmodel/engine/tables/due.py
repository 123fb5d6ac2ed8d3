"""What time alone brings about: deletions that are over, key spaces filled, items whose time to live has come.

The engine's shell asks before it decides a request, and makes true what it is told as if it were a request.
"""

from __future__ import annotations

import math
from typing import Final

import orjson

from ddbmodel.engine.catalog import Catalog, Table
from ddbmodel.engine.context import RequestContext
from ddbmodel.engine.expiry import expired_bounds, item_key_of
from ddbmodel.engine.outcome import CatalogChange, DropTable, FillSpaces, ItemChange, Outcome, SaveTable
from ddbmodel.engine.storage.view import ReadView
from ddbmodel.engine.tables.index_updates import without_gone_indexes

__all__ = ["due_outcome", "next_deletion_s"]

_MOST_ITEMS: Final = 100
_MOST_FILLED_ITEMS: Final = 500


def due_outcome(view: ReadView, catalog: Catalog, context: RequestContext) -> Outcome | None:
    """Return what has become due by now, or None.

    A call deletes at most 100 items, and brings at most 500 into a new index, so the next one may find more.
    """
    changes: list[CatalogChange] = []
    items: list[ItemChange] = []
    now_s = context.now_s
    for table in catalog.moving_tables():
        if table.is_gone(now_s):
            changes.append(DropTable(table))
            continue
        remaining = without_gone_indexes(table, now_s)
        if remaining is not table:
            changes.append(SaveTable(remaining))
        elif table.is_being_filled:
            changes.append(FillSpaces(table, _MOST_FILLED_ITEMS))
        elif len(items) < _MOST_ITEMS:
            items += _expired(table, view, context, _MOST_ITEMS - len(items))
    return Outcome({}, items=tuple(items), catalog=tuple(changes)) if changes or items else None


def next_deletion_s(catalog: Catalog) -> float:
    """Return when the next deletion of an index is over; infinity when none is under way."""
    moments = (index.gone_at_s for table in catalog.moving_tables() for index in table.indexes)
    return min((moment_s for moment_s in moments if moment_s is not None), default=math.inf)


def _expired(table: Table, view: ReadView, context: RequestContext, most: int) -> list[ItemChange]:
    setting = table.time_to_live
    if setting is None or not setting.enabled or not setting.is_settled(context.now_s):
        return []
    low, high = expired_bounds(context.now_s, context.options.expiry_delay_s)
    changes: list[ItemChange] = []
    for entry in view.range(setting.space, low, high):
        key = item_key_of(entry.key)
        item = view.get(table.space, key)
        assert item is not None, "every entry of a time to live is that of an item"
        changes.append(ItemChange(table, key, orjson.loads(item.item_json), None, by_ttl=True))
        if len(changes) == most:
            break
    return changes
