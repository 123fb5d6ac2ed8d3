"""Stream records: what they say, and when there is none."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ddbmodel.engine.catalog import KeyAttribute, KeySchema, Stream, StreamViewType, Table
from ddbmodel.engine.outcome import ItemChange
from ddbmodel.engine.stream_log import is_recorded, sequence_of, sequence_text, stream_record

KEYS = KeySchema((KeyAttribute("id", "S"),))
TABLE = Table("uuid", "films", KEYS, 1, 0.0)
STREAM = Stream(7, "films", "label", "NEW_AND_OLD_IMAGES", 0.0, KEYS)
OLD = {"id": {"S": "a"}, "n": {"N": "1"}}
NEW = {"id": {"S": "a"}, "n": {"N": "2"}}


def _record(old: Any, new: Any, **options: Any) -> dict[str, Any]:
    return stream_record(ItemChange(TABLE, b"k", old, new, **options), STREAM, 5, 1234.9, "eu-west-2")


def test_a_modification_has_both_images() -> None:
    record = _record(OLD, NEW)

    assert len(record.pop("eventID")) == 32
    assert record == {
        "eventName": "MODIFY",
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": "eu-west-2",
        "dynamodb": {
            "ApproximateCreationDateTime": 1234,
            "Keys": {"id": {"S": "a"}},
            "NewImage": NEW,
            "OldImage": OLD,
            "SequenceNumber": "100000000000000000005",
            "SizeBytes": 3 + 6 + 6,
            "StreamViewType": "NEW_AND_OLD_IMAGES",
        },
    }


@pytest.mark.parametrize(
    ("old", "new", "name", "images"),
    [(None, NEW, "INSERT", {"NewImage"}), (OLD, None, "REMOVE", {"OldImage"})],
)
def test_an_insertion_and_a_removal_have_the_image_that_exists(old: Any, new: Any, name: str, images: set[str]) -> None:
    record = _record(old, new)

    assert record["eventName"] == name
    assert {"NewImage", "OldImage"} & record["dynamodb"].keys() == images


@pytest.mark.parametrize(
    ("view", "images"), [("KEYS_ONLY", set()), ("NEW_IMAGE", {"NewImage"}), ("OLD_IMAGE", {"OldImage"})]
)
def test_the_view_type_chooses_the_images(view: StreamViewType, images: set[str]) -> None:
    record = stream_record(ItemChange(TABLE, b"k", OLD, NEW), replace(STREAM, view=view), 1, 0.0, "r")

    assert {"NewImage", "OldImage"} & record["dynamodb"].keys() == images


def test_a_write_that_changes_nothing_has_no_record() -> None:
    old, new = OLD | {"s": {"NS": ["1", "2"]}}, OLD | {"s": {"NS": ["2", "1"]}}

    assert not is_recorded(ItemChange(TABLE, b"k", old, new))
    assert not is_recorded(ItemChange(TABLE, b"k", None, None))
    assert is_recorded(ItemChange(TABLE, b"k", old, NEW))


def test_a_deletion_by_the_service_names_it() -> None:
    record = _record(OLD, None, by_ttl=True)

    assert record["userIdentity"] == {"Type": "Service", "PrincipalId": "dynamodb.amazonaws.com"}


def test_event_ids_differ_between_streams_and_records() -> None:
    change = ItemChange(TABLE, b"k", OLD, NEW)
    records = [stream_record(change, replace(STREAM, id=id_), number, 0.0, "r") for id_ in (1, 2) for number in (1, 2)]

    assert len({record["eventID"] for record in records}) == 4


def test_sequence_numbers_sort_as_text_and_come_back() -> None:
    numbers = [0, 1, 9, 10, 99, 100, 10**18, 2**63 - 1]
    texts = [sequence_text(number) for number in numbers]

    assert texts == sorted(texts)
    assert [sequence_of(text) for text in texts] == numbers


@pytest.mark.parametrize("text", ["", "1", "x" * 21, "0" * 21, "9" * 21, "١" * 21])
def test_other_texts_are_no_sequence_numbers(text: str) -> None:
    with pytest.raises(ValueError):
        sequence_of(text)
