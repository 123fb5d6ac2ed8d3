"""The leaderboard: best scores spread over shards when written, merged when read."""

from __future__ import annotations

import asyncio
import heapq
import zlib

from ddbmodel import ConditionFailed, Database
from examples.game.model import SHARDS, BestScore

__all__ = ["record_score", "shard_of", "top_players"]


def shard_of(player_id: str) -> int:
    """Return the shard of a player, the same at every call and in every process."""
    return zlib.crc32(player_id.encode()) % SHARDS


async def record_score(db: Database, board: str, player_id: str, points: int) -> bool:
    """Keep a score if it is the player's best; return whether it is.

    One conditional write, without a read: of two scores that arrive together the higher one stays.
    """
    key = BestScore.key(board=board, shard=shard_of(player_id), player_id=player_id)
    is_best = BestScore.points.not_exists() | (BestScore.points < points)
    try:
        await db.upsert(
            key,
            BestScore.points.set(points),
            BestScore.board.set(board),
            BestScore.shard.set(shard_of(player_id)),
            condition=is_best,
        )
    except ConditionFailed:
        return False
    return True


async def top_players(db: Database, board: str, count: int) -> list[BestScore]:
    """Return the best of a board, highest first: the best of each shard, merged."""

    async def best_of(shard: int) -> list[BestScore]:
        shard_key = f"{board}#{shard:02d}"
        query = db.query(BestScore.by_points, BestScore.shard_key == shard_key)
        return await query.descending().limit(count).all()

    shards = await asyncio.gather(*map(best_of, range(SHARDS)))
    return heapq.nlargest(count, (score for scores in shards for score in scores), key=lambda score: score.points)
