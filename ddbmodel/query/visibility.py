"""Which stored items a read shows: the one place that says what is hidden, as a condition; pure, the time is passed in.

| hidden | of which models | shown on request |
|---|---|---|
| expired items, which the service has not deleted yet | those with a `ttl()` | `include_expired` |
| items that were deleted softly | those with a `deleted_at()` | `include_deleted` |
| items of other classes in the same table | those with an ``entity``, or of which a subclass has one | never |
| guard items of unique constraints | those with a unique field | never |

An index may lack the attribute that a term looks at, and the service filters no key attribute of what it queries; so
`hiding_of` divides the terms between the service, a look at the items that were read, and what cannot be told.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from ddbmodel.expressions.evaluate import evaluate
from ddbmodel.expressions.tree import AttributeTest, Comparison, Condition, In, Not, Or, Path, Value, all_of
from ddbmodel.model import Model, schema_of
from ddbmodel.model.entities import entities_of, has_guards
from ddbmodel.model.own_attributes import ENTITY, GUARD
from ddbmodel.values.wire import Item

if TYPE_CHECKING:
    from ddbmodel.query.sources import Source

__all__ = ["HIDE_ALL", "Hiding", "Shown", "entity_condition", "hiding_of", "is_visible", "visible_condition"]


@dataclass(frozen=True, slots=True)
class Shown:
    """What a caller asked to see although it is hidden by default."""

    expired: bool = False
    deleted: bool = False


HIDE_ALL: Final = Shown()

_Term: TypeAlias = tuple[str, Condition]
"""An attribute, and what must hold of it for an item to be shown."""


@dataclass(frozen=True, slots=True)
class Hiding:
    """How one read hides items.

    Attributes:
        by_service: what goes into the filter of the request.
        after_reading: what is looked at in the items that came back, and the attributes that this needs.
        untold: attributes that the read does not see, so that it cannot hide by them.
    """

    by_service: Condition | None
    after_reading: Condition | None
    needed: tuple[str, ...]
    untold: tuple[str, ...]

    def shows(self, item: Item) -> bool:
        """Return whether an item that was read is shown."""
        return self.after_reading is None or evaluate(self.after_reading, item)


def visible_condition(model: type[Model], shown: Shown, now_s: float) -> Condition | None:
    """Return what holds of the items of a model that are shown; None when none is hidden.

    Args:
        now_s: the time for the service, in seconds since 1970.
    """
    return all_of(tuple(condition for _, condition in _terms(model, shown, now_s)))


def is_visible(model: type[Model], item: Item, shown: Shown, now_s: float) -> bool:
    """Return whether a whole item that was read by its key is shown; `now_s` as for `visible_condition`.

    An item of another class is no matter of this: who reads it by its key hears that it does not fit the model.
    """
    terms = _hiding_terms(model, shown, now_s)
    return all(evaluate(condition, item) for _, condition in terms) and GUARD not in item


def entity_condition(model: type[Model]) -> Condition | None:
    """Return what holds of the items of a model among those of other classes of its table; None where all are."""
    entities = entities_of(model)
    if entities is None:
        return None
    of_these = _is_one_of(ENTITY, entities)
    # A class without an entity, whose subclasses have one, has the items without one.
    return of_these if schema_of(model).settings.entity is not None else Or((of_these, _absent(ENTITY)))


def hiding_of(source: Source, shown: Shown, now_s: float, *, is_query: bool, reads_whole: bool) -> Hiding:
    """Return how a query or scan hides items.

    Args:
        reads_whole: whether every result becomes a whole item, although the index may hold only a part.
    """
    by_service: list[Condition] = []
    after: list[_Term] = []
    untold: list[str] = []
    for attribute, condition in _terms_of(source, shown, now_s):
        if attribute == GUARD and not _may_meet_guards(source, is_query):
            continue
        needed = {attribute} if source.collection is None else {attribute, ENTITY}
        held = source.projected is None or needed <= source.projected
        if held and not (is_query and attribute in source.key_attributes):
            by_service.append(condition)
        elif held or reads_whole:
            after.append((attribute, condition))
        elif attribute != GUARD:
            untold.append(attribute)
    return Hiding(
        all_of(tuple(by_service)),
        all_of(tuple(condition for _, condition in after)),
        tuple(attribute for attribute, _ in after),
        tuple(untold),
    )


def _terms_of(source: Source, shown: Shown, now_s: float) -> Iterator[_Term]:
    collection = source.collection
    if collection is None:
        yield from _terms(source.model, shown, now_s)
        return
    of_each = [(model, condition) for model in collection.models if (condition := entity_condition(model)) is not None]
    if collection.others == "skip":
        yield ENTITY, Or(tuple(condition for _, condition in of_each)) if len(of_each) > 1 else of_each[0][1]
    for model, of_model in of_each:
        for attribute, condition in _hiding_terms(model, shown, now_s):
            # To another model the attribute may mean something else.
            yield attribute, Or((Not(of_model), condition))


def _terms(model: type[Model], shown: Shown, now_s: float) -> Iterator[_Term]:
    schema, of_model = schema_of(model), entity_condition(model)
    if of_model is not None:
        yield ENTITY, of_model
    if schema.settings.entity is None and has_guards(model):
        yield GUARD, _absent(GUARD)
    yield from _hiding_terms(model, shown, now_s)


def _hiding_terms(model: type[Model], shown: Shown, now_s: float) -> Iterator[_Term]:
    schema = schema_of(model)
    if schema.deleted is not None and not shown.deleted:
        yield schema.deleted[1], _absent(schema.deleted[1])
    if schema.ttl is not None and not shown.expired:
        attribute = schema.ttl[1]
        later = Comparison(">", Path((attribute,)), Value({"N": str(int(now_s))}))
        yield attribute, Or((_absent(attribute), later))


def _may_meet_guards(source: Source, is_query: bool) -> bool:
    # A guard item has a partition of its own, and beside its key and time to live no attribute of an index.
    if source.index is None:
        return not is_query
    schema = schema_of(source.model)
    own = {schema.partition.attribute} | ({schema.sort.attribute} if schema.sort else set())
    if schema.ttl is not None:
        own.add(schema.ttl[1])
    return own.issuperset(source.key_attributes)


def _absent(attribute: str) -> Condition:
    return AttributeTest("attribute_not_exists", (Path((attribute,)),))


def _is_one_of(attribute: str, texts: tuple[str, ...]) -> Condition:
    path, values = Path((attribute,)), tuple(Value({"S": text}) for text in texts)
    return Comparison("=", path, *values) if len(values) == 1 else In(path, values)
