"""Our own server, in a thread of this process, for the facts about HTTP."""

from __future__ import annotations

import asyncio
import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from ddbmodel.engine.behaviours import Behaviours
from ddbmodel.engine.engine import Engine
from ddbmodel.server.log import ServerLog
from ddbmodel.server.running import Server
from ddbmodel.server.settings import ServerSettings
from facts.backends import PAGE, USER, OverHttp

__all__ = ["our_server"]


@contextmanager
def our_server(folder: Path) -> Iterator[OverHttp]:
    """Give our server on a new engine in memory, and beside it one that knows its user; both end with the block.

    Args:
        folder: for the file of access keys.
    """
    keys = folder / "credentials"
    keys.touch(mode=0o600)
    keys.write_text(f"[facts]\naws_access_key_id = {USER[0]}\naws_secret_access_key = {USER[1]}\n")
    plain = ServerSettings(port=0, region="us-east-1")
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    async def start() -> tuple[Engine, list[Server]]:
        engine = Engine.open("memory:", region="us-east-1")
        servers = [
            Server(engine, settings, ServerLog(as_json=False, out=io.StringIO()))
            for settings in (plain, replace(plain, credentials=keys, allowed_origins=(PAGE,)))
        ]
        for server in servers:
            await server.start()
        return engine, servers

    async def stop(engine: Engine, servers: list[Server]) -> None:
        for server in servers:
            await server.stop(0.1)
        await engine.close()

    try:
        engine, servers = asyncio.run_coroutine_threadsafe(start(), loop).result(30)

        async def switch(behaviours: Behaviours) -> None:
            engine.behave(behaviours)

        backend = OverHttp(
            servers[0].url,
            secured_url=servers[1].url,
            switches=lambda behaviours: asyncio.run_coroutine_threadsafe(switch(behaviours), loop).result(30),
        )
        try:
            yield backend
        finally:
            backend.close()
            asyncio.run_coroutine_threadsafe(stop(engine, servers), loop).result(30)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(30)
        loop.close()
