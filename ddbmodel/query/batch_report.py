"""What became of many writes: how many are done, and every one that is not, with the reason."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Generic, Literal, TypeAlias, TypeVar

from ddbmodel.errors import BatchFailed, DdbModelError, InvalidRequest
from ddbmodel.model import Model

__all__ = ["BatchReport", "OnError", "Progress", "Tally", "UpdateReport", "check_choices"]

M = TypeVar("M", bound=Model)
T = TypeVar("T")

OnError: TypeAlias = Literal["raise", "collect"]

Progress: TypeAlias = Callable[[int, int | None], object]
"""Is told how many are finished with, and of how many; None where nobody knows. An async one is awaited."""

_MOST_AT_ONCE: Final = 1000


@dataclass(slots=True)
class BatchReport:
    """What became of the things that were given to a call such as `Database.put_many`; their sum is all that were read.

    Attributes:
        done: how many are carried out.
        replaced: how many were not sent, because a later one of the same key was given before they were.
        failed: what is not carried out, as it was given, each with its error.
        skipped: what was read from the input and not sent, because an earlier failure ended the work.
    """

    done: int = 0
    replaced: int = 0
    failed: list[tuple[object, DdbModelError]] = field(default_factory=list, repr=False)
    skipped: list[object] = field(default_factory=list, repr=False)

    def __str__(self) -> str:
        lost = f"{len(self.failed):,} failed, {len(self.skipped):,} skipped"
        return f"{self.done:,} done, {self.replaced:,} replaced, {lost}"


@dataclass(slots=True)
class UpdateReport(BatchReport, Generic[M]):
    """What became of the updates of `Database.update_many`.

    Attributes:
        models: the model of each update after it, in the order given; None where it failed or was skipped.
    """

    models: list[M | None] = field(default_factory=list, repr=False)

    __str__ = BatchReport.__str__


class Tally:
    """Keeps a report, tells progress, and says when to stop.

    Args:
        call: its name, for messages.
        total: how many things there are; None where nobody knows.
    """

    def __init__(
        self, call: str, report: BatchReport, on_error: OnError, progress: Progress | None, total: int | None
    ) -> None:
        self.call, self.report, self.total = call, report, total
        self._on_error, self._progress = on_error, progress
        self._ended = False
        self._told = 0
        # Of `failed` and `skipped`: where in the input they stood.
        self._failed_at: list[int] = []
        self._skipped_at: list[int] = []

    @property
    def stopped(self) -> bool:
        """Whether nothing more is to be sent."""
        return self._ended or (self._on_error == "raise" and bool(self.report.failed))

    def end(self) -> None:
        """Let nothing more be sent, for a reason that the report does not tell."""
        self._ended = True

    def failed(self, position: int, target: object, error: DdbModelError) -> None:
        """Note what is not carried out, where it stood in the input, and why."""
        self._failed_at.append(position)
        self.report.failed.append((target, error))

    def skipped(self, position: int, target: object) -> None:
        """Note what is not sent although nothing is wrong with it, and where it stood in the input."""
        self._skipped_at.append(position)
        self.report.skipped.append(target)

    async def tell(self) -> None:
        """Call the progress function, if there is news."""
        finished = self.report.done + self.report.replaced + len(self.report.failed)
        if self._progress is not None and finished != self._told:
            self._told = finished
            told = self._progress(finished, self.total)
            if inspect.isawaitable(told):
                await told

    def finish(self) -> None:
        """Put the report into the order of the input; raise `BatchFailed` when failures are to be raised."""
        report = self.report
        first = report.failed[0][1] if report.failed else None
        report.failed[:] = _in_order(self._failed_at, report.failed)
        report.skipped[:] = _in_order(self._skipped_at, report.skipped)
        if first is not None and self._on_error == "raise":
            raise self._failure(first) from first

    def _failure(self, first: DdbModelError) -> BatchFailed:
        report = self.report
        of = "" if self.total is None else f" of {self.total:,}"
        return BatchFailed(
            f"{self.call}: {len(report.failed):,}{of} failed, {report.done:,} are done, {len(report.skipped):,} more "
            f"were read and not sent; the first failure: {first}",
            done=report.done,
            replaced=report.replaced,
            failed=report.failed,
            skipped=report.skipped,
        )


def check_choices(call: str, *, concurrency: int, on_error: str) -> None:
    """Raise `InvalidRequest` for choices that cannot be."""
    if not isinstance(concurrency, int) or isinstance(concurrency, bool) or not 1 <= concurrency <= _MOST_AT_ONCE:
        got = concurrency if isinstance(concurrency, int) else f"a {type(concurrency).__name__}"
        raise InvalidRequest(f"{call}: concurrency takes 1 to {_MOST_AT_ONCE:,} requests at once, got {got}")
    if on_error not in ("raise", "collect"):
        raise InvalidRequest(f"{call}: on_error takes 'raise' or 'collect'")


def _in_order(positions: list[int], things: list[T]) -> list[T]:
    return [thing for _, thing in sorted(zip(positions, things, strict=True), key=lambda placed: placed[0])]
