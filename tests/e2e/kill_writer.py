"""The program that `test_kill.py` kills: it writes to a database file and prints what was acknowledged.

Usage: kill_writer.py PATH RUN. A printed line is a JSON object: the item keys of one request, and the `n` that they
now carry. Items of one request belong together; an item's `n` only grows, and its `group`, the index key, follows
from it.
"""

from __future__ import annotations

import asyncio
import json
import sys
from itertools import count
from typing import Any

from ddbmodel.engine import Engine, EngineOptions

TABLE = "killed"
INDEX = "by-group"
GROUPS = 7
TASKS = 8
SHARD_RECORDS = 100


async def main(path: str, run: str) -> None:
    engine = Engine.open(f"file:{path}", options=EngineOptions(shard_records=SHARD_RECORDS))
    if TABLE not in (await engine.execute("ListTables", {}))["TableNames"]:
        await _create_table(engine)
    await asyncio.gather(*(_write(engine, run, task) for task in range(TASKS)))


async def _write(engine: Engine, run: str, task: int) -> None:
    kept = f"kept-{task}"
    found = await engine.execute("GetItem", {"TableName": TABLE, "Key": {"id": {"S": kept}}})
    version = int(found["Item"]["n"]["N"]) if "Item" in found else 0
    for n in count(1):
        new = f"new-{run}-{task}-{n}"
        await engine.execute("PutItem", {"TableName": TABLE, "Item": _item(new, n)})
        _acknowledged([new], n)

        version += 1
        await engine.execute("UpdateItem", _update(kept, version))
        _acknowledged([kept], version)

        pair = [f"pair-{run}-{task}-{n % 3}-{side}" for side in "ab"]
        puts = [{"Put": {"TableName": TABLE, "Item": _item(key, n)}} for key in pair]
        await engine.execute("TransactWriteItems", {"TransactItems": puts})
        _acknowledged(pair, n)


def _acknowledged(keys: list[str], n: int) -> None:
    # One write per line, so that a kill cannot mix two.
    sys.stdout.write(json.dumps({"keys": keys, "n": n}) + "\n")
    sys.stdout.flush()


def _item(key: str, n: int) -> dict[str, Any]:
    return {
        "id": {"S": key},
        "n": {"N": str(n)},
        "group": {"S": f"group-{n % GROUPS}"},
        "text": {"S": "x" * (n * 37 % 3000)},
    }


def _update(key: str, version: int) -> dict[str, Any]:
    return {
        "TableName": TABLE,
        "Key": {"id": {"S": key}},
        "UpdateExpression": "SET #group = :group, n = :n",
        "ExpressionAttributeNames": {"#group": "group"},
        "ExpressionAttributeValues": {":group": {"S": f"group-{version % GROUPS}"}, ":n": {"N": str(version)}},
    }


async def _create_table(engine: Engine) -> None:
    request = {
        "TableName": TABLE,
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "AttributeDefinitions": [
            {"AttributeName": "id", "AttributeType": "S"},
            {"AttributeName": "group", "AttributeType": "S"},
            {"AttributeName": "n", "AttributeType": "N"},
        ],
        "GlobalSecondaryIndexes": [
            {
                "IndexName": INDEX,
                "KeySchema": [
                    {"AttributeName": "group", "KeyType": "HASH"},
                    {"AttributeName": "n", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
        "BillingMode": "PAY_PER_REQUEST",
        "StreamSpecification": {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    }
    await engine.execute("CreateTable", request)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
