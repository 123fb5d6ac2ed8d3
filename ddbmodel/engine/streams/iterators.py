"""Shard iterators: opaque to callers, and all that the engine needs to go on, so that it keeps nothing for them."""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Final, NamedTuple

import orjson

from ddbmodel.engine.stream_log import LARGEST_SEQUENCE
from ddbmodel.errors import ServiceError, service_error

__all__ = ["ITERATOR_LIFETIME_S", "Position", "parse_iterator", "render_iterator"]

ITERATOR_LIFETIME_S: Final = 900.0
_FORM: Final = re.compile(r"(arn:[^|]+)\|1\|([A-Za-z0-9_=-]+)\Z")


class Position(NamedTuple):
    """Where a reader of a stream stands."""

    stream_arn: str
    after_sequence: int
    issued_at_s: float
    from_horizon: bool
    """The reader asked for whatever is left, so records that are gone are no loss to it."""


def render_iterator(position: Position) -> str:
    """Return the text that stands for a position."""
    opaque = orjson.dumps([position.after_sequence, position.issued_at_s, position.from_horizon])
    return f"{position.stream_arn}|1|{urlsafe_b64encode(opaque).decode()}"


def parse_iterator(text: object) -> Position:
    """Return the position that a text stands for.

    Raises:
        ServiceError: ``ValidationException`` when it is not one of ours.
    """
    match = _FORM.match(text) if isinstance(text, str) else None
    if match is None:
        raise _refusal()
    try:
        after_sequence, issued_at_s, from_horizon = orjson.loads(urlsafe_b64decode(match[2]))
    except (ValueError, TypeError):
        raise _refusal() from None
    # An iterator may come from anywhere; what follows relies on these types.
    if type(after_sequence) is not int or type(issued_at_s) is not float or type(from_horizon) is not bool:
        raise _refusal()
    if not 0 <= after_sequence <= LARGEST_SEQUENCE:
        raise _refusal()
    return Position(match[1], after_sequence, issued_at_s, from_horizon)


def _refusal() -> ServiceError:
    return service_error("ValidationException", "Invalid ShardIterator")
