"""What a server says about itself, on standard error: lines for people, or JSON for machines.

Item values, keys, expressions and secrets are never written. A failure inside is told by its type and by the places
of the code it went through, since the messages of exceptions may hold values.
"""

from __future__ import annotations

import sys
import time
import traceback
from pathlib import Path
from typing import Any, Final, TextIO

import orjson

__all__ = ["ServerLog"]

_ROOT: Final = Path(__file__).parent.parent.parent
_UNPRINTABLE: Final = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160))}


class ServerLog:
    """Writes events; `requests` says whether every request is one."""

    def __init__(self, *, as_json: bool, out: TextIO | None = None) -> None:
        self.requests = as_json
        self._as_json, self._out = as_json, out

    def event(self, name: str, **facts: Any) -> None:
        """Write one event with its facts."""
        if self._as_json:
            line = orjson.dumps({"time": time.time(), "event": name, **facts}).decode()
        else:
            told = " ".join(f"{fact}={value}" for fact, value in facts.items())
            line = f"ddbmodel: {name} {told}".rstrip().translate(_UNPRINTABLE)
        # One write a line, so that lines of several processes do not mix.
        out = self._out or sys.stderr
        out.write(line + "\n")
        out.flush()

    def failure(self, error: BaseException, **facts: Any) -> None:
        """Write that something failed inside: of what type, and where."""
        self.event("failed inside", error=_names(error), where=_places(error), **facts)


def _names(error: BaseException) -> str:
    """Return the type of an error and of what it came from; those of SQLite by their own names, such as SQLITE_FULL."""
    names = []
    cause: BaseException | None = error
    while cause is not None:
        names.append(getattr(cause, "sqlite_errorname", type(cause).__name__))
        cause = cause.__cause__
    return " from ".join(names)


def _places(error: BaseException) -> list[str]:
    frames = traceback.extract_tb(error.__traceback__)
    return [f"{_short(frame.filename)}:{frame.lineno} {frame.name}" for frame in frames]


def _short(filename: str) -> str:
    path = Path(filename)
    return str(path.relative_to(_ROOT)) if path.is_relative_to(_ROOT) else path.name
