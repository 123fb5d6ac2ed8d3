"""The tables that facts are about."""

from __future__ import annotations

from typing import Any, Final

__all__ = ["HASH", "INDEXED", "MULTI", "RANGE", "RANGE_N", "STREAMED", "table"]


def table(
    name: str,
    keys: str,
    *,
    indexes: dict[str, tuple[str, Any]] | None = None,
    local: dict[str, tuple[str, Any]] | None = None,
    **more: Any,
) -> dict[str, Any]:
    """Return the definition of a table on demand.

    Args:
        keys: its key attributes with their types, ``pk:S sk:N``; in an index ``a:S a2:S / b:N`` for more than one of
            each role.
        indexes: global ones, name to keys and projection: ``ALL``, ``KEYS_ONLY`` or a list of attributes.
        local: local ones, the same way.
    """
    types: dict[str, str] = {}
    made: dict[str, Any] = {"TableName": name, "KeySchema": _schema(keys, types), "BillingMode": "PAY_PER_REQUEST"}
    for member, given in (("GlobalSecondaryIndexes", indexes), ("LocalSecondaryIndexes", local)):
        if given:
            made[member] = [
                {"IndexName": index, "KeySchema": _schema(schema, types), "Projection": _projection(projected)}
                for index, (schema, projected) in given.items()
            ]
    made["AttributeDefinitions"] = [{"AttributeName": each, "AttributeType": types[each]} for each in types]
    return {**made, **more}


def _schema(keys: str, types: dict[str, str]) -> list[dict[str, str]]:
    hashes, slash, ranges = keys.partition("/")
    parts = [(each, "HASH") for each in hashes.split()] + [(each, "RANGE") for each in ranges.split()]
    if not slash:
        parts = [(each, "HASH" if at == 0 else "RANGE") for at, (each, _) in enumerate(parts)]
    schema = []
    for part, role in parts:
        name, _, kind = part.partition(":")
        types[name] = kind
        schema.append({"AttributeName": name, "KeyType": role})
    return schema


def _projection(projected: Any) -> dict[str, Any]:
    if isinstance(projected, str):
        return {"ProjectionType": projected}
    return {"ProjectionType": "INCLUDE", "NonKeyAttributes": projected}


HASH: Final = table("plain", "pk:S")
RANGE: Final = table("ranged", "pk:S sk:S")
RANGE_N: Final = table("numbered", "pk:S sk:N")
INDEXED: Final = table(
    "indexed",
    "pk:S sk:S",
    indexes={"gsi_all": ("a:S b:N", "ALL"), "gsi_keys": ("a:S", "KEYS_ONLY")},
    local={"lsi_all": ("pk:S c:S", "ALL"), "lsi_some": ("pk:S b:N", ["x"])},
)
MULTI: Final = table("multi", "pk:S", indexes={"wide": ("a:S b:S / c:S d:N e:S", "ALL")})
STREAMED: Final = table(
    "streamed", "pk:S", StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}
)
