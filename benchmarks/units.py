"""What a unit of work costs over the same requests sent by hand: ten items read, changed, and written in a transaction.

By hand means: wire items, expressions written out, versions checked and raised, one TransactWriteItems with a token.
Both run in one process, in turns, on the embedded engine in memory and against `ddbmodel serve`.
"""

from __future__ import annotations

import asyncio
import statistics
import time
import uuid
from typing import Any, Final

from peers import ddbmodel_server

from ddbmodel import Attr, Database, Model, attr, partition_key, version
from ddbmodel.unit_of_work.snapshots import changed_item, snapshot_of

_ITEMS: Final = 10
_ROUNDS: Final = 7
_PROMISED: Final = 2.0


class Account(Model, table="unit-accounts"):
    account_id: Attr[str] = partition_key()
    owner: Attr[str] = attr(default="somebody with a name")
    balance: Attr[int] = attr(default=0)
    history: Attr[list[str]] = attr(default_factory=lambda: ["opened", "checked"])
    settings: Attr[dict[str, str]] = attr(default_factory=lambda: {"language": "en", "currency": "EUR"})
    revision: Attr[int] = version()


async def with_unit(db: Database) -> None:
    async with db.unit_of_work() as unit:
        for number in range(_ITEMS):
            account = await unit.get_or_raise(Account, account_id=str(number))
            account.balance += 1


async def by_hand(db: Database) -> None:
    actions: list[dict[str, Any]] = []
    for number in range(_ITEMS):
        key = {"account_id": {"S": str(number)}}
        request = {"TableName": "unit-accounts", "Key": key, "ConsistentRead": True}
        item = (await db.executor.execute("GetItem", request))["Item"]
        values = {
            ":b": {"N": str(int(item["balance"]["N"]) + 1)},
            ":v": item["revision"],
            ":n": {"N": str(int(item["revision"]["N"]) + 1)},
        }
        update = {"TableName": "unit-accounts", "Key": key, "UpdateExpression": "SET balance = :b, revision = :n"}
        check = {"ConditionExpression": "revision = :v", "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
        actions.append({"Update": {**update, **check, "ExpressionAttributeValues": values}})
    await db.executor.execute("TransactWriteItems", {"TransactItems": actions, "ClientRequestToken": str(uuid.uuid4())})


async def seconds(call: Any, db: Database, count: int) -> float:
    started_s = time.perf_counter()
    for _ in range(count):
        await call(db)
    return (time.perf_counter() - started_s) / count


async def main() -> None:
    with ddbmodel_server() as url:
        for name, target, count in (("memory", "memory:", 100), ("server", url, 30)):
            async with Database.connect(target) as db:
                await db.create_tables(Account)
                await db.put_many([Account(account_id=str(number)) for number in range(_ITEMS)])
                hand, unit = [], []
                for _ in range(_ROUNDS):
                    hand.append(await seconds(by_hand, db, count))
                    unit.append(await seconds(with_unit, db, count))
                ratio = statistics.median(one / other for one, other in zip(unit, hand, strict=True))
                kept = "kept" if ratio <= _PROMISED else "NOT KEPT"
                print(
                    f"{name}: by hand {min(hand) * 1e6:,.0f} µs, unit of work {min(unit) * 1e6:,.0f} µs; "
                    f"{ratio:.2f}x, promised {_PROMISED:g}x: {kept}"
                )
    account = Account(account_id="a")
    snapshot = snapshot_of(account)
    encode_s = min(_timed(account.to_item) for _ in range(_ROUNDS))
    detect_s = min(_timed(lambda: changed_item(snapshot, account)) for _ in range(_ROUNDS))
    print(f"finding out that an object did not change: {detect_s / encode_s:.2f} times encoding it")


def _timed(call: Any) -> float:
    started_s = time.perf_counter()
    for _ in range(2000):
        call()
    return (time.perf_counter() - started_s) / 2000


if __name__ == "__main__":
    asyncio.run(main())
