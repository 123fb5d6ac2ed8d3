"""From what a request calls a table to the table: by name or ARN, as it stands at this moment.

| the table | item operations | operations on tables |
|---|---|---|
| is being created | not found | found |
| is being deleted | found | found |
| its deletion is over | not found | not found |

An ARN must be one of this region and account.
"""

from __future__ import annotations

import re
from typing import Final

from ddbmodel.engine.arn import ACCOUNT_ID, parsed_arn
from ddbmodel.engine.catalog import Catalog, Index, Table
from ddbmodel.engine.context import RequestContext
from ddbmodel.engine.messages import tables as messages
from ddbmodel.engine.messages.message import refused

__all__ = ["check_readable", "data_table", "described_table", "name_in"]

_TABLE_RESOURCE: Final = re.compile(r"table/([a-zA-Z0-9_.-]{3,255})\Z")


def data_table(name_or_arn: str, catalog: Catalog, context: RequestContext) -> Table:
    """Return the table whose items a request reads or writes.

    Raises:
        Refusal: there is none, or it is still being created.
    """
    table = catalog.table(name_or_arn)
    if table is None and name_or_arn.startswith("arn:"):
        table = catalog.table(name_in(name_or_arn, context.region))
    if table is None or context.now_s < table.ready_at_s or table.is_gone(context.now_s):
        raise refused(messages.RESOURCE_NOT_FOUND)
    return table


def described_table(name_or_arn: str, catalog: Catalog, context: RequestContext) -> Table:
    """Return the table that a request is about, whatever is being done with it.

    Raises:
        Refusal: there is none.
    """
    name = name_in(name_or_arn, context.region)
    table = catalog.table(name)
    if table is None or table.is_gone(context.now_s):
        raise refused(messages.TABLE_NOT_FOUND, table=name)
    return table


def name_in(name_or_arn: str, region: str) -> str:
    """Return the name of a table: what is given, or the name in an ARN of this region and account.

    Raises:
        Refusal: the ARN is of something or somewhere else, or of no ARN's form.
    """
    if not name_or_arn.startswith("arn:"):
        return name_or_arn
    arn = parsed_arn(name_or_arn)
    if arn is None or "/" not in arn.resource:
        raise refused(messages.ARN_MALFORMED, arn=name_or_arn)
    if arn.partition != "aws":
        raise refused(messages.ARN_OF_ANOTHER_PARTITION, arn=name_or_arn)
    if not arn.resource.startswith("table/"):
        raise refused(messages.ARN_OF_ANOTHER_RESOURCE, arn=name_or_arn)
    resource = _TABLE_RESOURCE.match(arn.resource)
    if arn.service != "dynamodb" or resource is None:
        raise refused(messages.ARN_MALFORMED, arn=name_or_arn)
    if arn.region != region:
        raise refused(messages.ARN_OF_ANOTHER_REGION, arn=name_or_arn)
    if arn.account != ACCOUNT_ID:
        raise refused(messages.ARN_OF_ANOTHER_ACCOUNT)
    return resource[1]


def check_readable(index: Index, now_s: float) -> None:
    """Refuse to read an index that is not filled yet."""
    if not index.is_readable(now_s):
        raise refused(messages.INDEX_BEING_FILLED, index=index.name)
