"""What the codec refuses, mends and keeps; one test for each trap of decoding straight from the wire."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from pydantic import ConfigDict, field_validator, model_validator

from ddbmodel.errors import InvalidRequest, ItemNotDecodable, ItemTooLarge, ValueNotStorable
from ddbmodel.model import Attr, Document, Model, attr, partition_key, set_stored_version, stored_version, version


class Address(Document):
    city: Attr[str] = attr(default="Oslo")


class Person(Model, table="people"):
    id: Attr[str] = partition_key()
    age: Attr[int] = attr(default=7)
    price: Attr[Decimal] = attr(default=Decimal(1))
    ratio: Attr[float] = attr(default=0.5)
    address: Attr[Address] = attr(default_factory=Address)
    nick: Attr[str | None] = attr(default=None)
    data: Attr[dict[str, Any]] = attr(default_factory=dict)
    revision: Attr[int] = version()


@pytest.mark.parametrize(
    ("field", "value", "rule"),
    [
        ("ratio", float("nan"), "finite"),
        ("price", Decimal("Infinity"), "finite"),
        ("price", Decimal("1" * 39), "38 significant digits"),
        ("age", 10**126, "below 1E"),
        ("price", 1.5, "declared as Decimal, holds float"),
        ("age", True, "declared as int, holds bool"),
        ("id", "", "must not be empty"),
        ("id", "\ud800", "Unicode"),
        ("data", {"x": set()}, "empty set"),
    ],
)
def test_a_value_the_wire_cannot_carry_is_refused_by_path_and_rule(field: str, value: object, rule: str) -> None:
    person = Person(id="a")
    setattr(person, field, value)

    with pytest.raises(ValueNotStorable, match=rule) as caught:
        person.to_item()

    assert caught.value.model == "Person"
    assert caught.value.path.startswith(field)


def test_an_item_above_400_kb_is_refused() -> None:
    with pytest.raises(ItemTooLarge):
        Person(id="a", nick="x" * 409_600).to_item()


@pytest.mark.parametrize("stored", [{"age": {"S": "3"}}, {"age": {"BOOL": True}}, {"address": {"S": "secret"}}])
def test_a_wrong_tag_never_becomes_the_default(stored: dict[str, Any]) -> None:
    with pytest.raises(ItemNotDecodable) as caught:
        Person.from_item({"id": {"S": "a"}, **stored})

    assert "secret" not in str(caught.value)


def test_null_and_exponents_are_read() -> None:
    person = Person.from_item({"id": {"S": "a"}, "nick": {"NULL": True}, "age": {"N": "1E2"}})

    assert (person.nick, person.age) == (None, 100)


def test_unknown_attributes_survive_a_copy_also_nested() -> None:
    item = {**Person(id="a").to_item(), "new": {"S": "x"}, "address": {"M": {"city": {"S": "Rome"}, "zip": {"N": "1"}}}}

    assert Person.from_item(item).model_copy(deep=True).to_item() == item


def test_validators_that_run_before_see_python_values_and_strict_models_read_text() -> None:
    class Careful(Model, table="t"):
        model_config = ConfigDict(strict=True)
        id: Attr[str] = partition_key()
        count: Attr[int] = attr()
        price: Attr[Decimal] = attr()

        @field_validator("count", mode="before")
        @classmethod
        def _sees_a_number(cls, value: Any) -> Any:
            assert isinstance(value, int)
            return value

        @model_validator(mode="before")
        @classmethod
        def _sees_plain_values(cls, values: Any) -> Any:
            assert not isinstance(values, dict) or values["id"] == "a"
            return values

    careful = Careful(id="a", count=1, price=Decimal("1.5"))

    assert Careful.from_item(careful.to_item()) == careful


def test_the_stored_version_is_what_was_read() -> None:
    person = Person.from_item({"id": {"S": "a"}, "revision": {"N": "4"}})
    set_stored_version(person, 5)

    assert stored_version(Person(id="a")) is None
    assert (stored_version(person), person.revision) == (5, 5)


def test_an_unknown_key_name_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="made of id"):
        Person.key(idd="a")
    assert Person.key(id="a") == Person(id="a").item_key()
