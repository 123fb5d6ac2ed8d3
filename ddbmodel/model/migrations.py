"""Migrations: what an item of an earlier version of its class's way of storing becomes when it is read.

```
class User(Model, table="users", schema_version=3): ...

@migrates(User, 1, 2)
def split_name(old: dict[str, Any]) -> dict[str, Any]: ...       # attributes by stored name, as plain Python values
```
An item carries its version in ``_schema``; one without it is of version 1. Reading applies the steps that lead to the
model's version; every write stores the model's version. An item of a later version than the program knows is not read,
since a write of it would lose what the program does not know.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias, TypeVar

from ddbmodel.errors import ItemNotDecodable, ModelDefinitionError, ValueNotStorable
from ddbmodel.model.own_attributes import ENTITY, SCHEMA_VERSION
from ddbmodel.model.plain_values import NotPlain, python_value
from ddbmodel.model.scalars import Refused
from ddbmodel.values.wire import AttributeValue, Item

if TYPE_CHECKING:
    from ddbmodel.model.base import Model

__all__ = ["Migration", "migrated", "migrates", "stored_schema_version"]

Migration: TypeAlias = Callable[[dict[str, Any]], dict[str, Any]]
F = TypeVar("F", bound=Callable[[dict[str, Any]], dict[str, Any]])

EncodeValue: TypeAlias = Callable[[Any], AttributeValue]

_STEPS: Final = "__ddb_migrations__"
_FIRST: Final = 1


@dataclass(frozen=True, slots=True)
class _Step:
    target: int
    migration: Migration


def migrates(model: type[Model], source: int, target: int) -> Callable[[F], F]:
    """Return a decorator that registers the step from one schema version of a model to a later one.

    The function takes the attributes by stored name, without the library's own, and returns all of the new ones; it may
    change the dict that it is given. It must give the same for the same item whenever it is called.

    Raises:
        ModelDefinitionError: the model has no such versions, or the step is there already.
    """
    current = model.__ddb_schema__.settings.schema_version
    if current is None or not _FIRST <= source < target <= current:
        raise ModelDefinitionError(
            f"{model.__name__}: a step from version {source} to {target} does not lead towards the model's, which is "
            f"{current}; declare it with schema_version=..."
        )

    def register(migration: F) -> F:
        steps: dict[int, _Step] = model.__dict__.get(_STEPS, {})
        if source in steps:
            raise ModelDefinitionError(f"{model.__name__}: version {source} is migrated by another function already")
        type.__setattr__(model, _STEPS, {**steps, source: _Step(target, migration)})
        return migration

    return register


def stored_schema_version(item: Item) -> int:
    """Return the version that an item was written in."""
    value = item.get(SCHEMA_VERSION)
    return _FIRST if value is None else int(value["N"])


def migrated(model: type[Model], item: Item, encode: EncodeValue) -> Item:
    """Return an item as the model's version stores it; the same one when it is of that version.

    Args:
        encode: gives the attribute value of a plain Python value.

    Raises:
        ItemNotDecodable: the item is of a later version, no steps lead to the model's, or a step failed.
    """
    schema = model.__ddb_schema__
    name, current = model.__name__, schema.settings.schema_version or _FIRST
    version = stored_schema_version(item)
    if version == current:
        return item
    if version > current:
        rule = f"the item was written by version {version} of the model, and this program knows {current}; update it"
        raise ItemNotDecodable(name, [(SCHEMA_VERSION, rule)])
    steps = _steps_of(model)
    kept = {own: item[own] for own in (ENTITY,) if own in item}
    try:
        own = {key: value for key, value in item.items() if key not in (ENTITY, SCHEMA_VERSION)}
        # Made twice: a step may change what it is given, deep inside as well.
        before, plain = ({key: python_value(value) for key, value in own.items()} for _ in range(2))
        while version < current:
            step = steps.get(version)
            if step is None:
                rule = f"no migration leads from version {version} to {current}; register it with @migrates"
                raise ItemNotDecodable(name, [(SCHEMA_VERSION, rule)])
            plain, version = _stepped(name, version, step, plain), step.target
    except NotPlain as problem:
        raise ItemNotDecodable(name, [(problem.path, problem.rule)]) from None
    try:
        # What no step touched keeps its form on the wire.
        made = {key: item[key] if _is_untouched(key, value, before) else encode(value) for key, value in plain.items()}
    except (Refused, ValueNotStorable) as refusal:
        raise ItemNotDecodable(name, [("", f"a migration made a value that cannot be stored: {refusal}")]) from None
    for part in (schema.partition, *(() if schema.sort is None else (schema.sort,))):
        if made.get(part.attribute) != item.get(part.attribute):
            raise ItemNotDecodable(name, [(part.attribute, "a migration changed the key of the item")])
    return {**made, **kept, SCHEMA_VERSION: {"N": str(current)}}


def _stepped(name: str, version: int, step: _Step, plain: dict[str, Any]) -> dict[str, Any]:
    try:
        made = step.migration(plain)
    except Exception as error:
        # The error may quote values of the item.
        rule = f"the migration from version {version} to {step.target} raised {type(error).__name__}"
        raise ItemNotDecodable(name, [(SCHEMA_VERSION, rule)]) from error
    if not isinstance(made, dict):
        rule = f"the migration from version {version} to {step.target} returned a {type(made).__name__}, not a dict"
        raise ItemNotDecodable(name, [(SCHEMA_VERSION, rule)])
    return made


def _is_untouched(key: str, value: Any, before: Mapping[str, Any]) -> bool:
    return key in before and type(before[key]) is type(value) and bool(before[key] == value)


def _steps_of(model: type[Model]) -> dict[int, _Step]:
    found: dict[int, _Step] = {}
    for base in reversed(model.__mro__):
        found.update(base.__dict__.get(_STEPS, {}))
    return found
