"""Shard iterators: opaque to callers, and all that the engine needs to go on, so that it keeps nothing for them.

``STREAM ARN|1|BASE64``: the service's form. The last part holds the position and a digest of it, so that one that was
cut or changed on its way is refused; it is no secret, and whoever makes one up gets what they could have asked for.
"""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import blake2b
from typing import Final, NamedTuple

import orjson

from ddbmodel.engine.messages.message import refused
from ddbmodel.engine.messages.streams import INVALID_ITERATOR
from ddbmodel.engine.stream_log import LARGEST_SEQUENCE

__all__ = ["ITERATOR_LIFETIME_S", "Position", "parse_iterator", "render_iterator"]

ITERATOR_LIFETIME_S: Final = 900.0
_FORM: Final = re.compile(r"(arn:[^|]+)\|1\|([A-Za-z0-9_=-]+)\Z")
_DIGEST_BYTES: Final = 8


class Position(NamedTuple):
    """Where a reader of a shard stands."""

    stream_arn: str
    shard: int
    after_sequence: int
    issued_at_s: float


def render_iterator(position: Position) -> str:
    """Return the text that stands for a position."""
    facts = orjson.dumps([position.shard, position.after_sequence, position.issued_at_s])
    opaque = urlsafe_b64encode(_digest(position.stream_arn, facts) + facts)
    return f"{position.stream_arn}|1|{opaque.decode()}"


def parse_iterator(text: str) -> Position:
    """Return the position that a text stands for.

    Raises:
        Refusal: it is not one of ours.
    """
    match = _FORM.match(text)
    if match is None:
        raise refused(INVALID_ITERATOR)
    try:
        shard, after_sequence, issued_at_s = orjson.loads(urlsafe_b64decode(match[2])[_DIGEST_BYTES:])
    except (ValueError, TypeError):
        raise refused(INVALID_ITERATOR) from None
    # An iterator may come from anywhere; what follows relies on these types.
    if type(shard) is not int or type(after_sequence) is not int or type(issued_at_s) is not float:
        raise refused(INVALID_ITERATOR)
    position = Position(match[1], shard, after_sequence, issued_at_s)
    # Base64 and JSON have several texts for the same; only the one that was given out is taken.
    if not 0 <= after_sequence <= LARGEST_SEQUENCE or render_iterator(position) != text:
        raise refused(INVALID_ITERATOR)
    return position


def _digest(stream_arn: str, facts: bytes) -> bytes:
    return blake2b(facts, digest_size=_DIGEST_BYTES, key=blake2b(stream_arn.encode(), digest_size=16).digest()).digest()
