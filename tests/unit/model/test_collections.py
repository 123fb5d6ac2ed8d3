"""Collections: which models can be read together, and what becomes of an item."""

from __future__ import annotations

from typing import Any

import pytest

from ddbmodel.errors import InvalidRequest, ItemNotDecodable
from ddbmodel.expressions.evaluate import evaluate
from ddbmodel.expressions.tree import Condition
from ddbmodel.model import Attr, GlobalIndex, Model, attr, by_model, collection, partition_key, sort_key, ttl
from ddbmodel.query.cursors import CursorSigner
from ddbmodel.query.key_conditions import key_condition_of
from ddbmodel.query.reads import ReadContext, query
from ddbmodel.query.sources import source_of


class Customer(Model, table="collections", entity="customer"):
    pk: Attr[str] = partition_key("CUSTOMER#{id}")
    sk: Attr[str] = sort_key()
    id: Attr[str] = attr()
    city: Attr[str] = attr(default="x")
    zone: Attr[str] = attr(default="x")
    by_city = GlobalIndex(partition_key=city)
    by_zone = GlobalIndex(partition_key=zone)


class Order(Model, table="collections", entity="order"):
    pk: Attr[str] = partition_key("CUSTOMER#{customer}")
    sk: Attr[str] = sort_key()
    customer: Attr[str] = attr()
    region: Attr[str] = attr(default="x")
    city: Attr[str] = attr(default="x")
    zone: Attr[str] = attr(default="x")
    by_city = GlobalIndex(partition_key=city)
    by_zone = GlobalIndex(partition_key=zone, sort_key="sk")


class Special(Order, entity="special"):
    pass


class Odd(Model, table="collections", entity="odd"):
    pk: Attr[str] = partition_key("ODD#{id}#{customer}")
    sk: Attr[str] = sort_key()
    id: Attr[str] = attr()
    customer: Attr[str] = attr()


class Plain(Model, table="collections"):
    pk: Attr[str] = partition_key()
    sk: Attr[str] = sort_key()


class Elsewhere(Model, table="elsewhere", entity="e"):
    pk: Attr[str] = partition_key()
    sk: Attr[str] = sort_key()


class Other(Model, table="collections", entity="other"):
    pk: Attr[int] = partition_key()
    sk: Attr[str] = sort_key()


@pytest.mark.parametrize(
    ("models", "rule"),
    [
        ((), "takes models"),
        ((Customer, str), "takes models, got a type"),
        ((Customer, Plain), "Plain has no entity"),
        ((Customer, Elsewhere), "do not share a table and its key"),
        ((Customer, Other), "do not share a table and its key"),
        ((Order, Special), "Special is in it already"),
        ((Customer, Customer), "Customer is in it already"),
    ],
)
def test_models_that_cannot_be_read_together_are_refused(models: tuple[Any, ...], rule: str) -> None:
    with pytest.raises(InvalidRequest, match=rule):
        collection(*models)


def test_only_an_index_that_all_models_declare_alike_can_be_read() -> None:
    both = collection(Customer, Order)

    assert both.index("by_city").name == "collection(Customer, Order).index('by_city')"
    with pytest.raises(InvalidRequest, match="other keys in one of the models"):
        both.index("by_zone")
    with pytest.raises(InvalidRequest, match="Customer declares no index 'nope'"):
        both.index("nope")


def test_an_item_becomes_the_class_that_its_entity_says() -> None:
    both = collection(Customer, Order)

    assert type(both.from_item(Special(sk="s", customer="ann").to_item())) is Special
    with pytest.raises(ItemNotDecodable, match="others='skip'"):
        both.from_item(Odd(sk="s", id="a", customer="ann").to_item())


def key_condition(models: Any, *conditions: Condition) -> Condition:
    return key_condition_of(source_of(models), conditions)


def test_a_partition_is_named_by_the_fields_of_any_model() -> None:
    both = collection(Customer, Order)

    assert key_condition(both, Customer.id == "ann") == key_condition(both, Order.customer == "ann")
    assert key_condition(both, Customer.id == "ann") == key_condition(both, Order.pk == "CUSTOMER#ann")


def test_conditions_that_mean_two_partitions_are_refused() -> None:
    both = collection(Customer, Odd)

    with pytest.raises(InvalidRequest, match="different partition keys"):
        key_condition(both, Customer.id == "ann", Odd.customer == "bob")
    with pytest.raises(InvalidRequest, match="'customer' has none"):
        key_condition(collection(Odd), Odd.id == "ann")
    with pytest.raises(InvalidRequest, match="needs == on the partition key"):
        key_condition(both, Customer.sk == "s")


def test_a_filter_for_items_of_other_entities_is_sent_only_where_they_are_skipped() -> None:
    context = ReadContext(None, CursorSigner(b"x"))  # type: ignore[arg-type]  # nothing is sent

    refused = query(context, collection(Customer, Order), (Customer.id == "ann",))
    skipped = query(context, collection(Customer, Order, others="skip"), (Customer.id == "ann",))

    assert "FilterExpression" not in refused._plan.request(refused._plan.hiding(0))
    values = skipped._plan.request(skipped._plan.hiding(0))["ExpressionAttributeValues"].values()
    assert [value["S"] for value in values] == ["CUSTOMER#ann", "customer", "order", "special"]


def test_instances_are_told_apart_by_their_class() -> None:
    found = [Customer(sk="a", id="a"), Order(sk="a", customer="a"), Special(sk="b", customer="a")]

    assert by_model(found)[Order] == found[1:]
    assert by_model(found)[Special] == found[2:]


class Session(Model, table="collections", entity="session"):
    pk: Attr[str] = partition_key()
    sk: Attr[str] = sort_key()
    until: Attr[int | None] = ttl(default=None)


class Note(Model, table="collections", entity="note"):
    pk: Attr[str] = partition_key()
    sk: Attr[str] = sort_key()
    until: Attr[int | None] = attr(default=None)


def test_what_has_expired_is_hidden_of_the_models_for_which_it_can() -> None:
    context = ReadContext(None, CursorSigner(b"x"))  # type: ignore[arg-type]  # nothing is sent
    plan = query(context, collection(Session, Note), (Note.pk == "a",))._plan
    hidden = plan.hiding(100).by_service
    assert hidden is not None

    shown = [
        evaluate(hidden, made(pk="a", sk="b", until=until).to_item())
        for made in (Session, Note)
        for until in (99, 101, None)
    ]

    assert shown == [False, True, True, True, True, True]
