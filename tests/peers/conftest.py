"""A database in memory, and the folder on the path."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ddbmodel import Database

sys.path.insert(0, str(Path(__file__).parent))

from peer_models import Article, Customer, Invoice, Member, Reading


@pytest.fixture
async def db() -> AsyncIterator[Database]:
    async with Database.connect("memory:", cursor_secret="of the tests") as opened:
        await opened.create_tables(Article, Customer, Invoice, Member, Reading)
        yield opened
