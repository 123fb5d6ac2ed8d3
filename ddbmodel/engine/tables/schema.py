"""What a request says about keys and indexes: checked in the service's order, and turned into catalog values.

```
attribute names ──▶ the table's key ──▶ keys of local, then of global indexes ──▶ definitions that nothing uses
                ──▶ projections and names of local, then of global indexes ──▶ how many there are
```
Source: captures on the service, 2013 to 2020, for the order; October 2026 for the place of unused definitions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

from ddbmodel.engine.catalog import Index, IndexKind, KeyAttribute, KeySchema, KeyType
from ddbmodel.engine.messages import tables as messages
from ddbmodel.engine.messages.message import refused

__all__ = [
    "MAX_GLOBAL_INDEXES",
    "MAX_KEYS_OF_A_KIND",
    "MAX_LOCAL_INDEXES",
    "MAX_PROJECTED_ATTRIBUTES",
    "attribute_types",
    "check_all_used",
    "check_index",
    "check_projected",
    "index_keys",
    "index_of",
    "key_names",
    "table_keys",
]

MAX_GLOBAL_INDEXES: Final = 20
MAX_LOCAL_INDEXES: Final = 5
MAX_PROJECTED_ATTRIBUTES: Final = 100
"""Non-key attributes that all indexes of a table may name together."""
MAX_KEYS_OF_A_KIND: Final = 4
"""Partition attributes, and again sort attributes, of a global index; tables and local indexes have one of each."""
_HASH_SET_CAPACITY: Final = 16


def attribute_types(definitions: Iterable[Mapping[str, Any]]) -> dict[str, KeyType]:
    """Return the type of every attribute in ``AttributeDefinitions``, in their order."""
    types: dict[str, KeyType] = {}
    for definition in definitions:
        name = definition["AttributeName"]
        if name in types:
            raise refused(messages.ATTRIBUTE_DEFINED_TWICE, name=name)
        types[name] = definition["AttributeType"]
    return types


def table_keys(elements: Sequence[Mapping[str, Any]], types: Mapping[str, KeyType], *, has_indexes: bool) -> KeySchema:
    """Return the key of a table; without indexes, `types` must hold its attributes and no others."""
    names = [element["AttributeName"] for element in elements]
    undefined = [name for name in names if name not in types]
    # A key of one attribute twice, defined once, is counted as one that lacks a definition.
    if (undefined and (len(names) > 1 or not types)) or (len(set(names)) < len(names) and len(types) == 1):
        raise refused(messages.KEY_WITHOUT_DEFINITION)
    keys = _keys(elements, types, most_of_a_kind=1)
    if not has_indexes and len(names) != len(types):
        raise refused(messages.DEFINITIONS_WITHOUT_KEY)
    return keys


def index_keys(
    definition: Mapping[str, Any],
    kind: IndexKind,
    types: Mapping[str, KeyType],
    keys_of_table: KeySchema,
    known: Mapping[str, KeyType] | None = None,
) -> KeySchema:
    """Return the key of an index that is to be made.

    Args:
        types: the attributes that the request defines.
        known: those of keys that are there already, which need no definition.
    """
    name = definition["IndexName"]
    if kind == "local" and not keys_of_table.sort:
        raise refused(messages.TABLE_WITHOUT_RANGE_KEY)
    most = 1 if kind == "local" else MAX_KEYS_OF_A_KIND
    keys = _keys(definition["KeySchema"], types, most_of_a_kind=most, known=known or {})
    if kind == "local":
        if not keys.sort:
            raise refused(messages.INDEX_WITHOUT_RANGE_KEY, index=name)
        ours, theirs = keys.partition[0].name, keys_of_table.partition[0].name
        if ours != theirs:
            raise refused(messages.OTHER_HASH_KEY, index=name, ours=ours, theirs=theirs)
    return keys


def check_all_used(types: Mapping[str, KeyType], schemas: Iterable[KeySchema]) -> None:
    """Refuse definitions of attributes that are in no key."""
    used = key_names(schemas)
    if any(name not in used for name in types):
        raise refused(
            messages.DEFINITIONS_NOT_USED,
            definitions=", ".join(_as_in_a_sized_map(types)),
            keys=", ".join(_as_hashed(used, _HASH_SET_CAPACITY)),
        )


def check_index(definition: Mapping[str, Any], taken: set[str]) -> None:
    """Check the projection and the name of an index, and take the name."""
    name, projection = definition["IndexName"], definition["Projection"]
    type_, included = projection.get("ProjectionType"), projection.get("NonKeyAttributes")
    if type_ is None:
        raise refused(messages.NO_PROJECTION_TYPE)
    if type_ != "INCLUDE" and included is not None:
        raise refused(messages.ATTRIBUTES_WITHOUT_INCLUDE, type=type_)
    if type_ == "INCLUDE" and not included:
        raise refused(messages.INCLUDE_WITHOUT_ATTRIBUTES)
    seen: set[str] = set()
    for attribute in included or ():
        if attribute in seen:
            raise refused(messages.ATTRIBUTE_INCLUDED_TWICE, name=attribute)
        seen.add(attribute)
    if name in taken:
        raise refused(messages.DUPLICATE_INDEX_NAME, index=name)
    taken.add(name)


def check_projected(indexes: Iterable[Index]) -> None:
    """Refuse more non-key attributes than all indexes of a table may name together; one in two counts twice."""
    if sum(len(index.included) for index in indexes) > MAX_PROJECTED_ATTRIBUTES:
        raise refused(messages.TOO_MANY_PROJECTED, most=MAX_PROJECTED_ATTRIBUTES)


def index_of(definition: Mapping[str, Any], kind: IndexKind, keys: KeySchema, space: int) -> Index:
    """Return the index that a checked definition describes."""
    projection = definition["Projection"]
    # The service keeps the names in order, whatever order they came in.
    included = tuple(sorted(projection.get("NonKeyAttributes") or ()))
    return Index(definition["IndexName"], kind, keys, space, projection["ProjectionType"], included)


def key_names(schemas: Iterable[KeySchema]) -> dict[str, KeyType]:
    """Return the attributes of keys with their types, each once."""
    return {attribute.name: attribute.type for schema in schemas for attribute in schema.attributes}


def _keys(
    elements: Sequence[Mapping[str, Any]],
    types: Mapping[str, KeyType],
    *,
    most_of_a_kind: int,
    known: Mapping[str, KeyType] = MappingProxyType({}),
) -> KeySchema:
    names = [element["AttributeName"] for element in elements]
    kinds = [element["KeyType"] for element in elements]
    if any(name not in types and name not in known for name in names):
        raise refused(
            messages.KEYS_NOT_DEFINED, keys=", ".join(names), definitions=", ".join(_as_in_a_sized_map(types))
        )
    if len(set(names)) < len(names):
        raise refused(messages.HASH_AND_RANGE_SAME if len(names) == 2 else messages.KEY_NAMED_TWICE)
    if kinds[0] != "HASH":
        raise refused(messages.FIRST_NOT_HASH)
    if most_of_a_kind == 1 and "HASH" in kinds[1:]:
        raise refused(messages.SECOND_NOT_RANGE)
    if kinds != sorted(kinds):
        raise refused(messages.HASH_AFTER_RANGE)
    for kind in ("HASH", "RANGE"):
        if kinds.count(kind) > most_of_a_kind:
            raise refused(messages.TOO_MANY_KEYS, kind=kind)
    attributes = [KeyAttribute(name, types[name] if name in types else known[name]) for name in names]
    hashes = kinds.count("HASH")
    return KeySchema(tuple(attributes[:hashes]), tuple(attributes[hashes:]))


def _as_in_a_sized_map(names: Iterable[str]) -> list[str]:
    # The service holds definitions in a hash map that is made for their number, and lists them as they lie there.
    names = list(names)
    expected = len(names) + 1 if len(names) < 3 else int(len(names) / 0.75 + 1)
    capacity = 1
    while capacity < expected:
        capacity *= 2
    return _as_hashed(names, capacity)


def _as_hashed(names: Iterable[str], capacity: int) -> list[str]:
    names = list(names)
    # A Java hash map doubles when it is more than three quarters full.
    while len(names) > capacity * 3 // 4:
        capacity *= 2
    return sorted(names, key=lambda name: _java_hash(name) & (capacity - 1))


def _java_hash(text: str) -> int:
    hash_ = 0
    units = text.encode("utf-16-be", "surrogatepass")
    for high, low in zip(units[::2], units[1::2], strict=True):
        hash_ = (31 * hash_ + 256 * high + low) & 0xFFFFFFFF
    return hash_ ^ (hash_ >> 16)
