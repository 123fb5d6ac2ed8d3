"""How an engine answers where the service leaves a choice or a test wants another; the defaults are the service's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["EngineOptions"]


@dataclass(frozen=True, slots=True)
class EngineOptions:
    """Options of an engine; all of them are about answers and times, none about where data are kept."""

    wording: Literal["2026", "classic"] = "2026"
    """Of error messages: as the service words them since its new validation of 2026, or as before it."""
    update_size: Literal["item", "statement"] = "item"
    """What an UpdateItem is measured by against 409,600 bytes: the finished item, as in ten regions, or also the
    bytes of the statement, as in the other 22."""
    scan_partitions: int = 4
    """A Scan of a table on demand reads at least one unit of so many partitions, as a new table of the service has."""
    table_delay_s: float = 0.0
    """How long a table is CREATING, UPDATING and DELETING."""
    index_delay_s: float = 0.0
    """How long a global index is CREATING (backfilling) and DELETING."""
    tag_delay_s: float = 0.0
    """How long tags that were changed are not yet listed, and can be neither changed nor their table deleted; on the
    service about two seconds."""
    table_limit: int = 2500
    """How many tables there can be."""
    changing_table_limit: int = 500
    """How many tables can be CREATING, UPDATING and DELETING at once."""
    collection_limit_bytes: int = 10 * 1024**3
    """How large the items of one partition, with their entries in local indexes, can be together."""
    shard_lifetime_s: float | None = None
    """After how long a shard of a stream is closed and followed by another; None: never. On the service, 4 hours."""
    shard_records: int | None = None
    """After how many records a shard is split in two by hash of the partition key; None: never."""
    expiry_delay_s: float = 0.0
    """How long an expired item stays until it is deleted; on the service up to two days."""
