"""What UpdateTable makes of the billing mode and the provisioned units of a table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ddbmodel.engine.context import RequestContext
from ddbmodel.engine.messages import capacity_settings as messages
from ddbmodel.engine.messages.message import refused
from ddbmodel.engine.tables.capacity import changed_units, raised_warm, units_of

__all__ = ["updated_billing"]

_NO_UNITS = {"ReadCapacityUnits": 0, "WriteCapacityUnits": 0}


def updated_billing(
    settings: dict[str, Any],
    changes: Mapping[str, Any],
    index_names: Iterable[str],
    context: RequestContext,
    until_s: float,
) -> None:
    """Change the settings of a table in place; those of its indexes only as far as the billing mode moves them."""
    current, asked = settings["BillingMode"], changes.get("ProvisionedThroughput")
    billing = changes.get("BillingMode", current)
    if billing == "PAY_PER_REQUEST":
        if asked is not None:
            raise refused(messages.UNITS_WHEN_ON_DEMAND)
        if current != billing:
            _to_on_demand(settings, index_names, until_s)
        return
    if asked is None:
        raise refused(messages.NO_UNITS_FOR_SWITCH)
    if current == billing:
        settings["ProvisionedThroughput"] = changed_units(
            settings["ProvisionedThroughput"], asked, context.now_s, until_s, context.region, None
        )
    else:
        _to_provisioned(settings, changes, asked, index_names, context)
    settings["WarmThroughput"] = raised_warm(settings["WarmThroughput"], asked)


def _to_on_demand(settings: dict[str, Any], index_names: Iterable[str], until_s: float) -> None:
    settings["BillingMode"], settings["PayPerRequestSince"] = "PAY_PER_REQUEST", until_s
    # The history of decreases stays.
    settings["ProvisionedThroughput"] |= _NO_UNITS
    settings["WarmThroughput"] = raised_warm(settings["WarmThroughput"], None)
    for name in index_names:
        settings["IndexThroughput"][name] |= _NO_UNITS
        settings["IndexWarmThroughput"][name] = raised_warm(settings["IndexWarmThroughput"][name], None)


def _to_provisioned(
    settings: dict[str, Any],
    changes: Mapping[str, Any],
    asked: Mapping[str, Any],
    index_names: Iterable[str],
    context: RequestContext,
) -> None:
    updates = changes.get("GlobalSecondaryIndexUpdates", ())
    given = {update["Update"]["IndexName"]: update["Update"] for update in updates if "Update" in update}
    units_of_indexes: dict[str, Any] = {}
    for name in index_names:
        units = given.get(name, {}).get("ProvisionedThroughput")
        if units is None:
            raise refused(messages.NO_INDEX_UNITS_FOR_SWITCH, index=name)
        units_of_indexes[name] = settings.get("IndexThroughput", {}).get(name, {}) | units_of(
            units, context.region, name
        )
        warm = settings["IndexWarmThroughput"]
        warm[name] = raised_warm(warm[name], units)
    settings["ProvisionedThroughput"] = settings.get("ProvisionedThroughput", {}) | units_of(
        asked, context.region, None
    )
    if units_of_indexes:
        settings["IndexThroughput"] = units_of_indexes
    settings["BillingMode"] = "PROVISIONED"
    # Limits of what is on demand do not come back with a later switch.
    settings.pop("OnDemandThroughput", None)
    settings.pop("IndexOnDemandThroughput", None)
