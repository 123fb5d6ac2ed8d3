"""UpdateTable: one change of a table at a time.

```
members that can go together ──▶ what index updates say by themselves ──▶ the table ──▶ what is under way
                             ──▶ billing, capacity ──▶ indexes ──▶ stream, class, encryption, protection
```
A change is worked out twice: for the answer, which shows it under way however short that is, and for the catalog, where
it is over after the engine's ``table_delay_s`` or ``index_delay_s``.

Source: seen on the service in us-west-2, October 2026.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from ddbmodel.engine.catalog import Catalog, Table, TableUpdate
from ddbmodel.engine.context import RequestContext
from ddbmodel.engine.messages import tables as messages
from ddbmodel.engine.messages.message import refused
from ddbmodel.engine.named_tables import described_table, name_in
from ddbmodel.engine.outcome import CatalogChange, Outcome, SaveStream, SaveTable
from ddbmodel.engine.storage.view import ReadView
from ddbmodel.engine.tables.capacity import changed_on_demand, changed_warm
from ddbmodel.engine.tables.capacity_update import updated_billing
from ddbmodel.engine.tables.describe import table_description
from ddbmodel.engine.tables.filling import first_mark
from ddbmodel.engine.tables.index_updates import (
    Moments,
    check_alone,
    check_named,
    online_changes,
    updated_indexes,
    without_gone_indexes,
)
from ddbmodel.engine.tables.settings import changed_class, changed_encryption
from ddbmodel.engine.tables.states import check_can_change, check_is_there, check_room
from ddbmodel.engine.tables.stream_setting import updated_stream
from ddbmodel.values.wire import copy_value

__all__ = ["update_table"]

_CHANGES: Final = (
    "ProvisionedThroughput", "BillingMode", "StreamSpecification", "GlobalSecondaryIndexUpdates", "SSESpecification",
    "TableClass", "DeletionProtectionEnabled", "OnDemandThroughput", "WarmThroughput",
)  # fmt: skip
_NOT_AVAILABLE: Final = (
    "ReplicaUpdates", "MultiRegionConsistency", "GlobalTableWitnessUpdates", "GlobalTableSettingsReplicationMode",
    "DisassociationProtectionEnabled", "VectorIndexUpdates",
)  # fmt: skip
# In the order in which the service names the one that should have been alone.
_ALONE: Final[tuple[tuple[str, str], ...]] = (
    ("SSESpecification", "Server-Side Encryption modification"),
    ("TableClass", "TableClass modification"),
    ("DeletionProtectionEnabled", "DeletionProtection modification"),
)
_TAKE_A_WHILE: Final[tuple[tuple[TableUpdate, tuple[str, ...]], ...]] = (
    ("class", ("TableClass",)),
    ("stream", ("StreamSpecification",)),
    ("capacity", ("BillingMode", "ProvisionedThroughput")),
)


def update_table(request: dict[str, Any], view: ReadView, catalog: Catalog, context: RequestContext) -> Outcome:
    """Answer UpdateTable."""
    now_s, options = context.now_s, context.options
    name_in(request["TableName"], context.region)
    changes = _changes(request)
    _check_together(changes)
    check_alone(changes.get("GlobalSecondaryIndexUpdates", ()), request.get("AttributeDefinitions"))
    before = described_table(request["TableName"], catalog, context)
    check_is_there(before, now_s)
    check_named(before, _updates(changes), now_s)
    check_can_change(before, _kinds(changes, before), now_s)
    saved, shown = (
        _updated(before, changes, request, view, catalog, context, moments)
        for moments in (
            Moments(now_s + options.table_delay_s, now_s + max(options.table_delay_s, options.index_delay_s)),
            Moments(math.inf, math.inf),
        )
    )
    if saved.status(now_s) != "ACTIVE" and before.status(now_s) == "ACTIVE":
        check_room(catalog, context)
    after: list[CatalogChange] = []
    if saved.stream is not None and saved.stream is not before.stream:
        after.append(SaveStream(saved.stream))
    after.append(SaveTable(without_gone_indexes(saved, now_s)))
    description = table_description(shown, view, context, spaces=before.spaces)
    return Outcome({"TableDescription": description}, catalog=tuple(after))


def _changes(request: Mapping[str, Any]) -> dict[str, Any]:
    # The service takes limits that name nothing for absent.
    changes = {
        member: request[member]
        for member in _CHANGES
        if member in request and not (member.endswith("Throughput") and not request[member])
    }
    is_nothing = not changes or (set(changes) == {"GlobalSecondaryIndexUpdates"} and not _updates(changes))
    for member in _NOT_AVAILABLE:
        if member in request:
            raise refused(messages.NOT_AVAILABLE, member=member)
    if is_nothing:
        raise refused(messages.NOTHING_TO_UPDATE)
    return changes


def _check_together(changes: Mapping[str, Any]) -> None:
    several = len(changes) > 1
    for member, what in _ALONE:
        if member in changes and several:
            raise refused(messages.MUST_BE_ALONE, what=what)
    if "OnDemandThroughput" in changes and not changes.keys() <= {"OnDemandThroughput", "BillingMode"}:
        raise refused(messages.ON_DEMAND_NOT_ALONE)
    moves_index = online_changes(_updates(changes)) > 0
    if "WarmThroughput" in changes and several:
        if any("Create" in update for update in _updates(changes)):
            raise refused(messages.INDEX_WITH_WARM_THROUGHPUT)
        raise refused(messages.MUST_BE_ALONE, what="WarmThroughput")
    if "StreamSpecification" in changes and _changes_units(changes):
        raise refused(messages.STREAM_WITH_CAPACITY)
    if moves_index and "ProvisionedThroughput" in changes:
        raise refused(messages.INDEX_WITH_CAPACITY)
    if moves_index and "StreamSpecification" in changes:
        raise refused(messages.INDEX_WITH_STREAM)
    if changes.get("GlobalSecondaryIndexUpdates") == []:
        raise refused(messages.EMPTY_LIST, member="GlobalSecondaryIndexUpdates")


def _kinds(changes: Mapping[str, Any], table: Table) -> set[str]:
    kinds: set[str] = set()
    billing = changes.get("BillingMode")
    # To ask for what is there already is let through.
    if "ProvisionedThroughput" in changes or (billing is not None and billing != table.settings["BillingMode"]):
        kinds.add("capacity")
    if online_changes(_updates(changes)):
        kinds.add("index")
    for member, kind in (
        ("StreamSpecification", "stream"),
        ("TableClass", "class"),
        ("OnDemandThroughput", "on demand"),
    ):
        if member in changes:
            kinds.add(kind)
    return kinds


def _updated(
    table: Table,
    changes: Mapping[str, Any],
    request: Mapping[str, Any],
    view: ReadView,
    catalog: Catalog,
    context: RequestContext,
    moments: Moments,
) -> Table:
    now_s, region, until_s = context.now_s, context.region, moments.table_until_s
    before = table
    table = replace(table, settings=copy_value(table.settings))
    settings = table.settings
    on_demand_before = settings["BillingMode"] == "PAY_PER_REQUEST"
    if "BillingMode" in changes or "ProvisionedThroughput" in changes:
        updated_billing(settings, changes, [i.name for i in table.indexes if i.kind == "global"], context, until_s)
    on_demand = settings["BillingMode"] == "PAY_PER_REQUEST"
    if "OnDemandThroughput" in changes:
        limits, asked = settings.get("OnDemandThroughput", {}), changes["OnDemandThroughput"]
        settings["OnDemandThroughput"] = changed_on_demand(
            limits, asked, on_demand=on_demand, region=region, index=None
        )
    if "WarmThroughput" in changes:
        warm, asked = settings["WarmThroughput"], changes["WarmThroughput"]
        settings["WarmThroughput"] = changed_warm(warm, asked, until_s, region, None)
    if "GlobalSecondaryIndexUpdates" in changes:
        definitions, space = request.get("AttributeDefinitions", ()), catalog.next_space()
        table = updated_indexes(
            table,
            _updates(changes),
            definitions,
            space,
            context,
            moments,
            has_units=on_demand_before and not on_demand,
            filled_to=first_mark(view, before) if online_changes(_updates(changes)) else None,
        )
    if "StreamSpecification" in changes:
        table = updated_stream(table, changes["StreamSpecification"], catalog.next_space() + 1, view, catalog, now_s)
    if "TableClass" in changes:
        settings["TableClass"] = changed_class(settings.get("TableClass"), changes["TableClass"], now_s, until_s)
    if "SSESpecification" in changes:
        encryption, asked = settings.get("Encryption"), changes["SSESpecification"]
        settings["Encryption"] = changed_encryption(encryption, asked, region, now_s, until_s)
    if "DeletionProtectionEnabled" in changes:
        settings["DeletionProtectionEnabled"] = changes["DeletionProtectionEnabled"]
    # What asks for what is there already is answered as if it took a while, and takes none.
    if settings == before.settings and table.stream is before.stream and not math.isinf(until_s):
        return table
    for update, members in _TAKE_A_WHILE:
        if any(member in changes for member in members):
            table = replace(table, update=update, updated_at_s=until_s)
    return table


def _changes_units(changes: Mapping[str, Any]) -> bool:
    return "ProvisionedThroughput" in changes or changes.get("BillingMode") == "PROVISIONED"


def _updates(changes: Mapping[str, Any]) -> list[dict[str, Any]]:
    updates: list[dict[str, Any]] = changes.get("GlobalSecondaryIndexUpdates", [])
    return updates
