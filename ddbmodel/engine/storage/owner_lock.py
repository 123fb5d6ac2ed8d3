"""One owner per database file: an operating system lock on ``PATH.lock``, gone with the process that held it.

The lock is never a matter of the file's existence or content, so a killed owner leaves nothing that blocks the next
one. The content, the owner's process id and since when, only serves the message that a second opener gets.
"""

from __future__ import annotations

import contextlib
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

import orjson

from ddbmodel.errors import DatabaseFileLocked, NotSupportedHere, StorageFailed

if sys.platform != "win32":
    import fcntl

__all__ = ["OwnerLock"]


class OwnerLock:
    """The ownership of a database file, from construction to `release`."""

    def __init__(self, path: Path, now_s: float) -> None:
        """Take the lock of a database file.

        Raises:
            DatabaseFileLocked: another process, or another engine in this one, has it; the message says which.
            StorageFailed: the lock file cannot be written, as in a directory that does not exist.
            NotSupportedHere: the operating system has no such locks.
        """
        if sys.platform == "win32":
            raise NotSupportedHere("database files need a POSIX system; 'memory:' works here")
        self._lock_path = path.with_name(path.name + ".lock")
        try:
            self._descriptor = self._locked_descriptor(path)
        except OSError as error:
            raise StorageFailed(
                f"cannot open {path}: {error.strerror or error}; check that its directory exists and can be written"
            ) from error
        owner = {"pid": os.getpid(), "since": datetime.fromtimestamp(now_s, UTC).isoformat(timespec="seconds")}
        # Only the message of a second opener suffers when this cannot be written.
        with contextlib.suppress(OSError):
            os.ftruncate(self._descriptor, 0)
            os.pwrite(self._descriptor, orjson.dumps(owner), 0)

    def release(self) -> None:
        """Give the file free; releasing twice is fine."""
        if self._descriptor < 0:
            return
        # Removed while still held: whoever opened this very file before now sees that it has no name any more.
        self._lock_path.unlink(missing_ok=True)
        os.close(self._descriptor)
        self._descriptor = -1

    def _locked_descriptor(self, path: Path) -> int:
        while True:
            descriptor = os.open(self._lock_path, os.O_RDWR | os.O_CREAT, 0o644)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                owner = _owner_text(descriptor)
                os.close(descriptor)
                raise DatabaseFileLocked(
                    f"{path} is in use by {owner}; a database file has one owner at a time: close the other one "
                    "first, or share one Database object inside the process"
                ) from None
            except BaseException:
                os.close(descriptor)
                raise
            if _is_still_named(descriptor, self._lock_path):
                return descriptor
            # Its last owner removed it between our opening and our locking.
            os.close(descriptor)


def _owner_text(descriptor: int) -> str:
    try:
        owner = orjson.loads(os.pread(descriptor, 1024, 0))
        process = "another engine in this process" if owner["pid"] == os.getpid() else f"process {owner['pid']}"
        return f"{process} since {owner['since']}"
    except (ValueError, KeyError, TypeError):
        # Read between its locking and its writing.
        return "another process that has just opened it"


def _is_still_named(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), os.stat(path))
    except FileNotFoundError:
        return False
