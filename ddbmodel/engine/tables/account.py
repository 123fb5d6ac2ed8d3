"""DescribeLimits and DescribeEndpoints: what is said of the account, not of a table."""

from __future__ import annotations

from typing import Any, Final

from ddbmodel.engine.catalog import Catalog
from ddbmodel.engine.context import RequestContext
from ddbmodel.engine.outcome import Outcome
from ddbmodel.engine.storage.view import ReadView
from ddbmodel.engine.tables.capacity import MAX_UNITS

__all__ = ["describe_endpoints", "describe_limits"]

_ACCOUNT_UNITS: Final = 80_000
_CACHE_MINUTES: Final = 1440


def describe_limits(request: dict[str, Any], view: ReadView, catalog: Catalog, context: RequestContext) -> Outcome:
    """Answer DescribeLimits: the quotas of a new account. Nothing here is held against those of the account."""
    return Outcome(
        {
            "AccountMaxReadCapacityUnits": _ACCOUNT_UNITS,
            "AccountMaxWriteCapacityUnits": _ACCOUNT_UNITS,
            "TableMaxReadCapacityUnits": MAX_UNITS,
            "TableMaxWriteCapacityUnits": MAX_UNITS,
        }
    )


def describe_endpoints(request: dict[str, Any], view: ReadView, catalog: Catalog, context: RequestContext) -> Outcome:
    """Answer DescribeEndpoints: the region's endpoint by name. The engine does not know what host it is served as."""
    address = f"dynamodb.{context.region}.amazonaws.com"
    return Outcome({"Endpoints": [{"Address": address, "CachePeriodInMinutes": _CACHE_MINUTES}]})
