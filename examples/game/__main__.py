"""``python -m examples.game``: a tournament of 40 players on the embedded engine."""

from __future__ import annotations

import asyncio
import random
from datetime import UTC, datetime, timedelta

from rich.console import Console
from rich.table import Table

from ddbmodel import Database
from examples.game.bank import NotEnoughCoins, transfer
from examples.game.history import end_session, recent_sessions
from examples.game.leaderboard import top_players
from examples.game.model import BestScore, Player, Session, Transfer

PLAYERS = 40
ROUNDS = 10
TRANSFERS = 200
STAKE = 100
console = Console()


async def main() -> None:
    """Play, pay, and show who leads."""
    dice = random.Random(7)  # a game
    async with Database.connect("memory:") as db:
        await db.create_tables(Player, Session, BestScore, Transfer)
        players = [
            Player(player_id=f"p{number:02d}", nick=f"player {number}", coins=STAKE) for number in range(PLAYERS)
        ]
        await asyncio.gather(*(db.create(player) for player in players))
        await asyncio.gather(*(play(db, player.player_id, dice) for player in players))
        refused = await pay(db, dice)
        await show(db, refused)


async def play(db: Database, player_id: str, dice: random.Random) -> None:
    """Play some rounds."""
    started_at = datetime.now(UTC) - timedelta(days=1)
    for number in range(ROUNDS):
        await end_session(db, player_id, started_at + timedelta(minutes=number), "tetris", dice.randrange(10_000))


async def pay(db: Database, dice: random.Random) -> int:
    """Order transfers, each of them twice and at the same time; return how many were refused."""

    async def order(number: int, giver: int, taker: int, coins: int) -> None:
        await transfer(db, f"t{number}", f"p{giver:02d}", f"p{taker:02d}", coins)

    refused = 0
    for number in range(TRANSFERS):
        giver, taker = dice.sample(range(PLAYERS), 2)
        coins = dice.randrange(1, 60)
        both = (order(number, giver, taker, coins), order(number, giver, taker, coins))
        outcomes = await asyncio.gather(*both, return_exceptions=True)
        refused += isinstance(outcomes[0], NotEnoughCoins)
    return refused


async def show(db: Database, refused: int) -> None:
    """Print the board, the books and somebody's history."""
    board = Table(title="Tetris, the best of all shards")
    for heading in ("player", "points", "coins"):
        board.add_column(heading, justify="left" if heading == "player" else "right")
    leaders = await top_players(db, "tetris", 5)
    for score in leaders:
        player = await db.get_or_raise(Player, player_id=score.player_id)
        board.add_row(player.nick, f"{score.points:,}", str(player.coins))
    console.print(board)
    coins = sum([player.coins async for player in db.scan(Player)])
    console.print(
        f"{coins:,} coins, as many as were given out: {coins == PLAYERS * STAKE}; {refused} transfers refused"
    )
    page = await recent_sessions(db, leaders[0].player_id, 3)
    console.print("The leader's last rounds:", ", ".join(f"{session.points:,}" for session in page.items))


if __name__ == "__main__":
    asyncio.run(main())
