"""Tables as the service describes them: DescribeTable, ListTables, and the description in every other answer."""

from __future__ import annotations

from typing import Any, Final

from ddbmodel.engine.arn import index_arn, stream_arn, table_arn
from ddbmodel.engine.catalog import Catalog, Index, KeySchema, Table
from ddbmodel.engine.context import RequestContext
from ddbmodel.engine.outcome import Outcome
from ddbmodel.engine.storage.view import ReadView
from ddbmodel.engine.tables.definitions import existing_table, invalid
from ddbmodel.values.wire import copy_value

__all__ = ["describe_table", "list_tables", "table_description"]

_MOST_NAMES: Final = 100


def describe_table(request: dict[str, Any], view: ReadView, catalog: Catalog, context: RequestContext) -> Outcome:
    """Answer DescribeTable; counts are exact and current, where the service's are hours old."""
    region = context.region
    return Outcome({"Table": table_description(existing_table(request, catalog), view, region)})


def list_tables(request: dict[str, Any], view: ReadView, catalog: Catalog, context: RequestContext) -> Outcome:
    """Answer ListTables, a page of at most 100 names."""
    limit = request.get("Limit", _MOST_NAMES)
    if not isinstance(limit, int) or not 1 <= limit <= _MOST_NAMES:
        bound = f"less than or equal to {_MOST_NAMES}" if limit != 0 else "greater than or equal to 1"
        raise invalid(
            f"1 validation error detected: Value '{limit}' at 'limit' failed to satisfy constraint: "
            f"Member must have value {bound}"
        )
    start = request.get("ExclusiveStartTableName")
    names = [name for name in catalog.table_names() if start is None or name.encode() > start.encode()]
    response: dict[str, Any] = {"TableNames": names[:limit]}
    if len(names) > limit:
        response["LastEvaluatedTableName"] = names[limit - 1]
    return Outcome(response)


def table_description(table: Table, view: ReadView | None, region: str, status: str = "ACTIVE") -> dict[str, Any]:
    """Return a ``TableDescription``; without a view the table is taken to be empty, as a new one is."""
    settings = table.settings
    items, size_bytes = (0, 0) if view is None else view.count(table.space)
    description: dict[str, Any] = {
        "AttributeDefinitions": _attribute_definitions(table),
        "TableName": table.name,
        "KeySchema": _key_schema(table.keys),
        "TableStatus": status,
        "CreationDateTime": table.created_at_s,
        "ProvisionedThroughput": _throughput(settings.get("ProvisionedThroughput")),
        "TableSizeBytes": size_bytes,
        "ItemCount": items,
        "TableArn": table_arn(region, table.name),
        "TableId": table.id,
        "DeletionProtectionEnabled": settings.get("DeletionProtectionEnabled", False),
    }
    if settings.get("BillingMode") == "PAY_PER_REQUEST":
        description["BillingModeSummary"] = {
            "BillingMode": "PAY_PER_REQUEST",
            "LastUpdateToPayPerRequestDateTime": settings["PayPerRequestSince"],
        }
    for parameter in ("TableClass", "SSESpecification"):
        if parameter in settings:
            kept = {"TableClass": "TableClassSummary", "SSESpecification": "SSEDescription"}[parameter]
            value = settings[parameter]
            description[kept] = {"TableClass": value} if parameter == "TableClass" else copy_value(value)
    local = [_index(table, index, view, region) for index in table.indexes if index.kind == "local"]
    global_ = [_index(table, index, view, region) for index in table.indexes if index.kind == "global"]
    if local:
        description["LocalSecondaryIndexes"] = local
    if global_:
        description["GlobalSecondaryIndexes"] = global_
    stream = table.stream
    if stream is not None:
        if stream.enabled:
            description["StreamSpecification"] = {"StreamEnabled": True, "StreamViewType": stream.view}
        description["LatestStreamLabel"] = stream.label
        description["LatestStreamArn"] = stream_arn(region, table.name, stream.label)
    return description


def _attribute_definitions(table: Table) -> list[dict[str, str]]:
    types = {key.name: key.type for schema in _schemas(table) for key in schema.attributes}
    return [{"AttributeName": name, "AttributeType": type_} for name, type_ in types.items()]


def _schemas(table: Table) -> list[KeySchema]:
    return [table.keys, *(index.keys for index in table.indexes)]


def _key_schema(keys: KeySchema) -> list[dict[str, str]]:
    return [{"AttributeName": key.name, "KeyType": "HASH"} for key in keys.partition] + [
        {"AttributeName": key.name, "KeyType": "RANGE"} for key in keys.sort
    ]


def _index(table: Table, index: Index, view: ReadView | None, region: str) -> dict[str, Any]:
    items, size_bytes = (0, 0) if view is None else view.count(index.space)
    projection: dict[str, Any] = {"ProjectionType": index.projection}
    if index.included:
        projection["NonKeyAttributes"] = list(index.included)
    description: dict[str, Any] = {
        "IndexName": index.name,
        "KeySchema": _key_schema(index.keys),
        "Projection": projection,
        "IndexSizeBytes": size_bytes,
        "ItemCount": items,
        "IndexArn": index_arn(region, table.name, index.name),
    }
    if index.kind == "global":
        units = table.settings.get("IndexThroughput", {}).get(index.name)
        description |= {"IndexStatus": "ACTIVE", "ProvisionedThroughput": _throughput(units)}
    return description


def _throughput(units: dict[str, int] | None) -> dict[str, int]:
    return {"NumberOfDecreasesToday": 0, **(units or {"ReadCapacityUnits": 0, "WriteCapacityUnits": 0})}
