"""A token bucket that lends: whoever comes while it owes nothing takes what it needs, and those after wait it off.

Pure: the time is passed in. A bucket that only gave what it holds could never admit a request that needs more than it
can ever hold; a page of a megabyte needs 128 units, and a limit of 50 units a second would wait for it forever.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

__all__ = ["TokenBucket"]

# Less than a millionth of a millionth of a unit is what is left over when floats are added, not a debt.
_NOTHING: Final = 1e-9


@dataclass(slots=True)
class TokenBucket:
    """Units that flow in at a rate and are saved up to a capacity; the balance may be negative.

    In any time the units taken are at most the capacity, what flowed in, and one taking that went into debt.

    Attributes:
        rate: units a second.
        capacity: the most units that an idle time saves up.
        balance: units there are at `as_of_s`; negative when it owes.
        as_of_s: of any clock that does not go back.
    """

    rate: float
    capacity: float
    balance: float
    as_of_s: float

    def wait_s(self, now_s: float) -> float:
        """Return how long it still owes units, 0.0 when the next may take."""
        self._flow(now_s)
        return 0.0 if self.balance >= -_NOTHING else -self.balance / self.rate

    def take(self, units: float, now_s: float) -> None:
        """Take units, whether they are there or not; negative ones are given back."""
        self._flow(now_s)
        self.balance = min(self.capacity, self.balance - units)

    def _flow(self, now_s: float) -> None:
        elapsed_s = max(0.0, now_s - self.as_of_s)
        self.balance = min(self.capacity, self.balance + elapsed_s * self.rate)
        self.as_of_s = max(self.as_of_s, now_s)
