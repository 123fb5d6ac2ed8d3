"""A page that takes long to filter is read in slices, so that others are answered in between.

```
engine ──decide, with a PageProgress──▶ handler ──reads and filters a slice──▶ raises Unfinished
   ▲                                       │                                       │
   └── lets the loop go on ◀───────────────┼───────────────────────────────────────┘
                                           └─ the page is at its end: an outcome, as if it had been read at once
```
Each slice begins behind the last key that was read, on the data of its moment: the service's pages are no snapshots
either. Whoever decides without a `PageProgress` gets the page in one go.
"""

from __future__ import annotations

from typing import Final

from ddbmodel.engine.storage.view import Entry
from ddbmodel.expressions.compile_condition import CompiledCondition
from ddbmodel.values.wire import Item

__all__ = ["SLICE_TERMS", "PageProgress", "Unfinished"]

SLICE_TERMS: Final = 60_000
"""How many terms of a filter a slice evaluates, give or take an item: some ten milliseconds."""


class Unfinished(Exception):
    """A slice is done and the page is not; decide the request again, with the same progress. Never seen outside."""


class PageProgress:
    """What the slices of a page have found so far.

    Attributes:
        condition: the filter, once it is compiled.
        space: the key space that is read.
        scanned_count: the items read, whatever the filter made of them.
        read_bytes: the sum of their sizes.
        count: those that the filter let through.
        items: what is shown of those, unless only their number is asked for.
        fetched: the keys that were looked up in the table for a local index, and the sizes found.
        last_key: of the last item read.
        ended_at: the item that filled the page; None while there is none, and when the range ended first.
        is_done: whether the page is at its end.
    """

    __slots__ = (
        "condition",
        "count",
        "ended_at",
        "fetched",
        "is_done",
        "items",
        "last_key",
        "read_bytes",
        "scanned_count",
        "space",
    )

    def __init__(self) -> None:
        self.condition: CompiledCondition | None = None
        self.space: int | None = None
        self.begin(None)

    def begin(self, space: int | None) -> None:
        """Go on in a key space, or begin anew: a table may be dropped and another created between two slices."""
        if space is not None and space == self.space:
            return
        self.space = space
        self.scanned_count = self.read_bytes = self.count = 0
        self.items: list[Item] = []
        self.fetched: list[tuple[bytes, int]] = []
        self.last_key: bytes | None = None
        self.ended_at: Entry | None = None
        self.is_done = False
