"""`collection(Customer, Order)`: several models of one table that are read together, as the union of their classes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeAlias, TypeVar, overload

from ddbmodel.errors import InvalidRequest, ItemNotDecodable
from ddbmodel.model.entities import entities_of, holds_item
from ddbmodel.model.own_attributes import ENTITY
from ddbmodel.model.schema import IndexSchema, KeyField, ModelSchema
from ddbmodel.values.wire import Item

if TYPE_CHECKING:
    from ddbmodel.model.base import Model

__all__ = ["ByModel", "Collection", "Others", "by_model", "collection"]

M = TypeVar("M", bound="Model")
M_co = TypeVar("M_co", bound="Model", covariant=True)
A = TypeVar("A", bound="Model")
B = TypeVar("B", bound="Model")
C = TypeVar("C", bound="Model")
D = TypeVar("D", bound="Model")
E = TypeVar("E", bound="Model")
F = TypeVar("F", bound="Model")

Others: TypeAlias = Literal["refuse", "skip"]
"""What becomes of items of other entities: an error, or nothing."""


class Collection(Generic[M_co]):
    """Models of one table, or of one index that all of them declare; what a query takes in a model's place."""

    __slots__ = ("index_name", "models", "others")

    models: tuple[type[M_co], ...]
    others: Others
    index_name: str | None

    def __init__(self, models: tuple[type[M_co], ...], others: Others, index_name: str | None = None) -> None:
        self.models, self.others, self.index_name = models, others, index_name

    @property
    def name(self) -> str:
        """How messages call it."""
        of = f"collection({', '.join(model.__name__ for model in self.models)})"
        return of if self.index_name is None else f"{of}.index({self.index_name!r})"

    def index(self, name: str) -> Collection[M_co]:
        """Return the collection over an index.

        Raises:
            InvalidRequest: one of the models does not declare it, or declares it otherwise than another.
        """
        indexes: list[IndexSchema] = []
        for model in self.models:
            found = model.__ddb_schema__.indexes.get(name)
            if found is None:
                raise InvalidRequest(f"{self.name}: {model.__name__} declares no index {name!r}")
            indexes.append(found)
        if len({(each.kind, _attributes(each.partition), _attributes(each.sort)) for each in indexes}) > 1:
            raise InvalidRequest(f"{self.name}: the index {name!r} has other keys in one of the models than in another")
        return Collection(self.models, self.others, name)

    def from_item(self, item: Item) -> M_co:
        """Return the model of an item, of the class that its entity says.

        Raises:
            ItemNotDecodable: the item does not fit its model, or is of none of these.
        """
        for model in self.models:
            if holds_item(model, item):
                return model.from_item(item)
        raise ItemNotDecodable(
            self.name,
            [
                (
                    ENTITY,
                    "the item is of an entity that is not in the collection; add its model, or skip with others='skip'",
                )
            ],
        )


@overload
def collection(a: type[A], /, *, others: Others = "refuse") -> Collection[A]: ...
@overload
def collection(a: type[A], b: type[B], /, *, others: Others = "refuse") -> Collection[A | B]: ...
@overload
def collection(a: type[A], b: type[B], c: type[C], /, *, others: Others = "refuse") -> Collection[A | B | C]: ...
@overload
def collection(
    a: type[A], b: type[B], c: type[C], d: type[D], /, *, others: Others = "refuse"
) -> Collection[A | B | C | D]: ...
@overload
def collection(
    a: type[A], b: type[B], c: type[C], d: type[D], e: type[E], /, *, others: Others = "refuse"
) -> Collection[A | B | C | D | E]: ...
@overload
def collection(
    a: type[A], b: type[B], c: type[C], d: type[D], e: type[E], f: type[F], /, *, others: Others = "refuse"
) -> Collection[A | B | C | D | E | F]: ...
@overload
def collection(*models: type[M], others: Others = "refuse") -> Collection[M]: ...
def collection(*models: type[Any], others: Others = "refuse") -> Collection[Any]:
    """Return several models of one table as one, for ``db.query(collection(Customer, Order), Customer.id == "c1")``.

    Args:
        others: what becomes of items of other entities that the query meets: an error, or nothing.

    Raises:
        InvalidRequest: the models do not share a table and its key, or their items cannot be told from each other.
    """
    if not models or others not in ("refuse", "skip"):
        raise InvalidRequest("collection takes models of one table, and others='refuse' or 'skip'")
    for model in models:
        if not isinstance(getattr(model, "__ddb_schema__", None), ModelSchema):
            raise InvalidRequest(f"collection takes models, got a {type(model).__name__}")
    first, taken = models[0], set[str]()
    for model in models:
        entities = entities_of(model)
        if entities is None:
            raise InvalidRequest(
                f"collection: {model.__name__} has no entity to tell its items by; declare it with entity="
            )
        if _table(model) != _table(first):
            raise InvalidRequest(f"collection: {first.__name__} and {model.__name__} do not share a table and its key")
        if not taken.isdisjoint(entities):
            raise InvalidRequest(
                f"collection: {model.__name__} is in it already, by itself or as a subclass of another"
            )
        taken.update(entities)
    return Collection(models, others)


class ByModel:
    """Instances by their class: ``by_model(found)[Order]`` is the list of the orders, in their order."""

    def __init__(self, instances: Iterable[object]) -> None:
        self._instances = list(instances)

    def __getitem__(self, model: type[M]) -> list[M]:
        return [instance for instance in self._instances if isinstance(instance, model)]


def by_model(instances: Iterable[object]) -> ByModel:
    """Return instances, as a query of a collection gave them, by their class."""
    return ByModel(instances)


def _table(model: Any) -> tuple[object, ...]:
    schema: ModelSchema = model.__ddb_schema__
    return schema.table, _attributes((schema.partition,)), _attributes((schema.sort,) if schema.sort else ())


def _attributes(keys: Iterable[KeyField]) -> tuple[tuple[str, str], ...]:
    return tuple((key.attribute, key.type) for key in keys)
