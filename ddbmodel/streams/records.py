"""A stream record as the rest of the package sees it, read from the form that GetRecords answers."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, TypeAlias

from ddbmodel.values.wire import Item

__all__ = ["Kind", "StreamRecord", "parse_record", "sequence_order"]

Kind: TypeAlias = Literal["INSERT", "MODIFY", "REMOVE"]

_TTL_PRINCIPAL = "dynamodb.amazonaws.com"


@dataclass(frozen=True, slots=True)
class StreamRecord:
    """One change of one item; the images that the stream's view does not carry are None."""

    kind: Kind
    sequence: str
    event_id: str
    keys: Item
    old: Item | None
    new: Item | None
    at: datetime
    by_ttl: bool

    @property
    def item_key(self) -> Hashable:
        """Return what is equal for records of the same item, and only for those."""
        return tuple(sorted((name, tag, text) for name, value in self.keys.items() for tag, text in value.items()))


def parse_record(record: dict[str, Any]) -> StreamRecord:
    """Return the record that one entry of GetRecords' ``Records`` stands for."""
    body = record["dynamodb"]
    identity = record.get("userIdentity") or {}
    return StreamRecord(
        kind=record["eventName"],
        sequence=body["SequenceNumber"],
        event_id=record["eventID"],
        keys=body["Keys"],
        # A server may send an empty map for an image that is not there; no item is empty.
        old=body.get("OldImage") or None,
        new=body.get("NewImage") or None,
        at=datetime.fromtimestamp(body["ApproximateCreationDateTime"], UTC),
        by_ttl=identity.get("Type") == "Service" and identity.get("PrincipalId") == _TTL_PRINCIPAL,
    )


def sequence_order(sequence: str | None) -> int:
    """Return a number that orders the sequence numbers of one shard; None stands before all of them."""
    return -1 if sequence is None else int(sequence)
