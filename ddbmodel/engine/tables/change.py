"""CreateTable, UpdateTable and DeleteTable: each is done when it is answered, there is no time of creating."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final
from uuid import NAMESPACE_OID, uuid5

from ddbmodel.engine.catalog import Catalog, Index, KeySchema, KeyType, Stream, StreamViewType, Table
from ddbmodel.engine.context import RequestContext
from ddbmodel.engine.outcome import CatalogChange, DropTable, Outcome, SaveStream, SaveTable
from ddbmodel.engine.storage.view import ReadView
from ddbmodel.engine.tables.definitions import (
    attribute_types,
    check_indexes,
    existing_table,
    index_of,
    invalid,
    key_schema,
    new_table_name,
    stream_view,
    throughput,
)
from ddbmodel.engine.tables.describe import table_description
from ddbmodel.errors import service_error
from ddbmodel.values.wire import copy_value

__all__ = ["create_table", "delete_table", "update_table"]

_PARAMETER: Final = "One or more parameter values were invalid: "
_UPDATES: Final = (
    "ProvisionedThroughput",
    "BillingMode",
    "StreamSpecification",
    "GlobalSecondaryIndexUpdates",
    "SSESpecification",
    "TableClass",
    "DeletionProtectionEnabled",
)


def create_table(request: dict[str, Any], view: ReadView, catalog: Catalog, context: RequestContext) -> Outcome:
    """Answer CreateTable; the table is there, empty and active, at once."""
    now_s, region = context.now_s, context.region
    name = new_table_name(request, catalog)
    types = attribute_types(request.get("AttributeDefinitions"))
    keys = key_schema(request.get("KeySchema"), types, "table")
    billing = request.get("BillingMode") or "PROVISIONED"
    settings: dict[str, Any] = {"BillingMode": billing}
    units = throughput(request, billing, "table")
    if units is None:
        settings["PayPerRequestSince"] = now_s
    else:
        settings["ProvisionedThroughput"] = units
    settings |= _kept(request, "Tags", "TableClass", "SSESpecification", "DeletionProtectionEnabled")

    space = catalog.next_space()
    definitions = [("global", each) for each in request.get("GlobalSecondaryIndexes") or ()]
    definitions += [("local", each) for each in request.get("LocalSecondaryIndexes") or ()]
    indexes: list[Index] = []
    for kind, definition in definitions:
        indexes.append(
            index_of(definition, "global" if kind == "global" else "local", types, keys, space + 1 + len(indexes))
        )
        if kind == "global":
            _keep_index_throughput(settings, definition, billing)
    check_indexes(keys, indexes, types)

    table = Table(
        # Spaces are never used twice, so the same name, time and space mean the same table.
        id=str(uuid5(NAMESPACE_OID, f"{region}/{name}/{space}/{now_s!r}")),
        name=name,
        keys=keys,
        space=space,
        created_at_s=now_s,
        indexes=tuple(indexes),
        settings=settings,
    )
    changes: list[CatalogChange] = []
    stream_type = stream_view(request.get("StreamSpecification"))
    if stream_type is not None:
        table = _with_stream(table, stream_type, space + 1 + len(indexes), view, catalog, now_s)
        assert table.stream is not None
        changes.append(SaveStream(table.stream))
    return Outcome({"TableDescription": table_description(table, None, region)}, catalog=(*changes, SaveTable(table)))


def update_table(request: dict[str, Any], view: ReadView, catalog: Catalog, context: RequestContext) -> Outcome:
    """Answer UpdateTable; a new index is filled, a stream open or closed, when it is answered."""
    now_s, region = context.now_s, context.region
    before = existing_table(request, catalog)
    if not any(request.get(parameter) is not None for parameter in _UPDATES):
        raise invalid(
            "At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, GlobalSecondaryIndexUpdates or "
            "SSESpecification or ReplicaUpdates is required"
        )
    table = replace(before, settings=copy_value(before.settings))
    _update_billing(table, request, now_s)
    table.settings.update(_kept(request, "TableClass", "SSESpecification", "DeletionProtectionEnabled"))
    changes: list[CatalogChange] = []
    space = catalog.next_space()
    updates = request.get("GlobalSecondaryIndexUpdates") or ()
    if sum("Create" in update or "Delete" in update for update in updates) > 1:
        raise service_error(
            "LimitExceededException",
            "Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table",
        )
    for update in updates:
        table = _updated_index(table, update, request.get("AttributeDefinitions"), space)
    if request.get("StreamSpecification") is not None:
        table = _updated_stream(table, request["StreamSpecification"], space + 1, view, catalog, now_s)
        assert table.stream is not None
        changes.append(SaveStream(table.stream))
    known = {index.name for index in before.indexes}
    # A new index has no entries to count before the change is made.
    shown = replace(table, indexes=tuple(index for index in table.indexes if index.name in known))
    description = table_description(shown, view, region)
    if len(shown.indexes) < len(table.indexes):
        description["AttributeDefinitions"] = table_description(table, None, region)["AttributeDefinitions"]
        added = [index.name for index in table.indexes if index.name not in known]
        description.setdefault("GlobalSecondaryIndexes", []).extend(
            each | {"IndexStatus": "CREATING", "Backfilling": False}
            for each in table_description(table, None, region)["GlobalSecondaryIndexes"]
            if each["IndexName"] in added
        )
    return Outcome({"TableDescription": description}, catalog=(*changes, SaveTable(table)))


def delete_table(request: dict[str, Any], view: ReadView, catalog: Catalog, context: RequestContext) -> Outcome:
    """Answer DeleteTable; the stream closes and stays readable for a day."""
    now_s, region = context.now_s, context.region
    table = existing_table(request, catalog)
    if table.settings.get("DeletionProtectionEnabled"):
        raise invalid(
            "Resource cannot be deleted as it is currently protected against deletion. "
            "Disable deletion protection first."
        )
    changes: list[CatalogChange] = []
    if table.stream is not None and table.stream.enabled:
        changes.append(SaveStream(_disabled(table.stream, view, now_s)))
    return Outcome(
        {"TableDescription": table_description(table, view, region, status="DELETING")},
        catalog=(*changes, DropTable(table)),
    )


def _kept(request: dict[str, Any], *parameters: str) -> dict[str, Any]:
    # Copied: the request stays the caller's to change.
    return copy_value({name: request[name] for name in parameters if request.get(name) is not None})


def _keep_index_throughput(settings: dict[str, Any], definition: dict[str, Any], billing: str) -> None:
    units = throughput(definition, billing, f"global secondary index {definition['IndexName']}")
    if units is not None:
        settings.setdefault("IndexThroughput", {})[definition["IndexName"]] = units


def _with_stream(
    table: Table, images: StreamViewType, stream_id: int, view: ReadView, catalog: Catalog, now_s: float
) -> Table:
    taken = {stream.label for stream in catalog.streams() if stream.table_name == table.name}
    moment_ms = int(now_s * 1000)
    # The label is the time of creation and tells the table's streams apart, so two in one millisecond move apart.
    while (label := _label(moment_ms)) in taken:
        moment_ms += 1
    first_sequence = view.last_sequence() + 1
    return replace(
        table, stream=Stream(stream_id, table.name, label, images, now_s, table.keys, first_sequence=first_sequence)
    )


def _label(moment_ms: int) -> str:
    moment = datetime.fromtimestamp(moment_ms // 1000, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment_ms % 1000:03d}"


def _disabled(stream: Stream, view: ReadView, now_s: float) -> Stream:
    return replace(stream, disabled_at_s=now_s, last_sequence=view.last_sequence())


def _updated_stream(
    table: Table, specification: dict[str, Any], stream_id: int, view: ReadView, catalog: Catalog, now_s: float
) -> Table:
    images = stream_view(specification)
    is_enabled = table.stream is not None and table.stream.enabled
    if images is None:
        if table.stream is None or not is_enabled:
            raise invalid(f"{_PARAMETER}Table has no stream to disable: TableName: {table.name}")
        return replace(table, stream=_disabled(table.stream, view, now_s))
    if is_enabled:
        raise service_error("ResourceInUseException", f"Table already has an enabled stream: TableName: {table.name}")
    return _with_stream(table, images, stream_id, view, catalog, now_s)


def _update_billing(table: Table, request: dict[str, Any], now_s: float) -> None:
    settings = table.settings
    asked, current = request.get("BillingMode"), settings["BillingMode"]
    if asked is None and request.get("ProvisionedThroughput") is None:
        return
    billing = asked or current
    units = throughput(request, billing, "table")
    if units is None:
        settings.pop("ProvisionedThroughput", None)
        settings.pop("IndexThroughput", None)
        if current != billing:
            settings["PayPerRequestSince"] = now_s
    else:
        settings["ProvisionedThroughput"] = units
        settings.pop("PayPerRequestSince", None)
    settings["BillingMode"] = billing


def _updated_index(table: Table, update: dict[str, Any], definitions: object, space: int) -> Table:
    if "Create" in update:
        return _with_index(table, update["Create"], definitions, space)
    action = "Delete" if "Delete" in update else "Update"
    name = update.get(action, {}).get("IndexName")
    index = table.index(name) if isinstance(name, str) else None
    if index is None or index.kind != "global":
        raise service_error(
            "ResourceNotFoundException", f"Requested resource not found: Index: {name} of table {table.name} not found"
        )
    if action == "Update":
        _keep_index_throughput(table.settings, update["Update"], table.settings["BillingMode"])
        return table
    table.settings.get("IndexThroughput", {}).pop(index.name, None)
    return replace(table, indexes=tuple(each for each in table.indexes if each is not index))


def _with_index(table: Table, definition: dict[str, Any], definitions: object, space: int) -> Table:
    existing: dict[str, KeyType] = {key.name: key.type for keys in _schemas(table) for key in keys.attributes}
    defined = attribute_types(definitions)
    for name, type_ in defined.items():
        if existing.get(name, type_) != type_:
            raise invalid(
                f"{_PARAMETER}Attributes cannot be redefined. Please check that your attribute has the same type as "
                f"previously defined. Existing schema: {_schema_text(table, existing)} "
                f"New schema: {_schema_text(table, existing | defined)}"
            )
    index = index_of(definition, "global", defined, table.keys, space)
    if table.index(index.name) is not None:
        raise invalid(f"{_PARAMETER}Duplicate index name: {index.name}")
    indexes = (*table.indexes, index)
    # Definitions of attributes that are in no key are refused, those of keys that are there already may be left out.
    used = {key.name for keys in (*_schemas(table), index.keys) for key in keys.attributes}
    types: dict[str, KeyType] = existing | defined
    check_indexes(
        table.keys, indexes, {name: type_ for name, type_ in types.items() if name in used or name in defined}
    )
    _keep_index_throughput(table.settings, definition, table.settings["BillingMode"])
    return replace(table, indexes=indexes)


def _schemas(table: Table) -> list[KeySchema]:
    return [table.keys, *(index.keys for index in table.indexes)]


def _schema_text(table: Table, types: dict[str, KeyType]) -> str:
    kinds = [(key.name, "HASH") for key in table.keys.partition] + [(key.name, "RANGE") for key in table.keys.sort]
    shown = ",".join(f"key{{{name}:{types[name]}:{kind}}}" for name, kind in kinds)
    return f"Schema:[SchemaElement: {shown}]"
