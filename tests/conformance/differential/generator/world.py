"""What a program is about: a table with random keys and indexes, and the chance that everything is drawn with."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any, TypeAlias

__all__ = ["Index", "Request", "World"]

Request: TypeAlias = tuple[str, dict[str, Any]]
"""An operation and its request; a ``{"$": name}`` in it stands for what the backend last answered under that name."""

_TYPES = ("S", "S", "N", "N", "B")


@dataclass(frozen=True, slots=True)
class Index:
    """An index of the table."""

    name: str
    local: bool
    partition: str
    sort: str | None
    projection: dict[str, Any]

    def definition(self) -> dict[str, Any]:
        """Return it as CreateTable wants it."""
        return {"IndexName": self.name, "KeySchema": schema(self.partition, self.sort), "Projection": self.projection}


class World:
    """One table of random shape, and a source of chance."""

    def __init__(self, seed: int, table: str) -> None:
        self.random = random.Random(seed)
        self.table = table
        self.partition = "pk"
        self.sort = "sk" if self.chance(0.75) else None
        self.types: dict[str, str] = {"pk": self.pick(*_TYPES)}
        if self.sort:
            self.types["sk"] = self.pick(*_TYPES)
        self.indexes: list[Index] = []
        for number in range(self.pick(0, 1, 1, 2, 3)):
            self._add_global(number)
        if self.sort:
            for number in range(self.pick(0, 0, 1, 1, 2)):
                self._add_local(number)
        self.streams = self.chance(0.2)
        self.provisioned = self.chance(0.3)
        # Most faults sit in programs that have many of them, so that others get somewhere.
        self.fault = self.pick(0.0, 0.0, 0.005, 0.02, 0.06)

    def pick(self, *options: Any) -> Any:
        """Return one of the options."""
        return self.random.choice(options)

    def chance(self, probability: float) -> bool:
        """Return true so often."""
        return self.random.random() < probability

    def broken(self) -> bool:
        """Return whether to make a fault here."""
        return self.chance(self.fault)

    def index(self, name: str) -> Index | None:
        """Return the index of a name."""
        return next((index for index in self.indexes if index.name == name), None)

    def create_table(self) -> Request:
        """Return the request that creates the table."""
        request: dict[str, Any] = {
            "TableName": self.table,
            "KeySchema": schema(self.partition, self.sort),
            "AttributeDefinitions": [{"AttributeName": a, "AttributeType": t} for a, t in self.types.items()],
        }
        throughput = {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5}
        if self.provisioned:
            request["ProvisionedThroughput"] = throughput
        else:
            request["BillingMode"] = "PAY_PER_REQUEST"
        global_ = [index.definition() for index in self.indexes if not index.local]
        if self.provisioned:
            global_ = [{**index, "ProvisionedThroughput": throughput} for index in global_]
        if global_:
            request["GlobalSecondaryIndexes"] = global_
        local = [index.definition() for index in self.indexes if index.local]
        if local:
            request["LocalSecondaryIndexes"] = local
        if self.streams:
            view = self.pick("KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES")
            request["StreamSpecification"] = {"StreamEnabled": True, "StreamViewType": view}
        return "CreateTable", request

    def _add_global(self, number: int) -> None:
        partition = self.pick(f"g{number}", f"g{number}", self.sort or f"g{number}", "x")
        sort = self.pick(None, f"h{number}", f"h{number}", "pk", "y")
        if sort == partition:
            sort = None
        self.types.setdefault(partition, self.pick(*_TYPES))
        if sort:
            self.types.setdefault(sort, self.pick(*_TYPES))
        self.indexes.append(Index(f"global{number}", False, partition, sort, self._projection()))

    def _add_local(self, number: int) -> None:
        sort = self.pick(f"k{number}", f"k{number}", "g0", "x")
        self.types.setdefault(sort, self.pick(*_TYPES))
        self.indexes.append(Index(f"local{number}", True, "pk", sort, self._projection()))

    def _projection(self) -> dict[str, Any]:
        kind = self.pick("ALL", "KEYS_ONLY", "INCLUDE")
        if kind != "INCLUDE":
            return {"ProjectionType": kind}
        return {"ProjectionType": kind, "NonKeyAttributes": self.random.sample(("x", "l", "m", "z"), 2)}


def schema(partition: str, sort: str | None) -> list[dict[str, str]]:
    """Return a key schema."""
    keys = [{"AttributeName": partition, "KeyType": "HASH"}]
    return keys if sort is None else [*keys, {"AttributeName": sort, "KeyType": "RANGE"}]
