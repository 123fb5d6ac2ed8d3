"""What the codec refuses, mends and keeps; one test for each trap of decoding straight from the wire."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ConfigDict, field_validator, model_validator

from ddbmodel.errors import InvalidRequest, ItemNotDecodable, ItemTooLarge, ValueNotStorable
from ddbmodel.model import Attr, Document, Model, attr, partition_key, set_stored_version, stored_version, ttl, version


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


class Session(Model, table="sessions"):
    id: Attr[str] = partition_key()
    seen_at: Attr[datetime | None] = attr(default=None)
    length: Attr[timedelta | None] = attr(default=None)
    expires_at: Attr[datetime | None] = ttl(default=None)


@pytest.mark.parametrize("field", ["seen_at", "expires_at"])
def test_a_moment_that_is_past_the_last_year_in_utc_is_refused_by_its_path(field: str) -> None:
    session = Session(id="1")
    setattr(session, field, datetime.max.replace(tzinfo=timezone(timedelta(hours=-1))))

    with pytest.raises(ValueNotStorable, match=f"Session.{field}: .*9999"):
        session.to_item()


@pytest.mark.parametrize(
    ("field", "number"), [("expires_at", "1700000000000"), ("expires_at", "1E+125"), ("length", "1E+30")]
)
def test_a_stored_number_that_is_no_time_is_told_by_its_path(field: str, number: str) -> None:
    # Milliseconds where the service wants seconds are a common mistake.
    with pytest.raises(ItemNotDecodable, match=field) as refused:
        Session.from_item({"id": {"S": "1"}, field: {"N": number}})

    assert number not in str(refused.value)


def test_unknown_binary_attributes_of_an_item_in_boto3_form_can_be_written_back() -> None:
    raw = {"id": {"S": "1"}, "a": {"B": b"x"}, "b": {"BS": [b"y"]}, "c": {"M": {"d": {"L": [{"B": b"z"}]}}}}

    session = Session.from_item(raw)

    assert session.to_item(binary=True) == raw
    assert session.to_item()["a"] == {"B": "eA=="}
