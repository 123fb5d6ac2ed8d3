"""What a table must be for its models, as plain data and as the service's CreateTable request; pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from ddbmodel.errors import ModelDefinitionError
from ddbmodel.model import IndexSchema, KeyField, Model, ModelSchema, schema_of
from ddbmodel.transport.executor import Request

__all__ = ["IndexDefinition", "KeyParts", "TableDefinition", "create_request", "definitions_of"]

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
    types: dict[str, str]
    indexes: dict[str, IndexDefinition]
    ttl_attribute: str | None
    stream: str | None


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


def create_request(table: TableDefinition) -> Request:
    """Return the CreateTable request; billing is by request."""
    request: Request = {
        "TableName": table.name,
        "AttributeDefinitions": [{"AttributeName": n, "AttributeType": t} for n, t in table.types.items()],
        "KeySchema": _key_schema(table.key),
        "BillingMode": "PAY_PER_REQUEST",
    }
    for parameter, kind in (("GlobalSecondaryIndexes", "global"), ("LocalSecondaryIndexes", "local")):
        indexes = [_index_request(index) for index in table.indexes.values() if index.kind == kind]
        if indexes:
            request[parameter] = indexes
    if table.stream is not None:
        request["StreamSpecification"] = {"StreamEnabled": True, "StreamViewType": table.stream}
    return request


def _merged(schemas: Sequence[ModelSchema]) -> TableDefinition:
    first, *others = [(schema.model_name, _definition(schema)) for schema in schemas]
    name, merged = first
    for other_name, other in others:
        merged = _both(merged, name, other, other_name)
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
    ttl = None if schema.ttl is None else schema.ttl[1]
    return TableDefinition(schema.table, table_key, types, indexes, ttl, schema.stream)


def _projection(index: IndexSchema) -> tuple[str, frozenset[str]]:
    if isinstance(index.projection, tuple):
        return "INCLUDE", frozenset(index.projection)
    return index.projection, frozenset()


def _both(one: TableDefinition, one_name: str, other: TableDefinition, other_name: str) -> TableDefinition:
    """Return the definition that serves two models of one table."""

    def refuse(what: str, of_one: Any, of_other: Any) -> None:
        raise ModelDefinitionError(
            f"{one_name} and {other_name} share the table {one.name!r} and disagree on {what}: {of_one} and "
            f"{of_other}; models of one table need the same"
        )

    if one.key != other.key:
        refuse("its key", _key_words(one.key), _key_words(other.key))
    for attribute in one.types.keys() & other.types.keys():
        if one.types[attribute] != other.types[attribute]:
            refuse(f"the type of the key attribute {attribute!r}", one.types[attribute], other.types[attribute])
    for index in one.indexes.keys() & other.indexes.keys():
        if one.indexes[index] != other.indexes[index]:
            refuse(f"the index {index!r}", _index_words(one.indexes[index]), _index_words(other.indexes[index]))
    if one.ttl_attribute and other.ttl_attribute and one.ttl_attribute != other.ttl_attribute:
        refuse("the attribute for time to live", one.ttl_attribute, other.ttl_attribute)
    if one.stream and other.stream and one.stream != other.stream:
        refuse("what its stream carries", one.stream, other.stream)
    return TableDefinition(
        one.name,
        one.key,
        {**one.types, **other.types},
        {**one.indexes, **other.indexes},
        one.ttl_attribute or other.ttl_attribute,
        one.stream or other.stream,
    )


def _key_schema(key: KeyParts) -> list[dict[str, str]]:
    return [{"AttributeName": attribute, "KeyType": kind} for attribute, kind in key]


def _index_request(index: IndexDefinition) -> dict[str, Any]:
    projection: dict[str, Any] = {"ProjectionType": index.projection}
    if index.included:
        projection["NonKeyAttributes"] = sorted(index.included)
    return {"IndexName": index.name, "KeySchema": _key_schema(index.key), "Projection": projection}


def _key_words(key: KeyParts) -> str:
    return "(" + ", ".join(f"{attribute} {kind}" for attribute, kind in key) + ")"


def _index_words(index: IndexDefinition) -> str:
    return f"{index.kind} {_key_words(index.key)} {index.projection}"
