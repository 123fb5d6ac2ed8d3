"""The traps of validating straight from the wire, one test each; both ways of decoding must agree."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Barrier
from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from ddbmodel.errors import InvalidRequest, ItemNotDecodable, ValueNotStorable
from ddbmodel.model import Attr, Document, Model, attr, partition_key, sort_key


class Strict(BaseModel):
    model_config = ConfigDict(strict=True)
    price: Decimal = Decimal(1)
    count: int = 0


class Tree(Document):
    name: Attr[str] = attr(default="root")
    children: Attr[list[Tree]] = attr(default_factory=list)


class Shop(Model, table="shops"):
    id: Attr[str] = partition_key()
    at: Attr[str] = sort_key(default="x")
    count: Attr[int] = attr(default=7)
    flag: Attr[bool] = attr(default=False)
    maybe: Attr[int | None] = attr(default=5)
    stock: Attr[Strict] = attr(default_factory=Strict)
    tree: Attr[Tree] = attr(default_factory=Tree)
    words: Attr[list[str]] = attr(default_factory=list)
    numbers: Attr[dict[str, int]] = attr(default_factory=dict)


KEY = {"id": {"S": "a"}, "at": {"S": "b"}}


def test_the_prebuilt_validator_of_a_nested_model_is_not_used_for_the_wire() -> None:
    shop = Shop.from_item({**KEY, "stock": {"M": {"price": {"N": "2.5"}, "count": {"N": "3"}}}})

    assert shop.stock == Strict(price=Decimal("2.5"), count=3)
    assert Strict.__pydantic_complete__
    assert Strict(count=1).count == 1


@pytest.mark.parametrize(
    ("field", "value", "path"),
    [
        ("count", {"S": "secret"}, "count"),
        ("count", {"BOOL": True}, "count"),
        ("count", {"NULL": True}, "count"),
        ("count", {"N": "1.5"}, "count"),
        ("flag", {"N": "1"}, "flag"),
        ("flag", {"S": "true"}, "flag"),
        ("maybe", {"BOOL": True}, "maybe"),
        ("stock", {"S": "secret"}, "stock"),
        ("stock", {"M": {"count": {"S": "secret"}}}, "stock.count"),
        ("tree", {"M": {"children": {"L": [{"M": {}}, {"M": {"name": {"N": "1"}}}]}}}, "tree.children[1].name"),
        ("tree", {"M": {"children": {"L": [{"S": "secret"}]}}}, "tree.children[0]"),
        ("words", {"L": [{"S": "x"}, {"N": "1"}]}, "words[1]"),
        ("words", {"SS": ["secret"]}, "words"),
        ("numbers", {"M": {"k": {"S": "secret"}}}, "numbers.k"),
        ("count", {}, "count"),
        ("count", "secret", "count"),
    ],
)
def test_a_wrong_tag_is_named_by_its_path_and_never_becomes_the_default(field: str, value: Any, path: str) -> None:
    with pytest.raises(ItemNotDecodable) as caught:
        Shop.from_item({**KEY, field: value})

    assert [where for where, _ in caught.value.problems] == [path]
    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_null_and_absence_are_none_where_none_is_declared_whatever_the_default() -> None:
    assert Shop.from_item({**KEY, "maybe": {"NULL": True}}).maybe is None
    assert Shop.from_item(KEY).maybe is None


def test_missing_fields_are_named_when_an_item_is_partial() -> None:
    with pytest.raises(ItemNotDecodable) as caught:
        Shop.from_item({"at": {"S": "b"}})

    assert [where for where, _ in caught.value.problems] == ["id"]


def test_a_model_that_contains_itself_is_read_at_every_depth() -> None:
    deep = Tree(name="c", children=[Tree(name="d", children=[Tree(name="e")])])
    shop = Shop(id="a", tree=Tree(children=[deep, Tree()]))

    assert Shop.from_item(shop.to_item()) == shop


def test_a_wrap_validator_of_a_model_sees_plain_values_also_when_nested() -> None:
    seen: list[Any] = []

    class Watched(BaseModel):
        n: int = 0

        @model_validator(mode="wrap")
        @classmethod
        def _watch(cls, values: Any, handler: Any) -> Any:
            seen.append(values)
            return handler(values)

        @field_validator("n", mode="before")
        @classmethod
        def _watch_n(cls, value: Any) -> Any:
            seen.append(value)
            return value

    class Holder(Model, table="t"):
        id: Attr[str] = partition_key()
        inner: Attr[Watched] = attr()
        many: Attr[list[Watched]] = attr(default_factory=list)

    Holder.from_item({"id": {"S": "a"}, "inner": {"M": {"n": {"N": "3"}}}, "many": {"L": [{"M": {"n": {"N": "4"}}}]}})

    assert seen == [{"n": 3}, 3, {"n": 4}, 4]


def test_messages_of_user_validators_which_may_quote_values_are_not_repeated() -> None:
    class Careful(Model, table="t"):
        id: Attr[str] = partition_key()
        low: Attr[int] = attr(default=0, lt=10)

        @field_validator("id")
        @classmethod
        def _no(cls, value: str) -> str:
            raise ValueError(f"not {value}")

    with pytest.raises(ItemNotDecodable, match="less than 10") as caught:
        Careful.from_item({"id": {"S": "secret"}, "low": {"N": "99"}})

    assert "secret" not in str(caught.value)


def test_threads_that_use_a_model_first_at_the_same_time_all_get_it_right() -> None:
    for _ in range(20):

        class Inner(BaseModel):
            n: int = Field(default=0)

        class Fresh(Model, table="t"):
            id: Attr[str] = partition_key()
            inner: Attr[list[Inner]] = attr()

        barrier = Barrier(4)

        def use(barrier: Barrier = barrier, model: Any = Fresh) -> Any:
            barrier.wait()
            return model.from_item({"id": {"S": "a"}, "inner": {"L": [{"M": {"n": {"N": "1"}}}]}}).to_item()

        with ThreadPoolExecutor(4) as pool:
            results = [future.result() for future in [pool.submit(use) for _ in range(4)]]
        assert results == [{"id": {"S": "a"}, "inner": {"L": [{"M": {"n": {"N": "1"}}}]}}] * 4


@pytest.mark.parametrize(
    ("names", "limit"), [({"id": "é" * 1025, "at": "b"}, 2048), ({"id": "a", "at": "x" * 1025}, 1024)]
)
def test_a_key_above_its_size_is_refused(names: dict[str, str], limit: int) -> None:
    with pytest.raises(ValueNotStorable, match=f"at most {limit} bytes"):
        Shop.key(**names)
    with pytest.raises(ValueNotStorable, match=f"at most {limit} bytes"):
        Shop(**names).to_item()


def test_a_key_of_exactly_its_size_is_taken() -> None:
    assert Shop.key(id="é" * 1024, at="x" * 1024).item["at"] == {"S": "x" * 1024}
    assert Shop(id="é" * 1024, at="x" * 1024).to_item()["at"] == {"S": "x" * 1024}


@pytest.mark.parametrize("names", [{"id": "", "at": "b"}, {"id": "a", "at": ""}])
def test_an_empty_key_is_refused(names: dict[str, str]) -> None:
    with pytest.raises(ValueNotStorable, match="must not be empty"):
        Shop.key(**names)
    with pytest.raises(ValueNotStorable, match="must not be empty"):
        Shop(**names).to_item()


@pytest.mark.parametrize("names", [{}, {"id": "a"}, {"id": "a", "at": "b", "count": 1}])
def test_a_key_takes_exactly_its_names(names: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequest, match="made of id, at"):
        Shop.key(**names)
