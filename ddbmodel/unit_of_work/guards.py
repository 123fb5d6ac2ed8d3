"""Conditions that let a write through only if the item is still what the unit of work saw; pure.

A model with a version is guarded by it. One without is guarded by the old values of what is about to change, so that
two units which change different attributes of an item do not stop each other.
"""

from __future__ import annotations

from ddbmodel.expressions.evaluate import value_at
from ddbmodel.expressions.tree import AttributeTest, Comparison, Condition, Path, Update, Value, all_of
from ddbmodel.model import Model, schema_of
from ddbmodel.unit_of_work.snapshots import Snapshot
from ddbmodel.values.wire import Item

__all__ = ["is_absent", "is_present", "is_unchanged", "is_unchanged_where"]


def is_absent(model: type[Model]) -> Condition:
    """Return the condition that no item has the key."""
    return AttributeTest("attribute_not_exists", (_partition_key(model),))


def is_present(model: type[Model]) -> Condition:
    """Return the condition that an item has the key."""
    return AttributeTest("attribute_exists", (_partition_key(model),))


def is_unchanged(model: type[Model], snapshot: Snapshot) -> Condition:
    """Return the condition that nothing of an item has changed: its version, or else every attribute."""
    if schema_of(model).version is not None:
        return _has_version(model, snapshot)
    keys = _key_attributes(model)
    terms = [_has_value(Path((name,)), snapshot.stored) for name in sorted(snapshot.stored.keys() - keys)]
    return _all_or(is_present(model), terms)


def is_unchanged_where(model: type[Model], snapshot: Snapshot, update: Update) -> Condition:
    """Return the condition that what an update is about to change has not changed: the version, or the old values."""
    if schema_of(model).version is not None:
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
