"""Identifiers that sort by the time they were made: ``attr(default_factory=uuid7)``, ``default_factory=ulid``.

Both begin with the milliseconds since 1970. Identifiers of one process are in the order in which they were made, also
within one millisecond and when the clock goes back: the random part of the one before is counted up then.
"""

from __future__ import annotations

import secrets
import threading
import time
from typing import Final
from uuid import UUID

__all__ = ["ulid", "uuid7"]

_CROCKFORD: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_ULID_LETTERS: Final = 26


class _Source:
    """Gives pairs of milliseconds and a random number that only grow; for all threads."""

    def __init__(self, random_bits: int) -> None:
        self._bits = random_bits
        self._lock = threading.Lock()
        self._last_ms, self._last_random = -1, 0

    def next(self) -> tuple[int, int]:
        with self._lock:
            now_ms = time.time_ns() // 1_000_000
            if now_ms > self._last_ms:
                # The highest bit is left for counting, so that the millisecond does not run out of numbers.
                self._last_ms, self._last_random = now_ms, secrets.randbits(self._bits - 1)
            else:
                # A step of random size is as hard to guess as a number of its own.
                self._last_random += secrets.randbits(32) + 1
                if self._last_random >> self._bits:
                    self._last_ms, self._last_random = self._last_ms + 1, secrets.randbits(self._bits - 1)
            return self._last_ms, self._last_random


_uuids: Final = _Source(74)
_ulids: Final = _Source(80)


def uuid7() -> UUID:
    """Return a UUID of version 7: 48 bits of milliseconds, then 74 random ones. Source: RFC 9562, section 5.7."""
    milliseconds, random = _uuids.next()
    high, low = random >> 62, random & ((1 << 62) - 1)
    return UUID(int=milliseconds << 80 | 0x7 << 76 | high << 64 | 0b10 << 62 | low)


def ulid() -> str:
    """Return a ULID: 26 letters, of which the first ten are the milliseconds. Source: the ULID specification."""
    milliseconds, random = _ulids.next()
    number = milliseconds << 80 | random
    return "".join(_CROCKFORD[number >> 5 * place & 31] for place in range(_ULID_LETTERS - 1, -1, -1))
