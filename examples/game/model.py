"""The game's models: what is stored, under which keys, and what the library keeps right by itself."""

from __future__ import annotations

from datetime import datetime

from ddbmodel import Attr, GlobalIndex, Model, attr, created_at, partition_key, sort_key, ttl, updated_at, version

__all__ = ["SHARDS", "BestScore", "Player", "Session", "Transfer"]

SHARDS = 8
"""One partition takes 1,000 writes a second; a board is spread over this many."""


class Player(Model, table="players"):
    """Who plays; a nick belongs to one player."""

    player_id: Attr[str] = partition_key()
    nick: Attr[str] = attr(unique=True, min_length=2)
    coins: Attr[int] = attr(default=0, ge=0)
    joined: Attr[datetime | None] = created_at()
    changed: Attr[datetime | None] = updated_at()
    revision: Attr[int] = version()


class Session(Model, table="sessions"):
    """One round that somebody played; the service deletes it a month later."""

    player_id: Attr[str] = partition_key()
    started_at: Attr[datetime] = sort_key()
    board: Attr[str] = attr()
    points: Attr[int] = attr(ge=0)
    expires_at: Attr[datetime | None] = ttl(default=None)


class BestScore(Model, table="leaderboard"):
    """The best that a player ever did on a board, in the shard of the board that the player belongs to."""

    shard_key: Attr[str] = partition_key("{board}#{shard:02d}")
    player_id: Attr[str] = sort_key()
    board: Attr[str] = attr()
    shard: Attr[int] = attr(ge=0, lt=SHARDS)
    points: Attr[int] = attr(ge=0)

    by_points = GlobalIndex(partition_key=shard_key, sort_key=points)


class Transfer(Model, table="transfers"):
    """Coins that went from one player to another; its id makes a repeated order one transfer."""

    transfer_id: Attr[str] = partition_key()
    giver: Attr[str] = attr()
    taker: Attr[str] = attr()
    coins: Attr[int] = attr(gt=0)
    made: Attr[datetime | None] = created_at()
