"""What a model says about its table, as plain data: keys, indexes, version, time to live, stream."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from ddbmodel.model.settings import ModelSettings, StreamView

if TYPE_CHECKING:
    from ddbmodel.model.base import Model

__all__ = [
    "BUILT_SCHEMA",
    "DerivedField",
    "FieldRef",
    "IndexSchema",
    "KeyField",
    "ModelSchema",
    "StreamView",
    "UniqueConstraint",
    "schema_of",
]

BUILT_SCHEMA: Final = "__ddb_built_schema__"
"""Where a class keeps its schema once its forward references are known."""

FieldRef: TypeAlias = tuple[str, str]
"""A field and the attribute it is stored under."""


@dataclass(frozen=True, slots=True)
class KeyField:
    """One attribute of a key."""

    field: str
    attribute: str
    type: Literal["S", "N", "B"]
    template: str | None = None


@dataclass(frozen=True, slots=True)
class IndexSchema:
    """An index; a `projection` of names is the service's INCLUDE."""

    name: str
    kind: Literal["global", "local"]
    partition: tuple[KeyField, ...]
    sort: tuple[KeyField, ...]
    projection: Literal["ALL", "KEYS_ONLY"] | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class UniqueConstraint:
    """Fields whose values together belong to one item of the model.

    Attributes:
        name: of the constraint, within the models that share its guard items.
        scope: the entity of the class that declared it; constraints of one name in different entities are different.
    """

    name: str
    scope: str
    fields: tuple[FieldRef, ...]


@dataclass(frozen=True, slots=True)
class DerivedField:
    """A text that is made from other fields, and absent while one of them is None.

    Attributes:
        inputs: the fields that it is made from.
    """

    field: str
    attribute: str
    template: str
    inputs: tuple[FieldRef, ...]


@dataclass(frozen=True, slots=True)
class ModelSchema:
    """A model's table, and where its attributes are.

    Attributes:
        attributes: of each field the attribute it is stored under, or would be.
        not_stored: attributes of fields that only stand in the key, each with the key's field that it is read from.
        settings: those of the class statement.
    """

    model_name: str
    table: str
    partition: KeyField
    sort: KeyField | None
    indexes: Mapping[str, IndexSchema]
    version: FieldRef | None
    ttl: FieldRef | None
    created: FieldRef | None
    updated: FieldRef | None
    deleted: FieldRef | None
    unique: tuple[UniqueConstraint, ...]
    derived: tuple[DerivedField, ...]
    attributes: Mapping[str, str]
    not_stored: Mapping[str, str]
    settings: ModelSettings

    @property
    def stream(self) -> StreamView | None:
        """What the table's stream must carry; None when the model needs none."""
        return self.settings.stream


def schema_of(model: type[Model]) -> ModelSchema:
    """Return the schema of a model.

    Raises:
        ModelDefinitionError: the model has no table, or a declaration that cannot work.
    """
    # Every request asks several times, and a property of a metaclass is slow: what it keeps is looked up first.
    built: ModelSchema | None = model.__dict__.get(BUILT_SCHEMA)
    return model.__ddb_schema__ if built is None else built
