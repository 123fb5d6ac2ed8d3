"""The calls of a `Database` that read models: by key, and by query or scan."""

from __future__ import annotations

from typing import Any, Protocol, TypeVar

from ddbmodel.errors import NotFound
from ddbmodel.expressions.tree import Condition
from ddbmodel.model import Collection, Index, Key, Model
from ddbmodel.query.hooks import load
from ddbmodel.query.item_requests import get_request
from ddbmodel.query.reads import Query, ReadContext, Scan, query, scan
from ddbmodel.query.visibility import Shown, is_visible
from ddbmodel.transport.executor import Executor, service_time_s

__all__ = ["ReadCalls"]

M = TypeVar("M", bound=Model)


class _Connected(Protocol):
    @property
    def executor(self) -> Executor: ...
    @property
    def read_context(self) -> ReadContext: ...


class ReadCalls:
    """Items that are expired or softly deleted are hidden, unless they are asked for."""

    async def get(
        self: _Connected,
        model: type[M],
        /,
        *,
        consistent: bool = False,
        include_expired: bool = False,
        include_deleted: bool = False,
        **key: Any,
    ) -> M | None:
        """Return the model of a key, None when there is no item.

        Args:
            consistent: read strongly consistent, for twice the cost.
            include_expired: also an item whose `ttl()` has passed.
            include_deleted: also an item that was deleted softly.

        Raises:
            InvalidRequest: the names are not those of the key.
            ItemNotDecodable: the stored item does not fit the model.
        """
        return await _get(self.executor, model.key(**key), consistent, Shown(include_expired, include_deleted))

    async def get_or_raise(
        self: _Connected,
        model: type[M],
        /,
        *,
        consistent: bool = False,
        include_expired: bool = False,
        include_deleted: bool = False,
        **key: Any,
    ) -> M:
        """Return the model of a key; `NotFound` when there is no item. Otherwise as `get`."""
        shown = Shown(include_expired, include_deleted)
        found = await _get(self.executor, model.key(**key), consistent, shown)
        if found is None:
            raise NotFound(f"{model.__name__}: no item has this key")
        return found

    def query(self: _Connected, source: type[M] | Index[M] | Collection[M], /, *conditions: Condition) -> Query[M]:
        """Return a query of a table, an index or a `collection` by key conditions; nothing is sent before it is read.

        Raises:
            InvalidRequest: a condition is no key condition, or the partition key is not given.
        """
        return query(self.read_context, source, conditions)

    def scan(self: _Connected, source: type[M] | Index[M], /) -> Scan[M]:
        """Return a scan, which reads all of a table or index."""
        return scan(self.read_context, source)


async def _get(executor: Executor, key: Key[M], consistent: bool, shown: Shown) -> M | None:
    answer = await executor.execute("GetItem", get_request(key, consistent=consistent))
    model, item = key.model, answer.get("Item")
    if item is None or not is_visible(model, item, shown, service_time_s(executor)):
        return None
    return await load(model, item)
