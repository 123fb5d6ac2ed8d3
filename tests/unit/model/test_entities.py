"""Several classes in one table: which class an item becomes, and which items a class reads."""

from __future__ import annotations

import gc
from typing import Any, Generic, TypeVar

import pytest
from pydantic import ConfigDict

from ddbmodel.errors import ItemNotDecodable, ModelDefinitionError
from ddbmodel.model import Attr, GlobalIndex, Model, attr, partition_key, schema_of
from ddbmodel.model.entities import entities_of, holds_item
from ddbmodel.model.instance_state import UNKNOWN

T = TypeVar("T")


class Customer(Model, table="entities-shop", entity="customer"):
    id: Attr[str] = partition_key()
    name: Attr[str] = attr(default="")


class Payment(Model, table="entities-shop"):
    id: Attr[str] = partition_key()
    amount: Attr[int] = attr(default=0)


class Card(Payment, entity="card"):
    last4: Attr[str] = attr(default="")


class CreditCard(Card, entity="credit card"):
    limit: Attr[int] = attr(default=0)


class Transfer(Payment, entity="transfer"):
    iban: Attr[str] = attr(default="")


class Plain(Model, table="entities-plain"):
    id: Attr[str] = partition_key()


class Wider(Plain):
    more: Attr[str] = attr(default="")


def test_an_item_carries_the_entity_of_its_class() -> None:
    assert Card(id="a").to_item()["_entity"] == {"S": "card"}
    assert "_entity" not in Payment(id="a").to_item()


def test_the_entity_is_no_attribute_that_the_user_sees() -> None:
    read = Customer.from_item(Customer(id="a", name="Ann").to_item())

    assert read == Customer(id="a", name="Ann")
    assert read.model_dump() == {"id": "a", "name": "Ann"}
    assert UNKNOWN not in vars(read)


def test_the_entity_is_no_extra_of_a_model_that_takes_extras() -> None:
    class Open(Model, table="entities-open", entity="open"):
        model_config = ConfigDict(extra="allow")
        id: Attr[str] = partition_key()

    read = Open.from_item({**Open(id="a").to_item(), "more": {"N": "1"}, "_guard": {"S": "x"}})

    assert read.model_dump() == {"id": "a", "more": 1}
    assert read.to_item()["_guard"] == {"S": "x"}
    assert read.to_item()["_entity"] == {"S": "open"}


@pytest.mark.parametrize("payment", [Card(id="a", last4="1"), CreditCard(id="a", limit=9), Transfer(id="a", iban="x")])
def test_reading_the_base_class_yields_the_class_that_the_item_was_made_from(payment: Payment) -> None:
    read = Payment.from_item(payment.to_item())

    assert type(read) is type(payment)
    assert read == payment


def test_reading_a_class_yields_its_subclasses_and_not_its_siblings() -> None:
    assert type(Card.from_item(CreditCard(id="a").to_item())) is CreditCard
    with pytest.raises(ItemNotDecodable, match="of the entity 'transfer', not of 'card' or 'credit card'; read it as"):
        Card.from_item(Transfer(id="a").to_item())


def test_the_item_of_an_entity_that_nobody_declares_is_refused_without_its_text() -> None:
    with pytest.raises(ItemNotDecodable, match="an entity that no class of the table declares") as caught:
        Card.from_item({"id": {"S": "a"}, "_entity": {"S": "secret"}})

    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("value", [{"N": "1"}, "card", None])
def test_an_entity_that_is_no_text_is_refused(value: Any) -> None:
    with pytest.raises(ItemNotDecodable):
        Card.from_item({"id": {"S": "a"}, "_entity": value})


def test_a_class_without_an_entity_reads_the_items_without_one_beside_those_of_its_subclasses() -> None:
    assert type(Payment.from_item(Payment(id="a").to_item())) is Payment
    with pytest.raises(ItemNotDecodable, match="older than the model's entity"):
        Card.from_item(Payment(id="a").to_item())
    with pytest.raises(ItemNotDecodable, match="'customer'"):
        Payment.from_item(Customer(id="a").to_item())


def test_where_no_class_has_an_entity_every_item_is_read_and_a_foreign_entity_kept() -> None:
    item = {"id": {"S": "a"}, "_entity": {"S": "theirs"}}

    assert Plain.from_item(item).to_item() == item


def test_the_entities_that_a_model_reads_are_its_own_and_those_below_it_in_its_table() -> None:
    assert entities_of(Payment) == ("card", "credit card", "transfer")
    assert entities_of(CreditCard) == ("credit card",)
    assert entities_of(Plain) is None
    assert entities_of(Wider) is None


def test_what_a_model_holds_is_what_it_would_read() -> None:
    items = [made(id="a").to_item() for made in (Customer, Payment, Card, CreditCard, Transfer)]

    assert [holds_item(Payment, item) for item in items] == [False, True, True, True, True]
    assert [holds_item(Card, item) for item in items] == [False, False, True, True, False]
    assert all(holds_item(Plain, item) for item in items)


def test_a_subclass_that_is_made_later_is_read_too() -> None:
    assert entities_of(Transfer) == ("transfer",)

    class Instant(Transfer, entity="instant"):
        pass

    assert entities_of(Transfer) == ("transfer", "instant")
    assert type(Payment.from_item(Instant(id="a").to_item())) is Instant
    del Instant
    gc.collect()


def test_a_class_in_another_table_is_read_there_only() -> None:
    class Elsewhere(Card, table="entities-elsewhere", entity="card"):
        pass

    assert entities_of(Elsewhere) == ("card",)
    assert type(Card.from_item(Elsewhere(id="a").to_item())) is Card


def test_two_classes_of_one_table_with_one_entity_are_refused() -> None:
    with pytest.raises(ModelDefinitionError, match=r"'customer' of the table 'entities-shop' is .*\.Customer already"):
        type(Model)(
            "Client",
            (Model,),
            {"__module__": __name__, "__annotations__": {"id": Attr[str]}, "id": partition_key()},
            table="entities-shop",
            entity="customer",
        )


def test_a_class_that_is_made_again_takes_the_place_of_the_first() -> None:
    def make() -> type[Model]:
        class Again(Payment, entity="again"):
            pass

        return Again

    first, second = make(), make()

    assert type(Payment.from_item(first(id="a").to_item())) is second
    del first, second
    gc.collect()


def test_a_subclass_whose_items_could_not_be_told_from_its_base_is_refused() -> None:
    with pytest.raises(ModelDefinitionError, match="give it an entity= of its own"):

        class Gold(Card):
            pass


def test_an_entity_without_a_table_is_refused() -> None:
    with pytest.raises(ModelDefinitionError, match="no table"):

        class Nowhere(Model, entity="nowhere"):
            id: Attr[str] = attr()


def test_the_parameters_of_a_generic_model_are_no_entities_of_their_own() -> None:
    class Box(Model, Generic[T], table="entities-boxes", entity="box"):
        id: Attr[str] = partition_key()
        content: Attr[T] = attr()

    item = Box[int](id="a", content=1).to_item()

    assert item["_entity"] == {"S": "box"}
    assert Box[int].from_item(item).content == 1
    assert type(Box.from_item(item)) is Box


class Indexed(Model, table="entities-indexed"):
    id: Attr[str] = partition_key()
    city: Attr[str] = attr(default="x")
    name: Attr[str] = attr(default="x")
    by_city = GlobalIndex(partition_key=city, projection=[name])
    by_name = GlobalIndex(partition_key=name, projection="KEYS_ONLY")


def test_an_index_with_a_part_of_the_items_holds_what_tells_them_apart() -> None:
    assert schema_of(Indexed).indexes["by_city"].projection == ("name",)

    class Kind(Indexed, entity="kind"):
        pass

    for model in (Indexed, Kind):
        assert schema_of(model).indexes["by_city"].projection == ("name", "_entity")
        assert schema_of(model).indexes["by_name"].projection == "KEYS_ONLY"
