"""CreateTable and DeleteTable.

Both answer with the table on its way, CREATING or DELETING, however short the way is: by default it is over with the
answer, else it takes the engine's ``table_delay_s``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final
from uuid import NAMESPACE_OID, uuid5

from ddbmodel.engine.catalog import Catalog, Index, IndexKind, KeySchema, KeyType, Table
from ddbmodel.engine.context import RequestContext
from ddbmodel.engine.messages import capacity_settings
from ddbmodel.engine.messages import tables as messages
from ddbmodel.engine.messages.message import refused
from ddbmodel.engine.named_tables import described_table, name_in
from ddbmodel.engine.outcome import CatalogChange, DropTable, Outcome, SaveStream, SaveTable
from ddbmodel.engine.storage.view import ReadView
from ddbmodel.engine.tables.capacity import new_on_demand, new_warm, units_of
from ddbmodel.engine.tables.describe import table_description
from ddbmodel.engine.tables.schema import (
    MAX_GLOBAL_INDEXES,
    MAX_LOCAL_INDEXES,
    attribute_types,
    check_all_used,
    check_index,
    check_projected,
    index_keys,
    index_of,
    table_keys,
)
from ddbmodel.engine.tables.settings import new_class, new_encryption
from ddbmodel.engine.tables.states import check_can_delete, check_room
from ddbmodel.engine.tables.stream_setting import closed, new_stream_view, with_stream
from ddbmodel.engine.tables.tags import new_tags

__all__ = ["create_table", "delete_table"]

_NOT_AVAILABLE: Final = (
    "VectorIndexes", "GlobalTableSourceArn", "GlobalTableSettingsReplicationMode", "ResourcePolicy",
)  # fmt: skip
# Source: answers of the service to DeleteTable, 2015 to 2026.
_NOT_SHOWN_AT_THE_END: Final = (
    "AttributeDefinitions", "KeySchema", "CreationDateTime", "LocalSecondaryIndexes", "GlobalSecondaryIndexes",
    "WarmThroughput",
)  # fmt: skip
_INDEX_LISTS: Final[tuple[tuple[str, IndexKind], ...]] = (
    ("LocalSecondaryIndexes", "local"),
    ("GlobalSecondaryIndexes", "global"),
)


def create_table(request: dict[str, Any], view: ReadView, catalog: Catalog, context: RequestContext) -> Outcome:
    """Answer CreateTable."""
    now_s = context.now_s
    name = name_in(request["TableName"], context.region)
    for member in _NOT_AVAILABLE:
        if member in request:
            raise refused(messages.NOT_AVAILABLE, member=member)
    settings = _settings(request, context.region)
    types = attribute_types(request["AttributeDefinitions"])
    has_indexes = any(member in request for member, _ in _INDEX_LISTS)
    keys = table_keys(request["KeySchema"], types, has_indexes=has_indexes)
    space = catalog.next_space()
    indexes = _indexes(request, types, keys, space + 1)
    _index_settings(request, settings, context.region)
    images = new_stream_view(request.get("StreamSpecification"))
    settings["Encryption"] = new_encryption(request.get("SSESpecification"), context.region)
    settings["Tags"] = new_tags(request.get("Tags", ()))
    before = catalog.table(name)
    if before is not None and not before.is_gone(now_s):
        if now_s < before.ready_at_s:
            raise refused(messages.TABLE_BEING_CREATED, table=name)
        raise refused(messages.TABLE_EXISTS, table=name)
    if catalog.table_count() - (before is not None) >= context.options.table_limit:
        raise refused(messages.TOO_MANY_TABLES, most=context.options.table_limit)
    check_room(catalog, context)

    ready_at_s = now_s + context.options.table_delay_s
    if settings["BillingMode"] == "PAY_PER_REQUEST":
        settings["PayPerRequestSince"] = ready_at_s
    table = Table(
        # Spaces are never used twice, so the same name, time and space mean the same table.
        id=str(uuid5(NAMESPACE_OID, f"{context.region}/{name}/{space}/{now_s!r}")),
        name=name,
        keys=keys,
        space=space,
        created_at_s=now_s,
        indexes=tuple(replace(index, ready_at_s=ready_at_s) for index in indexes),
        settings=settings,
        ready_at_s=ready_at_s,
    )
    changes: list[CatalogChange] = [] if before is None else [DropTable(before)]
    if images is not None:
        table = with_stream(table, images, space + 1 + len(indexes), view, catalog, now_s)
        assert table.stream is not None
        changes.append(SaveStream(table.stream))
    changes.append(SaveTable(table))
    return Outcome({"TableDescription": _created(table, request, view, context)}, catalog=tuple(changes))


def delete_table(request: dict[str, Any], view: ReadView, catalog: Catalog, context: RequestContext) -> Outcome:
    """Answer DeleteTable; the stream closes and stays readable for a day."""
    now_s = context.now_s
    table = described_table(request["TableName"], catalog, context)
    check_can_delete(table, now_s)
    if table.settings.get("DeletionProtectionEnabled"):
        raise refused(messages.TABLE_PROTECTED)
    check_room(catalog, context)
    shown = replace(table, gone_at_s=math.inf)
    changes: list[CatalogChange] = []
    if table.stream is not None and table.stream.enabled:
        stream = closed(table.stream, view, now_s)
        changes.append(SaveStream(stream))
        table = replace(table, stream=stream)
    if context.options.table_delay_s > 0:
        changes.append(SaveTable(replace(table, gone_at_s=now_s + context.options.table_delay_s)))
    else:
        changes.append(DropTable(table))
    description = table_description(shown, view, context)
    for member in _NOT_SHOWN_AT_THE_END:
        description.pop(member, None)
    return Outcome({"TableDescription": description}, catalog=tuple(changes))


def _settings(request: Mapping[str, Any], region: str) -> dict[str, Any]:
    billing = request.get("BillingMode") or "PROVISIONED"
    on_demand, asked = billing == "PAY_PER_REQUEST", request.get("ProvisionedThroughput")
    if on_demand and asked is not None:
        raise refused(capacity_settings.UNITS_WHEN_ON_DEMAND)
    settings: dict[str, Any] = {"BillingMode": billing}
    units = None
    if not on_demand:
        if asked is None:
            raise refused(capacity_settings.NO_UNITS)
        units = settings["ProvisionedThroughput"] = units_of(asked, region, None)
    limits = new_on_demand(request.get("OnDemandThroughput"), on_demand=on_demand, region=region, index=None)
    if limits:
        settings["OnDemandThroughput"] = limits
    settings["WarmThroughput"] = new_warm(request.get("WarmThroughput"), units, region, None)
    settings["TableClass"] = new_class(request.get("TableClass", "STANDARD"))
    if request.get("DeletionProtectionEnabled"):
        settings["DeletionProtectionEnabled"] = True
    return settings


def _indexes(
    request: Mapping[str, Any], types: Mapping[str, KeyType], keys_of_table: KeySchema, space: int
) -> list[Index]:
    wanted: list[tuple[Mapping[str, Any], IndexKind, KeySchema]] = []
    for member, kind in _INDEX_LISTS:
        if request.get(member) == []:
            raise refused(messages.EMPTY_LIST, member=member)
        for definition in request.get(member, ()):
            wanted.append((definition, kind, index_keys(definition, kind, types, keys_of_table)))
    if wanted:
        check_all_used(types, [keys_of_table, *(keys for _, _, keys in wanted)])
    taken: set[str] = set()
    for definition, _, _ in wanted:
        check_index(definition, taken)
    if len(request.get("LocalSecondaryIndexes", ())) > MAX_LOCAL_INDEXES:
        raise refused(messages.TOO_MANY_LOCAL_INDEXES, most=MAX_LOCAL_INDEXES)
    if len(request.get("GlobalSecondaryIndexes", ())) > MAX_GLOBAL_INDEXES:
        raise refused(messages.TOO_MANY_GLOBAL_INDEXES, most=MAX_GLOBAL_INDEXES)
    indexes = [
        index_of(definition, kind, keys, space + position) for position, (definition, kind, keys) in enumerate(wanted)
    ]
    check_projected(indexes)
    return indexes


def _index_settings(request: Mapping[str, Any], settings: dict[str, Any], region: str) -> None:
    on_demand = settings["BillingMode"] == "PAY_PER_REQUEST"
    for definition in request.get("GlobalSecondaryIndexes", ()):
        name, asked = definition["IndexName"], definition.get("ProvisionedThroughput")
        if on_demand and asked is not None:
            raise refused(capacity_settings.INDEX_UNITS_WHEN_ON_DEMAND, index=name)
        units = None
        if not on_demand:
            if asked is None:
                raise refused(capacity_settings.NO_INDEX_UNITS, index=name)
            units = units_of(asked, region, name)
            settings.setdefault("IndexThroughput", {})[name] = units
        limits = new_on_demand(definition.get("OnDemandThroughput"), on_demand=on_demand, region=region, index=name)
        if limits:
            settings.setdefault("IndexOnDemandThroughput", {})[name] = limits
        warm = new_warm(definition.get("WarmThroughput"), units, region, name)
        settings.setdefault("IndexWarmThroughput", {})[name] = warm


def _created(table: Table, request: Mapping[str, Any], view: ReadView, context: RequestContext) -> dict[str, Any]:
    settings = table.settings
    if "PayPerRequestSince" in settings:
        settings = settings | {"PayPerRequestSince": math.inf}
    shown = replace(
        table,
        ready_at_s=math.inf,
        indexes=tuple(replace(index, ready_at_s=math.inf) for index in table.indexes),
        settings=settings,
    )
    description = table_description(shown, view, context, spaces=())
    # What was not asked for is not known yet.
    if not request.get("WarmThroughput"):
        del description["WarmThroughput"]
    for index in description.get("GlobalSecondaryIndexes", ()):
        del index["WarmThroughput"]
    return description
