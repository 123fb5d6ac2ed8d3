"""Coins: a transfer happens once however often it is ordered, and never leaves a player with less than nothing."""

from __future__ import annotations

from ddbmodel import Database, UnitOfWork
from examples.game.model import Player, Transfer

__all__ = ["NotEnoughCoins", "transfer"]


class NotEnoughCoins(Exception):
    """The giver has fewer coins than are to be given."""


async def transfer(db: Database, transfer_id: str, giver: str, taker: str, coins: int) -> Transfer:
    """Move coins from one player to another, once for each id; return what was moved.

    The order, and both players, are written in one transaction. A repeated order finds the first one and changes
    nothing; a conflict with somebody else's transfer is made again on fresh reads.

    Raises:
        NotEnoughCoins: nothing was moved.
    """

    async def move(unit: UnitOfWork) -> Transfer:
        done = await unit.get(Transfer, transfer_id=transfer_id)
        if done is not None:
            return done
        source = await unit.get_or_raise(Player, player_id=giver)
        target = await unit.get_or_raise(Player, player_id=taker)
        if source.coins < coins:
            raise NotEnoughCoins
        source.coins -= coins
        target.coins += coins
        order = Transfer(transfer_id=transfer_id, giver=giver, taker=taker, coins=coins)
        unit.add(order)
        return order

    return await db.run(move, retries=20)
