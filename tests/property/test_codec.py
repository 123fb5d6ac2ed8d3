"""Law: decoding what was encoded gives the same model, on the fast path and on the slow one."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Literal
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from ddbmodel.model import Attr, Document, Model, attr, partition_key, sort_key, ttl
from ddbmodel.model.codec import codec_of
from ddbmodel.values.binary import with_raw_bytes


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


class Level(Enum):
    LOW = 1
    HIGH = 2


class Cat(Document):
    kind: Literal["cat"] = "cat"
    born: Attr[date | None] = attr(default=None)


class Dog(BaseModel):
    kind: Literal["dog"] = "dog"
    rest: timedelta = timedelta(0)


class Tree(Document):
    name: Attr[str] = attr(default="root")
    children: Attr[list[Tree]] = attr(default_factory=list)


class Everything(Model, table="everything"):
    pk: Attr[str] = partition_key()
    sk: Attr[int] = sort_key()
    whole: Attr[int] = attr()
    real: Attr[float] = attr()
    exact: Attr[Decimal] = attr()
    flag: Attr[bool] = attr()
    raw: Attr[bytes] = attr()
    uid: Attr[UUID] = attr()
    colour: Attr[Colour] = attr()
    level: Attr[Level] = attr()
    day: Attr[date] = attr()
    moment: Attr[datetime] = attr()
    length: Attr[timedelta] = attr()
    ends: Attr[datetime | None] = ttl(default=None)
    maybe: Attr[int | None] = attr(default=5)
    texts: Attr[set[str]] = attr(default_factory=lambda: {"x"})
    numbers: Attr[frozenset[Decimal]] = attr()
    binaries: Attr[set[bytes]] = attr()
    pair: Attr[tuple[int, str]] = attr()
    row: Attr[tuple[float, ...]] = attr()
    gaps: Attr[list[int | None]] = attr()
    by_number: Attr[dict[int, Decimal]] = attr()
    anything: Attr[Any] = attr()
    pet: Attr[Annotated[Cat | Dog, Field(discriminator="kind")] | None] = attr(default=None)
    pets: Attr[list[Annotated[Cat | Dog, Field(discriminator="kind")]]] = attr()
    tree: Attr[Tree] = attr(default_factory=Tree)
    word: Attr[Literal["a", "b"]] = attr(alias="w")


text = st.text(st.characters(codec="utf-8"), max_size=8)
decimals = st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**12), max_value=10**12)
reals = st.floats(allow_nan=False, allow_infinity=False, min_value=-1e125, max_value=1e125).filter(
    lambda value: value == 0 or abs(value) > 1e-120
)
wholes = st.integers(-(10**38) + 1, 10**38 - 1)
moments = st.datetimes(
    datetime(1000, 1, 2),
    datetime(9998, 1, 1),
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=30))]),
)
spans = st.timedeltas(timedelta(days=-(10**5)), timedelta(days=10**5))
cats = st.builds(Cat, born=st.none() | st.dates())
pets = cats | st.builds(Dog, rest=spans)
trees = st.recursive(
    st.builds(Tree, name=text, children=st.just([])),
    lambda inner: st.builds(Tree, name=text, children=st.lists(inner, max_size=3)),
    max_leaves=5,
)
untyped = st.recursive(
    st.none() | st.booleans() | wholes | text | st.binary(max_size=4) | decimals,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3),
    max_leaves=5,
)
everything = st.builds(
    Everything,
    pk=text.filter(bool),
    sk=wholes,
    whole=wholes,
    real=reals,
    exact=decimals,
    flag=st.booleans(),
    raw=st.binary(max_size=8),
    uid=st.uuids(),
    colour=st.sampled_from(Colour),
    level=st.sampled_from(Level),
    day=st.dates(),
    moment=moments,
    length=spans,
    ends=st.none() | moments.map(lambda value: value.replace(microsecond=0)),
    maybe=st.none() | wholes,
    texts=st.sets(text, max_size=3),
    numbers=st.frozensets(decimals, max_size=3),
    binaries=st.sets(st.binary(max_size=4), max_size=3),
    pair=st.tuples(wholes, text),
    row=st.lists(reals, max_size=3).map(tuple),
    gaps=st.lists(st.none() | wholes, max_size=3),
    by_number=st.dictionaries(wholes, decimals, max_size=3),
    anything=untyped,
    pet=st.none() | pets,
    pets=st.lists(pets, max_size=2),
    tree=trees,
    w=st.sampled_from(["a", "b"]),
)


@given(everything)
def test_decoding_what_was_encoded_gives_the_same_model(instance: Everything) -> None:
    item = instance.to_item()

    assert Everything.from_item(item) == instance
    assert Everything.from_item(instance.to_item(binary=True)) == instance
    assert Everything.from_item(with_raw_bytes(item)).to_item() == item


@given(everything)
def test_the_fast_path_takes_every_item_and_agrees_with_the_slow_one(instance: Everything) -> None:
    item, codec = instance.to_item(), codec_of(Everything)

    assert codec._compiled_fast()(item) == codec._decode_slowly(item) == instance
