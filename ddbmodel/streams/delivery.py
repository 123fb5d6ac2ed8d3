"""Which record a handler gets next: the order, the retries and the cursor of one handler on one shard. Pure.

```
offered ─► ready ─► running ─► completed
             ▲         │
             └ waiting ◄┘  failed: 50 ms, doubling to 30 s
```
* Of one item, only the oldest unfinished record is ever ready, running or waiting; later ones stand behind it.
* Records of other items go on meanwhile; among those that are ready, the order is the stream's.
* The cursor stands before the oldest unfinished record, so what completed beyond it comes again after a restart.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import Final

from ddbmodel.streams.records import StreamRecord, sequence_order

__all__ = ["Delivery", "Pending", "retry_delay_s"]

_FIRST_DELAY_S: Final = 0.05
_LONGEST_DELAY_S: Final = 30.0


@dataclass(slots=True, eq=False)
class Pending:
    """A record that a handler has not completed."""

    record: StreamRecord
    position: int
    before: str | None
    """The sequence number that the handler had been offered just before."""
    failures: int = 0
    last_error: BaseException | None = None


class Delivery:
    """The records of a shard on their way through one handler.

    Args:
        after: the sequence number that was stored as cursor; None to begin with the shard.
    """

    def __init__(self, after: str | None) -> None:
        self.read_to = after
        """The last sequence number that was offered or passed over."""
        self._offered = 0
        # In the order of the stream.
        self._unfinished: dict[str, Pending] = {}
        self._of_item: dict[Hashable, deque[Pending]] = {}
        self._ready: list[tuple[int, Pending]] = []
        self._waiting: list[tuple[float, int, Pending]] = []
        self._failing: dict[str, Pending] = {}

    def is_new(self, sequence: str) -> bool:
        """Return whether a record has not been offered yet."""
        return sequence_order(sequence) > sequence_order(self.read_to)

    def offer(self, record: StreamRecord) -> None:
        """Take the next record of the stream."""
        self._offered += 1
        pending = Pending(record, self._offered, before=self.read_to)
        self.read_to = record.sequence
        self._unfinished[record.sequence] = pending
        same_item = self._of_item.setdefault(record.item_key, deque())
        same_item.append(pending)
        if len(same_item) == 1:
            heappush(self._ready, (pending.position, pending))

    def pass_over(self, sequence: str) -> None:
        """Take note of a record that is not for this handler."""
        self.read_to = sequence

    def take(self, now_s: float) -> Pending | None:
        """Return the record to run now, which is then running; None when there is none."""
        while self._waiting and self._waiting[0][0] <= now_s:
            _, position, pending = heappop(self._waiting)
            heappush(self._ready, (position, pending))
        return heappop(self._ready)[1] if self._ready else None

    def completed(self, pending: Pending) -> None:
        """Finish a running record; the next one of its item becomes ready."""
        del self._unfinished[pending.record.sequence]
        self._failing.pop(pending.record.sequence, None)
        same_item = self._of_item[pending.record.item_key]
        same_item.popleft()
        if same_item:
            heappush(self._ready, (same_item[0].position, same_item[0]))
        else:
            del self._of_item[pending.record.item_key]

    def failed(self, pending: Pending, now_s: float, error: BaseException) -> float:
        """Put a running record back to wait; returns how long, in seconds."""
        pending.failures += 1
        pending.last_error = error
        self._failing[pending.record.sequence] = pending
        delay_s = retry_delay_s(pending.failures)
        heappush(self._waiting, (now_s + delay_s, pending.position, pending))
        return delay_s

    @property
    def cursor(self) -> str | None:
        """Return the last sequence number up to which everything is finished."""
        for oldest in self._unfinished.values():
            return oldest.before
        return self.read_to

    @property
    def unfinished_count(self) -> int:
        """Return how many records were offered and are not completed."""
        return len(self._unfinished)

    @property
    def next_retry_s(self) -> float | None:
        """Return when the next waiting record is due; None when none waits."""
        return self._waiting[0][0] if self._waiting else None

    def has_passed(self, sequence: str | None) -> bool:
        """Return whether everything up to a sequence number is finished."""
        return sequence_order(self.cursor) >= sequence_order(sequence)

    def most_failed(self) -> Pending | None:
        """Return the unfinished record with the most failures; None when none failed."""
        return max(self._failing.values(), key=lambda pending: pending.failures, default=None)


def retry_delay_s(failures: int) -> float:
    """Return the pause after a number of failures in a row, 1 or more."""
    doublings = min(failures - 1, 20)
    return min(_LONGEST_DELAY_S, _FIRST_DELAY_S * 2.0**doublings)
