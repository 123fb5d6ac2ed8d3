"""Which conditions are key conditions, and which may filter: checked before any I/O; messages say the way out."""

from __future__ import annotations

from collections.abc import Sequence

from ddbmodel.errors import InvalidRequest
from ddbmodel.expressions.paths import paths_of
from ddbmodel.expressions.tree import And, AttributeTest, Between, Comparison, Condition, Path, Value, all_of
from ddbmodel.model.key import template_inputs
from ddbmodel.model.template_conditions import key_terms_of_any, key_terms_of_inputs
from ddbmodel.query.conditions import check_condition
from ddbmodel.query.sources import Source, key_sources_of

__all__ = ["check_filter", "key_condition_of", "keys_that_fit"]


def key_condition_of(source: Source, conditions: Sequence[Condition]) -> Condition:
    """Return the key condition made of a query's arguments, partition key first.

    Raises:
        InvalidRequest: an argument is no key condition of this table or index, a partition key attribute has no
            equality, or the sort key attributes are not a gap-free prefix of which only the last is a range.
    """
    for condition in conditions:
        check_condition(source.name, condition)
    terms = [term for condition in conditions for term in _conjuncts(condition)]
    by_attribute = {subject: term for term in terms if (subject := _subject(term)) is not None}
    made = _with_keys_of_inputs(source, by_attribute)
    named: set[str] = set()
    for term in terms:
        attribute = _subject(term)
        if attribute is None or attribute in made:
            attribute = _key_attribute(source, term)
        if attribute in named:
            raise InvalidRequest(
                f"{source.name}: two conditions on {attribute!r}; what a key is made of takes one, use "
                ".between(low, high) for a range"
            )
        named.add(attribute)
    by_attribute = made
    for part in source.partition:
        if not _is_equality(by_attribute.get(part.attribute)):
            inputs = template_inputs(source.model, part.field)
            also = f", or on {' and '.join(inputs)}, of which it is made" if inputs else ""
            raise InvalidRequest(
                f"{source.name}: a query needs == on the partition key {part.field!r}{also}; to read without it use "
                f"db.scan({source.name}), which reads everything"
            )
    _check_sort_prefix(source, by_attribute)
    ordered = tuple(by_attribute[name] for name in source.key_attributes if name in by_attribute)
    whole = all_of(ordered)
    assert whole is not None, "every table and index has a partition key"
    return whole


def _with_keys_of_inputs(source: Source, terms: dict[str, Condition]) -> dict[str, Condition]:
    if source.collection is None:
        return key_terms_of_inputs(source.name, source.model, source.partition, source.sort, terms)
    # Each model may make the partition key from fields of other names; sort keys differ by their nature.
    views = [
        (each.model, each.partition) for each in key_sources_of(source) if each.partition[0].attribute not in terms
    ]
    return key_terms_of_any(source.name, views, terms) if views else terms


def check_filter(source: Source, condition: Condition, *, is_query: bool) -> None:
    """Raise `InvalidRequest` for a filter that the service refuses, or that could never see what it looks at."""
    for model in source.models:
        check_condition(source.name, condition, model)
    for attribute in (str(path.steps[0]) for path in paths_of(condition)):
        if is_query and attribute in source.key_attributes:
            raise InvalidRequest(
                f"{source.name}: {attribute!r} is a key attribute of what is queried, and cannot be filtered; put its "
                f"condition into the arguments of query"
            )
        if source.projected is not None and attribute not in source.projected:
            raise InvalidRequest(
                f"{source.name} does not hold {attribute!r}, so a filter cannot see it; project it into the index, or "
                "read whole models with .full() and filter them in Python"
            )


def keys_that_fit(source: Source, key_condition: Condition | None, filters: Sequence[Condition]) -> tuple[str, ...]:
    """Return the attributes of filters that would be key conditions of another table or index, beside the given ones.

    Args:
        source: the other table or index; it fits only if it takes all of the key condition too.
    """
    given = _by_attribute(() if key_condition is None else (key_condition,))
    filtered = _by_attribute(filters)
    terms = {**filtered, **given}
    if not all(_is_equality(terms.get(part.attribute)) for part in source.partition):
        return ()
    taken = [part.attribute for part in source.partition]
    for part in source.sort:
        if part.attribute not in terms:
            break
        taken.append(part.attribute)
        if not _is_equality(terms[part.attribute]):
            break
    if not given.keys() <= set(taken):
        return ()
    return tuple(attribute for attribute in taken if attribute in filtered)


def _by_attribute(conditions: Sequence[Condition]) -> dict[str, Condition]:
    terms = (term for condition in conditions for term in _conjuncts(condition))
    return {subject: term for term in terms if (subject := _subject(term)) is not None}


def _conjuncts(condition: Condition) -> tuple[Condition, ...]:
    return condition.terms if isinstance(condition, And) else (condition,)


def _key_attribute(source: Source, term: Condition) -> str:
    subject = _subject(term)
    keys = source.key_attributes
    if subject is None:
        used = sorted({str(path.steps[0]) for path in paths_of(term)})
        about = f"on {', '.join(map(repr, used))}" if used else "without an attribute"
        raise InvalidRequest(
            f"{source.name}: the condition {about} is not a key condition (== on the partition key; ==, <, <=, >, >=, "
            ".between, .begins_with on the sort key); put it into .filter(...)"
        )
    if subject not in keys:
        raise InvalidRequest(
            f"{source.name}: {subject!r} is not a key attribute of what is queried (its key is {', '.join(keys)}); put "
            "the condition into .filter(...), or query an index that has it as a key"
        )
    return subject


def _subject(term: Condition) -> str | None:
    match term:
        case Comparison(comparator, Path((str(name),)), Value()) if comparator != "<>":
            return name
        case Between(Path((str(name),)), Value(), Value()):
            return name
        case AttributeTest("begins_with", (Path((str(name),)), Value())):
            return name
    return None


def _is_equality(term: Condition | None) -> bool:
    return isinstance(term, Comparison) and term.comparator == "="


def _check_sort_prefix(source: Source, by_attribute: dict[str, Condition]) -> None:
    given = [part.attribute in by_attribute for part in source.sort]
    for position, part in enumerate(source.sort):
        if not any(given[position + 1 :]):
            return
        if not _is_equality(by_attribute.get(part.attribute)):
            raise InvalidRequest(
                f"{source.name}: a condition on the sort key {source.sort[position + 1].field!r} or a later one needs "
                f"== on {part.field!r} before it; add {part.field!r}, or leave the later ones out and look at them in "
                "the results"
            )
