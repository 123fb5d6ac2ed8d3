"""The layer that counts which partition keys are asked for, so that one can see the hot ones.

It counts keys of reads and writes of the table, and of queries of the table and its indexes; a scan and a PartiQL
statement name no key here. Keys are the user's data: they stay in memory, of bounded size, and appear in no message.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from ddbmodel.errors import DdbModelError, InvalidRequest
from ddbmodel.expressions.errors import InvalidExpression
from ddbmodel.expressions.key_condition import key_condition
from ddbmodel.expressions.parse import parse_condition
from ddbmodel.expressions.resolve import Resolver
from ddbmodel.transport.executor import Executor, Request, Response
from ddbmodel.transport.layer import ExecutorLayer
from ddbmodel.transport.space_saving import SpaceSaving
from ddbmodel.values.wire import Item

__all__ = ["HotKey", "HotKeys", "HotKeysLayer"]

_COUNTED_KEYS: Final = 1000

_Counted: TypeAlias = tuple[str, str | None, tuple[tuple[str, str, str], ...]]
"""Table, index, and name, type and value of each attribute of the partition key."""


@dataclass(frozen=True, slots=True)
class HotKey:
    """A partition key, and how often it was asked for.

    Attributes:
        index: the index that was queried by it; None for the table.
        key: its attributes on the wire, as in ``{"game": {"S": "tetris"}}``; not in the text of this object.
        count: how many reads and writes; a batch counts each of its keys.
        at_most_too_high: by how much `count` may be too high, since memory is bounded.
    """

    table: str
    index: str | None
    key: Item = field(repr=False)
    count: int
    at_most_too_high: int


class HotKeys:
    """The partition keys that were asked for most, counted since connecting or `reset`."""

    def __init__(self) -> None:
        self._counts = SpaceSaving[_Counted](_COUNTED_KEYS)

    @property
    def total(self) -> int:
        """How many reads and writes of items, and queries, were counted."""
        return self._counts.total

    def top(self, count: int = 10) -> list[HotKey]:
        """Return the most frequent keys, the hottest first.

        Args:
            count: at most so many.
        """
        if not isinstance(count, int) or isinstance(count, bool) or count < 1:
            raise InvalidRequest("top takes a whole number of keys, 1 or more")
        return [
            HotKey(table, index, {name: {type_: value} for name, type_, value in key}, times, excess)
            for (table, index, key), times, excess in self._counts.top(count)
        ]

    def reset(self) -> None:
        """Forget all counts and keys."""
        self._counts = SpaceSaving[_Counted](_COUNTED_KEYS)

    def add(self, table: str, index: str | None, key: Mapping[str, Mapping[str, str]]) -> None:
        """Count one use of a partition key."""
        parts = tuple((name, *next(iter(value.items()))) for name, value in sorted(key.items()))
        self._counts.add((table, index, parts))


@dataclass(frozen=True, slots=True)
class _Keys:
    """The attributes of the partition keys of a table and its indexes."""

    of_table: tuple[str, ...]
    of_index: Mapping[str, tuple[str, ...]]


class HotKeysLayer(ExecutorLayer):
    """Counts the partition keys of requests; it describes each table once, to know which attributes they are."""

    def __init__(self, inner: Executor, hot_keys: HotKeys) -> None:
        super().__init__(inner)
        self._hot_keys = hot_keys
        self._keys: dict[str, _Keys | None] = {}

    async def execute(self, operation: str, request: Request) -> Response:
        """Return what the inner executor answers; see `Executor.execute`."""
        response = await self.inner.execute(operation, request)
        # After the answer: only a request of the right shape is answered.
        for table, index, attributes in _named_keys(operation, request):
            keys = self._keys[table] if table in self._keys else await self._described(table)
            partition = None if keys is None else keys.of_table if index is None else keys.of_index.get(index)
            if partition and all(name in attributes for name in partition):
                self._hot_keys.add(table, index, {name: attributes[name] for name in partition})
        return response

    async def _described(self, table: str) -> _Keys | None:
        try:
            described = (await self.inner.execute("DescribeTable", {"TableName": table}))["Table"]
        except DdbModelError:
            # One who may use a table need not be allowed to describe it; its keys are not counted then.
            self._keys[table] = None
            return None
        indexes = [*described.get("GlobalSecondaryIndexes", ()), *described.get("LocalSecondaryIndexes", ())]
        of_index = {index["IndexName"]: _partition(index["KeySchema"]) for index in indexes}
        self._keys[table] = _Keys(_partition(described["KeySchema"]), of_index)
        return self._keys[table]


def _partition(schema: Iterable[Mapping[str, str]]) -> tuple[str, ...]:
    return tuple(part["AttributeName"] for part in schema if part["KeyType"] == "HASH")


def _named_keys(operation: str, request: Request) -> Iterator[tuple[str, str | None, Mapping[str, Any]]]:
    """Yield table, index and attributes, the partition key among them, of all keys that a request names."""
    match operation:
        case "GetItem" | "UpdateItem" | "DeleteItem":
            yield request["TableName"], None, request["Key"]
        case "PutItem":
            yield request["TableName"], None, request["Item"]
        case "Query":
            yield request["TableName"], request.get("IndexName"), _equal_attributes(request)
        case "BatchGetItem":
            for table, asked in request["RequestItems"].items():
                for key in asked["Keys"]:
                    yield table, None, key
        case "BatchWriteItem":
            for table, entries in request["RequestItems"].items():
                for entry in entries:
                    for action in entry.values():
                        yield table, None, action.get("Item") or action.get("Key")
        case "TransactGetItems" | "TransactWriteItems":
            for entry in request["TransactItems"]:
                for action in entry.values():
                    yield action["TableName"], None, action.get("Item") or action.get("Key")


def _equal_attributes(request: Request) -> Mapping[str, Any]:
    text = request.get("KeyConditionExpression")
    if text is None:
        # The form of before expressions, which this library does not send.
        return {}
    placeholders = Resolver(request.get("ExpressionAttributeNames"), request.get("ExpressionAttributeValues"))
    try:
        return key_condition(placeholders.condition(parse_condition(text))).equal
    except InvalidExpression:
        # Another service than the one whose grammar we know answered it.
        return {}
