"""How a new index, or time to live, comes to hold the items that were there before it.

Of a small table at once; of a larger one some items at a time, whenever the engine does what has become due (`due.py`),
so that no request waits long. Meanwhile every write keeps the new key space right, whether it has come to that item yet
or not, and nobody reads it.
"""

from __future__ import annotations

from itertools import islice
from typing import Final

from ddbmodel.engine.catalog import Table
from ddbmodel.engine.storage.view import ReadView

__all__ = ["FILLED_AT_ONCE_ITEMS", "first_mark"]

FILLED_AT_ONCE_ITEMS: Final = 5_000
"""Filling so many takes a tenth of a second or so."""


def first_mark(view: ReadView, table: Table) -> str | None:
    """Return how far a new key space of a table is filled: None when that is to be done at once."""
    entries = view.range(table.space, b"", None)
    is_small = sum(1 for _ in islice(entries, FILLED_AT_ONCE_ITEMS + 1)) <= FILLED_AT_ONCE_ITEMS
    return None if is_small else ""
