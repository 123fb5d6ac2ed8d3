"""Unions without a discriminator: kept where the wire tells the members apart, else refused when the class is made."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

import pytest
from pydantic import BaseModel, ConfigDict, RootModel
from typing_extensions import TypedDict

from ddbmodel.errors import ModelDefinitionError
from ddbmodel.model import Attr, Document, Model, attr, partition_key


class Word(Enum):
    A = "a"


class Cat(Document):
    name: Attr[str] = attr()


class Dog(BaseModel):
    name: str


@dataclass
class Point:
    x: int
    seen: datetime | None = None


class Size(TypedDict):
    width: int
    parts: list[str]


class Names(RootModel[list[str]]):
    pass


@pytest.mark.parametrize(
    "type_",
    [
        datetime | str, str | UUID | None, Word | str, float | Decimal, Cat | Dog, Cat | dict[str, int],
        list[datetime | str], dict[str, str | bytes | UUID], list[str] | list[datetime],
    ],
)  # fmt: skip
def test_members_that_look_the_same_when_stored_are_refused_with_the_way_out(type_: Any) -> None:
    with pytest.raises(ModelDefinitionError, match=r"Wrong\.a: .* look the same when stored.*discriminator"):

        class Wrong(Model, table="t"):
            id: Attr[str] = partition_key()
            a: Attr[type_] = attr()  # type: ignore[valid-type]  # a parameter of the test


def test_a_union_inside_a_nested_model_is_refused_with_the_outer_class() -> None:
    class Inner(BaseModel):
        when: datetime | str

    with pytest.raises(ModelDefinitionError, match=r"Inner\.when"):

        class Outer(Model, table="t"):
            id: Attr[str] = partition_key()
            inner: Attr[list[Inner]] = attr()


@pytest.mark.parametrize(
    ("type_", "value"),
    [
        (int | str, 3), (int | str, "3"), (int | float, 1.5), (int | float, 2), (int | Decimal, Decimal("1.5")),
        (bytes | str | None, b"x"), (bytes | str | None, None), (Cat | str, Cat(name="x")), (Cat | str, "x"),
        (list[int] | set[int], {1}), (list[int] | set[int], [1]), (list[str] | list[int], ["x"]),
        (list[int] | int, [1]),
        (Point, Point(1)), (list[Point], [Point(2)]), (Size, {"width": 1, "parts": ["x"]}),
        (Names, Names(["x"])), (dict[str, Names], {"a": Names(["x"])}),
    ],
)  # fmt: skip
def test_what_the_wire_tells_apart_keeps_its_value_and_class(type_: Any, value: object) -> None:
    class Holder(Model, table="t"):
        id: Attr[str] = partition_key()
        a: Attr[type_] = attr()  # type: ignore[valid-type]  # a parameter of the test

    read = Holder.from_item(Holder(id="x", a=value).to_item())

    assert read.a == value
    assert type(read.a) is type(value)


def test_extra_fields_are_stored_and_read_where_the_model_allows_them() -> None:
    class Open(Model, table="t"):
        model_config = ConfigDict(extra="allow")
        id: Attr[str] = partition_key()

    item = Open.model_validate({"id": "a", "more": {"n": 1}}).to_item()

    assert item == {"id": {"S": "a"}, "more": {"M": {"n": {"N": "1"}}}}
    assert Open.from_item(item).model_dump() == {"id": "a", "more": {"n": 1}}
