"""Keys made from other fields."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ddbmodel.errors import ModelDefinitionError, ValueNotStorable
from ddbmodel.model import Attr, Model, attr, partition_key, sort_key


class Order(Model, table="shop"):
    pk: Attr[str] = partition_key("CUSTOMER#{customer}")
    sk: Attr[str] = sort_key("ORDER#{placed}#{number:06d}")
    customer: Attr[str] = attr()
    placed: Attr[datetime] = attr()
    number: Attr[int] = attr()


NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
STORED = {"pk": {"S": "CUSTOMER#ann"}, "sk": {"S": "ORDER#2026-01-02T12:00:00.000000Z#000007"}}


def test_a_key_is_made_from_the_fields_of_its_template() -> None:
    order = Order(customer="ann", placed=NOON, number=7)

    assert order.item_key().item == STORED
    assert Order.key(customer="ann", placed=NOON, number=7) == order.item_key()
    assert {name: order.to_item()[name] for name in STORED} == STORED


@pytest.mark.parametrize(
    ("field", "value", "rule"),
    [
        ("customer", "a#b", "contains a delimiter"),
        ("customer", "", "non-empty"),
        ("customer", None, "needs a value"),
        ("number", 1_000_000, "does not fit 6 digits"),
        ("number", -1, "does not fit 6 digits"),
        ("number", "7", "declared as int, holds str"),
    ],
)
def test_a_value_that_would_break_the_key_is_refused(field: str, value: object, rule: str) -> None:
    names = {"customer": "ann", "placed": NOON, "number": 7, field: value}
    order = Order(customer="ann", placed=NOON, number=7)
    order.__dict__[field] = value

    with pytest.raises(ValueNotStorable, match=rule):
        Order.key(**names)
    with pytest.raises(ValueNotStorable, match=rule):
        order.to_item()


@pytest.mark.parametrize(
    ("template", "rule"),
    [
        ("fixed", "uses no field"),
        ("A#{n", "cannot be read"),
        ("A#{n!r}", "conversion"),
        ("A#{n:x}", "zero-padded"),
        ("A#{n}", "pad a whole number"),
        ("A#{flag}", "no text of its own"),
    ],
)
def test_a_template_that_cannot_make_keys_that_sort_is_refused(template: str, rule: str) -> None:
    with pytest.raises(ModelDefinitionError, match=rule):

        class Wrong(Model, table="t"):
            id: Attr[str] = partition_key()
            sk: Attr[str] = sort_key(template)
            n: Attr[int] = attr()
            flag: Attr[bool] = attr()
