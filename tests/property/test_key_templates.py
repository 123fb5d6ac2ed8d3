"""Laws of key templates: they are read back, they sort as their values do, and ranges of them are ranges of values."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from hypothesis import assume, given
from hypothesis import strategies as st

from ddbmodel.expressions.evaluate import evaluate
from ddbmodel.expressions.tree import all_of
from ddbmodel.model import Attr, Model, attr, partition_key, sort_key
from ddbmodel.model.codec import codec_of
from ddbmodel.model.key_template import KeyTemplate
from ddbmodel.query.key_conditions import key_condition_of
from ddbmodel.query.sources import source_of


class Named(Model, table="t"):
    """Free text anywhere, which escapes keep apart."""

    pk: Attr[str] = partition_key("P#{tenant}", escape=True)
    sk: Attr[str] = sort_key("N#{first}#{second}", escape=True)
    tenant: Attr[str] = attr(stored=False)
    first: Attr[str] = attr(stored=False)
    second: Attr[str] = attr(stored=False)


class Dated(Model, table="t"):
    """Texts of fixed width, with and without something between them, and free text at the end."""

    pk: Attr[str] = partition_key("P-{tenant}")
    sk: Attr[str] = sort_key("{day}{number:03d}|{at}|{label}|{name}")
    tenant: Attr[int] = attr(stored=False)
    day: Attr[date] = attr(stored=False)
    number: Attr[int] = attr(stored=False)
    at: Attr[datetime] = attr(stored=False)
    label: Attr[UUID] = attr(stored=False)
    name: Attr[str] = attr(stored=False)


# Signs on both sides of every delimiter, of the sign of escapes, and at the ends of the Unicode range.
SIGNS = st.sampled_from(["\0", " ", "!", "#", "$", "%", "&", "2", "a", "b", "|", "}", "\ud7ff", "\ue000", "\U0010ffff"])
TEXT = st.text(SIGNS, min_size=1, max_size=4)
DAYS = st.dates(date(2025, 12, 30), date(2026, 1, 2))
NAMED = st.builds(Named, tenant=st.just("t"), first=TEXT, second=TEXT)
DATED = st.builds(
    Dated,
    tenant=st.just(-5),
    day=DAYS,
    number=st.integers(0, 3) | st.integers(997, 999),
    at=st.datetimes(datetime(2026, 1, 1), datetime(2026, 1, 1, 0, 0, 1), timezones=st.just(UTC)),
    label=st.builds(UUID, int=st.integers(0, 3) | st.integers(2**128 - 3, 2**128 - 1)),
    name=st.text(SIGNS.filter(lambda sign: sign not in "|"), min_size=1, max_size=4),
)
INPUTS = {Named: ("first", "second"), Dated: ("day", "number", "at", "label", "name")}


def template_of(model: type[Model], field: str) -> KeyTemplate:
    template = codec_of(model).plan_of[field].template
    assert template is not None
    return template


@given(NAMED | DATED)
def test_what_a_key_was_made_from_is_read_back_from_it(instance: Model) -> None:
    item = instance.to_item()

    assert set(item) == {"pk", "sk"}
    assert type(instance).from_item(item) == instance


@given(st.tuples(NAMED, NAMED) | st.tuples(DATED, DATED))
def test_different_values_make_different_keys(pair: tuple[Model, Model]) -> None:
    first, second = pair

    assert (first.to_item() == second.to_item()) == (first == second)


@given(st.tuples(NAMED, NAMED) | st.tuples(DATED, DATED))
def test_keys_sort_as_the_values_that_they_are_made_from(pair: tuple[Any, Any]) -> None:
    first, second = pair
    fields = INPUTS[type(first)]
    values = [tuple(getattr(each, field) for field in fields) for each in pair]

    texts = [each.to_item()["sk"]["S"].encode() for each in (first, second)]

    assert (texts[0] < texts[1]) == (values[0] < values[1])


@given(st.tuples(NAMED, NAMED, NAMED) | st.tuples(DATED, DATED, DATED), st.data())
def test_a_range_over_the_next_field_is_the_range_of_the_text(
    triple: tuple[Any, Any, Any], data: st.DataObject
) -> None:
    stored, other, _ = triple
    model = type(stored)
    fields = INPUTS[model]
    position = data.draw(st.integers(0, len(fields)))
    # Most often what is stored, so that the range matters.
    equal = [getattr(data.draw(st.sampled_from([stored, stored, stored, other])), field) for field in fields[:position]]
    conditions = [getattr(model, field) == value for field, value in zip(fields, equal, strict=False)]
    holds = all(getattr(stored, field) == value for field, value in zip(fields, equal, strict=False))
    if position < len(fields):
        field = fields[position]
        value, bound, end = (getattr(each, field) for each in triple)
        operator = data.draw(st.sampled_from([">=", ">", "<=", "<", "between", "none"]))
        # The last text of a key has no text right below it.
        assume(operator != "<" or not isinstance(bound, str) or field != fields[-1])
        attribute = getattr(model, field)
        if operator == "between":
            assume(bound <= end)
            conditions.append(attribute.between(bound, end))
            holds &= bound <= value <= end
        elif operator != "none":
            method = {">=": "__ge__", ">": "__gt__", "<=": "__le__", "<": "__lt__"}[operator]
            conditions.append(getattr(attribute, method)(bound))
            holds &= getattr(value, method)(bound)

    asked = key_condition_of(source_of(model), [model.tenant == stored.tenant, *conditions])

    assert evaluate(asked, stored.to_item()) == holds


@given(NAMED, TEXT)
def test_a_prefix_of_escaped_text_is_a_prefix_of_the_key(stored: Named, prefix: str) -> None:
    asked = key_condition_of(source_of(Named), [Named.tenant == stored.tenant, Named.first.begins_with(prefix)])

    assert evaluate(asked, stored.to_item()) == stored.first.startswith(prefix)


@given(NAMED, NAMED)
def test_only_items_of_the_partition_are_asked_for(stored: Named, other: Named) -> None:
    condition = all_of((key_condition_of(source_of(Named), [Named.tenant == other.tenant + "#"]),))
    assert condition is not None

    assert not evaluate(condition, stored.to_item())
