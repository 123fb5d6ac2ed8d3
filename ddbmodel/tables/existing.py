"""A table as it is: read from the service, and made plain data that can be held against a definition."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ddbmodel.errors import NotSupportedHere, ResourceNotFound, ServiceError
from ddbmodel.tables.definitions import IndexDefinition, KeyParts, TableDefinition
from ddbmodel.tables.scaling import Scaled, ScalingTarget, existing_targets, resource_ids
from ddbmodel.transport.executor import Executor, Request, Response
from ddbmodel.transport.scaling import scale

__all__ = ["ExistingTable", "existing_table", "read_scaling", "read_states", "read_table"]


@dataclass(frozen=True, slots=True)
class ExistingTable:
    """A table of the service.

    Attributes:
        indexes: without those that are being deleted.
        states: that of the table under the empty name, and those of its global indexes.
        units: read and write units of the table under the empty name, and of its global indexes; empty on demand.
        limits: the most read and write request units, under the same names; of what has any.
        ttl_attribute: None while time to live is disabled, or being disabled.
        tags: None where nobody asked for them, or the server keeps none.
        scaling: what Application Auto Scaling knows; empty where nobody asked.
    """

    name: str
    arn: str
    key: KeyParts
    types: Mapping[str, str]
    indexes: Mapping[str, IndexDefinition]
    states: Mapping[str, str]
    units: Mapping[str, tuple[int, int]]
    limits: Mapping[str, tuple[int | None, int | None]]
    stream: str | None
    table_class: str
    is_protected: bool
    ttl_attribute: str | None
    tags: Mapping[str, str] | None
    scaling: Mapping[Scaled, ScalingTarget]

    @property
    def is_on_demand(self) -> bool:
        """Whether it is billed by request."""
        return not self.units

    @property
    def is_ready(self) -> bool:
        """Whether nothing is being done with it."""
        return all(state == "ACTIVE" for state in self.states.values())


async def read_table(executor: Executor, wanted: TableDefinition) -> ExistingTable | None:
    """Return a table as it is, None when there is none; tags and scaling only where the models say something of them.

    Raises:
        NotSupportedHere: the models want its capacity to follow the load, and nothing here can do that.
        ServiceError: the service refused.
    """
    try:
        answer = await executor.execute("DescribeTable", {"TableName": wanted.name})
    except ResourceNotFound:
        return None
    description: Response = answer["Table"]
    time_to_live: Response = {}
    # Until then the service knows nothing of it, and says so with an error.
    if description["TableStatus"] != "CREATING":
        answer = await executor.execute("DescribeTimeToLive", {"TableName": wanted.name})
        time_to_live = answer.get("TimeToLiveDescription") or {}
    tags = await _read_tags(executor, description["TableArn"]) if wanted.tags else None
    scaling = await read_scaling(executor, wanted, description)
    return existing_table(description, time_to_live, tags, scaling)


async def read_states(executor: Executor, name: str) -> dict[str, str] | None:
    """Return what is being done with a table, under its name, and with its global indexes; None without a table."""
    try:
        answer = await executor.execute("DescribeTable", {"TableName": name})
    except ResourceNotFound:
        return None
    return {(part or name): state for part, state in _states(answer["Table"]).items()}


async def read_scaling(
    executor: Executor, wanted: TableDefinition, description: Response | None = None
) -> dict[Scaled, ScalingTarget]:
    """Return the targets of a table, where the models say how it is billed.

    Args:
        description: the table as it is, if it is there.

    Raises:
        NotSupportedHere: the models want its capacity to follow the load, and nothing here can do that.
    """
    if wanted.billing is None:
        return {}
    indexes = description.get("GlobalSecondaryIndexes") or () if description else ()
    ids = resource_ids(wanted.name, [index["IndexName"] for index in indexes])
    targets: list[Response] = []
    policies: list[Response] = []
    try:
        request: Request = {"ServiceNamespace": "dynamodb", "ResourceIds": ids}
        async for answer in _pages(executor, "DescribeScalableTargets", request):
            targets += answer["ScalableTargets"]
        for resource in dict.fromkeys(target["ResourceId"] for target in targets):
            request = {"ServiceNamespace": "dynamodb", "ResourceId": resource}
            async for answer in _pages(executor, "DescribeScalingPolicies", request):
                policies += answer["ScalingPolicies"]
    except (NotSupportedHere, ServiceError):
        # Whoever wants nothing to follow the load need not have that service, nor a permission to ask it.
        if wanted.scaled is not None:
            raise
        return {}
    return existing_targets(wanted.name, targets, policies)


def existing_table(
    description: Response,
    time_to_live: Response,
    tags: Mapping[str, str] | None = None,
    scaling: Mapping[Scaled, ScalingTarget] | None = None,
) -> ExistingTable:
    """Return a table as plain data.

    Args:
        description: ``Table`` of the service's DescribeTable.
        time_to_live: ``TimeToLiveDescription`` of DescribeTimeToLive.
    """
    stream: dict[str, Any] = description.get("StreamSpecification") or {}
    is_expiring = time_to_live.get("TimeToLiveStatus") in ("ENABLED", "ENABLING")
    parts = dict(_parts(description))
    is_on_demand = (description.get("BillingModeSummary") or {}).get("BillingMode") == "PAY_PER_REQUEST"
    return ExistingTable(
        name=description["TableName"],
        arn=description["TableArn"],
        key=_key_of(description),
        types={each["AttributeName"]: each["AttributeType"] for each in description["AttributeDefinitions"]},
        indexes=_indexes_of(description),
        states=_states(description),
        units={} if is_on_demand else {name: _units(part) for name, part in parts.items()},
        limits={name: _limits(part) for name, part in parts.items() if part.get("OnDemandThroughput")},
        stream=stream.get("StreamViewType") if stream.get("StreamEnabled") else None,
        table_class=(description.get("TableClassSummary") or {}).get("TableClass", "STANDARD"),
        is_protected=bool(description.get("DeletionProtectionEnabled")),
        ttl_attribute=time_to_live.get("AttributeName") if is_expiring else None,
        tags=tags,
        scaling=scaling or {},
    )


async def _read_tags(executor: Executor, arn: str) -> dict[str, str] | None:
    tags: dict[str, str] = {}
    request: Request = {"ResourceArn": arn}
    while True:
        try:
            answer = await executor.execute("ListTagsOfResource", request)
        except ServiceError as error:
            # A server that keeps none: nothing works otherwise without them.
            if error.code == "UnknownOperationException":
                return None
            raise
        tags |= {tag["Key"]: tag["Value"] for tag in answer.get("Tags") or ()}
        if not answer.get("NextToken"):
            return tags
        request = {"ResourceArn": arn, "NextToken": answer["NextToken"]}


async def _pages(executor: Executor, operation: str, request: Request) -> AsyncIterator[Response]:
    token: str | None = None
    while True:
        answer = await scale(executor, operation, request | ({} if token is None else {"NextToken": token}))
        yield answer
        token = answer.get("NextToken")
        if not token:
            return


def _parts(description: Response) -> Iterator[tuple[str, Response]]:
    """Yield what has a capacity of its own: the table, under the empty name, and its global indexes."""
    yield "", description
    for index in description.get("GlobalSecondaryIndexes") or ():
        yield index["IndexName"], index


def _states(description: Response) -> dict[str, str]:
    return {"": description["TableStatus"]} | {
        name: part.get("IndexStatus", "ACTIVE") for name, part in _parts(description) if name
    }


def _units(part: Response) -> tuple[int, int]:
    units = part.get("ProvisionedThroughput") or {}
    return units.get("ReadCapacityUnits", 0), units.get("WriteCapacityUnits", 0)


def _limits(part: Response) -> tuple[int | None, int | None]:
    limits = part["OnDemandThroughput"]
    read, write = limits.get("MaxReadRequestUnits", -1), limits.get("MaxWriteRequestUnits", -1)
    return (None if read == -1 else read), (None if write == -1 else write)


def _indexes_of(description: Response) -> dict[str, IndexDefinition]:
    found = {}
    for parameter, kind in (("GlobalSecondaryIndexes", "global"), ("LocalSecondaryIndexes", "local")):
        for index in description.get(parameter) or ():
            if index.get("IndexStatus") == "DELETING":
                continue
            projection = index["Projection"]
            found[index["IndexName"]] = IndexDefinition(
                index["IndexName"],
                kind,
                _key_of(index),
                projection["ProjectionType"],
                frozenset(projection.get("NonKeyAttributes") or ()),
            )
    return found


def _key_of(description: Response) -> KeyParts:
    parts = [(each["AttributeName"], each["KeyType"]) for each in description["KeySchema"]]
    # Partition attributes first; the order among them, and among the sort attributes, means something.
    return tuple(sorted(parts, key=lambda part: part[1] != "HASH"))
