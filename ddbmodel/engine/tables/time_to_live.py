"""UpdateTimeToLive and DescribeTimeToLive, and the items that a table's time to live has come for.

While time to live is enabled, a key space lists the items in the order in which they expire (`writes.py`), so finding
those that have is reading its beginning.

Source: AWS Developer Guide, "Using time to live (TTL) in DynamoDB", for the rules; texts and their order seen on the
service in us-west-2, October 2026.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from ddbmodel.engine.catalog import Catalog, TimeToLive
from ddbmodel.engine.context import RequestContext
from ddbmodel.engine.messages import table_features as messages
from ddbmodel.engine.messages import tables as table_messages
from ddbmodel.engine.messages.message import refused
from ddbmodel.engine.named_tables import described_table
from ddbmodel.engine.outcome import Outcome, SaveTable
from ddbmodel.engine.storage.view import ReadView
from ddbmodel.engine.tables.filling import first_mark

__all__ = ["CHANGE_EVERY_S", "describe_time_to_live", "update_time_to_live"]

CHANGE_EVERY_S: Final = 3600.0
"""The guide's hour; half of it was seen to be enough in 2026."""


def describe_time_to_live(
    request: dict[str, Any], view: ReadView, catalog: Catalog, context: RequestContext
) -> Outcome:
    """Answer DescribeTimeToLive."""
    table = described_table(request["TableName"], catalog, context)
    status = table.status(context.now_s)
    if status in ("CREATING", "DELETING"):
        raise refused(messages.TTL_NOT_DESCRIBED, status=status)
    return Outcome({"TimeToLiveDescription": _description(table.time_to_live, context.now_s)})


def update_time_to_live(request: dict[str, Any], view: ReadView, catalog: Catalog, context: RequestContext) -> Outcome:
    """Answer UpdateTimeToLive."""
    now_s = context.now_s
    table = described_table(request["TableName"], catalog, context)
    if now_s < table.ready_at_s:
        raise refused(table_messages.TABLE_NOT_FOUND, table=table.name)
    if table.gone_at_s is not None:
        raise refused(table_messages.TABLE_BEING_DELETED, table=table.name)
    specification = request["TimeToLiveSpecification"]
    attribute, enabled = specification["AttributeName"], specification["Enabled"]
    current = table.time_to_live
    if current is not None and current.enabled:
        if attribute != current.attribute:
            raise refused(messages.TTL_OF_ANOTHER_ATTRIBUTE, attribute=current.attribute)
        if enabled:
            raise refused(messages.TTL_ENABLED_ALREADY)
    elif not enabled:
        raise refused(messages.TTL_DISABLED_ALREADY)
    if current is not None and now_s < current.changed_at_s + CHANGE_EVERY_S:
        raise refused(messages.TTL_CHANGED_TOO_OFTEN)
    settled_at_s = now_s + context.options.table_delay_s
    space = catalog.next_space() if enabled or current is None else current.space
    mark = first_mark(view, table) if enabled else None
    setting = TimeToLive(attribute, enabled, space, now_s, settled_at_s, mark)
    changed = replace(table, time_to_live=setting)
    return Outcome(
        {"TimeToLiveSpecification": {"AttributeName": attribute, "Enabled": enabled}}, catalog=(SaveTable(changed),)
    )


def _description(current: TimeToLive | None, now_s: float) -> dict[str, Any]:
    if current is None or (not current.enabled and current.is_settled(now_s)):
        return {"TimeToLiveStatus": "DISABLED"}
    if not current.is_settled(now_s):
        status = "ENABLING" if current.enabled else "DISABLING"
    else:
        status = "ENABLED"
    return {"TimeToLiveStatus": status, "AttributeName": current.attribute}
