"""Seeded chances: each kind of event has a sequence of its own, so that switching one on moves no other."""

from __future__ import annotations

from hashlib import blake2b
from random import Random
from typing import Final

__all__ = ["Dice", "unit_of"]

_UNITS: Final = 1 << 64


class Dice:
    """Draws chances one after another; the same seed and the same questions give the same answers."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._by_event: dict[str, Random] = {}

    def happens(self, event: str, rate: float) -> bool:
        """Return whether an event of this rate happens now; asking for a rate of 0 draws nothing."""
        return rate > 0 and self._of(event).random() < rate

    def choice(self, event: str, count: int) -> int:
        """Return one of the numbers from 0 up to `count`, exclusive."""
        return self._of(event).randrange(count)

    def _of(self, event: str) -> Random:
        random = self._by_event.get(event)
        if random is None:
            # Seeded by text, which is hashed the same way in every process.
            random = self._by_event[event] = Random(f"{self._seed}/{event}")  # noqa: S311  # chances of a test
        return random


def unit_of(seed: int, *parts: bytes) -> float:
    """Return a number in [0, 1) that belongs to these parts, whenever it is asked for."""
    digest = blake2b(digest_size=8, key=str(seed).encode()[:64])
    for part in parts:
        digest.update(len(part).to_bytes(4, "big") + part)
    return int.from_bytes(digest.digest(), "big") / _UNITS
