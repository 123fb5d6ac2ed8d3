"""``ddbmodel serve``: the engine behind HTTP, until a signal ends it."""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path
from typing import Any

from ddbmodel.errors import DdbModelError

__all__ = ["add_serve"]


def add_serve(commands: Any) -> None:
    """Add the subcommand to those of a parser."""
    parser = commands.add_parser(
        "serve",
        help="serve a database to any DynamoDB client",
        description="Serve a database to any DynamoDB client, in memory or on a file.",
    )
    add = parser.add_argument
    add("--file", type=Path, metavar="FILE", help="keep the data in this file; without it they end with the server")
    add("--host", default="127.0.0.1", help="the address to listen on (%(default)s)")
    add("--port", type=_port, default=8000, help="the port to listen on, 0 for any free one (%(default)s)")
    add("--credentials", type=Path, metavar="FILE", help="accept only requests signed with an access key of this file")
    add("--tls", nargs=2, type=Path, metavar=("CERT", "KEY"), help="speak TLS with this certificate and its key")
    add("--insecure", action="store_true", help="listen beyond this machine without credentials or without TLS")
    add("--region", help="the region in the answers; with credentials, requests must be signed for it")
    add("--wording", choices=["2026", "classic"], default="2026", help="of error messages (%(default)s)")
    add("--allow-host", action="append", default=[], metavar="NAME", help="a name clients may call this server by")
    add("--allow-origin", action="append", default=[], metavar="ORIGIN", help="let web pages of this origin use it")
    add("--log-json", action="store_true", help="write a line of JSON for every request")
    parser.set_defaults(run=_run)


def _run(chosen: argparse.Namespace) -> int:
    from ddbmodel.server.credentials import CredentialsRefused
    from ddbmodel.server.running import serve
    from ddbmodel.server.settings import ServerSettings, UnsafeSettings

    settings = ServerSettings(
        file=chosen.file,
        host=chosen.host,
        port=chosen.port,
        credentials=chosen.credentials,
        tls=tuple(chosen.tls) if chosen.tls else None,
        insecure=chosen.insecure,
        region=chosen.region,
        wording=chosen.wording,
        allowed_hosts=tuple(chosen.allow_host),
        allowed_origins=tuple(chosen.allow_origin),
        log_json=chosen.log_json,
    )
    try:
        asyncio.run(serve(settings, on_listening=_say))
    except (UnsafeSettings, CredentialsRefused) as error:
        sys.stderr.write(f"ddbmodel serve: {error}\n")
        return 2
    except (DdbModelError, OSError) as error:
        sys.stderr.write(f"ddbmodel serve: {error}\n")
        return 1
    return 0


def _say(url: str) -> None:
    """Say where the server is, on standard output, for scripts that let it choose the port."""
    sys.stdout.write(f"{url}\n")
    sys.stdout.flush()


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port < 2**16:
        raise argparse.ArgumentTypeError(f"a port is 0 to 65535, got {port}")
    return port
