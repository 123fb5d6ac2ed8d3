"""``ddbmodel serve`` in a process of its own, which can be killed and started again."""

from __future__ import annotations

import asyncio
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import IO, Final

from cores import own_port

__all__ = ["ServerProcess"]

_START_LIMIT_S: Final = 30
_STOP_LIMIT_S: Final = 30


class ServerProcess:
    """A server on one port, and on one file or in memory, through all its lives."""

    def __init__(self, path: Path | None, log: Path) -> None:
        self.path, self.log = path, log
        self.port = own_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen[bytes] | None = None
        self.lives = 0

    async def start(self) -> None:
        """Start it and wait until it takes connections."""
        command = [sys.executable, "-m", "ddbmodel.cli", "serve", "--port", str(self.port)]
        if self.path is not None:
            command += ["--file", str(self.path)]
        with self.log.open("ab") as log:
            self.process = self._spawned(command, log)
        self.lives += 1
        deadline = time.monotonic() + _START_LIMIT_S
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", self.port)
            except OSError:
                assert self.process.poll() is None, f"the server ended: {self.log.read_text()[-2000:]}"
                assert time.monotonic() < deadline, "the server takes no connection"
                await asyncio.sleep(0.05)
            else:
                writer.close()
                return

    def _spawned(self, command: list[str], log: IO[bytes]) -> subprocess.Popen[bytes]:
        return subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)

    def kill(self) -> None:
        """End it as a power cut would."""
        assert self.process is not None
        assert self.process.poll() is None, f"the server ended by itself: {self.log.read_text()[-2000:]}"
        self.process.kill()
        assert self.process.wait() == -signal.SIGKILL

    def stop(self) -> None:
        """Ask it to end; it must do so with code 0."""
        assert self.process is not None
        self.process.terminate()
        code = self.process.wait(_STOP_LIMIT_S)
        assert code == 0, f"the server ended with {code}: {self.log.read_text()[-2000:]}"

    def end(self) -> None:
        """End it whatever it does."""
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def memory_mb(self) -> float:
        """Return what it holds in memory, as the system counts."""
        assert self.process is not None
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        found = re.search(r"VmRSS:\s+(\d+) kB", status)
        assert found is not None
        return int(found.group(1)) / 1024
