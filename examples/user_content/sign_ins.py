"""Who is signed in: a token that nobody can guess, until its time is over."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta

from ddbmodel import Database
from examples.user_content.model import SignIn

__all__ = ["sign_in", "sign_out", "user_of"]


async def sign_in(db: Database, user: str, lasts: timedelta = timedelta(days=14)) -> str:
    """Return a new token of a user."""
    token = secrets.token_urlsafe(32)
    await db.create(SignIn(token=token, user=user, ends_at=datetime.now(UTC) + lasts))
    return token


async def user_of(db: Database, token: str) -> str | None:
    """Return whose token it is; None when its time is over, also before the service deletes it."""
    found = await db.get(SignIn, token=token, consistent=True)
    return None if found is None else found.user


async def sign_out(db: Database, token: str) -> None:
    """Forget a token."""
    await db.delete(SignIn.key(token=token))
