"""The models of the user stories."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from ddbmodel import Attr, Document, GlobalIndex, LocalIndex, Model, attr, partition_key, sort_key, ttl, version

__all__ = ["Account", "Counted", "Place", "Play", "Profile", "Score"]


class Profile(Document):
    city: Attr[str] = attr()
    floor: Attr[int | None] = attr(default=None)


class Play(Document):
    points: Attr[int] = attr()
    note: Attr[str | None] = attr(default=None)


class Score(Model, table="scores"):
    """Everything that one table can have, without a version."""

    game: Attr[str] = partition_key()
    player: Attr[str] = sort_key()
    points: Attr[int] = attr(default=0)
    region: Attr[str] = attr(default="eu")
    nick: Attr[str | None] = attr(default=None)
    price: Attr[Decimal] = attr(default=Decimal(0))
    played_at: Attr[str | None] = attr(default=None)
    tags: Attr[set[str]] = attr(default_factory=set)
    numbers: Attr[set[int]] = attr(default_factory=set)
    picture: Attr[bytes | None] = attr(default=None)
    blobs: Attr[set[bytes]] = attr(default_factory=set)
    profile: Attr[Profile | None] = attr(default=None)
    history: Attr[list[Play]] = attr(default_factory=list)
    words: Attr[list[str]] = attr(default_factory=list)
    counts: Attr[dict[str, int]] = attr(default_factory=dict)
    active: Attr[bool] = attr(default=True)
    expires_at: Attr[datetime | None] = ttl(default=None)

    leaderboard = GlobalIndex(partition_key=game, sort_key=points)
    by_region = GlobalIndex(partition_key=region, sort_key=points, projection="KEYS_ONLY")
    by_nick = GlobalIndex(partition_key=nick, projection=[points])
    recent = LocalIndex(sort_key=played_at, projection="KEYS_ONLY")


class Place(Model, table="places"):
    """An index over several attributes."""

    name: Attr[str] = partition_key()
    country: Attr[str] = attr()
    region: Attr[str] = attr()
    city: Attr[str] = attr()
    people: Attr[int] = attr()

    by_place = GlobalIndex(partition_key=(country, region), sort_key=(city, people))


class Account(Model, table="accounts"):
    """Guarded by its version."""

    id: Attr[str] = partition_key()
    balance: Attr[int] = attr(default=0)
    owner: Attr[str] = attr(default="ann")
    revision: Attr[int] = version()


class Counted(Model, table="counted"):
    """Ordered by a number."""

    bucket: Attr[bytes] = partition_key()
    number: Attr[Decimal] = sort_key()
    text: Attr[str] = attr(default="x")
