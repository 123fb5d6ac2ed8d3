"""What a database does about reads that cost more, or tell less, than they seem: nothing, warn, or refuse them."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final, Literal, TypeAlias, get_args

from ddbmodel.errors import InvalidRequest, LintError
from ddbmodel.query.explanations import LINTED, ReadWarning, WarningCode

if TYPE_CHECKING:
    from ddbmodel.query.read_plan import ReadPlan

__all__ = ["DdbModelWarning", "Lint", "check_allowed", "check_lint", "lint"]

Lint: TypeAlias = Literal["off", "warn", "error"]
"""Whether such reads pass in silence, with a Python warning, or not at all."""

_PACKAGE: Final = __name__.partition(".")[0]


class DdbModelWarning(UserWarning):
    """A read costs more, or tells less, than it seems; shown with ``Database.connect(..., lint="warn")``."""


def lint(mode: Lint, plan: ReadPlan, found: Sequence[ReadWarning]) -> None:
    """Warn of a read, or refuse it, when it has warnings that are neither its purpose nor allowed.

    Raises:
        LintError: the mode is ``error``; nothing was sent.
    """
    serious = [warning for warning in found if warning.code in LINTED - plan.allowed]
    if not serious or mode == "off":
        return
    told = "; ".join(serious)
    codes = ", ".join(repr(warning.code) for warning in serious)
    text = f"{plan.source.name}: {told} (where it is meant, say so with .allow({codes}))"
    if mode == "error":
        raise LintError(text, serious)
    warnings.warn(text, DdbModelWarning, stacklevel=_depth_of_caller())


def check_lint(mode: Lint) -> Lint:
    """Return the mode; `InvalidRequest` for one that there is not."""
    if mode not in get_args(Lint):
        raise InvalidRequest(f"lint is one of {', '.join(map(repr, get_args(Lint)))}; got {mode!r}")
    return mode


def check_allowed(codes: Iterable[WarningCode]) -> frozenset[WarningCode]:
    """Return the codes; `InvalidRequest` for one that no warning has."""
    unknown = [code for code in codes if code not in get_args(WarningCode)]
    if unknown:
        raise InvalidRequest(f"allow takes codes of warnings, {', '.join(get_args(WarningCode))}; got {unknown[0]!r}")
    return frozenset(codes)


def _depth_of_caller() -> int:
    """Return how far up the first frame outside this package is, so that each place in a program warns for itself."""
    frame, depth = sys._getframe(1), 1
    while frame.f_back is not None and frame.f_globals.get("__name__", "").partition(".")[0] == _PACKAGE:
        frame, depth = frame.f_back, depth + 1
    return depth
