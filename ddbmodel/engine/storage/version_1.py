"""From a file of version 1 to one of version 2, when it is opened.

Version 1 had streams of one shard each, whose number was that of the stream, in a column `stream`. Of a table's
settings it kept what the request had said (``Tags``, ``TableClass``, ``SSESpecification``), and the attribute of its
time to live (``TimeToLiveAttribute``) without a list of the items that expire; such a list is made and filled later.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Any, Final

import orjson

__all__ = ["migrate"]

_ON_DEMAND_WARM: Final = {"ReadUnitsPerSecond": 12_000, "WriteUnitsPerSecond": 4_000}


def migrate(connection: sqlite3.Connection, create_space: str, index_space: str) -> None:
    """Change everything in the open transaction.

    Args:
        create_space, index_space: the statements that make a key space, with ``{space}`` for its number.
    """
    connection.execute("ALTER TABLE stream_records RENAME COLUMN stream TO shard")
    rows = connection.execute("SELECT kind, name, body FROM catalog").fetchall()
    counters = {name: orjson.loads(body) for kind, name, body in rows if kind == "counter"}
    next_space = counters.get("space", {"next": 1})["next"]
    for kind, name, body in rows:
        if kind != "table":
            continue
        table = orjson.loads(body)
        attribute = table["settings"].pop("TimeToLiveAttribute", None)
        if attribute is not None:
            table["time_to_live"] = _time_to_live(attribute, next_space)
            connection.execute(create_space.format(space=next_space))
            connection.execute(index_space.format(space=next_space))
            next_space += 1
        table["settings"] = _settings(table)
        connection.execute(
            "UPDATE catalog SET body = ? WHERE kind = 'table' AND name = ?", (orjson.dumps(table).decode(), name)
        )
    counter = orjson.dumps({"next": next_space}).decode()
    connection.execute("UPDATE catalog SET body = ? WHERE kind = 'counter' AND name = 'space'", (counter,))


def _time_to_live(attribute: str, space: int) -> dict[str, Any]:
    return {
        "attribute": attribute,
        "enabled": True,
        "space": space,
        "changed_at_s": 0.0,
        "settled_at_s": 0.0,
        "filled_to": "",
    }


def _settings(table: Mapping[str, Any]) -> dict[str, Any]:
    settings: dict[str, Any] = dict(table["settings"])
    settings["Tags"] = {tag["Key"]: tag["Value"] for tag in settings.get("Tags", ())}
    class_ = settings.pop("TableClass", None)
    settings["TableClass"] = None if class_ in (None, "STANDARD") else {"TableClass": class_}
    encryption = settings.pop("SSESpecification", {})
    settings["Encryption"] = None
    if encryption.get("Enabled"):
        key = encryption.get("KMSMasterKeyId", "alias/aws/dynamodb")
        settings["Encryption"] = {"SSEType": "KMS", "KMSMasterKeyArn": key}
    settings["WarmThroughput"] = _warm(settings.get("ProvisionedThroughput"))
    settings["IndexWarmThroughput"] = {
        index["name"]: _warm(settings.get("IndexThroughput", {}).get(index["name"]))
        for index in table["indexes"]
        if index["kind"] == "global"
    }
    return settings


def _warm(units: Mapping[str, int] | None) -> dict[str, int]:
    if units is None:
        return dict(_ON_DEMAND_WARM)
    return {"ReadUnitsPerSecond": units["ReadCapacityUnits"], "WriteUnitsPerSecond": units["WriteCapacityUnits"]}
