"""When items expire, and the key space that lists them in that order: ``milliseconds since the epoch | item key``.

An item expires by an attribute that is a number of seconds since the epoch. One whose moment is more than five years
past is let alone, as is one without such an attribute, of another type, or beyond the times that a clock can show.

Source: AWS Developer Guide, "Using time to live (TTL) in DynamoDB".
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from ddbmodel.values.wire import Item

__all__ = ["expired_bounds", "expiry_key", "item_key_of"]

_MOMENT_BYTES: Final = 8
_LAST_MOMENT_MS: Final = 1 << 62
_FORGOTTEN_AFTER_S: Final = 5 * 365 * 86400.0


def expiry_key(attribute: str, item_key: bytes, item: Item) -> bytes | None:
    """Return the key under which an item is listed, or None when it never expires."""
    value = item.get(attribute)
    text = None if value is None else value.get("N")
    if not isinstance(text, str):
        return None
    moment = Decimal(text)
    # An exponent of a hundred would make an integer of a hundred digits first.
    if not 0 <= moment < _LAST_MOMENT_MS // 1000:
        return None
    return int(moment * 1000).to_bytes(_MOMENT_BYTES, "big") + item_key


def expired_bounds(now_s: float, delay_s: float) -> tuple[bytes, bytes]:
    """Return the keys between which items have expired: the first inclusive, the second exclusive.

    Args:
        delay_s: how long an expired item stays.
    """
    return _moment_bytes(now_s - _FORGOTTEN_AFTER_S), _moment_bytes(now_s - delay_s)


def item_key_of(key: bytes) -> bytes:
    """Return the key of the item that is listed under a key."""
    return key[_MOMENT_BYTES:]


def _moment_bytes(moment_s: float) -> bytes:
    return max(0, int(moment_s * 1000)).to_bytes(_MOMENT_BYTES, "big")
