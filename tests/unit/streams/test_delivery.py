"""Which record a handler gets next: by hand, rule by rule."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ddbmodel.streams.delivery import Delivery, Pending, retry_delay_s
from ddbmodel.streams.records import StreamRecord, parse_record, sequence_order


def _record(sequence: int, item: str) -> StreamRecord:
    keys = {"id": {"S": item}}
    at = datetime.fromtimestamp(0, UTC)
    return StreamRecord("INSERT", str(sequence), f"event {sequence}", keys, None, keys, at, False)


def _delivery(*records: tuple[int, str], after: str | None = None) -> Delivery:
    delivery = Delivery(after)
    for sequence, item in records:
        delivery.offer(_record(sequence, item))
    return delivery


def _taken(delivery: Delivery, now_s: float = 0.0) -> Pending:
    pending = delivery.take(now_s)
    assert pending is not None
    return pending


def test_records_of_different_items_are_taken_in_the_order_of_the_stream() -> None:
    delivery = _delivery((1, "a"), (2, "b"), (3, "c"))

    assert [_taken(delivery).record.sequence for _ in range(3)] == ["1", "2", "3"]
    assert delivery.take(0) is None


def test_a_record_is_not_taken_while_an_earlier_one_of_its_item_is_running() -> None:
    delivery = _delivery((1, "a"), (2, "a"), (3, "b"))

    first = _taken(delivery)
    assert _taken(delivery).record.sequence == "3"
    assert delivery.take(0) is None
    delivery.completed(first)

    assert _taken(delivery).record.sequence == "2"


def test_one_after_another_the_order_is_the_stream_s_also_across_items() -> None:
    delivery = _delivery((1, "a"), (2, "a"), (3, "b"), (4, "a"))
    order = []
    while (pending := delivery.take(0)) is not None:
        order.append(pending.record.sequence)
        delivery.completed(pending)

    assert order == ["1", "2", "3", "4"]


def test_a_failed_record_waits_and_keeps_those_of_its_item_behind_it() -> None:
    delivery = _delivery((1, "a"), (2, "a"), (3, "b"))

    delay_s = delivery.failed(_taken(delivery), 10.0, RuntimeError())
    delivery.completed(_taken(delivery, 10.0))

    assert delay_s == 0.05
    assert delivery.next_retry_s == 10.05
    assert delivery.take(10.04) is None
    assert _taken(delivery, 10.05).record.sequence == "1"


def test_the_cursor_stands_before_the_oldest_unfinished_record() -> None:
    delivery = _delivery((11, "a"), (12, "b"), (13, "c"), after="9")
    assert delivery.cursor == "9"

    first, second, third = (_taken(delivery) for _ in range(3))
    delivery.completed(second)
    assert delivery.cursor == "9"
    delivery.completed(first)
    assert delivery.cursor == "12"
    delivery.completed(third)
    assert delivery.cursor == "13"


def test_records_that_are_passed_over_move_the_cursor_once_all_before_them_is_finished() -> None:
    delivery = Delivery(None)
    delivery.pass_over("1")
    assert delivery.cursor == "1"
    delivery.offer(_record(2, "a"))
    delivery.pass_over("3")
    assert delivery.cursor == "1"

    delivery.completed(_taken(delivery))

    assert delivery.cursor == "3"


def test_it_knows_what_it_has_passed() -> None:
    delivery = _delivery((10, "a"))

    assert not delivery.has_passed("10")
    assert delivery.has_passed(None)
    delivery.completed(_taken(delivery))
    assert delivery.has_passed("9")
    assert delivery.has_passed("10")
    assert not delivery.has_passed("11")


def test_the_most_failed_record_is_known_until_it_completes() -> None:
    delivery = _delivery((1, "a"), (2, "b"))
    assert delivery.most_failed() is None

    delivery.failed(_taken(delivery), 0.0, RuntimeError())
    again = _taken(delivery, 1.0)
    delivery.failed(again, 1.0, ValueError())
    worst = delivery.most_failed()
    assert worst is not None
    assert (worst.failures, type(worst.last_error)) == (2, ValueError)

    while (pending := delivery.take(2.0)) is not None:
        delivery.completed(pending)
    assert delivery.most_failed() is None


@pytest.mark.parametrize(("failures", "delay_s"), [(1, 0.05), (2, 0.1), (5, 0.8), (10, 25.6), (11, 30), (5000, 30)])
def test_pauses_double_from_50_ms_to_30_s(failures: int, delay_s: float) -> None:
    assert retry_delay_s(failures) == pytest.approx(delay_s)


def test_sequence_numbers_are_compared_as_numbers() -> None:
    assert sequence_order("9") < sequence_order("10")
    assert sequence_order(None) < sequence_order("0")
    assert not Delivery("10").is_new("9")
    assert Delivery("9").is_new("10")


def test_a_record_is_read_from_the_form_of_get_records() -> None:
    record = parse_record(
        {
            "eventID": "e1",
            "eventName": "REMOVE",
            "userIdentity": {"Type": "Service", "PrincipalId": "dynamodb.amazonaws.com"},
            "dynamodb": {
                "ApproximateCreationDateTime": 1700000000,
                "Keys": {"id": {"S": "a"}},
                "OldImage": {"id": {"S": "a"}},
                "NewImage": {},
                "SequenceNumber": "7",
            },
        }
    )

    assert (record.kind, record.sequence, record.by_ttl, record.new) == ("REMOVE", "7", True, None)
    assert record.old == {"id": {"S": "a"}}
    assert record.at == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)


def test_keys_of_different_types_are_different_items() -> None:
    text = StreamRecord("INSERT", "1", "", {"id": {"S": "1"}}, None, None, datetime.now(UTC), False)
    number = StreamRecord("INSERT", "1", "", {"id": {"N": "1"}}, None, None, datetime.now(UTC), False)

    assert text.item_key != number.item_key
