"""What a query or scan reads: a table or one of its indexes, with its key attributes and what entries hold."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from ddbmodel.errors import InvalidRequest
from ddbmodel.model import Index, Model, schema_of
from ddbmodel.model.collection import Collection
from ddbmodel.model.schema import IndexSchema, KeyField
from ddbmodel.values.wire import Item

__all__ = ["Source", "key_sources_of", "source_of", "sources_of"]


@dataclass(frozen=True, slots=True)
class Source:
    """A table, or an index of it.

    Attributes:
        model: whose items it has; of a collection the first, which has the same table and keys as the others.
        projected: the attributes that entries hold; None when they hold all of them.
    """

    model: type[Any]
    table: str
    partition: tuple[KeyField, ...]
    sort: tuple[KeyField, ...]
    index: IndexSchema | None
    projected: frozenset[str] | None
    collection: Collection[Any] | None = None

    @property
    def name(self) -> str:
        """How messages call it: ``Score`` or ``Score.leaderboard``."""
        if self.collection is not None:
            return self.collection.name
        return self.model.__name__ if self.index is None else f"{self.model.__name__}.{self.index.name}"

    @property
    def models(self) -> tuple[type[Any], ...]:
        """The models whose items are read."""
        return (self.model,) if self.collection is None else self.collection.models

    def decode(self, item: Item) -> Any:
        """Return the model of a whole item; raises as `Model.from_item`."""
        return (self.model if self.collection is None else self.collection).from_item(item)

    @property
    def key_attributes(self) -> tuple[str, ...]:
        """The attributes of its own key, partition first."""
        return tuple(part.attribute for part in (*self.partition, *self.sort))

    @property
    def is_local(self) -> bool:
        """Whether it is a local index, for which the service fetches from the table what entries lack."""
        return self.index is not None and self.index.kind == "local"

    @property
    def is_global(self) -> bool:
        """Whether it is a global index, which has no strongly consistent reads."""
        return self.index is not None and self.index.kind == "global"

    @property
    def fields_not_projected(self) -> list[str]:
        """The fields of the model that its entries do not hold."""
        if self.projected is None:
            return []
        attributes = schema_of(self.model).attributes
        return [field for field, attribute in attributes.items() if attribute not in self.projected]


def source_of(target: type[Model] | Index[Any] | Collection[Any]) -> Source:
    """Return what a model, an index of one, or a collection of models stands for."""
    if isinstance(target, Collection):
        return replace(_sources_of_collection(target)[0], collection=target)
    if isinstance(target, type) and issubclass(target, Model):
        schema = schema_of(target)
        sort = () if schema.sort is None else (schema.sort,)
        return Source(target, schema.table, (schema.partition,), sort, None, None)
    if not isinstance(target, Index):
        raise InvalidRequest(
            f"query and scan read a model or one of its indexes, as in db.query(Score) or db.query(Score.leaderboard); "
            f"got {type(target).__name__}"
        )
    index = target.schema
    projected = None
    if index.projection != "ALL":
        included = () if index.projection == "KEYS_ONLY" else index.projection
        own = (part.attribute for part in (*index.partition, *index.sort))
        projected = frozenset((*own, *_table_key(target.model), *included))
    table = schema_of(target.model).table
    return Source(target.model, table, index.partition, index.sort, index, projected)


def key_sources_of(source: Source) -> list[Source]:
    """Return what is read as each of its models sees it: their keys may be made from different fields."""
    return [source] if source.collection is None else _sources_of_collection(source.collection)


def sources_of(model: type[Any]) -> Iterator[Source]:
    """Yield the table of a model, then each of its indexes."""
    yield source_of(model)
    for name in schema_of(model).indexes:
        yield source_of(Index(model, name))


def _sources_of_collection(collection: Collection[Any]) -> list[Source]:
    name = collection.index_name
    return [source_of(model if name is None else Index(model, name)) for model in collection.models]


def _table_key(model: type[Any]) -> tuple[str, ...]:
    schema = schema_of(model)
    return (schema.partition.attribute,) if schema.sort is None else (schema.partition.attribute, schema.sort.attribute)
