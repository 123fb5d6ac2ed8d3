"""UpdateTimeToLive and DescribeTimeToLive: the setting is kept and described."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ddbmodel.engine.catalog import Catalog
from ddbmodel.engine.context import RequestContext
from ddbmodel.engine.outcome import Outcome, SaveTable
from ddbmodel.engine.storage.view import ReadView
from ddbmodel.engine.tables.definitions import existing_table, invalid

__all__ = ["describe_time_to_live", "update_time_to_live"]


def describe_time_to_live(
    request: dict[str, Any], view: ReadView, catalog: Catalog, context: RequestContext
) -> Outcome:
    """Answer DescribeTimeToLive."""
    attribute = existing_table(request, catalog).settings.get("TimeToLiveAttribute")
    if attribute is None:
        return Outcome({"TimeToLiveDescription": {"TimeToLiveStatus": "DISABLED"}})
    return Outcome({"TimeToLiveDescription": {"TimeToLiveStatus": "ENABLED", "AttributeName": attribute}})


def update_time_to_live(request: dict[str, Any], view: ReadView, catalog: Catalog, context: RequestContext) -> Outcome:
    """Answer UpdateTimeToLive."""
    table = existing_table(request, catalog)
    specification = request.get("TimeToLiveSpecification") or {}
    attribute, enabled = specification.get("AttributeName"), specification.get("Enabled")
    if not isinstance(attribute, str) or not 1 <= len(attribute) <= 255 or not isinstance(enabled, bool):
        raise invalid(
            "1 validation error detected: Value null at 'timeToLiveSpecification' failed to satisfy constraint: "
            "Member must not be null"
        )
    current = table.settings.get("TimeToLiveAttribute")
    if enabled and current is not None:
        raise invalid("TimeToLive is already enabled")
    if not enabled and current is None:
        raise invalid("TimeToLive is already disabled")
    if not enabled and current != attribute:
        raise invalid(f"TimeToLive is active on a different AttributeName: current AttributeName is {current}")
    settings = {name: value for name, value in table.settings.items() if name != "TimeToLiveAttribute"}
    if enabled:
        settings["TimeToLiveAttribute"] = attribute
    return Outcome(
        {"TimeToLiveSpecification": {"AttributeName": attribute, "Enabled": enabled}},
        catalog=(SaveTable(replace(table, settings=settings)),),
    )
