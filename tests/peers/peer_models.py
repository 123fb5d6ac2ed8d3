"""The models that the tests about peers' defects share."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from ddbmodel import (
    Attr,
    Document,
    GlobalIndex,
    Model,
    attr,
    before_write,
    derived,
    partition_key,
    sort_key,
    ttl,
    version,
)


class Cover(Document):
    color: Attr[str] = attr(default="white")
    pages: Attr[int] = attr(default=0)


class Article(Model, table="articles"):
    shelf: Attr[str] = partition_key()
    number: Attr[int] = sort_key()
    title: Attr[str] = attr(default="untitled")
    stock: Attr[int] = attr(default=0)
    tags: Attr[set[str]] = attr(default_factory=set)
    sizes: Attr[set[int]] = attr(default_factory=set)
    notes: Attr[list[str]] = attr(default=[])
    facts: Attr[dict[str, int]] = attr(default_factory=dict)
    cover: Attr[Cover | None] = attr(default=None)
    section: Attr[str | None] = attr(default=None)
    seen: Attr[datetime | None] = attr(default=None)
    price: Attr[Decimal] = attr(default=Decimal(0))
    weight: Attr[float] = attr(default=0.0)
    revision: Attr[int] = version()

    by_section = GlobalIndex(partition_key=section, sort_key=stock, projection="KEYS_ONLY")
    by_both = GlobalIndex(partition_key=(shelf, section), sort_key=(stock, title))


class Customer(Model, table="peer_shop", entity="customer"):
    pk: Attr[str] = partition_key("CUSTOMER#{customer_id}")
    sk: Attr[str] = sort_key("A#{customer_id}")
    customer_id: Attr[str] = attr(stored=False)
    name: Attr[str] = attr(default="")


class Invoice(Model, table="peer_shop", entity="invoice"):
    pk: Attr[str] = partition_key("CUSTOMER#{customer_id}")
    sk: Attr[str] = sort_key("B#{number:06d}")
    customer_id: Attr[str] = attr(stored=False)
    number: Attr[int] = attr(stored=False)
    status: Attr[str | None] = attr(default="open")
    month: Attr[str] = attr(default="2026-11")
    listed: Attr[str | None] = derived("{status}#{month}")

    by_status = GlobalIndex(partition_key=listed)


class Member(Model, table="members"):
    member_id: Attr[str] = partition_key()
    email: Attr[str | None] = attr(default=None, unique=True)
    name: Attr[str] = attr(default="")
    shouted: Attr[str] = attr(default="")

    @before_write
    async def shout(self) -> None:
        self.shouted = self.name.upper()


class Reading(Model, table="readings"):
    """Without a version; it ends."""

    sensor: Attr[str] = partition_key()
    value: Attr[int] = attr(default=0)
    label: Attr[str] = attr(default="")
    ends: Attr[datetime | None] = ttl(default=None)
