"""Keys made from other fields."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from ddbmodel.errors import ItemNotDecodable, ModelDefinitionError, ValueNotStorable
from ddbmodel.model import Attr, GlobalIndex, Model, attr, partition_key, sort_key
from ddbmodel.model.key_template import parse_template
from ddbmodel.model.scalars import Refused
from ddbmodel.model.shapes import Scalar


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


class Box(Model, table="shop"):
    pk: Attr[str] = partition_key("SHELF#{shelf}", escape=True)
    sk: Attr[str] = sort_key("{day}#{number:03d}#{label}")
    shelf: Attr[str] = attr(stored=False)
    day: Attr[date] = attr(stored=False)
    number: Attr[int] = attr(stored=False)
    label: Attr[UUID] = attr(stored=False)
    size: Attr[int] = attr(default=1)


LABEL = UUID(int=5)
BOX = Box(shelf="a #1%", day=date(2026, 1, 2), number=7, label=LABEL)


def test_a_field_that_is_in_the_key_need_not_be_stored_twice() -> None:
    item = BOX.to_item()

    assert item == {
        "pk": {"S": "SHELF#a%20%231%25"},
        "sk": {"S": f"2026-01-02#007#{LABEL}"},
        "size": {"N": "1"},
    }
    assert Box.from_item(item) == BOX
    assert Box.from_item(item).to_item() == item


def test_what_the_key_says_counts_more_than_an_attribute_that_was_stored_before() -> None:
    item = {**BOX.to_item(), "number": {"N": "8"}}

    assert Box.from_item(item).number == 7
    assert "number" not in Box.from_item(item).to_item()


@pytest.mark.parametrize("key", ["2026-01-02#07#x", "2026-01-02", "", "2026-13-02#007#" + str(LABEL), "#007#"])
def test_a_key_that_the_fields_cannot_be_read_from_is_not_decodable(key: str) -> None:
    with pytest.raises(ItemNotDecodable):
        Box.from_item({**BOX.to_item(), "sk": {"S": key}})


def test_an_item_without_its_key_is_not_decodable() -> None:
    with pytest.raises(ItemNotDecodable, match="day"):
        Box.from_item({"pk": {"S": "SHELF#a"}, "size": {"N": "1"}})


@pytest.mark.parametrize(
    ("template", "rule"),
    [
        ("A#{text}{other}", "nothing stands between 'text' and 'other'"),
        ("A#{text}x{other}", "'x' after 'text' may be a part of its text"),
        ("A#{n}-{text}", "'-' after 'n' may be a part of its text"),
        ("A#{other}", "no template of a partition_key"),
    ],
)
def test_a_field_that_could_not_be_read_back_must_be_stored(template: str, rule: str) -> None:
    with pytest.raises(ModelDefinitionError, match=rule):

        class Wrong(Model, table="t"):
            id: Attr[str] = partition_key(template)
            text: Attr[str] = attr(stored=False)
            other: Attr[str] = attr(default="b")
            n: Attr[int] = attr(default=1)


def test_a_field_of_the_key_that_an_index_needs_must_be_stored() -> None:
    with pytest.raises(ModelDefinitionError, match="leaves no attribute for an index"):

        class Wrong(Model, table="t"):
            id: Attr[str] = partition_key("A#{text}")
            text: Attr[str] = attr(stored=False)
            by_text = GlobalIndex(partition_key=text)


def test_a_unique_field_must_be_stored() -> None:
    with pytest.raises(ModelDefinitionError, match="leaves no attribute for a unique constraint"):

        class Wrong(Model, table="t"):
            id: Attr[str] = partition_key("A#{text}")
            text: Attr[str] = attr(stored=False, unique=True)


def test_a_key_cannot_be_made_from_what_may_be_none() -> None:
    with pytest.raises(ModelDefinitionError, match="no text of its own"):

        class Wrong(Model, table="t"):
            id: Attr[str] = partition_key("A#{text}")
            text: Attr[str | None] = attr(default=None)


def test_a_key_made_from_fields_is_declared_as_text() -> None:
    with pytest.raises(ModelDefinitionError, match="a template makes text"):

        class Wrong(Model, table="t"):
            id: Attr[int] = partition_key("A#{n}")
            n: Attr[int] = attr()


def test_a_delimiter_that_begins_an_escape_is_refused() -> None:
    with pytest.raises(ModelDefinitionError, match="has a %"):

        class Wrong(Model, table="t"):
            id: Attr[str] = partition_key("A%{text}", escape=True)
            text: Attr[str] = attr()


def test_a_key_text_that_names_one_field_twice_and_differently_is_none_of_the_template() -> None:
    template = parse_template("M", "{a}#{a}", {"a": Scalar("text")}, sorts=True, known=["a"])

    assert template.parse("x#x") == {"a": {"S": "x"}}
    with pytest.raises(Refused):
        template.parse("x#y")


def test_an_instance_shows_its_keys_from_the_beginning() -> None:
    order = Order(customer="ann", placed=NOON, number=7)

    assert (order.pk, order.sk) == (STORED["pk"]["S"], STORED["sk"]["S"])
    assert order == Order.from_item(order.to_item())
