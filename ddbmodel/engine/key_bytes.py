"""Keys of items and index entries as bytes: what a key space is ordered and searched by.

```
item         hash(partition) | partition | sort
index entry  hash(partition) | partition | sort | the item's own key
```
`partition` and `sort` are composites of their attributes (see `values.key_encoding`), so the bytes of a partition, and
of a partition with a left prefix of the sort attributes, are prefixes of all keys in it. The hash, 4 bytes, spreads
partitions over the space: a scan visits them in no meaningful order, as on the service, and a segment of a parallel
scan is one range of hashes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final
from zlib import crc32

from ddbmodel.engine.catalog import HASHES, Index, KeyAttribute, KeySchema
from ddbmodel.values.item_size import value_size_bytes
from ddbmodel.values.key_encoding import encode_composite, encode_key_value, encode_part
from ddbmodel.values.wire import AttributeValue, Item

__all__ = [
    "HASH_BYTES",
    "MAX_PARTITION_BYTES",
    "MAX_SORT_BYTES",
    "index_entry_key",
    "item_key",
    "partition_prefix",
    "segment_bounds",
    "sort_bytes",
]

HASH_BYTES: Final = 4
MAX_PARTITION_BYTES: Final = 2048
MAX_SORT_BYTES: Final = 1024


def item_key(keys: KeySchema, item: Item) -> bytes:
    """Return the key of an item, or of anything else that has valid values for all attributes of `keys`."""
    partition, sort = keys.partition, keys.sort
    if len(partition) == 1 and len(sort) < 2:
        # As most tables are; the same bytes as below.
        composite = encode_part(encode_key_value(item[partition[0].name]))
        prefix = crc32(composite).to_bytes(HASH_BYTES, "big") + composite
        return prefix + encode_part(encode_key_value(item[sort[0].name])) if sort else prefix
    of_partition = partition_prefix([item[key.name] for key in partition])
    return of_partition + sort_bytes([item[key.name] for key in sort]) if sort else of_partition


def index_entry_key(index: Index, table_key: bytes, item: Item) -> bytes | None:
    """Return the key of an item's entry in an index, or None when the item is not in it.

    An item that was there before its index may lack a key, or have one that is too long or of another type.
    """
    partition = _values_of(index.keys.partition, item)
    sort = _values_of(index.keys.sort, item)
    if partition is None or sort is None or _is_too_long(partition, sort):
        return None
    return partition_prefix(partition) + sort_bytes(sort) + table_key


def partition_prefix(values: Sequence[AttributeValue]) -> bytes:
    """Return what every key of a partition starts with; `values` are those of all partition attributes."""
    composite = encode_composite(map(encode_key_value, values))
    return crc32(composite).to_bytes(HASH_BYTES, "big") + composite


def sort_bytes(values: Iterable[AttributeValue]) -> bytes:
    """Return what follows the partition; `values` may be a left prefix of the sort attributes."""
    return encode_composite(map(encode_key_value, values))


def segment_bounds(segment: int, total_segments: int) -> tuple[bytes, bytes | None]:
    """Return the keys between which a segment of a parallel scan lies: the first inclusive, the second exclusive."""
    low = -(-segment * HASHES // total_segments)
    high = -(-(segment + 1) * HASHES // total_segments)
    return low.to_bytes(HASH_BYTES, "big"), None if high == HASHES else high.to_bytes(HASH_BYTES, "big")


def _is_too_long(partition: Sequence[AttributeValue], sort: Sequence[AttributeValue]) -> bool:
    return (
        sum(map(value_size_bytes, partition)) > MAX_PARTITION_BYTES or sum(map(value_size_bytes, sort)) > MAX_SORT_BYTES
    )


def _values_of(attributes: Sequence[KeyAttribute], item: Item) -> list[AttributeValue] | None:
    values: list[AttributeValue] = []
    for attribute in attributes:
        value = item.get(attribute.name)
        # A value of another type, or an empty one, cannot be an index key; such an item is not in the index.
        if value is None or not value.get(attribute.type):
            return None
        values.append(value)
    return values
