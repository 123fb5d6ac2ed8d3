"""One object for each item that a unit of work has met, and what is to become of it; pure.

| state | meaning | `get` gives | `add` of another object | `delete` |
|---|---|---|---|---|
| untouched | only named by a check or an increment | reads | added | deleted, unguarded |
| absent | read, and not there | None | added | NotFound |
| added | new, must not exist yet | the object | IdentityConflict | as before `add`: nothing is sent |
| stored | read, or tracked | the object | IdentityConflict | deleted |
| replaced | deleted, then another object added | the object | IdentityConflict | deleted |
| deleted | to be deleted | None | replaced | nothing more |

Adding the object that is there already changes nothing; adding a deleted object again brings it back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias, TypeVar

from ddbmodel.errors import IdentityConflict, InvalidRequest, NotFound
from ddbmodel.expressions.tree import AddAction, Condition, Value
from ddbmodel.model import Key, Model, schema_of
from ddbmodel.unit_of_work.snapshots import Snapshot, add_to_field, snapshot_of
from ddbmodel.values.key_encoding import encode_key_value
from ddbmodel.values.numbers import add_numbers
from ddbmodel.values.wire import AttributeValue, Item

__all__ = ["IdentityMap", "ItemIdentity", "Tracked", "TrackedState", "identity_of"]

M = TypeVar("M", bound=Model)

ItemIdentity: TypeAlias = tuple[str, bytes, bytes]
"""Table, partition key bytes, sort key bytes (empty without a sort key); sorts as the table does."""

TrackedState: TypeAlias = Literal["untouched", "absent", "added", "stored", "replaced", "deleted"]


@dataclass(slots=True, eq=False)
class Tracked:
    """What a unit of work knows about one item and means to do to it.

    Attributes:
        snapshot: how it was when the unit met it; None when it was not there, or was never read.
        read_instance: the object that was read, which a replacement does not change.
        read_as_absent: the unit read the key and found nothing, whatever happened to it in the unit since.
        hidden: what the read found and did not show, since it is expired or softly deleted.
        is_parent: its version is raised on commit even if nothing else of it changes.
        increments: top-level attribute to the number that is to be added, canonical.
        must_exist: the increments alone would not make a whole item, so they need one to be there.
        conditions: what must hold when the unit commits.
        events: those that are emitted within the item, in the wire's form.
        may_replace: what an added object may take the place of, beside nothing.
    """

    key: Key[Any]
    state: TrackedState = "untouched"
    instance: Model | None = None
    snapshot: Snapshot | None = None
    read_instance: Model | None = None
    read_as_absent: bool = False
    hidden: Snapshot | None = None
    is_parent: bool = False
    increments: dict[str, str] = field(default_factory=dict)
    must_exist: bool = False
    conditions: list[Condition] = field(default_factory=list)
    events: list[AttributeValue] = field(default_factory=list)
    may_replace: Condition | None = None


class IdentityMap:
    """The tracked items of one unit of work, by table and key."""

    def __init__(self) -> None:
        self._tracked: dict[ItemIdentity, Tracked] = {}
        self.watchers: list[Callable[[Tracked], None]] = []
        """Told of every item whose object the unit has just met."""

    def at(self, key: Key[Any]) -> Tracked:
        """Return what is tracked for a key, untouched when it is met for the first time."""
        identity = identity_of(key)
        tracked = self._tracked.get(identity)
        if tracked is None:
            tracked = self._tracked[identity] = Tracked(key)
        return tracked

    def in_order(self) -> Iterator[Tracked]:
        """Yield everything tracked, ordered by table and key, whatever order it was met in."""
        for identity in sorted(self._tracked):
            yield self._tracked[identity]

    def instance_at(self, key: Key[M]) -> M | None:
        """Return the object of a key, None when it is absent, deleted or not read.

        Raises:
            IdentityConflict: the item is tracked as an object of another model.
        """
        tracked = self._tracked.get(identity_of(key))
        if tracked is None or tracked.instance is None or tracked.state == "deleted":
            return None
        if not isinstance(tracked.instance, key.model):
            raise IdentityConflict(
                f"{key.model.__name__}: the item is tracked in this unit of work as an object of "
                f"{type(tracked.instance).__name__}; one item is one object in a unit"
            )
        return tracked.instance

    def met(
        self, key: Key[M], instance: M | None, stored: Item | None = None, *, hidden: Item | None = None
    ) -> M | None:
        """Take in what a read found, and return the object of the key: the one tracked before, where there is one.

        Args:
            hidden: what is there and not to be seen, since it is expired or softly deleted.
        """
        tracked = self.at(key)
        if tracked.state not in ("untouched", "absent"):
            return self.instance_at(key)
        if instance is None:
            # An item that is there, seen or not, is no reason to try the addition of another one again.
            tracked.state, tracked.read_as_absent = "absent", hidden is None
            tracked.hidden = None if hidden is None else Snapshot(hidden, hidden, None)
            return None
        self._is_stored(tracked, instance, snapshot_of(instance, stored))
        return instance

    def entries(self) -> Iterator[tuple[ItemIdentity, Tracked]]:
        """Yield everything tracked, in the order in which it was met."""
        yield from self._tracked.items()

    def track(self, instance: M) -> M:
        """Track an object that was read elsewhere, as it is now.

        Raises:
            IdentityConflict: another object is tracked for its key.
            InvalidRequest: its model has a version and the object was never stored.
        """
        tracked = self.at(instance.item_key())
        if tracked.instance is instance:
            return instance
        if tracked.instance is not None or tracked.state == "deleted":
            raise _another_object(instance)
        snapshot = snapshot_of(instance)
        if snapshot.version is None and schema_of(type(instance)).version is not None:
            raise InvalidRequest(
                f"{type(instance).__name__}: an object that was never read or written cannot be tracked as stored; "
                "use add() for a new one"
            )
        self._is_stored(tracked, instance, snapshot)
        return instance

    def add(self, instance: Model) -> None:
        """Mark an object as new, or as the replacement of one that was deleted in this unit.

        Raises:
            IdentityConflict: another object is tracked for its key.
            InvalidRequest: the key was incremented in this unit.
        """
        tracked = self.at(instance.item_key())
        if tracked.instance is instance and tracked.state != "deleted":
            return
        if tracked.state in ("added", "stored", "replaced"):
            raise _another_object(instance)
        if tracked.increments:
            raise InvalidRequest(
                f"{type(instance).__name__}: the item was incremented in this unit of work and cannot be added too; "
                "set the value on the object instead"
            )
        if tracked.state == "deleted":
            tracked.state = "stored" if tracked.instance is instance else "replaced"
        else:
            tracked.state = "added"
        tracked.instance = instance

    def delete(self, target: Model | Key[Any]) -> None:
        """Mark an object, or the item of a key, as to be deleted.

        Raises:
            IdentityConflict: another object is tracked for the key of the object.
            NotFound: the unit read the key and found nothing.
        """
        tracked = self._met_as(target) if isinstance(target, Model) else self.at(target)
        if tracked.state == "deleted":
            return
        if tracked.state == "added":
            # The table never heard of it. That the unit read the key as absent stays true.
            tracked.state = "absent" if tracked.read_as_absent or tracked.hidden else "untouched"
            tracked.instance = None
            return
        if tracked.state == "absent":
            raise NotFound(
                f"{tracked.key.model.__name__}: the item to delete was read in this unit of work and is not there"
            )
        if tracked.state == "replaced":
            # Only the object that was read can come back by `add`; this one was never what the snapshot shows.
            tracked.instance = None
        tracked.state = "deleted"
        tracked.increments.clear()
        if tracked.events:
            raise InvalidRequest(
                f"{tracked.key.model.__name__}: an event was emitted within the object, which cannot be deleted then; "
                "emit it without within="
            )

    def increment(self, target: Model | Key[Any], action: AddAction, *, must_exist: bool) -> None:
        """Note that a number is to be added to a top-level attribute; a new object takes it at once.

        Args:
            must_exist: the increment does not make a whole item where there is none.

        Raises:
            IdentityConflict: another object is tracked for the key of the object.
            InvalidRequest: the item is deleted in this unit.
        """
        tracked = self._met_as(target) if isinstance(target, Model) else self.at(target)
        name, amount = str(action.path.steps[0]), _number(action)
        if tracked.state == "deleted":
            raise InvalidRequest(
                f"{tracked.key.model.__name__}: the item is deleted in this unit of work and cannot be incremented"
            )
        if tracked.instance is not None and tracked.state in ("added", "replaced"):
            add_to_field(tracked.instance, name, amount)
            return
        # One of several increments that makes a whole item makes one for all.
        tracked.must_exist = must_exist and (tracked.must_exist or not tracked.increments)
        tracked.increments[name] = add_numbers(tracked.increments.get(name, "0"), amount)

    def guard(self, parent: Model) -> None:
        """Note that the version of an object is to be raised on commit, whatever else becomes of it.

        Raises:
            IdentityConflict: another object is tracked for its key.
            InvalidRequest: its model has no version, or it is deleted in this unit.
        """
        if schema_of(type(parent)).version is None:
            raise InvalidRequest(
                f"{type(parent).__name__}: only an object with a version guards what belongs to it; declare a field "
                "with version()"
            )
        tracked = self._met_as(parent)
        if tracked.state == "deleted":
            raise InvalidRequest(f"{type(parent).__name__}: the object is deleted in this unit of work")
        tracked.is_parent = True

    def emit(self, within: Model, event: AttributeValue) -> None:
        """Note an event that is to be stored in the item of an object.

        Raises:
            IdentityConflict: another object is tracked for its key.
            InvalidRequest: it is deleted in this unit.
        """
        tracked = self._met_as(within)
        if tracked.state == "deleted":
            raise InvalidRequest(
                f"{type(within).__name__}: the object is deleted in this unit of work, so no event can be stored in it"
            )
        tracked.events.append(event)

    def _is_stored(self, tracked: Tracked, instance: Model, snapshot: Snapshot) -> None:
        tracked.state, tracked.instance, tracked.snapshot = "stored", instance, snapshot
        tracked.read_instance = instance
        for told in self.watchers:
            told(tracked)

    def _met_as(self, instance: Model) -> Tracked:
        tracked = self.at(instance.item_key())
        if tracked.state in ("untouched", "absent"):
            self.track(instance)
        elif tracked.instance is not instance:
            raise _another_object(instance)
        return tracked


def identity_of(key: Key[Any]) -> ItemIdentity:
    """Return what tells one item from all others."""
    schema = schema_of(key.model)
    sort = b"" if schema.sort is None else encode_key_value(key.item[schema.sort.attribute])
    return schema.table, encode_key_value(key.item[schema.partition.attribute]), sort


def _number(action: AddAction) -> str:
    assert isinstance(action.value, Value), "an action built from a model holds its value"
    number: str = action.value.value["N"]
    return number


def _another_object(instance: Model) -> IdentityConflict:
    return IdentityConflict(
        f"{type(instance).__name__}: another object is tracked in this unit of work for the same key; "
        "change that one, or delete it before adding its replacement"
    )
