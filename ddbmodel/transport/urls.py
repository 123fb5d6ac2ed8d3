"""Database URLs: which executor a URL means."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ddbmodel.errors import InvalidUrl, NotSupportedHere
from ddbmodel.transport.executor import Executor

if TYPE_CHECKING:
    from ddbmodel.engine.behaviours import Behaviours
    from ddbmodel.engine.options import EngineOptions

__all__ = ["check_url", "open_executor"]

_FORMS = (
    "'memory:' (embedded, nothing on disk), 'file:PATH' (embedded, one file), 'http://HOST:PORT' or 'https://HOST' "
    "(a server that speaks the protocol), 'aws://REGION' (AWS)"
)


def check_url(url: str, *, embedded: bool = False) -> None:
    """Raise `InvalidUrl` unless the URL has one of the known forms; nothing is opened.

    Args:
        embedded: raise `NotSupportedHere` when it has no engine in this process, which could be told how to behave.
    """
    scheme, colon, rest = url.partition(":")
    if not colon or scheme not in ("memory", "file", "http", "https", "aws"):
        # The rest may hold a secret, such as a password, and is not repeated.
        raise InvalidUrl(f"a database URL is one of {_FORMS}; got {f'scheme {scheme!r}' if colon else 'no scheme'}")
    if scheme == "memory" and rest:
        raise InvalidUrl(f"'memory:' stands alone, got {len(rest)} more characters; each connection has its own memory")
    if scheme == "file" and not rest.strip("/"):
        raise InvalidUrl("'file:' needs a path, as in 'file:game.db'")
    if scheme in ("http", "https") and not _has_host(url):
        raise InvalidUrl(f"{scheme}:// needs a host and at most a port number, as in '{scheme}://localhost:8000'")
    if scheme == "aws" and (not rest.startswith("//") or "/" in rest[2:].rstrip("/")):
        raise InvalidUrl("AWS is named by its region alone, as in 'aws://eu-west-1'; 'aws://' takes the configured one")
    if embedded and scheme not in ("memory", "file"):
        raise NotSupportedHere(
            f"only an embedded engine takes options and can be told how to misbehave, got {scheme!r}; "
            "use 'memory:' or 'file:PATH'"
        )


def _has_host(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return bool(parts.hostname) and parts.port != 0
    except ValueError:
        # A broken IPv6 address, or a port that is no number up to 65535.
        return False


def open_executor(
    url: str,
    *,
    session: Any = None,
    engine_options: EngineOptions | None = None,
    behaviours: Behaviours | None = None,
) -> Executor:
    """Return a new executor for a URL.

    Args:
        session: an ``aioboto3.Session`` for ``http``, ``https`` and ``aws`` URLs.
        engine_options: how the engine of a ``memory:`` or ``file:`` URL answers.
        behaviours: how the engine of a ``memory:`` or ``file:`` URL misbehaves.

    Raises:
        InvalidUrl, NotSupportedHere: as `check_url`.
        StorageError: the file of a ``file:`` URL cannot be used.
    """
    check_url(url, embedded=engine_options is not None or behaviours is not None)
    scheme, _, rest = url.partition(":")
    # Imported here, so that a program pays only for the backend that it uses.
    if scheme in ("memory", "file"):
        from ddbmodel.transport.embedded import EmbeddedExecutor

        return EmbeddedExecutor.open(url, options=engine_options, behaviours=behaviours)
    from ddbmodel.transport.aioboto3 import Aioboto3Executor

    if scheme == "aws":
        return Aioboto3Executor(region=rest.strip("/") or None, session=session)
    return Aioboto3Executor(endpoint_url=url, session=session)
