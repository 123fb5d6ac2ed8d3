"""What a server is told, and what it refuses to be told."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ddbmodel.errors import DdbModelError
from ddbmodel.server.browsers import is_loopback

__all__ = ["ServerSettings", "UnsafeSettings", "check_safe"]


class UnsafeSettings(DdbModelError):
    """A server with these settings could be used by anybody on the network."""


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """Everything that `serve` can be told."""

    file: Path | None = None
    """The database file; None keeps everything in memory."""
    host: str = "127.0.0.1"
    port: int = 8000
    """0: any free one."""
    credentials: Path | None = None
    """A file of access keys; None: any signature is accepted."""
    tls: tuple[Path, Path] | None = None
    """Files of the certificate chain and its private key."""
    insecure: bool = False
    """Serve beyond this machine without credentials or without TLS."""
    region: str | None = None
    """In names and records; with credentials, also the one that requests must be signed for."""
    wording: Literal["2026", "classic"] = "2026"
    allowed_hosts: tuple[str, ...] = ()
    allowed_origins: tuple[str, ...] = ()
    log_json: bool = False


def check_safe(settings: ServerSettings) -> None:
    """Return if a server with these settings can only be used by those who should.

    Raises:
        UnsafeSettings: it listens beyond this machine without credentials or without TLS.
    """
    if settings.insecure or is_loopback(settings.host):
        return
    missing = [
        option
        for option, given in (("--credentials FILE", settings.credentials), ("--tls CERT KEY", settings.tls))
        if given is None
    ]
    if missing:
        raise UnsafeSettings(
            f"{settings.host} can be reached from other machines, and without {' and '.join(missing)} anybody there "
            "could read and change the data; add what is missing, listen on 127.0.0.1, or say --insecure"
        )
