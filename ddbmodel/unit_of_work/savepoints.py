"""Takes a unit of work back to an earlier moment, without a read and without another object; pure.

| of an item | after a rollback |
|---|---|
| the object, where the unit had one | the same object, with the values that it had |
| what the unit was to do to it | as it was |
| what the unit has read since | stays read: the object, with the values that were read, or that it is absent |

Reads stay because a decision outside the block may rest on them; a serializable unit checks them on commit all the
same.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final, Self

from ddbmodel.errors import InvalidRequest
from ddbmodel.expressions.tree import Condition
from ddbmodel.model import Model
from ddbmodel.unit_of_work.identity_map import IdentityMap, Tracked, TrackedState
from ddbmodel.values.wire import AttributeValue

__all__ = ["Savepoint"]


@dataclass(frozen=True, slots=True)
class _Saved:
    """An item as it was tracked; with the values of its object, where it had one."""

    state: TrackedState
    instance: Model | None
    increments: dict[str, str]
    must_exist: bool
    is_parent: bool
    conditions: list[Condition]
    events: list[AttributeValue]
    was_read: bool


_NEVER_MET: Final = _Saved("untouched", None, {}, False, False, [], [], False)


class Savepoint:
    """A moment of a unit of work, as ``async with``: an exception that leaves the block goes back to it, and on.

    Nothing is sent at either end, so nothing of the block is in the table before the unit commits.
    """

    def __init__(self, items: IdentityMap, open_savepoints: list[Savepoint], go_back: Callable[[], None]) -> None:
        """Remember how the items of a unit are.

        Args:
            open_savepoints: those of the unit, the innermost last.
            go_back: takes back what else the unit has gathered since.
        """
        self._items, self._open, self._go_back = items, open_savepoints, go_back
        self._values: dict[int, tuple[Model, Any]] = {}
        self._saved = {identity: self._save(tracked) for identity, tracked in items.entries()}

    async def __aenter__(self) -> Self:
        self._open.append(self)
        self._items.watchers.append(self._keep)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self not in self._open:
            return
        if kind is not None:
            self.rollback()
        self._close()

    def rollback(self) -> None:
        """Go back to the beginning of the block, which then goes on.

        Raises:
            InvalidRequest: the block has ended, or one around it was rolled back.
        """
        if self not in self._open:
            raise InvalidRequest("this savepoint is over: its block has ended, or one around it was rolled back")
        while self._open[-1] is not self:
            self._open[-1]._close()  # what was saved inside the block is of no use any more
        for identity, tracked in self._items.entries():
            self._restore(tracked, self._saved.get(identity, _NEVER_MET))
        self._go_back()

    def _close(self) -> None:
        self._open.remove(self)
        self._items.watchers.remove(self._keep)

    def _save(self, tracked: Tracked) -> _Saved:
        for instance in (tracked.instance, tracked.read_instance):
            if instance is not None:
                self._values[id(instance)] = instance, copy.deepcopy(instance.__getstate__())
        return _Saved(
            tracked.state,
            tracked.instance,
            dict(tracked.increments),
            tracked.must_exist,
            tracked.is_parent,
            list(tracked.conditions),
            list(tracked.events),
            was_read=tracked.state != "untouched",
        )

    def _keep(self, tracked: Tracked) -> None:
        """Remember the values of an object that is met inside the block."""
        assert tracked.instance is not None, "what was met is an object"
        self._values[id(tracked.instance)] = tracked.instance, copy.deepcopy(tracked.instance.__getstate__())

    def _restore(self, tracked: Tracked, saved: _Saved) -> None:
        tracked.increments, tracked.must_exist = dict(saved.increments), saved.must_exist
        tracked.conditions, tracked.is_parent = list(saved.conditions), saved.is_parent
        tracked.events = list(saved.events)
        if saved.was_read or tracked.snapshot is None:
            tracked.state, tracked.instance = saved.state, saved.instance
            if saved.state == "untouched" and (tracked.read_as_absent or tracked.hidden is not None):
                tracked.state = "absent"
        else:
            # Read inside the block: that stays, with what was read.
            tracked.state, tracked.instance = "stored", tracked.read_instance
        for instance in (tracked.instance, tracked.read_instance):
            if instance is not None and id(instance) in self._values:
                instance.__setstate__(copy.deepcopy(self._values[id(instance)][1]))
