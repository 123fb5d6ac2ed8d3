"""Keys of items and indexes against their schemas, and the bytes under which an item is found.

| attribute | bytes | of |
|---|---|---|
| partition | 1 to 2048 | tables and indexes |
| sort | 1 to 1024, all sort attributes together | tables and indexes |
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from ddbmodel.engine.catalog import Index, KeyAttribute, KeySchema, Table
from ddbmodel.engine.key_bytes import MAX_PARTITION_BYTES, MAX_SORT_BYTES, item_key
from ddbmodel.engine.messages import keys as messages
from ddbmodel.engine.messages.keys import NOT_THE_SCHEMA
from ddbmodel.engine.messages.message import refused
from ddbmodel.values.item_size import value_size_bytes
from ddbmodel.values.wire import AttributeValue, Item, tag_of

__all__ = [
    "check_index_keys",
    "check_key_sizes",
    "check_not_empty",
    "check_partition_size",
    "key_of_item",
    "key_of_lookup",
    "matches_schema",
]

# Four attributes of so many characters of four bytes are still within the smaller of the two limits.
_SURELY_SHORT: Final = 64


def key_of_lookup(table: Table, key: Item) -> bytes:
    """Return the bytes of a key that must hold the table's key attributes and nothing else.

    Raises:
        ServiceError: ``ValidationException``: other attributes, other types, empty or too long values.
    """
    if not matches_schema(table.keys, key):
        raise refused(NOT_THE_SCHEMA)
    check_not_empty(table.keys.attributes, key)
    check_key_sizes(table.keys, key)
    return item_key(table.keys, key)


def key_of_item(table: Table, item: Item) -> bytes:
    """Return the bytes of a whole item's key; raises as `key_of_lookup`, with the texts of a put."""
    keys, is_ordinary = table.keys, True
    for attribute in keys.attributes:
        value = item.get(attribute.name)
        if value is None:
            raise refused(messages.MISSING_KEY, name=attribute.name)
        text = value.get(attribute.type)
        if text is None:
            raise refused(messages.KEY_TYPE, name=attribute.name, expected=attribute.type, actual=tag_of(value))
        if not 0 < len(text) <= _SURELY_SHORT:
            is_ordinary = False
    if not is_ordinary:
        check_not_empty(keys.attributes, item)
        check_key_sizes(keys, item)
    return item_key(keys, item)


def check_index_keys(
    table: Table, item: Item, *, touched: frozenset[str] | None = None, by_expression: bool = False
) -> None:
    """Check that the index key attributes that an item has are of the right type, not empty and not too long.

    Args:
        touched: the attributes that an update writes, when only these are to be checked.
        by_expression: whether an update expression writes them, which has texts of its own.

    Raises:
        ServiceError: ``ValidationException``.
    """
    for index in table.indexes:
        present, written = True, touched is None
        for attribute in index.keys.attributes:
            value = item.get(attribute.name)
            if value is None:
                present = False
            elif touched is None or attribute.name in touched:
                written = True
                _check_index_key(index, attribute, value, by_expression=by_expression)
            elif attribute.type not in value:
                # Written before the index was there; the index leaves such an item out.
                present = False
        if present and written:
            # Of several attributes, all together.
            check_key_sizes(index.keys, item)


def matches_schema(keys: KeySchema, key: Item) -> bool:
    """Return whether a key holds exactly the attributes of a schema, with their types."""
    attributes = keys.attributes
    if len(key) != len(attributes):
        return False
    return all(attribute.name in key and attribute.type in key[attribute.name] for attribute in attributes)


def check_not_empty(attributes: Iterable[KeyAttribute], key: Item) -> None:
    """Refuse an empty text or binary in a key."""
    for attribute in attributes:
        if key[attribute.name][attribute.type] == "":
            kind = "string" if attribute.type == "S" else "binary"
            raise refused(messages.EMPTY_KEY, kind=kind, name=attribute.name)


def check_key_sizes(keys: KeySchema, key: Item) -> None:
    """Refuse key values that are too long."""
    if all(len(key[attribute.name][attribute.type]) <= _SURELY_SHORT for attribute in keys.attributes):
        return
    check_partition_size(keys, key)
    if keys.sort and sum(value_size_bytes(key[attribute.name]) for attribute in keys.sort) > MAX_SORT_BYTES:
        raise refused(messages.SORT_TOO_LONG, limit=MAX_SORT_BYTES)


def check_partition_size(keys: KeySchema, key: Mapping[str, AttributeValue]) -> None:
    """Refuse partition values that are too long; sort values may be missing."""
    if sum(value_size_bytes(key[attribute.name]) for attribute in keys.partition) > MAX_PARTITION_BYTES:
        raise refused(messages.PARTITION_TOO_LONG, limit=MAX_PARTITION_BYTES)


def _check_index_key(index: Index, attribute: KeyAttribute, value: AttributeValue, *, by_expression: bool) -> None:
    if attribute.type not in value:
        if by_expression:
            raise refused(messages.UPDATED_INDEX_KEY_TYPE)
        raise refused(
            messages.INDEX_KEY_TYPE,
            name=attribute.name,
            expected=attribute.type,
            actual=tag_of(value),
            index=index.name,
        )
    if value[attribute.type] == "":
        kind = "string" if attribute.type == "S" else "binary"
        if by_expression:
            raise refused(messages.UPDATED_EMPTY_INDEX_KEY, kind=kind)
        raise refused(messages.EMPTY_INDEX_KEY, kind=kind, index=index.name, name=attribute.name)
    if len(value[attribute.type]) > _SURELY_SHORT:
        limit = MAX_PARTITION_BYTES if attribute in index.keys.partition else MAX_SORT_BYTES
        size = value_size_bytes(value)
        if size > limit:
            raise refused(messages.INDEX_KEY_TOO_LONG, name=attribute.name, size=size, limit=limit, index=index.name)
