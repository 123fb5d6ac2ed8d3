"""Field codecs: what is stored, what is read back, and what cannot be asked of it."""

from __future__ import annotations

import zlib
from datetime import datetime
from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ddbmodel import (
    Attr,
    Compressed,
    Database,
    Document,
    InvalidRequest,
    ItemNotDecodable,
    Model,
    ModelDefinitionError,
    ValueNotStorable,
    attr,
    partition_key,
    ttl,
    version,
)
from ddbmodel.values.binary import from_base64, to_base64


class Reversed:
    deterministic = True

    def encode(self, value: str, /) -> str:
        if value == "secret":
            raise ValueError(value)
        return value[::-1]

    def decode(self, stored: Any, /) -> str:
        return str(stored)[::-1]


class Salted:
    """Stores equal values differently, as encryption does."""

    deterministic = False
    count = 0

    def encode(self, value: int, /) -> dict[str, Any]:
        Salted.count += 1
        return {"salt": Salted.count, "value": value}

    def decode(self, stored: Any, /) -> int:
        return int(stored["value"])


class Part(Document):
    name: Attr[str] = attr(codec=Reversed())


class Page(Model, table="pages"):
    id: Attr[str] = partition_key()
    body: Attr[str] = attr(default="", codec=Compressed("gzip"))
    data: Attr[dict[str, list[int]] | None] = attr(default=None, codec=Compressed("gzip"))
    word: Attr[str | None] = attr(default=None, codec=Reversed())
    number: Attr[int | None] = attr(default=None, codec=Salted())
    part: Attr[Part | None] = attr(default=None)
    plain: Attr[int] = attr(default=0)
    revision: Attr[int] = version()


def test_what_is_stored_is_what_the_codec_makes() -> None:
    page = Page(id="a", body="x" * 10_000, word="abc", number=7, part=Part(name="xyz"), data={"a": [1]})
    item = page.to_item()

    assert len(item["body"]["B"]) < 100
    assert item["word"] == {"S": "cba"}
    assert item["number"]["M"]["value"] == {"N": "7"}
    assert item["part"] == {"M": {"name": {"S": "zyx"}}}
    assert Page.from_item(item) == page
    assert Page.from_item(page.to_item(binary=True)) == page
    assert "number" not in Page(id="a").to_item()


@given(
    st.text(),
    st.none() | st.dictionaries(st.text(), st.lists(st.integers(-5, 5))),
    st.none() | st.integers(-(10**38) + 1, 10**38 - 1),
)
def test_what_is_read_is_what_was_stored(body: str, data: dict[str, list[int]] | None, number: int | None) -> None:
    page = Page(id="a", body=body, data=data, number=number)
    assert Page.from_item(page.to_item()) == page


def test_a_number_of_39_digits_within_what_a_codec_stores_is_refused() -> None:
    with pytest.raises(ValueNotStorable, match="38 significant digits") as caught:
        Page(id="a", number=10**38 + 1).to_item()
    assert caught.value.path == "number"


@pytest.mark.parametrize("algorithm", ["gzip", "zstd"])
def test_both_algorithms_make_texts_small(algorithm: Any) -> None:
    class Small(Model, table="small"):
        id: Attr[str] = partition_key()
        body: Attr[Annotated[str, Compressed(algorithm)]] = attr()

    small = Small(id="a", body="word " * 5_000)
    assert len(small.to_item()["body"]["B"]) < 500
    assert Small.from_item(small.to_item()) == small


def test_damaged_and_exploding_values_are_refused_without_their_content() -> None:
    item = Page(id="a", body="x" * 1000).to_item()
    cut = {**item, "body": {"B": to_base64(from_base64(item["body"]["B"])[:-9])}}
    with pytest.raises(ItemNotDecodable, match="body"):
        Page.from_item(cut)
    bomb = zlib.compressobj(9, wbits=31)
    packed = bomb.compress(b"\x00" * 500_000_000) + bomb.flush()
    with pytest.raises(ItemNotDecodable, match="body"):
        Page.from_item({**item, "body": {"B": to_base64(packed)}})


def test_a_value_that_a_codec_refuses_is_not_in_the_message() -> None:
    with pytest.raises(ValueNotStorable, match=r"word: its codec Reversed refuses it \(ValueError\)") as caught:
        Page(id="a", word="secret").to_item()
    assert "secret" not in str(caught.value)


def test_only_what_the_service_can_tell_can_be_asked() -> None:
    assert (Page.word == "abc").right.value == {"S": "cba"}  # type: ignore[attr-defined]  # a Comparison
    assert Page.word.set("abc").operand.value == {"S": "cba"}  # type: ignore[union-attr]  # a SetAction
    assert Page.number.exists() is not None
    for ask in (
        lambda: Page.number == 7,
        lambda: Page.word < "b",
        lambda: Page.word.begins_with("a"),
        lambda: Page.word.contains("a"),
        lambda: Page.body.size(),
        lambda: Page.number.add(1),
    ):
        with pytest.raises(InvalidRequest, match="codec"):
            ask()


def test_keys_versions_and_times_have_no_codec() -> None:
    with pytest.raises(ModelDefinitionError, match="codec"):

        class Keyed(Model, table="keyed"):
            id: Attr[str] = partition_key(codec=Reversed())

    with pytest.raises(ModelDefinitionError, match="codec"):

        class Timed(Model, table="timed"):
            id: Attr[str] = partition_key()
            at: Attr[datetime | None] = ttl(default=None, codec=Reversed())

    with pytest.raises(ModelDefinitionError, match="codec"):

        class Unique(Model, table="unique"):
            id: Attr[str] = partition_key()
            mail: Attr[str] = attr(unique=True, codec=Reversed())


async def test_a_unit_of_work_sees_no_change_in_what_is_stored_anew_each_time() -> None:
    async with Database.connect("memory:") as db:
        await db.create_tables(Page)
        await db.create(Page(id="a", number=7, body="text"))

        async with db.unit_of_work() as unit:
            page = await unit.get_or_raise(Page, id="a")
            assert unit.plan().requests == []
            page.plain = 1
            assert "number" not in str(unit.plan().requests)
        async with db.unit_of_work() as unit:
            page = await unit.get_or_raise(Page, id="a")
            page.number = 8
        found = await db.get_or_raise(Page, id="a")
        assert (found.number, found.plain, found.body) == (8, 1, "text")
        assert await db.query(Page, Page.id == "a").select(Page.number, Page.body).all() == [(8, "text")]
