"""Which class of a table an item belongs to: what ``entity=`` of the class statements says, and how items tell.

| class | its items have ``_entity`` | it reads |
|---|---|---|
| with an entity | its own | its own items, and those of its subclasses as these |
| without one, but subclasses in its table have one | no | items without one, and those of its subclasses as these |
| without one, and so have its subclasses | no | every item |
"""

from __future__ import annotations

import weakref
from collections.abc import Iterator, Mapping
from threading import RLock
from typing import TYPE_CHECKING, Any, Final

from ddbmodel.errors import ItemNotDecodable, ModelDefinitionError
from ddbmodel.model.own_attributes import ENTITY
from ddbmodel.model.settings import ModelSettings
from ddbmodel.values.wire import Item

if TYPE_CHECKING:
    from ddbmodel.model.base import Model

__all__ = ["class_of_item", "declare_entity", "entities_of", "entity_classes", "has_guards", "holds_item"]

_CLASSES: Final = "__ddb_entity_classes__"
_GUARDS: Final = "__ddb_has_guards__"

_lock: Final = RLock()
# By table and entity, the class that was made last.
_declared: Final[weakref.WeakValueDictionary[tuple[str, str], Any]] = weakref.WeakValueDictionary()
_generation = 0


def declare_entity(cls: Any) -> None:
    """Take note of a new class.

    Raises:
        ModelDefinitionError: it has an entity and no table, the entity of another class of its table, or no entity
            although it inherits from a class of its table that has one.
    """
    global _generation  # counts the classes, so that what was found among them is looked for again
    settings: ModelSettings = cls.__ddb_settings__
    with _lock:
        _generation += 1
        if settings.entity is None:
            _check_has_no_entity_to_take(cls, settings)
            return
        if settings.table is None:
            raise ModelDefinitionError(
                f"{cls.__name__}: entity= tells the items of one table from each other, and the model has no table; "
                "declare it with table='...'"
            )
        if _is_parametrized(cls):
            return
        other = _declared.get((settings.table, settings.entity))
        # A class may be made again, by a reload, a notebook or a function.
        if other is not None and "<locals>" not in cls.__qualname__ + other.__qualname__:
            own, its = ((each.__module__, each.__qualname__) for each in (cls, other))
            if own != its:
                raise ModelDefinitionError(
                    f"{cls.__name__}: the entity {settings.entity!r} of the table {settings.table!r} is "
                    f"{'.'.join(its)} already; give each class of a table an entity of its own"
                )
        _declared[settings.table, settings.entity] = cls


def entities_of(model: type[Model]) -> tuple[str, ...] | None:
    """Return the entities whose items a model reads: its own, and those of its subclasses in the same table.

    None where neither has one, so that it reads every item. A model without an entity of its own also reads items
    that have none.
    """
    return tuple(entity_classes(model)) or None


def entity_classes(model: type[Model]) -> Mapping[str, type[Model]]:
    """Return the class of each entity whose items a model reads."""
    found: tuple[int, Mapping[str, type[Model]]] | None = model.__dict__.get(_CLASSES)
    if found is None or found[0] != _generation:
        with _lock:
            found = (_generation, _classes_below(model))
            type.__setattr__(model, _CLASSES, found)
    return found[1]


def has_guards(model: type[Model]) -> bool:
    """Return whether a model, or a subclass in its table, has unique values, whose guard items lie in the table too."""
    found: tuple[int, bool] | None = model.__dict__.get(_GUARDS)
    if found is None or found[0] != _generation:
        table = _settings_of(model).table
        below = (each for each in _below(model) if _settings_of(each).table == table)
        found = (_generation, any(each.__ddb_schema__.unique for each in below))
        type.__setattr__(model, _GUARDS, found)
    return found[1]


def class_of_item(model: type[Model], item: Item) -> type[Model]:
    """Return the class that an item read through a model becomes.

    Raises:
        ItemNotDecodable: it belongs to another class of the table.
    """
    classes, value, settings = entity_classes(model), item.get(ENTITY), _settings_of(model)
    if not classes or (value is None and settings.entity is None):
        return model
    name = str(value.get("S")) if isinstance(value, dict) else ""
    if name in classes:
        return classes[name]
    read = " or ".join(map(repr, classes))
    other = _declared.get((settings.table or "", name))
    if value is None:
        rule = f"the item has none, so it is not of {read}; give one to items that are older than the model's entity"
    elif other is not None:
        rule = f"the item is of the entity {name!r}, not of {read}; read it as {other.__name__}"
    else:
        rule = f"the item is of an entity that no class of the table declares, not of {read}"
    raise ItemNotDecodable(model.__name__, [(ENTITY, rule)])


def holds_item(model: type[Model], item: Item) -> bool:
    """Return whether a stored item is one that a model reads."""
    classes, value = entity_classes(model), item.get(ENTITY)
    if not classes:
        return True
    if value is None:
        return _settings_of(model).entity is None
    return value.get("S") in classes


def _settings_of(model: Any) -> ModelSettings:
    settings: ModelSettings = model.__ddb_settings__
    return settings


def _classes_below(model: Any) -> dict[str, type[Model]]:
    table = _settings_of(model).table
    found: dict[str, type[Model]] = {}
    for each in _below(model):
        settings: ModelSettings = each.__ddb_settings__
        if settings.entity is not None and settings.table == table and (each is model or not _is_parametrized(each)):
            # The last one that was made stands for those that were made again.
            found[settings.entity] = each
    return found


def _below(model: Any) -> Iterator[Any]:
    """Yield a class and all of its subclasses, in the order in which they were made."""
    pending = [model]
    while pending:
        each = pending.pop()
        yield each
        pending.extend(reversed(each.__subclasses__()))


def _check_has_no_entity_to_take(cls: Any, settings: ModelSettings) -> None:
    for base in cls.__mro__[1:]:
        theirs: ModelSettings | None = base.__dict__.get("__ddb_settings__")
        if theirs is not None and theirs.entity is not None and theirs.table == settings.table:
            raise ModelDefinitionError(
                f"{cls.__name__}: it inherits from {base.__name__}, whose items are told by entity={theirs.entity!r}, "
                "and its own could not be told from others; give it an entity= of its own"
            )


def _is_parametrized(cls: Any) -> bool:
    # Box[int] is the same entity as Box.
    return cls.__pydantic_generic_metadata__["origin"] is not None
