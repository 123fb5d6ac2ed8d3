"""What a table must be for its models, as plain data; pure.

Models of one table are merged: their indexes and tags add up, and whatever two of them say about one thing must be the
same. What no model says is None: creating a table takes the service's default for it, and nothing else looks at it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from ddbmodel.errors import ModelDefinitionError
from ddbmodel.model import IndexSchema, KeyField, Model, ModelSchema, schema_of
from ddbmodel.model.settings import AutoScale, Billing, OnDemand, Provisioned, StreamView, TableClass

__all__ = [
    "IndexDefinition",
    "KeyParts",
    "TableDefinition",
    "billing_words",
    "definitions_of",
    "index_words",
    "key_words",
]

KeyParts: TypeAlias = tuple[tuple[str, str], ...]
"""(attribute name, ``HASH`` or ``RANGE``), as a key schema lists them."""


@dataclass(frozen=True, slots=True)
class IndexDefinition:
    """An index of a table; `included` are the attributes of an ``INCLUDE`` projection."""

    name: str
    kind: str
    key: KeyParts
    projection: str
    included: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class TableDefinition:
    """A table as its models want it; `types` has every key attribute of the table and its indexes."""

    name: str
    key: KeyParts
    types: Mapping[str, str]
    indexes: Mapping[str, IndexDefinition]
    ttl_attribute: str | None = None
    stream: StreamView | None = None
    billing: Billing | None = None
    table_class: TableClass | None = None
    deletion_protection: bool | None = None
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def units(self) -> tuple[int, int] | None:
        """The read and write units that the table and each global index begin with; None when it pays by request."""
        match self.billing:
            case Provisioned(read, write):
                return read, write
            case AutoScale(read=(lowest_read, _), write=(lowest_write, _)):
                return lowest_read, lowest_write
            case _:
                return None

    @property
    def limits(self) -> tuple[int | None, int | None]:
        """The most read and write request units a second that the table and each global index may use."""
        return (self.billing.max_read, self.billing.max_write) if isinstance(self.billing, OnDemand) else (None, None)

    @property
    def scaled(self) -> AutoScale | None:
        """How its capacity follows the load; None when it does not."""
        return self.billing if isinstance(self.billing, AutoScale) else None


def definitions_of(models: Sequence[type[Model]]) -> list[TableDefinition]:
    """Return one definition for each table, in the order in which the models first name it.

    Raises:
        ModelDefinitionError: models of one table contradict each other.
    """
    by_table: dict[str, list[ModelSchema]] = {}
    for model in models:
        schema = schema_of(model)
        by_table.setdefault(schema.table, []).append(schema)
    return [_merged(schemas) for schemas in by_table.values()]


def key_words(key: KeyParts) -> str:
    """Return a key in words."""
    return "(" + ", ".join(f"{attribute} {kind}" for attribute, kind in key) + ")"


def index_words(index: IndexDefinition) -> str:
    """Return an index in words, without its name."""
    included = f" of {', '.join(sorted(index.included))}" if index.included else ""
    return f"{index.kind} {key_words(index.key)} {index.projection}{included}"


def billing_words(billing: Billing) -> str:
    """Return a way of billing as it is written in a class statement."""
    match billing:
        case OnDemand(max_read, max_write):
            given = {"max_read": max_read, "max_write": max_write}
            return f"OnDemand({', '.join(f'{name}={value}' for name, value in given.items() if value is not None)})"
        case Provisioned(read, write):
            return f"Provisioned(read={read}, write={write})"
        case AutoScale(read, write, target):
            return f"AutoScale(read={read}, write={write}, target_percent={target})"


def _merged(schemas: Sequence[ModelSchema]) -> TableDefinition:
    first, *others = [(schema.model_name, _definition(schema)) for schema in schemas]
    name, merged = first
    for other_name, other in others:
        for what, of_one, of_other in _contradictions(merged, other):
            raise ModelDefinitionError(
                f"{name} and {other_name} share the table {merged.name!r} and disagree on {what}: {of_one} and "
                f"{of_other}; models of one table need the same"
            )
        merged = _both(merged, other)
    return merged


def _definition(schema: ModelSchema) -> TableDefinition:
    types: dict[str, str] = {}

    def key(partition: Sequence[KeyField], sort: Sequence[KeyField]) -> KeyParts:
        types.update((part.attribute, part.type) for part in (*partition, *sort))
        return tuple((p.attribute, "HASH") for p in partition) + tuple((p.attribute, "RANGE") for p in sort)

    table_key = key((schema.partition,), () if schema.sort is None else (schema.sort,))
    indexes = {
        index.name: IndexDefinition(index.name, index.kind, key(index.partition, index.sort), *_projection(index))
        for index in schema.indexes.values()
    }
    settings = schema.settings
    return TableDefinition(
        name=schema.table,
        key=table_key,
        types=types,
        indexes=indexes,
        ttl_attribute=None if schema.ttl is None else schema.ttl[1],
        stream=settings.stream,
        billing=settings.billing,
        table_class=settings.table_class,
        deletion_protection=settings.deletion_protection,
        tags=settings.tags,
    )


def _projection(index: IndexSchema) -> tuple[str, frozenset[str]]:
    if isinstance(index.projection, tuple):
        return "INCLUDE", frozenset(index.projection)
    return index.projection, frozenset()


def _contradictions(one: TableDefinition, other: TableDefinition) -> Iterator[tuple[str, Any, Any]]:
    """Yield what two models of one table say differently: (what, what one says, what the other says)."""
    if one.key != other.key:
        yield "its key", key_words(one.key), key_words(other.key)
    for name in one.types.keys() & other.types.keys():
        if one.types[name] != other.types[name]:
            yield f"the type of the key attribute {name!r}", one.types[name], other.types[name]
    for name in one.indexes.keys() & other.indexes.keys():
        if one.indexes[name] != other.indexes[name]:
            yield f"the index {name!r}", index_words(one.indexes[name]), index_words(other.indexes[name])
    for name in one.tags.keys() & other.tags.keys():
        if one.tags[name] != other.tags[name]:
            yield f"the tag {name!r}", repr(one.tags[name]), repr(other.tags[name])
    for what, of_one, of_other in (
        ("the attribute for time to live", one.ttl_attribute, other.ttl_attribute),
        ("what its stream carries", one.stream, other.stream),
        ("its billing", one.billing and billing_words(one.billing), other.billing and billing_words(other.billing)),
        ("its class", one.table_class, other.table_class),
        ("its deletion protection", one.deletion_protection, other.deletion_protection),
    ):
        if of_one is not None and of_other is not None and of_one != of_other:
            yield what, of_one, of_other


def _both(one: TableDefinition, other: TableDefinition) -> TableDefinition:
    """Return the definition that serves two models of one table, which do not contradict each other."""
    protection = other.deletion_protection if one.deletion_protection is None else one.deletion_protection
    return TableDefinition(
        name=one.name,
        key=one.key,
        types={**one.types, **other.types},
        indexes={**one.indexes, **other.indexes},
        ttl_attribute=one.ttl_attribute or other.ttl_attribute,
        stream=one.stream or other.stream,
        billing=one.billing or other.billing,
        table_class=one.table_class or other.table_class,
        deletion_protection=protection,
        tags={**one.tags, **other.tags},
    )
