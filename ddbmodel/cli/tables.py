"""``ddbmodel tables``: creates, checks and updates the tables of models."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ddbmodel.errors import DdbModelError, TableMismatch

if TYPE_CHECKING:
    from ddbmodel.database import Database
    from ddbmodel.model import Model

__all__ = ["add_tables"]

_DESCRIPTIONS = {
    "create": "Create the tables of models where they do not exist.",
    "check": "Tell every difference between models and tables; exit code 1 when there is one that matters.",
    "update": "Change tables until they are what the models want; no item is ever deleted.",
}


def add_tables(commands: Any) -> None:
    """Add the subcommand to those of a parser."""
    parser = commands.add_parser("tables", help="create, check and update the tables of models")
    actions = parser.add_subparsers(metavar="ACTION", required=True, dest="action")
    for action, description in _DESCRIPTIONS.items():
        chosen = actions.add_parser(action, help=description, description=description)
        add = chosen.add_argument
        add("models", nargs="+", metavar="MODULE[:NAME]", help="a module with models, or one model of it")
        add(
            "--url", default="aws://", help="the database, as in 'aws://eu-west-1' (%(default)s: the configured region)"
        )
        add("--prefix", metavar="PREFIX", help="stands before the name of every table")
        if action != "check":
            add("--dry-run", action="store_true", help="say what would be done, and do nothing")
        if action == "update":
            add("--remove-indexes", action="store_true", help="remove indexes that no model declares")
            add("--stop-streams", action="store_true", help="stop streams that no model asks for")
            add("--stop-ttl", action="store_true", help="stop time to live that no model declares")
        chosen.set_defaults(run=_run)


def _run(chosen: argparse.Namespace) -> int:
    from ddbmodel.cli.loading import CannotLoad, models_named
    from ddbmodel.database import Database

    command = f"ddbmodel tables {chosen.action}"
    try:
        models = models_named(chosen.models)
        database = Database.connect(chosen.url, table_prefix=chosen.prefix)
    except (CannotLoad, DdbModelError) as error:
        sys.stderr.write(f"{command}: {error}\n")
        return 2
    try:
        return asyncio.run(_act(chosen, database, models))
    except TableMismatch as mismatch:
        for table, differences in mismatch.tables.items():
            for difference in differences:
                sys.stderr.write(f"{table}: {difference}\n")
        return 1
    except DdbModelError as error:
        sys.stderr.write(f"{command}: {error}\n")
        return 1


async def _act(chosen: argparse.Namespace, database: Database, models: Sequence[type[Model]]) -> int:
    async with database as db:
        if chosen.action == "check":
            return await _check(db, models)
        if chosen.action == "create":
            return await _create(db, models, dry_run=chosen.dry_run)
        steps = await db.update_tables(
            *models,
            remove_indexes=chosen.remove_indexes,
            stop_streams=chosen.stop_streams,
            stop_ttl=chosen.stop_ttl,
            dry_run=chosen.dry_run,
            progress=lambda step: _say(str(step)),
        )
        if chosen.dry_run:
            for step in steps:
                _say(f"would: {step}")
        if not steps:
            _say("nothing to do")
        return 0


async def _check(db: Database, models: Sequence[type[Model]]) -> int:
    differences = await db.table_differences(*models)
    for difference in differences:
        _say(f"{difference.table}: {'' if difference.is_mismatch else 'note: '}{difference.words}")
    is_wrong = any(difference.is_mismatch for difference in differences)
    if not is_wrong:
        _say("the tables are what the models say")
    return int(is_wrong)


async def _create(db: Database, models: Sequence[type[Model]], *, dry_run: bool) -> int:
    missing = [each.table for each in await db.table_differences(*models) if each.about == "table"]
    if not dry_run:
        await db.create_tables(*models)
    for table in missing:
        _say(f"{'would: ' if dry_run else ''}{table}: create the table")
    if not missing:
        _say("nothing to do")
    return 0


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
