"""The table that the probes use, seen and changed past any mapper, and how a module of probes is run.

Runs in the environment of the peers, where the project itself is installed as well.
"""

from __future__ import annotations

import asyncio
import inspect
import json
import os
import sys
import traceback
from collections.abc import Callable, Mapping
from typing import Any

import boto3

__all__ = ["NoSuchFeature", "raw_item", "raw_put", "report", "url"]

TABLE = "probes"


class NoSuchFeature(Exception):
    """The mapper does not claim to do what the probe is about."""


def url() -> str:
    """Return where the database answers."""
    return os.environ["PEER_URL"]


def _client() -> Any:
    return boto3.client("dynamodb", endpoint_url=url())


def raw_item(pk: str, sk: str = "1") -> dict[str, Any] | None:
    """Return a stored item in the wire's form."""
    found = _client().get_item(TableName=TABLE, Key={"pk": {"S": pk}, "sk": {"S": sk}}, ConsistentRead=True)
    item: dict[str, Any] | None = found.get("Item")
    return item


def raw_put(**item: dict[str, Any]) -> None:
    """Store an item in the wire's form."""
    _client().put_item(TableName=TABLE, Item=item)


def _fresh() -> None:
    client = _client()
    if TABLE in client.list_tables()["TableNames"]:
        client.delete_table(TableName=TABLE)
    client.create_table(
        TableName=TABLE,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
    )


def report(probes: Mapping[str, Callable[[], Any]]) -> None:
    """Run probes, each on an empty table, and print what became of them as JSON."""
    results: dict[str, str] = {}
    for name, probe in probes.items():
        _fresh()
        try:
            outcome = probe()
            if inspect.isawaitable(outcome):
                outcome = asyncio.run(_within(outcome))
            results[name] = "right" if outcome else "wrong"
        except NoSuchFeature:
            results[name] = "none"
        except Exception as error:
            if os.environ.get("PEER_TRACE"):
                traceback.print_exc(file=sys.stderr)
            results[name] = f"raises {type(error).__name__}"
    print(json.dumps(results), flush=True)
    # Some native extensions do not survive the end of the interpreter; the results are out.
    sys.stdout.flush()
    os._exit(0)


async def _within(outcome: Any) -> Any:
    async with asyncio.timeout(20):
        return await outcome
