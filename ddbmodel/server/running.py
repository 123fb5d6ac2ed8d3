"""Starting and stopping: the listener, its limits, signals, and what is finished before the end."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import ssl
from collections.abc import Callable
from types import TracebackType
from typing import Any, Final

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from ddbmodel.engine.engine import DEFAULT_REGION, Engine
from ddbmodel.engine.options import EngineOptions
from ddbmodel.server.browsers import Browsers
from ddbmodel.server.credentials import read_credentials
from ddbmodel.server.handler import BODY_LIMIT_S, Handler
from ddbmodel.server.log import ServerLog
from ddbmodel.server.settings import ServerSettings, check_safe
from ddbmodel.server.signature import SignatureCheck

__all__ = ["Server", "serve"]

MAX_CONNECTIONS: Final = 1024
KEEP_ALIVE_S: Final = 60.0
"""How long a connection may be idle, and how long the head of a request may take to come."""
STOP_LIMIT_S: Final = 30.0

_WRITE_LIMIT_S: Final = 5.0

_BACKLOG: Final = 512
_MAX_LINE_BYTES: Final = 8190
_MAX_HEADER_BYTES: Final = 16384  # session tokens are long
_MAX_HEADERS: Final = 64
# How long what is left of a refused body is read and thrown away, so that the client sees the answer.
_LINGER_S: Final = 1.0


class Server:
    """An engine that listens while the block runs; `url` says where.

    Args:
        engine: answers; it stays open when the server stops.
        log: by default, people's lines on standard error.

    Raises:
        UnsafeSettings, CredentialsRefused: when it is made.
        OSError: when it starts, and the place is taken or a file of TLS cannot be read.
    """

    def __init__(
        self,
        engine: Engine,
        settings: ServerSettings,
        log: ServerLog | None = None,
        *,
        keep_alive_s: float = KEEP_ALIVE_S,
        body_limit_s: float = BODY_LIMIT_S,
        max_connections: int = MAX_CONNECTIONS,
    ) -> None:
        check_safe(settings)
        self._settings, self._keep_alive_s, self._max_connections = settings, keep_alive_s, max_connections
        self._log = log or ServerLog(as_json=settings.log_json)
        signatures = None
        if settings.credentials is not None:
            signatures = SignatureCheck(read_credentials(settings.credentials), settings.region)
        # A signed request names its host itself; a list that is given is a list all the same.
        any_host = signatures is not None and not settings.allowed_hosts
        browsers = Browsers(settings.allowed_hosts, settings.allowed_origins, any_host=any_host)
        self._handler = Handler(
            engine,
            settings.region or DEFAULT_REGION,
            browsers,
            self._log,
            signatures,
            body_limit_s=body_limit_s,
        )
        self.url = ""

    async def start(self) -> None:
        """Listen."""
        settings = self._settings
        tls = None if settings.tls is None else _tls_context(*settings.tls)
        self._http = _Listener(
            self._handler,
            self._max_connections,
            keepalive_timeout=self._keep_alive_s,
            lingering_time=_LINGER_S,
            access_log=None,
            logger=_logger_to(self._log),
            # A body that is encoded is refused; it must not be decoded before that.
            auto_decompress=False,
            max_line_size=_MAX_LINE_BYTES,
            max_field_size=_MAX_HEADER_BYTES,
            max_headers=_MAX_HEADERS,
        )
        self._sockets = await asyncio.get_running_loop().create_server(
            self._http,
            settings.host,
            settings.port,
            ssl=tls,
            backlog=_BACKLOG,
            ssl_handshake_timeout=None if tls is None else 10.0,
        )
        port = self._sockets.sockets[0].getsockname()[1]
        host = f"[{settings.host}]" if ":" in settings.host else settings.host
        self.url = f"{'http' if tls is None else 'https'}://{host}:{port}"

    async def stop(self, limit_s: float = STOP_LIMIT_S) -> None:
        """Take no more connections, answer what was read, and hang up; after `limit_s` also on what is under way."""
        self._sockets.close()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(limit_s):
                await self._handler.stop(self._http.transports())
        # What is left has its answer and writes it, or is cut off.
        await self._http.shutdown(_WRITE_LIMIT_S)
        await self._sockets.wait_closed()

    async def __aenter__(self) -> Server:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()


async def serve(settings: ServerSettings, on_listening: Callable[[str], None] = lambda _: None) -> None:
    """Serve until SIGTERM or SIGINT comes, then finish what began and close the database; a second one cuts it off.

    Raises:
        DdbModelError, OSError: it cannot start.
    """
    log = ServerLog(as_json=settings.log_json)
    check_safe(settings)
    engine = Engine.open(
        "memory:" if settings.file is None else f"file:{settings.file}",
        region=settings.region or DEFAULT_REGION,
        options=EngineOptions(wording=settings.wording),
    )
    try:
        server = Server(engine, settings, log)
        stop, hurry = asyncio.Event(), asyncio.Event()
        # Before anybody can know that we listen, so that an early signal does not end us half-way.
        _on_signals(lambda: (hurry if stop.is_set() else stop).set())
        await server.start()
        on_listening(server.url)
        log.event(
            "listening", url=server.url, database=str(settings.file or "memory"), signed=bool(settings.credentials)
        )
        await stop.wait()
        log.event("stopping")
        stopping, hurrying = asyncio.create_task(server.stop()), asyncio.create_task(hurry.wait())
        await asyncio.wait((stopping, hurrying), return_when=asyncio.FIRST_COMPLETED)
        hurrying.cancel()
        if not stopping.cancel():
            await stopping
    finally:
        await engine.close()
    log.event("stopped")


class _Listener(web.Server):
    """Hangs up at once where there are too many connections."""

    def __init__(self, handler: Handler, max_connections: int, **facts: Any) -> None:
        super().__init__(handler, **facts)
        self._max_connections = max_connections
        self._transport_of: dict[web.RequestHandler, asyncio.Transport] = {}

    def transports(self) -> list[asyncio.Transport]:
        """Return those of the open connections."""
        return list(self._transport_of.values())

    def connection_made(self, handler: web.RequestHandler, transport: asyncio.Transport) -> None:
        super().connection_made(handler, transport)
        self._transport_of[handler] = transport
        if len(self._transport_of) > self._max_connections:
            transport.abort()

    def connection_lost(self, handler: web.RequestHandler, exc: BaseException | None = None) -> None:
        super().connection_lost(handler, exc)
        self._transport_of.pop(handler, None)


class _FailuresOnly(logging.Handler):
    """Hands on what failed in the HTTP server itself; that clients send what is not HTTP is no failure."""

    def __init__(self, log: ServerLog) -> None:
        super().__init__(logging.ERROR)
        self._server_log = log

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        if error is not None and not isinstance(error, HttpProcessingError):
            self._server_log.failure(error)


def _logger_to(log: ServerLog) -> logging.Logger:
    logger = logging.Logger("ddbmodel.server")
    logger.addHandler(_FailuresOnly(log))
    return logger


def _tls_context(certificate: Any, key: Any) -> ssl.SSLContext:
    # Python's default is TLS 1.2 or newer.
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    return context


def _on_signals(stop: Callable[[], None]) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        try:
            loop.add_signal_handler(number, stop)
        except NotImplementedError:  # an event loop of Windows
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop))
