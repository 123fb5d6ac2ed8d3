"""The models that the type checks are about."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import ClassVar

from ddbmodel.model import (
    Attr,
    Document,
    GlobalIndex,
    Model,
    Ref,
    attr,
    derived,
    partition_key,
    sort_key,
    ttl,
    version,
)


class Profile(Document):
    city: Attr[str] = attr()
    floor: Attr[int | None] = attr(default=None)


class Play(Document):
    points: Attr[int] = attr()


class Score(Model, table="scores"):
    game: Attr[str] = partition_key()
    player: Attr[str] = sort_key()
    points: Attr[int] = attr(default=0)
    bonus: Attr[int | None] = attr(default=None)
    nick: Attr[str | None] = attr(default=None)
    price: Attr[Decimal] = attr(default=Decimal(0))
    played_at: Attr[datetime] = attr()
    tags: Attr[set[str]] = attr(default_factory=set)
    profile: Attr[Profile | None] = attr(default=None)
    history: Attr[list[Play]] = attr(default_factory=list)
    words: Attr[list[str]] = attr(default_factory=list)
    expires_at: Attr[datetime | None] = ttl(default=None)
    revision: Attr[int] = version()

    leaderboard: ClassVar = GlobalIndex(partition_key=game, sort_key=points)


class Order(Model, table="shop"):
    pk: Attr[str] = partition_key("CUSTOMER#{customer_id}")
    customer_id: Attr[str] = attr()


class Payment(Model, table="shop"):
    pk: Attr[str] = partition_key("CUSTOMER#{customer_id}", escape=True)
    customer_id: Attr[str] = attr(stored=False)


class Card(Payment, entity="card"):
    last4: Attr[str] = attr(default="")


class Invoice(Model, table="shop", entity="invoice"):
    pk: Attr[str] = partition_key("CUSTOMER#{customer_id}", escape=True)
    customer_id: Attr[str] = attr(stored=False)
    status: Attr[str | None] = attr(default=None)
    by_status: Attr[str | None] = derived("STATUS#{status}")
    payment: Attr[Ref[Payment] | None] = attr(default=None)
    cards: Attr[list[Ref[Card]]] = attr(default_factory=list)
