"""From a changed item to the record that its table's stream carries, in the form GetRecords answers.

Sequence numbers are shared by all streams and only grow. As text they have 21 digits, so their order as text, which is
how some consumers compare them, is their order as numbers.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import Any, Final

from ddbmodel.engine.catalog import Stream
from ddbmodel.engine.outcome import ItemChange
from ddbmodel.values.equality import same_item
from ddbmodel.values.item_size import item_size_bytes

__all__ = ["LARGEST_SEQUENCE", "is_recorded", "sequence_of", "sequence_text", "stream_record"]

_TEXT_BASE: Final = 10**20
_TEXT_DIGITS: Final = 21
LARGEST_SEQUENCE: Final = 2**63 - 1


def is_recorded(change: ItemChange) -> bool:
    """Return whether a change has a record: not when the item is the same before and after, or never was."""
    old, new = change.old, change.new
    if old is None or new is None:
        return old is not new
    return not same_item(old, new)


def stream_record(change: ItemChange, stream: Stream, sequence: int, now_s: float, region: str) -> dict[str, Any]:
    """Return the record of a change that `is_recorded`."""
    old, new = change.old, change.new
    either = new if new is not None else old
    assert either is not None
    body: dict[str, Any] = {
        # The service rounds to the second.
        "ApproximateCreationDateTime": int(now_s),
        "Keys": {key.name: either[key.name] for key in change.table.keys.attributes},
    }
    size_bytes = item_size_bytes(body["Keys"])
    if new is not None and stream.view in ("NEW_IMAGE", "NEW_AND_OLD_IMAGES"):
        body["NewImage"] = new
        size_bytes += change.new_size_bytes or item_size_bytes(new)
    if old is not None and stream.view in ("OLD_IMAGE", "NEW_AND_OLD_IMAGES"):
        body["OldImage"] = old
        size_bytes += item_size_bytes(old)
    body |= {"SequenceNumber": sequence_text(sequence), "SizeBytes": size_bytes, "StreamViewType": stream.view}
    record: dict[str, Any] = {
        "eventID": blake2b(f"{stream.id}/{stream.label}/{sequence}".encode(), digest_size=16).hexdigest(),
        "eventName": "INSERT" if old is None else "REMOVE" if new is None else "MODIFY",
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": region,
        "dynamodb": body,
    }
    if change.by_ttl:
        record["userIdentity"] = {"Type": "Service", "PrincipalId": "dynamodb.amazonaws.com"}
    return record


def sequence_text(sequence: int) -> str:
    """Return a sequence number as the service writes it."""
    return str(_TEXT_BASE + sequence)


def sequence_of(text: str) -> int:
    """Return the sequence number that a text stands for.

    Raises:
        ValueError: the text is not one that `sequence_text` makes.
    """
    if len(text) == _TEXT_DIGITS and text.isascii() and text.isdigit():
        sequence = int(text) - _TEXT_BASE
        if 0 <= sequence <= LARGEST_SEQUENCE:
            return sequence
    raise ValueError("not a sequence number of this engine")
