"""Reads the command line and runs the subcommand; what a subcommand needs is imported when it runs."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from ddbmodel.cli.serve import add_serve
from ddbmodel.cli.tables import add_tables

__all__ = ["command_line", "main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code: 0 done, 1 it failed, 2 it was told something it cannot do."""
    chosen = command_line().parse_args(arguments)
    code: int = chosen.run(chosen)
    return code


def command_line() -> argparse.ArgumentParser:
    """Return what reads the command line; `run` of what it returns is the subcommand."""
    parser = argparse.ArgumentParser(prog="ddbmodel", description="The embedded DynamoDB, from the command line.")
    parser.add_argument("--version", action=_Version, help="print the version and end")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    add_serve(commands)
    add_tables(commands)
    return parser


class _Version(argparse.Action):
    """Looks the version up only when it is asked for."""

    def __init__(self, option_strings: Sequence[str], dest: str, help: str | None = None) -> None:  # noqa: A002
        super().__init__(option_strings, dest, nargs=0, help=help)

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from importlib.metadata import version

        sys.stdout.write(f"ddbmodel {version('ddbmodel')}\n")
        parser.exit()
