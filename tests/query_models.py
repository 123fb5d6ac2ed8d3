"""The models that unit tests of requests share."""

from __future__ import annotations

from ddbmodel import Attr, Document, GlobalIndex, LocalIndex, Model, attr, partition_key, sort_key, version

__all__ = ["Account", "Profile", "Score"]


class Profile(Document):
    city: Attr[str] = attr(default="Oslo")


class Score(Model, table="scores"):
    game: Attr[str] = partition_key()
    player: Attr[str] = sort_key()
    points: Attr[int] = attr(default=0)
    region: Attr[str] = attr(default="eu", alias="r")
    nick: Attr[str | None] = attr(default=None)
    profile: Attr[Profile | None] = attr(default=None)
    words: Attr[list[str]] = attr(default_factory=list)

    leaderboard = GlobalIndex(partition_key=game, sort_key=points)
    by_place = GlobalIndex(partition_key=(game, region), sort_key=(points, player), projection="KEYS_ONLY")
    recent = LocalIndex(sort_key=nick, projection=[points])


class Account(Model, table="accounts"):
    id: Attr[str] = partition_key()
    owner: Attr[str] = attr()
    balance: Attr[int] = attr(default=0)
    revision: Attr[int] = version()
