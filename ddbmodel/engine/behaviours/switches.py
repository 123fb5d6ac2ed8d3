"""What a test can switch on: the ways in which a service far away is worse than an engine in the process."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import Final, Literal

from ddbmodel.errors import InvalidRequest

__all__ = ["DEFAULT_ATTEMPTS", "Behaviours"]

DEFAULT_ATTEMPTS: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviours:
    """How an engine misbehaves, for tests; as it is made without arguments, not at all.

    Times are the engine's clock's, and chances are drawn from `seed`: the same requests at the same times misbehave in
    the same way. A *rate* is a chance between 0, never, and 1, always. Operations on tables are left alone.

    Raises:
        InvalidRequest: a value is not of its kind or out of its range.
    """

    seed: int = 0
    """Another seed draws other chances."""

    # Eventual consistency

    read_lag_s: float = 0.0
    """How far behind an eventually consistent read of a table or a local index is: what was written in these last
    seconds is not seen yet. Strongly consistent and transactional reads, conditions and updates see everything."""
    index_lag_s: float | None = None
    """As `read_lag_s`, for global indexes, which are always read eventually consistent; None is the same lag."""
    lag_varies: bool = False
    """Whether each item has a lag of its own, drawn between 0 and the lag given, so that what was written first may be
    seen last."""

    # Throttling

    throttling: Literal["off", "faithful"] = "off"
    """``"faithful"`` holds tables and global indexes to their provisioned capacity, with bursts of up to 300 seconds of
    unused capacity, or to their maximum on demand, and each partition key to 3,000 read and 1,000 write units a
    second."""
    throttled_read_rate: float = 0.0
    """Of reads that are throttled, whatever the capacity; of each key in a batch, each action of a transaction."""
    throttled_write_rate: float = 0.0
    """As `throttled_read_rate`, of writes."""
    unprocessed_rate: float = 0.0
    """Of keys and writes of a batch that come back as ``UnprocessedKeys`` and ``UnprocessedItems``. A batch of which
    nothing is left to process is refused as throttled, as on the service."""

    # Transactions

    conflict_rate: float = 0.0
    """Of transactions that are cancelled, and of single writes that are refused, as if another transaction were at
    work on one of their items."""
    in_progress_rate: float = 0.0
    """Of transactions with a request token that are refused as if an earlier attempt were still under way."""

    # The network

    lost_request_rate: float = 0.0
    """Of requests that never arrive: nothing is done and no answer comes."""
    lost_response_rate: float = 0.0
    """Of requests whose answer gets lost, after all was done and made durable. The caller cannot tell it from a lost
    request."""
    attempts: int = DEFAULT_ATTEMPTS
    """How often a `Database` in this process sends a request that may be sent again, before its caller gets the error.
    1 shows every failure to the caller."""

    def __post_init__(self) -> None:
        """Check every value."""
        for name in (field.name for field in fields(self)):
            value = getattr(self, name)
            if name.endswith("_rate"):
                _check_number(name, value, 1.0, "a chance between 0 and 1")
            elif name.endswith("_lag_s") and not (name == "index_lag_s" and value is None):
                _check_number(name, value, math.inf, "a number of seconds, 0 or more")
        if self.throttling not in ("off", "faithful"):
            raise _refused("throttling", "'off' or 'faithful'", self.throttling)
        if not isinstance(self.lag_varies, bool):
            raise _refused("lag_varies", "True or False", self.lag_varies)
        if not _is_int(self.seed):
            raise _refused("seed", "a whole number", self.seed)
        if not _is_int(self.attempts) or self.attempts < 1:
            raise _refused("attempts", "a whole number of 1 or more", self.attempts)

    @property
    def is_off(self) -> bool:
        """Whether nothing ever misbehaves."""
        rates = (getattr(self, field.name) for field in fields(self) if field.name.endswith("_rate"))
        return self.throttling == "off" and not self.longest_lag_s and not any(rates)

    @property
    def longest_lag_s(self) -> float:
        """The longest time for which a change may be unseen."""
        return max(self.read_lag_s, self.read_lag_s if self.index_lag_s is None else self.index_lag_s)

    @property
    def throttles(self) -> bool:
        """Whether anything is ever throttled."""
        return self.throttling == "faithful" or self.throttled_read_rate > 0 or self.throttled_write_rate > 0


def _check_number(name: str, value: object, most: float, told: str) -> None:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= most or value == math.inf:
        raise _refused(name, told, value)


def _is_int(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _refused(name: str, told: str, value: object) -> InvalidRequest:
    return InvalidRequest(f"Behaviours({name}=…) takes {told}, got {value!r}")
