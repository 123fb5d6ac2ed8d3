"""An engine in memory with the tables that the statements are about."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from ddbmodel.engine.engine import Engine
from ddbmodel.errors import ServiceError

Definition = tuple[tuple[str, str, str], ...]

HASH: Definition = (("pk", "S", "HASH"),)
COMPOSITE: Definition = (("pk", "S", "HASH"), ("sk", "S", "RANGE"))
ALL: dict[str, Any] = {"ProjectionType": "ALL"}
KEYS_ONLY: dict[str, Any] = {"ProjectionType": "KEYS_ONLY"}
INCLUDE: dict[str, Any] = {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["projattr"]}


class Session:
    """Sends statements, alone or together."""

    def __init__(self, engine: Engine, loop: asyncio.AbstractEventLoop) -> None:
        self.engine, self.loop = engine, loop

    def ask(self, operation: str, **request: Any) -> dict[str, Any]:
        return self.loop.run_until_complete(self.engine.execute(operation, request))

    def refused(self, operation: str, **request: Any) -> ServiceError:
        with pytest.raises(ServiceError) as caught:
            self.ask(operation, **request)
        return caught.value

    def run(self, statement: str, *parameters: dict[str, Any], **more: Any) -> dict[str, Any]:
        return self.ask("ExecuteStatement", **_body(statement, parameters), **more)

    def items(self, statement: str, *parameters: dict[str, Any], **more: Any) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.run(statement, *parameters, **more)["Items"]
        return found

    def error(self, statement: str, *parameters: dict[str, Any], **more: Any) -> ServiceError:
        return self.refused("ExecuteStatement", **_body(statement, parameters), **more)

    def message(self, statement: str, *parameters: dict[str, Any], **more: Any) -> str:
        error = self.error(statement, *parameters, **more)
        assert error.code == "ValidationException"
        return error.message

    def batch(self, *statements: Any, **more: Any) -> list[dict[str, Any]]:
        answer = self.ask("BatchExecuteStatement", Statements=_bodies(statements), **more)
        responses: list[dict[str, Any]] = answer["Responses"]
        return responses

    def together(self, *statements: Any, **more: Any) -> dict[str, Any]:
        return self.ask("ExecuteTransaction", TransactStatements=_bodies(statements), **more)

    def together_refused(self, *statements: Any, **more: Any) -> ServiceError:
        return self.refused("ExecuteTransaction", TransactStatements=_bodies(statements), **more)

    def create(
        self,
        name: str,
        keys: Definition,
        *,
        global_: dict[str, tuple[Definition, dict[str, Any]]] | None = None,
        local: dict[str, tuple[Definition, dict[str, Any]]] | None = None,
    ) -> None:
        types = {name: kind for name, kind, _ in keys}
        request: dict[str, Any] = {"TableName": name, "BillingMode": "PAY_PER_REQUEST", "KeySchema": _schema(keys)}
        for member, indexes in (("GlobalSecondaryIndexes", global_), ("LocalSecondaryIndexes", local)):
            if indexes:
                request[member] = [
                    {"IndexName": index, "KeySchema": _schema(of), "Projection": projection}
                    for index, (of, projection) in indexes.items()
                ]
                types.update({name: kind for of, _ in indexes.values() for name, kind, _ in of})
        request["AttributeDefinitions"] = [{"AttributeName": n, "AttributeType": t} for n, t in types.items()]
        self.ask("CreateTable", **request)

    def put(self, table: str, **attributes: Any) -> None:
        item = {name: {"S": value} if isinstance(value, str) else value for name, value in attributes.items()}
        self.ask("PutItem", TableName=table, Item=item)

    def get(self, table: str, **key: str) -> dict[str, Any] | None:
        item = {name: {"S": value} for name, value in key.items()}
        found: dict[str, Any] | None = self.ask("GetItem", TableName=table, Key=item).get("Item")
        return found


def _schema(keys: Definition) -> list[dict[str, str]]:
    return [{"AttributeName": name, "KeyType": kind} for name, _, kind in keys]


def _body(statement: str, parameters: tuple[dict[str, Any], ...]) -> dict[str, Any]:
    return {"Statement": statement, **({"Parameters": list(parameters)} if parameters else {})}


def _bodies(statements: tuple[Any, ...]) -> list[dict[str, Any]]:
    return [{"Statement": one} if isinstance(one, str) else one for one in statements]


@pytest.fixture
def session(loop: asyncio.AbstractEventLoop) -> Iterator[Session]:
    engine = Engine.open("memory:")
    session = Session(engine, loop)
    session.create("plain", HASH)
    session.create("numbers", (("pk", "N", "HASH"),))
    session.create("pairs", COMPOSITE)
    session.create(
        "indexed",
        COMPOSITE,
        global_={
            "by_g": ((("g", "S", "HASH"), ("sk", "S", "RANGE")), ALL),
            "by_g_some": ((("g", "S", "HASH"),), INCLUDE),
            "by_two": ((("g", "S", "HASH"), ("h", "S", "HASH"), ("l", "S", "RANGE")), ALL),
        },
        local={"by_l": ((("pk", "S", "HASH"), ("l", "S", "RANGE")), KEYS_ONLY)},
    )
    yield session
    loop.run_until_complete(engine.close())
