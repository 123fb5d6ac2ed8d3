"""Clients that remember what was acknowledged to them, and compare.

| work | what is remembered | what must hold |
|---|---|---|
| put, delete, batches of own items | the last write, and those of unknown outcome since | the item is one of these |
| a counter | acknowledged and unknown increments | it lies between the two |
| conditional writes of a version | the last version | never two steps, never a step back |
| transfers between accounts, repeated with their token | acknowledged transfers | each took place once; the sum stays |
| queries of an index | the own items | exactly these, when no outcome is unknown |
"""

from __future__ import annotations

import asyncio
import json
import random
import uuid
from dataclasses import dataclass, field
from typing import Any, Final

import aiohttp

__all__ = ["ACCOUNTS", "INDEX", "OPENING", "TABLE", "Client", "Connection", "Refused", "Unknown", "table_definition"]

TABLE: Final = "soak"
INDEX: Final = "by-owner"
ACCOUNTS: Final = 20
OPENING: Final = 1000
_KEYS: Final = 30
_HEADERS: Final = {
    "Content-Type": "application/x-amz-json-1.0",
    "Authorization": "AWS4-HMAC-SHA256 Credential=soak/20260101/us-east-1/dynamodb/aws4_request, "
    "SignedHeaders=host, Signature=0",
    "X-Amz-Date": "20260101T000000Z",
}


class Unknown(Exception):
    """No answer came; the request may have been carried out."""


class Refused(Exception):
    """The request was answered with an error."""

    def __init__(self, code: str, body: dict[str, Any]) -> None:
        super().__init__(f"{code}: {body}")
        self.code, self.body = code, body


class Connection:
    """Sends requests over HTTP."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self.session, self.url = session, url
        self.answers = self.unknowns = 0

    async def ask(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        """Return the response.

        Raises:
            Refused, Unknown: as they say.
        """
        headers = {**_HEADERS, "X-Amz-Target": f"DynamoDB_20120810.{operation}"}
        try:
            async with self.session.post(self.url, data=json.dumps(request), headers=headers) as reply:
                body: dict[str, Any] = json.loads(await reply.read())
                status = reply.status
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            self.unknowns += 1
            raise Unknown(repr(error)) from error
        assert status < 500, f"{operation}: status {status}: {body}"
        self.answers += 1
        if status == 200:
            return body
        raise Refused(body["__type"].rpartition("#")[2], body)

    async def ask_until_answered(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        """Send a request that can be repeated until there is an answer."""
        while True:
            try:
                return await self.ask(operation, request)
            except Unknown:
                await asyncio.sleep(0.1)


def table_definition() -> dict[str, Any]:
    """Return the CreateTable of the table; its index finds the items of an owner by their version."""
    types = {"id": "S", "owner": "S", "version": "N"}
    return {
        "TableName": TABLE,
        "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": a, "AttributeType": t} for a, t in types.items()],
        "GlobalSecondaryIndexes": [
            {
                "IndexName": INDEX,
                "KeySchema": [
                    {"AttributeName": "owner", "KeyType": "HASH"},
                    {"AttributeName": "version", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
    }


@dataclass(slots=True)
class _Own:
    """What an item of one client can be: as last acknowledged, or as a write left it whose outcome is unknown."""

    versions: set[int | None] = field(default_factory=lambda: {None})

    def may_become(self, version: int | None) -> None:
        self.versions.add(version)

    def became(self, version: int | None) -> None:
        self.versions = {version}


class Client:
    """One client; nobody else writes its items, everybody moves money between the accounts."""

    def __init__(self, number: int, seed: int, connection: Connection) -> None:
        self.name = f"client-{number}"
        self.chance = random.Random(f"{seed}/{number}")
        self.connection = connection
        self.items = {f"{self.name}/{key}": _Own() for key in range(_KEYS)}
        self.version = 0
        self.counted = self.perhaps_counted = 0
        self.transfers = 0
        self.step = _Own({0})

    async def work(self, until: asyncio.Event) -> None:
        """Do one thing after the other."""
        kinds = {
            self._put: 5, self._batch: 2, self._delete: 1, self._count: 4, self._transfer: 4, self._step_up: 2,
            self._read: 3, self._query: 2,
        }  # fmt: skip
        while not until.is_set():
            (do,) = self.chance.choices(list(kinds), list(kinds.values()))
            try:
                await do()
            except Unknown:
                await asyncio.sleep(0.05 + self.chance.random() * 0.2)

    def problems(self, items: dict[str, dict[str, Any]]) -> list[str]:
        """Return where the stored items are not what was acknowledged."""
        found = []
        for key, own in self.items.items():
            stored = int(items[key]["version"]["N"]) if key in items else None
            if stored not in own.versions:
                found.append(f"{key} is {stored}, acknowledged {sorted(map(str, own.versions))}")
        counter = int(items[f"{self.name}/counter"]["n"]["N"]) if f"{self.name}/counter" in items else 0
        if not self.counted <= counter <= self.counted + self.perhaps_counted:
            found.append(f"{self.name} counted {self.counted} and perhaps {self.perhaps_counted}, stored is {counter}")
        step = int(items[f"{self.name}/step"]["version"]["N"]) if f"{self.name}/step" in items else 0
        if step not in self.step.versions:
            found.append(f"{self.name} stepped to {self.step.versions}, stored is {step}")
        return found

    async def _put(self) -> None:
        key = self.chance.choice(list(self.items))
        self.version += 1
        self.items[key].may_become(self.version)
        await self.connection.ask("PutItem", {"TableName": TABLE, "Item": self._item(key, self.version)})
        self.items[key].became(self.version)

    async def _batch(self) -> None:
        keys = self.chance.sample(list(self.items), self.chance.randrange(2, 8))
        self.version += 1
        version = self.version
        for key in keys:
            self.items[key].may_become(version)
        writes = [{"PutRequest": {"Item": self._item(key, version)}} for key in keys]
        response = await self.connection.ask("BatchWriteItem", {"RequestItems": {TABLE: writes}})
        assert response["UnprocessedItems"] == {}
        for key in keys:
            self.items[key].became(version)

    async def _delete(self) -> None:
        key = self.chance.choice(list(self.items))
        self.items[key].may_become(None)
        await self.connection.ask("DeleteItem", {"TableName": TABLE, "Key": {"id": {"S": key}}})
        self.items[key].became(None)

    async def _count(self) -> None:
        self.perhaps_counted += 1
        request = {
            "TableName": TABLE,
            "Key": {"id": {"S": f"{self.name}/counter"}},
            "UpdateExpression": "ADD n :one",
            "ExpressionAttributeValues": {":one": {"N": "1"}},
            "ReturnValues": "UPDATED_NEW",
        }
        response = await self.connection.ask("UpdateItem", request)
        self.perhaps_counted -= 1
        self.counted += 1
        n = int(response["Attributes"]["n"]["N"])
        assert self.counted <= n <= self.counted + self.perhaps_counted, f"{self.name} counted {self.counted}, got {n}"

    async def _step_up(self) -> None:
        """Write the next version on condition of the last; what became of an unknown one is read."""
        if len(self.step.versions) > 1:
            stored = await self._get(f"{self.name}/step")
            version = int(stored["version"]["N"]) if stored else 0
            assert version in self.step.versions, f"{self.name} stepped to {self.step.versions}, read {version}"
            self.step.became(version)
        (last,) = self.step.versions
        assert last is not None
        self.step.may_become(last + 1)
        request: dict[str, Any] = {
            "TableName": TABLE,
            "Item": {"id": {"S": f"{self.name}/step"}, "version": {"N": str(last + 1)}},
            "ConditionExpression": "version = :last" if last else "attribute_not_exists(id)",
        }
        if last:
            request["ExpressionAttributeValues"] = {":last": {"N": str(last)}}
        await self.connection.ask("PutItem", request)
        self.step.became(last + 1)

    async def _transfer(self) -> None:
        """Move money; the token lets the same transfer be sent until it is answered."""
        source, target = self.chance.sample(range(ACCOUNTS), 2)
        amount = self.chance.randrange(1, 10)

        def change(account: int, by: int) -> dict[str, Any]:
            return {
                "Update": {
                    "TableName": TABLE,
                    "Key": {"id": {"S": f"account-{account}"}},
                    "UpdateExpression": "ADD balance :by, transfers :one",
                    "ExpressionAttributeValues": {":by": {"N": str(by)}, ":one": {"N": "1"}},
                }
            }

        token = str(uuid.UUID(int=self.chance.getrandbits(128)))
        request = {"TransactItems": [change(source, -amount), change(target, amount)], "ClientRequestToken": token}
        while True:
            try:
                await self.connection.ask_until_answered("TransactWriteItems", request)
                break
            except Refused as refused:
                if refused.code not in ("TransactionCanceledException", "TransactionInProgressException"):
                    raise
                await asyncio.sleep(0.02)
        self.transfers += 1

    async def _read(self) -> None:
        key = self.chance.choice(list(self.items))
        stored = await self._get(key)
        version = int(stored["version"]["N"]) if stored else None
        assert version in self.items[key].versions, f"{key} is {version}, acknowledged {self.items[key].versions}"

    async def _query(self) -> None:
        request = {
            "TableName": TABLE,
            "IndexName": INDEX,
            "KeyConditionExpression": "#owner = :me",
            "ExpressionAttributeNames": {"#owner": "owner"},
            "ExpressionAttributeValues": {":me": {"S": self.name}},
        }
        response = await self.connection.ask("Query", request)
        found = {item["id"]["S"]: int(item["version"]["N"]) for item in response["Items"]}
        for key, own in self.items.items():
            assert found.get(key) in own.versions, (
                f"the index has {key} at {found.get(key)}, acknowledged {own.versions}"
            )

    async def _get(self, key: str) -> dict[str, Any] | None:
        request = {"TableName": TABLE, "Key": {"id": {"S": key}}, "ConsistentRead": True}
        item: dict[str, Any] | None = (await self.connection.ask("GetItem", request)).get("Item")
        return item

    def _item(self, key: str, version: int) -> dict[str, Any]:
        text = "x" * (version * 37 % 2000)
        return {"id": {"S": key}, "owner": {"S": self.name}, "version": {"N": str(version)}, "text": {"S": text}}
