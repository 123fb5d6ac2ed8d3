"""The narrow waist: one request of the service's JSON API in, its response out."""

from __future__ import annotations

import time
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, runtime_checkable

if TYPE_CHECKING:
    from ddbmodel.engine.behaviours import Behaviours

__all__ = ["ChangeNotifier", "Executor", "Misbehaving", "Request", "Response", "Timekeeper", "service_time_s"]

Request: TypeAlias = dict[str, Any]
"""The body of a request as the JSON API has it; binary is base64 text."""

Response: TypeAlias = dict[str, Any]


class Executor(Protocol):
    """Whatever answers requests: the embedded engine, or a service somewhere else."""

    def execute(self, operation: str, request: Request) -> Coroutine[Any, Any, Response]:
        """Return the response of an operation (``GetItem``, ``ListStreams``, …), when awaited.

        Raises:
            ServiceError: the service said no; the class says what kind of no.
            OutcomeUnknown: a write was sent and no answer came.
        """
        ...

    async def close(self) -> None:
        """Free connections and files; closing twice is fine."""
        ...


@runtime_checkable
class ChangeNotifier(Protocol):
    """An executor that can say when stream records were appended; without it streams are polled."""

    def subscribe(self, on_commit: Callable[[], None]) -> Callable[[], None]:
        """Call `on_commit` after every commit that appended stream records; returns what ends the subscription."""
        ...


@runtime_checkable
class Misbehaving(Protocol):
    """An executor that can be told to fail as a service far away does, for tests."""

    def behave(self, behaviours: Behaviours) -> None:
        """Misbehave like this from now on; ``Behaviours()`` ends it."""
        ...


@runtime_checkable
class Timekeeper(Protocol):
    """An executor whose service has a clock of its own, which tests may move."""

    def now_s(self) -> float:
        """Return the service's time, in seconds since 1970."""
        ...


def service_time_s(executor: Executor) -> float:
    """Return what time it is for the service behind an executor: the embedded engine's clock, else this machine's."""
    # Every read and write asks; looking for the method is far cheaper than testing for the protocol.
    now_s: Callable[[], float] = getattr(executor, "now_s", time.time)
    return now_s()
