"""Eventual consistency: the data as they were a moment ago, from the data as they are and what was there before.

Every change leaves the entry that it replaced in a log, under its key space and key, until nobody can see it any more.
A lagging view answers with the oldest entry of a key whose change is not to be seen yet, otherwise with the truth.

An item has one lag for the table and its local indexes, so that an entry of a local index always has its item, and
another one for each global index. It is the same for all changes of the item, so that they are seen in their order.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from heapq import merge
from operator import attrgetter
from typing import NamedTuple

from ddbmodel.engine.behaviours.dice import unit_of
from ddbmodel.engine.behaviours.switches import Behaviours
from ddbmodel.engine.behaviours.views import ViewOver
from ddbmodel.engine.outcome import ItemChange
from ddbmodel.engine.storage.view import Entry, ReadView
from ddbmodel.engine.writes import entry_writes

__all__ = ["ChangeLog", "LaggingView"]


class _Past(NamedTuple):
    """What was under a key before a change, and from when on the change is seen."""

    before: Entry | None
    seen_at_s: float


class ChangeLog:
    """The entries that recent changes replaced."""

    def __init__(self, behaviours: Behaviours) -> None:
        self._behaviours = behaviours
        self._longest_s = behaviours.longest_lag_s
        # By key space and key, oldest first.
        self._pasts: dict[int, dict[bytes, list[_Past]]] = {}
        # The same, by the time of the change.
        self._order: deque[tuple[float, int, bytes]] = deque()
        self._uncommitted = 0

    def __len__(self) -> int:
        """Return how many entries are kept."""
        return len(self._order)

    def note(self, changes: tuple[ItemChange, ...], view: ReadView, now_s: float) -> None:
        """Keep what changes are about to replace in `view`."""
        self._forget(now_s)
        for change in changes:
            global_spaces = {index.space for index in change.table.indexes if index.kind == "global"}
            for write in entry_writes(change):
                home = write.space if write.space in global_spaces else change.table.space
                seen_at_s = now_s + self._lag_s(home, change.key, is_global=home in global_spaces)
                past = _Past(view.get(write.space, write.key), seen_at_s)
                self._pasts.setdefault(write.space, {}).setdefault(write.key, []).append(past)
                self._order.append((now_s, write.space, write.key))
                self._uncommitted += 1

    def committed(self) -> None:
        """Take note that the changes so far stay."""
        self._uncommitted = 0

    def undone(self) -> None:
        """Forget the changes since the last commit: they were undone, so nothing was replaced."""
        # Some may be forgotten already, when the lag is shorter than the group is open.
        for _ in range(min(self._uncommitted, len(self._order))):
            _, space, key = self._order.pop()
            self._drop(space, key, -1)
        self._uncommitted = 0

    def view(self, truth: ReadView, now_s: float, *, consistent_spaces: frozenset[int] = frozenset()) -> ReadView:
        """Return the lagging view of the data; key spaces in `consistent_spaces` are read as they are."""
        return LaggingView(self, truth, now_s, consistent_spaces)

    def unseen(self, space: int, now_s: float) -> dict[bytes, Entry | None]:
        """Return the keys of a key space of which a change is not seen yet, and what is seen in its place."""
        found: dict[bytes, Entry | None] = {}
        for key, pasts in self._pasts.get(space, {}).items():
            for before, seen_at_s in pasts:
                if seen_at_s > now_s:
                    found[key] = before
                    break
        return found

    def is_unseen(self, space: int, key: bytes, now_s: float) -> bool:
        """Return whether the newest change of a key is not seen yet."""
        pasts = self._pasts.get(space, {}).get(key)
        return pasts is not None and pasts[-1].seen_at_s > now_s

    def seen(self, space: int, key: bytes, now_s: float) -> Entry | None:
        """Return what is seen under a key that `is_unseen`."""
        return next(past.before for past in self._pasts[space][key] if past.seen_at_s > now_s)

    def _lag_s(self, space: int, item_key: bytes, *, is_global: bool) -> float:
        lag_s = self._behaviours.read_lag_s
        if is_global and self._behaviours.index_lag_s is not None:
            lag_s = self._behaviours.index_lag_s
        if self._behaviours.lag_varies:
            lag_s *= unit_of(self._behaviours.seed, space.to_bytes(8, "big"), item_key)
        return lag_s

    def _forget(self, now_s: float) -> None:
        while self._order and self._order[0][0] + self._longest_s <= now_s:
            _, space, key = self._order.popleft()
            self._drop(space, key, 0)

    def _drop(self, space: int, key: bytes, position: int) -> None:
        keys = self._pasts[space]
        keys[key].pop(position)
        if not keys[key]:
            del keys[key]
        if not keys:
            del self._pasts[space]


class LaggingView(ViewOver):
    """What an eventually consistent read sees; key spaces in `consistent_spaces` are seen as they are."""

    def __init__(self, log: ChangeLog, truth: ReadView, now_s: float, consistent_spaces: frozenset[int]) -> None:
        super().__init__(truth)
        self._log, self._now_s, self._consistent_spaces = log, now_s, consistent_spaces

    def get(self, space: int, key: bytes) -> Entry | None:
        """Return the entry that is seen under a key."""
        if space not in self._consistent_spaces and self._log.is_unseen(space, key, self._now_s):
            return self._log.seen(space, key, self._now_s)
        return self.inner.get(space, key)

    def range(self, space: int, low: bytes, high: bytes | None, *, reverse: bool = False) -> Iterator[Entry]:
        """Return the entries that are seen between two keys, in key order or from the end."""
        unseen = {} if space in self._consistent_spaces else self._log.unseen(space, self._now_s)
        entries = self.inner.range(space, low, high, reverse=reverse)
        if not unseen:
            return entries
        before = [e for e in unseen.values() if e is not None and low <= e.key and (high is None or e.key < high)]
        before.sort(key=attrgetter("key"), reverse=reverse)
        unchanged = (entry for entry in entries if entry.key not in unseen)
        return merge(unchanged, before, key=attrgetter("key"), reverse=reverse)
