"""The codec beside pydantic's own dump and validate, and boto3's serialiser: medians and ratios of one run."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from statistics import median
from time import process_time_ns
from typing import Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer

from ddbmodel.model import Attr, Document, Model, attr, partition_key, sort_key


class Part(Document):
    name: Attr[str] = attr()
    count: Attr[int] = attr()


class Thing(Model, table="things"):
    pk: Attr[str] = partition_key()
    sk: Attr[int] = sort_key()
    price: Attr[Decimal] = attr()
    flag: Attr[bool] = attr()
    made: Attr[datetime] = attr()
    tags: Attr[set[str]] = attr()
    words: Attr[list[str]] = attr()
    part: Attr[Part] = attr()
    parts: Attr[list[Part]] = attr()


def _microseconds(function: Callable[[], Any], calls: int = 400) -> float:
    started = process_time_ns()
    for _ in range(calls):
        function()
    return (process_time_ns() - started) / calls / 1000


def main() -> None:
    """Print one line for each direction and peer."""
    part = Part(name="wheel", count=4)
    thing = Thing(
        pk="a", sk=1, price=Decimal("9.99"), flag=True, made=datetime.now(UTC), tags={"x", "y"}, words=["a", "b"],
        part=part, parts=[part] * 3,
    )  # fmt: skip
    item, plain = thing.to_item(), thing.model_dump()
    serializer, deserializer = TypeSerializer(), TypeDeserializer()
    for_boto3 = {**plain, "made": plain["made"].isoformat()}
    variants: dict[str, Callable[[], Any]] = {
        "to_item": thing.to_item,
        "model_dump": thing.model_dump,
        "boto3 serialize": lambda: serializer.serialize(for_boto3),
        "from_item": lambda: Thing.from_item(item),
        "model_validate": lambda: Thing.model_validate(plain),
        "boto3 deserialize": lambda: deserializer.deserialize({"M": item}),
    }
    # Interleaved rounds, so that a busy moment of the machine hits every variant.
    rounds = [{name: _microseconds(function) for name, function in variants.items()} for _ in range(11)]
    spent = {name: median(one[name] for one in rounds) for name in variants}
    for name, base in (*((n, "to_item") for n in list(variants)[:3]), *((n, "from_item") for n in list(variants)[3:])):
        print(f"{name:<20}{spent[name]:8.1f} µs   {spent[name] / spent[base]:5.1f} x {base}")


if __name__ == "__main__":
    main()
