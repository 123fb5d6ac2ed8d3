"""The layers between a database and its executor, made when it connects and put around the executor when it opens.

```
database ─ joined gets, hot keys (by option) ─ metering: cost scopes, rate limits ─ table prefix (by option) ─ executor
```
"""

from __future__ import annotations

from ddbmodel.errors import InvalidRequest
from ddbmodel.transport.executor import Executor
from ddbmodel.transport.hot_keys import HotKeys, HotKeysLayer
from ddbmodel.transport.joined_gets import JoinedGets
from ddbmodel.transport.metering import CostScope, LimitScope, MeteringLayer
from ddbmodel.transport.rate_limit import RateLimit
from ddbmodel.transport.table_prefix import TablePrefix, check_table_prefix

__all__ = ["Layers"]


class Layers:
    """What a database was asked to do with every request.

    Args:
        rate_limit: holds all requests back.
        hot_keys: count partition keys.
        join_gets: send the reads of single items that come at one time as batches.
        table_prefix: stands before the name of every table.

    Raises:
        InvalidRequest: the limit is no `RateLimit`, or no name can have the prefix.
    """

    def __init__(
        self,
        *,
        rate_limit: RateLimit | None = None,
        hot_keys: bool = False,
        join_gets: bool = False,
        table_prefix: str | None = None,
    ) -> None:
        if table_prefix is not None:
            check_table_prefix(table_prefix)
        if rate_limit is not None and not isinstance(rate_limit, RateLimit):
            raise InvalidRequest(f"rate_limit takes a RateLimit(...), got a {type(rate_limit).__name__}")
        self._rate_limit = rate_limit
        self._hot_keys = HotKeys() if hot_keys else None
        self._join_gets, self._table_prefix = join_gets, table_prefix
        self._metering: MeteringLayer | None = None

    def around(self, executor: Executor) -> Executor:
        """Return an executor with the layers around it."""
        if self._table_prefix is not None:
            # Innermost, so that everything above knows tables by the names of their models.
            executor = TablePrefix(executor, self._table_prefix)
        self._metering = MeteringLayer(executor, self._rate_limit)
        layered = self._metering if self._hot_keys is None else HotKeysLayer(self._metering, self._hot_keys)
        return JoinedGets(layered) if self._join_gets else layered

    def cost_scope(self) -> CostScope:
        """Return a block whose requests are summed up."""
        return CostScope(self._opened())

    def limit_scope(self, limit: RateLimit) -> LimitScope:
        """Return a block whose requests are held back."""
        return LimitScope(self._opened(), limit)

    def hot_keys(self) -> HotKeys:
        """Return the counts; InvalidRequest when none were asked for."""
        if self._hot_keys is None:
            raise InvalidRequest(
                "keys are not counted, since they are your users' data and cost memory; connect with hot_keys=True"
            )
        return self._hot_keys

    def _opened(self) -> MeteringLayer:
        assert self._metering is not None, "the database opened its executor first"
        return self._metering
