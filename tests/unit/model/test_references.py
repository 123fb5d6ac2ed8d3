"""References to other items: how they are made, stored, and shown to the outside."""

from __future__ import annotations

import copy
import pickle
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from ddbmodel.errors import InvalidRequest, ItemNotDecodable, ModelDefinitionError, ValueNotStorable
from ddbmodel.model import Attr, Document, Model, Ref, attr, partition_key, sort_key
from ddbmodel.query.reference_calls import ReferenceCalls


class Customer(Model, table="reference-customers"):
    id: Attr[str] = partition_key()


class Gold(Customer):
    pass


class Place(Model, table="reference-places"):
    shelf: Attr[int] = partition_key()
    slot: Attr[bytes] = sort_key(alias="s")


class Line(Document):
    place: Attr[Ref[Place]] = attr()


class Order(Model, table="reference-orders"):
    id: Attr[str] = partition_key()
    customer: Attr[Ref[Customer]] = attr()
    place: Attr[Ref[Place] | None] = attr(default=None)
    parents: Attr[list[Ref[Order]]] = attr(default_factory=list)
    lines: Attr[list[Line]] = attr(default_factory=list)


ANN = Customer(id="ann")
SLOT = Place(shelf=7, s=b"\x01")
ORDER = Order(
    id="o",
    customer=Ref.to(ANN),
    place=Ref.to(SLOT),
    parents=[Ref.to(Order.key(id="p"))],
    lines=[Line(place=Ref.to(SLOT))],
)
SLOT_KEY = {"M": {"shelf": {"N": "7"}, "s": {"B": "AQ=="}}}


def test_a_reference_is_stored_as_a_map_of_the_key() -> None:
    assert ORDER.to_item() == {
        "id": {"S": "o"},
        "customer": {"M": {"id": {"S": "ann"}}},
        "place": SLOT_KEY,
        "parents": {"L": [{"M": {"id": {"S": "p"}}}]},
        "lines": {"L": [{"M": {"place": SLOT_KEY}}]},
    }


def test_a_reference_is_read_back_as_what_it_was() -> None:
    read = Order.from_item(ORDER.to_item())

    assert read == ORDER
    assert read.customer.key == Customer.key(id="ann")
    assert read.customer.model is Customer
    assert Order.from_item(ORDER.to_item(binary=True)).to_item() == ORDER.to_item()


def test_no_reference_is_an_absent_attribute() -> None:
    item = Order(id="o", customer=Ref.to(ANN)).to_item()

    assert "place" not in item
    assert Order.from_item(item).place is None


@pytest.mark.parametrize("given", [Ref.to(ANN), ANN, ANN.item_key(), {"id": "ann"}, Ref.to(Gold(id="ann"))])
def test_what_names_an_item_is_taken_for_a_reference_to_it(given: Any) -> None:
    assert Order.model_validate({"id": "o", "customer": given}).customer == Ref.to(ANN)


@pytest.mark.parametrize(
    "given", ["ann", None, Ref.to(SLOT), SLOT, {"id": 1}, {"id": True}, {"nope": "ann"}, {}, {"id": "ann", "more": "x"}]
)
def test_what_names_no_item_of_the_model_is_refused(given: Any) -> None:
    with pytest.raises(ValidationError):
        Order.model_validate({"id": "o", "customer": given})


def test_json_goes_out_and_comes_back() -> None:
    assert '"place":{"shelf":"7","s":"AQ=="}' in ORDER.model_dump_json()
    assert Order.model_validate_json(ORDER.model_dump_json()) == ORDER
    assert Order.model_validate(ORDER.model_dump()) == ORDER
    assert Order.model_validate({"id": "o", "customer": ANN, "place": {"shelf": 7, "s": "AQ=="}}).place == ORDER.place


def test_a_number_that_is_none_is_no_key() -> None:
    with pytest.raises(ValidationError, match="'shelf' is no number"):
        Order.model_validate({"id": "o", "customer": ANN, "place": {"shelf": "x", "s": "AQ=="}})


def test_the_json_schema_says_what_a_reference_is() -> None:
    assert Order.model_json_schema()["properties"]["customer"]["type"] == "object"


@pytest.mark.parametrize("stored", [{"S": "ann"}, {"M": {}}, {"M": {"id": {"N": "1"}}}, {"M": {"x": {"S": "1"}}}])
def test_a_stored_value_that_is_no_key_is_not_decodable(stored: dict[str, Any]) -> None:
    with pytest.raises(ItemNotDecodable, match="customer"):
        Order.from_item({"id": {"S": "o"}, "customer": stored})


def test_an_instance_that_was_given_something_else_cannot_be_stored() -> None:
    order = Order(id="o", customer=Ref.to(ANN))
    order.__dict__["customer"] = "ann"

    with pytest.raises(ValueNotStorable, match=r"Order\.customer: declared as a reference to Customer, holds str"):
        order.to_item()


def test_references_to_one_item_are_equal_and_never_change() -> None:
    first, second = Ref.to(ANN), Ref.to(Customer.key(id="ann"))

    assert first == second
    assert len({first, second, Ref.to(Customer.key(id="bob"))}) == 2
    assert first != Customer.key(id="ann")
    assert repr(first) == "Ref(Key(Customer, id))"
    with pytest.raises(AttributeError, match="never changed"):
        first.key = Customer.key(id="bob")


def test_a_reference_is_copied_and_pickled_with_what_holds_it() -> None:
    assert copy.deepcopy(ORDER) == ORDER
    assert ORDER.model_copy(deep=True) == ORDER
    assert pickle.loads(pickle.dumps(ORDER)) == ORDER


def test_conditions_and_updates_take_references() -> None:
    assert Order.customer.encode(Ref.to(ANN)) == {"M": {"id": {"S": "ann"}}}
    assert Order.place.decode(SLOT_KEY) == Ref.to(SLOT)


def test_a_reference_without_its_model_is_refused() -> None:
    with pytest.raises(ModelDefinitionError, match="names the model"):

        class Wrong(Model, table="t"):
            id: Attr[str] = partition_key()
            other: Attr[Ref] = attr()  # type: ignore[type-arg]  # the mistake


@pytest.mark.parametrize("field", [Order.id, Order.lines, "customer", Order.lines[0][Line.place], Decimal(1)])
async def test_only_a_field_of_references_is_loaded(field: Any) -> None:
    with pytest.raises(InvalidRequest, match="takes a field of references"):
        await ReferenceCalls().load_refs([ORDER], field)


async def test_an_instance_of_another_model_has_nothing_to_load() -> None:
    with pytest.raises(InvalidRequest, match="a Customer has no"):
        await ReferenceCalls().load_refs([ANN], Order.customer)
