"""How an existing table differs from what its models want, in words; pure."""

from __future__ import annotations

from typing import Any

from ddbmodel.tables.definitions import IndexDefinition, KeyParts, TableDefinition
from ddbmodel.transport.executor import Response

__all__ = ["differences"]


def differences(wanted: TableDefinition, description: Response, time_to_live: Response) -> list[str]:
    """Return every difference that matters to the models; an index or stream that no model uses is none.

    Args:
        description: ``Table`` of the service's DescribeTable.
        time_to_live: ``TimeToLiveDescription`` of DescribeTimeToLive.
    """
    found: list[str] = []
    key = _key_of(description)
    if key != wanted.key:
        found.append(f"its key is {_words(key)}, the models want {_words(wanted.key)}")
    types = {each["AttributeName"]: each["AttributeType"] for each in description["AttributeDefinitions"]}
    found += [
        f"the key attribute {name!r} has type {types[name]}, the models want {type_}"
        for name, type_ in wanted.types.items()
        if name in types and types[name] != type_
    ]
    existing = _indexes_of(description)
    for name, index in wanted.indexes.items():
        if name not in existing:
            found.append(f"the {index.kind} index {name!r} is missing")
        else:
            found += _index_differences(index, existing[name])
    found += _stream_differences(wanted, description)
    enabled = time_to_live.get("TimeToLiveStatus") in ("ENABLED", "ENABLING")
    attribute = time_to_live.get("AttributeName") if enabled else None
    if wanted.ttl_attribute is not None and attribute != wanted.ttl_attribute:
        got = "disabled" if attribute is None else f"by {attribute!r}"
        found.append(f"time to live is {got}, the models want it by {wanted.ttl_attribute!r}")
    return found


def _index_differences(wanted: IndexDefinition, existing: IndexDefinition) -> list[str]:
    found = []
    where = f"the index {wanted.name!r}"
    if existing.kind != wanted.kind:
        found.append(f"{where} is {existing.kind}, the models want it {wanted.kind}")
    if existing.key != wanted.key:
        found.append(f"{where} has the key {_words(existing.key)}, the models want {_words(wanted.key)}")
    if existing.projection != wanted.projection:
        found.append(f"{where} projects {existing.projection}, the models want {wanted.projection}")
    elif missing := sorted(wanted.included - existing.included):
        found.append(f"{where} does not project {', '.join(missing)}")
    return found


def _stream_differences(wanted: TableDefinition, description: Response) -> list[str]:
    specification: dict[str, Any] = description.get("StreamSpecification") or {}
    view = specification.get("StreamViewType") if specification.get("StreamEnabled") else None
    if wanted.stream is None or view == wanted.stream:
        return []
    return [f"its stream {'is disabled' if view is None else f'carries {view}'}, the models want {wanted.stream}"]


def _indexes_of(description: Response) -> dict[str, IndexDefinition]:
    found = {}
    for parameter, kind in (("GlobalSecondaryIndexes", "global"), ("LocalSecondaryIndexes", "local")):
        for index in description.get(parameter) or ():
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


def _words(key: KeyParts) -> str:
    return "(" + ", ".join(f"{attribute} {kind}" for attribute, kind in key) + ")"
