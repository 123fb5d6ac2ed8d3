"""Tables as the service describes them: DescribeTable, ListTables, and the description in every other answer."""

from __future__ import annotations

from typing import Any, Final

from ddbmodel.engine.arn import index_arn, stream_arn, table_arn
from ddbmodel.engine.catalog import Catalog, Index, KeySchema, Table
from ddbmodel.engine.context import RequestContext
from ddbmodel.engine.named_tables import described_table
from ddbmodel.engine.outcome import Outcome
from ddbmodel.engine.storage.view import ReadView
from ddbmodel.engine.tables.capacity import decreases_today, shown
from ddbmodel.engine.tables.schema import key_names
from ddbmodel.engine.tables.settings import class_summary, encryption_description

__all__ = ["describe_table", "list_tables", "table_description"]

_MOST_NAMES: Final = 100


def describe_table(request: dict[str, Any], view: ReadView, catalog: Catalog, context: RequestContext) -> Outcome:
    """Answer DescribeTable; counts are those of now, save for large tables, where they may be a little old."""
    return Outcome({"Table": table_description(described_table(request["TableName"], catalog, context), view, context)})


def list_tables(request: dict[str, Any], view: ReadView, catalog: Catalog, context: RequestContext) -> Outcome:
    """Answer ListTables, a page of at most 100 names; the start need not be the name of a table."""
    limit = request.get("Limit", _MOST_NAMES)
    start = request.get("ExclusiveStartTableName")
    names = [
        name
        for name in catalog.table_names()
        if (start is None or name.encode() > start.encode()) and not _is_gone(name, catalog, context.now_s)
    ]
    response: dict[str, Any] = {"TableNames": names[:limit]}
    if len(names) > limit:
        response["LastEvaluatedTableName"] = names[limit - 1]
    return Outcome(response)


def table_description(
    table: Table, view: ReadView, context: RequestContext, *, spaces: tuple[int, ...] | None = None
) -> dict[str, Any]:
    """Return a ``TableDescription``.

    Args:
        spaces: the key spaces that are there already; the others count as empty. By default all are.
    """
    settings, now_s, region = table.settings, context.now_s, context.region
    there = table.spaces if spaces is None else spaces
    items, size_bytes = view.count(table.space) if table.space in there else (0, 0)
    status = table.status(now_s)
    description: dict[str, Any] = {
        "AttributeDefinitions": _attribute_definitions(table),
        "TableName": table.name,
        "KeySchema": _key_schema(table.keys),
        "TableStatus": status,
        "CreationDateTime": table.created_at_s,
        "ProvisionedThroughput": _throughput(settings.get("ProvisionedThroughput"), now_s),
        "TableSizeBytes": size_bytes,
        "ItemCount": items,
        "TableArn": table_arn(region, table.name),
        "TableId": table.id,
        "DeletionProtectionEnabled": settings.get("DeletionProtectionEnabled", False),
        "WarmThroughput": _warm(settings.get("WarmThroughput"), now_s, is_new=status == "CREATING"),
    }
    description |= _billing(settings, now_s) | _on_demand(settings.get("OnDemandThroughput"))
    encryption = encryption_description(settings.get("Encryption") or {}, now_s)
    if encryption is not None:
        description["SSEDescription"] = encryption
    summary = None if settings.get("TableClass") is None else class_summary(settings["TableClass"], now_s)
    if summary is not None:
        description["TableClassSummary"] = summary
    for parameter, kind in (("LocalSecondaryIndexes", "local"), ("GlobalSecondaryIndexes", "global")):
        indexes = [_index(table, index, view, context, there) for index in table.indexes if index.kind == kind]
        if indexes:
            description[parameter] = indexes
    stream = table.stream
    if stream is not None:
        if stream.enabled:
            description["StreamSpecification"] = {"StreamEnabled": True, "StreamViewType": stream.view}
        description["LatestStreamLabel"] = stream.label
        description["LatestStreamArn"] = stream_arn(region, table.name, stream.label)
    return description


def _is_gone(name: str, catalog: Catalog, now_s: float) -> bool:
    table = catalog.table(name)
    return table is None or table.is_gone(now_s)


def _attribute_definitions(table: Table) -> list[dict[str, str]]:
    types = key_names([table.keys, *(index.keys for index in table.indexes)])
    # The service lists them by name, whatever order they came in.
    return [{"AttributeName": name, "AttributeType": types[name]} for name in sorted(types)]


def _key_schema(keys: KeySchema) -> list[dict[str, str]]:
    return [{"AttributeName": key.name, "KeyType": "HASH"} for key in keys.partition] + [
        {"AttributeName": key.name, "KeyType": "RANGE"} for key in keys.sort
    ]


def _index(
    table: Table, index: Index, view: ReadView, context: RequestContext, spaces: tuple[int, ...]
) -> dict[str, Any]:
    now_s, settings = context.now_s, table.settings
    items, size_bytes = view.count(index.space) if index.space in spaces else (0, 0)
    projection: dict[str, Any] = {"ProjectionType": index.projection}
    if index.included:
        projection["NonKeyAttributes"] = list(index.included)
    description: dict[str, Any] = {
        "IndexName": index.name,
        "KeySchema": _key_schema(index.keys),
        "Projection": projection,
        "IndexSizeBytes": size_bytes,
        "ItemCount": items,
        "IndexArn": index_arn(context.region, table.name, index.name),
    }
    if index.kind == "local":
        return description
    status = index.status(now_s)
    description |= {
        "IndexStatus": status,
        "ProvisionedThroughput": _throughput(settings.get("IndexThroughput", {}).get(index.name), now_s),
        "WarmThroughput": _warm(
            settings.get("IndexWarmThroughput", {}).get(index.name), now_s, is_new=status == "CREATING"
        ),
    }
    if index.added and status == "CREATING":
        description["Backfilling"] = now_s >= index.allocated_at_s
    return description | _on_demand(settings.get("IndexOnDemandThroughput", {}).get(index.name))


def _throughput(units: dict[str, Any] | None, now_s: float) -> dict[str, Any]:
    current = {"ReadCapacityUnits": 0, "WriteCapacityUnits": 0} if units is None else shown(units, now_s)
    count = decreases_today(current, now_s)
    return {"NumberOfDecreasesToday": count, **{name: current[name] for name in current if name != "Decreases"}}


def _warm(values: dict[str, Any] | None, now_s: float, *, is_new: bool) -> dict[str, Any]:
    numbers = {} if values is None else shown(values, now_s)
    is_changing = is_new or (values is not None and now_s < values.get("Until", 0.0))
    return {**numbers, "Status": "UPDATING" if is_changing else "ACTIVE"}


def _on_demand(limits: dict[str, Any] | None) -> dict[str, Any]:
    kept = {name: value for name, value in (limits or {}).items() if value != -1}
    return {"OnDemandThroughput": kept} if kept else {}


def _billing(settings: dict[str, Any], now_s: float) -> dict[str, Any]:
    since_s = settings.get("PayPerRequestSince")
    if since_s is None:
        return {}
    summary: dict[str, Any] = {"BillingMode": settings["BillingMode"]}
    # The moment is known when the change is done.
    if since_s <= now_s:
        summary["LastUpdateToPayPerRequestDateTime"] = since_s
    return {"BillingModeSummary": summary}
