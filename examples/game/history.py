"""The history of sessions: written as they end, read newest first, gone after a month."""

from __future__ import annotations

from datetime import datetime, timedelta

from ddbmodel import Database, Page
from examples.game.leaderboard import record_score
from examples.game.model import Session

__all__ = ["KEPT", "end_session", "recent_sessions"]

KEPT = timedelta(days=30)


async def end_session(db: Database, player_id: str, started_at: datetime, board: str, points: int) -> bool:
    """Store a session and its score; return whether it is the player's best on the board."""
    session = Session(
        player_id=player_id, started_at=started_at, board=board, points=points, expires_at=started_at + KEPT
    )
    await db.create(session)
    return await record_score(db, board, player_id, points)


async def recent_sessions(db: Database, player_id: str, count: int, cursor: str | None = None) -> Page[Session]:
    """Return a page of a player's sessions, newest first; what has expired is left out."""
    return await db.query(Session, Session.player_id == player_id).descending().page_size(count).page(cursor)
