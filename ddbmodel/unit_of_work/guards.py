"""Conditions that let a write through only if the item is still what the unit of work saw; pure.

| guard | a write of part of an item | a write of all of it | a read that is checked |
|---|---|---|---|
| version | the version | the version | the version |
| changed | the old values of what is about to change | every old value | every old value |
| none | that the item is there | nothing | |

A model with a version is guarded by it. One without is guarded by the old values of what is about to change, so that
two units which change different attributes of an item do not stop each other. A serializable unit guards every write
as one of all of the item, since its decisions may rest on any part.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from ddbmodel.errors import InvalidRequest
from ddbmodel.expressions.evaluate import value_at
from ddbmodel.expressions.tree import AttributeTest, Comparison, Condition, Path, Update, Value, all_of
from ddbmodel.model import Model, schema_of
from ddbmodel.model.settings import GuardMode
from ddbmodel.unit_of_work.snapshots import Snapshot
from ddbmodel.values.wire import Item

__all__ = ["VERSION_ONLY", "Isolation", "Protection", "is_absent", "is_present", "is_unchanged", "is_unchanged_where"]

Isolation: TypeAlias = Literal["version", "serializable"]
"""What a unit of work is protected from: others' writes to what it writes, or also to what it only read."""

_ISOLATIONS: Final = ("version", "serializable")
_GUARDS: Final = (None, "version", "changed", "none")

# A condition has at most 300 operators and 4 KB of text, some of which the user's own conditions may need.
# Source: AWS Developer Guide, "Quotas in Amazon DynamoDB", expression parameters.
_MOST_OLD_VALUES: Final = 250


@dataclass(frozen=True, slots=True)
class Protection:
    """How the objects of one unit of work are protected.

    Attributes:
        guard: of every object, whatever its model says; None for what the model says.

    Raises:
        InvalidRequest: no such isolation or guard, or a serializable unit without guards.
    """

    isolation: Isolation = "version"
    guard: GuardMode | None = None

    def __post_init__(self) -> None:
        for name, given, known in (("isolation", self.isolation, _ISOLATIONS), ("guard", self.guard, _GUARDS)):
            if given not in known:
                told = ", ".join(repr(each) for each in known)
                raise InvalidRequest(f"{name}= of a unit of work takes one of {told}")
        if self.is_serializable and self.guard == "none":
            raise InvalidRequest("a serializable unit of work guards what it writes; leave guard='none' out")

    @property
    def is_serializable(self) -> bool:
        """Whether what was only read is checked too."""
        return self.isolation == "serializable"

    def mode_of(self, model: type[Model]) -> GuardMode:
        """Return how objects of a model are guarded.

        Raises:
            InvalidRequest: by a version that the model does not have.
        """
        schema = schema_of(model)
        default: GuardMode = "changed" if schema.version is None else "version"
        mode = self.guard or schema.settings.guard or default
        if mode == "version" and schema.version is None:
            raise InvalidRequest(
                f"{model.__name__}: this unit of work guards by versions, and the model has none; declare a field "
                "with version(), or guard by 'changed'"
            )
        return default if mode == "none" and self.is_serializable else mode


VERSION_ONLY: Final = Protection()
"""Writes are guarded, by the version where there is one; reads are not checked."""


def is_absent(model: type[Model]) -> Condition:
    """Return the condition that no item has the key."""
    return AttributeTest("attribute_not_exists", (_partition_key(model),))


def is_present(model: type[Model]) -> Condition:
    """Return the condition that an item has the key."""
    return AttributeTest("attribute_exists", (_partition_key(model),))


def is_unchanged(model: type[Model], snapshot: Snapshot, mode: GuardMode) -> Condition | None:
    """Return the condition that nothing of an item has changed: its version, or else every attribute.

    Raises:
        InvalidRequest: more attributes than a condition can compare.
    """
    if mode == "none":
        return None
    if mode == "version":
        return _has_version(model, snapshot)
    # What the model would show, had somebody added it, counts too; what no field shows, no decision rests on.
    known = snapshot.stored.keys() | schema_of(model).attributes.values()
    names = sorted(known - _key_attributes(model) - schema_of(model).not_stored.keys())
    if len(names) > _MOST_OLD_VALUES:
        raise InvalidRequest(
            f"{model.__name__}: an item of {len(names):,} attributes cannot be compared as a whole, {_MOST_OLD_VALUES} "
            "is the most that one condition takes; declare a field with version(), which guards it by itself"
        )
    return _all_or(is_present(model), [_has_value(Path((name,)), snapshot.stored) for name in names])


def is_unchanged_where(model: type[Model], snapshot: Snapshot, update: Update, mode: GuardMode) -> Condition:
    """Return the condition that what an update is about to change has not changed: the version, or the old values."""
    if mode == "none":
        # An update of an absent item would create a part of it.
        return is_present(model)
    if mode == "version":
        return _has_version(model, snapshot)
    paths = [action.path for action in update.actions]
    terms = [_has_value(path, snapshot.stored) for path in paths]
    if not any(isinstance(term, Comparison) for term in terms):
        # Absence of an attribute also holds for an absent item, which an update would create anew, in part.
        terms.insert(0, is_present(model))
    # The map that takes a new entry must still be there, or the service cannot apply the update.
    maps = {path.steps[:-1]: None for path in paths if len(path.steps) > 1 and value_at(path, snapshot.stored) is None}
    terms += [AttributeTest("attribute_type", (Path(steps), Value({"S": "M"}))) for steps in maps]
    return _all_or(is_present(model), terms)


def _all_or(otherwise: Condition, terms: list[Condition]) -> Condition:
    condition = all_of(tuple(terms))
    return otherwise if condition is None else condition


def _has_version(model: type[Model], snapshot: Snapshot) -> Condition:
    version = schema_of(model).version
    assert version is not None, f"{model.__name__} has no version"
    path = Path((version[1],))
    if snapshot.version is None:
        # Stored before the model had a version.
        return is_present(model) & AttributeTest("attribute_not_exists", (path,))
    return Comparison("=", path, Value({"N": str(snapshot.version)}))


def _has_value(path: Path, item: Item) -> Condition:
    old = value_at(path, item)
    return AttributeTest("attribute_not_exists", (path,)) if old is None else Comparison("=", path, Value(old))


def _partition_key(model: type[Model]) -> Path:
    return Path((schema_of(model).partition.attribute,))


def _key_attributes(model: type[Model]) -> set[str]:
    schema = schema_of(model)
    return {schema.partition.attribute} | ({schema.sort.attribute} if schema.sort else set())
